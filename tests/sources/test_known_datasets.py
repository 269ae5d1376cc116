"""Known datasets by their short names, from a Hub on the loopback interface that has them in their published shape."""

import pytest
from present import present
from sources.hub_processes import read
from sources.loopback_hub import serve
from sources.published_repositories import (
    BC5CDR,
    CHUNKS,
    CONVERTED,
    FINE,
    PENN,
    WANTED,
    write_all,
    write_lines,
)

from tagger.sources.known import DATASETS, find

CALLS = {call: [call[0], {} if call[1] is None else {"name": call[1]}] for call in WANTED}
OTHER = {
    "chunks": ["conll2003", {"label_column": "chunk_tags"}],
    "tags": ["conll2003", {"label_column": "pos_tags"}],
    "fine": ["fewnerd", {"label_column": "fine_ner_tags"}],
    "nested": ["germeval14", {"label_column": "nested_ner_tags"}],
    "xpos": ["ud", {"name": "en_ewt", "label_column": "xpos"}],
    "unknown language": ["multinerd", {"name": "xx"}],
    "swapped list": ["tner/bc5cdr", {"revision": "swapped", "data_files": "dataset/train.json"}],
}
SWAPPED = ["bc5cdr", {"revision": "swapped"}]
FEW = ["multinerd", {"name": "fr"}]
MANY = ["multinerd", {"name": "it"}]


pytestmark = pytest.mark.slow  # a process that imports datasets


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    root = tmp_path_factory.mktemp("hub")
    write_all(root)
    # a list of names in another order than the published one
    swapped = root / "tner/bc5cdr/swapped/dataset"
    swapped.mkdir(parents=True)
    (swapped / "label.json").write_text(
        '{"O": 0, "B-Chemical": 1, "I-Chemical": 2, "B-Disease": 3, "I-Disease": 4}'
    )
    for part in ("train", "valid", "test"):
        write_lines(swapped / f"{part}.json", tokens=["a", "b", "c", "d", "e"], tags=[0, 1, 2, 3, 4])
    for split in ("train", "val", "test"):
        folder = root / f"Babelscape/multinerd/main/{split}"
        write_lines(folder / f"{split}_fr.jsonl", tokens=["a", "b"], ner_tags=[0, 1])
        write_lines(folder / f"{split}_it.jsonl", tokens=["a", "b"], ner_tags=[0, 31])
    calls = {**CALLS, **OTHER, "swapped": SWAPPED, "few": FEW, "many": MANY}
    with serve(root) as (_, address):
        found, _ = read(tmp_path_factory.mktemp("home"), address, calls)
    return found


def test_every_known_dataset_is_among_them():
    assert {present(find(name)).name for name, _ in WANTED} == {dataset.name for dataset in DATASETS}


@pytest.mark.parametrize("call", WANTED, ids=lambda call: " ".join(filter(None, call)))
def test_a_known_dataset_is_read_with_its_labels_in_their_published_order(outcomes, call):
    labels, roles = WANTED[call]
    found = outcomes[call]
    assert "error" not in found, found
    assert list(found["examples"]) == list(roles)
    for sentences in found["examples"].values():
        for _, read_labels, _ in sentences:
            assert read_labels[: len(labels)] == labels
    assert [line for line in found["log"] if "left out 1 multiword" not in line] == []


def test_another_task_is_another_column(outcomes):
    for name, labels in (("chunks", CHUNKS), ("tags", PENN), ("fine", FINE)):
        found = outcomes[name]
        assert found["examples"]["train"][0][1][: len(labels)] == labels
        assert found["log"] == []
    assert outcomes["nested"]["identity"]["label_column"] == "nested_ner_tags"
    assert set(outcomes["xpos"]["examples"]["dev"][0][1]) == {"NN"}


def test_the_identity_says_what_a_short_name_stood_for(outcomes):
    identity = outcomes["conll2003", None]["identity"]
    assert (identity["dataset"], identity["revision"], identity["data_dir"]) == (
        "eriktks/conll2003",
        CONVERTED.replace("%2F", "/"),
        "conll2003",
    )
    assert outcomes["wikineural", "de"]["identity"]["splits"]["dev"] == "val_de"


def test_a_language_that_is_not_there(outcomes):
    found = outcomes["unknown language"]
    assert found["error"] == "UsageError"
    assert found["message"].startswith("multinerd: name='xx': no such language; there are: de, en, es")


def test_a_list_of_names_in_another_order_than_the_published_one_is_told_of(outcomes):
    found = outcomes["swapped"]
    assert found["examples"]["train"][0][1] == ["O", "B-Chemical", "I-Chemical", "B-Disease", "I-Disease"]
    assert found["log"] == [
        f"tner/bc5cdr: column 'tags': expected the labels in the order {', '.join(BC5CDR)}, found O, B-Chemical, "
        "I-Chemical, B-Disease, I-Disease. The data are read by their own names; published scores may be about other "
        "labels"
    ]
    assert "holds integers without names" in outcomes["swapped list"]["message"]


def test_integers_without_names_of_which_few_occur_are_told_of(outcomes):
    found = outcomes["few"]
    assert found["examples"]["train"][0][1] == ["O", "B-PER"]
    (message,) = found["log"]
    assert message.startswith(
        "Babelscape/multinerd: column 'ner_tags': expected 31 labels, found all but I-PER, B-ORG,"
    )


def test_an_integer_beyond_the_published_names_is_an_error(outcomes):
    found = outcomes["many"]
    assert found["error"] == "DataError"
    assert "28, 29, 30, found 31." in found["message"]
