"""Probability thresholds by type: spans below the threshold of their type are withheld."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from numbers import Real
from typing import Any, TypeGuard

from tagger.errors import UsageError
from tagger.schemes import listed
from tagger.spans import Span


def checked_thresholds(thresholds: Mapping[str, float] | float, types: Collection[str]) -> dict[str, float]:
    """Return checked probability thresholds by type.

    Args:
        thresholds: by type, where spans of other types are never withheld; or one for all types.
        types: the types of spans; empty if labels have no spans.

    Raises:
        UsageError: if a type is unknown, a threshold is not a probability, or labels have no spans.

    >>> checked_thresholds({"PER": 1}, ["LOC", "PER"])
    {'PER': 1.0}
    >>> checked_thresholds(0.5, ["LOC", "PER"])
    {'LOC': 0.5, 'PER': 0.5}
    """
    if not types:
        raise UsageError("thresholds: these labels have no spans, which are what thresholds withhold")
    if not isinstance(thresholds, Mapping):
        if not _is_probability(thresholds):
            raise UsageError(
                f"thresholds: expected a number from 0 to 1, or one for each type, found {thresholds!r}"
            )
        return dict.fromkeys(types, float(thresholds))
    for kind, threshold in thresholds.items():
        if kind not in types:
            raise UsageError(f"thresholds: expected types of spans ({listed(types)}), found {kind!r}")
        if not _is_probability(threshold):
            raise UsageError(f"thresholds: expected a number from 0 to 1 for {kind}, found {threshold!r}")
    return {kind: float(threshold) for kind, threshold in thresholds.items()}


def _is_probability(value: Any) -> TypeGuard[float]:
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    return is_number and bool(0 <= value <= 1)


def is_withheld(span: Span, thresholds: Mapping[str, float]) -> bool:
    """Return whether a span is less probable than the threshold of its type; False if it has no probability.

    >>> is_withheld(Span(0, 1, "PER", 0.4), {"PER": 0.5}), is_withheld(Span(0, 1, "PER", 0.5), {"PER": 0.5})
    (True, False)
    """
    return span.probability is not None and span.probability < thresholds.get(span.label, 0.0)
