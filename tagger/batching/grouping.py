"""Grouping of sentences of similar length into batches, to keep padding small."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tagger.errors import UsageError
from tagger.features import IntArray


def batches_by_length(
    lengths: Sequence[int] | IntArray, *, max_tokens: int, max_sentences: int | None = None
) -> list[list[int]]:
    """Group sentences of similar length so that a batch's padded size stays within a budget.

    Args:
        lengths: tokens of each sentence.
        max_tokens: the most padded tokens (sentences times longest) in a batch; a longer sentence is a batch alone.
        max_sentences: the most sentences in a batch; no limit if left out.

    Returns:
        Indices of the sentences, longest batch first; every sentence once.

    >>> batches_by_length([3, 9, 2, 8], max_tokens=18)
    [[1, 3], [0, 2]]
    """
    if max_tokens < 1:
        raise UsageError(f"max_tokens: expected 1 or more, found {max_tokens}")
    if max_sentences is not None and max_sentences < 1:
        raise UsageError(f"max_sentences: expected 1 or more, found {max_sentences}")
    lengths = np.asarray(lengths, dtype=np.int64)
    order = np.argsort(-lengths, kind="stable")
    # Longest first: the first sentence of a batch sets its width, and thereby how many fit.
    fitting = np.maximum(max_tokens // np.maximum(lengths[order], 1), 1)
    sizes = np.minimum(fitting, max_sentences or len(order)).tolist()
    members = order.tolist()
    batches: list[list[int]] = []
    start = 0
    while start < len(members):
        end = start + sizes[start]
        batches.append(members[start:end])
        start = end
    return batches


def shuffled_batches(
    lengths: Sequence[int] | IntArray,
    *,
    max_tokens: int,
    max_sentences: int,
    pool: int,
    seed: int,
) -> Iterator[list[int]]:
    """Yield training batches: sentences shuffled, sorted by length within pools, and each pool's batches shuffled.

    Batches of similar lengths need little padding; pools keep them random from epoch to epoch.

    Args:
        lengths: tokens of each sentence.
        max_tokens: as in :func:`batches_by_length`.
        max_sentences: as in :func:`batches_by_length`.
        pool: the number of batches whose sentences are sorted together.
        seed: determines the order.
    """
    generator = np.random.default_rng(seed)
    order = generator.permutation(len(lengths))
    lengths = np.asarray(lengths, dtype=np.int64)
    size = max_sentences * pool
    for start in range(0, len(order), size):
        members = order[start : start + size]
        batches = batches_by_length(lengths[members], max_tokens=max_tokens, max_sentences=max_sentences)
        for k in generator.permutation(len(batches)):
            yield members[batches[k]].tolist()
