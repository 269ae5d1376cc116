"""Labels that differ from the published ones."""

import pytest

from tagger.examples import Example
from tagger.sources.known import LabelColumn, compare_labels, difference, resolve, unexpected
from tagger.sources.request import DatasetRequest

COLUMN = LabelColumn("tags", ("O", "B-PER", "I-PER"))
NINE = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (["O", "B-PER", "I-PER"], None),
        (["O", "I-PER", "B-PER"], "expected the labels in the order O, B-PER, I-PER, found O, I-PER, B-PER"),
        (["O", "B-PER"], "expected labels not found: I-PER"),
        (["I-PER", "O"], "expected the labels in the order O, B-PER, I-PER, found I-PER, O"),
        (["O", "B-PER", "I-PER", "B-LOC"], "expected labels among O, B-PER, I-PER, found B-LOC"),
    ],
)
def test_names_in_their_order(found, words):
    assert difference(COLUMN, found) == words


def test_a_set_of_labels_has_no_order_and_need_not_be_whole():
    tags = LabelColumn("upos", ("NOUN", "_", "VERB"), scheme="none", order_matters=False)
    assert difference(tags, ["VERB", "NOUN"]) is None
    assert difference(tags, ["VERB", "N"]) == "expected labels among NOUN, _, VERB, found N"


def test_nothing_is_compared_where_the_labels_are_not_known():
    unknown = LabelColumn("pos_tags")
    assert difference(unknown, ["A"]) is None
    assert unexpected(unknown, ["A"]) is None


def compared(caplog, names, *labels, source="data", dataset="conll2003"):
    resolved = resolve(DatasetRequest(dataset))
    examples = {"train": [Example(tuple("x" for _ in labels), labels)]}
    compare_labels(resolved, "ner_tags", names, examples, source=source)
    return caplog.messages


def test_the_published_names_pass(caplog):
    assert compared(caplog, NINE, "O", "B-PER") == []
    assert compared(caplog, (), *NINE) == []
    assert compared(caplog, ("x",), "x", dataset="someone/data") == []


def test_other_names_in_the_data_are_told_of(caplog):
    swapped = (*NINE[:3], "B-LOC", "I-LOC", "B-ORG", "I-ORG", *NINE[7:])
    assert compared(caplog, swapped, "O") == [
        f"eriktks/conll2003: column 'ner_tags': expected the labels in the order {', '.join(NINE)}, found "
        f"{', '.join(swapped)}. The data are read by their own names; published scores may be about other labels"
    ]


def test_given_names_in_another_order_are_told_of(caplog):
    (message,) = compared(caplog, NINE[::-1], "O", source="given")
    assert message.endswith(", I-PER, B-PER, O. The names that were given are used; check them")


def test_strings_that_are_no_published_labels_are_told_of(caplog):
    (message,) = compared(caplog, (), "O", "B-GPE")
    assert "found B-GPE. The data are read by their own names" in message


def test_published_names_for_integers_that_do_not_all_occur_are_told_of(caplog):
    assert compared(caplog, NINE, *NINE, source="table") == []
    assert compared(caplog, NINE, *NINE[:7], source="table") == [
        "eriktks/conll2003: column 'ner_tags': expected 9 labels, found all but B-MISC, I-MISC. The integers of the "
        "data have no names, and the published ones are used; check some sentences"
    ]
