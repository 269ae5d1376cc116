"""Subwords: vectors of unseen words, composed from vectors of their character n-grams.

As in fastText (Bojanowski et al., "Enriching word vectors with subword information", TACL 2017, section 3.2): the
n-grams of ``<word>`` are hashed to rows of a table; a word's vector is the mean of its n-gram rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_END_OF_SENTENCE: Final = b"</s>"
_BLOCK_BYTES: Final = 2**16
_ROWS_AT_ONCE: Final = 2**14


def ngram_rows(
    words: Sequence[bytes], *, min_chars: int, max_chars: int, buckets: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield the rows of all n-grams of some words, in blocks of words.

    A character is a byte and the UTF-8 continuation bytes after it. The hash is 32-bit FNV-1a, in which fastText
    treats bytes as signed: those from 0x80 on flip the upper 24 bits too. N-grams of one character exclude the marks of
    the word's beginning and end; fastText's mark for the end of a sentence has no n-grams.

    Args:
        words: W words in UTF-8.
        min_chars: the shortest n-gram, in characters.
        max_chars: the longest n-gram, in characters.
        buckets: the number of rows of the table.

    Yields:
        For each n-gram, the index of its word and its row, word by word; repeated n-grams are repeated.
    """
    start = 0
    while start < len(words):
        end, size = start, 0
        while end < len(words) and size < _BLOCK_BYTES:
            size += len(words[end])
            end += 1
        owners, rows = _block_rows(words[start:end], min_chars, max_chars, buckets)
        yield owners + start, rows
        start = end


def _block_rows(
    words: Sequence[bytes], min_chars: int, max_chars: int, buckets: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    marked = [b"" if word == _END_OF_SENTENCE else b"<" + word + b">" for word in words]
    text = np.frombuffer(b"".join(marked) + bytes(1), dtype=np.uint8)
    first = np.append((text[:-1] & 0xC0) != 0x80, True)  # the byte after the text ends its last character
    chars = np.flatnonzero(first)
    widths = np.diff(chars)
    chars = chars[:-1]
    word_ends = np.cumsum([len(word) for word in marked], dtype=np.int64)
    owner = np.searchsorted(word_ends, chars, side="right")
    # In characters: the end of each word, and the distance of each character from the end of its word.
    char_ends = np.searchsorted(chars, word_ends)
    left = char_ends[owner] - np.arange(len(chars)) if len(chars) else chars
    opens = np.ones(len(chars), dtype=bool)
    opens[1:] = owner[1:] != owner[:-1]

    signed = text.view(np.int8).astype(np.int32).view(np.uint32)
    hashes = np.full(len(chars), 2166136261, dtype=np.uint32)
    found: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]] = []
    active = np.arange(len(chars))
    for n in range(1, max_chars + 1):
        active = active[left[active] >= n]
        if not len(active):
            break
        last = active + n - 1
        for offset in range(int(widths[last].max(initial=0))):
            longer = widths[last] > offset
            at = active[longer]
            hashes[at] = (hashes[at] ^ signed[chars[last[longer]] + offset]) * np.uint32(16777619)
        if n >= min_chars:
            chosen = active[~opens[active] & (left[active] > 1)] if n == 1 else active
            found.append((owner[chosen], chosen, (hashes[chosen] % np.uint32(buckets)).astype(np.int64)))
    if not found:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    owners, starts, rows = (np.concatenate(columns) for columns in zip(*found, strict=True))
    order = np.lexsort((starts, owners))
    return owners[order], rows[order]


@dataclass(frozen=True)
class Subwords:
    """A table of n-gram vectors, and the lengths of the n-grams.

    Attributes:
        ngrams: a row for each bucket, ``[buckets, D]``.
        min_chars: the shortest n-gram, in characters.
        max_chars: the longest n-gram, in characters.
    """

    ngrams: NDArray[np.floating]
    min_chars: int
    max_chars: int

    def compose(self, words: Sequence[bytes]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return the vectors of unseen words, ``[W, D]``, and whether they have any n-gram.

        Args:
            words: W words in UTF-8.
        """
        buckets, dim = self.ngrams.shape
        sums = np.zeros((len(words), dim), dtype=np.float32)
        counts = np.zeros(len(words), dtype=np.int64)
        for owners, rows in ngram_rows(
            words, min_chars=self.min_chars, max_chars=self.max_chars, buckets=buckets
        ):
            counts += np.bincount(owners, minlength=len(words))
            for start in range(0, len(rows), _ROWS_AT_ONCE):
                piece = slice(start, start + _ROWS_AT_ONCE)
                add_rows(sums, owners[piece], self.ngrams[rows[piece]])
        sums /= np.maximum(counts, 1).astype(np.float32)[:, None]
        return sums, counts > 0


def add_rows(sums: NDArray[np.float32], owners: NDArray[np.int64], rows: NDArray[np.floating]) -> None:
    """Add each row to the sum of its owner.

    Args:
        sums: ``[W, D]``, changed in place.
        owners: index into ``sums`` for each row, in ascending order, ``[R]``.
        rows: ``[R, D]``.
    """
    if not len(owners):
        return
    firsts = np.flatnonzero(np.append(True, owners[1:] != owners[:-1]))
    sums[owners[firsts]] += np.add.reduceat(rows, firsts, axis=0, dtype=np.float32)
