"""Options that the results of a run depend on, and options that only affect where and how it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

NOT_PART_OF_THE_EXPERIMENT: Final = (
    "output",
    "init",
    "replay",
    "resume",
    "overwrite",
    "progress",
    "loggers",
    "threads",
    "weights",
    "accelerator",
    "score_test",
    "card_examples",
    "data.root",
    "data.train",
    "data.dev",
    "data.test",
    "data.dataset",
    "vectors.path",
    "vectors.words",
)
"""Options that a resumed run may change: they affect where and how it runs, not what is learned.

Data may have moved: the examples and vectors themselves are compared.
"""

MADE_FROM: Final = ("init", "replay", "weights")
"""Those among them that results depend on, although their paths may change."""

_OF_THE_RUN_ALONE: Final = ("output", "resume", "overwrite", "progress", "loggers")


def flat(options: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return options under their dotted names.

    >>> flat({"seed": 1, "data": {"format": "auto"}})
    {'seed': 1, 'data.format': 'auto'}
    """
    found: dict[str, Any] = {}
    for name, value in options.items():
        if isinstance(value, Mapping) and value:
            found |= flat(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value
    return found


RETIRED: Final = {"model.label_smoothing": 0.0, "model.adversarial": 0.0, "model.unk_alpha": 0.0}
"""Options of earlier versions, with the values that had no effect."""


def without_retired(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return flat options without retired ones that had no effect."""
    return {name: value for name, value in options.items() if name not in RETIRED or value != RETIRED[name]}


def decisive(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the flat options that results depend on, without the seed and the names of data."""
    left_out = {*NOT_PART_OF_THE_EXPERIMENT, "seed"}.difference(MADE_FROM)
    return {name: value for name, value in without_retired(options).items() if name not in left_out}


def worth_telling(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the flat options to show in a comparison, without the seed and the names of data."""
    left_out = {*_OF_THE_RUN_ALONE, "seed", "data.root", "data.train", "data.dev", "data.test"}
    return {name: value for name, value in without_retired(options).items() if name not in left_out}
