"""Models go to a Hub and come back: the real library, in processes of their own, against a server on the loopback."""

import re
import shutil
import socket
from pathlib import Path

import pytest
from huggingface_hub import ModelCard
from integrations.hub_calls import calls, end_processes, pull, push
from sources.loopback_hub import Fault, commit_of
from sources.loopback_models import serve_models
from tiny_models import tiny_tagger

from tagger import Tagger
from tagger.errors import MissingExtraError, UsageError
from tagger.training.card_metadata import card_head


@pytest.fixture(scope="module", autouse=True)
def _no_process_stays():
    yield
    end_processes()


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A model with vectors and wide features, and a later one with neither."""
    folder = tmp_path_factory.mktemp("models")
    first = tiny_tagger(vectors="frozen", vector_dim=4, wide_features=True, wide_min_count=1)
    first.save(folder / "first", card="# One\n\nIt says something.\n")
    scores = {"f1": 0.25, "precision": 0.5, "recall": 1 / 6}
    head = card_head({"metric": "f1", "data": {"files": {"test": {"file": "a.conll"}}}, "test": scores})
    tiny_tagger(seed=3).save(folder / "second", card=f"{head}# Two\n\nIt says something.\n")
    return folder


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    root = tmp_path_factory.mktemp("hub")
    (root / ".writers").write_text("writer\nother\n")
    (root / ".tokens").write_text("writer\nother\nreader\n")
    with serve_models(root) as (server, address):
        yield server, address


@pytest.fixture(scope="module")
def pushed(hub, models, tmp_path_factory):
    """Both models pushed to org/model, one after the other, beside a file of somebody else's."""
    server, address = hub
    home = tmp_path_factory.mktemp("home")
    [first] = calls(home, address, push(models / "first", "org/model"), HF_TOKEN="writer")
    (server.root / "org/model/main/NOTES.md").write_text("mine")
    at_first = commit_of(server.root / "org/model/main")
    [second] = calls(home, address, push(models / "second", "org/model"), HF_TOKEN="writer")
    return first, at_first, second


def labels_of(folder):
    from integrations.hub_models import SENTENCES

    return [list(each.labels) for each in Tagger.load(folder).predict(SENTENCES)]


def test_what_is_pushed_comes_back_and_says_the_same(hub, pushed, models, tmp_path):
    found, old = calls(tmp_path, hub[1], pull("org/model"), pull("org/model", revision=pushed[1]))
    assert found["labels"] == labels_of(models / "second")
    assert old["labels"] == labels_of(models / "first")
    assert found["digest"] == Tagger.load(models / "second").parts.digest
    assert found["log"] == old["log"] == []


def test_a_push_is_one_commit_whose_address_is_returned(hub, pushed):
    server, address = hub
    first, _, second = pushed
    assert re.fullmatch(f"{address}/org/model/commit/[0-9a-f]{{40}}", first["commit"])
    assert second["commit"].endswith(commit_of(server.root / "org/model/main"))
    assert (server.root / ".messages").read_text().splitlines()[:2] == ["Push a tagger model"] * 2


def test_files_that_the_later_model_does_not_have_go_and_those_of_others_stay(hub, pushed):
    before, after = (
        sorted(path.name for path in (hub[0].root / "org/model" / name).iterdir()) for name in ("@2", "main")
    )
    ours = ["README.md", "config.json", "model.safetensors", "vocabulary.json"]
    assert sorted([*ours, ".gitattributes", "NOTES.md", "vectors.safetensors", "wide.safetensors"]) == before
    assert sorted([*ours, ".gitattributes", "NOTES.md"]) == after


def test_only_the_files_of_a_model_are_downloaded(hub, pushed, tmp_path):
    calls(tmp_path, hub[1], pull("org/model"))
    found = sorted(path.name for path in tmp_path.glob("hub/models--org--model/snapshots/*/*"))
    assert found == ["README.md", "config.json", "model.safetensors", "vocabulary.json"]


