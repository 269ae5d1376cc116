"""Several files make one split: of any formats, cut alike, their documents apart, each of them identified."""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import Any

import pytest
from present import present
from tiny_runs import write_conll

from tagger.errors import DataError, UsageError
from tagger.training import DataConfig
from tagger.training.data import prepare
from tagger.training.splits import read_splits, with_replay

pytestmark = pytest.mark.usefixtures("on_the_command_line")

ANNA = "Anna B-PER\nsings O\n"
OSLO = "in O\nOslo B-LOC\n"
ROME = {"text": "I like Rome.", "spans": [[7, 11, "LOC"]]}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_texts(path, *texts):
    path.write_text("".join(json.dumps(text) + "\n" for text in texts), encoding="utf-8")
    return path


def tokens(examples):
    return [" ".join(example.tokens) for example in examples]


def digest(data):
    return hashlib.sha256(data).hexdigest()


def test_the_sentences_of_several_files_stand_in_the_order_of_the_files(folder):
    write_conll(folder / "b.conll", ANNA)
    write_conll(folder / "a.conll", OSLO)
    write_texts(folder / "c.jsonl", ROME)
    assert tokens(read_splits(DataConfig(train=["b.conll", "a.conll"])).train) == ["Anna sings", "in Oslo"]
    splits = read_splits(DataConfig(train="*", test=["b.conll"]))
    assert tokens(splits.train) == ["in Oslo", "Anna sings", "I like Rome ."]
    assert [example.origin for example in splits.train] == ["a.conll:1", "b.conll:1", "c.jsonl:1"]
    assert tokens(splits.test) == ["Anna sings"]


def test_each_file_is_identified_and_all_by_one_digest(folder, caplog):
    caplog.set_level("INFO")
    (folder / "c" / "d").mkdir(parents=True)
    first = write_conll(folder / "c" / "a.conll", ANNA).read_bytes()
    second = gzip.compress(OSLO.encode())
    (folder / "c" / "d" / "b.conll.gz").write_bytes(second)
    (folder / "c" / "README.md").write_text("two files")
    splits = read_splits(DataConfig(train="c", dev=["c/a.conll"]))
    assert splits.identity["files"] == {
        "train": {
            "files": [
                {"file": "a.conll", "sha256": digest(first), "sentences": 1},
                {"file": "d/b.conll.gz", "sha256": digest(second), "sentences": 1},
            ],
            "sha256": digest(f"{digest(first)}\n{digest(second)}\n".encode()),
            "sentences": 2,
            "not_read": ["README.md"],
        },
        "dev": {"file": "a.conll", "sha256": digest(first), "sentences": 1},
    }
    assert (
        "c/a.conll and 1 more: read as conll (tokens: column 0, labels: column -1, the last)"
        in caplog.messages
    )


def test_what_is_left_out_of_a_file_is_counted_at_that_file(folder):
    write_texts(folder / "a.jsonl", ROME)
    write_texts(folder / "b.jsonl", ROME, {"text": "Oslo", "spans": [[0, 3, "LOC"]]})
    with pytest.raises(DataError, match=r"^b\.jsonl:2: the LOC 0-3 'Osl' cuts through the token 'Oslo'\."):
        read_splits(DataConfig(train="*.jsonl"))
    first, second = read_splits(DataConfig(train="*.jsonl", skip_bad=True)).identity["files"]["train"][
        "files"
    ]
    assert "left_out" not in first
    assert second["left_out"] == {"spans that cut through a token, left out as bad": 1}


def test_the_texts_of_all_files_are_cut_alike_as_their_spans_fit_best(folder):
    whole = {"text": "Oslo's", "spans": [[0, 6, "LOC"]]}
    part = {"text": "Rome's mayor", "spans": [[0, 4, "LOC"]]}
    write_texts(folder / "a.jsonl", whole)
    write_texts(folder / "b.jsonl", part, part)
    splits = read_splits(DataConfig(train=["a.jsonl", "b.jsonl"], skip_bad=True))
    assert tokens(splits.train) == ["Oslo 's", "Rome 's mayor", "Rome 's mayor"]
    assert present(splits.segmenter).options()["clitics"] == "split"


