"""Tasks for an annotation tool written: texts to look at again, with what several annotators or models say of each."""

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
    """Return the format to write tasks in, before the work that leads to them begins.

    Args:
        path: of the file, whose name may tell the format.
        name: of the format, such as ``label-studio``; ``auto``: told by the path.
        named_by: the option that names it.

    Raises:
        DataError: the path is a folder with other things in it.
        UsageError: the format is unknown, is not written, or is no text and the path is of a packed one.
    """
    target = find_target(path, name, named_by=named_by)
    check_place(Path(path), target, parts=None, overwrite=False)
    return target


def write_tasks(path: str | os.PathLike[str], target: Format, tasks: Iterable[Task]) -> Losses:
    """Write tasks to a file, which appears whole or not at all; packed if its name ends in ``.gz``.

    Label Studio and Prodigy get all readings, each under its name; all other formats the first one, and the others
    written out in the fields that are shown beside a text. Labels that spell no spans are spans of one token each where
    the format has no place for them.

    Args:
        path: of the file, or of the folder where the format is one.
        target: the format.
        tasks: in the order in which they are to be looked at.

    Returns:
        What the format has no place for; to be logged.

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
    """Return a task with spans as the format can hold them; its tokens, document and fields have a place."""
    readings = []
    for reading in task.readings:
        text = AnnotatedText(task.text, reading.spans, origin=task.origin)
        readings.append(replace(reading, spans=fitter.fit(text, losses).spans))
    return replace(task, readings=tuple(readings))


def _without_idle_tokens(text: AnnotatedText, target: Format) -> AnnotatedText:
    """Return a text without its tokens where the format has no place for them and needs none: nobody misses them."""
    holds = target.holds
    if text.labels is not None or holds.tokens or holds.sentences_of_tokens or not holds.parts_of_tokens:
        return text
    return replace(text, tokens=None, sentence_starts=None)
