"""DocumentLayout: how the sentences of a batch stand in blocks, and which words of a document occur again.

Within a part of a document, sentences are joined to blocks, which the encoder reads as if each were one sentence. A
sentence that is a part by itself is a block by itself.

Letters: B sentences, T tokens of the longest, N tokens of all, K blocks, S tokens of the longest, M tokens whose word
stands elsewhere in the part too, G such words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tagger.documents import DocumentId, PartNumbers

IntArray = NDArray[np.int64]


def part_numbers(
    lengths: Iterable[int], documents: Iterable[DocumentId], *, document_tokens: int
) -> IntArray:
    """Return the number of the part that each of B sentences belongs to, ``[B]``.

    Args:
        lengths: tokens of each sentence.
        documents: of each sentence.
        document_tokens: as in :class:`PartNumbers`.

    >>> part_numbers([5, 5, 5, 5, 5], ["a", "a", "a", "b", None], document_tokens=10).tolist()
    [0, 0, 1, 2, 3]
    """
    numbers = PartNumbers(document_tokens)
    pairs = zip(lengths, documents, strict=True)
    return np.array([numbers.of_next(document, length) for length, document in pairs], dtype=np.int64)


def block_numbers(lengths: IntArray, parts: IntArray, *, block_tokens: int) -> IntArray:
    """Return the number of the block that each of B sentences belongs to, from 0 on, ``[B]``.

    Args:
        lengths: tokens of each sentence, ``[B]``.
        parts: number of the part of each sentence, ``[B]``; the sentences of a part stand side by side.
        block_tokens: tokens of a block at most; a longer sentence is a block alone.

    >>> block_numbers(np.array([3, 3, 3, 9, 2]), np.array([0, 0, 0, 0, 1]), block_tokens=8).tolist()
    [0, 0, 1, 2, 3]
    """
    numbers = []
    number, num_tokens, last = -1, 0, None
    for length, part in zip(lengths.tolist(), parts.tolist(), strict=True):
        num_tokens += length
        if part != last or num_tokens > block_tokens:
            number, num_tokens, last = number + 1, length, part
        numbers.append(number)
    return np.array(numbers, dtype=np.int64)


@dataclass(frozen=True)
class DocumentLayout:
    """How the sentences of a batch stand in blocks, and which of their words stand elsewhere in their part too.

    Attributes:
        word_index: what :class:`tagger.batching.Batch` calls so, for the tokens of K blocks, ``[K, S]``.
        lengths: tokens of each block, ``[K]``.
        positions: where in the blocks, ``[K * S]``, the token of a sentence is, ``[B, T]``; 0 at padding.
        repeated: tokens whose word stands elsewhere in the part too, by their place in ``[B * T]``, ``[M]``.
        groups: which such word each of them is, ``[M]``.
        counts: how often each such word stands in its part, at least twice, ``[G]``.
    """

    word_index: IntArray
    lengths: IntArray
    positions: IntArray
    repeated: IntArray
    groups: IntArray
    counts: IntArray


def lay_out(
    words: IntArray, forms: IntArray, lengths: IntArray, parts: IntArray, *, block_tokens: int
) -> DocumentLayout:
    """Return the layout of a batch.

    Args:
        words: row of every token in the features of the batch, sentence by sentence, ``[N]``.
        forms: equal for equal words, ``[N]``.
        lengths: tokens of each sentence, ``[B]``.
        parts: number of the part of each sentence, ``[B]``; the sentences of a part stand side by side.
        block_tokens: tokens of a block at most.
    """
    blocks = block_numbers(lengths, parts, block_tokens=block_tokens)
    lengths_of_blocks = np.bincount(blocks, weights=lengths).astype(np.int64)
    # Sentence by sentence or block by block, the tokens follow in the same order.
    in_blocks, in_sentences = _real(lengths_of_blocks), _real(lengths)
    word_index = np.zeros(in_blocks.shape, dtype=np.int64)
    word_index[in_blocks] = words
    positions = np.zeros(in_sentences.shape, dtype=np.int64)
    positions[in_sentences] = np.flatnonzero(in_blocks)
    tokens, groups, counts = _repeated(forms, np.repeat(parts, lengths))
    repeated = np.flatnonzero(in_sentences)[tokens]
    return DocumentLayout(word_index, lengths_of_blocks, positions, repeated, groups, counts)


def _real(lengths: IntArray) -> NDArray[np.bool_]:
    """Return True at real tokens, ``[rows, tokens of the longest]``."""
    real: NDArray[np.bool_] = np.arange(lengths.max(initial=0)) < lengths[:, None]
    return real


def _repeated(forms: IntArray, parts: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Return the tokens that are not the only ones of their form and part ``[M]``, their groups, and the groups' sizes.

    Args:
        forms: of every token, ``[N]``.
        parts: of every token, ``[N]``.
    """
    order = np.lexsort((forms, parts))
    forms, parts = forms[order], parts[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = (forms[1:] != forms[:-1]) | (parts[1:] != parts[:-1])
    sizes = np.diff(np.append(np.flatnonzero(first), len(order)))
    several = sizes > 1
    counts = sizes[several]
    return order[np.repeat(several, sizes)], np.repeat(np.arange(len(counts)), counts), counts
