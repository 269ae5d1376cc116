"""The splits of a dataset as Examples: roles, label names, identity."""

import json

import pytest

from tagger.errors import DataError, UsageError
from tagger.examples import Example
from tagger.sources import load_splits

ROW = {"tokens": ["Ann", "left"], "ner_tags": ["B-PER", "O"]}
CODED = {"tokens": ["Ann", "left"], "ner_tags": [5, 12]}


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def write(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def load(folder, **options):
    return load_splits(str(folder), **options)


def named(folder, *splits):
    """Write a file for each split, whose first token is the split's name; return the data_files that name them."""
    for split in splits:
        write(folder / f"{split}.jsonl", {"tokens": [split], "ner_tags": ["O"]})
    return {split: f"{split}.jsonl" for split in splits}


def roles(splits):
    return {role: examples[0].tokens[0] for role, examples in splits.items()}


# --- splits and their roles ---


@pytest.mark.parametrize("dev", ["validation", "valid", "val", "dev", "devel", "development", "Dev"])
def test_every_usual_name_of_the_development_split_is_dev(folder, dev):
    files = named(folder, "test", dev, "train")
    splits = load(folder, data_files=files)
    assert roles(splits) == {"train": "train", "dev": dev, "test": "test"}
    assert list(splits) == ["train", "dev", "test"]
    assert splits["dev"][0].origin == f"{folder}[{dev}]:0"


def test_a_missing_split_is_absent(folder):
    # as in conll2000
    splits = load(folder, data_files=named(folder, "train", "test"))
    assert list(splits) == ["train", "test"]
    assert splits.get("dev") is None


def test_splits_of_other_names_are_not_read_and_reported(folder, caplog):
    splits = load(folder, data_files=named(folder, "train", "extra", "test_hard"))
    assert list(splits) == ["train"]
    assert caplog.messages == [
        f"{folder}: splits not read: extra, test_hard. To use them, choose as in splits={{'train': '...'}}"
    ]


def test_named_splits_play_the_roles_given_and_no_others(folder, caplog):
    files = named(folder, "train", "train_de", "test", "test_de")
    splits = load(folder, data_files=files, splits={"test": "test_de", "train": "train_de"})
    assert roles(splits) == {"train": "train_de", "test": "test_de"}
    assert splits.identity.splits == {"train": "train_de", "test": "test_de"}
    assert caplog.messages == []


def test_two_names_for_one_role_are_an_error(folder):
    with pytest.raises(DataError) as raised:
        load(folder, data_files=named(folder, "train", "dev", "validation"))
    assert str(raised.value) == (
        f"{folder}: several splits could be dev: 'dev' or 'validation'. "
        "Choose, as in splits={'train': 'train', 'dev': 'dev'}"
    )


def test_no_usual_name_is_an_error_that_lists_the_splits(folder):
    with pytest.raises(DataError) as raised:
        load(folder, data_files=named(folder, "en", "de"))
    assert str(raised.value) == (
        f"{folder}: no split has a usual name (train, validation, test); found: en, de. "
        "Say which is which, as in splits={'train': 'en'}"
    )


@pytest.mark.parametrize(
    ("splits", "problem"),
    [
        ({"validation": "test"}, "expected roles among train, dev, test, found 'validation'"),
        ({"train": "trian"}, "no split 'trian'; found: train, test"),
        ({"dev": "test", "test": "test"}, "expected a different split for each role; found: train, test"),
        ({}, "expected a different split for each role"),
    ],
)
def test_roles_without_a_meaning_are_usage_errors(folder, splits, problem):
    with pytest.raises(UsageError, match=problem):
        load(folder, data_files=named(folder, "train", "test"), splits=splits)


def test_the_columns_of_the_first_split_are_those_of_all(folder):
    for name in ("train", "test"):
        write(folder / f"{name}.jsonl", ROW | {"pos_tags": ["PROPN", "VERB"]})
    splits = load(folder, label_column="pos_tags")
    assert [examples[0].labels for examples in splits.values()] == [("PROPN", "VERB")] * 2


def test_a_problem_in_a_later_split_names_it(folder):
    write(folder / "train.jsonl", ROW)
    write(folder / "test.jsonl", ROW, {"tokens": ["a"], "ner_tags": []})
    with pytest.raises(DataError, match=r"\[test\]:1: expected one label per token, found 1 tokens"):
        load(folder)


# --- names for labels that are integers ---


def write_names(folder, names):
    (folder / "names.json").write_text(json.dumps(names), encoding="utf-8")
    return "names.json"


LIST = ["a", "b", "c", "d", "e", "B-PER", *"fghijk", "O"]


@pytest.mark.parametrize(
    "names", [LIST, {"O": 12, "B-PER": 5}, {"12": "O", "5": "B-PER"}], ids=["list", "label2id", "id2label"]
)
@pytest.mark.parametrize("in_a_file", [False, True])
def test_names_are_given_in_order_or_by_number_or_in_a_file_of_the_dataset(folder, names, in_a_file):
    write(folder / "train.jsonl", CODED)
    splits = load(folder, label_names=write_names(folder, names) if in_a_file else names)
    assert splits["train"][0].labels == ("B-PER", "O")


def test_the_identity_lists_label_names_in_the_order_of_their_numbers(folder):
    write(folder / "train.jsonl", CODED)
    assert load(folder, label_names={"O": 12, "B-PER": 5}).identity.label_names == ("B-PER", "O")


@pytest.mark.parametrize(
    "names", [{}, [], ["O", "O"], {"O": 0, "B-PER": 0}, {"O": "x"}, [1, 2], {"O": True}, 3, None]
)
def test_names_of_another_form_are_usage_errors(folder, names):
    write(folder / "train.jsonl", CODED)
    file_name = write_names(folder, names)
    with pytest.raises(UsageError, match=r"label_names='names.json': expected different names"):
        load(folder, label_names=file_name)


def test_a_file_of_names_that_is_missing_or_no_json_is_an_error(folder):
    write(folder / "train.jsonl", CODED)
    with pytest.raises(DataError, match=r"nowhere\.json: no such file, neither here nor in"):
        load(folder, label_names="nowhere.json")
    (folder / "names.json").write_text("O\nB-PER\n")
    with pytest.raises(DataError, match=r"names\.json is not a JSON file"):
        load(folder, label_names="names.json")


# --- what was read ---


def test_the_identity_of_local_data(folder):
    write(folder / "train.jsonl", ROW, {"tokens": [], "ner_tags": []})
    identity = load(folder, data_files={"train": "train.jsonl"}).identity
    assert (identity.dataset, identity.commit, identity.revision) == (str(folder), None, None)
    assert identity.data_files == {"train": ["train.jsonl"]}
    assert (identity.token_column, identity.label_column) == ("tokens", "ner_tags")
    assert identity.left_out == {"train": {"empty sentences": 1}}


def test_what_is_left_out_is_told(folder, caplog):
    write(folder / "train.jsonl", ROW, {"tokens": [], "ner_tags": []})
    load(folder)
    assert caplog.messages == [f"{folder}[train]: left out 1 empty sentences"]


def test_documents_and_thousands_of_sentences_keep_their_order(folder):
    rows = [{"doc": number // 10, "tokens": [str(number)], "ner_tags": ["O"]} for number in range(3000)]
    write(folder / "train.jsonl", *rows)
    examples = load(folder, document_column="doc")["train"]
    assert [example.tokens[0] for example in examples] == [str(number) for number in range(3000)]
    assert examples[2999] == Example(("2999",), ("O",), "299", f"{folder}[train]:2999")
