"""TaggerModel: features, encoder and decoder as one network, from a batch to scores and labels.

It knows the numbers of words, characters and labels, but no strings, files or training loop. It is used for training
and for tagging on an accelerator; on the CPU :mod:`tagger.network` computes the same without torch. Letters: B
sentences, T tokens, U distinct words, L labels.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from tagger.batching import Batch
from tagger.modules.crf import LinearChainCRF
from tagger.modules.dropout import BatchDropout, LockedDropout
from tagger.modules.recurrent import RecurrentEncoder
from tagger.modules.wide import WideEmissions
from tagger.modules.word_features import FeatureTensors, WordFeatures


class CountTensors(NamedTuple):
    """:class:`tagger.batching.BatchCounts` as tensors on one device."""

    are_known: Tensor
    nodes: Tensor
    pairs: Tensor


class BatchTensors(NamedTuple):
    """A :class:`tagger.batching.Batch` as tensors on one device.

    ``word_index``, ``mask`` and ``labels`` are ``[B, T]``, ``lengths`` is ``[B]``, ``wide`` is ``[B, T, F]``.
    """

    features: FeatureTensors
    word_index: Tensor
    mask: Tensor
    lengths: Tensor
    labels: Tensor | None
    wide: Tensor | None = None
    counts: CountTensors | None = None

    @classmethod
    def of(cls, batch: Batch, device: torch.device | str = "cpu") -> BatchTensors:
        """Return the batch as tensors; on the CPU they share the arrays' memory."""

        def tensor(array: object) -> Tensor:
            return torch.as_tensor(array).to(device, non_blocking=True)

        return cls(
            FeatureTensors.of(batch.features, device),
            tensor(batch.word_index),
            tensor(batch.mask),
            tensor(batch.lengths),
            None if batch.labels is None else tensor(batch.labels),
            None if batch.wide is None else tensor(batch.wide),
            None if batch.counts is None else CountTensors(*map(tensor, batch.counts)),
        )


class Pass(NamedTuple):
    """The intermediate results of a forward pass.

    Attributes:
        inputs: of the encoder, ``[B, T, D]``, in training after dropout, which may leave only M of the columns.
        encoded: output of the encoder, ``[B, T, E]``, in training after dropout.
        emissions: the unnormalised natural-log scores of every label at every token, ``[B, T, L]``.
    """

    inputs: Tensor
    encoded: Tensor
    emissions: Tensor


