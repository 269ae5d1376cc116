"""A report as JSON, and as text in which the lines of findings can be parsed by editors."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from tagger.checking.catalogue import CHECKS
from tagger.checking.corpus import Corpus, Part
from tagger.checking.findings import SEVERITIES, Finding, Severity
from tagger.checking.fixing.changes import Change, Repairs
from tagger.checking.report import Report
from tagger.text.counted import counted

VERSION: Final = 1
"""Version of the JSON format."""
SHOWN: Final = 5
"""Number of findings, and of changes, shown for each check unless all are requested."""
_PLACES: Final = 3


def report_lines(
    report: Report, corpus: Corpus, repairs: Repairs | None = None, *, shows_all: bool = False
) -> Iterator[str]:
    """Yield the lines of a report.

    Args:
        report: the findings.
        corpus: the corpus checked.
        repairs: the repairs, if requested.
        shows_all: whether to show every finding, rather than the first of each check.
    """
    for part in corpus.parts:
        yield _described(part)
    if corpus.parts:
        yield ""
    for check, group in groupby(report.findings, key=lambda finding: finding.check):
        yield from _of_check(check, list(group), shows_all=shows_all)
    yield from (f"not checked: {remark}" for remark in report.remarks)
    if report.remarks:
        yield ""
    for table in report.statistics:
        yield from table.lines()
        yield ""
    if repairs is not None:
        yield from _repaired(repairs, shows_all=shows_all)
    yield summary_line(report)


def summary(report: Report) -> dict[Severity, int]:
    """Return the number of findings of each severity."""
    counts = Counter(CHECKS[finding.check].severity for finding in report.findings)
    return {severity: counts[severity] for severity in SEVERITIES}


def summary_line(report: Report) -> str:
    """Return the number of findings of each severity as text."""
    if not report.findings:
        return "nothing found"
    return ", ".join(counted(count, severity) for severity, count in summary(report).items())


def to_dict(report: Report, corpus: Corpus, repairs: Repairs | None = None) -> dict[str, Any]:
    """Return everything as JSON-ready values; the keys change only with ``version``."""
    found: dict[str, Any] = {
        "version": VERSION,
        "parts": [
            {
                "name": part.name,
                "role": part.role,
                "files": list(part.files),
                "sentences": len(part.examples),
                "tokens": part.words.total(),
                "scheme": None if part.scheme is None else str(part.scheme),
                "notation": None if part.scheme is None else str(part.notation),
                "why": part.why,
            }
            for part in corpus.parts
        ],
        "summary": {
            **summary(report),
            "checks": dict(Counter(finding.check for finding in report.findings)),
        },
        "findings": [
            {
                "check": finding.check,
                "severity": CHECKS[finding.check].severity,
                "part": finding.part,
                "places": list(finding.places),
                "message": finding.message,
                "count": finding.count,
                "details": finding.details,
            }
            for finding in report.findings
        ],
        "remarks": list(report.remarks),
        "statistics": {table.name: table.to_dicts() for table in report.statistics},
    }
    if repairs is not None:
        found["changes"] = [
            {"check": change.check, "place": change.place, "before": change.before, "after": change.after}
            for change in repairs.changes
        ]
        found["written"] = dict(repairs.written)
        found["not_repaired"] = dict(repairs.refused)
    return found


def to_json(report: Report, corpus: Corpus, repairs: Repairs | None = None) -> str:
    """Return everything as indented JSON."""
    return json.dumps(to_dict(report, corpus, repairs), indent=2, ensure_ascii=False)


def _described(part: Part) -> str:
    size = f"{counted(len(part.examples), 'sentence')}, {counted(part.words.total(), 'token')}"
    if part.scheme is not None:
        name = part.scheme.name if part.scheme.has_spans else "plain labels"
        labels = f"{name} ({part.why})"
    else:
        labels = "no labels" if not part.why else "labels of no known scheme"
    written = "" if part.notation.is_usual else f"; {part.notation}"
    return f"{part.name} ({part.role or 'no role'}): {size}; {labels}{written}"


def _of_check(check: str, findings: Sequence[Finding], *, shows_all: bool) -> Iterator[str]:
    about = CHECKS[check]
    yield f"{about.title} ({check}): {len(findings):,}"
    shown = findings if shows_all else findings[:SHOWN]
    yield from map(finding_line, shown)
    if rest := len(findings) - len(shown):
        yield f"  and {rest:,} more (--all shows them)"
    yield f"  {about.advice}"
    yield ""


def finding_line(finding: Finding) -> str:
    """Return a finding as one line: place, severity, check and message, in the style of compilers."""
    severity = CHECKS[finding.check].severity
    where = finding.places[0] if finding.places else finding.part or "corpus"
    others = finding.places[1 : 1 + _PLACES]
    more = max(finding.count, len(finding.places)) - 1 - len(others)
    also = f" [also {', '.join(others)}{f' and {more:,} more' if more > 0 else ''}]" if others else ""
    return f"{where}: {severity}[{finding.check}]: {finding.message}{also}"


def _repaired(repairs: Repairs, *, shows_all: bool) -> Iterator[str]:
    yield f"repaired: {counted(len(repairs.changes), 'change')} in copies of {counted(len(repairs.written), 'file')}"
    for check, group in groupby(
        sorted(repairs.changes, key=lambda change: change.check), key=lambda one: one.check
    ):
        changes = list(group)
        shown = changes if shows_all else changes[:SHOWN]
        yield from map(_change_line, shown)
        if rest := len(changes) - len(shown):
            yield f"  and {rest:,} more of {check} (--all shows them)"
    yield from (f"{name}: not repaired, and no copy written: {why}" for name, why in repairs.refused.items())
    yield ""


def _change_line(change: Change) -> str:
    return f"{change.place}: changed[{change.check}]: {change.before} -> {change.after}"
