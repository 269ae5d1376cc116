"""SegmentedSide: one side of a comparison by characters: its tokens, words, sentences and spans as character ranges.

Positions count the characters except white space, as defined by ``str.isspace``, from the beginning of all files. (The
scorer of the CoNLL 2018 shared task only ignores the Unicode category Zs. That makes no difference unless tokens
contain other white space, such as U+2028.)

Letters: S sentences, W words, M spans.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain, pairwise
from typing import Final

import numpy as np

from tagger.errors import DataError
from tagger.evaluation.characters.word_alignment import Ranges, Words
from tagger.evaluation.comparison import NO_SPANS, FloatArray
from tagger.evaluation.parts import Part
from tagger.examples import Example
from tagger.formats import Losses, Misaligned, check_misfits
from tagger.formats.columns.conllu_surface import SurfaceToken, surface_tokens
from tagger.formats.columns.records import excerpt
from tagger.metrics.label_arrays import IntArray, LabelArrays, label_arrays
from tagger.metrics.span_arrays import SpanArrays, span_arrays, type_names
from tagger.options import argument
from tagger.schemes import LabelScheme

Rows = Sequence[Sequence[float | None]]

_SPACES: Final = np.array(
    [code for code in range(sys.maxunicode + 1) if chr(code).isspace()], dtype=np.uint32
)
"""The code points of white space."""


@dataclass(frozen=True, slots=True, eq=False)
class SegmentedSide:
    """The annotations of one side, by the characters of a text.

    Attributes:
        name: its name in messages.
        characters: the characters of all texts, without white space.
        parts: the contents of its files.
        tokens: the tokens of the text, with each multiword token ("du") as one.
        words: W words, with the words of multiword tokens ("de", "le") separately.
        sentences: the sentences that have a word.
        sentence_starts: position where each of the S examples begins, and finally the end, ``[S + 1]``.
        examples: S sentences of words, with labels.
        labels: labels of all words.
        scheme: scheme of the labels.
        spans: M spans; none if labels are plain.
        types: the type of each id.
        label_probabilities: probability of each label, ``[W]``, NaN if unknown; None if all are unknown.
        span_probabilities: probability of each span, ``[M]``, NaN if unknown; None if all are unknown.
        has_tokens: whether the data define tokens; a text with only character spans does not.
        has_sentences: whether the data define sentences.
        notes: remarks for readers on how the side was obtained.
    """

    name: str
    characters: str
    parts: Sequence[Part]
    tokens: Ranges
    words: Words
    sentences: Ranges
    sentence_starts: IntArray
    examples: Sequence[Example]
    labels: LabelArrays
    scheme: LabelScheme
    spans: SpanArrays
    types: tuple[str, ...]
    label_probabilities: FloatArray | None = None
    span_probabilities: FloatArray | None = None
    has_tokens: bool = True
    has_sentences: bool = True
    notes: tuple[str, ...] = ()

    def origin_of(self, place: int) -> str:
        """Return the origin of the sentence that contains a character, for messages."""
        number = int(np.searchsorted(self.sentence_starts[1:], place, side="right"))
        found = self.examples[min(number, len(self.examples) - 1)].origin if self.examples else None
        return found or f"{self.name}, sentence {number + 1}"


def segmented(
    parts: Sequence[Part],
    examples: Sequence[Example],
    scheme: LabelScheme,
    *,
    name: str,
    label_probabilities: Rows | None = None,
    span_probabilities: Rows | None = None,
    losses: Losses | None = None,
    notes: Sequence[str] = (),
) -> SegmentedSide:
    """Return parts as a side.

    Args:
        parts: the contents of files.
        examples: their sentences, with labels in one scheme; a sentence may combine several sentences of the parts, but
            the words are the same, in the same order.
        scheme: scheme of these labels.
        name: name of the side in messages.
        label_probabilities: probabilities of the labels, sentence by sentence.
        span_probabilities: probabilities of the spans that the labels encode, sentence by sentence.
        losses: counts spans that cannot be compared by characters, if bad data is skipped.
        notes: remarks for readers on how the side was obtained.

    Raises:
        DataError: if two spans share a character, or one has several fragments or no character, and bad data is not
            skipped.
        FormatError: if a multiword token of CoNLL-U is not directly before its words.
    """
    losses = Losses() if losses is None else losses
    layout = _Layout()
    for part in parts:
        layout.add(part)
    tokens, words = layout.tokens(), layout.words()
    labels = label_arrays((example.labels or () for example in examples), scheme)
    numbers: dict[str, int] = {}
    spans, probabilities = NO_SPANS, None
    if scheme.has_spans:
        of_words = span_arrays(labels, scheme, numbers)
        known = np.full(len(of_words), np.nan) if span_probabilities is None else _flat(span_probabilities)
        of_words = SpanArrays(
            words.ranges.starts[of_words.starts], words.ranges.ends[of_words.ends - 1], of_words.types
        )
        spans, probabilities = _with_misfits(of_words, known, layout, numbers, losses)
    starts = np.append(words.ranges.starts, layout.place)[labels.starts]
    has_words = labels.lengths > 0
    last = (labels.starts + labels.lengths - 1)[has_words]
    side = SegmentedSide(
        name,
        "".join(layout.characters),
        parts,
        tokens,
        words,
        Ranges(starts[has_words], words.ranges.ends[last]),
        np.append(starts, layout.place),
        examples,
        labels,
        scheme,
        spans,
        tuple(type_names(numbers)),
        None if label_probabilities is None else _flat(label_probabilities),
        None if probabilities is None or np.isnan(probabilities).all() else probabilities,
        has_tokens=all(isinstance(part.item, Example) or part.item.tokens is not None for part in parts),
        has_sentences=all(
            isinstance(part.item, Example) or part.item.sentence_starts is not None for part in parts
        ),
        notes=tuple(notes),
    )
    return _apart(side, losses)


class _Layout:
    """Concatenates parts, and records the positions of their tokens and words."""

    def __init__(self) -> None:
        self.characters: list[str] = []
        self.place = 0
        self.misfits: list[tuple[int, int, Misaligned]] = []
        """Spans that token labels cannot encode, with their positions."""
        self._tokens: list[tuple[int, int]] = []
        self._words: list[tuple[int, int]] = []
        self._is_part: list[bool] = []
        self._forms: list[str] = []

    def add(self, part: Part) -> None:
        """Append the next part."""
        if part.record is not None and part.has_surface:
            self._add_surface(surface_tokens(part.record), part.examples[0].tokens)
        elif part.sentences is None:
            forms = _without_spaces(part.examples[0].tokens)
            self._add_words(self._lay(forms), forms)
        else:
            self._add_text(part)

    def tokens(self) -> Ranges:
        """Return the ranges of all tokens."""
        return _ranges(self._tokens)

    def words(self) -> Words:
        """Return all words."""
        return Words(_ranges(self._words), self._forms, np.array(self._is_part, dtype=np.bool_))

    def _add_surface(self, surface: Sequence[SurfaceToken], words: Sequence[str]) -> None:
        ranges = self._lay(_without_spaces([token.form for token in surface]))
        forms = _without_spaces(words)
        if not any(token.is_multiword for token in surface):
            self._add_words(ranges, forms)
            return
        self._tokens += ranges
        for token, range in zip(surface, ranges, strict=True):
            count = token.after - token.first
            self._words += [range] * count
            self._is_part += [token.is_multiword] * count
            # The words of a multiword token are compared unchanged, with any white space.
            self._forms += (words if token.is_multiword else forms)[token.first : token.after]

    def _add_text(self, part: Part) -> None:
        item = part.item
        assert not isinstance(item, Example), "texts have ranges"
        places = _places(item.text) + self.place
        ranges = np.array(list(chain.from_iterable(part.sentences or ())), dtype=np.int64).reshape(-1, 2)
        forms = _without_spaces([token for example in part.examples for token in example.tokens])
        self._add_words(list(map(tuple, places[ranges].tolist())), forms)
        for misfit in part.misfits:
            start, end = places[misfit.span.start], places[misfit.span.end]
            self.misfits.append((int(start), int(end), misfit))
        self.characters += item.text.split()
        self.place = int(places[-1])

    def _lay(self, forms: Sequence[str]) -> list[tuple[int, int]]:
        """Append tokens; return their ranges."""
        ranges = list(pairwise(accumulate(map(len, forms), initial=self.place)))
        self.characters += forms
        self.place = ranges[-1][1] if ranges else self.place
        return ranges

    def _add_words(self, ranges: Sequence[tuple[int, int]], forms: Sequence[str]) -> None:
        """Append words that are tokens."""
        self._tokens += ranges
        self._words += ranges
        self._is_part += [False] * len(forms)
        self._forms += forms


def _with_misfits(
    spans: SpanArrays, probabilities: FloatArray, layout: _Layout, numbers: dict[str, int], losses: Losses
) -> tuple[SpanArrays, FloatArray]:
    """Return spans of whole tokens together with those that cut through tokens, in the order of their positions."""
    placed: list[tuple[int, int, int]] = []
    known: list[float | None] = []
    for start, end, misfit in layout.misfits:
        if misfit.span.fragments or start == end:
            advice = f"Leave it out, or pass {argument('data.skip_bad', True)} to go on without such spans."
            check_misfits([misfit], losses, advice)
        else:
            placed.append((start, end, numbers.setdefault(misfit.span.label, len(numbers))))
            known.append(misfit.span.probability)
    if not placed:
        return spans, probabilities
    starts, ends, types = np.concatenate(
        [np.stack([spans.starts, spans.ends, spans.types]), np.array(placed, dtype=np.int64).T], axis=1
    )
    order = np.lexsort((-ends, starts))
    probabilities = np.concatenate([probabilities, np.array(known, dtype=np.float64)])
    return SpanArrays(starts[order], ends[order], types[order]), probabilities[order]


def _apart(side: SegmentedSide, losses: Losses) -> SegmentedSide:
    """Refuse spans that share characters with a previous one; leave them out if bad data is skipped."""
    spans, probabilities = side.spans, side.span_probabilities
    if not (spans.starts[1:] < spans.ends[:-1]).any():
        return side
    kept, end = [], 0
    for number, (first, after) in enumerate(zip(spans.starts.tolist(), spans.ends.tolist(), strict=True)):
        if first >= end:
            kept.append(number)
            end = after
            continue
        message = (
            f"{side.origin_of(first)}: expected spans without a character in common, found the "
            f"{side.types[spans.types[number]]} {excerpt(side.characters[first:after])} over the one before it"
        )
        if not losses.skip_bad:
            raise DataError(
                f"{message}. Leave it out, or pass {argument('data.skip_bad', True)} to go on without such spans. "
                "Where spans are compared by characters, two of them cannot be in one multiword token."
            )
        losses.add_bad("spans that overlap another one", message)
    return replace(
        side,
        spans=spans.chosen(np.array(kept)),
        span_probabilities=None if probabilities is None else probabilities[kept],
    )


def _places(text: str) -> IntArray:
    """Return the number of characters except white space before each character, and before the end."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    places = np.zeros(len(codes) + 1, dtype=np.int64)
    np.cumsum(~np.isin(codes, _SPACES), out=places[1:])
    return places


def _without_spaces(tokens: Sequence[str]) -> list[str]:
    joined = "".join(tokens)
    if joined.isprintable() and " " not in joined:
        return list(tokens)  # fast path
    return ["".join(token.split()) for token in tokens]


def _ranges(pairs: Sequence[tuple[int, int]]) -> Ranges:
    columns = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return Ranges(columns[:, 0].copy(), columns[:, 1].copy())


def _flat(rows: Rows) -> FloatArray:
    return np.array([value for row in rows for value in row], dtype=np.float64)  # None becomes NaN
