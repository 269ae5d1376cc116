"""The work of ``tagger agree``; imported, together with NumPy, only when it runs."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from tagger.agreement.agreement import Agreement, find_agreement
from tagger.agreement.conflicts import conflict_tasks, majority_tasks, num_without_majority
from tagger.cli.annotators import annotated_by, path_and_column
from tagger.cli.program import say
from tagger.cli.streams import STANDARD, output_to
from tagger.conversion.tasks import find_task_format, write_tasks
from tagger.errors import UsageError
from tagger.evaluation.drawing import Drawing
from tagger.formats import Format


def run_agreement(arguments: argparse.Namespace) -> None:
    """Compare annotators as specified by the arguments."""
    if arguments.json and arguments.csv:
        raise UsageError("--csv has no effect with --json")
    if arguments.conflicts is None and arguments.output != "auto":
        raise UsageError("--output has no effect without --conflicts")
    _check_places(arguments)
    conflicts = _target(arguments.conflicts, arguments.output, "--conflicts")
    majority = _target(arguments.majority, "auto", "--majority")
    with ExitStack() as outputs:
        # Opened first, so that unwritable outputs are reported before the work.
        write = outputs.enter_context(output_to(arguments.output_file))
        write_page = None if arguments.html is None else outputs.enter_context(output_to(arguments.html))
        corpus = annotated_by(arguments)
        drawing = Drawing(by=arguments.by, draws=arguments.draws, seed=arguments.seed)
        agreement = find_agreement(corpus, drawing)
        if conflicts is not None:
            _write_conflicts(agreement, arguments.conflicts, conflicts)
        if majority is not None:
            _write_majority(agreement, arguments.majority, majority)
        if write_page is not None:
            write_page(agreement.to_html(f"Agreement of {', '.join(corpus.names)}"))
        write(_in_form(agreement, arguments) + "\n")


def _in_form(agreement: Agreement, arguments: argparse.Namespace) -> str:
    if arguments.json:
        return agreement.to_json()
    return agreement.to_csv() if arguments.csv else agreement.report()


def _check_places(arguments: argparse.Namespace) -> None:
    """Raise an error if two outputs have the same path, or one would overwrite an annotator's file."""
    named = [path.partition("=")[2] or path for path in arguments.annotators] + arguments.annotators
    read = {Path(path_and_column(path)[0]).resolve() for path in named}
    taken: dict[Path, str] = {}
    for option in ("output_file", "html", "conflicts", "majority"):
        path = getattr(arguments, option)
        flag = f"--{option.replace('_', '-')}"
        if path is None or (path == STANDARD and option == "output_file"):
            continue
        if path == STANDARD:
            raise UsageError(f"{flag}: expected the name of a file, found {STANDARD}")
        place = Path(path).resolve()
        if place in read and place.exists() and not place.is_char_device():
            raise UsageError(f"{flag}: expected another file than those that are read, found {path}")
        if place in taken and not place.is_char_device():
            raise UsageError(f"expected two places for {taken[place]} and {flag}, found {path} for both")
        taken[place] = flag


def _target(path: str | None, name: str, flag: str) -> Format | None:
    if path is None:
        return None
    try:
        return find_task_format(path, name)
    except UsageError as error:
        raise UsageError(f"{flag}: {error}") from None


def _write_conflicts(agreement: Agreement, path: str, target: Format) -> None:
    tasks = conflict_tasks(agreement.corpus, as_spans=not target.holds.labels)
    losses = write_tasks(path, target, tasks)
    _say_written(path, target, f"sentences with a conflict: {agreement.num_conflicts:,}", losses.lines())


def _write_majority(agreement: Agreement, path: str, target: Format) -> None:
    corpus = agreement.corpus
    losses = write_tasks(path, target, majority_tasks(corpus))
    without = num_without_majority(corpus)
    if corpus.has_spans:
        what = f"sentences: {len(corpus.sentences):,}; spans that have no majority, left out: {without:,}"
    else:
        what = (
            f"sentences: {len(corpus.sentences) - without:,}; sentences with a label that has no majority, left out: "
            f"{without:,}"
        )
    _say_written(path, target, what, losses.lines())


def _say_written(path: str, target: Format, what: str, losses: Iterable[str]) -> None:
    say("tagger", f"{path}: {target.name}, written; {what}")
    for line in losses:
        say("tagger", f"{path}: {line}")
