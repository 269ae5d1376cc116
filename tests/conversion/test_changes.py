import pytest

from tagger.conversion import TypeChanges
from tagger.conversion.changes import TypeEditor
from tagger.errors import DataError, UsageError
from tagger.formats import AnnotatedText, CharacterSpan, Losses

TEXT = AnnotatedText(
    "Oslo and Anna", (CharacterSpan(0, 4, "place"), CharacterSpan(9, 13, "person")), origin="x.jsonl:1"
)


def edited(text=TEXT, **changes):
    losses = Losses()
    editor = TypeEditor(TypeChanges(**changes))
    return editor.edit(text, losses), losses, editor


def labels(text):
    return [span.label for span in text.spans]


def test_types_are_renamed_before_they_are_kept():
    text, losses, editor = edited(renamed={"place": "LOC"}, kept=("LOC",))
    assert labels(text) == ["LOC"]
    assert list(losses.lines()) == [
        "spans of the type place, renamed to LOC: 1; the first: x.jsonl:1: the place 0-4",
        "spans of the type person, dropped: 1; the first: x.jsonl:1: the person 9-13",
    ]
    editor.check()


def test_types_are_dropped():
    text, _, editor = edited(dropped=("person",))
    assert labels(text) == ["place"]
    editor.check()


def test_spans_that_renaming_makes_equal_become_one():
    spans = (CharacterSpan(0, 4, "GPE"), CharacterSpan(0, 4, "LOC"), CharacterSpan(0, 8, "LOC"))
    text, losses, _ = edited(AnnotatedText("Oslo and Anna", spans), renamed={"GPE": "LOC"})
    assert text.spans == (CharacterSpan(0, 4, "LOC"), CharacterSpan(0, 8, "LOC"))
    assert losses.count("spans that renaming made equal to another one, left out") == 1


def test_spans_that_were_there_twice_stay_where_nothing_is_renamed():
    spans = (CharacterSpan(0, 4, "LOC"),) * 2
    text, losses, _ = edited(AnnotatedText("Oslo", spans), kept=("LOC",))
    assert text.spans == spans
    assert len(losses) == 0


def test_two_types_can_change_places():
    text, _, _ = edited(renamed={"place": "person", "person": "place"})
    assert labels(text) == ["person", "place"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"renamed": {"loc": "LOC"}}, "map: expected types that occur, found loc; there are person, place"),
        (
            {"renamed": {"place": "LOC"}, "kept": ("place",)},
            "keep: expected types that occur, found place; there are LOC, person",
        ),
        ({"dropped": ("a", "person")}, "drop: expected types that occur, found a; there are person, place"),
    ],
)
def test_types_that_never_occur_are_an_error_that_lists_those_that_do(changes, message):
    _, _, editor = edited(**changes)
    with pytest.raises(UsageError) as caught:
        editor.check()
    assert str(caught.value) == message


def test_to_keep_and_to_drop_at_once_is_refused():
    with pytest.raises(UsageError, match="expected types to keep or types to drop, found both keep and drop"):
        TypeChanges(kept=("A",), dropped=("B",))


def test_labels_that_are_no_spans_are_renamed_and_not_dropped():
    text = AnnotatedText("it rained", tokens=((0, 2), (3, 9)), labels=("PRON", "VERB"), origin="x.conll:1")
    changed, losses, _ = edited(text, renamed={"PRON": "PRP"})
    assert changed.labels == ("PRP", "VERB")
    assert losses.count("labels PRON, renamed to PRP") == 1
    with pytest.raises(DataError) as caught:
        edited(text, dropped=("PRON",))
    assert str(caught.value) == (
        "x.conll:1: expected spans, types of which can be kept and dropped, found labels of tokens (PRON, VERB). "
        "Rename them, or name the scheme in which they spell spans."
    )
