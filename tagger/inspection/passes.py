"""Passes: the intermediate results of the network from words to emissions, kept for inspection.

Letters: B sentences, T tokens of the longest, D width of the encoder's inputs, E of its outputs, L labels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tagger.api import Tagger
from tagger.batching import EncodedSentences, batches_by_length
from tagger.errors import UsageError
from tagger.model import BatchTensors

Sentence = Sequence[str]


@dataclass(frozen=True)
class InspectedPass:
    """A forward pass of a batch through the network, without dropout and gradients.

    Attributes:
        members: positions of its B sentences among the given ones.
        batch: the sentences as tensors.
        inputs: inputs of the encoder, ``[B, T, D]``.
        encoded: outputs of the encoder, ``[B, T, E]``.
        emissions: ``[B, T, L]``.
        from_encoder: the part of the emissions that comes from the encoder, ``[B, T, L]``; the rest comes from the wide
            features, if the model has them.
    """

    members: tuple[int, ...]
    batch: BatchTensors
    inputs: Tensor
    encoded: Tensor
    emissions: Tensor
    from_encoder: Tensor


def passes(
    tagger: Tagger, sentences: Sequence[Sentence], *, batch_tokens: int = 2048
) -> Iterator[InspectedPass]:
    """Yield a pass for each batch of sentences of similar length; every sentence is in one of them.

    Args:
        tagger: the tagger.
        sentences: the tokens of each sentence.
        batch_tokens: padded tokens computed at once.
    """
    model = tagger.parts.model
    device = model.projection.weight.device
    encoded = EncodedSentences(tagger.parts.featurizer, sentences)
    for members in batches_by_length(encoded.lengths, max_tokens=batch_tokens):
        batch = BatchTensors.of(encoded.batch(members), device)
        with torch.no_grad():
            run = model.forward(batch)
            from_encoder = model.projection(run.encoded)
        yield InspectedPass(tuple(members), batch, run.inputs, run.encoded, run.emissions, from_encoder)


def single_pass(tagger: Tagger, tokens: Sentence) -> InspectedPass:
    """Return the pass of one sentence, a batch of 1.

    Raises:
        UsageError: if the sentence has no token.
        TypeError: if it is not a sequence of strings.
    """
    (only,) = passes(tagger, [checked_sentence(tokens)])
    return only


def checked_sentence(tokens: Sentence) -> tuple[str, ...]:
    """Return the checked tokens of a sentence.

    Raises:
        UsageError: if there are none.
        TypeError: if they are not a sequence of strings.
    """
    if isinstance(tokens, str):
        raise TypeError(f"expected a sentence as a list of tokens, found the string {tokens[:40]!r}")
    for token in tokens:
        if not isinstance(token, str):
            raise TypeError(f"expected tokens to be strings, found {token!r}")
    if not tokens:
        raise UsageError("expected a sentence of at least one token to look into, found an empty one")
    return tuple(tokens)
