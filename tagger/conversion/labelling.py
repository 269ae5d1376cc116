"""Detect scheme and notation of the labels of tokens, in constant memory, and check each sentence.

Whether labels are legal depends only on adjacent pairs. So the sentences with the first occurrence of a label, or of a
pair of adjacent labels, suffice to detect the scheme of the whole file; only these are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tagger.errors import LabelError
from tagger.examples import Example
from tagger.formats import AnnotatedText, Item, checked_gold, gold_scheme
from tagger.formats.joining import JOINABLE, join_cut_sentences, joining_advice
from tagger.schemes import LabelScheme, Notation, find_notation


@dataclass(frozen=True, slots=True)
class Labelling:
    """How to interpret the labels of a file.

    Attributes:
        scheme: of the labels.
        notation: how they are written.
        joins: whether to join sentences whose boundaries cut spans.
    """

    scheme: LabelScheme
    notation: Notation
    joins: bool = False


def find_labelling(
    read: Callable[[], Iterable[Item]], scheme: LabelScheme | None = None, *, join: bool = False
) -> Labelling:
    """Return how to interpret the labels of a file.

    Args:
        read: reads the file from its beginning; called twice if no scheme fits.
        scheme: of the labels, if it is known.
        join: whether to join sentences that violate the scheme otherwise.

    Raises:
        LabelError: no scheme fits them, or their meaning is ambiguous; names file and line.
    """
    kept = witnesses(labelled(read()))
    if scheme is not None:
        found, notation = gold_scheme(kept, scheme, in_order=False)
        return Labelling(found, notation, join and found in JOINABLE)
    try:
        return Labelling(*gold_scheme(kept, in_order=False))
    except LabelError as error:
        notation = find_notation([example.labels or () for example in kept])
        joined = witnesses(labelled(join_cut_sentences(read(), notation, lambda _: None)))
        if join:
            return Labelling(*gold_scheme(joined, in_order=False), joins=True)
        try:
            gold_scheme(joined, in_order=False)
        except LabelError:
            raise error from None
        raise LabelError(f"{error}{joining_advice()}") from None


def witnesses(examples: Iterable[Example]) -> list[Example]:
    """Return the sentences with the first occurrence of a pair of adjacent labels, or of a first or last label."""
    seen = set[tuple[str | None, str | None]]()
    kept = []
    for example in examples:
        pairs = _pairs(example.labels or ())
        if not pairs <= seen:
            seen |= pairs
            kept.append(example)
    return kept


def labelled(items: Iterable[Item]) -> Iterator[Example]:
    """Yield the sentences with labelled tokens; texts are split into their sentences."""
    for item in items:
        if item.labels is None:
            continue
        if isinstance(item, Example):
            yield item
        else:
            yield from _sentences(item)


class LabelChecker:
    """Checks whether labels are legal, once for each pair of adjacent labels.

    Args:
        labelling: how to interpret the labels.
    """

    def __init__(self, labelling: Labelling) -> None:
        self._labelling = labelling
        self._legal = set[tuple[str | None, str | None]]()

    def check(self, item: Item) -> None:
        """Raise an error for a sentence, or text, with labels that violate the scheme.

        Raises:
            LabelError: names file and line of the label.
        """
        for example in (item,) if isinstance(item, Example) else _sentences(item):
            pairs = _pairs(self._labelling.notation.read(example.labels or ()))
            if not pairs <= self._legal:
                checked_gold([example], self._labelling.scheme, self._labelling.notation)
                self._legal |= pairs


def _pairs(labels: Sequence[str]) -> set[tuple[str | None, str | None]]:
    return set(pairwise((None, *labels, None)))


def _sentences(text: AnnotatedText) -> Iterator[Example]:
    tokens, labels = text.tokens or (), text.labels or ()
    for first, after in pairwise((*(text.sentence_starts or (0,)), len(tokens))):
        words = tuple(text.text[start:end] for start, end in tokens[first:after])
        yield Example(words, labels[first:after], text.document_key, text.origin)
