"""Packing: the real tokens of a batch in the order a time-step loop reads them, for any pattern of the mask.

Letters: B sentences, T positions, N real tokens of the whole batch, S steps (tokens of the longest sentence).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Packing:
    """Where each real token of a ``[B, T]`` batch goes.

    Masked positions are left out and their neighbours joined. Tokens are stored step by step, within a step the
    longest sentence first, so the sentences that reach step ``t`` are the first ``counts[t]`` of those that
    reach step ``t - 1`` and every step is one contiguous block: ``offsets[t]:offsets[t + 1]``.

    Attributes:
        shape: ``(B, T)`` of the padded batch.
        index: ``[N]``, the position ``b * T + t`` of each packed token.
        rows: ``[N]``, the sentence ``b`` of each packed token.
        counts: sentences that reach each step, S non-increasing numbers.
        offsets: S + 1 bounds of the steps.
        last: ``[counts[0]]``, the packed place of the last token of each sentence, in the order of step 0.
    """

    shape: tuple[int, int]
    index: Ints
    rows: Ints
    counts: tuple[int, ...]
    offsets: tuple[int, ...]
    last: Ints

    @property
    def first_rows(self) -> Ints:
        """The sentences that have a token at all, in packed order."""
        return self.rows[: self.offsets[1]] if self.counts else self.rows

    @property
    def uniform(self) -> bool:
        """Whether all sentences that have a token at all are of one length."""
        return not self.counts or self.counts[-1] == self.counts[0]

    def previous(self) -> Ints:
        """Return for each packed token behind step 0 the packed place of the token before it."""
        steps = np.repeat(np.asarray(self.counts[:-1], dtype=np.int64), self.counts[1:])
        return np.arange(self.offsets[1], self.offsets[-1]) - steps if self.counts else self.index

    def pack(self, padded: NDArray[np.generic]) -> NDArray[np.generic]:
        """Return the real tokens of ``[B, T, ...]`` as ``[N, ...]``."""
        flat = padded.reshape(self.shape[0] * self.shape[1], *padded.shape[2:])
        return np.take(flat, self.index, axis=0)

    def pack_steps(self, padded: NDArray[np.generic]) -> NDArray[np.generic]:
        """Return ``[B, T - 1, ...]``, entry ``t - 1`` for the step into position ``t``, as ``[N - n_0, ...]``."""
        batch, length = self.shape
        entered = self.index[self.offsets[1] :] if self.counts else self.index
        flat = padded.reshape(batch * max(length - 1, 0), *padded.shape[2:])
        return np.take(flat, entered - entered // max(length, 1) - 1, axis=0)

    def unpack(self, packed: NDArray[np.generic], fill: float = 0) -> NDArray[np.generic]:
        """Return ``[N, ...]`` as ``[B, T, ...]`` with ``fill`` at the masked positions."""
        batch, length = self.shape
        padded = np.full((batch * length, *packed.shape[1:]), fill, dtype=packed.dtype)
        padded[self.index] = packed
        return padded.reshape(batch, length, *packed.shape[1:])


def pack_mask(mask: NDArray[np.bool_] | None, shape: tuple[int, int]) -> Packing:
    """Return the packing of a ``[B, T]`` mask; of a batch without padding if there is none."""
    batch, length = shape
    if mask is None or mask.all():
        steps = length if batch else 0
        index = np.arange(batch * length, dtype=np.int64).reshape(batch, length).T.ravel()
        rows = np.tile(np.arange(batch, dtype=np.int64), length)
        offsets = tuple(range(0, batch * steps + 1, max(batch, 1)))
        return Packing(
            shape, index, rows, (batch,) * steps, offsets, np.arange(batch * (steps - 1), batch * steps)
        )
    lengths = mask.sum(axis=1)
    order = np.argsort(-lengths, kind="stable")
    # rank[b]: the place of sentence b within a step
    rank = np.empty(batch, dtype=np.int64)
    rank[order] = np.arange(batch)
    steps = int(lengths.max())
    counts = np.bincount(lengths, minlength=steps + 1)[::-1].cumsum()[::-1][1:]
    offsets = np.concatenate(([0], counts.cumsum()))
    flat = np.flatnonzero(mask)
    rows = flat // length
    # step[i]: how many real tokens of the same sentence stand before the i-th real token
    step = np.arange(flat.size) - np.repeat(lengths.cumsum() - lengths, lengths)
    place = offsets[step] + rank[rows]
    index = np.empty_like(flat)
    index[place] = flat
    nonempty = order[: counts[0] if steps else 0]
    last = offsets[lengths[nonempty] - 1] + np.arange(nonempty.size)
    return Packing(
        shape, index, index // max(length, 1), tuple(counts.tolist()), tuple(offsets.tolist()), last
    )
