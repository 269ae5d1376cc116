"""Rank labels of train and dev that may be wrong, by models of a cross-validation that did not learn from them.

    python recipes/label_errors.py --config recipes/configs/wnut17_ner.yaml --data.root FOLDER
    python recipes/label_errors.py --config X.yaml [--folds K] [--top N] [--tasks FILE [--tasks-format F] [--most N]]

It runs the very cross-validation of ``cross_validate.py``, with the same options: what that has finished is not trained
again, and what this finishes it need not train. Then the model of each fold looks at the labels of the sentences that
it left out (``tagger.label_errors``); the ranking goes to ``label_errors.jsonl`` beside the folds, and its beginning is
printed.

A line of that file has ``rank``, ``score`` (nats), ``kind``, ``origin`` (file and line), ``tokens``, ``start`` and
``end`` of what is in dispute, ``gold`` and ``suggested`` (spans of tokens; a tag is one of one token), and the
probability of either reading: ``gold_probability``, ``suggested_probability``; ``document``, ``split`` and ``fold``.
Sentences of which no label is in dispute have none.

``--tasks FILE`` writes the sentences with the most suspicious labels for an annotation tool: the labels of the data as
the annotation to correct, and what the model suggests beside it, with the rank and the reason.
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
                find_task_format(options.tasks, options.tasks_format)  # before anything is trained
            validation = CrossValidation.read(run, count=options.folds, by=options.by)
            with RunFolder(validation.folder).locked():
                text = _rank(validation, options)
    except KeyboardInterrupt as error:
        error.args = ("stopped; the same command goes on from here",)
        raise
    with output_to(STANDARD) as write:
        write(text + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_PROGRAM,
        description="Rank labels of train and dev that may be wrong, by models that did not learn from them.",
        epilog="All other options are those of tagger train.",
        allow_abbrev=False,
    )
    add_options(parser)
    add = parser.add_argument
    add("--top", type=int, default=_SHOWN, metavar="N", help="how many are printed (%(default)s)")
    add("--tasks", metavar="FILE", help="write the sentences to look at as tasks for an annotation tool")
    add(
        "--tasks-format",
        metavar="FORMAT",
        help="of the tasks: label-studio, prodigy, doccano or any that is written; told by the name if left out",
    )
    add("--most", type=int, metavar="N", help=f"sentences in the tasks ({_TASKS})")
    return parser


def _check(options: argparse.Namespace) -> None:
    """Refuse numbers that make no sense and options without an effect; fill in what is left out.

    Raises:
        UsageError: says which.
    """
    if options.top < 0:
        raise UsageError(f"--top: expected 0 or more, found {options.top}")
    if options.most is not None and options.most < 1:
        raise UsageError(f"--most: expected 1 or more, found {options.most}")
    if options.tasks is None:
        for name in ("tasks_format", "most"):
            if getattr(options, name) is not None:
                raise UsageError(f"--{name.replace('_', '-')} has no effect without --tasks")
    options.tasks_format = "auto" if options.tasks_format is None else options.tasks_format
    options.most = _TASKS if options.most is None else options.most


def _rank(validation: CrossValidation, options: argparse.Namespace) -> str:
    """Train fold after fold, rank what their models doubt, write the results, and return what to print."""
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
                validation.shown(example, suspect.start),
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
    """Return the first suspects in words, two lines each, and what their kinds mean."""
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
    """Return what is in dispute with some tokens around it."""
    first, last = max(suspect.start - 8, 0), suspect.end + 8
    shown = " ".join(tokens[first:last])
    return f"{'... ' if first else ''}{shown}{' ...' if last < len(tokens) else ''}"


def _write_tasks(validation: CrossValidation, ranking: Sequence[Suspect], options: argparse.Namespace) -> str:
    gold = validation.gold
    places = {suspect.sentence: validation.shown(gold[suspect.sentence]) for suspect in ranking}
    chosen = list(tasks(ranking, gold, places, validation.data.predicted_scheme, most=options.most))
    losses = write_tasks(options.tasks, find_task_format(options.tasks, options.tasks_format), chosen)
    losses.log(options.tasks)
    return f"{len(chosen):,} sentences to look at: {options.tasks}"


if __name__ == "__main__":
    sys.exit(stopping.run(_PROGRAM, lambda: main))
