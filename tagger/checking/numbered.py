"""NumberedCorpus: all sentences of a corpus as integer arrays, so that a million tokens are compared in seconds.

Letters: P parts, S sentences and N tokens in all, M spans, V different words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from tagger.metrics.label_arrays import BoolArray, IntArray, label_arrays
from tagger.metrics.span_arrays import SpanArrays, span_arrays, type_names

if TYPE_CHECKING:
    from tagger.checking.corpus import Part

NONE = -1
"""Index that means no label, no span, no sentence."""


@dataclass(frozen=True, eq=False)
class NumberedCorpus:
    """The sentences of all parts, one part after the other.

    Attributes:
        parts: the parts.
        words: the different words, ``[V]``.
        tokens: the word index of each token, ``[N]``.
        starts: the first token of each sentence, followed by N: ``[S + 1]``.
        part_starts: the first sentence of each part, followed by S: ``[P + 1]``.
        labels: the label index of each token, ``[N]``; NONE if a sentence has no readable labels.
        label_names: the different labels.
        spans: of all parts whose labels encode spans, ``[M]``, as token indices.
        types: the different types of spans.
        has_spans: whether the labels of each part encode spans, ``[P]``.
    """

    parts: tuple[Part, ...]
    words: Sequence[str]
    tokens: IntArray
    starts: IntArray
    part_starts: IntArray
    labels: IntArray
    label_names: Sequence[str]
    spans: SpanArrays
    types: Sequence[str]
    has_spans: tuple[bool, ...]

    @property
    def num_sentences(self) -> int:
        """The number of sentences of all parts."""
        return len(self.starts) - 1

    @cached_property
    def lengths(self) -> IntArray:
        """The number of tokens of each sentence, ``[S]``."""
        lengths: IntArray = np.diff(self.starts)
        return lengths

    @cached_property
    def sentence_of(self) -> IntArray:
        """The sentence of each token, ``[N]``."""
        return np.repeat(np.arange(self.num_sentences), self.lengths)

    @cached_property
    def part_of(self) -> IntArray:
        """The part of each sentence, ``[S]``."""
        return np.repeat(np.arange(len(self.parts)), np.diff(self.part_starts))

    @cached_property
    def is_spanned(self) -> BoolArray:
        """Whether each token is in a labelled sentence of a part whose labels encode spans, ``[N]``."""
        of_parts = np.array(self.has_spans, dtype=np.bool_)
        is_spanned: BoolArray = (self.labels != NONE) & of_parts[self.part_of[self.sentence_of]]
        return is_spanned

    @cached_property
    def is_tagged(self) -> BoolArray:
        """Whether each token has a plain label, such as a part of speech, ``[N]``."""
        of_parts = np.array(self.has_spans, dtype=np.bool_)
        is_tagged: BoolArray = (self.labels != NONE) & ~of_parts[self.part_of[self.sentence_of]]
        return is_tagged

    @cached_property
    def span_of(self) -> IntArray:
        """The span that contains each token, ``[N]``; NONE if there is none."""
        found = np.full(len(self.tokens), NONE)
        lengths = self.spans.ends - self.spans.starts
        first = np.repeat(self.spans.starts - (np.cumsum(lengths) - lengths), lengths)
        found[first + np.arange(int(lengths.sum()))] = np.repeat(np.arange(len(self.spans)), lengths)
        return found

    @cached_property
    def same_sentence(self) -> IntArray:
        """The first sentence with the same tokens as each sentence, ``[S]``."""
        first: dict[tuple[str, ...], int] = {}
        all_tokens = chain.from_iterable((example.tokens for example in part.examples) for part in self.parts)
        found = [first.setdefault(tokens, number) for number, tokens in enumerate(all_tokens)]
        return np.array(found, dtype=np.int64)

    def sentences(self, part: int) -> range:
        """Return the sentences of a part."""
        return range(int(self.part_starts[part]), int(self.part_starts[part + 1]))

    def tokens_of(self, part: int) -> slice:
        """Return the tokens of a part."""
        first, after = self.starts[self.part_starts[part]], self.starts[self.part_starts[part + 1]]
        return slice(int(first), int(after))

    def text(self, start: int, end: int) -> tuple[str, ...]:
        """Return the words of a token range."""
        return tuple(self.words[word] for word in self.tokens[start:end].tolist())

    def place(self, sentence: int, token: int = 0) -> str:
        """Return ``file:line`` of a token.

        Args:
            sentence: counted over all parts.
            token: counted from the first one of its sentence.
        """
        part = int(self.part_of[sentence])
        return self.parts[part].place(sentence - int(self.part_starts[part]), token)

    def place_of(self, token: int) -> str:
        """Return ``file:line`` of a token, counted over all parts."""
        sentence = int(self.sentence_of[token])
        return self.place(sentence, token - int(self.starts[sentence]))

    def spans_in(self, sentence: int) -> list[tuple[int, int, str]]:
        """Return start, end and type of the spans of a sentence, relative to its first token."""
        return self.spans_within(int(self.starts[sentence]), int(self.starts[sentence + 1]))

    def spans_within(self, first: int, after: int) -> list[tuple[int, int, str]]:
        """Return start, end and type of the spans that overlap a token range, relative to its first token."""
        low = int(np.searchsorted(self.spans.ends, first, side="right"))
        high = int(np.searchsorted(self.spans.starts, after))
        return [
            (start - first, end - first, self.types[type_])
            for start, end, type_ in zip(
                self.spans.starts[low:high].tolist(),
                self.spans.ends[low:high].tolist(),
                self.spans.types[low:high].tolist(),
                strict=True,
            )
        ]


def numbered_corpus(parts: Sequence[Part]) -> NumberedCorpus:
    """Return the sentences of parts as arrays."""
    word_numbers: defaultdict[str, int] = defaultdict()
    word_numbers.default_factory = word_numbers.__len__
    lengths = [len(example.tokens) for part in parts for example in part.examples]
    starts = np.concatenate(([0], np.cumsum(np.array(lengths, dtype=np.int64))))
    all_tokens = chain.from_iterable(example.tokens for part in parts for example in part.examples)
    tokens = np.fromiter(map(word_numbers.__getitem__, all_tokens), dtype=np.int64, count=int(starts[-1]))
    part_starts = np.concatenate(([0], np.cumsum([len(part.examples) for part in parts], dtype=np.int64)))
    label_numbers: dict[str, int] = {}
    type_numbers: dict[str, int] = {}
    labels, spans = [], []
    for part, first in zip(parts, starts[part_starts].tolist(), strict=False):
        of_part, its_spans = _labels(part, label_numbers, type_numbers)
        labels.append(of_part)
        spans.append(SpanArrays(its_spans.starts + first, its_spans.ends + first, its_spans.types))
    return NumberedCorpus(
        parts=tuple(parts),
        words=list(word_numbers),
        tokens=tokens,
        starts=starts,
        part_starts=part_starts,
        labels=_joined(labels),
        label_names=list(label_numbers),
        spans=SpanArrays(
            *(_joined([getattr(one, name) for one in spans]) for name in ("starts", "ends", "types"))
        ),
        types=type_names(type_numbers),
        has_spans=tuple(part.scheme is not None and part.scheme.has_spans for part in parts),
    )


def _labels(
    part: Part, label_numbers: dict[str, int], type_numbers: dict[str, int]
) -> tuple[IntArray, SpanArrays]:
    """Return the labels of the tokens of a part, and its spans, relative to its first token."""
    lengths = np.array([len(example.tokens) for example in part.examples], dtype=np.int64)
    found = np.full(int(lengths.sum()), NONE)
    nothing = np.zeros(0, dtype=np.int64)
    if part.scheme is None or not part.labels:
        return found, SpanArrays(nothing, nothing, nothing)
    is_labelled = np.array([bool(labels) for labels in part.labels], dtype=np.bool_)
    arrays = label_arrays((labels for labels in part.labels if labels), part.scheme)
    renumbered = [label_numbers.setdefault(name, len(label_numbers)) for name in arrays.names]
    places = np.flatnonzero(np.repeat(is_labelled, lengths))
    found[places] = np.array(renumbered, dtype=np.int64)[arrays.ids]
    if not part.scheme.has_spans:
        return found, SpanArrays(nothing, nothing, nothing)
    spans = span_arrays(arrays, part.scheme, type_numbers)
    return found, SpanArrays(places[spans.starts], places[spans.ends - 1] + 1, spans.types)


def _joined(arrays: Sequence[IntArray]) -> IntArray:
    return np.concatenate([np.zeros(0, dtype=np.int64), *arrays])
