"""Look-up of words: exact, else in lower case, else with digits folded, else composed from n-grams."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagger.vectors.table import VectorTable

WAYS: Final = ("missing", "exact", "lower case", "digits folded", "n-grams")
"""The ways in which a word can be found; :func:`look_up` returns the index."""

_FOLD_DIGITS: Final = {ord(digit): "0" for digit in "123456789"}
_FORMS: Final[tuple[tuple[int, Callable[[str], str]], ...]] = (
    (1, lambda word: word),
    (2, str.lower),
    (3, lambda word: fold_digits(word)),
    (3, lambda word: fold_digits(word.lower())),
)
_N_GRAMS: Final = 4


def fold_digits(word: str) -> str:
    """Return the word with each of the digits 1 to 9 replaced by 0.

    >>> fold_digits("Route66")
    'Route00'
    """
    return word if word.isalpha() else word.translate(_FOLD_DIGITS)


def look_up(table: VectorTable, words: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Return the vectors of words, and how each was found.

    Args:
        table: the vectors.
        words: U words in their original spelling.

    Returns:
        Vectors in single precision, zero for a missing word, ``[U, D]``; the index in :data:`WAYS`, ``[U]``.
    """
    vectors = np.zeros((len(words), table.dim), dtype=np.float32)
    ways = np.zeros(len(words), dtype=np.int8)
    left = list(range(len(words)))
    for way, form in _FORMS:
        forms = [form(words[i]) for i in left]
        if way > 1:
            # Words that the form leaves unchanged have been looked up already.
            changed = [(i, other) for i, other in zip(left, forms, strict=True) if other != words[i]]
            rows = table.find([other for _, other in changed])
            found = [(i, row) for (i, _), row in zip(changed, rows.tolist(), strict=True) if row >= 0]
        else:
            found = [(i, row) for i, row in zip(left, table.find(forms).tolist(), strict=True) if row >= 0]
        if found:
            indices, rows_found = (np.array(column) for column in zip(*found, strict=True))
            vectors[indices] = table.vectors[rows_found]
            ways[indices] = way
            left = np.flatnonzero(ways == 0).tolist()
    if table.subwords is not None and left:
        composed, has_any = table.subwords.compose([words[i].encode("utf-8", "surrogatepass") for i in left])
        indices = np.array(left)[has_any]
        vectors[indices] = composed[has_any]
        ways[indices] = _N_GRAMS
    return vectors, ways


@dataclass(frozen=True)
class Coverage:
    """How many words have vectors, and how they were found.

    Attributes:
        tokens: the number of tokens by way (see :data:`WAYS`).
        types: the number of distinct words by way.
    """

    tokens: Mapping[str, int]
    types: Mapping[str, int]

    def describe(self) -> str:
        """Return the coverage as one line."""
        parts = []
        for name, counts in (("tokens", self.tokens), ("types", self.types)):
            total = sum(counts.values())
            covered = total - counts["missing"]
            ways = ", ".join(f"{way} {_percent(counts[way], total)}" for way in WAYS[1:] if counts[way])
            parts.append(f"{_percent(covered, total)} of {total:,} {name}" + (f" ({ways})" if ways else ""))
        return f"vectors for {' and '.join(parts)}"


def coverage(table: VectorTable, counts: Mapping[str, int]) -> Coverage:
    """Return how many words of a text have vectors.

    Args:
        table: the vectors.
        counts: how often each word occurs, in its original spelling.
    """
    _, ways = look_up(table, list(counts))
    by_types = np.bincount(ways, minlength=len(WAYS)).tolist()
    weights = np.fromiter(counts.values(), dtype=np.int64, count=len(counts))
    by_tokens = [int(weights[ways == way].sum()) for way in range(len(WAYS))]
    return Coverage(dict(zip(WAYS, by_tokens, strict=True)), dict(zip(WAYS, by_types, strict=True)))


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "0.0 %"
