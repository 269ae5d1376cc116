"""Datasets of a Hub: the real libraries, in processes of their own, against a server on the loopback interface.

One process reads them all once, one reads them again with the Hub switched off, one meets a Hub that is gone.
"""

import ast
import json
import re
import shutil
import socket

import pytest
from datasets import ClassLabel, Dataset, Features, List, Value
from sources.hub_processes import read
from sources.loopback_hub import commit_of, serve

CONVERTED = "refs/convert/parquet"
FEATURES = Features({"tokens": List(Value("string")), "ner_tags": List(ClassLabel(names=["O", "B-PER"]))})
CONLL2003 = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC"]


def write_table(path, *first_words, features=FEATURES):
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = {"tokens": [[word, "left"] for word in first_words], "ner_tags": [[1, 0] for _ in first_words]}
    Dataset.from_dict(rows, features=features).to_parquet(path)


def write_jsonl(path, *first_words):
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{"tokens": [word, "left"], "tags": [5, 12]} for word in first_words]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def make_hub(root):
    for split in ("train", "validation", "test"):
        write_table(root / f"org/plain/main/data/{split}-00000-of-00001.parquet", f"{split}-new")
        write_table(root / f"org/plain/v1/data/{split}-00000-of-00001.parquet", f"{split}-old")

    write_table(root / "org/configs/main/en/a.parquet", "english")
    write_table(root / "org/configs/main/de/a.parquet", "german")
    configs = "".join(
        f"- config_name: {name}\n  data_files:\n  - split: train\n    path: {name}/a.parquet\n"
        for name in ("en", "de")
    )
    (root / "org/configs/main/README.md").write_text(f"---\nconfigs:\n{configs}---\n")

    for repo in ("eriktks/conll2003", "org/unconverted", "org/empty", "org/several"):
        script = root / repo / "main" / f"{repo.split('/')[1]}.py"
        script.parent.mkdir(parents=True)
        script.write_text("raise SystemExit('a script was run')")
    (root / "org/unconverted/main/data").mkdir()
    row = {"tokens": ["Ann", "left"], "tags": ["B-PER", "O"]}
    (root / "org/unconverted/main/data/train.jsonl").write_text(json.dumps(row))
    shutil.copytree(root / "org/several/main", root / "org/several/v1")
    for split in ("train", "validation", "test"):
        write_table(
            root / f"eriktks/conll2003/refs%2Fconvert%2Fparquet/conll2003/{split}/0000.parquet",
            split,
            features=Features({**FEATURES, "ner_tags": List(ClassLabel(names=CONLL2003))}),
        )
        for config in ("de", "en"):
            folder = root / f"org/several/refs%2Fconvert%2Fparquet/{config}"
            write_table(
                folder / f"{'partial-' if config == 'de' else ''}{split}/0000.parquet", f"{config}-{split}"
            )

    for split in ("train", "valid"):
        write_jsonl(root / f"org/integers/main/dataset/{split}.json", split)
    (root / "org/integers/main/dataset/label.json").write_text('{"O": 12, "B-PER": 5}')
    (root / "org/integers/main/integers.py").write_text("raise SystemExit('a script was run')")

    # A script whose converted labels are bare integers; their names lie on the main branch, as in tner's datasets.
    write_jsonl(root / "org/coded/refs%2Fconvert%2Fparquet/coded/train/0000.jsonl", "train")
    (root / "org/coded/main/dataset").mkdir(parents=True)
    (root / "org/coded/main/coded.py").write_text("raise SystemExit('a script was run')")
    (root / "org/coded/main/dataset/label.json").write_text('{"O": 12, "B-PER": 5}')

    write_table(root / "org/swapped/main/data/train-00000-of-00001.parquet", "train")
    swapped = Features({"tokens": List(Value("string")), "ner_tags": List(ClassLabel(names=["B-PER", "O"]))})
    rows = {"tokens": [["test", "left"]], "ner_tags": [["B-PER", "O"]]}
    Dataset.from_dict(rows, features=swapped).to_parquet(
        root / "org/swapped/main/data/test-00000-of-00001.parquet"
    )
    text = Features({"tokens": List(Value("string")), "ner_tags": List(Value("string"))})
    rows = {"tokens": [["Oslo", "shone"]], "ner_tags": [["B-LOC ", "O"]]}
    (root / "org/strings/main").mkdir(parents=True)
    Dataset.from_dict(rows, features=text).to_parquet(root / "org/strings/main/train [1] #2 é.parquet")
    (root / "org/csv/main").mkdir(parents=True)
    (root / "org/csv/main/train.csv").write_text("Sentence #,Word,Tag\n1,NA,B-ORG\n,left,O\n")
    for split in ("train", "test"):
        write_table(root / f"org/parts/main/{split}.parquet", split)

    for language in ("de", "en"):
        write_table(root / f"org/languages/main/train/train_{language}.parquet", language)
    write_table(root / "org/languages/main/devel.parquet", "dropped")

    write_table(root / "flaitenberger/wnut_17/main/train.parquet", "a copy")
    write_table(root / "org/gated/main/train.parquet", "secret")
    (root / "org/gated/.gated").touch()
    (root / "org/text/main").mkdir(parents=True)
    (root / "org/text/main/train.conll").write_text("Ann B-PER\n")
    (root / ".renamed").write_text("old_name org/plain\n")


