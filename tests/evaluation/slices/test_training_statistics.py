import pytest

from tagger.errors import LabelError
from tagger.evaluation.slices import training_statistics as module
from tagger.evaluation.slices.training_statistics import training_statistics
from tagger.examples import Example
from tagger.schemes import LabelScheme

TRAINING = [
    Example(("New", "York", "is", "New", "York"), ("B-LOC", "I-LOC", "O", "B-ORG", "I-ORG")),
    Example(("the", "New", "York", "Times"), ("O", "B-ORG", "I-ORG", "I-ORG")),
    Example(("ha", "ha", "ha"), ("O", "O", "O")),
    Example(("New", "York"), None),
]
WANTED = {("New", "York"), ("New", "York", "Times"), ("York",), ("ha", "ha"), ("Oslo",), ("new", "York")}


def test_surfaces_are_counted_as_sequences_of_words_and_as_spans():
    found = training_statistics(iter(TRAINING), LabelScheme.IOB2, WANTED)
    assert found.surfaces == {
        ("New", "York"): 3,
        ("New", "York", "Times"): 1,
        ("York",): 3,
        ("ha", "ha"): 2,
        ("Oslo",): 0,
        ("new", "York"): 0,
    }
    assert found.words == {"New": 3, "York": 3, "Times": 1, "ha": 3, "Oslo": 0, "new": 0}
    assert {surface: dict(labels) for surface, labels in found.labels.items() if labels} == {
        ("New", "York"): {"LOC": 1, "ORG": 1},
        ("New", "York", "Times"): {"ORG": 1},
    }


def test_label_consistency_is_a_share_of_all_occurrences():
    found = training_statistics(TRAINING, "iob2", WANTED)
    assert found.consistency(("New", "York"), "LOC") == 1 / 3
    assert found.consistency(("New", "York"), "PER") == 0
    assert found.consistency(("New", "York", "Times"), "ORG") == 1
    assert found.consistency(("Oslo",), "LOC") is None


def test_what_was_not_asked_for_is_an_error_and_not_unseen():
    with pytest.raises(KeyError):
        training_statistics(TRAINING, "iob2", WANTED).consistency(("Times",), "ORG")


def test_plain_labels_count_tokens():
    examples = [Example(("can", "can", "do"), ("AUX", "VERB", "VERB"))]
    found = training_statistics(examples, "none", {("can",), ("did",)})
    assert (found.words, found.surfaces) == ({"can": 2, "did": 0}, {("can",): 2, ("did",): 0})
    assert found.labels == {("can",): {"AUX": 1, "VERB": 1}, ("did",): {}}


def test_parts_make_no_difference(monkeypatch):
    expected = training_statistics(TRAINING, "iob2", WANTED)
    monkeypatch.setattr(module, "_AT_ONCE", 1)
    found = training_statistics(TRAINING, "iob2", WANTED)
    assert (found.surfaces, found.words, found.labels) == (
        expected.surfaces,
        expected.words,
        expected.labels,
    )


def test_labels_of_another_scheme_are_refused():
    with pytest.raises(LabelError, match="found 'S-LOC'"):
        training_statistics([Example(("Oslo",), ("S-LOC",))], "iob2", {("Oslo",)})