class TaggerModel(nn.Module):
    """Word features, gathered into sentences; a recurrent encoder; a linear layer; a decoder.

    Args:
        word_features: vectors of distinct words.
        encoder: reads ``[B, T, word_features.output_dim]``.
        decoder: scores label sequences.
        dropout: locked dropout before and after the encoder, in training.
        word_dropout: probability that a token's whole vector is zeroed, in training.
        constrained_training: whether the loss respects the decoder's constraints; decoding always does.
        wide: computes the contribution of wide features to the emissions.

    Attributes:
        shares_dropout: whether all sentences of a batch share one dropout mask before the encoder, so that the dropped
            features need not be multiplied; otherwise each sentence has its own.
        label_sets: the set of labels that each integer in a batch's labels stands for, ``[K, L]``, if sentences are
            partially labelled; None if each integer is a label id.
    """

    label_sets: Tensor | None

    def __init__(
        self,
        word_features: WordFeatures,
        encoder: RecurrentEncoder,
        decoder: LinearChainCRF,
        *,
        dropout: float,
        word_dropout: float,
        constrained_training: bool,
        wide: WideEmissions | None = None,
    ) -> None:
        super().__init__()
        self.word_features = word_features
        self.encoder = encoder
        self.projection = nn.Linear(encoder.output_dim, decoder.num_labels)
        self.decoder = decoder
        self.wide = wide
        self.dropout = LockedDropout(dropout)
        self.batch_dropout = BatchDropout(dropout)
        self.shares_dropout = False
        self.word_dropout = word_dropout
        self.constrained_training = constrained_training
        self.register_buffer("label_sets", None, persistent=False)
        nn.init.xavier_uniform_(self.projection.weight)
        nn.init.zeros_(self.projection.bias)

    def forward(self, batch: BatchTensors) -> Pass:
        """Run the network over a batch; the only path from a batch to its emissions."""
        inputs, columns = self._inputs(batch)
        added = self._wide_scores(batch.wide)
        encoded = self.dropout(self.encoder(inputs, batch.lengths, columns))
        return Pass(inputs, encoded, self._emissions(encoded, added))

    def emissions(self, batch: BatchTensors) -> Tensor:
        """Return the unnormalised natural-log scores of every label at every token, ``[B, T, L]``."""
        return self.forward(batch).emissions

    def score(self, encoded: Tensor, wide: Tensor | None) -> Tensor:
        """Return the emissions, ``[B, T, L]``: the last step of :meth:`forward`.

        Args:
            encoded: output of the encoder, ``[B, T, E]``.
            wide: row indices of the wide features of every token, ``[B, T, F]``, if the model has them.

        Raises:
            ValueError: if wide features are given to a model without them, or missing for one with them.
        """
        return self._emissions(encoded, self._wide_scores(wide))

    def _emissions(self, encoded: Tensor, added: Tensor | None) -> Tensor:
        """Return the emissions, ``[B, T, L]``, including the contribution of wide features."""
        with _single_precision():
            emissions: Tensor = self.projection(encoded.to(self.projection.weight.dtype))
        return emissions if added is None else emissions + added

    def _wide_scores(self, wide: Tensor | None) -> Tensor | None:
        """Return the contribution of wide features to the emissions, ``[B, T, L]``, if the model has any."""
        if (self.wide is None) != (wide is None):
            raise ValueError(
                f"expected {'no' if self.wide is None else 'some'} wide features, as the model has, "
                f"found {'none' if wide is None else 'some'}"
            )
        return None if self.wide is None else self.wide(wide)

    def loss(self, batch: BatchTensors) -> Tensor:
        """Return the mean over the sentences of the negative log-likelihood of their labels, in nats.

        For sentences with expected counts it is the cross-entropy with the distribution over labellings that has these
        counts (see ``LinearChainCRF.cross_entropy``).

        The likelihood is normalised over the legal label sequences, or over all of them if ``constrained_training`` is
        off.
        """
        if batch.labels is None:
            raise ValueError("expected a batch with labels, found one without")
        emissions = self.emissions(batch)
        if batch.counts is None:
            return self._label_losses(emissions, batch.labels, batch.mask).mean()
        known, nodes, pairs = batch.counts
        if known.all():
            return self.decoder.cross_entropy(
                emissions, nodes, pairs, batch.mask, constrained=self.constrained_training
            ).mean()
        losses = self.decoder.cross_entropy(
            emissions[known],
            nodes[known],
            pairs[known],
            batch.mask[known],
            constrained=self.constrained_training,
        ).sum()
        rest = self._label_losses(emissions[~known], batch.labels[~known], batch.mask[~known]).sum()
        return (losses + rest) / len(known)

    def _label_losses(self, emissions: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
        return self.decoder.loss(
            emissions,
            labels,
            mask,
            constrained=self.constrained_training,
            label_sets=self.label_sets,
        )

    def _inputs(self, batch: BatchTensors) -> tuple[Tensor, Tensor | None]:
        """Return the encoder's inputs, and which columns they are.

        All columns, ``[B, T, D]``, and None; in training with shared dropout only the kept columns, ``[B, T, M]``, and
        their indices, ``[M]``.
        """
        with _single_precision():
            vectors = self.word_features(batch.features)
        if self.shares_dropout:
            vectors, columns = self.batch_dropout(vectors)
            return self._drop_words(nn.functional.embedding(batch.word_index, vectors)), columns
        return self.dropout(self._drop_words(nn.functional.embedding(batch.word_index, vectors))), None

    def _drop_words(self, inputs: Tensor) -> Tensor:
        if not self.training or self.word_dropout == 0:
            return inputs
        kept = torch.rand(inputs.shape[:2], device=inputs.device) >= self.word_dropout
        return inputs * kept.unsqueeze(2)


def _single_precision() -> torch.autocast:
    """Turn autocast off on the CPU: it speeds up the encoder's large products, but slows down small ones."""
    return torch.autocast("cpu", enabled=False)
