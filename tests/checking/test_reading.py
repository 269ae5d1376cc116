"""Whatever is wrong with one file becomes a finding, and the other files are read all the same."""

import io
import logging
from dataclasses import replace

import pytest
from checked_files import found_in, lines_of, read_files, rows

from tagger.checking.corpus import Corpus
from tagger.checking.given import find_parts
from tagger.checking.reading import read_corpus
from tagger.checking.report import check
from tagger.errors import UsageError
from tagger.formats import ReadingOptions

GOOD = rows("In/O Oslo/B-LOC it/O rains/O\nAnna/B-PER sings/O")


def checks_of(read):
    return [finding.check for finding in read.corpus.found]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0" + bytes(range(256)) * 4,
            "expected text, found what looks like a binary file",
        ),
        (b"", "expected at least one sentence, found none"),
        (b"<?xml version='1.0'?>\n<a/>\n", "found XML"),
        (b'{"id": 1, "name": "x"}\n' * 3, "JSON"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_finding_and_the_others_are_read(tmp_path, content, message):
    read = read_files(tmp_path, train_conll=GOOD, test_conll=content)
    (finding,) = read.corpus.found
    assert finding.check == "unreadable"
    assert message in finding.message
    assert finding.places[0].startswith(str(tmp_path / "test.conll"))
    assert not finding.message.startswith(str(tmp_path))
    assert [len(part.examples) for part in read.corpus.parts] == [2]


def test_sentences_and_spans_that_cannot_be_used_are_found_one_by_one(tmp_path):
    ragged = found_in(tmp_path, "unusable", train_conll=f"a\tx\tO\nb\tO\n\n{GOOD}c\tO\tO\nd\tO\n\n")
    assert lines_of(ragged) == [[2], [13]]
    assert ragged[0].message == "expected 3 columns, found 2: 'b\\tO'"
    texts = (
        '{"text": "In Oslo.", "spans": [{"start": 3, "end": 99, "label": "LOC"}]}\n'
        '{"text": "In Oslo.", "spans": [{"start": 4, "end": 7, "label": "LOC"}]}\n'
        '{"text": "In Oslo.", "spans": [{"start": 3, "end": 7, "label": "LOC"}]}\n'
    )
    assert lines_of(found_in(tmp_path, "unusable", train_jsonl=texts)) == [[1], [2]]


def test_what_is_left_out_by_rule_is_a_note(tmp_path):
    lines = '{"tokens": ["a"], "labels": ["O"]}\n{"tokens": ["b"], "labels": ["O"], "answer": "reject"}\n'
    (finding,) = found_in(tmp_path, "left-out", train_jsonl=lines)
    assert (finding.message, lines_of([finding])) == ("lines with the answer 'reject', left out: 1", [[2]])


LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize(
    ("id_", "content"),
    [
        ("index-column", rows("\n".join(["1/O 2/B-LOC 3/O"] * 4))),
        ("constant-tokens", rows("\n".join(["_/O _/B-LOC _/O"] * 4))),
        ("labels-all-different", rows("\n".join(f"a/x{number} b/y{number}" for number in range(40)))),
        (
            "comments-as-tokens",
            "".join(f"# id {number}\na b\n\n" for number in range(4)).replace("# id", "#\tid"),
        ),
        ("header-as-tokens", "token\tlabel\n" + GOOD),
        ("single-token-sentences", "".join(f"{letter}\tO\n\n" for letter in LETTERS)),
    ],
)
def test_what_looks_misread_is_found_and_goes_to_no_log(tmp_path, caplog, id_, content):
    caplog.set_level(logging.WARNING)
    assert id_ in checks_of(read_files(tmp_path, train_conll=content))
    assert caplog.records == []


def test_a_good_file_has_none_of_these_and_the_scheme_of_its_labels_is_told(tmp_path):
    read = read_files(tmp_path, train_conll=GOOD + rows("New/B-LOC York/I-LOC"))
    assert read.corpus.found == ()
    (part,) = read.corpus.parts
    assert (part.role, part.scheme, part.why) == (
        "train",
        "iob2",
        "letters B, I, legal throughout in no other scheme",
    )


def test_what_readers_warn_of_is_found(tmp_path, caplog):
    text = "a\tx\tO\n\nb\tO\n\n"
    (finding,) = found_in(tmp_path, "reader-warning", train_conll=text)
    assert lines_of([finding]) == [[3]]
    assert "the rows of this sentence have 2 columns" in finding.message
    assert caplog.records == []


def test_standard_input_has_places_too():
    parts = find_parts(["test=-"])
    stream = io.BytesIO(b"a\tO\nb&amp;\tI-PER\n" + b"c\tB-PER\nd\tI-PER\n\n")
    corpus = read_corpus(parts, ReadingOptions(format="conll"), standard_input=stream).corpus
    (part,) = corpus.parts
    assert (part.role, part.place(0, 0)) == ("test", "<stdin>:1")


def test_options_count_where_they_mean_something_and_are_refused_where_nowhere(tmp_path):
    (tmp_path / "a.conll").write_text("O\ta\n\n")
    (tmp_path / "b.jsonl").write_text('{"tokens": ["a"], "labels": ["O"]}\n')
    parts = find_parts([str(tmp_path / "a.conll"), str(tmp_path / "b.jsonl")])
    options = ReadingOptions(token_column=1, label_column=0, comment_prefix="#")
    read = read_corpus(find_parts([str(tmp_path / "a.conll")]), options)
    assert read.corpus.parts[0].examples[0].tokens == ("a",)
    with pytest.raises(UsageError, match="annotator"):
        read_corpus(parts, ReadingOptions(annotator="me"))


def test_documents_of_different_files_of_a_part_are_different_ones(tmp_path):
    for name in ("a.conll", "b.conll"):
        (tmp_path / name).write_text("-DOCSTART-\tO\n\n" + GOOD)
    parts = find_parts([f"train={tmp_path / 'a.conll'}", f"train={tmp_path / 'b.conll'}"])
    (part,) = read_corpus(parts, ReadingOptions()).corpus.parts
    assert len({example.document for example in part.examples}) == 2


def test_sentences_without_labels_among_others_are_found(tmp_path):
    labelled = '{"text": "In Oslo.", "spans": [{"start": 3, "end": 7, "label": "LOC"}]}\n'
    (tmp_path / "a.jsonl").write_text(labelled)
    (part,) = read_corpus(find_parts([str(tmp_path / "a.jsonl")]), ReadingOptions()).corpus.parts
    unlabelled = replace(part.examples[0], labels=None)
    mixed = replace(part, examples=[part.examples[0], unlabelled], labels=[*part.labels, ()])
    (finding,) = [one for one in check(Corpus((mixed,))).findings if one.check == "unlabelled-sentence"]
    assert finding.message == "1 of 2 sentences have no labels"
    assert found_in(tmp_path, "unlabelled-sentence", train_jsonl=labelled) == []