@pytest.mark.slow
def test_the_copy_in_the_cache_serves_offline_and_is_told_of_where_the_hub_is_gone(hub, pushed, tmp_path):
    asked = [pull("org/model"), pull("org/model", revision=pushed[1])]
    online = calls(tmp_path, hub[1], *asked)
    number = len(hub[0].requests)
    assert calls(tmp_path, hub[1], *asked, HF_HUB_OFFLINE="1") == online
    assert len(hub[0].requests) == number
    [gone, other] = calls(tmp_path, free_address(), asked[0], pull("org/other"))
    assert gone["labels"] == online[0]["labels"]
    assert gone["log"] == [
        "model 'org/model': no answer from the Hub; using the copy that was downloaded before: "
        + commit_of(hub[0].root / "org/model/main")
    ]
    assert other["error"] == "HubError"
    assert re.fullmatch(
        r"model 'org/other' cannot be read: no answer from the Hub at http://127.0.0.1:\d+ \(.*\). Check the network, "
        r"and HF_ENDPOINT if it is set; there is no complete copy of it in the cache",
        other["message"],
    )
    assert other["pauses"] == []  # it is not asked again and again


def free_address():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}"


@pytest.mark.slow
def test_a_hub_that_accepts_and_never_answers_is_given_up(tmp_path):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        [outcome] = calls(tmp_path, f"http://127.0.0.1:{silent.getsockname()[1]}", pull("org/model"))
    assert outcome["error"] == "HubError"
    assert "no answer from the Hub at" in outcome["message"]


def test_refusals_say_what_is_wrong_and_what_to_do(hub, pushed, models, tmp_path):
    server, address = hub
    for name in ("private", "gated"):
        shutil.copytree(server.root / "org/model/main", server.root / f"org/{name}/main")
        (server.root / f"org/{name}/.{name}").write_text("reader")
    other = server.root / "org/other_kind/main"
    other.mkdir(parents=True)
    (other / "config.json").write_text("{}")
    (other / "pytorch_model.bin").write_text("")
    found = calls(
        tmp_path,
        address,
        pull("org/nothing"),
        pull("org/private"),
        pull("org/gated"),
        pull("org/model", revision="v9"),
        pull("org/other_kind"),
        pull("org/model", token="wrong"),
        pull("org/private", token="reader"),
        pull("org/gated", token="reader"),
        push(models / "first", "org/model"),
        push(models / "first", "org/model", token="reader"),
        push(models / "first", "org/new", token="wrong"),
    )
    messages = [outcome.get("message") for outcome in found]
    log_in = "log in with `hf auth login`, set HF_TOKEN, or pass token"
    hidden = f"is not on the Hub, or you may not read it. Check the spelling; if it is private, {log_in}"
    assert messages[:6] == [
        f"model 'org/nothing' {hidden}",
        f"model 'org/private' {hidden}",
        f"model 'org/gated' is gated: accept its terms at {address}/org/gated, then {log_in}",
        "model 'org/model' at revision 'v9' has no such revision: no branch, tag or whole commit of this name. Leave "
        "revision out for main",
        "model 'org/other_kind' is not a tagger model: expected the files config.json, vocabulary.json, "
        "model.safetensors, found no vocabulary.json. There: config.json, pytorch_model.bin",
        "model 'org/model' cannot be read: the Hub does not accept the token of the argument token. Make one at "
        f"{address}/settings/tokens, or go without: token=False",
    ]
    assert found[6]["labels"] == found[7]["labels"] == labels_of(models / "second")
    assert messages[8] == f"model 'org/model' cannot be written without a token: {log_in}"
    assert messages[9].startswith(
        "model 'org/model' cannot be written: the token of the argument token has no right to write it: "
    )
    assert messages[10] == (
        "model 'org/new' cannot be written: the Hub does not accept the token of the argument token. Make one at "
        f"{address}/settings/tokens"
    )
    assert {outcome["error"] for outcome in found if "error" in outcome} == {"HubError"}