INTEGER_FILES = {"train": "dataset/train.json", "dev": ["dataset/valid.json"]}
CALLS = {
    "plain": ["org/plain", {}],
    "plain by url": ["hf://datasets/org/plain", {}],
    "renamed": ["old_name", {}],
    "tag": ["org/plain", {"revision": "v1"}],
    "no such tag": ["org/plain", {"revision": "v2"}],
    "script at a commit": ["org/several", {"revision": "v1"}],
    "no such name": ["org/plain", {"name": "zz"}],
    "config": ["org/configs", {"name": "de"}],
    "files of a repository with configs": ["org/configs", {"data_files": "en/*.parquet"}],
    "folder of a repository with configs": ["org/configs", {"data_dir": "de"}],
    "no config": ["org/configs", {}],
    "short name": ["conll2003", {}],
    "script": ["eriktks/conll2003", {}],
    "converted": ["eriktks/conll2003", {"revision": CONVERTED, "name": "conll2003"}],
    "converted folder": ["eriktks/conll2003", {"revision": CONVERTED, "data_dir": "conll2003"}],
    "converted both": ["org/several", {"revision": CONVERTED, "name": "en", "data_dir": "de"}],
    "unconverted": ["org/unconverted", {}],
    "empty": ["org/empty", {}],
    "several": ["org/several", {}],
    "several, one named": ["org/several", {"name": "en"}],
    "several, wrong name": ["org/several", {"revision": CONVERTED, "name": "fr"}],
    "partial": ["org/several", {"name": "de"}],
    "files": ["org/integers", {"data_files": INTEGER_FILES, "label_names": "dataset/label.json"}],
    "files, no names": ["org/integers", {"data_files": INTEGER_FILES}],
    "files, wrong names": ["org/integers", {"data_files": INTEGER_FILES, "label_names": "label.json"}],
    "files, not there": ["org/integers", {"data_files": {"train": "train.json"}}],
    "languages": ["org/languages", {}],
    "coded": ["org/coded", {"label_names": "dataset/label.json"}],
    "coded, no names": ["org/coded", {}],
    "coded, wrong names": ["org/coded", {"label_names": "label.json"}],
    "swapped": ["org/swapped", {}],
    "swapped files": ["org/swapped", {"data_files": {"train": "data/train*", "test": "data/test*"}}],
    "strings": ["org/strings", {}],
    "csv": ["org/csv", {}],
    "one part": ["org/parts", {"data_files": "train.parquet"}],
    "misspelt": ["conll203", {}],
    "language missing": ["wikiann", {}],
    "gone, with copies": ["wnut17", {}],
    "missing": ["org/missing", {}],
    "gated": ["org/gated", {}],
    "conll files": ["org/text", {}],
}


