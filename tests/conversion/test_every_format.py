"""The 150 texts in every format that is written: there and back, all is as it was, or what is not was counted."""

import json
from collections import Counter
from itertools import accumulate

import pytest
from formats.annotated_corpus import CORPUS

from tagger.conversion import ConversionOptions, convert
from tagger.formats import FORMATS, CharacterSpan, Losses, ReadingOptions, guess_format, read_items, to_texts
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
    """How often each label stands over which characters, white space not counted, of all texts one after another."""
    counts: Counter[tuple[tuple[tuple[int, int], ...], str]] = Counter()
    before = 0
    for text in texts:
        places = [before, *(before + n for n in accumulate(not mark.isspace() for mark in text.text))]
        for span in text.spans or ():
            counts[tuple((places[start], places[end]) for start, end in span.ranges), span.label] += 1
        before = places[-1]
    return counts


def without_overlaps(spans):
    """The spans that stay: those that begin first, and of these the longest."""
    kept: list[CharacterSpan] = []
    for span in spans:
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return tuple(kept)


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
@pytest.mark.slow
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
@pytest.mark.slow
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
    if not FORMATS[format].holds.overlaps:
        expected = {(text, without_overlaps(spans)) for text, spans in expected}
    assert found == expected


def test_texts_with_line_breaks_that_come_back_as_several_were_counted(tmp_path, corpus):
    report = convert_file(corpus, tmp_path / "there", "inline")
    with_breaks = sum("\n" in case.text for case in CORPUS)
    assert report.losses.count("texts with line breaks, which are read back as several texts") == with_breaks
    assert len(texts_of(tmp_path / "there", "inline")) > len(CORPUS)


@pytest.mark.parametrize("format", WRITTEN)
@pytest.mark.slow
def test_every_format_that_is_written_is_recognised_and_read_without_annotations(tmp_path, corpus, format):
    there = tmp_path / f"there{SUFFIXES.get(format, '')}"
    convert_file(corpus, there, format)
    assert guess_format(there) == format
    options = ReadingOptions(format=format)
    labelled = list(read_items(there, options, Losses()))
    texts = list(read_items(there, options, Losses(), labelled=False))
    assert len(texts) == len(labelled)
    assert all(getattr(text, "spans", None) is None and text.labels is None for text in texts)


SENTENCES = [
    [("Anna", "B-PER"), ("Smith", "I-PER"), ("saw", "O"), ("Oslo", "B-LOC"), (".", "O")],
    [("U.S.-based", "B-LOC"), ("St.", "B-LOC"), ("Paul", "I-LOC"), ("can't", "O"), ("e-mail", "O")],
    [("Hi", "O"), ("!", "O"), ("Dr", "B-PER"), (".", "I-PER"), ("Who", "I-PER"), ("?", "O"), ("Yes", "O")],
    [("Paris", "B-LOC"), ("Oslo", "B-LOC")],
]


@pytest.mark.parametrize("format", WRITTEN)
def test_sentences_of_tokens_come_back_as_they_were_or_are_counted(tmp_path, format):
    """Hyphens, abbreviations and full stops within sentences: whoever cuts the text again finds other tokens."""
    there, back = tmp_path / f"b{SUFFIXES.get(format, '')}", tmp_path / "c.conll"
    source = tmp_path / "a.conll"
    blocks = ["".join(f"{token}\t{label}\n" for token, label in rows) + "\n" for rows in SENTENCES]
    source.write_text("-DOCSTART-\tO\n\n" + "".join(blocks[:2]) + "-DOCSTART-\tO\n\n" + "".join(blocks[2:]))
    report = convert_file(source, there, format)
    counted = report.inputs[0].losses.count("sentences whose tokens are not written")
    holds = FORMATS[format].holds
    keeps = holds.tokens or holds.sentences_of_tokens or not holds.parts_of_tokens
    assert counted == (0 if keeps else len(SENTENCES))
    returned = convert([(there, None)], back, ConversionOptions(reading=ReadingOptions(format=format)))
    assert returned.inputs[0].read.spans == {"PER": 2, "LOC": 5}
    found = [block for block in back.read_text().split("\n\n") if block and block != "-DOCSTART-\tO"]
    if keeps:
        assert found == [block.strip() for block in blocks]
        assert left_out(returned) == 0
    else:
        lost = Counter({"PER": 2, "LOC": 5}) - returned.written[str(back)].spans
        assert lost.total() == left_out(returned)
        crossing = [
            kind for kind in (loss["kind"] for loss in returned.inputs[0].losses.to_list()) if "cross" in kind
        ]
        assert all("(join_sentences=True makes one of the sentences)" in kind for kind in crossing)


def test_a_span_that_is_cut_by_sentences_found_again_is_joined_on_demand(tmp_path):
    source, there, back = tmp_path / "a.conll", tmp_path / "b.json", tmp_path / "c.conll"
    source.write_text("".join(f"{token} {label}\n" for token, label in SENTENCES[2]))
    convert_file(source, there, "label-studio")
    report = convert_file(there, back)
    assert [line for line in report.inputs[0].losses.lines() if line.startswith("spans")] == [
        "spans that cross the end of a sentence, left out (join_sentences=True makes one of the sentences): 1; the "
        f"first: {there}: item 1: the PER 5-13 'Dr . Who' crosses the end of a sentence"
    ]
    report = convert_file(there, back, join_sentences=True)
    assert report.written[str(back)].spans == {"PER": 1}
