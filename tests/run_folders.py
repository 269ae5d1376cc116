"""Folders of runs as tagger train leaves them, without training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from tagger.training import RunConfig
from tagger.training.run_folder import _experiment


def scores(value: float, *, gold: dict[str, int] | None = None, sentences: int = 60) -> dict[str, Any]:
    """Scores of spans, as metrics.json has them."""
    types = {name: {"gold": count, "f1": value} for name, count in (gold or {"LOC": 30, "PER": 20}).items()}
    return {"value": value, "metric": "f1", "types": types, "num_sentences": sentences, "num_tokens": 900}


def write_run(
    folder: Path,
    *,
    seed: int = 1,
    dev: float | None = 0.5,
    metrics: dict[str, Any] | None = None,
    options: dict[str, Any] | None = None,
    is_finished: bool = True,
    dev_scores: tuple[float, ...] = (0.3, 0.5, 0.4),
) -> Path:
    """Write recipe.yaml, metrics.json, a log and a model folder of 100 bytes."""
    (folder / "logs").mkdir(parents=True)
    (folder / "model").mkdir()
    (folder / "model" / "model.safetensors").write_bytes(b"x" * 100)
    recipe = {**_experiment(RunConfig(str(folder), seed=seed)), **(options or {})}
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    rows = [
        f"{epoch},{score},{4 / (epoch + 1)},{1000 + 100 * epoch}" for epoch, score in enumerate(dev_scores)
    ]
    (folder / "logs" / "metrics.csv").write_text(
        "\n".join(["epoch,dev_score,train_loss,tokens_per_second", *rows]) + "\n"
    )
    history = [
        {"epoch": epoch + 1, "train_loss": 4 / (epoch + 1), "dev_score": score}
        for epoch, score in enumerate(dev_scores)
    ]
    files = {
        "train": {"file": "train.conll", "sha256": "t" * 64},
        "dev": {"file": "dev.conll", "sha256": "d" * 64},
    }
    values = {
        "metric": "f1",
        "seed": seed,
        "parameters": 1234,
        "sentences": {"train": 300, "dev": 60, "test": 0},
        "data": {"files": files, "scheme": "iob2", "train_and_dev_sha256": "x"},
        "versions": {"tagger": "0.1.0"},
        "seconds": 12.3,
        "best_epoch": 2,
        "epochs_trained": len(dev_scores),
        "history": history,
        **({} if dev is None else {"dev": scores(dev)}),
        **(metrics or {}),
    }
    if is_finished:
        (folder / "metrics.json").write_text(json.dumps(values))
    return folder
