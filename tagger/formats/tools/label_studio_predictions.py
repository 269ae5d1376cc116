"""Reading of the predictions of Label Studio tasks in place of their annotations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tagger.formats.losses import Losses


def with_predictions(
    tasks: Iterable[tuple[str, Mapping[str, Any]]], losses: Losses
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield tasks with their predictions as annotations, each by its model version.

    A task without predictions keeps its annotations, since tools also import predictions as these; such tasks are
    counted.

    Args:
        tasks: the tasks, each with its place.
        losses: counts tasks with annotations but no predictions.

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
