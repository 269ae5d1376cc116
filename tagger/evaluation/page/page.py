"""The page of an evaluation: facts, figures grouped into sections, and the errors in their sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tagger.evaluation.page.browser import browser_section
from tagger.evaluation.page.figures import figure
from tagger.evaluation.page.items import EvaluatedSide
from tagger.evaluation.results import ResultTable
from tagger.report import Cell, Figure, Markup, Section, element, html_page, join, shortened, table

MAX_TABLE_BYTES: Final = 700_000
"""Maximum size of all tables and charts on the page, in UTF-8."""

_WRAPPING: Final = 200  # maximum bytes of the elements around a table
_LONGEST_FACT: Final = 200
_SECTIONS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "scores": ("Scores", ()),
    "slices": ("Slices: where it does well and where not", ("slice", "documents", "worst_documents")),
    "probabilities": (
        "Probabilities and thresholds",
        ("reliability", "threshold", "calibration", "temperature"),
    ),
    "errors": ("Kinds of errors", ("error", "confusion")),
}


def evaluation_page(
    title: str,
    facts: Mapping[str, str],
    tables: Sequence[ResultTable],
    sides: Sequence[EvaluatedSide] = (),
) -> str:
    """Return the page of an evaluation, in HTML, to be written as UTF-8; at most 2 MB.

    Args:
        title: title of the page.
        facts: facts about the comparison; each line of a value gets a row.
        tables: all tables, in order; those on slices, probabilities and errors, identified by the prefixes of their
            names, get their own sections.
        sides: the sides whose errors are shown in their sentences: one, or two over the same sentences; without any,
            there is no such section.
    """
    if len(sides) > 2:
        raise ValueError(f"expected at most two sides, found {len(sides)}")
    if len(sides) == 2 and sides[0].comparison.num_sentences != sides[1].comparison.num_sentences:
        first, second = (side.comparison.num_sentences for side in sides)
        raise ValueError(f"expected two sides over the same sentences, found {first} and {second}")
    sections = _table_sections(tables)
    rules = ""
    if sides:
        section, rules = browser_section(sides)
        sections.append(section)
    return html_page(shortened(title, _LONGEST_FACT), [_facts(facts), *_units(tables)], sections, rules=rules)


def _facts(facts: Mapping[str, str]) -> Markup:
    rows = [
        [
            Cell("" if number else shortened(name, 40), is_head=True),
            Cell(shortened(line, _LONGEST_FACT), "list"),
        ]
        for name, value in facts.items()
        for number, line in enumerate(value.split("\n"))
    ]
    return table([], rows, caption="What was evaluated") if rows else join([])


def _units(tables: Sequence[ResultTable]) -> list[Markup]:
    words = "Scores and other shares in tables are in percent."
    return [element("p", words, class_="faint")] if tables else []


def _table_sections(tables: Sequence[ResultTable]) -> list[Section]:
    """Return the sections that have a table; tables for which there is no room are listed in a note."""
    figures: dict[str, list[Figure]] = {name: [] for name in _SECTIONS}
    left_out: dict[str, list[str]] = {name: [] for name in _SECTIONS}
    room = MAX_TABLE_BYTES
    for results in tables:
        place = _place(results)
        made = figure(results)
        size = len(join([made.title, *made.content, *made.explanation]).encode()) + _WRAPPING
        if size > room:
            left_out[place].append(shortened(results.title, 80))
            continue
        room -= size
        figures[place].append(made)
    return [
        Section(name, title, figures[name], _notes(left_out[name]))
        for name, (title, _) in _SECTIONS.items()
        if figures[name] or left_out[name]
    ]


def _place(results: ResultTable) -> str:
    for name, (_, beginnings) in _SECTIONS.items():
        if results.name.startswith(beginnings):  # False for an empty tuple
            return name
    return "scores"


def _notes(left_out: Sequence[str]) -> list[str]:
    if not left_out:
        return []
    named = "; ".join(left_out[:20]) + (f"; and {len(left_out) - 20:,} more" if len(left_out) > 20 else "")
    return [f"Not on this page, for want of room, but in the figures in JSON and CSV: {named}."]
