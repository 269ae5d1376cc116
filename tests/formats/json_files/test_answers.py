"""Probabilities that a model's answers have in JSON Lines are read with the labels that they are of."""

import io
import json

import pytest
from formats.writing import NO_SEGMENTER, pieces

from tagger.errors import FormatError
from tagger.examples import Example
from tagger.formats import AnnotatedText, CharacterSpan, Losses, ReadingOptions, WritingContext, read_items
from tagger.formats.json_files.jsonl import JSONL

TOKENS = ["Anna", "Smith", "saw", "Oslo"]
LABELS = ["B-PER", "I-PER", "O", "B-LOC"]
SPANS = [
    {"start": 0, "end": 2, "label": "PER", "probability": 0.5},
    {"start": 3, "end": 4, "label": "LOC", "probability": 0.25},
]
LINE = {"tokens": TOKENS, "labels": LABELS, "spans": SPANS, "probabilities": [0.75, 0.5, 1, 0.25]}
TEXT = AnnotatedText(
    "Anna Smith saw Oslo",
    (CharacterSpan(0, 10, "PER", (), 0.5), CharacterSpan(15, 19, "LOC", (), 0.25)),
    ((0, 4), (5, 10), (11, 14), (15, 19)),
    (0,),
    probabilities=(0.75, 0.5, 1, 0.25),
    origin="x.jsonl:1",
)


def read(*lines, labelled=True, **options):
    losses = Losses()
    source = io.StringIO("".join(json.dumps(line) + "\n" for line in lines))
    reading = ReadingOptions(format="jsonl", **options)
    return list(read_items(source, reading, losses, name="x.jsonl", labelled=labelled)), list(losses.lines())


def test_spans_of_tokens_have_their_probabilities_and_so_have_labels():
    assert read(LINE) == ([TEXT], [])
    assert read({**LINE, "probabilities": None})[0][0].probabilities is None
    (line,) = pieces(JSONL, [TEXT], WritingContext(Losses(), NO_SEGMENTER))
    assert json.loads(line) == LINE


def test_labels_without_spans_have_their_probabilities():
    line = {"tokens": ["it", "rained"], "pos": ["PRON", "VERB"], "probabilities": [0.5, 1]}
    ((text,), losses) = read(line, label_column="pos")
    assert (text.labels, text.probabilities, text.spans, losses) == (("PRON", "VERB"), (0.5, 1), None, [])


def test_a_sentence_without_spans_keeps_the_probabilities_of_its_labels():
    line = {"tokens": ["it"], "labels": ["O"], "spans": [], "probabilities": [0.5]}
    ((text,), _) = read(line)
    assert (text.spans, text.probabilities) == ((), (0.5,))


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ({**LINE, "gold": ["O"] * 4}, {"label_column": "gold"}),
        ({**LINE, "labels": ["O"] * 4}, {}),
        ({**LINE, "spans": [SPANS[0], {**SPANS[1], "start": "3"}]}, {}),
        ({**LINE, "labels": ["I-PER", "I-PER", "O", "B-LOC"]}, {}),
    ],
)
def test_probabilities_of_other_labels_are_counted_and_not_read(line, options):
    ((example,), losses) = read(line, **options)
    assert type(example) is Example
    assert losses == [
        "probabilities of other labels than those that are read, not read: 1; the first: x.jsonl:1"
    ]


def test_what_is_no_probability_is_not_read():
    line = {**LINE, "spans": [{**span, "probability": 7} for span in SPANS], "probabilities": [1, 2, 3, 4]}
    ((text,), _) = read(line)
    assert [span.probability for span in text.spans] == [None, None]
    assert type(read({**LINE, "spans": 5, "probabilities": "x"})[0][0]) is Example
    assert type(read(LINE, labelled=False)[0][0]) is Example


def test_scores_of_spans_of_a_text_are_read_under_their_usual_names_if_they_are_probabilities():
    span = {"start": 0, "end": 4, "label": "LOC"}
    lines = [
        {"text": "Oslo", "spans": [{**span, key: value}]}
        for key, value in (("score", 0.5), ("probability", 1), ("confidence", 0.25))
    ]
    texts, losses = read(*lines)
    assert [text.spans[0].probability for text in texts] == [0.5, 1.0, 0.25]
    assert losses == []
    with pytest.raises(
        FormatError, match="expected a number from 0 to 1 as the probability of the LOC, found the num"
    ):
        read({"text": "Oslo", "spans": [{**span, "score": 7.5}]})
