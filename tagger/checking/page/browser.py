"""The findings on the page, grouped by check, with filters; if there are very many, the first ones of each check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from tagger.checking.catalogue import CHECKS
from tagger.checking.findings import SEVERITIES, Finding
from tagger.checking.page.entries import finding_entry
from tagger.report import (
    Choice,
    Figure,
    Markup,
    Section,
    element,
    filter_buttons,
    filter_rules,
    join,
    shortened,
)

MAX_BYTES: Final = 2_000_000
"""Maximum size of the findings on the page, in UTF-8."""
MAX_FINDINGS: Final = 3000

_WRAPPING: Final = 80
"""Maximum size of the element around a finding, in bytes."""
_MOST_PARTS: Final = 12
_SEVERAL: Final = "several, or the whole"
_OTHER: Final = "other parts"
_EXPLANATION: Final = (
    "Within each check, the most probable mistakes come first. Where labels disagree, the doubtful reading is above "
    "the usual one; the words in question are in bold."
)


def browser_section(findings: Sequence[Finding]) -> tuple[Section, str]:
    """Return the section of the findings, and the style rules of its filters.

    Args:
        findings: the findings, grouped by check, in the order in which they are shown.
    """
    title = "Findings"
    if not findings:
        return Section("findings", title, [Figure("", [element("p", "Nothing was found.")])]), ""
    entries = _shown_entries(findings)
    choices = _choices(findings, list(entries))
    groups: dict[str, list[int]] = {}
    for number in sorted(entries):
        groups.setdefault(findings[number].check, []).append(number)
    totals = Counter(finding.check for finding in findings)
    rules = filter_rules([choice for choice, _ in choices])
    content = [
        element("p", _EXPLANATION),
        element(
            "div",
            filter_buttons([choice for choice, _ in choices]),
            *(_group(check, numbers, totals[check], entries, choices) for check, numbers in groups.items()),
            *([element("p", class_="number", role="status")] if rules else []),
            class_="filtered",
        ),
    ]
    notes = []
    if len(entries) < len(findings):
        notes.append(
            f"{len(entries):,} of {len(findings):,} findings are shown, the first ones of each check. The report in "
            "JSON has all of them."
        )
    return Section("findings", title, [Figure("", content)], notes), rules


def _shown_entries(findings: Sequence[Finding]) -> dict[int, Markup]:
    """Return the findings that fit, by their numbers: the first one of each check, then the second one, and so on."""
    turns: Counter[str] = Counter()
    ranked = []
    for number, finding in enumerate(findings):
        ranked.append((turns[finding.check], number))
        turns[finding.check] += 1
    entries: dict[int, Markup] = {}
    size = 0
    for _, number in sorted(ranked)[:MAX_FINDINGS]:
        entry = finding_entry(findings[number])
        size += len(entry.encode()) + _WRAPPING
        if size > MAX_BYTES:
            break
        entries[number] = entry
    return entries


def _choices(findings: Sequence[Finding], shown: Sequence[int]) -> list[tuple[Choice, list[int]]]:
    """Return the filters, each with the number of the option to which each finding belongs."""
    checks = list(dict.fromkeys(finding.check for finding in findings))
    severities = [name for name in SEVERITIES if any(CHECKS[one].severity == name for one in checks)]
    of_severity = [severities.index(CHECKS[finding.check].severity) for finding in findings]
    parts = [_SEVERAL if finding.part is None else finding.part for finding in findings]
    kept = list(dict.fromkeys(parts))
    if len(kept) > _MOST_PARTS:
        kept = [*kept[:_MOST_PARTS], _OTHER]
    of_part = [kept.index(part) if part in kept else len(kept) - 1 for part in parts]
    of_check = [checks.index(finding.check) for finding in findings]
    return [
        _choice("severity", "Severity", severities, of_severity, shown),
        _choice("check", "Check", checks, of_check, shown),
        _choice("part", "Part", kept, of_part, shown),
    ]


def _choice(
    name: str, legend: str, options: Sequence[str], values: list[int], shown: Sequence[int]
) -> tuple[Choice, list[int]]:
    totals, counts = Counter(values), Counter(values[number] for number in shown)
    remarks = [_of(counts[number], totals[number]) for number in range(len(options))]
    return Choice(
        name, legend, list(zip([shortened(one, 40) for one in options], remarks, strict=True))
    ), values


def _of(num_shown: int, total: int) -> str:
    return f"{total:,}" if num_shown == total else f"{num_shown:,} of {total:,}"


def _group(
    check_id: str,
    numbers: Sequence[int],
    total: int,
    entries: dict[int, Markup],
    choices: Sequence[tuple[Choice, list[int]]],
) -> Markup:
    """Return the findings of one check, as a collapsible group."""
    check = CHECKS[check_id]
    styles = [" ".join(choice.style(values[number]) for choice, values in choices) for number in numbers]
    all_styles = " ".join(sorted({style for one in styles for style in one.split()}))
    heading = join([f"{check.severity}: {check.title} ({check.id}): {_of(len(numbers), total)}"])
    bodies = [
        element("article", entries[number], class_=f"item {style}")
        for number, style in zip(numbers, styles, strict=True)
    ]
    return element(
        "details",
        element("summary", heading),
        element("p", check.advice, class_="faint"),
        *bodies,
        class_=f"item {all_styles}",
        open="open",
        id=f"check-{check.id}",
    )
