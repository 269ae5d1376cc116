"""Tests of tagger/inspection/properties.py: which words have which property."""

import pytest

from tagger import Example
from tagger.errors import DataError, LabelError
from tagger.inspection.properties import properties
from tagger.schemes import LabelScheme

SPANS = [
    Example(("In", "New", "York", "1996", "é"), ("O", "B-LOC", "I-LOC", "O", "O")),
    Example(("Élan", "ſ2"), ("B-ORG", "O")),
]


def as_text(found):
    return {name: "".join("01"[value] for value in values.tolist()) for name, values in found.items()}


def test_properties_of_spans():
    assert as_text(properties(SPANS, LabelScheme.IOB2)) == {
        "entity": "0110010",
        "LOC": "0110000",
        "ORG": "0000010",
        "capitals": "1110010",
        "digits": "0001001",
        "first word": "1000010",
    }


def test_properties_of_plain_labels_and_only_those_that_some_words_have_and_others_lack():
    examples = [Example(("it", "rained"), ("PRON", "VERB")), Example(("go", ""), ("VERB", "VERB"))]
    assert as_text(properties(examples, LabelScheme.NONE)) == {
        "PRON": "1000",
        "VERB": "0111",
        "first word": "1010",
    }


def test_labels_are_needed_and_must_be_of_the_scheme():
    with pytest.raises(
        DataError, match=r"^sentence 2: expected gold labels to look for in the units, found none$"
    ):
        properties([SPANS[0], Example(("a",))], LabelScheme.IOB2)
    with pytest.raises(LabelError):
        properties([Example(("a",), ("X",))], LabelScheme.IOB2)
