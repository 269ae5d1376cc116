"""10,000 random Unicode texts: ``text[start:end]`` is the entity in every output that has offsets, whoever reads it."""

from __future__ import annotations

import io
import json
import re
from functools import partial

import pytest
from html_texts import PageReader
from random_texts import random_texts
from tiny_models import tiny_parts

from tagger import Tagger
from tagger.cli.annotated_outputs import write_annotated
from tagger.cli.inputs import Reading
from tagger.cli.outputs import Writing, render
from tagger.cli.page_outputs import page_pieces
from tagger.cli.pipeline_outputs import pipeline_pieces
from tagger.formats import FORMATS, Losses, WritingContext, read_json_records, read_plain
from tagger.formats.offsets import OffsetUnit
from tagger.inference.answers import stream_answers

COUNT = 10_000
Expected = list[list[tuple[int, int, str]]]


class Corpus:
    """The texts, the answers of a model to all of them, and where the entities are."""

    def __init__(self, count: int) -> None:
        self.texts = random_texts(count, seed=17)
        self.parts = tiny_parts("bioes", seed=4)
        self.tagger = Tagger(self.parts)
        lines = "".join(json.dumps({"text": text}) + "\n" for text in self.texts)
        self.records = list(
            read_json_records(io.BytesIO(lines.encode()), name="x", segmenter=self.tagger.segmenter)
        )
        sentences = [sentence.tokens for record in self.records for sentence in record.sentences]
        documents = [number for number, record in enumerate(self.records) for _ in record.sentences]
        found = stream_answers(self.tagger, sentences, documents, probabilities=True)
        self.answered = [(record, [next(found) for _ in record.sentences]) for record in self.records]
        self.expected: Expected = [
            [
                (ranges[span.start][0], ranges[span.end - 1][1], span.label)
                for ranges, answer in zip(record.ranges, answers, strict=True)
                for span in answer.spans
            ]
            for record, answers in self.answered
        ]

    def context(self, offsets: OffsetUnit | None = None) -> WritingContext:
        return WritingContext(Losses(), self.tagger.segmenter, offsets, model="m")

    def check(self, found: list[list[tuple[int, int, str, str]]]) -> None:
        """Each text has the entities that are expected, and each entity says the characters that are there."""
        assert len(found) == len(self.texts)
        for text, entities, expected in zip(self.texts, found, self.expected, strict=True):
            assert [entity[:3] for entity in entities] == expected
            assert all(text[start:end] == said for start, end, _, said in entities)


@pytest.fixture(scope="module")
def corpus():
    return Corpus(COUNT)


def test_the_texts_are_as_hostile_as_they_should_be(corpus):
    whole = "".join(corpus.texts)
    for piece in (
        "\r\n",
        "\u2028",
        "\ufeff",
        "👩\u200d👩\u200d👧",
        "e\u0301",
        "שלום",
        "\x1b",
        "\u202e",
        "𠀋",
        "\x85",
    ):
        assert whole.count(piece) > 100
    covered = {text[start:end] for text, found in zip(corpus.texts, corpus.expected, strict=True)
               for start, end, _ in found}  # fmt: skip
    assert sum(map(len, corpus.expected)) > 10_000
    assert sum(not mention.isascii() for mention in covered) > 5_000
    assert sum(max(mention) > "\uffff" for mention in covered) > 1_000


def test_jsonl(corpus):
    writing = Writing("jsonl", "jsonl", True)
    lines = [json.loads(render(record, answers, writing)) for record, answers in corpus.answered]
    assert [line["text"] for line in lines] == corpus.texts
    corpus.check(
        [[(e["start"], e["end"], e["label"], e["text"]) for e in line["entities"]] for line in lines]
    )


def test_pipeline(corpus):
    pieces = pipeline_pieces(corpus.answered, source="jsonl", has_spans=True, inputs=["x"])
    lines = "".join(pieces).split("\n")[:-1]
    corpus.check(
        [
            [
                (entry["start"], entry["end"], entry["entity_group"], entry["word"])
                for entry in json.loads(line)
            ]
            for line in lines
        ]
    )


