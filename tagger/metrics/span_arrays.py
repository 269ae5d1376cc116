"""SpanArrays: the spans of a whole corpus as columns of numbers, and which of two sides have the same ones.

Spans of one side are flat: none begins before the one before it has ended. So at most one begins at each place, and two
sides are compared by looking places up.

Letters: N tokens, M spans of a side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tagger.metrics.label_arrays import BoolArray, IntArray, LabelArrays
from tagger.schemes import LabelScheme
from tagger.schemes.letters import OUTSIDE, parse_label


@dataclass(frozen=True, slots=True, eq=False)
class SpanArrays:
    """M spans in the order of their places, ``[M]`` each; ranges are half-open.

    Places count the tokens of the whole corpus from 0 (where two sides differ in their tokens: its characters that are
    no white space). No span goes on in the next sentence where its side has tokens.

    Attributes:
        starts: place of the first token.
        ends: place after the last one.
        types: number of the type.
    """

    starts: IntArray
    ends: IntArray
    types: IntArray

    def __len__(self) -> int:
        return len(self.starts)

    def chosen(self, which: BoolArray | IntArray) -> SpanArrays:
        """Return some of the spans, in their order.

        Args:
            which: a mask ``[M]``, or numbers in ascending order.
        """
        return SpanArrays(self.starts[which], self.ends[which], self.types[which])

    def as_one_type(self) -> SpanArrays:
        """Return the same ranges, all with the type 0: the boundaries alone."""
        return replace(self, types=np.zeros_like(self.types))


def span_arrays(labels: LabelArrays, scheme: LabelScheme | str, type_numbers: dict[str, int]) -> SpanArrays:
    """Return the spans that labels spell, illegal sequences read as conlleval reads them.

    The same as :func:`tagger.schemes.labels_to_spans` gives sentence by sentence.

    Args:
        labels: of a scheme with spans.
        scheme: the scheme.
        type_numbers: from types to their numbers; types that are new get the next ones.
    """
    scheme = LabelScheme.parse(scheme)
    parsed = [OUTSIDE, *(parse_label(name, scheme) for name in labels.names)]
    # ParsedLabel.joins, not for each pair of labels but by what it looks at: there may be thousands of types.
    opens_left = np.array([not label.left.closed for label in parsed])
    opens_right = np.array([not label.right.closed for label in parsed])
    types = np.array([_number(label.type, type_numbers) for label in parsed], dtype=np.int64)
    ids = labels.ids + 1
    before = np.zeros_like(ids)
    before[1:] = ids[:-1]
    before[labels.is_first] = 0
    inside = types[ids] >= 0
    joined = inside & (types[before] == types[ids]) & opens_right[before] & opens_left[ids]
    starts = np.flatnonzero(inside & ~joined)
    goes_on = np.zeros(len(ids), dtype=np.bool_)
    goes_on[:-1] = joined[1:]
    ends = np.flatnonzero(inside & ~goes_on) + 1
    return SpanArrays(starts, ends, types[ids[starts]])


def same_spans(left: SpanArrays, right: SpanArrays) -> IntArray:
    """Return for each span on the left the number of the same one on the right, ``[M]``; -1 where there is none.

    Args:
        left: spans of one side.
        right: those of the other, types numbered alike.
    """
    if not len(right):
        return np.full(len(left), -1, dtype=np.int64)
    found = np.minimum(np.searchsorted(right.starts, left.starts), len(right) - 1)
    is_same = (
        (right.starts[found] == left.starts)
        & (right.ends[found] == left.ends)
        & (right.types[found] == left.types)
    )
    return np.where(is_same, found, -1)


def _number(type_: str, type_numbers: dict[str, int]) -> int:
    return type_numbers.setdefault(type_, len(type_numbers)) if type_ else -1


def type_names(type_numbers: dict[str, int]) -> Sequence[str]:
    """Return the types in the order of their numbers."""
    return sorted(type_numbers, key=type_numbers.__getitem__)
