"""The model card: what a model is, what it was trained on, how good it is, and how to use it."""

from __future__ import annotations

import json
from typing import Any

from tagger.api import Tagger
from tagger.training.config import RunConfig


def model_card(config: RunConfig, metrics: dict[str, Any], model: Tagger) -> str:
    """Return the text of a model folder's README.md.

    Args:
        config: the run.
        metrics: what metrics.json holds.
        model: what is described.
    """
    versions = ", ".join(f"{name} {number}" for name, number in metrics["versions"].items())
    lines = [
        "# A tagger model",
        "",
        f"Labels ({model.scheme}): {', '.join(f'`{label}`' for label in model.labels)}",
        "",
        "## Scores",
        "",
        "| split | sentences | score | value |",
        "|---|---|---|---|",
    ]
    for split in ("dev", "test"):
        if split in metrics:
            scores = metrics[split]
            lines.append(
                f"| {split} | {scores['num_sentences']:,} | {metrics['metric']} | {100 * scores['value']:.2f} % |"
            )
    lines += [
        "",
        f"One run with seed {config.seed}. The dev split chose the weights (epoch {metrics['best_epoch']} of "
        f"{metrics['epochs_trained']}); the test split was scored once." if metrics["best_epoch"] else
        f"One run with seed {config.seed}, without a dev split: the weights of the last epoch.",
        "",
        "## Data",
        "",
        "```json",
        *_json_lines(metrics["data"]),
        "```",
        "",
        "## Architecture",
        "",
        "```json",
        *_json_lines(model.config.to_dict()),
        "```",
        "",
        f"{metrics['parameters']:,} parameters. Trained with {versions} "
        f"in {metrics['seconds']:.0f} s.",
        "",
        "## Use",
        "",
        "```python",
        "from tagger import Tagger",
        "",
        'tagger = Tagger.load("this/folder")',
        'tagger.tag([["Anna", "lives", "in", "Oslo", "."]])',
        "```",
        "",
    ]  # fmt: skip
    return "\n".join(lines)


def _json_lines(value: Any) -> list[str]:
    return json.dumps(value, indent=2, ensure_ascii=False).splitlines()
