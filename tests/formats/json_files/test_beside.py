import io
import json

import pytest
from formats.reading_by_options import as_text
from formats.writing import NO_SEGMENTER, pieces

from tagger.conversion.fitting import Fitter
from tagger.formats import (
    FORMATS,
    AnnotatedText,
    CharacterSpan,
    Losses,
    ReadingOptions,
    WritingContext,
    read_items,
)

SPANS = (CharacterSpan(0, 2, "ORG"),)


def write(format, text, losses=None, model=None):
    context = WritingContext(Losses() if losses is None else losses, NO_SEGMENTER, model=model)
    return [json.loads(line) for line in "".join(pieces(FORMATS[format], [text], context)).splitlines()]


def text(fields, **more):
    return AnnotatedText("EU rejects", SPANS, ((0, 2), (3, 10)), (0,), origin="a:1", fields=fields, **more)


TAKEN = [
    ("doccano", "label", "news", {"text": "EU rejects", "label": [[0, 2, "ORG"]]}),
    ("doccano", "text", "other", {"text": "EU rejects", "label": [[0, 2, "ORG"]]}),
    ("doccano", "entities", [], {"text": "EU rejects", "label": [[0, 2, "ORG"]]}),
    ("doccano", "labels", [], {"text": "EU rejects", "label": [[0, 2, "ORG"]]}),
    ("gliner", "ner", [], {"tokenized_text": ["EU", "rejects"], "ner": [[0, 0, "ORG"]]}),
    ("gliner", "tokenized_text", [], {"tokenized_text": ["EU", "rejects"], "ner": [[0, 0, "ORG"]]}),
    *(
        (
            "privacy-mask",
            key,
            "other",
            {
                "source_text": "EU rejects",
                "target_text": "[ORG] rejects",
                "privacy_mask": [{"value": "EU", "start": 0, "end": 2, "label": "ORG"}],
            },
        )
        for key in ("source_text", "target_text", "privacy_mask")
    ),
    *(
        ("jsonl", key, value, {"tokens": ["EU", "rejects"], "labels": ["B-ORG", "O"]})
        for key, value in (("tokens", []), ("labels", "news"))
    ),
    *(
        (
            "spacy-json",
            key,
            "other",
            {
                "text": "EU rejects",
                "ents": [{"start": 0, "end": 2, "label": "ORG"}],
                "sents": [{"start": 0, "end": 10}],
                "tokens": [{"id": 0, "start": 0, "end": 2}, {"id": 1, "start": 3, "end": 10}],
            },
        )
        for key in ("text", "ents", "spans", "paragraphs", "id")
    ),
]


@pytest.mark.parametrize(("format", "key", "value", "expected"), TAKEN)
def test_no_field_takes_the_place_of_what_a_format_has_of_a_text(format, key, value, expected):
    losses = Losses()
    assert write(format, text({key: value, "n": 1}), losses) == [{**expected, "n": 1}]
    assert list(losses.lines()) == [
        f"fields called {key!r}, whose place is taken, left out: 1; the first: a:1"
    ]


def test_prodigy_keeps_its_answer_its_spans_and_the_document():
    losses = Losses()
    fields = {"answer": "reject", "spans": "x", "meta": {"document": "other", "a": 1}, "n": 1}
    (line,) = write("prodigy", text(fields, document="d"), losses)
    assert (line["answer"], [span["label"] for span in line["spans"]]) == ("accept", ["ORG"])
    assert (line["meta"], line["n"]) == ({"document": "d", "a": 1}, 1)
    kind = "fields called {!r}, whose place is taken, left out: 1; the first: a:1"
    assert list(losses.lines()) == [kind.format(key) for key in ("document", "answer", "spans")]
    losses = Losses()
    (line,) = write("prodigy", text({"meta": "x"}, document="d"), losses)
    assert line["meta"] == {"document": "d"}
    assert list(losses.lines()) == [kind.format("meta")]
    losses = Losses()
    (line,) = write("prodigy", text({"answer": "accept"}), losses, model="runs/a")
    assert "answer" not in line
    assert list(losses.lines()) == [kind.format("answer")]


def test_a_field_that_says_the_same_is_not_lost():
    losses = Losses()
    (line,) = write("prodigy", text({"answer": "accept"}), losses)
    assert line["answer"] == "accept"
    assert len(losses) == 0


def test_a_text_of_json_lines_is_read_as_one_whatever_its_fields_are_called():
    losses = Losses()
    whole = AnnotatedText(
        "EU rejects", SPANS, origin="a:1", fields={"tokens": ["x"], "entities": [], "spans": 3, "text": 4}
    )
    written = write("jsonl", whole, losses)
    assert written == [
        {"text": "EU rejects", "spans": [{"start": 0, "end": 2, "label": "ORG", "text": "EU"}]}
    ]
    assert losses.count("fields called 'tokens', whose place is taken, left out") == 1
    assert len(losses) == 4
    source = io.BytesIO(json.dumps(written[0]).encode())
    (again,) = read_items(source, ReadingOptions(format="jsonl"), Losses(), name="x.jsonl")
    assert as_text(again).spans == SPANS


def test_fields_stay_beside_the_tokens_of_a_sentence():
    assert write("jsonl", text({"ner_negatives": ["DATE"]}, document="d")) == [
        {
            "tokens": ["EU", "rejects"],
            "labels": ["B-ORG", "O"],
            "document": "d",
            "ner_negatives": ["DATE"],
        }
    ]


def test_what_is_written_is_not_reported_as_lost():
    losses = Losses()
    whole = AnnotatedText("EU rejects", SPANS, document="d", fields={"set": "a"}, origin="a:1")
    fitted = Fitter(FORMATS["privacy-mask"], NO_SEGMENTER).fit(whole, losses)
    (line,) = write("privacy-mask", fitted, losses)
    assert (line["id"], line["set"]) == ("d", "a")
    assert len(losses) == 0
