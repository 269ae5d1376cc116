"""Every format that is written, tried with the same texts: what is said to be written is read again."""

import json

import pytest
from formats.annotated_corpus import CORPUS

from tagger.conversion import ConversionOptions, convert
from tagger.conversion.targets import part_name
from tagger.formats import FORMATS

WRITTEN = [name for name, format in FORMATS.items() if format.write is not None or format.save is not None]
LIBRARIES = {"docbin": "spacy", "cas": "cassis", "parquet": "pyarrow"}


def run(source, output, format="auto"):
    report = convert([(source, None)], output, ConversionOptions(format=format))
    (written,) = report.written.values()
    return report.inputs[0].read, written, report


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "corpus.jsonl"
    with path.open("w", encoding="utf-8", newline="") as file:
        for number, case in enumerate(CORPUS):
            spans = [
                {
                    "start": ranges[0][0],
                    "end": ranges[-1][1],
                    "label": label,
                    "fragments": [list(range) for range in ranges],
                }
                for ranges, label in case.spans
            ]
            item = {"text": case.text, "spans": spans, "document": f"d{number}", "author": "me"}
            file.write(json.dumps(item) + "\n")
    return path


@pytest.fixture
def sentences(tmp_path):
    path = tmp_path / "corpus.conll"
    rows = "Anna B-PER\nSmith I-PER\nsaw O\nOslo B-LOC\n. O\n\nit O\nrained O\n\nParis B-LOC\nOslo B-LOC\n"
    path.write_text(f"-DOCSTART- O\n\n{rows}\n-DOCSTART- O\n\n{rows}")
    return path


@pytest.mark.parametrize("name", WRITTEN)
def test_spans_of_texts_that_are_written_are_read_again_and_all_others_counted(corpus, tmp_path, name):
    if name in LIBRARIES:
        pytest.importorskip(LIBRARIES[name])
    out = tmp_path / part_name("out", FORMATS[name])
    read, _, report = run(corpus, out, name)
    lost = [*report.inputs[0].losses.to_list(), *report.losses.to_list()]
    lost_spans = sum(
        loss["count"] for loss in lost if loss["kind"].startswith("spans") and "left out" in loss["kind"]
    )
    again, _, _ = run(out, tmp_path / "back.jsonl")
    assert read.spans.total() == sum(len(case.spans) for case in CORPUS)
    assert again.spans.total() + lost_spans == read.spans.total()
    if FORMATS[name].holds.text and FORMATS[name].holds.parts_of_tokens:
        back = [
            json.loads(line)["text"] for line in (tmp_path / "back.jsonl").read_text().split("\n") if line
        ]
        assert sorted(back) == sorted(case.text for case in CORPUS)


@pytest.mark.parametrize("name", WRITTEN)
def test_sentences_of_tokens_come_back_with_their_labels(sentences, tmp_path, name):
    if name in LIBRARIES:
        pytest.importorskip(LIBRARIES[name])
    out = tmp_path / part_name("out", FORMATS[name])
    run(sentences, out, name)
    again, _, _ = run(out, tmp_path / "back.conll")
    assert again.spans == {"PER": 2, "LOC": 6}
    rows = [line.split("\t") for line in (tmp_path / "back.conll").read_text().split("\n") if "\t" in line]
    assert [row for row in rows if row[0] != "-DOCSTART-"] == [
        line.split()
        for line in sentences.read_text().split("\n")
        if line and not line.startswith("-DOCSTART-")
    ]
