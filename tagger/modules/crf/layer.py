"""LinearChainCRF: the linear-chain conditional random field as a layer over the emissions of any module."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import compress
from typing import Any, get_args

import torch
from torch import Tensor, nn

from tagger.modules.crf import functional
from tagger.modules.crf.chain import check_count, constraint_tensors, make_chain
from tagger.modules.crf.expected import expected_score
from tagger.modules.crf.functional import Backend
from tagger.modules.crf.posterior import ChainPosterior
from tagger.schemes import TransitionConstraints

_ALLOWED = ("allowed_transitions", "allowed_start_transitions", "allowed_end_transitions")


class LinearChainCRF(nn.Module):
    """A distribution over the labellings of a sequence (Lafferty et al. 2001; Sutton & McCallum 2012).

    The probability of a labelling is the exponential of its score, divided by the sum over all labellings. The score
    is the sum of an emission for each token, a transition for each pair of neighbours, and a start and an end score.

    On top of any module that computes a score for each label at each token:

        >>> encoder, crf = nn.Linear(300, 3), LinearChainCRF(3)
        >>> features, labels = torch.randn(2, 4, 300), torch.tensor([[0, 1, 2, 0], [1, 0, -100, -100]])
        >>> mask = labels >= 0
        >>> loss = crf(encoder(features), labels, mask).mean()  # negative log-likelihood of each sentence
        >>> loss.backward()
        >>> with torch.no_grad():
        ...     best, scores = crf.viterbi_decode(encoder(features), mask)
        ...     probabilities = crf.marginals(encoder(features), mask)
        >>> best.shape, scores.shape, probabilities.shape
        (torch.Size([2, 4]), torch.Size([2]), torch.Size([2, 4, 3]))

    **Mask.** Boolean, True = real token, any pattern. Masked positions are removed and their neighbours joined: padding
    before or after, special tokens, all but the first piece of each word. Their values (NaN, a label of -100) are
    never read, and their gradient is 0. A sentence without real tokens has one labelling, the empty one, with
    log-likelihood, log Z and entropy 0.

    **Constraints** hold in every method, training included: all probabilities are over legal labellings, and a
    forbidden one has probability exactly 0, however large its emissions. ``tagger.schemes.allowed_transitions`` builds
    constraints from label names. Forbidden parameters keep their values and get no gradient. A gold labelling that
    breaks the constraints has log-likelihood -inf and no gradient; other rows are unaffected. A sentence without a
    legal labelling has log Z and best score -inf, labels -1 and marginals 0. Constraints are part of the state; loading
    a state without them, such as that of a pytorch-crf layer, leaves them unchanged.

    **Precision.** All but decoding is computed in float64; results are float32, or float64 if any input is. The other
    sentences of a batch change no label, and other results at most by rounding; no input is modified.

    **Partially labelled data** (Tsuboi et al. 2008): ``-partial_log_likelihood`` is the loss.

    **Label costs** (softmax-margin, Gimpel & Smith 2010): add them to the emissions in training. With a cost of 2 for
    each wrong label:

        >>> cost = 2.0 * (1 - nn.functional.one_hot(labels.clamp(min=0), 3))
        >>> margin_loss = crf(encoder(features) + cost, labels, mask).mean()
        >>> bool(margin_loss > loss)
        True

    **Backends.** On the CPU, NumPy kernels with closed-form gradients; for losses, scores, marginals and entropy on
    other devices, and for second derivatives, plain torch operations, none of which waits for the device. Decoding and
    ``posterior`` always run on the CPU. ``torch.compile`` sees the loss as one operator.

    Example:
        >>> from tagger.schemes import LabelScheme, allowed_transitions
        >>> constraints = allowed_transitions(("O", "B-PER", "I-PER"), LabelScheme.IOB2)
        >>> crf = LinearChainCRF(3, constraints=constraints)
        >>> emissions = torch.tensor([[[0.0, 1.0, 9.0], [0.0, 1.0, 9.0]]])
        >>> crf.decode(emissions)  # I-PER cannot come first
        [[1, 2]]
        >>> loss = crf(emissions, torch.tensor([[1, 2]]))
        >>> loss.shape, bool(loss > 0)
        (torch.Size([1]), True)

    Args:
        num_labels: L, at least 1.
        constraints: which labels may follow each other, start and end a sentence; all if left out. The attribute of
            this name can be set, replaced and removed (None) later.
        backend: ``fast``, ``reference``, or ``auto`` for the fast one where it is available.

    Attributes:
        transitions: score of label j after label i at ``[i, j]``, ``[L, L]``.
        start_transitions: score of the first label, ``[L]``.
        end_transitions: score of the last label, ``[L]``.

    All methods take ``emissions [B, T, L]``, floating-point scores in nats, and ``mask [B, T]``, all real if left out.

    Raises:
        ValueError: for shapes that disagree, a mask that is not boolean, a label out of range or a score of NaN or
            +inf at a real position. Values are only checked on the CPU: on other devices the check would need a
            synchronisation.
        TypeError: for integer emissions, non-integer labels, and arguments that are not tensors.
    """

    def __init__(
        self, num_labels: int, *, constraints: TransitionConstraints | None = None, backend: Backend = "auto"
    ) -> None:
        check_count("num_labels", num_labels)
        if backend not in get_args(Backend):
            raise ValueError(f"backend: expected one of {', '.join(get_args(Backend))}, found {backend!r}")
        super().__init__()
        self.num_labels = num_labels
        self.backend: Backend = backend
        self.transitions = nn.Parameter(torch.empty(num_labels, num_labels))
        self.start_transitions = nn.Parameter(torch.empty(num_labels))
        self.end_transitions = nn.Parameter(torch.empty(num_labels))
        for name in _ALLOWED:
            self.register_buffer(name, None)
        self.constraints = constraints
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all scores from the uniform distribution between -0.1 and 0.1."""
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -0.1, 0.1)

    @property
    def constraints(self) -> TransitionConstraints | None:
        """The allowed transitions, starts and ends, as boolean tensors; None if everything is allowed."""
        tables = [getattr(self, name) for name in _ALLOWED]
        return None if tables[0] is None else TransitionConstraints(*tables)

    @constraints.setter
    def constraints(self, constraints: TransitionConstraints | None) -> None:
        tables: tuple[Tensor | None, ...] = (None, None, None)
        if constraints is not None:
            # copies, so that later changes to the caller's tables do not change the layer
            tables = tuple(
                table.clone()
                for table in constraint_tensors(constraints, self.num_labels, self.transitions.device)
            )
        for name, table in zip(_ALLOWED, tables, strict=True):
            setattr(self, name, table)

    def forward(self, emissions: Tensor, labels: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the negative log-likelihood of each sentence, ``[B]`` in nats, without reduction.

        Args:
            emissions: ``[B, T, L]``.
            labels: gold labels, ``[B, T]`` integers; anything where masked.
            mask: True for real tokens, ``[B, T]``.
        """
        return -self.log_likelihood(emissions, labels, mask)

    def loss(
        self,
        emissions: Tensor,
        labels: Tensor,
        mask: Tensor,
        *,
        constrained: bool = True,
        label_sets: Tensor | None = None,
    ) -> Tensor:
        """Return the training loss of each sentence, ``[B]`` in nats: the negative log-likelihood of its labels.

        Args:
            emissions: ``[B, T, L]``.
            labels: gold labels, ``[B, T]`` integers; anything where masked.
            mask: True for real tokens, which come first, ``[B, T]``.
            constrained: whether the likelihood is relative to the legal labellings, or to all of them.
            label_sets: which labels each integer stands for, ``[K, L]``, True = possible; the loss is then that of all
                labellings within them. If left out, each integer is the id of one label.
        """
        if label_sets is not None:
            return -functional.crf_partial_log_likelihood(
                emissions,
                label_sets[labels.clamp(min=0)],
                *self._scores(),
                mask,
                constraints=self.constraints if constrained else None,
                backend=self.backend,
            )
        constraints = self.constraints if constrained else None
        return -functional.crf_log_likelihood(
            emissions, labels, *self._scores(), mask, constraints=constraints, backend=self.backend
        )

    def cross_entropy(
        self, emissions: Tensor, nodes: Tensor, pairs: Tensor, mask: Tensor, *, constrained: bool = True
    ) -> Tensor:
        """Return the mean negative log-likelihood of labellings drawn from another distribution, ``[B]`` in nats.

        It is log Z minus their expected score, which depends only on the expected counts of labels and of pairs of
        neighbours. The gradient is the difference between the model's expected counts and these, at the cost of one
        forward-backward pass. With the counts of a single labelling it is the ordinary loss; with a teacher's marginals
        it is a distillation loss (Hinton, Vinyals & Dean 2015; for sequences Kim & Rush 2016); a mixture of counts
        gives the mixture of losses. Its minimum, where the model equals the distribution, is that one's entropy.

        Args:
            emissions: ``[B, T, L]``.
            nodes: probability of each label at each token, ``[B, T, L]``; anything where masked.
            pairs: how often label j is expected to follow label i, ``[B, L, L]``: pairwise marginals, summed over T.
            mask: True for real tokens, which come first, ``[B, T]``.
            constrained: whether the likelihood is relative to the legal labellings, or to all of them.
        """
        log_z = functional.crf_log_partition(
            emissions,
            *self._scores(),
            mask,
            constraints=self.constraints if constrained else None,
            backend=self.backend,
        )
        return log_z - expected_score(emissions, nodes, pairs, mask, *self._scores())

    def log_likelihood(self, emissions: Tensor, labels: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the log-probability of each labelling, ``[B]``, at most 0."""
        return functional.crf_log_likelihood(
            emissions, labels, *self._scores(), mask, constraints=self.constraints, backend=self.backend
        )

    def partial_log_likelihood(
        self, emissions: Tensor, label_mask: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        """Return the log-probability that all labels are within a mask, ``[B]``, at most 0.

        With one label at each token it is the log-likelihood of that labelling; with a mask that fixes a span
        (``tagger.schemes.span_label_mask``), the log-probability of exactly that span (Culotta & McCallum 2004).

        Args:
            emissions: ``[B, T, L]``.
            label_mask: labels still possible, ``[B, T, L]``, True = possible.
            mask: True for real tokens, ``[B, T]``.
        """
        return functional.crf_partial_log_likelihood(
            emissions, label_mask, *self._scores(), mask, constraints=self.constraints, backend=self.backend
        )

    def window_log_likelihood(
        self, emissions: Tensor, rows: Tensor, starts: Tensor, label_mask: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        """Return the log-probability that the labels of each window are within its mask, ``[S]``.

        The same as ``partial_log_likelihood`` with a mask that allows everything elsewhere, but at a cost that does
        not grow with the rest of the sentence; meant for the probabilities of many spans. Not differentiable.

        Args:
            emissions: ``[B, T, L]``.
            rows: sentence of each window, ``[S]``.
            starts: first token of each window, ``[S]``, counted in real tokens.
            label_mask: labels still possible within each window, ``[S, W, L]``; not read beyond the end of the
                sentence. Pad narrower windows with True.
            mask: True for real tokens, ``[B, T]``.
        """
        return functional.crf_window_log_likelihood(
            emissions, rows, starts, label_mask, *self._scores(), mask, constraints=self.constraints
        )

    def score(self, emissions: Tensor, labels: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the score of each labelling, ``[B]`` in nats; -inf if the constraints forbid it."""
        return functional.crf_score(emissions, labels, *self._scores(), mask, constraints=self.constraints)

    def log_partition(
        self, emissions: Tensor, mask: Tensor | None = None, *, label_mask: Tensor | None = None
    ) -> Tensor:
        """Return log Z, ``[B]`` in nats, over all legal labellings (within ``label_mask [B, T, L]`` if given)."""
        return functional.crf_log_partition(
            emissions,
            *self._scores(),
            mask,
            label_mask=label_mask,
            constraints=self.constraints,
            backend=self.backend,
        )

    def marginals(self, emissions: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the probability of each label at each position, ``[B, T, L]``; 0 where masked."""
        return functional.crf_marginals(
            emissions, *self._scores(), mask, constraints=self.constraints, backend=self.backend
        )

    def pairwise_marginals(self, emissions: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the probability of each pair of neighbouring labels, ``[B, T - 1, L, L]``.

        Entry ``[b, t - 1, i, j]``: label j at position t, and i at the last real position before it.
        """
        return functional.crf_pairwise_marginals(
            emissions, *self._scores(), mask, constraints=self.constraints, backend=self.backend
        )

    def posterior(self, emissions: Tensor, mask: Tensor | None = None) -> ChainPosterior:
        """Return the exact probabilities of a batch, for several queries at the cost of one forward-backward pass.

        Always in float64 and without gradients.
        """
        chain = make_chain(emissions, *self._scores(), mask, self.constraints)
        return ChainPosterior(chain)

    def entropy(self, emissions: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the entropy of the distribution over labellings, ``[B]`` in nats, at least 0."""
        return functional.crf_entropy(
            emissions, *self._scores(), mask, constraints=self.constraints, backend=self.backend
        )

    def viterbi_decode(
        self, emissions: Tensor, mask: Tensor | None = None, *, label_mask: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return the best labelling, ``[B, T]``, -1 where masked, and its score, ``[B]`` in nats.

        Args:
            emissions: ``[B, T, L]``.
            mask: True for real tokens, ``[B, T]``.
            label_mask: labels still possible, ``[B, T, L]``; all that the constraints allow if left out.
        """
        return functional.crf_viterbi_decode(
            emissions, *self._scores(), mask, label_mask=label_mask, constraints=self.constraints
        )

    def nbest_decode(
        self, emissions: Tensor, n: int, mask: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the n best labellings, ``[B, n, T]``, their scores, ``[B, n]``, and whether each exists, ``[B, n]``.

        Best first, all different. If fewer than n legal labellings exist, the rest are -1, -inf and False.
        """
        return functional.crf_nbest_decode(emissions, n, *self._scores(), mask, constraints=self.constraints)

    def posterior_decode(self, emissions: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the legal labelling with the most correct labels in expectation, ``[B, T]``, -1 where masked.

        It maximises the sum of the marginals; Viterbi decoding maximises the probability of the whole labelling.
        """
        return functional.crf_posterior_decode(emissions, *self._scores(), mask, constraints=self.constraints)

    def best_labels(
        self, emissions: Tensor, mask: Tensor | None = None, *, decode: str = "viterbi"
    ) -> Tensor:
        """Return the labels of each sentence by Viterbi or posterior decoding, ``[B, T]``, -1 where masked.

        Args:
            emissions: ``[B, T, L]``.
            mask: True for real tokens, ``[B, T]``.
            decode: ``viterbi`` or ``posterior``.
        """
        if decode == "posterior":
            return self.posterior_decode(emissions, mask)
        return self.viterbi_decode(emissions, mask)[0]

    def decode(self, emissions: Tensor, mask: Tensor | None = None) -> list[list[int]]:
        """Return the best labelling of each sentence as a list without padding.

        Raises:
            ValueError: if a sentence has no legal labelling; the message gives its index.
        """
        labels, scores = self.viterbi_decode(emissions, mask)
        lost = torch.nonzero(scores == -torch.inf)
        if len(lost):
            raise ValueError(f"sentence {int(lost[0])} has no labelling that the constraints allow")
        if mask is None:
            return labels.tolist()
        return [list(compress(*row)) for row in zip(labels.tolist(), mask.tolist(), strict=True)]

    def extra_repr(self) -> str:
        """Describe the layer in ``print(model)``."""
        return f"{self.num_labels}, constrained={self.constraints is not None}, backend={self.backend!r}"

    def _scores(self) -> tuple[Tensor, Tensor, Tensor]:
        return self.transitions, self.start_transitions, self.end_transitions

    def _load_from_state_dict(self, state_dict: Mapping[str, Any], prefix: str, *rest: Any) -> None:
        """Load the constraints from the state; keep the current ones if it holds none."""
        if any(prefix + name in state_dict for name in _ALLOWED):
            if self.constraints is None:
                # buffers to load into; missing or misshapen ones are reported like any other weight
                row = torch.ones_like(self.start_transitions, dtype=torch.bool)
                self.constraints = TransitionConstraints(row.repeat(self.num_labels, 1), row, row)
        elif self.constraints is not None:
            state_dict = {**state_dict, **{prefix + name: getattr(self, name) for name in _ALLOWED}}
        super()._load_from_state_dict(state_dict, prefix, *rest)
