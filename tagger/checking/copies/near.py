"""Near-copies of sentences in another part: equal apart from case, digits and white space, or sharing most phrases.

The rule of ``tagger.conversion.near_copies``, applied to the tokens of sentences: phrases are five tokens, in lower
case and with 0 for each number, and two sentences are near-copies if at least 60 % of the phrases of the smaller one,
and at least four, are in the other. Here all phrases of a part are numbers in one array, so that a million tokens take
a second. Copies of fewer than eight tokens that differ in a word are not found.

Letters: S sentences, H phrases, K pairs of sentences or documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagger.checking.copies.sentences import SHORTEST
from tagger.checking.numbered import NumberedCorpus
from tagger.conversion.near_copies import FEWEST_PHRASES, MOST_COMPARED, PHRASE, SHARED, folded
from tagger.metrics.label_arrays import IntArray

_SEED: Final = 1


@dataclass(frozen=True, eq=False)
class NearCopies:
    """Sentences, or documents, of one part, each with the most similar one of another part, ``[K]`` each.

    Attributes:
        copies: the copies, in ascending order.
        originals: what each is a near-copy of.
        shared: share of the smaller one's phrases that both have, in [0, 1]; 1 if they are equal apart from case,
            digits and white space.
    """

    copies: IntArray
    originals: IntArray
    shared: NDArray[np.float64]


class NearCopyFinder:
    """Finds near-copies in the parts of a corpus, whose phrases are computed once.

    Args:
        numbered: the corpus.
    """

    def __init__(self, numbered: NumberedCorpus) -> None:
        self._numbered = numbered

    def sentences(self, part: int, other: int) -> NearCopies:
        """Return the near-copies in a part of sentences of another, without exact copies.

        Args:
            part: number of the part whose sentences are looked up.
            other: number of the part in which they are looked up.
        """
        numbered = self._numbered
        theirs = numbered.sentences(other)
        originals = set(numbered.same_sentence[theirs.start : theirs.stop].tolist())
        found = most_alike(*self._of_sentences, numbered.part_of, part, other)
        texts: dict[str, int] = {}
        for sentence in self._long(other):
            texts.setdefault(self._text(sentence), sentence)
        for sentence in self._long(part):
            original = texts.get(self._text(sentence))
            if original is not None:
                found[sentence] = original, 1.0
        return _near_copies(
            {key: value for key, value in found.items() if numbered.same_sentence[key] not in originals}
        )

    def documents(self, part: int, other: int, documents: IntArray, part_of: IntArray) -> NearCopies:
        """Return the near-copies in a part of documents of another.

        Args:
            part: number of the part whose documents are looked up.
            other: number of the part in which they are looked up.
            documents: the document of each sentence, by number, ``[S]``.
            part_of: the part of each document; NONE for the number that stands for no document.
        """
        phrases, sentences = self._of_sentences
        return _near_copies(most_alike(*_distinct(phrases, documents[sentences]), part_of, part, other))

    def _long(self, part: int) -> list[int]:
        sentences = np.array(self._numbered.sentences(part), dtype=np.int64)
        long: list[int] = sentences[self._numbered.lengths[sentences] >= SHORTEST].tolist()
        return long

    def _text(self, sentence: int) -> str:
        first, after = self._numbered.starts[sentence : sentence + 2].tolist()
        return "".join([self._folded[word] for word in self._numbered.tokens[first:after].tolist()])

    @cached_property
    def _folded(self) -> list[str]:
        return [folded(word) for word in self._numbered.words]

    @cached_property
    def _of_sentences(self) -> tuple[IntArray, IntArray]:
        """The distinct phrases of each sentence as numbers, ``[H]``, and their sentences, in ascending order."""
        numbered = self._numbered
        numbers: dict[str, int] = {}
        ids = np.array([numbers.setdefault(word, len(numbers)) for word in self._folded], dtype=np.int64)
        # The sums of random 64-bit numbers of two phrases are equal with a probability of about 10^-19.
        generator = np.random.default_rng(_SEED)
        values = generator.integers(0, 2**64, size=(PHRASE, len(numbers)), dtype=np.uint64)
        tokens = ids[numbered.tokens] if len(ids) else numbered.tokens
        ends = numbered.starts[1:][numbered.sentence_of] if len(tokens) else tokens
        places = np.flatnonzero(np.arange(len(tokens)) + PHRASE <= ends)
        sums = np.zeros(len(places), dtype=np.uint64)
        for place in range(PHRASE):
            sums += values[place][tokens[places + place]]
        return _distinct(sums.view(np.int64), numbered.sentence_of[places])


def most_alike(
    phrases: IntArray, units: IntArray, part_of: IntArray, part: int, other: int
) -> dict[int, tuple[int, float]]:
    """Return, for each unit of a part, the unit of another part that shares most phrases with it, and their share.

    Args:
        phrases: the distinct phrases of each unit, ``[H]``.
        units: the sentence or document of each phrase, ``[H]``, in ascending order.
        part_of: the part of each unit.
        part: the part of the units that are looked up.
        other: the part in which they are looked up.
    """
    num_units = max(len(part_of), 1)
    here, there = (np.flatnonzero(part_of[units] == one) for one in (part, other))
    order = there[np.argsort(phrases[there], kind="stable")]
    known = phrases[order]
    low = np.searchsorted(known, phrases[here])
    high = np.minimum(np.searchsorted(known, phrases[here], side="right"), low + MOST_COMPARED)
    times = high - low
    left = np.repeat(units[here], times)
    begin = np.repeat(low - (np.cumsum(times) - times), times)
    right = units[order[begin + np.arange(len(left))]]
    pairs, shared = np.unique(left * num_units + right, return_counts=True)
    left, right = pairs // num_units, pairs % num_units
    sizes = np.bincount(units, minlength=num_units)
    smaller = np.minimum(sizes[left], sizes[right])
    alike = (smaller >= FEWEST_PHRASES) & (shared >= SHARED * smaller)
    left, right, shares = left[alike], right[alike], shared[alike] / smaller[alike]
    # the last of equal keys is kept: the one that shares most, or among equals the first in the data
    best = np.lexsort((-right, shares, left))
    return {
        one: (another, value)
        for one, another, value in zip(
            left[best].tolist(), right[best].tolist(), shares[best].tolist(), strict=True
        )
    }


def _distinct(phrases: IntArray, units: IntArray) -> tuple[IntArray, IntArray]:
    """Return each phrase of a unit once, ordered by unit."""
    order = np.lexsort((phrases, units))
    phrases, units = phrases[order], units[order]
    is_new = np.ones(len(phrases), dtype=np.bool_)
    is_new[1:] = (phrases[1:] != phrases[:-1]) | (units[1:] != units[:-1])
    return phrases[is_new], units[is_new]


def _near_copies(found: dict[int, tuple[int, float]]) -> NearCopies:
    kept = sorted(found)
    return NearCopies(
        np.array(kept, dtype=np.int64),
        np.array([found[one][0] for one in kept], dtype=np.int64),
        np.array([found[one][1] for one in kept], dtype=np.float64),
    )
