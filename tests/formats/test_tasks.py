import pytest

from tagger.errors import DataError
from tagger.formats import CharacterSpan
from tagger.formats.tasks import Reading, Task, as_one_reading, character_spans, spelled_by_spans
from tagger.spans import Span

OSLO = ((0, 2), (3, 7))


def reading(name="a", *spans, **more):
    return Reading(name=name, spans=tuple(CharacterSpan(*span) for span in spans), **more)


def task(*readings, text="in Oslo", tokens=OSLO, **more):
    return Task(text=text, tokens=tokens, readings=readings, **more)


def test_spans_of_tokens_become_spans_of_characters_with_their_probabilities():
    assert character_spans([(0, 2), (3, 6), (8, 12)], [Span(0, 1, "X"), Span(1, 3, "LOC", 0.25)]) == (
        CharacterSpan(0, 2, "X"),
        CharacterSpan(3, 12, "LOC", probability=0.25),
    )


def test_a_task_needs_a_reading():
    with pytest.raises(DataError, match=r"a\.conll:3: expected readings of different names, found none"):
        task(origin="a.conll:3")


def test_two_readings_of_one_name_are_refused():
    with pytest.raises(DataError, match="expected readings of different names, found 'a', 'a'"):
        task(reading("a"), reading("a"))


def test_two_annotations_are_refused():
    with pytest.raises(
        DataError, match="expected at most one reading that is the annotation, found 'a', 'b'"
    ):
        task(reading("a", is_annotation=True), reading("b", is_annotation=True))


@pytest.mark.parametrize("wrong", [Reading(name="a"), Reading(name="a", spans=(), labels=("X", "X"))])
def test_a_reading_has_spans_or_labels(wrong):
    with pytest.raises(DataError, match="expected either spans or labels in the reading of 'a'"):
        task(wrong)


def test_a_label_is_needed_for_each_token():
    with pytest.raises(
        DataError, match="expected 2 labels, one for each token, in the reading of 'a', found 1"
    ):
        task(Reading(name="a", labels=("X",)))


def test_labels_can_be_spelled_by_spans_of_one_token_each():
    spelled = spelled_by_spans(task(Reading(name="a", labels=("ADP", "PROPN")), reading("b", (0, 7, "X"))))
    assert spelled.readings == (reading("a", (0, 2, "ADP"), (3, 7, "PROPN")), reading("b", (0, 7, "X")))


def test_other_readings_than_the_first_stand_in_fields_beside_those_of_the_task():
    text = as_one_reading(task(reading("a", (3, 7, "LOC")), reading("b", (0, 7, "ORG")), fields={"rank": 1}))
    assert text.spans == (CharacterSpan(3, 7, "LOC"),)
    assert text.fields == {"b": "[in Oslo](ORG)", "rank": 1}


def test_overlapping_spans_are_written_out_one_by_one():
    text = as_one_reading(task(reading("a"), reading("b", (3, 7, "LOC"), (0, 7, "ORG"))))
    assert text.fields == {"b": "[in Oslo](ORG), [Oslo](LOC)"}


def test_labels_are_written_out_after_their_tokens():
    text = as_one_reading(task(*(Reading(name=name, labels=("ADP", name)) for name in ("X", "PROPN"))))
    assert text.labels == ("ADP", "X")
    assert text.fields == {"PROPN": "in/ADP Oslo/PROPN"}


def test_a_field_does_not_take_the_place_of_a_reading():
    with pytest.raises(DataError, match="expected other names for fields than those of readings, found 'b'"):
        task(reading("a"), reading("b"), fields={"b": 1})