pytestmark = pytest.mark.slow  # a process that imports datasets


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """Everything read once: commits, outcomes online, requests made, outcomes offline, and with the Hub gone."""
    root, home = tmp_path_factory.mktemp("hub"), tmp_path_factory.mktemp("home") / ".cache"
    home.mkdir()
    make_hub(root)
    with serve(root) as (server, address):
        online, messages = read(home, address, CALLS)
        advised = {
            call: printed_call(outcome["message"]) for call, outcome in online.items() if "error" in outcome
        }
        advised = {call: printed for call, printed in advised.items() if printed is not None}
        taken, _ = read(home, address, advised)
        requests = list(server.requests)
        offline_calls = CALLS | {
            "never read": ["org/other", {}],
            "whole": ["org/parts", {}],
            "commit": ["org/configs", {"name": "de", "revision": commit_of(root / "org/configs/main")}],
            "other commit": ["org/configs", {"name": "de", "revision": "0" * 40}],
        }
        offline, _ = read(home, address, offline_calls, HF_HUB_OFFLINE="1")
        assert server.requests == requests, "a request was made in offline mode"
    return {
        "online": online,
        "advised": taken,
        "offline": offline,
        "requests": requests,
        "stderr": messages,
        "commit": lambda repo, revision="main": commit_of(root / repo / revision.replace("/", "%2F")),
    }


def printed_call(text):
    """Return the call of load_splits in a message, as [dataset, options], or None if there is none."""
    found = re.search(r"load_splits\(.*\)", text)
    if found is None:
        return None
    call = ast.parse(found[0], mode="eval").body
    assert isinstance(call, ast.Call)
    return [
        ast.literal_eval(call.args[0]),
        {option.arg: ast.literal_eval(option.value) for option in call.keywords},
    ]


def words(outcome):
    """The first word of each sentence, by role."""
    assert "error" not in outcome, outcome
    return {role: [tokens[0] for tokens, _, _ in found] for role, found in outcome["examples"].items()}


def message(outcome, kind="DataError"):
    assert outcome.get("error") == kind, outcome
    return outcome["message"]


THREE = {"train": ["train"], "dev": ["validation"], "test": ["test"]}
THREE_NEW = {"train": ["train-new"], "dev": ["validation-new"], "test": ["test-new"]}


# --- found and read ---


@pytest.mark.parametrize("call", ["plain", "plain by url", "renamed"])
def test_a_repository_of_data_files_is_read_whole(hub, call):
    outcome = hub["online"][call]
    assert words(outcome) == THREE_NEW
    assert outcome["examples"]["train"] == [[["train-new", "left"], ["B-PER", "O"], "org/plain[train]:0"]]


def test_the_identity_says_what_was_read(hub):
    assert hub["online"]["plain"]["identity"] == {
        "dataset": "org/plain",
        "name": None,
        "revision": None,
        "commit": hub["commit"]("org/plain"),
        "data_dir": None,
        "data_files": {},
        "token_column": "tokens",
        "label_column": "ner_tags",
        "label_names": ["O", "B-PER"],
        "splits": {"train": "train", "dev": "validation", "test": "test"},
        "left_out": {},
    }


def test_a_renamed_repository_is_told_of(hub):
    assert hub["online"]["renamed"]["log"] == ["old_name is now org/plain on the Hub"]


def test_a_revision_is_read_at_its_commit(hub):
    outcome = hub["online"]["tag"]
    assert words(outcome)["train"] == ["train-old"]
    assert (outcome["identity"]["revision"], outcome["identity"]["commit"]) == (
        "v1",
        hub["commit"]("org/plain", "v1"),
    )


