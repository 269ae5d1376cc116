"""Drawing: how intervals and tests draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

By = Literal["sentence", "document"]
UNITS: Final = ("sentence", "document")
DRAWS: Final = 2000
MOST_DRAWS: Final = 1_000_000
"""With more, the ends of an interval move by less than is ever printed."""
SEED: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """How intervals and tests draw.

    Attributes:
        by: what is drawn: sentences, or whole documents.
        draws: how often.
        seed: of the draws.
    """

    by: By = "sentence"
    draws: int = DRAWS
    seed: int = SEED
