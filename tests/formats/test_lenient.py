"""Labels that break their scheme."""

import pytest

from tagger.formats.lenient import illegal_labels
from tagger.schemes import LabelScheme, violations


@pytest.mark.parametrize("scheme", ["iob1", "iob2", "ioe1", "ioe2", "io", "bioes"])
def test_the_labels_that_break_a_scheme_are_those_judged_one_by_one(scheme):
    letters = {"iob1": "BI", "iob2": "BI", "ioe1": "EI", "ioe2": "EI", "io": "I", "bioes": "BIES"}[scheme]
    labels = ["O", *(f"{letter}-{kind}" for letter in letters for kind in "XY")]
    triples = [(first, second, third) for first in labels for second in labels for third in labels]
    expected = [
        (number, position)
        for number, triple in enumerate(triples)
        for position in sorted({v.position for v in violations(triple, scheme)})
    ]
    assert list(illegal_labels(triples, LabelScheme(scheme))) == expected
