"""Rank labels of train and dev that may be wrong, by models of a cross-validation that were not trained on them.

    python recipes/label_errors.py --config recipes/configs/wnut17_ner.yaml --data.root FOLDER
    python recipes/label_errors.py --config X.yaml [--folds K] [--by document|sentence] [--any.option value ...]
        [--top N] [--tasks FILE [--tasks-format FORMAT] [--most N]]

It runs the same cross-validation as ``cross_validate.py`` with the same options, and either uses the finished runs of
the other. Then the model of each fold judges the labels of the sentences in its held-out fold
(``tagger.label_errors``); the ranking is written to ``label_errors.jsonl`` beside the folds, and its beginning is
printed.

A line of that file has ``rank``, ``score`` (nats), ``kind``, ``origin`` (file and line of the sentence), ``tokens``,
``start`` and ``end`` of the disputed range, ``gold`` and ``suggested`` (spans of tokens; a tag is one token long), and
the probability of either reading: ``gold_probability``, ``suggested_probability``; ``document``, ``split``, ``fold``.
Sentences without disputed labels have no line.

``--tasks FILE`` writes the sentences with the most suspicious labels for an annotation tool: the labels of the data as
the annotation to correct, with the model's suggestion, the rank and the reason beside it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Final

from tagger import stopping
from tagger.cli.program import run_program, say
from tagger.cli.streams import STANDARD, output_to
from tagger.conversion.tasks import find_task_format, write_tasks
from tagger.errors import MissingExtraError, UsageError
from tagger.formats import Format
from tagger.label_errors import KINDS, Place, Suspect, as_line, find_suspects, ranked, reason, tasks
from tagger.options import options_of_command_line

try:
    from fold_runs import CrossValidation, add_options, configuration

    from tagger.training.command import log_to_stderr
    from tagger.training.run_folder import RunFolder
except MissingExtraError as error:
    sys.exit(f"recipes/label_errors.py: error: {error}")

_PROGRAM: Final = "recipes/label_errors.py"
_SHOWN: Final = 20
_TASKS: Final = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    return run_program(_PROGRAM, lambda: _run(given), debug="--debug" in given)


def _run(arguments: Sequence[str]) -> int:
    options, others = _parser().parse_known_args(arguments)
    _check(options)
    run = configuration(options, others, program=_PROGRAM)
    log_to_stderr()
    try:
        with options_of_command_line():
            if options.tasks is not None:
                _task_format(options)  # before anything is trained
            validation = CrossValidation.read(run, count=options.folds, by=options.by)
            with RunFolder(validation.folder).locked():
                text = _rank(validation, options)
    except KeyboardInterrupt as error:
        error.args = ("stopped; the same command continues from here",)
        raise
    with output_to(STANDARD) as write:
        write(text + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_PROGRAM,
        description="Rank labels of train and dev that may be wrong, by models that were not trained on them.",
        epilog="All other options are those of tagger train.",
        allow_abbrev=False,
    )
    add_options(parser)
    add = parser.add_argument
    add("--top", type=int, default=_SHOWN, metavar="N", help="number of labels to print (%(default)s)")
    add("--tasks", metavar="FILE", help="write the sentences to review as tasks for an annotation tool")
    add(
        "--tasks-format",
        metavar="FORMAT",
        help="of the tasks: label-studio, prodigy, doccano or any writable format; by the name if left out",
    )
    add("--most", type=int, metavar="N", help=f"maximum number of sentences in the tasks ({_TASKS})")
    return parser


def _check(options: argparse.Namespace) -> None:
    """Raise an error for invalid numbers and options without effect; fill in defaults.

    Raises:
        UsageError: names the option.
    """
    if options.top < 0:
        raise UsageError(f"--top: expected 0 or more, found {options.top}")
    if options.most is not None and options.most < 1:
        raise UsageError(f"--most: expected 1 or more, found {options.most}")
    if options.tasks is None:
        for name, value in (("--tasks-format", options.tasks_format), ("--most", options.most)):
            if value is not None:
                raise UsageError(f"{name} has no effect without --tasks")
    options.tasks_format = "auto" if options.tasks_format is None else options.tasks_format
    options.most = _TASKS if options.most is None else options.most


def _task_format(options: argparse.Namespace) -> Format:
    return find_task_format(options.tasks, options.tasks_format, named_by="tasks-format")


def _rank(validation: CrossValidation, options: argparse.Namespace) -> str:
    """Train every fold, rank the labels that its model doubts, write the results, and return the report."""
    validation.check_folder()
    for line in validation.about():
        say(_PROGRAM, line)
    folds = range(1, validation.folds.count + 1)
    validation.check_same([validation.result(fold) for fold in folds])
    ranking = ranked(suspect for fold in folds for suspect in _of_fold(validation, fold))
    path = validation.folder / "label_errors.jsonl"
    with output_to(str(path)) as write:
        for rank, suspect in enumerate(ranking, start=1):
            example = validation.gold[suspect.sentence]
            place = Place(
                rank,
                validation.shown(example),
                validation.split_of(suspect.sentence),
                validation.folds.of_sentence[suspect.sentence],
            )
            write(as_line(suspect, example, place))
    lines = [*_shown(validation, ranking, options.top), f"{len(ranking):,} labels in dispute: {path}"]
    if options.tasks is not None:
        lines.append(_write_tasks(validation, ranking, options))
    return "\n".join(lines)


def _of_fold(validation: CrossValidation, fold: int) -> list[Suspect]:
    members = validation.folds.members(fold)
    examples = [validation.gold[number] for number in members]
    documents = [example.document for example in examples] if validation.data.reads_documents else None
    return find_suspects(validation.tagger(fold), examples, documents=documents, numbers=members)


def _shown(validation: CrossValidation, ranking: Sequence[Suspect], top: int) -> list[str]:
    """Return a description of the first suspects, two lines each, and of their kinds."""
    lines: list[str] = []
    for rank, suspect in enumerate(ranking[:top], start=1):
        example = validation.gold[suspect.sentence]
        where = validation.shown(example, suspect.start)
        lines += [
            f"{rank:>4}  {reason(suspect, example.tokens)}",
            f"      {where}: {_around(suspect, example.tokens)}",
        ]
    kinds = sorted({suspect.kind for suspect in ranking[:top]})
    notes = [f"{kind}: {KINDS[kind]}" for kind in kinds]
    return [*lines, "", *notes, ""] if lines else []


def _around(suspect: Suspect, tokens: Sequence[str]) -> str:
    """Return the disputed tokens with some context."""
    first, last = max(suspect.start - 8, 0), suspect.end + 8
    shown = " ".join(tokens[first:last])
    return f"{'... ' if first else ''}{shown}{' ...' if last < len(tokens) else ''}"


def _write_tasks(validation: CrossValidation, ranking: Sequence[Suspect], options: argparse.Namespace) -> str:
    gold = validation.gold
    places = {suspect.sentence: validation.shown(gold[suspect.sentence]) for suspect in ranking}
    chosen = list(tasks(ranking, gold, places, validation.data.predicted_scheme, most=options.most))
    losses = write_tasks(options.tasks, _task_format(options), chosen)
    losses.log(options.tasks)
    return f"{len(chosen):,} sentences to look at: {options.tasks}"


if __name__ == "__main__":
    sys.exit(stopping.run(_PROGRAM, lambda: main))
