"""The picture of docs/how_it_works/network.md: where the time of tagging goes, as ``time_by_part.json`` has it.

The page has the command that measures it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from drawing import side_by_side, titled

from tagger.report import Cell, Markup, bar, table

MEASURED: Final = Path(__file__).with_name("time_by_part.json")
TITLES: Final = {
    "tag, 4,000 sentences": "4,000 sentences at once",
    "tag, sentences alone": "one sentence at a time",
}
STEPS: Final = {
    "words looked up": (
        "words looked up",
        "features of new words",
        "embeddings of new words",
        "character CNN",
    ),
    "input projections": ("projections looked up", "projections computed"),
    "batches, order": ("batches", "reading order"),
    "recurrence, U h": ("recurrence, products",),
    "recurrence, gates": ("recurrence, gates",),
    "recurrence, rest": ("recurrence, the rest",),
    "linear layer": ("linear layer",),
    "wide features": ("wide features", "wide weights"),
    "CRF": ("CRF, scores checked", "CRF, Viterbi", "CRF, probabilities"),
    "predictions": ("labels as text", "predictions made"),
    "Python around it": ("Python around it",),
}
"""The parts of each step."""


def pictures() -> dict[str, Markup]:
    """Return the picture by its name."""
    shares = shares_by_step()
    longest = max(share for of_steps in shares.values() for share in of_steps.values())
    return {
        "time_by_part": side_by_side(
            *(
                titled(
                    TITLES[title],
                    table(
                        ["part", "%", ""],
                        [
                            [Cell(step, is_head=True), f"{100 * share:.0f}", bar(share / longest)]
                            for step, share in of_steps.items()
                        ],
                        caption=f"Share of the time by part, {TITLES[title]}",
                    ),
                )
                for title, of_steps in shares.items()
            )
        )
    }


def shares_by_step() -> dict[str, dict[str, float]]:
    """Return the share of each step in the sum of all, of medians over the rounds, by what was measured."""
    tables = json.loads(MEASURED.read_text(encoding="utf-8"))["tables"]
    found = {}
    for title in TITLES:
        times = {row["part"]: row["µs per token"] for row in tables[title] if "share" in row}
        assert set(times) <= {part for parts in STEPS.values() for part in parts}
        whole = sum(times.values())
        found[title] = {
            step: sum(times.get(part, 0.0) for part in parts) / whole for step, parts in STEPS.items()
        }
    return found


def print_numbers() -> None:
    """Print the shares."""
    for title, of_steps in shares_by_step().items():
        print(f"{title}:", ", ".join(f"{step} {share:.1%}" for step, share in of_steps.items()))
