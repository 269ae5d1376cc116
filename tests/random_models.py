"""Models with every cell and option, and sentences of any length, for tests that compare NumPy with PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from tiny_models import SENTENCES, changed, tiny_parts

from tagger.model import TaggerModel
from tagger.model_parts import ModelParts
from tagger.network.cells import CELLS

OPTIONS: list[dict[str, Any]] = [
    *({"cell": cell} for cell in CELLS),
    *({"cell": cell, "bidirectional": False, "learned_initial_state": True} for cell in CELLS),
    *({"cell": cell, "cells_per_block": 3} for cell in CELLS if cell.startswith("lstm")),
    *(
        {"cell": cell, "num_layers": 3, "connections": connections}
        for cell in ("lstm", "gru")
        for connections in ("plain", "residual", "highway", "skip")
    ),
    {"char_dim": 0, "char_filters": 0},
    {"char_width": 1},
    {"char_width": 4, "max_chars": 2},
    {"casing_dim": 0, "affix_dim": 0, "affixes": (), "word_dim": 0, "hash_buckets": 5000},
    {"shape_dim": 3},
    {"vectors": "frozen", "vector_dim": 4},
    {"vectors": "tuned", "vector_dim": 4, "word_dim": 0},
    {"vectors": "projected", "vector_dim": 4, "vector_projection": 3},
    {"wide_features": True, "wide_min_count": 1},
    {"decoder": "softmax", "scheme": "bioes"},
]

_WORDS = sorted(
    {word for sentence in SENTENCES for word in sentence} | {"", "Oslo", "x" * 50, "日本語", "café"}
)


def random_sentences(lengths: Sequence[int], seed: int = 0) -> list[tuple[str, ...]]:
    """Sentences of these lengths, of words known and unknown."""
    generator = np.random.default_rng(seed)
    return [tuple(generator.choice(_WORDS, size=length).tolist()) for length in lengths]


def disturbed_parts(**options: Any) -> ModelParts:
    """A random model, also in what starts as zeros and ones, which would hide a mistake."""

    def disturb(model: TaggerModel) -> None:
        torch.manual_seed(1)
        for name, weights in model.named_parameters():
            if any(part in name for part in ("initial_state", "own.", "missing", "changes", "bias")):
                weights.add_(torch.randn_like(weights) / 3)

    return changed(tiny_parts(**options), disturb)
