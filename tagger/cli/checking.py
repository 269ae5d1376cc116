"""The work of ``tagger check``: read a corpus, check and repair it, and report the findings."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from difflib import get_close_matches
from pathlib import Path

from tagger.checking.catalogue import CHECKS
from tagger.checking.findings import SEVERITIES
from tagger.checking.fixing.copies import repair
from tagger.checking.given import find_parts
from tagger.checking.page import to_html
from tagger.checking.reading import read_corpus
from tagger.checking.report import Report, check
from tagger.checking.report_text import report_lines, summary, to_json
from tagger.cli.arguments import reading_options
from tagger.cli.program import say
from tagger.cli.streams import STANDARD, output_to
from tagger.errors import UsageError
from tagger.schemes import LabelScheme
from tagger.text.printable import printable_lines


def run_check(arguments: argparse.Namespace) -> bool:
    """Check the corpus; return whether there is a finding of the severity of ``--fail-on`` or above."""
    if arguments.list:
        _refuse_with_list(arguments)
        with output_to(arguments.output_file) as write:
            write(_listed(as_json=arguments.json))
        return False
    if not arguments.data:
        raise UsageError("expected DATA to check, found none. --list names the checks")
    if arguments.fix is not None and arguments.join_sentences:
        raise UsageError("--fix has no effect with --join-sentences: files keep their sentences")
    if arguments.all and arguments.json:
        raise UsageError("--all has no effect with --json, which has everything")
    ignored = _ignored(arguments.ignore, arguments.only)
    given = find_parts(arguments.data, arguments.input)
    _check_outputs(arguments, [file for part in given for file in part.files])
    scheme = None if arguments.scheme == "auto" else LabelScheme.parse(arguments.scheme)
    options = reading_options(arguments, arguments.input)
    with ExitStack() as stack:
        # Opened first, so that unwritable outputs are reported before the work.
        write = stack.enter_context(output_to(arguments.output_file))
        write_page = None if arguments.html is None else stack.enter_context(output_to(arguments.html))
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tagger-")))
        read = read_corpus(
            given,
            options,
            scheme,
            dataset_name=arguments.dataset_name,
            revision=arguments.revision,
            standard_input=sys.stdin.buffer,
            scratch=scratch,
        )
        for line in read.said:
            say("tagger", line)
        report = check(read.corpus, ignored=ignored)
        repairs = (
            None if arguments.fix is None else repair(read, report, Path(arguments.fix), ignored=ignored)
        )
        if arguments.json:
            write(to_json(report, read.corpus, repairs) + "\n")
        else:
            lines = report_lines(report, read.corpus, repairs, shows_all=arguments.all)
            write(printable_lines("\n".join(lines)) + "\n")
        if write_page is not None:
            write_page(to_html(report, read.corpus))
    return _fails(report, arguments.fail_on)


def _fails(report: Report, threshold: str) -> bool:
    counts = summary(report)
    return threshold != "never" and any(
        counts[severity] for severity in SEVERITIES[: SEVERITIES.index(threshold) + 1]
    )


def _ignored(ignored: Iterable[str], only: Iterable[str]) -> set[str]:
    """Return the ids of the checks to leave out."""
    left_out, chosen = set(_ids("--ignore", ignored)), set(_ids("--only", only))
    if both := sorted(left_out & chosen):
        raise UsageError(f"--ignore and --only: expected different checks, found {both[0]} in both")
    if chosen:
        left_out |= CHECKS.keys() - chosen
    return left_out


def _ids(option: str, given: Iterable[str]) -> Iterator[str]:
    for id_ in (part.strip() for text in given for part in text.split(",")):
        if id_ not in CHECKS:
            close = get_close_matches(id_, CHECKS, 1)
            advice = f"did you mean {close[0]}?" if close else "--list names all of them"
            raise UsageError(f"{option}: there is no check {id_!r}; {advice}")
        yield id_


def _refuse_with_list(arguments: argparse.Namespace) -> None:
    given = {
        "DATA": arguments.data,
        **{f"--{name}": getattr(arguments, name) for name in ("ignore", "only", "fix", "html", "all")},
    }
    for name, value in given.items():
        if value:
            raise UsageError(f"{name} has no effect with --list")


def _listed(*, as_json: bool) -> str:
    if as_json:
        checks = [
            {
                "check": one.id,
                "severity": one.severity,
                "title": one.title,
                "advice": one.advice,
                "fixable": one.fixable,
            }
            for one in CHECKS.values()
        ]
        return json.dumps(checks, indent=2, ensure_ascii=False) + "\n"
    lines = []
    for one in sorted(CHECKS.values(), key=lambda one: SEVERITIES.index(one.severity)):
        fixable = ", --fix" if one.fixable else ""
        lines.append(f"{one.id} ({one.severity}{fixable}): {one.title}\n    {one.advice}\n")
    return "".join(lines)


def _check_outputs(arguments: argparse.Namespace, inputs: list[str]) -> None:
    """Raise an error if an output would overwrite another output or an input."""
    outputs = [path for path in (arguments.output_file, arguments.html) if path is not None]
    if len(outputs) == 2 and _same(*outputs):
        raise UsageError(
            f"expected two places for page and report, found {outputs[0]} for both. Write one of them elsewhere, with "
            "--html or --output-file"
        )
    for output in outputs:
        if output != STANDARD and any(file != STANDARD and _same(output, file) for file in inputs):
            raise UsageError(f"{output}: expected a file to write that is not checked, found one that is")


def _same(one: str, other: str) -> bool:
    if STANDARD in (one, other):
        return one == other
    return Path(one).resolve() == Path(other).resolve()
