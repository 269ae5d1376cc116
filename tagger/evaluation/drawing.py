"""Drawing: options for bootstrap intervals and permutation tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

By = Literal["sentence", "document"]
UNITS: Final = ("sentence", "document")
DRAWS: Final = 2000
MOST_DRAWS: Final = 1_000_000
"""With more draws, the ends of an interval change by less than is ever printed."""
SEED: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Options for bootstrap intervals and permutation tests.

    Attributes:
        by: the units to draw: sentences, or whole documents.
        draws: number of draws.
        seed: seed of the draws.
    """

    by: By = "sentence"
    draws: int = DRAWS
    seed: int = SEED
