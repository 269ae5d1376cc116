"""SharedCorpus: the sentences and tokens that annotators have in common, with the labels of each of them.

If all have the same tokens, these are used. Otherwise, spans are compared over the smallest pieces from which all
tokens and spans can be composed, so that no span changes; plain labels over the tokens that all have.

Letters: A annotators, S sentences.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from tagger.agreement.alignment import Block
from tagger.agreement.passages import Passage
from tagger.errors import DataError
from tagger.examples import Example
from tagger.formats.annotated import Range
from tagger.schemes import LabelScheme, labels_to_spans, spans_to_labels
from tagger.spans import Span

_Placed = tuple[int, int, str]
"""A labelled range of positions, which count characters except white space."""


@dataclass(frozen=True, slots=True)
class SharedSentence:
    """A sentence with the labels of each annotator.

    Attributes:
        text: its text in the first annotator's file that has it.
        tokens: the tokens.
        ranges: ranges of the tokens in the text; the words of a multiword token ("du") share its range.
        labels: the tokens' labels by each annotator, IOB2 or plain; None for annotators who do not have it.
        origins: where each annotator's version was read.
        document: identifies its document; None if it belongs to none.
        document_id: the id of its document in the file; None if the file has none.
        is_cut: whether annotators have different tokens, so that these are pieces of them.
        num_apart: tokens left out because not all annotators who have the sentence have them.
    """

    text: str
    tokens: tuple[str, ...]
    ranges: tuple[Range, ...]
    labels: tuple[tuple[str, ...] | None, ...]
    origins: tuple[str | None, ...]
    document: str | None = None
    document_id: str | None = None
    is_cut: bool = False
    num_apart: int = 0

    @property
    def origin(self) -> str | None:
        """The first known origin."""
        return next((one for one in self.origins if one is not None), None)

    @property
    def has_conflict(self) -> bool:
        """Whether annotators who have it differ."""
        return len({one for one in self.labels if one is not None}) > 1

    def example(self, annotator: int) -> Example:
        """Return it with the labels of one annotator.

        Args:
            annotator: number of an annotator who has it.
        """
        return Example(self.tokens, self.labels[annotator], self.document, self.origin)


@dataclass(frozen=True, slots=True, eq=False)
class SharedCorpus:
    """The annotations of the same sentences by several annotators.

    Attributes:
        names: the names of the A annotators.
        sentences: the S sentences, each annotated by at least one annotator.
        scheme: scheme of all labels: IOB2, or NONE if they are plain.
    """

    names: tuple[str, ...]
    sentences: Sequence[SharedSentence]
    scheme: LabelScheme

    @property
    def has_spans(self) -> bool:
        """Whether spans are compared, rather than plain labels."""
        return self.scheme.has_spans

    def of_both(self, first: int, second: int) -> list[SharedSentence]:
        """Return the sentences that two annotators have.

        Args:
            first: number of the first annotator.
            second: number of the second annotator.
        """
        return [
            one for one in self.sentences if one.labels[first] is not None and one.labels[second] is not None
        ]


def spans_of(labels: Sequence[str], scheme: LabelScheme) -> list[Span]:
    """Return the spans that the labels of a sentence encode; for plain labels, one for each token."""
    if scheme.has_spans:
        return labels_to_spans(labels, scheme)
    return [Span(number, number + 1, label) for number, label in enumerate(labels)]


def shared_corpus(names: Sequence[str], blocks: Iterable[Block], *, has_spans: bool) -> SharedCorpus:
    """Return the corpus that annotators share.

    Args:
        names: the names of the annotators.
        blocks: their aligned texts.
        has_spans: whether their labels encode spans.

    Raises:
        DataError: if a span consists of white space and tokens differ.
    """
    sentences = tuple(_sentence(block, has_spans=has_spans) for block in blocks)
    return SharedCorpus(tuple(names), sentences, LabelScheme.IOB2 if has_spans else LabelScheme.NONE)


def _sentence(block: Block, *, has_spans: bool) -> SharedSentence:
    origins = tuple(passages[0].origin if passages else None for passages in block)
    first = next(passages for passages in block if passages)
    documents = first[0].example.document, first[0].document
    text, offsets = _text(first)
    if _have_same_tokens(block):
        labels = tuple(_labels(passages) if passages else None for passages in block)
        tokens = tuple(token for passage in first for token in passage.example.tokens)
        return SharedSentence(text, tokens, _ranges(first), labels, origins, *documents)
    layouts = [_Layout(passages) if passages else None for passages in block]
    cut = _spans_in_pieces if has_spans else _labels_of_common
    places, rows, num_apart = cut(layouts)
    ranges = tuple((offsets[start], offsets[end - 1] + 1) for start, end in places)
    tokens = tuple(text[start:end] for start, end in ranges)
    return SharedSentence(
        text, tokens, ranges, tuple(rows), origins, *documents, is_cut=True, num_apart=num_apart
    )


def _have_same_tokens(block: Block) -> bool:
    """Return whether all who have a text have the same tokens, and no span has an edge inside a token."""
    if any(passage.extra for passages in block for passage in passages):
        return False
    tokens = {
        tuple(token for passage in passages for token in passage.example.tokens)
        for passages in block
        if passages
    }
    return len(tokens) == 1


def _labels(passages: Sequence[Passage]) -> tuple[str, ...]:
    return tuple(label for passage in passages for label in passage.example.labels or ())


def _ranges(passages: Sequence[Passage]) -> tuple[Range, ...]:
    """Return the ranges of the tokens in the text of sentences joined by spaces."""
    ranges: list[Range] = []
    before = 0
    for passage in passages:
        ranges += ((before + start, before + end) for start, end in passage.ranges)
        before += len(passage.text) + 1
    return tuple(ranges)


class _Layout:
    """The sentences of one annotator, concatenated.

    Args:
        passages: the sentences.

    Attributes:
        tokens: ranges of positions of all tokens.
        labels: their labels.
        spans: labelled ranges of positions, if labels encode spans.
        end: the position after the last one.
    """

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.tokens: Final[list[Range]] = []
        self.labels: Final[list[str]] = []
        self.end = 0
        self._passages: Final = passages
        self._extra: Final[list[_Placed]] = []
        for passage in passages:
            places = [self.end + place for place in passage.places()]
            self.tokens.extend((places[start], places[end]) for start, end in passage.ranges)
            self.labels.extend(passage.example.labels or ())
            self._extra.extend((places[span.start], places[span.end], span.label) for span in passage.extra)
            self.end = places[-1]

    @property
    def spans(self) -> list[_Placed]:
        found = [*self._extra]
        done = 0
        for passage in self._passages:
            for span in labels_to_spans(passage.example.labels or (), LabelScheme.IOB2):
                start, end = self.tokens[done + span.start][0], self.tokens[done + span.end - 1][1]
                if start == end:
                    raise DataError(
                        f"{passage.origin}: expected spans of characters, since annotators have different tokens "
                        f"there, found the {span.label} of only white space"
                    )
                found.append((start, end, span.label))
            done += len(passage.ranges)
        return found

    def keyed_tokens(self) -> dict[tuple[int, int, int], str]:
        """Return the label of each token, by its range and its index among the tokens of that range."""
        times: Counter[Range] = Counter()
        keyed = {}
        for token, label in zip(self.tokens, self.labels, strict=True):
            keyed[*token, times[token]] = label
            times[token] += 1
        return keyed


_Rows = list[tuple[str, ...] | None]


def _spans_in_pieces(layouts: Sequence[_Layout | None]) -> tuple[list[Range], _Rows, int]:
    """Return the smallest pieces of which all tokens and spans are composed, and their labels by each annotator."""
    spans = [None if layout is None else layout.spans for layout in layouts]
    cuts: set[int] = set()
    for layout, of_layout in zip(layouts, spans, strict=True):
        if layout is not None:
            cuts.update((0, layout.end), *layout.tokens, *(span[:2] for span in of_layout or ()))
    ordered = sorted(cuts)
    numbers = {cut: number for number, cut in enumerate(ordered)}
    rows: _Rows = [
        None
        if of_layout is None
        else tuple(
            spans_to_labels(
                [Span(numbers[start], numbers[end], label) for start, end, label in of_layout],
                len(ordered) - 1,
                LabelScheme.IOB2,
            )
        )
        for of_layout in spans
    ]
    return list(pairwise(ordered)), rows, 0


def _labels_of_common(layouts: Sequence[_Layout | None]) -> tuple[list[Range], _Rows, int]:
    """Return the tokens that all annotators have, their labels, and the number of other tokens."""
    keyed = [None if layout is None else layout.keyed_tokens() for layout in layouts]
    times = Counter(key for one in keyed if one is not None for key in one)
    num_present = sum(one is not None for one in keyed)
    common = sorted(key for key, count in times.items() if count == num_present and key[0] < key[1])
    rows: _Rows = [None if one is None else tuple(one[key] for key in common) for one in keyed]
    return [(start, end) for start, end, _ in common], rows, len(times) - len(common)


def _text(passages: Sequence[Passage]) -> tuple[str, list[int]]:
    """Return the text of sentences joined by spaces, and the offset of each of its characters except white space."""
    text = " ".join(passage.text for passage in passages)
    return text, [offset for offset, character in enumerate(text) if not character.isspace()]
