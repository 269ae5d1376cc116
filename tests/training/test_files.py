"""Names, patterns and folders stand for files: sorted, each once, what is left out said, splits not mixed up."""

from __future__ import annotations

import gzip
import re
from contextvars import Context

import pytest

from tagger.errors import DataError, FormatError, UsageError
from tagger.training.files import find_files

pytestmark = pytest.mark.usefixtures("on_the_command_line")

CONLL = "Anna B-PER\nsings O\n\nin O\nOslo B-LOC\n"


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    """Makes files of these names with two sentences each, in the folder where the tests then are."""
    monkeypatch.chdir(tmp_path)

    def make(*names):
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(CONLL, encoding="utf-8")

    return make


def found(entries, **options):
    files = find_files("data.train", entries, **options)
    return [str(file.path) for file in files.files], list(files.left_out)


def test_a_name_is_that_of_a_file(corpus):
    corpus("a.conll", "c/b.conll")
    assert found("a.conll") == (["a.conll"], [])
    assert found("b.conll", root="c") == (["c/b.conll"], [])
    assert found(["c/b.conll", "a.conll"]) == (["c/b.conll", "a.conll"], [])  # in the order given


def test_patterns_stand_for_files_in_sorted_order_and_for_no_hidden_ones(corpus):
    corpus("c/b.conll", "c/a.conll", "c/.h.conll", "c/d/e.conll", "c/.d/f.conll", "c/x.jsonl")
    assert found("c/*.conll") == (["c/a.conll", "c/b.conll"], [])
    assert found("c/**/*.conll") == (["c/a.conll", "c/b.conll", "c/d/e.conll"], [])
    assert found("[ab].conll", root="c") == (["c/a.conll", "c/b.conll"], [])
    assert found("c/?.conll") == (["c/a.conll", "c/b.conll"], [])
    assert found("c/**", format="conll") == (["c/a.conll", "c/b.conll", "c/d/e.conll", "c/x.jsonl"], [])


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(corpus):
    corpus("a[1].conll", "a1.conll", "b*.conll", "bb.conll", "c?.conll")
    assert found("a[1].conll")[0] == ["a[1].conll"]
    assert found("b*.conll")[0] == ["b*.conll"]
    assert found("a[12].conll")[0] == ["a1.conll"]


def test_a_folder_stands_for_all_files_in_it_and_below(corpus, tmp_path):
    corpus("c/b.conll", "c/a/z.conll", "c/a/.hidden", "c/.git/x.conll", "elsewhere/l.conll")
    (tmp_path / "c" / "packed.conll.gz").write_bytes(gzip.compress(CONLL.encode()))
    (tmp_path / "c" / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "c" / "loop").symlink_to(tmp_path / "c")
    assert found("c") == (["c/a/z.conll", "c/b.conll", "c/link/l.conll", "c/packed.conll.gz"], [])
    (tmp_path / "c" / "loop").unlink()
    assert found("c/*") == found("c")  # the folders that the pattern stands for
    names = [file.name for file in find_files("data.train", ["c/a", "elsewhere"]).files]
    assert names == ["c/a/z.conll", "elsewhere/l.conll"]


def test_what_is_no_annotations_by_its_name_is_left_out_of_folders_and_patterns_and_said(corpus, caplog):
    others = ["LICENSE", "README.md", "README.txt", "a.conll~", "label.json", "map.png", "readme.txt"]
    corpus("c/a.conll", "c/words.txt", *(f"c/{name}" for name in others))
    for entry in ("c", "c/*"):
        caplog.clear()
        assert found(entry) == (["c/a.conll", "c/words.txt"], others)
        assert caplog.messages == [
            f"c/{name}: left out, by its name no annotations (name it to have it read)" for name in others
        ]
    assert found("c/README.txt") == (["c/README.txt"], [])
    assert found("c/*.md", format="inline") == (["c/README.md"], [])


def test_a_file_that_cannot_be_read_is_named_with_what_stood_for_it(corpus, tmp_path):
    corpus("c/a.conll")
    (tmp_path / "c" / "b.xlsx").write_bytes(b"PK\x03\x04" + b"xl/" * 9)
    with pytest.raises(FormatError) as caught:
        find_files("data.train", "c")
    assert str(caught.value) == (
        "c/b.xlsx: expected annotations, found a spreadsheet. Save the sheet as CSV (UTF-8). "
        "It is one of those that data.train c stands for"
    )


@pytest.mark.parametrize(
    ("names", "call"),
    [
        (
            ["c/train.conll", "c/dev.conll", "c/test.conll"],
            "--data.train c/train.conll --data.dev c/dev.conll --data.test c/test.conll",
        ),
        (["c/eng.train", "c/eng.testb"], "--data.train c/eng.train --data.test c/eng.testb"),
        (
            ["c/en_ewt-ud-train.conllu", "c/de-ud-train.conllu", "c/en_ewt-ud-dev.conllu"],
            """--data.train '["c/de-ud-train.conllu", "c/en_ewt-ud-train.conllu"]' --data.dev c/en_ewt-ud-dev.conllu""",
        ),
        (
            [*(f"c/training/{n}.conll" for n in range(6)), "c/validation/7.conll"],
            "--data.train c/training --data.dev c/validation/7.conll",
        ),
    ],
)
def test_a_folder_of_several_splits_is_an_error_with_the_call_that_works(corpus, names, call):
    corpus(*names)
    with pytest.raises(DataError) as caught:
        find_files("data.train", "c")
    assert str(caught.value) == (
        f"data.train: c stands for files of several splits, judging by their names. Specify which is which: {call}. "
        "To use them all in one split, list them."
    )
    with pytest.raises(DataError, match=r"the pattern '.*' stands for files of several splits"):
        find_files("data.train", "c/**")
    assert found(names)[0] == names


