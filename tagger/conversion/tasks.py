"""Write tasks for an annotation tool: texts to review, each with the readings of several annotators or models."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from tagger.conversion.fitting import Fitter
from tagger.conversion.targets import check_place, find_target, write_pieces, write_texts
from tagger.formats import AnnotatedText, Format, Losses, WritingContext
from tagger.formats.tasks import Task, as_one_reading, spelled_by_spans
from tagger.text import RuleSegmenter


def find_task_format(path: str | os.PathLike[str], name: str = "auto", *, named_by: str = "output") -> Format:
    """Return the format to write tasks in; called before the work that produces them.

    Args:
        path: of the file, whose name may determine the format.
        name: of the format, such as ``label-studio``; ``auto``: by the path.
        named_by: the option for the name of the format.

    Raises:
        DataError: the path is a folder with other content.
        UsageError: the format is unknown, cannot be written, or is not text and the path ends like a compressed file.
    """
    target = find_target(path, name, named_by=named_by)
    check_place(Path(path), target, parts=None, overwrite=False)
    return target


def write_tasks(path: str | os.PathLike[str], target: Format, tasks: Iterable[Task]) -> Losses:
    """Write tasks to a file, which appears complete or not at all; compressed by its ending.

    Label Studio and Prodigy get all readings, each under its name; all other formats get the first one, with the others
    spelled out in the fields shown beside a text. If the format cannot represent plain labels, they become spans of one
    token each.

    Args:
        path: of the file, or of the folder if the format is one.
        target: the format.
        tasks: in the order in which to review them.

    Returns:
        What the format cannot represent; to be logged.

    Raises:
        DataError: it cannot be written.
    """
    losses = Losses()
    context = WritingContext(losses, RuleSegmenter())
    fitter = Fitter(target, context.segmenter)
    shown = (task if target.holds.labels else spelled_by_spans(task) for task in tasks)
    if target.write_tasks is not None:
        fitting = (_fitted(task, fitter, losses) for task in shown)
        write_pieces(target.write_tasks(fitting, context), Path(path))
    else:
        texts = (fitter.fit(_without_idle_tokens(as_one_reading(task), target), losses) for task in shown)
        write_texts(target, texts, Path(path), context)
    return losses


def _fitted(task: Task, fitter: Fitter, losses: Losses) -> Task:
    """Return a task with spans fitted to the format, which can represent its tokens, document and fields."""
    readings = []
    for reading in task.readings:
        text = AnnotatedText(task.text, reading.spans, origin=task.origin)
        readings.append(replace(reading, spans=fitter.fit(text, losses).spans))
    return replace(task, readings=tuple(readings))


def _without_idle_tokens(text: AnnotatedText, target: Format) -> AnnotatedText:
    """Return a text without its tokens if the format can neither represent nor use them."""
    holds = target.holds
    if text.labels is not None or holds.tokens or holds.sentences_of_tokens or not holds.parts_of_tokens:
        return text
    return replace(text, tokens=None, sentence_starts=None)
