"""SpanArrays: the spans of a whole corpus as arrays, and the spans that two sides have in common.

The spans of one side do not overlap, so at most one begins at each position, and two sides are compared by looking up
positions.

Letters: N tokens, M spans of one side.
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
    """M spans in the order of their positions, ``[M]`` each; ranges are half-open.

    Positions count the tokens of the whole corpus from 0 (if the two sides differ in their tokens, its characters
    except white space). A span of tokens does not extend into the next sentence.

    Attributes:
        starts: position of the first token.
        ends: position after the last token.
        types: id of the type.
    """

    starts: IntArray
    ends: IntArray
    types: IntArray

    def __len__(self) -> int:
        return len(self.starts)

    def chosen(self, which: BoolArray | IntArray) -> SpanArrays:
        """Return some of the spans, in the same order.

        Args:
            which: a mask ``[M]``, or ascending indices.
        """
        return SpanArrays(self.starts[which], self.ends[which], self.types[which])

    def as_one_type(self) -> SpanArrays:
        """Return the same ranges, all with the type 0, to compare only boundaries."""
        return replace(self, types=np.zeros_like(self.types))


def span_arrays(labels: LabelArrays, scheme: LabelScheme | str, type_numbers: dict[str, int]) -> SpanArrays:
    """Return the spans that labels encode, reading illegal sequences like conlleval.

    The result is that of :func:`tagger.schemes.labels_to_spans` for each sentence.

    Args:
        labels: labels of a scheme with spans.
        scheme: the scheme.
        type_numbers: ids of the types; new types get the next ids.
    """
    scheme = LabelScheme.parse(scheme)
    parsed = [OUTSIDE, *(parse_label(name, scheme) for name in labels.names)]
    # ParsedLabel.joins, by its inputs rather than for each pair of labels: there may be thousands of types.
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
    """Return for each left span the index of the identical right span, ``[M]``; -1 if there is none.

    Args:
        left: spans of one side.
        right: spans of the other side, with the same type ids.
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
    """Return the types in the order of their ids."""
    return sorted(type_numbers, key=type_numbers.__getitem__)
