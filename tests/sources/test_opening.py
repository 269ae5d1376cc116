"""Local folders and files, read by the real `datasets` library without its cache and without a network."""

import json
import logging
import sys
from typing import Any

import datasets
import pyarrow
import pytest
from datasets import ClassLabel, Dataset, DatasetDict, Features, List, Value

from tagger.errors import DataError, MissingExtraError, UsageError
from tagger.examples import Example
from tagger.options import options_of_command_line
from tagger.sources import load_splits, opening

FEATURES = Features({"tokens": List(Value("string")), "ner_tags": List(ClassLabel(names=["O", "B-PER"]))})
SENTENCE = (("Ann", "left"), ("B-PER", "O"))


def table(*first_words):
    rows = {"tokens": [[word, "left"] for word in first_words], "ner_tags": [[1, 0] for _ in first_words]}
    return Dataset.from_dict(rows, features=FEATURES)


def write_jsonl(path, *first_words):
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{"tokens": [word, "left"], "ner_tags": ["B-PER", "O"]} for word in first_words]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def write_readme(folder, **paths):
    files = "".join(f'  - split: {split}\n    path: "{path}"\n' for split, path in paths.items())
    text = f"---\nconfigs:\n- config_name: default\n  data_files:\n{files}---\n"
    (folder / "README.md").write_text(text, encoding="utf-8")


def first_words(examples):
    return [example.tokens[0] for example in examples]


@pytest.fixture(autouse=True)
def nothing_outside(tmp_path, monkeypatch):
    """Point the library's cache where it cannot be written, and the Hub where nothing answers."""
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", "/proc/no-cache-is-needed")
    monkeypatch.setattr(datasets.config, "HF_ENDPOINT", "http://127.0.0.1:9")
    (tmp_path / "data").mkdir()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


# --- formats ---


def write_parquet(path):
    table("Ann").to_parquet(path)


def write_arrow_stream(path):
    data = table("Ann").data.table
    with pyarrow.OSFile(str(path), "wb") as file, pyarrow.ipc.new_stream(file, data.schema) as writer:
        writer.write_table(data)


def write_arrow_file(path):
    data = table("Ann").data.table
    with pyarrow.OSFile(str(path), "wb") as file, pyarrow.ipc.new_file(file, data.schema) as writer:
        writer.write_table(data)


def write_json(path):
    path.write_text(json.dumps([{"tokens": ["Ann", "left"], "ner_tags": ["B-PER", "O"]}]), encoding="utf-8")


FORMATS = [
    ("train.parquet", write_parquet),
    ("train.arrow", write_arrow_stream),
    ("train.arrow", write_arrow_file),
    ("train.json", write_json),
    ("train.jsonl", lambda path: write_jsonl(path, "Ann")),
]


@pytest.mark.parametrize(("name", "write"), FORMATS)
def test_a_folder_and_a_single_file_of_each_format(folder, name, write):
    write(folder / name)
    for dataset in (str(folder), str(folder / name)):
        splits = load_splits(dataset)
        assert dict(splits) == {"train": [Example(*SENTENCE, origin=f"{dataset}[train]:0")]}


def test_progress_bars_stay_away_where_nobody_watches_and_come_back(folder, capfd):
    write_jsonl(folder / "train.jsonl", "Ann")
    shown = not datasets.are_progress_bars_disabled()
    load_splits(str(folder))
    assert capfd.readouterr() == ("", "")
    assert datasets.are_progress_bars_disabled() is not shown


@pytest.mark.parametrize("name", ["data[1].jsonl", "no split.jsonl", "test.JSONL"])
def test_a_single_file_is_the_train_split_whatever_its_name(folder, name):
    write_jsonl(folder / "train.jsonl", "Neighbour")
    write_jsonl(folder / name, "Ann")
    assert first_words(load_splits(str(folder / name))["train"]) == ["Ann"]


def test_folders_written_by_save_to_disk(folder):
    DatasetDict(train=table("Ann", "Bob"), validation=table("Eve")).save_to_disk(folder / "all")
    table("Zoe").save_to_disk(folder / "one")
    splits = load_splits(str(folder / "all"))
    assert {role: first_words(examples) for role, examples in splits.items()} == {
        "train": ["Ann", "Bob"],
        "dev": ["Eve"],
    }
    assert first_words(load_splits(str(folder / "one"))["train"]) == ["Zoe"]


def test_a_saved_selection_of_rows_is_read_as_selected(folder):
    table("Ann", "Bob", "Eve").select([2, 0]).save_to_disk(folder / "one")
    assert first_words(load_splits(str(folder / "one"))["train"]) == ["Eve", "Ann"]


