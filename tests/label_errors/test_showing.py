import json

from tagger import Example
from tagger.formats import CharacterSpan
from tagger.label_errors import Place, Suspect, as_line, reason, tasks
from tagger.schemes import LabelScheme
from tagger.spans import Span

EAGLES = Example(("Vick", "starts", "for", "Eagles"), ("B-PER", "O", "O", "B-LOC"), "d3", "a.conll:5")
TYPE = Suspect(0, 3, 4, "type", (Span(3, 4, "LOC"),), (Span(3, 4, "ORG"),), 0.0125, 0.75, 2.0)
MISSING = Suspect(1, 0, 2, "missing", (), (Span(0, 2, "PER"),), 0.5, 0.25, -1.0)
BELL = Example(("Kristen", "Bell"), ("O", "O"))


def test_a_reason_names_both_readings_and_their_probabilities():
    assert reason(TYPE, EAGLES.tokens) == "type: Eagles LOC (1.25 %), or Eagles ORG (75.00 %)?"
    assert reason(MISSING, BELL.tokens) == "missing: nothing (50.00 %), or Kristen Bell PER (25.00 %)?"


def test_a_line_has_what_is_in_dispute_and_where():
    assert json.loads(as_line(TYPE, EAGLES, Place(1, "a.conll:8", "train", 2))) == {
        "rank": 1,
        "score": 2.0,
        "kind": "type",
        "origin": "a.conll:8",
        "tokens": ["Vick", "starts", "for", "Eagles"],
        "start": 3,
        "end": 4,
        "gold": [{"start": 3, "end": 4, "label": "LOC"}],
        "suggested": [{"start": 3, "end": 4, "label": "ORG"}],
        "gold_probability": 0.0125,
        "suggested_probability": 0.75,
        "document": "d3",
        "split": "train",
        "fold": 2,
    }


def test_a_task_has_the_gold_labels_as_annotation_and_what_is_suggested_beside_them():
    places = {0: "a.conll:5", 1: "a.conll:10"}
    [first, second] = tasks([TYPE, MISSING], [EAGLES, BELL], places, LabelScheme.IOB2, most=5)
    gold, suggestion = first.readings
    assert (gold.name, gold.is_annotation, gold.probability) == ("gold", True, None)
    assert gold.spans == (CharacterSpan(0, 4, "PER"), CharacterSpan(16, 22, "LOC"))
    assert (suggestion.name, suggestion.is_annotation, suggestion.probability) == ("suggestion", False, 0.75)
    assert suggestion.spans == (CharacterSpan(0, 4, "PER"), CharacterSpan(16, 22, "ORG"))
    assert (first.document, first.origin) == ("d3", "a.conll:5")
    assert first.fields == {
        "rank": 1,
        "score": 2.0,
        "reason": "type: Eagles LOC (1.25 %), or Eagles ORG (75.00 %)?",
        "place": "a.conll:5",
    }
    assert second.readings[0].spans == ()
    assert second.readings[1].spans == (CharacterSpan(0, 12, "PER"),)


def test_suspects_of_a_sentence_are_in_one_task_which_has_the_rank_of_the_first():
    other = Suspect(0, 0, 1, "spurious", (Span(0, 1, "PER"),), (), 0.5, 0.5, -6.0)
    [task] = tasks([TYPE, MISSING, other], [EAGLES, BELL], {0: "a", 1: "b"}, LabelScheme.IOB2, most=1)
    assert task.readings[1].spans == (CharacterSpan(0, 4, "PER"), CharacterSpan(16, 22, "ORG"))
    [both, _] = tasks([TYPE, MISSING, other], [EAGLES, BELL], {0: "a", 1: "b"}, LabelScheme.IOB2, most=2)
    assert both.readings[1].spans == (CharacterSpan(16, 22, "ORG"),)
    assert both.fields["rank"] == 1
    assert both.fields["reason"].count("?") == 2


def test_tags_stay_labels_of_all_tokens():
    example = Example(("in", "Oslo"), ("ADP", "X"))
    suspect = Suspect(0, 1, 2, "tag", (Span(1, 2, "X"),), (Span(1, 2, "PROPN"),), 0.1, 0.9, 0.2)
    [task] = tasks([suspect], [example], {0: "a"}, LabelScheme.NONE, most=1)
    assert [reading.labels for reading in task.readings] == [("ADP", "X"), ("ADP", "PROPN")]