def test_a_configuration_is_chosen_by_name(hub):
    assert words(hub["online"]["config"]) == {"train": ["german"]}
    assert hub["online"]["config"]["log"] == []


def test_files_and_folders_are_chosen_whatever_the_configurations(hub):
    assert words(hub["online"]["files of a repository with configs"]) == {"train": ["english"]}
    assert words(hub["online"]["folder of a repository with configs"]) == {"train": ["german"]}


def test_files_with_integer_labels_take_names_from_a_file_of_the_repository(hub):
    outcome = hub["online"]["files"]
    assert outcome["examples"] == {
        "train": [[["train", "left"], ["B-PER", "O"], "org/integers[train]:0"]],
        "dev": [[["valid", "left"], ["B-PER", "O"], "org/integers[dev]:0"]],
    }
    assert outcome["identity"]["commit"] == hub["commit"]("org/integers")


@pytest.mark.parametrize("state", ["online", "offline"])
def test_names_of_labels_are_found_on_the_main_branch_of_a_conversion(hub, state):
    outcome = hub[state]["coded"]
    assert outcome["examples"] == {"train": [[["train", "left"], ["B-PER", "O"], "org/coded[train]:0"]]}
    assert outcome["identity"]["revision"] == CONVERTED


@pytest.mark.parametrize("call", ["swapped", "swapped files"])
@pytest.mark.parametrize("state", ["online", "offline"])
def test_labels_go_by_the_names_of_their_own_file(hub, call, state):
    examples = hub[state][call]["examples"]
    assert examples["train"] == [[["train", "left"], ["B-PER", "O"], "org/swapped[train]:0"]]
    assert examples["test"] == [[["test", "left"], ["B-PER", "O"], "org/swapped[test]:0"]]


def test_labels_that_are_strings_are_stripped(hub):
    assert hub["online"]["strings"]["examples"] == {
        "train": [[["Oslo", "shone"], ["B-LOC", "O"], "org/strings[train]:0"]]
    }


def test_a_csv_file_is_read_as_it_is_written(hub):
    assert hub["online"]["csv"]["examples"] == {
        "train": [[["NA", "left"], ["B-ORG", "O"], "org/csv[train]:0"]]
    }


def test_a_misspelt_short_name_is_answered_with_those_like_it(hub):
    text = message(hub["online"]["misspelt"])
    assert text.startswith("dataset 'conll203' is neither a local file or folder nor a dataset on the Hub")
    assert ". Known datasets with a name like it: conll2003, " in text


def test_a_known_dataset_read_by_languages_wants_one_named(hub):
    text = message(hub["online"]["language missing"], "UsageError")
    assert text.startswith(
        "wikiann: expected a language, found none. Name one, as in name='ace'; there are: ace, af, als, am,"
    )
    assert text.endswith(" and 156 more")


def test_a_known_dataset_that_is_gone_is_answered_with_its_copies(hub):
    text = message(hub["online"]["gone, with copies"])
    assert text.startswith("dataset 'leondz/wnut_17' at revision 'refs/convert/parquet' is neither")
    assert text.endswith(". Copies that hold data files: load_splits('flaitenberger/wnut_17')")
    assert words(hub["advised"]["gone, with copies"]) == {"train": ["a copy"]}


def test_every_call_that_an_error_prints_works(hub):
    assert set(hub["advised"]) == {
        "no config",
        "several",
        "several, wrong name",
        "script at a commit",
        "unconverted",
        "gone, with copies",
    }
    assert [call for call, outcome in hub["advised"].items() if "error" in outcome] == []


def test_files_joined_or_passed_over_are_reported(hub):
    outcome = hub["online"]["languages"]
    assert words(outcome) == {"train": ["de", "en"]}
    ending = "Name the files of each split, as in data_files={'train': '...'}"
    assert outcome["log"] == [
        f"org/languages: files that belong to no split by their name are not read: devel.parquet. {ending}",
        "org/languages: split 'train' joins 2 files: train/train_de.parquet, train/train_en.parquet. "
        + ending,
    ]


