"""The 150 texts in every format that is written: there and back, all is as it was, or what is not was counted."""

import json
from collections import Counter

import pytest
from formats.annotated_corpus import CORPUS

from tagger.conversion import ConversionOptions, convert
from tagger.formats import FORMATS, Losses, ReadingOptions, guess_format, read_items, to_texts
from tagger.schemes import LabelScheme, Notation

WRITTEN = sorted(name for name, format in FORMATS.items() if format.write or format.save)
SUFFIXES = {"conll": ".conll", "conllu": ".conllu", "csv": ".csv", "jsonl": ".jsonl", "docbin": ".spacy"}


def object_of(case, number):
    spans = [
        {"start": ranges[0][0], "end": ranges[-1][1], "label": label}
        | ({"fragments": ranges} if len(ranges) > 1 else {})
        for ranges, label in case.spans
    ]
    return {"text": case.text, "spans": spans, "document": f"d{number:03}"}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("corpus") / "corpus.jsonl"
    path.write_text("".join(json.dumps(object_of(case, n)) + "\n" for n, case in enumerate(CORPUS)))
    return path


def texts_of(path, format):
    items = read_items(path, ReadingOptions(format=format), Losses())
    return list(to_texts(items, LabelScheme.IOB2, Notation()))


def spans_of(texts):
    """How often each label stands over each range of characters that are no white space, text by text."""
    counts = Counter()
    for text in texts:
        for span in text.spans or ():
            mention = "".join("".join(text.text[start:end].split()) for start, end in span.ranges)
            counts[mention, len(span.ranges), span.label] += 1
    return counts


def convert_file(source, target, format="auto", **reading):
    return convert(
        [(source, None)], target, ConversionOptions(format=format, reading=ReadingOptions(**reading))
    )


def left_out(report):
    return sum(
        entry["count"]
        for one in report.inputs
        for entry in one.losses.to_list()
        if entry["kind"].startswith("spans") and "left out" in entry["kind"]
    ) + sum(
        entry["count"]
        for entry in report.losses.to_list()
        if entry["kind"].startswith("spans") and "left out" in entry["kind"]
    )


@pytest.mark.parametrize("format", WRITTEN)
def test_what_does_not_come_back_was_counted(tmp_path, corpus, format):
    there, back = tmp_path / f"there{SUFFIXES.get(format, '')}", tmp_path / "back.jsonl"
    report = convert_file(corpus, there, format)
    returned = convert(
        [(there, None)],
        back,
        ConversionOptions(
            format="jsonl",
            reading=ReadingOptions(format=format, label_column="misc:NE" if format == "conllu" else None),
        ),
    )
    before, after = spans_of(texts_of(corpus, "jsonl")), spans_of(texts_of(back, "jsonl"))
    assert after <= before
    assert before.total() - after.total() == left_out(report)
    assert left_out(returned) == 0
    holds = FORMATS[format].holds
    if holds.overlaps and holds.discontinuous and holds.parts_of_tokens:
        assert before == after
    if holds.text:
        joined = "".join(text.text for text in texts_of(back, "jsonl"))
        assert "".join(joined.split()) == "".join("".join(case.text.split()) for case in CORPUS)


@pytest.mark.parametrize(
    "format", [name for name in WRITTEN if FORMATS[name].holds.parts_of_tokens and name != "inline"]
)
def test_offsets_and_white_space_of_texts_come_back_exactly(tmp_path, corpus, format):
    there = tmp_path / "there"
    convert_file(corpus, there, format)
    found = {
        (text.text, tuple(sorted(text.spans, key=lambda s: s.order()))) for text in texts_of(there, format)
    }
    expected = set()
    for text in texts_of(corpus, "jsonl"):
        spans = sorted(text.spans, key=lambda s: s.order())
        if not FORMATS[format].holds.discontinuous:
            spans = [span for span in spans if not span.fragments]
        expected.add((text.text, tuple(spans)))
    if FORMATS[format].holds.overlaps:
        assert found == expected
    else:
        assert {text for text, _ in found} == {text for text, _ in expected}


def test_texts_with_line_breaks_that_come_back_as_several_were_counted(tmp_path, corpus):
    report = convert_file(corpus, tmp_path / "there", "inline")
    with_breaks = sum("\n" in case.text for case in CORPUS)
    assert report.losses.count("texts with line breaks, which are read back as several texts") == with_breaks
    assert len(texts_of(tmp_path / "there", "inline")) > len(CORPUS)


@pytest.mark.parametrize("format", WRITTEN)
def test_every_format_that_is_written_is_recognised_and_read_without_annotations(tmp_path, corpus, format):
    there = tmp_path / f"there{SUFFIXES.get(format, '')}"
    convert_file(corpus, there, format)
    assert guess_format(there) == format
    options = ReadingOptions(format=format)
    labelled = list(read_items(there, options, Losses()))
    texts = list(read_items(there, options, Losses(), labelled=False))
    assert len(texts) == len(labelled)
    assert all(getattr(text, "spans", None) is None and text.labels is None for text in texts)


@pytest.mark.parametrize("format", WRITTEN)
def test_sentences_of_tokens_come_back_with_their_labels(tmp_path, format):
    rows = "Anna B-PER\nSmith I-PER\nsaw O\nOslo B-LOC\n. O\n\nit O\nrained O\n\nParis B-LOC\nOslo B-LOC\n"
    sentences, there, back = (
        tmp_path / name for name in ("a.conll", f"b{SUFFIXES.get(format, '')}", "c.conll")
    )
    sentences.write_text(f"-DOCSTART- O\n\n{rows}\n-DOCSTART- O\n\n{rows}")
    convert_file(sentences, there, format)
    report = convert([(there, None)], back, ConversionOptions(reading=ReadingOptions(format=format)))
    assert report.inputs[0].read.spans == {"PER": 2, "LOC": 6}
    found = [line.split("\t") for line in back.read_text().split("\n") if "\t" in line]
    expected = [line.split() for line in sentences.read_text().split("\n") if line]
    assert [row for row in found if row[0] != "-DOCSTART-"] == [
        row for row in expected if row[0] != "-DOCSTART-"
    ]
