"""Spans as seqeval's strict mode counts them: only those labelled exactly as the scheme requires.

A span counts if its first label may begin a span after the label before it, each next label may continue it, and it may
end before the label that follows. Anything else is no span, whereas conlleval reads the nearest span. On legal labels
both agree, except in IOE1.

The rules are those of seqeval 1.2.2 (``seqeval/scheme.py``), including a gap: in IOE1 a one-word span labelled E-, as
it must be before another span of its type, is not counted unless an E- of its type precedes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Final, NamedTuple

import numpy as np

from tagger.metrics.label_arrays import BoolArray, LabelArrays
from tagger.metrics.span_arrays import SpanArrays
from tagger.schemes import LabelScheme, split_label


class _Rules(NamedTuple):
    """Pairs of neighbouring letters, ``*`` for any: ``=`` for equal types, ``!`` for different ones, else any."""

    start: str
    inside: str
    end: str


_BIOES: Final = _Rules("*B *S", "BI= BE= II= IE=", "S* E*")
_RULES: Final = {
    LabelScheme.IOB1: _Rules("OI II! BI IB= BB=", "BI= II=", "II! IO IB BO BI! BB="),
    LabelScheme.IOB2: _Rules("*B", "BI= II=", "IO II! IB BO BI! BB"),
    LabelScheme.IOE1: _Rules("OI II! EI EE=", "II= IE=", "II! IO IE! EI= EE="),
    LabelScheme.IOE2: _Rules("OI OE EI EE II! IE!", "IE= II=", "E*"),
    LabelScheme.IO: _Rules("OI II!", "II=", "IO II!"),
    **dict.fromkeys((LabelScheme.BIOES, LabelScheme.BILOU, LabelScheme.BMES, LabelScheme.BMEWO), _BIOES),
}
_AS_BIOES: Final = {
    LabelScheme.BILOU: {"L": "E", "U": "S"},
    LabelScheme.BMES: {"M": "I"},
    LabelScheme.BMEWO: {"M": "I", "W": "S"},
}


def strict_span_arrays(
    labels: LabelArrays, scheme: LabelScheme | str, type_numbers: dict[str, int]
) -> SpanArrays:
    """Return the spans that are labelled exactly as a scheme requires.

    Args:
        labels: labels of a scheme with spans.
        scheme: the scheme.
        type_numbers: ids of the types; new types get the next ids.
    """
    scheme = LabelScheme.parse(scheme)
    rules = _RULES[scheme]
    as_bioes = _AS_BIOES.get(scheme, {})
    parts = [("O", ""), *(split_label(name, scheme) for name in labels.names)]
    written = [as_bioes.get(letter, letter) for letter, _ in parts]
    letters = sorted(set(written))
    letter_ids = np.array([letters.index(letter) for letter in written])
    types = np.array(
        [type_numbers.setdefault(kind, len(type_numbers)) if kind else -1 for _, kind in parts],
        dtype=np.int64,
    )
    # One label outside follows each sentence, where its last span may end.
    num_sentences = len(labels.lengths)
    sentences = np.repeat(np.arange(num_sentences), labels.lengths + 1)
    closed = np.zeros(len(sentences), dtype=np.int64)
    closed[np.arange(len(labels.ids)) + np.repeat(np.arange(num_sentences), labels.lengths)] = labels.ids + 1
    right, kinds = letter_ids[closed], types[closed]
    pairs = 2 * len(letters) * np.roll(right, 1) + 2 * right + (np.roll(kinds, 1) == kinds)
    pairs[:1] = 2 * letters.index("O") * len(letters) + 2 * right[:1]  # nothing precedes the very first label
    may_start, may_go_on, may_end = (_table(rule, letters) for rule in rules)
    is_break = ~may_go_on[pairs]
    starts = np.flatnonzero(may_start[pairs])
    # Between two breaks, only the first label that may begin a span begins one: the others continue it.
    _, firsts = np.unique(np.cumsum(is_break)[starts], return_index=True)
    starts = starts[firsts]
    breaks = np.flatnonzero(is_break)
    ends = breaks[np.searchsorted(breaks, starts, side="right")]
    is_span = may_end[pairs[ends]]
    starts, ends = starts[is_span], ends[is_span]
    shift = sentences[starts]
    return SpanArrays(starts - shift, ends - shift, types[closed[starts]])


def _table(rule: str, letters: Sequence[str]) -> BoolArray:
    """Return whether a rule matches two neighbours, by their letters and whether their types are the same.

    The entry is ``2 * (left * len(letters) + right) + is_same``, left and right being indices of letters.
    """
    return np.array(
        [
            _matches(rule, left, right, is_same=is_same)
            for left, right, is_same in product(letters, letters, (False, True))
        ]
    )


def _matches(rule: str, left: str, right: str, *, is_same: bool) -> bool:
    """Return whether one of the pairs of a rule matches two letters whose types are the same or not."""
    return any(
        pair[0] in ("*", left) and pair[1] in ("*", right) and pair[2:] in ("", "=" if is_same else "!")
        for pair in rule.split()
    )
