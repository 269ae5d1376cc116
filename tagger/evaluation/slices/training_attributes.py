"""Attributes of spans and tokens that describe their occurrences in the training data."""

from __future__ import annotations

from typing import Final

from tagger.evaluation.slices.attributes import (
    Attribute,
    Sides,
    SliceItems,
    attribute,
    bin_of,
    bins,
    by_surface,
    by_surface_and_kind,
)
from tagger.evaluation.slices.training_statistics import Surface, TrainingStatistics
from tagger.metrics.label_arrays import IntArray

_LOWS: Final = (0, 1, 2, 5, 20, 100)
_FREQUENCIES: Final = ("unseen", *bins(_LOWS)[1:])
_CONSISTENCIES: Final = ("unseen", "0 %", "up to 50 %", "over 50 %", "100 %")
_SEEN_LABELS: Final = ("with this label", "with other labels", "unseen")
_SEEN_TYPES: Final = ("with this type", "with other types", "as no span", "unseen")
_AS_WRITTEN: Final = "Words count as they are written, capitals included."


def training_attributes(sides: Sides, training: TrainingStatistics) -> list[Attribute]:
    """Return the attributes that need training data.

    Args:
        sides: the spans, or the tokens.
        training: statistics of the surfaces of both sides.
    """
    values = _Values(training, has_spans=sides.predicted is not None)
    if sides.predicted is None:
        return [
            attribute(
                *(
                    "frequency",
                    "occurrences of the word in training",
                    _FREQUENCIES,
                    sides,
                    values.frequencies,
                ),
                _AS_WRITTEN,
            ),
            attribute(
                *("seen", "what the word was in training", _SEEN_LABELS, sides, values.seen),
                "By the gold label.",
            ),
            attribute(
                *(
                    "consistency",
                    "label consistency in training",
                    _CONSISTENCIES,
                    sides,
                    values.consistencies,
                ),
                "Share of the occurrences of the word in training that have its gold label.",
            ),
        ]
    return [
        attribute(
            *("frequency", "occurrences of the span in training", _FREQUENCIES, sides, values.frequencies),
            f"Of its words one after another, as a span or not. {_AS_WRITTEN}",
        ),
        attribute(
            *("rarest_word", "occurrences of the rarest word of the span in training", _FREQUENCIES, sides),
            values.of_rarest_words,
            _AS_WRITTEN,
        ),
        attribute(
            *("seen", "what the span was in training", _SEEN_TYPES, sides, values.seen),
            _AS_WRITTEN,
        ),
        attribute(
            *("consistency", "label consistency in training", _CONSISTENCIES, sides, values.consistencies),
            "Share of the occurrences of the same words in training that are a span of the same type.",
        ),
    ]


class _Values:
    """Indices of values, computed for the items of a side."""

    def __init__(self, training: TrainingStatistics, *, has_spans: bool) -> None:
        self._training = training
        self._unseen = 3 if has_spans else 2

    def frequencies(self, sides: Sides, units: SliceItems) -> IntArray:
        return by_surface(sides, units, lambda surface: bin_of(self._training.surfaces[surface], _LOWS))

    def of_rarest_words(self, sides: Sides, units: SliceItems) -> IntArray:
        def of(surface: Surface) -> int:
            return bin_of(min(self._training.words[word] for word in surface), _LOWS)

        return by_surface(sides, units, of)

    def seen(self, sides: Sides, units: SliceItems) -> IntArray:
        def of(surface: Surface, kind: str) -> int:
            labels = self._training.labels[surface]
            if labels:
                return 0 if kind in labels else 1
            return 2 if self._training.surfaces[surface] else self._unseen

        return by_surface_and_kind(sides, units, of)

    def consistencies(self, sides: Sides, units: SliceItems) -> IntArray:
        def of(surface: Surface, kind: str) -> int:
            share = self._training.consistency(surface, kind)
            if share is None:
                return 0
            return 1 if share == 0 else 4 if share == 1 else 2 if share <= 0.5 else 3

        return by_surface_and_kind(sides, units, of)
