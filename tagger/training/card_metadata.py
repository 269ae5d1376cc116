"""The metadata at the head of a model card, in YAML, for the Hugging Face Hub and its library: mainly the scores.

All numbers are Python floats; all names are printable and on one line.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, Final

import yaml

from tagger.schemes import listed
from tagger.text.printable import printable

_NAMES: Final = {"f1": "F1", "precision": "Precision", "recall": "Recall", "accuracy": "Accuracy"}
_OF_SPANS: Final = ("f1", "precision", "recall")
_HUB_SPLITS: Final = {"dev": "validation", "test": "test"}


def card_head(metrics: Mapping[str, Any]) -> str:
    """Return the lines at the head of a model card: metadata between lines of three hyphens.

    Args:
        metrics: the content of metrics.json.
    """
    data = metrics["data"]
    names = _OF_SPANS if metrics["metric"] == "f1" else ("accuracy",)
    results = [
        {
            "task": {"type": "token-classification", "name": "Token Classification"},
            "dataset": _dataset(data, split),
            "metrics": [
                {
                    "type": name,
                    "value": float(metrics[split][name]),
                    "name": f"{_NAMES[name]} ({split} split)",
                }
                for name in names
            ],
        }
        for split in ("dev", "test")
        if split in metrics
    ]
    head: dict[str, Any] = {"library_name": "tagger", "pipeline_tag": "token-classification"}
    head["tags"] = ["tagger", "token-classification"]
    if data.get("commit") and data.get("dataset"):
        head["datasets"] = [printable(data["dataset"])]
    head["metrics"] = list(names)
    if results:
        head["model-index"] = [{"name": "tagger", "results": results}]
    return f"---\n{yaml.safe_dump(head, sort_keys=False, allow_unicode=True)}---\n"


def _dataset(data: Mapping[str, Any], split: str) -> dict[str, str]:
    """Return the name of the data of a split, with the commit or checksum that identifies it."""
    found = _part(data, split)
    is_of_hub = bool(found.get("commit"))
    name = _listed(found.get("files"))
    if name is None:
        name = str(found.get("dataset") or found.get("file") or found.get("type") or "unnamed")
        name = name if is_of_hub else PurePath(name).name
    splits = found.get("splits")
    own = splits.get(split) if isinstance(splits, Mapping) else None
    values = {
        "name": name,
        "type": name,
        "config": found.get("name"),
        "split": own or (_HUB_SPLITS[split] if is_of_hub else split),
        "revision": found.get("commit") or found.get("sha256") or found.get("fingerprint"),
    }
    return {name: printable(str(value)) for name, value in values.items() if value is not None}


def _part(data: Mapping[str, Any], split: str) -> Mapping[str, Any]:
    """Return the part of the data's identity about a split; for a split set aside from train, that of train."""
    for parts in (data.get("files"), data.get("given")):
        if isinstance(parts, Mapping):
            found = parts.get(split, parts.get("train"))
            return found if isinstance(found, Mapping) else {}
    return data


def _listed(files: Any) -> str | None:
    """Return the names of several files, shortened if there are many; None if there is no list of files."""
    if not isinstance(files, list):
        return None
    return listed(str(part.get("file")) for part in files if isinstance(part, Mapping))