@pytest.mark.slow
def test_html(corpus):
    pieces = page_pieces(
        corpus.answered, labels=["LOC", "PER"], has_spans=True, has_probabilities=True, inputs=["x"]
    )
    # as a browser reads a file: it knows no line end but LF
    page = "".join(pieces).replace("\r\n", "\n").replace("\r", "\n")
    blocks = PageReader(page).blocks
    assert [block.text for block in blocks] == corpus.texts
    corpus.check(
        [
            [(start, end, label, block.text[start:end]) for start, end, label, _ in block.marks]
            for block in blocks
        ]
    )


def test_inline(corpus):
    writing = Writing("inline", "jsonl", True)
    marks = re.compile(r"\\(.)|\[|\]\(([A-Z]+)\)|([^\\\[\]]+)", re.DOTALL)
    found = []
    for (record, answers), text in zip(corpus.answered, corpus.texts, strict=True):
        read, start, entities = "", 0, []
        for match in marks.finditer(render(record, answers, writing)[:-1]):
            if match[0] == "[":
                start = len(read)
            elif match[2]:
                entities.append((start, len(read), match[2], read[start:]))
            else:
                read += match[1] or match[3]
        assert read == text
        found.append(entities)
    corpus.check(found)


def test_parquet(corpus, tmp_path):
    pytest.importorskip("pyarrow")
    from pyarrow import parquet

    from tagger.cli.table_outputs import write_table
    from tagger.integrations.answer_parquet import Filling

    path = tmp_path / "x.parquet"
    write_table(
        corpus.answered, str(path), reading=Reading("jsonl"), inputs=["x"], filling=Filling(True, True),
        losses=Losses(),
    )  # fmt: skip
    rows = parquet.read_table(path).to_pylist()
    assert [row["text"] for row in rows] == corpus.texts
    corpus.check([[(e["start"], e["end"], e["label"], e["text"]) for e in row["entities"]] for row in rows])
    for row in rows:
        for span, entity in zip(row["spans"], row["entities"], strict=True):
            words = row["tokens"][span["start"] : span["end"]]
            assert "".join("".join(words).split()) == "".join(entity["text"].split())


@pytest.mark.slow
def test_batches(corpus, tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    from tagger.integrations.tag_batch import TagBatch

    corpus.tagger.save(tmp_path / "model")
    rows = TagBatch(tmp_path / "model", probabilities=True)(pyarrow.table({"text": corpus.texts})).to_pylist()
    corpus.check([[(e["start"], e["end"], e["label"], e["text"]) for e in row["entities"]] for row in rows])


def _jsonl(text):
    return [json.loads(line) for line in text.split("\n")[:-1]]


def _doccano(text):
    return [(item["text"], [tuple(span) for span in item["label"]]) for item in _jsonl(text)]


def _prodigy(text):
    return [
        (item["text"], [(span["start"], span["end"], span["label"]) for span in item["spans"]])
        for item in _jsonl(text)
    ]


def _spacy_json(text):
    return [
        (item["text"], [(span["start"], span["end"], span["label"]) for span in item["ents"]])
        for item in _jsonl(text)
    ]


def _label_studio(text):
    found = []
    for task in json.loads(text):
        (shown,) = task["data"].values()
        (prediction,) = task["predictions"]
        values = [result["value"] for result in prediction["result"]]
        assert all(shown[value["start"] : value["end"]] == value["text"] for value in values)
        found.append((shown, [(value["start"], value["end"], *value["labels"]) for value in values]))
    return found


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("doccano", _doccano),
        ("prodigy", _prodigy),
        ("spacy-json", _spacy_json),
        ("label-studio", _label_studio),
    ],
)
@pytest.mark.slow
def test_formats_of_annotation_tools(corpus, tmp_path, name, read):
    path = tmp_path / "out.json"
    write_annotated(corpus.answered, FORMATS[name], str(path), corpus.context("codepoint"), has_spans=True)
    found = read(path.read_bytes().decode())
    assert [text for text, _ in found] == corpus.texts
    corpus.check(
        [[(start, end, label, text[start:end]) for start, end, label in spans] for text, spans in found]
    )


