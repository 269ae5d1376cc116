"""Decoding: the best labelling of each sentence (Viterbi), and the n best.

Letters: B sentences, T positions, N packed tokens, L labels, n_t sentences that reach step t.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tagger.crf_kernels.likelihood import path_scores, posterior
from tagger.crf_kernels.packing import Array, Bools, Ints, Packing
from tagger.crf_kernels.scores import PackedScores

# forward(packing, states, emissions, transitions) fills the states after step 0, as ``max_plus`` does
Forward: TypeAlias = Callable[[Packing, NDArray[Any], NDArray[Any], NDArray[Any]], None]

# Steps between subtracting the maximum from the states, which keeps them in the range where float32 is precise
LOWER_EVERY = 8


def max_plus(
    packing: Packing, states: NDArray[Any], emissions: NDArray[Any], transitions: NDArray[Any]
) -> None:
    """Fill in the score of the best path to each token and label, up to a constant per token.

    Args:
        packing: the packing of a non-empty batch.
        states: ``[N, L]``; those of step 0 are given, the others are written.
        emissions: ``[N, L]``.
        transitions: ``[L, L]``, or ``[N - n_0, L, L]``.
    """
    count, num_labels = packing.num_first, states.shape[1]
    if count == 1 and transitions.ndim == 2:
        _max_plus_alone(states, emissions, transitions)
        return
    # from label, sentence, to label: reducing the first axis is the fastest
    room = np.empty((num_labels, count, num_labels), states.dtype)
    steps, emitted = packing.steps(states), packing.steps(emissions)
    tables = [transitions[:, None, :]] * (len(steps) - 1)
    if transitions.ndim == 3:
        tables = [table.swapaxes(0, 1) for table in packing.steps_after_first(transitions)]
    for step, table in enumerate(tables, start=1):
        last, now = steps[step - 1], steps[step]
        candidates = room if len(now) == count else room[:, : len(now)]
        np.add(last[: len(now)].T[:, :, None], table, out=candidates)
        np.maximum.reduce(candidates, axis=0, out=now)
        now += emitted[step]
        if step % LOWER_EVERY == 0:
            now -= np.maximum(now.max(axis=1, keepdims=True), np.finfo(now.dtype).min)


def _max_plus_alone(states: NDArray[Any], emissions: NDArray[Any], transitions: NDArray[Any]) -> None:
    """Compute ``max_plus`` for one sentence, with all views created before the loop."""
    lowest = np.finfo(states.dtype).min
    room = np.empty_like(transitions)  # from label, to label
    steps = zip(states[:-1, :, None], states[1:], emissions[1:], strict=True)
    for step, (last, now, emitted) in enumerate(steps, start=1):
        np.add(last, transitions, room)
        np.maximum.reduce(room, 0, None, now)
        np.add(now, emitted, now)
        if step % LOWER_EVERY == 0:
            now -= max(now.max(), lowest)


def viterbi(
    scores: PackedScores,
    label_mask: Bools | None = None,
    *,
    forward: Forward = max_plus,
) -> tuple[Ints, Array]:
    """Return the best labelling of each sentence and its score.

    Args:
        scores: the scores of any batch.
        label_mask: as for ``best_labels``.
        forward: as for ``best_labels``.

    Returns:
        labels ``[B, T]``, -1 where masked and in sentences without a legal path; scores ``[B]`` in nats, in
        float64, -inf without a legal path and 0 for empty sentences.
    """
    packing = scores.packing
    if not packing.counts:
        return np.full(packing.shape, -1), np.zeros(packing.shape[0])
    labels = best_labels(scores, label_mask, forward=forward)
    totals = path_scores(labels, scores)
    totals[packing.rows[labels < 0]] = -np.inf
    return packing.unpack(labels, fill=-1), totals


def best_labels(
    scores: PackedScores,
    label_mask: Bools | None = None,
    *,
    forward: Forward = max_plus,
) -> Ints:
    """Return the best labelling of each sentence.

    No back-pointers are kept: the arg-max is recomputed, only along the best path. Ties are resolved in favour of the
    smaller label, from the end of the sentence backwards. States have the precision of the emissions.

    Args:
        scores: the scores of any batch.
        label_mask: packed, ``[N, L]``: labels still possible; all if None.
        forward: fills in the states; may be replaced by a faster equivalent.

    Returns:
        The labels of the real tokens, ``[N]``; -1 in sentences without a legal path.
    """
    packing = scores.packing
    if not packing.counts:
        return np.empty(0, dtype=np.int64)
    emissions = scores.emissions
    if label_mask is not None:
        emissions = np.where(label_mask, emissions, -np.inf).astype(emissions.dtype)
    transitions, start, end = (table.astype(emissions.dtype) for table in scores[2:])
    # best[i, j]: score of the best path up to packed token i that ends in label j, up to a constant of i
    # (more room than needed, untouched: see the allocation in ``scaled``)
    best = np.empty((3, *emissions.shape), emissions.dtype)[0]
    np.add(emissions[: packing.num_first], start, out=best[: packing.num_first])
    forward(packing, best, emissions, transitions)
    final = best[packing.last] + end
    if packing.num_first == 1 and transitions.ndim == 2:
        labels = _backtrace_alone(best, transitions, end)
    else:
        labels = _backtrace(packing.steps(best), transitions, end, packing)
    lost = packing.scatter_rows(final.max(axis=1)) == -np.inf
    if lost.any():
        labels[lost[packing.rows]] = -1
    return labels


def posterior_decode(scores: PackedScores, *, forward: Forward = max_plus) -> Ints:
    """Return the legal labelling with the most correct labels in expectation, ``[B, T]``, -1 where masked.

    Args:
        scores: the scores of any batch.
        forward: as for ``viterbi``.
    """
    if not scores.packing.counts:
        return np.full(scores.packing.shape, -1)
    nodes = posterior(scores)[1].nodes
    # only whether a path is legal still matters, not its score
    legal = [np.where(table > -np.inf, 0.0, -np.inf) for table in scores[2:]]
    expected = PackedScores(scores.packing, np.where(scores.emissions > -np.inf, nodes, -np.inf), *legal)
    return expected.packing.unpack(best_labels(expected, forward=forward), fill=-1)


def _backtrace(
    steps: list[NDArray[Any]], transitions: NDArray[Any], end: NDArray[Any], packing: Packing
) -> Ints:
    """Return the labels of the best path, ``[N]``, computed from the last step to the first."""
    labels = np.empty(len(packing.index), dtype=np.int64)
    by_step = packing.steps(labels)
    tables: list[NDArray[Any]] = []
    if transitions.ndim == 3:
        tables = packing.steps_after_first(transitions)
    # turned[j, i]: label j after label i
    turned = np.ascontiguousarray(transitions.swapaxes(-1, -2))
    entered = np.empty_like(steps[0])
    following = by_step[-1][:0]
    for step in reversed(range(len(steps))):
        states, now = steps[step], by_step[step]
        going = len(following)
        if going < len(states):
            (states[going:] + end).argmax(axis=1, out=now[going:])
            now = now[:going]
            states = states[:going]
        if going:
            came = entered if going == len(entered) else entered[:going]
            if tables:
                np.add(states, tables[step][np.arange(going), :, following], out=came)
            else:
                np.take(turned, following, axis=0, out=came, mode="clip")
                came += states
            came.argmax(axis=1, out=now)
        following = by_step[step]
    return labels


def _backtrace_alone(states: NDArray[Any], transitions: NDArray[Any], end: NDArray[Any]) -> Ints:
    """Return the result of ``_backtrace`` for one sentence."""
    labels = np.empty(len(states), dtype=np.int64)
    turned = np.ascontiguousarray(transitions.T)
    entered = np.empty_like(end)
    labels[-1] = following = (states[-1] + end).argmax()
    for step in reversed(range(len(states) - 1)):
        np.add(states[step], turned[following], entered)
        labels[step] = following = entered.argmax()
    return labels


def nbest(scores: PackedScores, n: int) -> tuple[Ints, Array]:
    """Return the n best labellings of each sentence and their scores, best first.

    Every state keeps its n best paths, so no path is returned twice. Ties are ordered by slot, then by label, so that
    the first m of the n best are the m best.

    Args:
        scores: the scores of any batch.
        n: number of paths, at least 1.

    Returns:
        labels ``[B, n, T]``, -1 where masked; scores ``[B, n]`` in nats. If fewer than n legal paths exist, the
        rest are -1 and -inf. An empty sentence has one path, with score 0.
    """
    packing = scores.packing
    empty = np.full((packing.shape[0], n), -np.inf)
    empty[:, :1] = 0.0
    if not packing.counts:
        return np.full((packing.shape[0], n, packing.shape[1]), -1), empty
    num_labels = len(scores.start)
    emitted = packing.steps(scores.emissions.astype(np.float64))
    by_step = scores.transitions.ndim == 3
    tables = packing.steps_after_first(scores.transitions) if by_step else [scores.transitions] * len(emitted)
    # best[b, slot, j]: the slot-th best path that ends in label j
    best = np.full((packing.num_first, n, num_labels), -np.inf)
    best[:, 0] = scores.start + emitted[0]
    finished = np.empty_like(best)
    # came[t - 1][b, slot, j]: where it came from, as slot * L + label
    came: list[Ints] = []
    for step, count in enumerate(packing.counts):
        if step:
            # candidates[b, slot, i, j]
            candidates = best[:count, :, :, None] + (tables[step - 1][:, None] if by_step else tables[0])
            candidates = candidates.reshape(count, n * num_labels, num_labels)
            came.append(_largest(candidates, n))
            best = np.take_along_axis(candidates, came[-1], axis=1) + emitted[step][:, None]
        going = packing.counts[step + 1] if step + 1 < len(packing.counts) else 0
        finished[going:count] = best[going:]
    finished = (finished + scores.end).reshape(len(finished), -1)
    choice = _largest(finished, n)
    found = np.take_along_axis(finished, choice, axis=1)
    labels = np.empty((len(scores.emissions), n), dtype=np.int64)
    by_sentence = packing.steps(labels)
    for step in reversed(range(len(emitted))):
        count = packing.counts[step]
        slot, label = np.divmod(choice[:count], num_labels)
        by_sentence[step][:] = np.where(found[:count] > -np.inf, label, -1)
        if step:
            choice[:count] = came[step - 1][np.arange(count)[:, None], slot, label]
    empty[packing.first_rows] = found
    return packing.unpack(labels, fill=-1).swapaxes(1, 2), empty


def _largest(values: Array, n: int) -> Ints:
    """Return the indices of the n largest values along axis 1, largest first; ties in order of index."""
    return np.argsort(-values, axis=1, kind="stable")[:, :n]