def test_in_python_one_configuration_says_which_files_are_of_which_split(corpus):
    corpus("c/train.conll", "c/dev.conll")
    with pytest.raises(DataError) as caught:
        Context().run(find_files, "data.train", "c")  # outside of the command line of these tests
    assert "which is which: DataConfig(train='c/train.conll', dev='c/dev.conll'). To" in str(caught.value)


def test_paths_in_that_call_start_from_the_root(corpus):
    corpus("r/c/train.conll", "r/c/test.conll")
    with pytest.raises(DataError, match=r"--data.train c/train.conll --data.test c/test.conll\."):
        find_files("data.train", "c", root="r")


def test_names_that_only_hold_such_words_and_one_split_alone_are_no_matter(corpus):
    corpus("c/trains.conll", "c/contest.conll", "test/a.conll", "d/dev_1.conll", "d/dev_2.conll", "d/x.conll")
    assert len(found("c")[0]) == 2
    assert len(found("test")[0]) == 1
    assert len(found("d")[0]) == 3


def test_a_folder_that_a_format_reads_as_a_whole_is_one_file(corpus, tmp_path, caplog):
    corpus("b/x.conll", "b/annotation.conf", "b/in/2.txt", "b/in/2.ann", "b/README.md")
    (tmp_path / "b" / "1.txt").write_text("Oslo", encoding="utf-8")
    (tmp_path / "b" / "1.ann").write_text("T1\tLOC 0 4\tOslo\n", encoding="utf-8")
    files = find_files("data.train", "b")
    assert [(str(file.path), file.name, file.format) for file in files.files] == [("b", "b", "brat")]
    assert files.left_out == ("README.md", "x.conll")
    assert "b/x.conll: left out, no file of the format brat, of which its folder is" in caplog.messages
    corpus("t/1.txt", "t/2.txt")  # columns, not texts without annotations
    assert found("t") == (["t/1.txt", "t/2.txt"], [])
    assert found("t", format="brat") == (["t"], [])


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("c/b.conl", "c/b.conl: no such file or folder; did you mean c/b.conll?"),
        ("no/*.conll", "data.train: no file matches 'no/*.conll'"),
        ("c/*.jsonl", "data.train: no file matches 'c/*.jsonl'; c holds b.conll"),
        ("e", "e: expected files with annotations, found an empty folder"),
        ("e/*", "data.train: no file matches 'e/*'"),
        (
            "owner/name",
            "owner/name: no such file or folder. For a dataset of the Hugging Face Hub, pass --data.dataset owner/name",
        ),
        (
            "conll2003",
            "conll2003: no such file or folder. For a dataset of the Hugging Face Hub, pass --data.dataset conll2003",
        ),
        ("c/name", "c/name: no such file or folder"),
        ("no.conll", "no.conll: no such file or folder"),
    ],
)
def test_what_is_not_there_is_told_with_what_may_be_meant(corpus, tmp_path, entry, message):
    corpus("c/b.conll")
    (tmp_path / "e").mkdir()
    with pytest.raises(DataError) as caught:
        find_files("data.train", entry)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("entries", "shown"),
    [
        (["a.conll", "./a.conll"], "a.conll"),
        (["a.conll", "*.conll"], "a.conll"),
        (["a.conll", "link.conll"], "link.conll and a.conll"),
        (["c", "c/b.conll"], "c/b.conll"),
    ],
)
def test_a_file_that_comes_twice_is_named(corpus, tmp_path, entries, shown):
    corpus("a.conll", "c/b.conll")
    (tmp_path / "link.conll").symlink_to(tmp_path / "a.conll")
    with pytest.raises(UsageError) as caught:
        find_files("data.train", entries)
    assert str(caught.value) == f"data.train: expected each file once, found one twice: {shown}"


@pytest.mark.parametrize(
    ("entries", "what"), [([], "none"), ("", "an empty one"), (["a.conll", ""], "an empty one")]
)
def test_no_name_is_an_error(corpus, entries, what):
    corpus("a.conll")
    with pytest.raises(UsageError, match=f"^data.train: expected the name of a file, found {what}$"):
        find_files("data.train", entries)


def test_a_dataset_written_to_disk_is_told_its_option(tmp_path):
    datasets = pytest.importorskip("datasets")
    rows = {"tokens": [["Oslo"]], "ner_tags": [["B-LOC"]]}
    datasets.Dataset.from_dict(rows).save_to_disk(tmp_path / "one")
    datasets.DatasetDict({"train": datasets.Dataset.from_dict(rows)}).save_to_disk(tmp_path / "several")
    for name in ("one", "several"):
        message = re.escape(f"Pass --data.dataset {tmp_path / name} instead of data.train")
        with pytest.raises(UsageError, match=message):
            find_files("data.train", str(tmp_path / name))