@pytest.mark.slow
def test_offsets_in_other_units(corpus, tmp_path):
    for unit, encoding, width in (("utf16", "utf-16-le", 2), ("byte", "utf-8", 1)):
        path = tmp_path / f"{unit}.json"
        write_annotated(corpus.answered, FORMATS["doccano"], str(path), corpus.context(unit), has_spans=True)
        for (text, spans), expected in zip(
            _doccano(path.read_bytes().decode()), corpus.expected, strict=True
        ):
            data = text.encode(encoding)
            assert [data[width * start : width * end].decode(encoding) for start, end, _ in spans] == [
                text[start:end] for start, end, _ in expected
            ]


@pytest.mark.slow
def test_docbin(corpus, tmp_path):
    spacy = pytest.importorskip("spacy")
    from spacy.tokens import DocBin

    path = tmp_path / "x.spacy"
    write_annotated(corpus.answered, FORMATS["docbin"], str(path), corpus.context(), has_spans=True)
    docs = list(DocBin().from_disk(path).get_docs(spacy.blank("en").vocab))
    assert [doc.text for doc in docs] == corpus.texts
    corpus.check([[(e.start_char, e.end_char, e.label_, e.text) for e in doc.ents] for doc in docs])


@pytest.mark.slow
def test_brat(corpus, tmp_path):
    folder = tmp_path / "brat"
    write_annotated(corpus.answered, FORMATS["brat"], str(folder), corpus.context(), has_spans=True)
    found = {}
    for path in folder.glob("*.txt"):
        text = path.read_bytes().decode()
        spans = []
        for line in path.with_suffix(".ann").read_bytes().decode().split("\n"):
            if match := re.fullmatch(r"T\d+\t(\w+) ([\d; ]+)\t(.*)", line, re.DOTALL):
                places = [int(number) for number in re.findall(r"\d+", match[2])]
                spans.append((places[0], places[-1], match[1]))
        found[int(re.findall(r"\d+", path.stem)[-1])] = (text, spans)
    texts = [found[number] for number in sorted(found)]
    assert [text for text, _ in texts] == corpus.texts
    corpus.check([[(s, e, label, text[s:e]) for s, e, label in spans] for text, spans in texts])


@pytest.mark.slow
def test_extract_and_running_text(corpus):
    whole = "\n\n".join(corpus.texts)
    extracted = corpus.tagger.extract(whole)
    assert len(extracted) > 10_000
    assert all(whole[entity.start : entity.end] == entity.text for entity in extracted)
    records = list(read_plain(io.BytesIO(whole.encode()), corpus.tagger.segmenter, name="x"))
    found = stream_answers(
        corpus.tagger, (record.example.tokens for record in records), (0 for _ in records), probabilities=True
    )
    answered = [(record, [answer]) for record, answer in zip(records, found, strict=True)]
    expected = [(entity.start, entity.end, entity.label, entity.text) for entity in extracted]
    pieces = pipeline_pieces(answered, source="text", has_spans=True, inputs=["x"])
    entries = json.loads("".join(pieces))
    assert [(e["start"], e["end"], e["entity_group"], e["word"]) for e in entries] == expected
    lines = map(partial(render, writing=Writing("jsonl", "text", True)), records, [a for _, a in answered])
    entities = [entity for line in lines if line for entity in json.loads(line)["entities"]]
    assert [(e["start"], e["end"], e["label"], e["text"]) for e in entities] == expected
    page = page_pieces(answered, labels=["LOC", "PER"], has_spans=True, has_probabilities=False, inputs=["x"])
    (block,) = PageReader("".join(page)).blocks
    assert block.text == whole
    assert [(start, end, label, whole[start:end]) for start, end, label, _ in block.marks] == expected


def test_extract_of_each_text(corpus):
    for text, expected in list(zip(corpus.texts, corpus.expected, strict=True))[::40]:
        entities = corpus.tagger.extract(text)
        assert [(entity.start, entity.end, entity.label) for entity in entities] == expected
        assert all(text[entity.start : entity.end] == entity.text for entity in entities)