@pytest.mark.parametrize("split_name", ["validation", "dev", "valid", "val"])
def test_files_are_known_by_the_split_in_their_names(folder, split_name):
    for split, word in (("train", "Ann"), (split_name, "Bob"), ("test", "Eve")):
        write_jsonl(folder / f"{split}.jsonl", word)
    splits = load_splits(str(folder))
    assert list(splits) == ["train", "dev", "test"]
    assert [first_words(examples) for examples in splits.values()] == [["Ann"], ["Bob"], ["Eve"]]


def test_data_files_and_data_dir_choose(folder):
    write_jsonl(folder / "en" / "train.jsonl", "Ann")
    write_jsonl(folder / "de" / "train.jsonl", "Uwe")
    assert first_words(load_splits(str(folder), data_dir="de")["train"]) == ["Uwe"]
    splits = load_splits(str(folder), data_files={"train": "en/*.jsonl", "dev": ["de/train.jsonl"]})
    assert [first_words(examples) for examples in splits.values()] == [["Ann"], ["Uwe"]]


# --- what `datasets` does silently ---


def test_edits_are_seen_where_a_readme_declares_the_files(folder):
    write_readme(folder, train="rows.jsonl")
    write_jsonl(folder / "rows.jsonl", "Ann")
    assert first_words(load_splits(str(folder))["train"]) == ["Ann"]
    write_jsonl(folder / "rows.jsonl", "Bob")
    assert first_words(load_splits(str(folder))["train"]) == ["Bob"]


def test_files_passed_over_for_their_names_are_reported(folder, caplog):
    write_jsonl(folder / "train.jsonl", "Ann")
    write_jsonl(folder / "devel.jsonl", "Bob")
    (folder / "label.json").write_text("{}")
    assert list(load_splits(str(folder))) == ["train"]
    assert caplog.messages == [
        f"{folder}: files that belong to no split by their name are not read: devel.jsonl. "
        "Name the files of each split, as in data_files={'train': '...'}"
    ]


def test_files_joined_in_one_split_are_reported(folder, caplog):
    write_jsonl(folder / "train" / "de.jsonl", "Uwe")
    write_jsonl(folder / "train" / "en.jsonl", "Ann")
    assert first_words(load_splits(str(folder))["train"]) == ["Uwe", "Ann"]
    assert "split 'train' joins 2 files: train/de.jsonl, train/en.jsonl" in caplog.text


def test_nothing_is_reported_where_a_readme_declares_the_files_or_they_are_named(folder, caplog):
    for name in ("a", "b", "c"):
        write_jsonl(folder / f"{name}.jsonl", name)
    load_splits(str(folder), data_files={"train": ["a.jsonl", "b.jsonl"]})
    write_readme(folder, train="[ab].jsonl")
    assert first_words(load_splits(str(folder))["train"]) == ["a", "b"]
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_files_or_a_folder_that_are_named_are_read_whatever_a_readme_declares(folder):
    write_jsonl(folder / "en" / "train.jsonl", "Ann")
    write_jsonl(folder / "de" / "train.jsonl", "Uwe")
    configs = "".join(f"- config_name: {name}\n  data_files: {name}/train.jsonl\n" for name in ("en", "de"))
    (folder / "README.md").write_text(f"---\nconfigs:\n{configs}---\n")
    assert first_words(load_splits(str(folder), name="de")["train"]) == ["Uwe"]
    assert first_words(load_splits(str(folder), data_files="de/*.jsonl")["train"]) == ["Uwe"]
    assert first_words(load_splits(str(folder), data_dir="de")["train"]) == ["Uwe"]
    assert first_words(load_splits(str(folder), data_dir="de", data_files="tr*")["train"]) == ["Uwe"]


def test_a_hidden_folder_is_read_like_any_other(folder):
    write_jsonl(folder / ".cache" / "data" / "train.jsonl", "Ann")
    ways: tuple[dict[str, Any], ...] = ({}, {"data_files": "*.jsonl"})
    for options in ways:
        assert first_words(load_splits(str(folder / ".cache" / "data"), **options)["train"]) == ["Ann"]


# --- what cannot be read ---


def test_conll_files_are_refused_since_datasets_pads_and_cuts_them(folder):
    (folder / "train.conll").write_text("Ann B-PER\nleft\n")
    with pytest.raises(DataError, match=r"found files of the kind 'conll', which are not read as a dataset"):
        load_splits(str(folder))
    with pytest.raises(DataError, match=r"train\.conll: expected a file that ends in \.parquet, \.json"):
        load_splits(str(folder / "train.conll"))


