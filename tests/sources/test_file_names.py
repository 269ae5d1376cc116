"""What is said about data files whose role was guessed from their names."""

import pytest

from tagger.sources.file_names import holds_rows, joined, unread


@pytest.mark.parametrize(
    "name", ["label.json", "labels.json", "dataset_info.json", "id2label.json", "README.md"]
)
def test_descriptions_hold_no_rows(name):
    assert not holds_rows(name)


def test_a_file_of_no_split_is_told_of():
    names = [
        "data/train.parquet",
        "data/devel.parquet",
        "label.json",
        ".cache/x.json",
        "README.md",
        "a.conll",
    ]
    told = list(unread(names, {"train": ["data/train.parquet"]}))
    assert told == ["files that belong to no split by their name are not read: data/devel.parquet"]


def test_nothing_is_told_when_every_file_is_read():
    assert list(unread(["train.csv"], {"train": ["train.csv"]})) == []


def test_long_lists_are_cut_and_counted():
    (told,) = unread([f"{number}.csv" for number in range(8)], {})
    assert told.endswith("not read: 0.csv, 1.csv, 2.csv, 3.csv, 4.csv and 3 more")


@pytest.mark.parametrize(
    "names",
    [
        ["data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet"],
        ["en/train/0000.parquet", "en/train/0001.parquet"],
        ["train.jsonl"],
    ],
)
def test_pieces_of_one_table_are_not_told_of(names):
    assert list(joined({"train": names})) == []


def test_languages_joined_in_a_split_are_told_of():
    (told,) = joined({"train": ["train/train_de.jsonl", "train/train_en.jsonl"]})
    assert told == "split 'train' joins 2 files: train/train_de.jsonl, train/train_en.jsonl"
