"""Probabilities of labels within a window of a sentence, such as a span, without running over the rest of it.

Everything before a window affects it only through the forward state that enters it, everything after it only through
the backward state. So a window is a short chain of its own, with these two as start and end scores.

Letters: B sentences, S windows, W tokens of the widest window, L labels, N packed tokens, n_0 sentences with tokens.
"""

from __future__ import annotations

import numpy as np

from tagger.crf_kernels.likelihood import log_likelihood, posterior
from tagger.crf_kernels.packing import Array, Bools, Ints
from tagger.crf_kernels.scores import PackedScores, pack_scores


def window_log_likelihood(scores: PackedScores, rows: Ints, starts: Ints, label_mask: Bools) -> Array:
    """Return the log-probability that the labels of each window are within its mask, ``[S]``.

    Args:
        scores: the scores of any batch.
        rows: sentence of each window, ``[S]``, 0 to B - 1.
        starts: its first token, ``[S]``, counted in real tokens.
        label_mask: labels still possible at each token, ``[S, W, L]``; ignored beyond the end of the sentence.

    Raises:
        ValueError: if a window does not begin within its sentence; names it.
    """
    packing = scores.packing
    batch, num_first = packing.shape[0], packing.num_first
    lengths, rank = np.zeros(batch, dtype=np.int64), np.zeros(batch, dtype=np.int64)
    lengths[packing.first_rows] = packing.lengths
    rank[packing.first_rows] = np.arange(num_first)
    inside = (rows >= 0) & (rows < batch)
    inside &= (starts >= 0) & (starts < lengths[np.where(inside, rows, 0)] if batch else False)
    if not inside.all():
        first = int(np.flatnonzero(~inside)[0])
        raise ValueError(
            f"window {first}: expected to begin within its sentence, found sentence {rows[first]}, "
            f"token {starts[first]}, in a batch of {batch} sentences of up to {max(packing.lengths, default=0)} tokens"
        )
    count, width, num_labels = label_mask.shape
    if not count or not width:
        return np.zeros(count)
    last = np.minimum(starts + width, lengths[rows]) - 1
    # no wider than the sentences allow
    width = int((last - starts).max()) + 1
    label_mask = label_mask[:, :width]
    # steps[s, w]: index of the real token in its sentence; places[s, w]: its packed index
    steps = starts[:, None] + np.arange(width)
    mask = steps < lengths[rows][:, None]
    steps = np.minimum(steps, last[:, None])
    offsets = np.asarray(packing.offsets)
    places = offsets[steps] + rank[rows][:, None]

    _, found = posterior(scores)
    emissions = scores.emissions[places].astype(np.float64)
    windows = np.arange(count)
    entering = np.where((starts == 0)[:, None], scores.start, 0.0)
    after = starts > 0
    entering[after] = found.before(places[after, 0] - num_first)
    emissions[:, 0] += entering
    leaving = np.where((last == lengths[rows] - 1)[:, None], scores.end, 0.0)
    going = last < lengths[rows] - 1
    leaving[going] = found.after((offsets[last + 1] + rank[rows])[going] - num_first)
    emissions[windows, last - starts] += leaving
    # impossible labels go into the masks, where they do not widen the range of the scores
    possible = emissions > -np.inf
    emissions[~possible] = emissions.min(initial=0.0, where=possible)
    transitions = scores.transitions
    if transitions.ndim == 3:
        transitions = transitions[np.maximum(places[:, 1:] - num_first, 0)]
    nothing = np.zeros(num_labels)
    chains = pack_scores(emissions, transitions, nothing, nothing, mask, None)
    packed_mask: Bools = chains.packing.pack(label_mask & possible)
    packed_possible: Bools = chains.packing.pack(possible)
    return _conditional(chains, packed_mask, packed_possible)


def _conditional(chains: PackedScores, label_mask: Bools, possible: Bools) -> Array:
    """Return the log-probability of one mask given another that includes it."""
    within = log_likelihood(chains, label_mask=label_mask, normalised=False)
    total = log_likelihood(chains, label_mask=possible, normalised=False)
    result = np.full_like(within, -np.inf)
    np.subtract(within, total, out=result, where=np.isfinite(within))
    return np.minimum(result, 0.0)