def test_a_script_in_a_folder_is_refused_and_not_run(folder):
    (folder / "data.py").write_text("raise SystemExit('run!')")
    with pytest.raises(DataError, match=r"Dataset scripts are no longer supported, but found data\.py"):
        load_splits(str(folder))


def test_an_empty_folder_is_an_error(folder):
    with pytest.raises(DataError, match=r"data: cannot be read as a dataset"):
        load_splits(str(folder))


def test_a_file_that_is_named_and_not_there_is_an_error(folder):
    write_jsonl(folder / "train.jsonl", "Ann")
    with pytest.raises(DataError) as raised:
        load_splits(str(folder), data_files={"train": "train.jsonl", "dev": "dev.jsonl"})
    assert (
        str(raised.value) == f"{folder}: cannot be read as a dataset: Unable to find '{folder / 'dev.jsonl'}'"
    )


@pytest.mark.parametrize("dataset", ["./nowhere", "nowhere/train.jsonl", "~/nowhere-at-all", "/nowhere"])
def test_a_path_that_does_not_exist_is_not_looked_up_on_the_hub(dataset):
    with pytest.raises(DataError, match="no such file or folder"):
        load_splits(dataset)


def test_a_folder_name_that_datasets_would_take_for_a_pattern_is_an_error(folder):
    write_jsonl(folder / "run[1]" / "train.jsonl", "Ann")
    with pytest.raises(DataError, match="rename the folder"):
        load_splits(str(folder / "run[1]"))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (
            '{"tokens": ["Ann"',
            ':1: expected a JSON object on a line, or a file that is a list of objects, found \'{"tokens": ["Ann"\': '
            "Expecting ',' delimiter: line 1 column 18 (char 17)",
        ),
        (
            "\x00\x01\x02",
            ":1: expected a JSON object on a line, or a file that is a list of objects, found '\\x00\\x01\\x02': "
            "Expecting value: line 1 column 1 (char 0)",
        ),
        ("", ": expected rows, found none"),
    ],
)
def test_broken_files_are_errors_that_name_the_file(folder, content, problem):
    (folder / "train.jsonl").write_text(content)
    with pytest.raises(DataError) as raised:
        load_splits(str(folder))
    assert str(raised.value) == f"{folder / 'train.jsonl'}{problem}"


def test_a_damaged_parquet_file_is_an_error(folder):
    write_parquet(folder / "train.parquet")
    content = (folder / "train.parquet").read_bytes()
    (folder / "train.parquet").write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError, match=r"train\.parquet: cannot be read: "):
        load_splits(str(folder))


def test_a_saved_folder_with_a_missing_file_is_an_error(folder):
    table("Ann").save_to_disk(folder / "one")
    next((folder / "one").glob("*.arrow")).unlink()
    with pytest.raises(DataError, match="cannot be read as a dataset"):
        load_splits(str(folder / "one"))


def test_options_without_a_meaning_are_usage_errors(folder):
    write_jsonl(folder / "train.jsonl", "Ann")
    table("Ann").save_to_disk(folder / "saved")
    with pytest.raises(UsageError, match="is a local folder: revision='main' has no effect"):
        load_splits(str(folder), revision="main")
    with pytest.raises(UsageError, match=r"data_files={} names no file"):
        load_splits(str(folder), data_files={})
    with pytest.raises(UsageError, match=r"data_files={'train': \[\]} names no file"):
        load_splits(str(folder), data_files={"train": []})
    with pytest.raises(UsageError, match="is a single file: name='en' has no effect"):
        load_splits(str(folder / "train.jsonl"), name="en")
    with pytest.raises(UsageError, match="is a folder written by save_to_disk: data_dir='x' has no effect"):
        load_splits(str(folder / "saved"), data_dir="x")


def test_the_name_of_a_format_is_a_usage_error_that_prints_the_working_call():
    with pytest.raises(UsageError) as raised:
        load_splits("json", data_files="a.json")
    assert str(raised.value).endswith("data_files are in: load_splits('.', data_files='a.json')")
    with options_of_command_line(), pytest.raises(UsageError) as raised:
        load_splits("json", data_files="a.json")
    assert str(raised.value).endswith("data_files are in: --data.dataset . --data.data_files a.json")


def test_without_the_library_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(MissingExtraError) as raised:
        load_splits("any/dataset")
    assert str(raised.value) == (
        "Reading Hugging Face datasets needs the package 'datasets'. "
        "Install it with: pip install 'FOLDER[train]', FOLDER being the clone of tagger"
    )


def test_the_scratch_folder_is_removed(folder, tmp_path, monkeypatch):
    write_jsonl(folder / "train.jsonl", "Ann")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(opening.tempfile, "tempdir", str(scratch))
    load_splits(str(folder))
    assert list(scratch.iterdir()) == []
