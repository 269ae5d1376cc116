"""Decoding on packed arrays: the best path of each sentence (Viterbi) and the n best.

Letters: N packed tokens, L labels, S steps, n sentences that reach a step.
"""

from __future__ import annotations

import numpy as np

from tagger.crf_kernels.packing import Array, Ints, Packing


def viterbi(
    emissions: Array, transitions: Array, start: Array, end: Array, packing: Packing
) -> tuple[Ints, Array]:
    """Return the best labelling of each sentence and its score.

    No back-pointers are kept: the arg-max is taken again, along the best path alone. Among equal scores the
    smaller label wins, seen from the end of the sentence.

    Args:
        emissions: packed, ``[N, L]``; -inf = forbidden.
        transitions: ``[L, L]``, or ``[N - n, L, L]`` for each packed token behind step 0; -inf = forbidden.
        start: ``[L]``; -inf = forbidden.
        end: ``[L]``; -inf = forbidden.
        packing: where the tokens belong.

    Returns:
        labels ``[N]``, packed; -1 for sentences without legal path. scores in the order of step 0, in nats;
        -inf without legal path.
    """
    counts, offsets = packing.counts, packing.offsets
    # best[i, j]: score of the best path up to packed token i that ends in label j
    best = np.empty_like(emissions)
    steps = [best[low:high] for low, high in zip(offsets[:-1], offsets[1:], strict=True)]
    for step, now in enumerate(steps):
        emitted = emissions[offsets[step] : offsets[step + 1]]
        if step == 0:
            np.add(emitted, start, out=now)
        else:
            entered = _entered(transitions, packing, step)
            # candidates[i, b, j]: sentence b comes from label i to label j
            candidates = steps[step - 1][: counts[step]].T[:, :, None] + entered
            np.add(candidates.max(axis=0), emitted, out=now)
    labels = np.empty(len(emissions), dtype=np.int64)
    final = best[packing.last] + end
    following = np.empty(0, dtype=np.int64)
    for step in reversed(range(len(steps))):
        low, high = offsets[step], offsets[step + 1]
        ending = counts[step] - len(following)
        scores = np.empty((counts[step], best.shape[1]))
        if len(following):
            back = _entered(transitions, packing, step + 1)
            rows = np.arange(len(following))
            scores[: len(following)] = steps[step][: len(following)] + (
                back[:, 0, following].T if back.shape[1] == 1 else back[:, rows, following].T
            )
        if ending:
            scores[len(following) :] = final[len(following) : counts[step]]
        following = labels[low:high]
        scores.argmax(axis=1, out=following)
    score = final.max(axis=1)
    lost = np.zeros(packing.shape[0], dtype=np.bool_)
    lost[packing.first_rows] = score == -np.inf
    labels[lost[packing.rows]] = -1
    return labels, score


def nbest(
    emissions: Array, transitions: Array, start: Array, end: Array, packing: Packing, n: int
) -> tuple[Ints, Array]:
    """Return the n best labellings of each sentence and their scores, best first.

    Every state keeps its n best paths. Equal scores are ordered by slot, then by label, so that the best m of
    the n best are the m best.

    Args:
        emissions: packed, ``[N, L]``; -inf = forbidden.
        transitions: ``[L, L]``, or ``[N - n_0, L, L]`` for each packed token behind step 0; -inf = forbidden.
        start: ``[L]``; -inf = forbidden.
        end: ``[L]``; -inf = forbidden.
        packing: where the tokens belong.
        n: paths wanted, at least 1.

    Returns:
        labels ``[N, n]``, packed. scores ``[sentences of step 0, n]``. Where fewer than n legal paths exist, the
        rest is -1 and -inf.
    """
    counts, offsets = packing.counts, packing.offsets
    num_labels = emissions.shape[1]
    # best[b, slot, j]: slot-th best path to label j. came[step][b, slot, j]: previous slot * L + previous label
    best = np.full((counts[0] if counts else 0, n, num_labels), -np.inf)
    finished = np.full_like(best, -np.inf)
    came: list[Ints] = []
    for step, count in enumerate(counts):
        emitted = emissions[offsets[step] : offsets[step + 1], None]
        if step == 0:
            best[:, :1] = start + emitted
        else:
            entered = _entered(transitions, packing, step).transpose(1, 0, 2)
            candidates = (best[:count, :, :, None] + entered[:, None]).reshape(
                count, n * num_labels, num_labels
            )
            choice = _largest(candidates, n)
            came.append(choice)
            best = np.take_along_axis(candidates, choice, axis=1) + emitted
        leaving = counts[step + 1] if step + 1 < len(counts) else 0
        finished[leaving:count] = best[leaving:]
    finished = (finished + end).reshape(len(finished), n * num_labels, 1)
    choice = _largest(finished, n)[..., 0]
    scores = np.take_along_axis(finished[..., 0], choice, axis=1)
    labels = np.empty((len(emissions), n), dtype=np.int64)
    for step in reversed(range(len(counts))):
        # choice[b, k] = slot * L + label of the k-th path of sentence b at this step
        here = choice[: counts[step]].copy()
        labels[offsets[step] : offsets[step + 1]] = here % num_labels
        if step:
            slot, label = np.divmod(here, num_labels)
            choice[: counts[step]] = came[step - 1][np.arange(counts[step])[:, None], slot, label]
    rank = np.empty(packing.shape[0], dtype=np.int64)
    rank[packing.first_rows] = np.arange(len(scores))
    labels[scores[rank[packing.rows]] == -np.inf] = -1
    return labels, scores


def _largest(values: Array, n: int) -> Ints:
    """Return where the n largest stand along axis 1, largest first, the earlier of equals first."""
    return np.argsort(-values, axis=1, kind="stable")[:, :n]


def _entered(transitions: Array, packing: Packing, step: int) -> Array:
    """Return the transitions into a step as ``[L (from), n or 1, L (to)]``."""
    if transitions.ndim == 2:
        return transitions[:, None, :]
    first = packing.offsets[1]
    return transitions[packing.offsets[step] - first : packing.offsets[step + 1] - first].transpose(1, 0, 2)
