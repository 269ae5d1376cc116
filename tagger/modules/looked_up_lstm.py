"""LookedUpLstm: an LSTM that looks up what its gates get of each word, instead of multiplying again at every token.

Words repeat (Zipf's law), and what they give to the gates, W x + b, depends on the word alone. What is left to every
token is the product with U.

Letters: N directions, U words, D width of their vectors, H hidden units per direction, B sentences, T tokens of the
longest, P tokens of them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from tagger.modules.weight_state import WeightState

_Weights = tuple[Tensor, Tensor, Tensor]


class Gates(NamedTuple):
    """What words give to the gates: rows to be looked up, in one or two pieces.

    Attributes:
        first: of the words up to number U, ``[N, U, 4 H]``, U at least 1; not all numbers need be in use.
        further: of further words, ``[N, any number, 4 H]``, or None.
    """

    first: Tensor
    further: Tensor | None = None

    def look_up(self, direction: int, words: Tensor) -> Tensor:
        """Return a row for each word, ``[P, 4 H]``.

        Args:
            direction: number of the direction.
            words: numbers of words, ``[P]``; those from U on lie in ``further``.
        """
        if self.further is None:
            return self.first[direction].index_select(0, words)
        beyond = words - self.first.shape[1]
        rows = self.first[direction].index_select(0, words.masked_fill(beyond >= 0, 0))
        tokens = (beyond >= 0).nonzero().squeeze(1)
        return rows.index_copy_(0, tokens, self.further[direction].index_select(0, beyond[tokens]))


class _Scaled(NamedTuple):
    """The weights in the form that :class:`LookedUpLstm` computes with.

    Attributes:
        state: of which weights.
        w: ``[N, D, 4 H]``.
        u: ``[N, H, 4 H]``.
        b: ``[N, 1, 4 H]``.
    """

    state: WeightState
    w: Tensor
    u: Tensor
    b: Tensor


class LookedUpLstm:
    """One LSTM layer, to be read by words whose gates' inputs are known. It keeps no gradients.

    On a CPU a tanh takes some six times as long as a σ (torch 2.13, AVX-512). As tanh(x) = 2 σ(2 x) - 1, with the
    rows of the candidate doubled in W, U and b, one σ does for all four blocks, i, f, s and o. With c' = 2 c and h' =
    h / 2,
        c'_t = f ⊙ c'_{t-1} + 4 i ⊙ (s - ½)
        h'_t = o ⊙ (σ(c'_t) - ½),
    and U, which reads h', is doubled too. All factors are powers of two. Subtracting ½ costs relative precision where
    values are close to 0: errors stay below 1e-6 in single precision, but half precision would not do.

    Steps read no padding: at each of them stand the sentences that are long enough.

    Copies begin empty. Threads may share it.
    """

    def __init__(self) -> None:
        self._scaled: _Scaled | None = None

    def __reduce__(self) -> tuple[type[LookedUpLstm], tuple[()]]:
        """Be copied as an empty one."""
        return LookedUpLstm, ()

    def gates(self, vectors: Tensor, weights: _Weights) -> Tensor:
        """Return what each word gives to the gates, ``[N, U, 4 H]``.

        Args:
            vectors: of the words, ``[U, D]``.
            weights: W, U and b as :class:`tagger.modules.recurrent_layer.RecurrentLayer` has them.
        """
        scaled = self._scale(weights)
        return torch.baddbmm(scaled.b, vectors.expand(len(scaled.w), *vectors.shape), scaled.w)

    def run(
        self,
        gates: Gates,
        word_index: Tensor,
        lengths: Tensor,
        *,
        initial: Tensor | None,
        weights: _Weights,
        dtype: torch.dtype | None = None,
    ) -> Tensor:
        """Return the hidden states ``[B, T, N H]``, zero at padding.

        Args:
            gates: what :meth:`gates` gave.
            word_index: number in ``gates`` of the word of every token, ``[B, T]``.
            lengths: tokens of each sentence, ``[B]``.
            initial: the hidden and the cell state before the first step, ``[2, N, H]``; None for zeros.
            weights: as for :meth:`gates`.
            dtype: a lower precision for the products with U; none if left out.
        """
        scaled = self._scale(weights)
        recurrent = scaled.u if dtype is None else scaled.u.to(dtype)
        (num_sentences, num_tokens), (num_directions, hidden_dim) = word_index.shape, scaled.u.shape[:2]
        # Sentences from long to short: those that still go on at a step are then the first ones.
        order = torch.argsort(lengths, descending=True, stable=True)
        descending = lengths[order]
        goes_on = torch.arange(num_tokens, device=lengths.device)[:, None] < descending
        step, rank = goes_on.nonzero().unbind(1)  # of P tokens, step after step
        counts = [count for count in goes_on.sum(1).tolist() if count]
        starts = order[rank] * num_tokens
        words = word_index.flatten()
        output = scaled.u.new_zeros(num_sentences * num_tokens, num_directions, hidden_dim)
        for number in range(num_directions):
            tokens = starts + (step if number == 0 else descending[rank] - 1 - step)
            state = None if initial is None else (initial[0, number] / 2, 2 * initial[1, number])
            looked_up = gates.look_up(number, words[tokens])
            output[tokens, number] = _read(looked_up, counts, recurrent[number], state)
        return output.mul_(2).view(num_sentences, num_tokens, num_directions * hidden_dim)

    def _scale(self, weights: _Weights) -> _Scaled:
        state = WeightState(weights)
        kept = self._scaled
        if kept is None or kept.state != state:
            w, u, b = weights
            hidden_dim = u.shape[2]
            doubled = torch.ones_like(b[0])
            doubled[2 * hidden_dim : 3 * hidden_dim] = 2
            self._scaled = kept = _Scaled(
                state,
                (w.transpose(1, 2) * doubled).contiguous(),
                (u.transpose(1, 2) * (2 * doubled)).contiguous(),
                (b * doubled).unsqueeze(1),
            )
        return kept


def _read(gates: Tensor, counts: Sequence[int], u: Tensor, initial: tuple[Tensor, Tensor] | None) -> Tensor:
    """Return h' of every token, ``[P, H]``, in reading order: all first tokens, all second ones, and so on.

    Args:
        gates: of every token in reading order, ``[P, 4 H]``; they are overwritten.
        counts: how many sentences go on at each step.
        u: of one direction, ``[H, 4 H]``; what it is multiplied by is rounded to its precision.
        initial: h' and c' before the first step, ``[H]`` each; None for zeros.
    """
    states = gates.new_empty(len(gates), u.shape[0])
    cell = gates.new_zeros(max(counts, default=0), u.shape[0])
    hidden = None
    if initial is not None:
        hidden = initial[0].expand_as(cell)
        cell += initial[1]
    start = 0
    for count in counts:
        now = slice(start, start + count)
        at_work = gates[now]
        if hidden is not None and u.dtype == gates.dtype:
            at_work.addmm_(hidden[:count], u)
        elif hidden is not None:
            at_work.add_(hidden[:count].to(u.dtype) @ u)
        i, f, s, o = at_work.sigmoid_().chunk(4, dim=1)
        kept = cell[:count].mul_(f).addcmul_(i, s.sub_(0.5), value=4)
        hidden = torch.sigmoid(kept, out=states[now]).sub_(0.5).mul_(o)
        start += count
    return states
