"""The whole page of a check: the numbers of findings, the findings, the figures."""

from __future__ import annotations

from collections import Counter
from typing import Final

from tagger.checking.catalogue import CHECKS
from tagger.checking.corpus import Corpus
from tagger.checking.findings import SEVERITIES
from tagger.checking.page.browser import browser_section
from tagger.checking.page.pictures import pictured
from tagger.checking.report import Report
from tagger.report import Cell, Markup, Section, element, html_page, join, shortened, table

_LONGEST: Final = 200
_MOST_FILES: Final = 10


def to_html(report: Report, corpus: Corpus) -> str:
    """Return the findings as a self-contained HTML page without scripts, to be written as UTF-8.

    Args:
        report: the findings.
        corpus: the corpus that was checked.
    """
    names = ", ".join(part.name for part in corpus.parts)
    section, rules = browser_section(report.findings)
    sections = [section]
    if report.statistics:
        figures = [pictured(results) for results in report.statistics]
        sections.append(Section("figures", "Figures", figures))
    introduction = [_parts(corpus), *_remarks(report), _summary(report)]
    return html_page(
        shortened(f"Check of {names or 'nothing'}", _LONGEST), introduction, sections, rules=rules
    )


def _parts(corpus: Corpus) -> Markup:
    head = ["part", "role", "scheme", "sentences", "files"]
    rows = []
    for part in corpus.parts:
        files = ", ".join(part.files[:_MOST_FILES])
        if len(part.files) > _MOST_FILES:
            files += f", and {len(part.files) - _MOST_FILES:,} more"
        rows.append(
            [
                Cell(shortened(part.name, 40), "wide", is_head=True),
                Cell(part.role or "not known", "text"),
                Cell("none known" if part.scheme is None else part.scheme.name, "text"),
                Cell(f"{len(part.examples):,}"),
                Cell(shortened(files, _LONGEST) if files else "", "list"),
            ]
        )
    return table(head, rows, caption="The parts of the corpus") if rows else join([])


def _remarks(report: Report) -> list[Markup]:
    return [element("p", shortened(remark, 2 * _LONGEST), class_="note") for remark in report.remarks]


def _summary(report: Report) -> Markup:
    """Return how many findings there are of each severity and of each check."""
    counts = Counter(finding.check for finding in report.findings)
    by_severity = Counter(CHECKS[finding.check].severity for finding in report.findings)
    words = ", ".join(
        f"{by_severity[name]:,} {name}{'' if by_severity[name] == 1 else 's'}" for name in SEVERITIES
    )
    rows = [
        [
            Cell(element("a", check, href=f"#check-{check}"), "wide", is_head=True),
            Cell(CHECKS[check].severity, "text"),
            Cell(f"{number:,}"),
            Cell(CHECKS[check].title, "list"),
        ]
        for check, number in counts.items()
    ]
    head = ["check", "severity", "findings", "what it is"]
    listed = [table(head, rows, caption="Findings by check")] if rows else []
    return join([element("p", element("strong", words)), *listed])
