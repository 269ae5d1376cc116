"""Small random models with every decoder and scheme, for tests that compare with enumeration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from tagger import Tagger, TaggerConfig
from tagger.features import Featurizer
from tagger.features.vocabulary import LabelVocabulary
from tagger.inference.runner import TorchRunner
from tagger.model import TaggerModel
from tagger.model_building import model_with_weights, untrained_model, weights_of
from tagger.model_parts import ModelParts
from tagger.schemes import LabelScheme, scheme_labels
from tagger.vectors import VectorTable

SENTENCES = (
    ("The", "EU", "rejects", "German", "calls", "of", "1996", "."),
    ("Anna", "met", "Bo", "in", "New", "York", ",", "not", "in", "Rome"),
    ("the", "the", "of", "in", "Route66", "McCoy", "!"),
)
SEGMENTER = {"name": "rules", "version": "1", "options": {}}

_SMALL: dict[str, Any] = {
    "word_dim": 5, "char_dim": 4, "char_filters": 6, "casing_dim": 3, "affix_dim": 2, "hash_buckets": 50,
    "hidden_dim": 6, "dropout": 0.1, "wide_features": False,
}  # fmt: skip


def tiny_config(scheme: str = "iob2", **options: Any) -> TaggerConfig:
    """A configuration with few units; ``options`` replace its fields."""
    return TaggerConfig(**{**_SMALL, "scheme": scheme, **options})


def tiny_vectors(dim: int, *, seed: int = 0) -> VectorTable | None:
    """Random vectors of some of the words of ``SENTENCES`` and of others; None for dimension 0."""
    words = ["the", "The", "eu", "rejects", "1990", "Rome", "Oslo", "oslo", "."]
    vectors = np.random.default_rng(seed).normal(size=(len(words), dim)).astype(np.float32)
    return VectorTable.build(words, vectors) if dim else None


def tiny_parts(
    scheme: str = "iob2", types: Sequence[str] = ("LOC", "PER"), *, seed: int = 0, **options: Any
) -> ModelParts:
    """A random model; its scores are spread so that no two label sequences are equally likely."""

    def spread(model: TaggerModel) -> None:
        model.projection.weight.mul_(4)
        for scores in model.decoder.parameters():
            if scores.requires_grad:
                scores.normal_()
        if model.wide is not None:  # all zero before training
            model.wide.weights.weight[1:].normal_()

    torch.manual_seed(seed)
    return changed(untrained_parts(tiny_config(scheme, **options), types), spread)


def untrained_parts(
    config: TaggerConfig, types: Sequence[str], sentences: Sequence[Sequence[str]] = SENTENCES
) -> ModelParts:
    """A model of the words of some sentences, with the weights that training starts from."""
    featurizer = Featurizer.build(config, sentences, vectors=tiny_vectors(config.vector_dim))
    labels = LabelVocabulary(scheme_labels(types, LabelScheme.parse(config.scheme)))
    return ModelParts(
        config, featurizer, labels, weights_of(untrained_model(config, featurizer, labels)), SEGMENTER
    )


def changed(parts: ModelParts, change: Callable[[TaggerModel], object]) -> ModelParts:
    """The same model after a change of its weights."""
    model = model_with_weights(parts)
    with torch.no_grad():
        change(model)
    return replace(parts, weights=weights_of(model))


def torch_tagger(parts: ModelParts, *, batch_tokens: int = 2048) -> Tagger:
    """A tagger that runs the model in PyTorch, as on another device, though on the CPU."""
    tagger = Tagger(parts, batch_tokens=batch_tokens)
    tagger._runner = TorchRunner(parts, parts.decoder, device="cpu")  # type: ignore[misc]
    return tagger


def tiny_tagger(
    scheme: str = "iob2",
    types: Sequence[str] = ("LOC", "PER"),
    *,
    seed: int = 0,
    batch_tokens: int = 2048,
    **options: Any,
) -> Tagger:
    """A tagger around :func:`tiny_parts`."""
    return Tagger(tiny_parts(scheme, types, seed=seed, **options), batch_tokens=batch_tokens)
