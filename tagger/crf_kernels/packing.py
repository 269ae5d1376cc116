"""Packing: the real tokens of a batch in the order in which a loop over time reads them, for any mask pattern.

Letters: B sentences, T positions, N real tokens of the batch, S steps (tokens of the longest sentence),
n_t sentences that reach step t.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]

# Array size, in numbers, that still fits the processor's cache
CACHED = 2**16


@dataclass(frozen=True, slots=True)
class Packing:
    """The positions of the real tokens of a ``[B, T]`` batch in packed arrays.

    Masked positions are left out and their neighbours joined. Tokens are stored step by step, within a step the longest
    sentence first. So the sentences that reach step t are the first n_t of those that reach step t - 1, every step is
    one contiguous block, and nothing is ever computed for padding.

    Attributes:
        shape: ``(B, T)`` of the padded batch.
        index: ``[N]``, the position ``b * T + t`` of each packed token.
        rows: ``[N]``, the sentence b of each packed token.
        lengths: ``[n_0]``, the real tokens of each sentence that has any, in the order of step 0.
        counts: n_t of each step.
        offsets: S + 1 bounds; step t is ``offsets[t]:offsets[t + 1]``.
        last: ``[n_0]``, the packed index of the last token of each sentence, in the order of step 0.
    """

    shape: tuple[int, int]
    index: Ints
    rows: Ints
    lengths: Ints
    counts: tuple[int, ...]
    offsets: tuple[int, ...]
    last: Ints

    @property
    def num_first(self) -> int:
        """n_0, the number of sentences with tokens."""
        return self.counts[0] if self.counts else 0

    @property
    def first_rows(self) -> Ints:
        """The sentences with tokens, ``[n_0]``, in the order of step 0."""
        return self.rows[: self.num_first]

    def previous(self) -> Ints | slice:
        """Return for each packed token after step 0 the packed index of the token before it."""
        if not self.counts or self.counts[0] == self.counts[-1]:
            return slice(0, len(self.index) - self.num_first)
        back: Ints = np.repeat(np.asarray(self.counts[:-1]), np.asarray(self.counts[1:]))
        return np.arange(self.num_first, len(self.index)) - back

    def steps(self, packed: NDArray[Any]) -> list[NDArray[Any]]:
        """Return views of the steps of ``[N, ...]``."""
        return [packed[low:high] for low, high in pairwise(self.offsets)]

    def steps_after_first(self, packed: NDArray[Any]) -> list[NDArray[Any]]:
        """Return views of the steps of ``[N - n_0, ...]``, which begins with step 1."""
        first = self.num_first
        return [packed[low - first : high - first] for low, high in pairwise(self.offsets[1:])]

    def pack(self, padded: NDArray[Any]) -> NDArray[Any]:
        """Return the real tokens of ``[B, T, ...]`` as ``[N, ...]``."""
        flat = padded.reshape(self.shape[0] * self.shape[1], *padded.shape[2:])
        return np.take(flat, self.index, axis=0)

    def unpack(self, packed: NDArray[Any], *, fill: float = 0) -> NDArray[Any]:
        """Return ``[N, ...]`` as ``[B, T, ...]`` with ``fill`` at the masked positions."""
        batch, length = self.shape
        if len(packed) == batch * length:
            # nothing is masked: the axes of tokens and sentences only have to be swapped
            return np.ascontiguousarray(packed.reshape(length, batch, *packed.shape[1:]).swapaxes(0, 1))
        padded = np.full((batch * length, *packed.shape[1:]), fill, packed.dtype)
        padded[self.index] = packed
        return padded.reshape(batch, length, *packed.shape[1:])

    def pack_entered(self, padded: NDArray[Any]) -> NDArray[Any]:
        """Return ``[B, T - 1, ...]``, whose entry t - 1 is for the step into position t, as ``[N - n_0, ...]``."""
        return np.take(padded.reshape(-1, *padded.shape[2:]), self._entered(), axis=0)

    def unpack_entered(self, packed: NDArray[Any]) -> NDArray[Any]:
        """Return ``[N - n_0, ...]`` as ``[B, T - 1, ...]`` with 0 where no step enters."""
        batch, length = self.shape[0], max(self.shape[1] - 1, 0)
        padded = np.zeros((batch * length, *packed.shape[1:]), packed.dtype)
        padded[self._entered()] = packed
        return padded.reshape(batch, length, *packed.shape[1:])

    def sum_tokens(self, values: Array) -> Array:
        """Return the sum of ``[N]`` values over each sentence, ``[B]``."""
        return np.bincount(self.rows, values, self.shape[0]).astype(np.float64, copy=False)

    def scatter_rows(self, values: Array, fill: float = 0.0) -> Array:
        """Return ``[n_0]`` values in the order of step 0 as ``[B]``, with ``fill`` for empty sentences."""
        scattered = np.full((self.shape[0], *values.shape[1:]), fill)
        scattered[self.first_rows] = values
        return scattered

    def _entered(self) -> Ints:
        after = slice(self.num_first, None)
        return self.index[after] - self.rows[after] - 1

    def where(self, place: int) -> str:
        """Return the original position of a packed token, as text for messages."""
        row, column = divmod(int(self.index[place]), self.shape[1])
        return f"sentence {row}, position {column}"


def pack_mask(mask: Bools | None, shape: tuple[int, int]) -> Packing:
    """Return the packing of a ``[B, T]`` mask, True = real; if it is None, that of a batch without padding."""
    batch, length = shape
    if mask is None or mask.all():
        steps = length if batch else 0
        index = np.arange(batch * length).reshape(batch, length).T.ravel()
        rows = index // max(length, 1)
        offsets = tuple(range(0, batch * steps + 1, max(batch, 1)))
        last = np.arange(batch * (steps - 1), batch * steps) if steps else np.empty(0, dtype=np.int64)
        return Packing(shape, index, rows, np.full_like(last, steps), (batch,) * steps, offsets, last)
    lengths = np.count_nonzero(mask, axis=1)
    order = np.argsort(-lengths, kind="stable")
    # rank[b]: the index of sentence b within a step
    rank = np.empty(batch, dtype=np.int64)
    rank[order] = np.arange(batch)
    # counts[t]: number of sentences longer than t
    counts = batch - np.cumsum(np.bincount(lengths))[:-1]
    bounds = np.concatenate(([0], np.cumsum(counts)))
    flat = np.flatnonzero(mask)
    rows = flat // length
    # step[i]: number of real tokens of the same sentence before the i-th real token
    step = np.arange(flat.size) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    place = bounds[step] + rank[rows]
    index, packed_rows = np.empty_like(flat), np.empty_like(rows)
    index[place] = flat
    packed_rows[place] = rows
    filled = order[: counts[0] if counts.size else 0]
    filled_lengths = lengths[filled]
    last = bounds[filled_lengths - 1] + np.arange(filled.size)
    return Packing(
        shape, index, packed_rows, filled_lengths, tuple(counts.tolist()), tuple(bounds.tolist()), last
    )


def parts(count: int, width: int) -> list[slice]:
    """Return slices that cover ``count`` rows, each small enough that intermediate results stay in cache."""
    size = max(1, CACHED // width)
    return [slice(low, low + size) for low in range(0, count, size)]
