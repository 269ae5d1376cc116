import numpy as np
import pytest

from tagger.errors import DataError
from tagger.evaluation.comparison import compare
from tagger.evaluation.units import SpanCounts, label_counts, units_of
from tagger.examples import Example
from tagger.schemes import LabelScheme

EXAMPLES = [
    Example(("a", "b"), ("B-PER", "O"), "1"),
    Example(("c",), ("B-LOC",)),
    Example(("d",), ("B-PER",), "1"),
    Example((), (), "2"),
]
MADE = compare(EXAMPLES, [["B-PER", "B-PER"], ["O"], ["B-PER"], []], LabelScheme.IOB2, LabelScheme.IOB2)


def test_sentences_are_units_and_so_are_documents():
    assert units_of(MADE, "sentence").of_sentence.tolist() == [0, 1, 2, 3]
    documents = units_of(MADE, "document")
    assert (documents.of_sentence.tolist(), documents.count) == ([0, 1, 0, 2], 3)
    assert str(documents) == "3 documents"


def test_spans_are_counted_by_unit():
    assert SpanCounts(MADE, units_of(MADE, "sentence")).of().tolist() == [
        [1, 2, 1],
        [0, 0, 1],
        [1, 1, 1],
        [0, 0, 0],
    ]
    assert SpanCounts(MADE, units_of(MADE, "document")).of().tolist() == [[2, 3, 2], [0, 0, 1], [0, 0, 0]]
    of_type = SpanCounts(MADE, units_of(MADE, "sentence")).of(MADE.types.index("LOC"))
    assert of_type.tolist() == [[0, 0, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0]]


def test_labels_are_counted_by_unit():
    right = np.array([True, False, False, True])
    assert label_counts(MADE, units_of(MADE, "document"), right).tolist() == [[2, 3], [0, 1], [0, 0]]


def test_documents_must_be_there():
    alone = compare([Example(("a",), ("O",))], [["O"]], LabelScheme.IOB2, LabelScheme.IOB2)
    with pytest.raises(
        DataError,
        match=r"^expected sentences of documents to draw from, found none. Draw sentences: by='sentence'$",
    ):
        units_of(alone, "document")


def test_the_types_of_a_unit_sum_to_all_of_it():
    counts = SpanCounts(MADE, units_of(MADE, "sentence"))
    of_types = [counts.of(kind) for kind in range(len(MADE.types))]
    np.testing.assert_array_equal(sum(of_types), counts.of())
    assert [part.sum() for part in of_types] == [7, 1]
