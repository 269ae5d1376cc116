"""Tasks of Label Studio read for what models predicted: their predictions in the place of annotations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tagger.formats.losses import Losses


def with_predictions(
    tasks: Iterable[tuple[str, Mapping[str, Any]]], losses: Losses
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield tasks whose annotations are the predictions, each made by its model version.

    A task without predictions keeps its annotations, since tools import what they predicted as these, too; such tasks
    are counted where they have some.

    Args:
        tasks: each with its place.
        losses: where they are counted.

    >>> task = {"data": {}, "annotations": [], "predictions": [{"model_version": "a", "result": []}]}
    >>> [annotation] = next(with_predictions([("f.json: item 1", task)], Losses()))[1]["annotations"]
    >>> annotation["completed_by"]
    'a'
    """
    for where, task in tasks:
        predictions = task.get("predictions")
        if predictions and isinstance(predictions, list):
            made = [
                {**each, "completed_by": each.get("model_version")} if isinstance(each, dict) else each
                for each in predictions
            ]
            task = {**task, "annotations": made}
        elif task.get("annotations") or task.get("completions"):
            losses.add("tasks without predictions, whose annotations are read as such", where)
        yield where, task