def test_an_option_must_mean_something_to_one_of_the_files(folder):
    write_conll(folder / "a.conll", "# x\nAnna B-PER\n")
    write_texts(folder / "b.jsonl", {"body": "Oslo", "spans": [[0, 4, "LOC"]]})
    options: dict[str, Any] = {"comment_prefix": "# ", "text_column": "body"}
    assert tokens(read_splits(DataConfig(train=["a.conll", "b.jsonl"], **options)).train) == ["Anna", "Oslo"]
    assert tokens(read_splits(DataConfig(train="a.conll", dev="b.jsonl", **options)).dev) == ["Oslo"]
    with pytest.raises(UsageError, match=r"--data\.annotator has no effect on the format conll"):
        read_splits(DataConfig(train=["a.conll", "b.jsonl"], annotator="me", **options))


def test_the_same_id_in_two_files_is_that_of_two_documents(folder):
    for name, word in (("a", "Anna"), ("b", "Bo")):
        rows = [
            {"tokens": [word], "labels": ["B-PER"], "document": "1"},
            {"tokens": ["Oslo"], "labels": ["B-LOC"]},
        ]
        write_texts(folder / f"{name}.jsonl", *rows)
    config = DataConfig(train=["a.jsonl", "b.jsonl"], dev=["a.jsonl", "b.jsonl"])
    splits = read_splits(config)
    assert [example.document for example in splits.train] == ["1 (a.jsonl)", None, "1 (b.jsonl)", None]
    data = prepare(splits, config, inner_scheme="auto", seed=1)  # no document comes again
    assert data.reads_documents
    assert [example.document for example in read_splits(DataConfig(train="a.jsonl")).train] == ["1", None]


def test_a_column_of_documents_means_something_to_csv_files_in_a_folder(folder):
    (folder / "c").mkdir()
    for name in ("a", "b"):
        text = "sentence_id,word,tag,doc\n1,Anna,B-PER,1\n1,sings,O,1\n2,Oslo,B-LOC,2\n"
        (folder / "c" / f"{name}.csv").write_text(text, encoding="utf-8")
    config = DataConfig(train="c", document_column="doc", label_column="tag", dev_fraction=0)
    data = prepare(read_splits(config), config, inner_scheme="auto", seed=1, document_consistency=0)
    assert len(data.train) == 4


def test_copies_within_a_split_and_across_splits_are_told(folder, caplog):
    write_conll(folder / "a.conll", ANNA)
    write_conll(folder / "b.conll", OSLO)
    write_conll(folder / "copy.conll", ANNA)
    read_splits(DataConfig(train=["a.conll", "b.conll"], dev="copy.conll", test="b.conll"))
    assert caplog.messages == [
        "data.dev: copy.conll is a copy of a.conll, in the train split too: scores on it flatter",
        "data.test: b.conll is in the train split too: scores on it flatter",
    ]
    caplog.clear()
    read_splits(DataConfig(train=["a.conll", "copy.conll"], dev="b.conll", test="b.conll"))
    assert caplog.messages == [
        "data.train: copy.conll is a copy of a.conll: its sentences count twice",
        "data.test: b.conll is in the dev split too: its scores are not two",
    ]


def test_earlier_sentences_are_read_from_patterns_too(folder):
    write_conll(folder / "a.conll", ANNA)
    write_conll(folder / "old1.conll", OSLO)
    write_conll(folder / "old2.conll", OSLO.replace("Oslo", "Rome"))
    config = DataConfig(train="a.conll")
    splits = with_replay(read_splits(config), ["old*.conll"], config, None)
    assert tokens(splits.replay) == ["in Oslo", "in Rome"]
    assert [each["file"] for each in splits.identity["replay"]] == ["old1.conll", "old2.conll"]


def test_parquet_files_are_read_with_the_names_of_their_labels(folder):
    datasets = pytest.importorskip("datasets")
    for name, labels in (("a", ["O", "B-LOC"]), ("b", ["B-LOC", "O"])):
        features = datasets.Features(
            {
                "tokens": datasets.List(datasets.Value("string")),
                "ner_tags": datasets.List(datasets.ClassLabel(names=labels)),
            }
        )
        numbers = [[labels.index(label) for label in ("O", "B-LOC")]]
        rows = {"tokens": [["in", "Oslo"]], "ner_tags": numbers}
        datasets.Dataset.from_dict(rows, features=features).to_parquet(folder / f"{name}.parquet")
    splits = read_splits(DataConfig(train="*.parquet"))
    assert [example.labels for example in splits.train] == [("O", "B-LOC"), ("O", "B-LOC")]