def test_no_progress_bar_is_written_where_nobody_watches(hub):
    assert "%|" not in hub["stderr"]
    assert "it/s" not in hub["stderr"]


# --- scripts and their conversions ---


@pytest.mark.parametrize("call", ["short name", "script", "converted", "converted folder"])
def test_a_script_repository_is_read_as_the_hub_has_converted_it(hub, call):
    outcome = hub["online"][call]
    assert words(outcome) == THREE
    identity = outcome["identity"]
    assert (identity["dataset"], identity["revision"], identity["data_dir"]) == (
        "eriktks/conll2003",
        CONVERTED,
        "conll2003",
    )
    assert identity["commit"] == hub["commit"]("eriktks/conll2003", CONVERTED)


def test_the_conversion_is_told_of_with_the_call_that_names_it(hub):
    told = (
        "eriktks/conll2003 is a dataset script (conll2003.py), and scripts are never run; reading the Hub's Parquet "
        f"conversion of it: load_splits('eriktks/conll2003', revision='{CONVERTED}', data_dir='conll2003')"
    )
    assert hub["online"]["script"]["log"] == [told]
    for call in ("short name", "converted", "converted folder"):
        assert hub["online"][call]["log"] == []


def test_no_script_is_ever_downloaded(hub):
    assert not [request for request in hub["requests"] if ".py" in request and request.startswith("GET")]


def test_one_of_several_converted_configurations_is_named(hub):
    assert words(hub["online"]["several, one named"])["train"] == ["en-train"]


@pytest.mark.parametrize(
    ("call", "wanted"), [("several", "a configuration"), ("several, wrong name", "the configuration 'fr'")]
)
def test_several_converted_configurations_are_never_joined(hub, call, wanted):
    assert message(hub["online"][call]) == (
        f"org/several at {CONVERTED}: expected {wanted}, found: de, en. "
        f"Name one: load_splits('org/several', name='de', revision='{CONVERTED}')"
    )


def test_a_partial_conversion_is_told_of(hub):
    assert words(hub["online"]["partial"])["train"] == ["de-train"]
    assert "org/several: the Hub has converted only the first part of de" in hub["online"]["partial"]["log"]


def test_a_name_beside_a_folder_is_a_usage_error(hub):
    assert "name='en' has no effect with data_dir" in message(hub["online"]["converted both"], "UsageError")


def test_another_revision_of_a_script_is_not_taken_for_its_conversion(hub):
    assert message(hub["online"]["script at a commit"]) == (
        "org/several: revision 'v1' is a dataset script (several.py), and scripts are never run. Try the Hub's own "
        f"conversion of its main branch: load_splits('org/several', name='de', revision='{CONVERTED}')"
    )


def test_a_script_without_a_conversion_is_an_error_that_says_what_to_do(hub):
    for repository in ("unconverted", "empty"):
        told = (
            f"org/{repository} is a dataset script ({repository}.py), scripts are never run, and the Hub has no "
            "conversion of it to Parquet. Look for a copy of the dataset that holds data files"
        )
        if repository == "unconverted":
            told += (
                ", or name data files of this one, as in "
                "load_splits('org/unconverted', data_files={'train': 'data/train.jsonl'})"
            )
        assert message(hub["online"][repository]) == told


# --- refusals ---


def test_a_missing_repository(hub):
    assert message(hub["online"]["missing"]) == (
        "dataset 'org/missing' is neither a local file or folder nor a dataset on the Hub that you may read. "
        "Check the spelling; for a private one, log in with `hf auth login` (or set HF_TOKEN)"
    )


def test_a_gated_repository(hub):
    text = message(hub["online"]["gated"])
    assert text.startswith("dataset 'org/gated' is gated: accept its terms at http://127.0.0.1:")
    assert text.endswith("/datasets/org/gated, then log in with `hf auth login` (or set HF_TOKEN)")


