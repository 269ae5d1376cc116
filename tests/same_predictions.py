"""What the same prediction is where other sentences are computed with it: equal labels, nearly equal probabilities."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tagger import Prediction


def assert_same(found: Iterable[Prediction], expected: Iterable[Prediction]) -> None:
    """Tokens, labels and spans are equal, probabilities to 1e-6, which no order of a sum in float32 breaks."""
    for one, other in zip(found, expected, strict=True):
        assert (one.tokens, one.labels) == (other.tokens, other.labels)
        assert one.label_probabilities == pytest.approx(other.label_probabilities, rel=0, abs=1e-6)
        assert one.log_probability == pytest.approx(other.log_probability, rel=1e-5, abs=1e-5)
        for span, wanted in zip(one.spans, other.spans, strict=True):
            assert (span.start, span.end, span.label) == (wanted.start, wanted.end, wanted.label)
            # The product of a factor for each token, and one for its end.
            factors = span.end - span.start + 1
            assert span.probability == pytest.approx(wanted.probability, rel=0, abs=factors * 1e-6)