def test_a_branch_is_made_and_main_stays(hub, pushed, models, tmp_path):
    server, address = hub
    before = commit_of(server.root / "org/model/main")
    calls(
        tmp_path,
        address,
        push(models / "first", "org/model", revision="v2", commit_message="Say more"),
        push(models / "second", "org/secret", private=True),
        HF_TOKEN="writer",
    )
    assert commit_of(server.root / "org/model/main") == before
    assert (server.root / ".messages").read_text().splitlines()[-2:] == ["Say more", "Push a tagger model"]
    found, hidden = calls(tmp_path, address, pull("org/model", revision="v2"), pull("org/secret"))
    assert found["labels"] == labels_of(models / "first")
    assert "is not on the Hub, or you may not read it" in hidden["message"]


def test_what_must_be_private_is_not_pushed_where_all_can_read_it(hub, pushed, models, tmp_path):
    before = commit_of(hub[0].root / "org/model/main")
    [refused] = calls(tmp_path, hub[1], push(models / "first", "org/model", private=True), HF_TOKEN="writer")
    assert refused["message"] == (
        "model 'org/model': expected a private repository, found a public one; nothing was pushed. Change it in its "
        "settings on the Hub, or leave private out"
    )
    assert commit_of(hub[0].root / "org/model/main") == before


def test_a_file_that_the_repository_ignores_is_not_left_out_silently(hub, models, tmp_path):
    folder = hub[0].root / "org/ignoring/main"
    folder.mkdir(parents=True)
    (folder / ".gitignore").write_text("vocabulary*")
    [outcome] = calls(tmp_path, hub[1], push(models / "second", "org/ignoring"), HF_TOKEN="writer")
    assert re.fullmatch(
        r"model 'org/ignoring': the commit [0-9a-f]{40} lacks vocabulary.json: a .gitignore in the repository may name "
        r"it. Remove it there, and push again",
        outcome["message"],
    )


def test_a_push_of_the_same_model_again_changes_nothing(hub, models, tmp_path):
    twice = [push(models / "second", "org/twice")] * 2
    first, second = calls(tmp_path, hub[1], *twice, HF_TOKEN="writer")
    assert first["commit"] == second["commit"]
    assert len(list((hub[0].root / "org/twice").iterdir())) == 2  # main, and what it was before


def test_a_download_that_breaks_off_goes_on(hub, pushed, tmp_path):
    server, address = hub
    server.faults = [Fault("GET .*model.safetensors", times=1, cut_after=100)]
    [resumed] = calls(tmp_path / "1", address, pull("org/model"))
    assert "labels" in resumed
    server.faults = [Fault("GET .*model.safetensors", times=100, cut_after=0)]
    [broken] = calls(tmp_path / "2", address, pull("org/model"))
    server.faults = []
    assert broken["error"] == "HubError"
    [offline] = calls(tmp_path / "2", address, pull("org/model"), HF_HUB_OFFLINE="1")
    assert offline["message"] == (
        "model 'org/model': there is no complete copy of it in the cache, and the Hub is switched off "
        "(HF_HUB_OFFLINE). Make the same call once with the Hub switched on"
    )
    [again] = calls(tmp_path / "2", address, pull("org/model"))
    assert again == resumed


def test_a_busy_hub_is_asked_again_for_a_while(hub, pushed, tmp_path):
    server, address = hub
    server.faults = [Fault("GET /api/models/org/model", times=2, status=503, headers={"Retry-After": "3"})]
    [found] = calls(tmp_path, address, pull("org/model"))
    server.faults = [Fault("GET /api/models/org/model", times=99, status=503)]
    [given_up] = calls(tmp_path, address, pull("org/model"))
    server.faults = []
    assert found["log"] == ["org/model: the Hub answers 503; retrying in 3 s"] * 2
    assert given_up["message"] == (
        "model 'org/model' cannot be read now: asked 4 times, the Hub answers 503 (server error) and asks to wait "
        "8 s more. Try again later"
    )


