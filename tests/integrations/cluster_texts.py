"""A tiny model that finds entities in some texts and none in others, and texts of both kinds."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import torch
from tiny_models import changed, tiny_parts

from tagger import Tagger
from tagger.model import TaggerModel

_WORDS = (
    "The",
    "EU",
    "rejects",
    "German",
    "calls",
    "Anna",
    "met",
    "Bo",
    "in",
    "New",
    "York",
    "Rome",
    "été",
    "𝒳",
    "of",
)


def save_model(folder: Path, **options: Any) -> Tagger:
    """Save a model for which most words are O, and return it."""

    def prefer_outside(model: TaggerModel) -> None:
        bias = model.projection.bias
        bias[0] += 0.5
        assert torch.isfinite(bias).all()

    parts = changed(tiny_parts(**options), prefer_outside)
    assert parts.labels.items[0] == "O"
    tagger = Tagger(parts)
    tagger.save(folder)
    return tagger


def make_texts(tagger: Tagger, *, without: int, others: int, seed: int = 1) -> list[str]:
    """Return texts, the first of them without an entity, then a mixture in which every other one has some."""
    chance = random.Random(seed)
    drawn = [" ".join(chance.choices(_WORDS, k=chance.randint(1, 12))) + "." for _ in range(150)]
    found = [text for text in drawn if tagger.extract(text)]
    plain = [text for text in drawn if text not in found]
    assert len(found) > 5 < len(plain)
    return [
        chance.choice(found if number >= without and number % 2 else plain)
        for number in range(without + others)
    ]