def test_a_missing_revision(hub):
    assert (
        message(hub["online"]["no such tag"]) == "dataset 'org/plain' at revision 'v2' has no such revision"
    )


def test_a_missing_configuration(hub):
    assert "BuilderConfig 'zz' not found. Available: ['default']" in message(hub["online"]["no such name"])
    assert message(hub["online"]["no config"]) == (
        "org/configs: cannot be read as a dataset: Config name is missing. Please pick one among the available "
        "configs: ['en', 'de']. Name one: load_splits('org/configs', name='en')"
    )


@pytest.mark.parametrize(("call", "repository"), [("files", "org/integers"), ("coded", "org/coded")])
def test_a_missing_file_of_names_is_answered_with_the_one_there_is(hub, call, repository):
    text = message(hub["online"][f"{call}, wrong names"])
    assert text.startswith(f"dataset '{repository}'")
    assert " has no file 'label.json'. Is it label_names='dataset/label.json'?" in text
    assert message(hub["online"][f"{call}, no names"]) == (
        f"{repository}[train]: column 'tags' holds integers without names. Give the names in their order, "
        "as in label_names=['O', 'B-PER'], or label_names='dataset/label.json'"
    )


def test_a_named_file_that_is_not_there(hub):
    text = message(hub["online"]["files, not there"])
    assert text.startswith("org/integers: cannot be read as a dataset: Unable to find '")
    assert text.endswith("/train.json'")


def test_conll_files_are_refused_before_they_are_downloaded(hub):
    assert "found files of the kind 'conll'" in message(hub["online"]["conll files"])
    assert not [request for request in hub["requests"] if "GET /datasets/org/text" in request]


# --- the Hub switched off, or gone ---

OFFLINE = [
    *("plain", "plain by url", "renamed", "tag", "config", "script", "short name", "several, one named"),
    *("converted", "converted folder", "files", "files of a repository with configs", "coded", "csv"),
]


@pytest.mark.parametrize("call", OFFLINE)
def test_what_was_read_before_is_read_again_offline(hub, call):
    online, offline = hub["online"][call], hub["offline"][call]
    assert offline["examples"] == online["examples"]
    assert offline["identity"] == online["identity"]


def test_a_commit_is_read_offline_if_it_is_the_one_at_hand(hub):
    assert words(hub["offline"]["commit"]) == {"train": ["german"]}
    assert message(hub["offline"]["other commit"]) == (
        f"dataset 'org/configs' at revision '{'0' * 40}' was not downloaded before, and the Hub is switched off "
        "(HF_HUB_OFFLINE): run the same call once with the Hub switched on: "
        f"load_splits('org/configs', name='de', revision='{'0' * 40}')"
    )


def test_a_part_of_a_dataset_is_not_taken_for_the_whole_offline(hub):
    assert words(hub["offline"]["one part"]) == {"train": ["train"]}
    assert "'org/parts' was not downloaded before" in message(hub["offline"]["whole"])


def test_what_was_never_read_is_an_error_offline_that_prints_the_call(hub):
    for call in ("never read", "missing"):
        repository = CALLS.get(call, ["org/other"])[0]
        assert message(hub["offline"][call]) == (
            f"dataset {repository!r} was not downloaded before, and the Hub is switched off (HF_HUB_OFFLINE): run "
            f"the same call once with the Hub switched on: load_splits({repository!r})"
        )


@pytest.mark.slow
def test_a_hub_that_is_gone_is_an_error_at_once_without_retries(tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        outcomes, stderr = read(tmp_path, address, {"gone": ["org/plain", {}]})
    text = message(outcomes["gone"])
    assert text.startswith(f"dataset 'org/plain' cannot be read: no answer from the Hub at {address} (")
    assert text.endswith("Check the network; to use what was downloaded before, set HF_HUB_OFFLINE=1")
    assert "Retrying" not in stderr
