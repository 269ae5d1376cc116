import numpy as np
import pytest

from tagger.errors import DataError
from tagger.evaluation.comparison import compare
from tagger.examples import Example
from tagger.schemes import LabelScheme

GOLD = [
    Example(("Anna", "Smith", "left"), ("B-PER", "I-PER", "O")),
    Example(()),
    Example(("Oslo", "won"), ("B-LOC", "O"), origin="dev.conll:5"),
]


def test_places_count_the_tokens_of_the_whole_corpus():
    found = compare(
        GOLD, [["B-PER", "E-PER", "O"], [], ["S-ORG", "S-PER"]], LabelScheme.IOB2, LabelScheme.BIOES
    )
    assert found.types == ("PER", "LOC", "ORG")
    assert (found.gold.spans.starts.tolist(), found.gold.spans.ends.tolist()) == ([0, 3], [2, 4])
    assert found.predicted.spans.starts.tolist() == [0, 3, 4]
    assert (found.found().tolist(), found.right().tolist()) == ([0, -1], [0, -1, -1])
    assert found.sentences_of(np.arange(5)).tolist() == [0, 0, 0, 2, 2]
    first, last = found.tokens_of(found.gold.spans)
    assert (first.tolist(), last.tolist()) == ([0, 3], [2, 4])


def test_probabilities_are_flat_and_nan_where_they_are_not_known():
    found = compare(
        GOLD,
        [["B-PER", "I-PER", "O"], [], ["B-LOC", "O"]],
        LabelScheme.IOB2,
        LabelScheme.IOB2,
        span_probabilities=[[0.5], [], [None]],
        label_probabilities=[[None] * 3, [], [None] * 2],
    )
    np.testing.assert_array_equal(found.predicted.span_probabilities, [0.5, np.nan])
    assert found.predicted.label_probabilities is None


def test_plain_labels_are_numbered_alike():
    found = compare([Example(("a", "b"), ("X", "Y"))], [["Z", "Y"]], LabelScheme.NONE, LabelScheme.NONE)
    assert (found.gold.labels.ids.tolist(), found.predicted.labels.ids.tolist()) == ([0, 1], [2, 1])
    assert found.predicted.labels.names == ("X", "Y", "Z")
    assert (len(found.gold.spans), found.has_spans) == (0, False)


def test_other_numbers_of_labels_are_named_with_their_place():
    with pytest.raises(DataError) as caught:
        compare(GOLD, [["O", "O", "O"], [], ["O"]], LabelScheme.IOB2, LabelScheme.IOB2)
    assert str(caught.value) == "dev.conll:5: expected one predicted label per gold label, found 1 for 2"
    with pytest.raises(DataError, match=r"^expected one prediction per sentence, found 0 for 3$"):
        compare(GOLD, [], LabelScheme.IOB2, LabelScheme.IOB2)