@pytest.mark.parametrize("name", ["model.safetensors", "vocabulary.json"])
def test_a_file_that_is_another_than_was_pushed_is_refused(hub, pushed, tmp_path, name):
    server, address = hub
    folder = server.root / "org" / f"changed_{name.split('.')[0]}" / "main"
    shutil.copytree(server.root / "org/model/main", folder)
    content = bytearray((folder / name).read_bytes())
    content[-3] ^= 1
    (folder / name).write_bytes(content)
    [outcome] = calls(tmp_path, address, pull(f"org/{folder.parent.name}"))
    assert outcome["error"] == "ModelError"
    cache = tmp_path / "hub" / f"models--org--{folder.parent.name}"
    assert outcome["message"].startswith(f"model 'org/{folder.parent.name}' of the Hub: {cache}/snapshots/")
    assert f"{name}: the file is damaged or was changed: expected sha256" in outcome["message"]
    assert outcome["message"].endswith(f"To download it again, delete {cache}")


@pytest.mark.slow
def test_a_token_stored_by_the_library_and_another_cache_are_used(hub, pushed, models, tmp_path):
    shutil.copytree(hub[0].root / "org/model/main", hub[0].root / "org/mine/main")
    (hub[0].root / "org/mine/.private").write_text("reader")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "token").write_text("reader")
    asked = [
        pull("org/mine", cache_folder=str(tmp_path / "other")),
        pull("org/mine", token=False, cache_folder=str(tmp_path / "none")),
    ]
    found, refused = calls(tmp_path, hub[1], *asked, HF_HOME=str(tmp_path / "home"))
    assert found["labels"] == labels_of(models / "second")
    assert (tmp_path / "other" / "models--org--mine").is_dir()
    assert refused["error"] == "HubError"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        *(
            (name, repr(name))
            for name in ("runs/ner/model", "./model", "/tmp/model", "", "a//b", "org/name\n")
        ),
        (Path("org/name"), "'org/name'"),
        (None, "None"),
        (3, "3"),
    ],
)
def test_a_folder_is_no_name_and_neither_is_what_is_no_text(name, found):
    for call in (Tagger.from_pretrained, tiny_tagger().push_to_hub):
        with pytest.raises(UsageError) as caught:
            call(name)
        assert str(caught.value) == (
            f"expected the name of a model on the Hub, such as 'org/name', found {found}. "
            "A folder is read by Tagger.load() and written by save()"
        )


def test_the_card_on_the_hub_loads_with_its_library_and_has_the_scores(hub, pushed):
    card = ModelCard.load(hub[0].root / "org/model/main/README.md")
    assert card.text == "# Two\n\nIt says something.\n"
    assert (card.data.library_name, card.data.model_name) == ("tagger", "model")
    found = {each.metric_type: (each.dataset_name, each.metric_value) for each in card.data.eval_results}
    assert found == {"f1": ("a.conll", 0.25), "precision": ("a.conll", 0.5), "recall": ("a.conll", 1 / 6)}


def test_without_the_library_the_extra_is_named(monkeypatch):
    monkeypatch.setattr("tagger.integrations.hub.find_spec", lambda name: None)
    for call in (Tagger.from_pretrained, tiny_tagger().push_to_hub):
        with pytest.raises(MissingExtraError, match=r"The Hub needs the package 'huggingface_hub'.*\[hub\]"):
            call("org/name")


def test_an_average_goes_to_the_hub_and_comes_back_whole(hub, tmp_path):
    server, address = hub
    Tagger.average([tiny_tagger(seed=1), tiny_tagger(seed=2)]).save(tmp_path / "average")
    home = tmp_path / "home"
    calls(home, address, push(tmp_path / "average", "org/average"), HF_TOKEN="writer")
    assert (server.root / "org/average/main/model-2.safetensors").exists()
    [found] = calls(home, address, pull("org/average"))
    assert found["labels"] == labels_of(tmp_path / "average")
    assert found["digest"] == Tagger.load(tmp_path / "average").parts.digest
    tiny_tagger(seed=3).save(tmp_path / "single")
    calls(home, address, push(tmp_path / "single", "org/average"), HF_TOKEN="writer")
    assert not (server.root / "org/average/main/model-2.safetensors").exists()
