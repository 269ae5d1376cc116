"""The attributes of words used by wide features: strings, and the ids of those that are frequent enough.

Letters: U distinct words, K attributes of a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagger.features.spelling import keep_ends, word_shape
from tagger.vectors import fold_digits

_LENGTHS: Final = (1, 2, 3, 4)
_ENDS: Final = (
    *((length, slice(length)) for length in _LENGTHS),
    *((length, slice(-length, None)) for length in _LENGTHS),
)
ATTRIBUTES: Final = (
    "word",
    "lower",
    "shape",
    *(f"prefix{length}" for length in _LENGTHS),
    *(f"suffix{length}" for length in _LENGTHS),
)
"""The word; its lower-case form with digits as 0; its shape; prefixes and suffixes shorter than the lower-case form."""

NONE: Final = 0
"""The id of a string without an id, the row of a feature without a row, the key where there is no feature."""
OUTSIDE: Final = 1
"""Id of every attribute beyond either end of the sentence."""
FIRST: Final = 2
"""Id of the first string."""
_SHAPE_CHARS: Final = 40  # for longer words, the shape of their ends


def word_attributes(word: str) -> tuple[str | None, ...]:
    """Return the attributes of a word in the order of :data:`ATTRIBUTES`; None for ends no shorter than the word.

    >>> word_attributes("Route66")[:3]
    ('Route66', 'route00', 'Xxd')
    >>> word_attributes("the")[3:]
    ('t', 'th', None, None, 'e', 'he', None, None)
    """
    lower = fold_digits(word.lower())
    size = len(lower)
    ends = [lower[end] if length < size else None for length, end in _ENDS]
    return (word, lower, word_shape(keep_ends(word, _SHAPE_CHARS)), *ends)


def frequent_strings(
    counts: Mapping[str, int], min_count: int
) -> tuple[dict[str, list[str]], NDArray[np.int64]]:
    """Return the strings that occur often enough, the most frequent first, and the ids of words' attributes.

    Args:
        counts: number of occurrences of each of U words.
        min_count: minimum occurrences of a string to get an id.

    Returns:
        By attribute, its strings; and the ids of the attributes of each word, like ``WideIndex.attributes``,
        ``[U, K]``.
    """
    number_of: list[dict[str | None, int]] = [{None: NONE} for _ in ATTRIBUTES]
    numbers = np.fromiter(
        (
            known.setdefault(string, len(known))
            for word in counts
            for known, string in zip(number_of, word_attributes(word), strict=True)
        ),
        dtype=np.int64,
        count=len(counts) * len(ATTRIBUTES),
    ).reshape(-1, len(ATTRIBUTES))
    occurrences = np.fromiter(counts.values(), dtype=np.int64, count=len(counts))
    frequent: dict[str, list[str]] = {}
    for column, (attribute, known) in enumerate(zip(ATTRIBUTES, number_of, strict=True)):
        totals = np.zeros(len(known), dtype=np.int64)
        np.add.at(totals, numbers[:, column], occurrences)
        chosen = sorted(
            (-total, string)
            for string, total in zip(known, totals.tolist(), strict=True)
            if string is not None and total >= min_count
        )
        frequent[attribute] = [string for _, string in chosen]
        ids = np.full(len(known), NONE)
        ids[[known[string] for string in frequent[attribute]]] = np.arange(FIRST, FIRST + len(chosen))
        numbers[:, column] = ids[numbers[:, column]]
    return frequent, numbers
