"""The error browser: errors in their sentences, grouped by class, with filters; a fair sample if there are many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tagger.evaluation.page.items import OUTCOMES, ErrorItem, EvaluatedSide, outcomes
from tagger.evaluation.page.sampling import fair_order, most_frequent
from tagger.evaluation.page.sentences import Line, error_in_sentence
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

MAX_BYTES: Final = 1_000_000
"""Maximum size of the errors on the page, in UTF-8."""

_WRAPPING: Final = 120  # maximum bytes of the element around an error
_MAX_OPTIONS: Final = 20
_MAX_GROUPS: Final = 30
_OTHER: Final = "all others"
_NONE: Final = "(none)"

_EXPLANATION: Final = (
    "Beneath the words are the gold labels, then the predicted ones: ✓ right, ✗ wrong. Numbers are the probabilities "
    "of the predictions. In bold: the words of the error."
)
_TWO_SIDES: Final = (
    "A side is right at the place of an error if none of its words belongs to a gold span that this side missed or to "
    "a wrong span that it predicted. If both are wrong, the error shown is that of A."
)


@dataclass(frozen=True)
class _Entry:
    """An error, the outcome for both sides, and the index of its group."""

    item: ErrorItem
    outcome: int | None
    group: int


def browser_section(sides: Sequence[EvaluatedSide]) -> tuple[Section, str]:
    """Return the section and the style rules of its filters.

    Args:
        sides: one side, or two over the same sentences.
    """
    items, found = _items(sides)
    title = "Errors in their sentences"
    if not items:
        return Section("sentences", title, [Figure("", [element("p", "There are no errors.")])]), ""
    group_names, groups = _groups(items)
    entries = [
        _Entry(item, outcome, group) for item, outcome, group in zip(items, found, groups, strict=True)
    ]
    chosen, shown = _chosen(entries, sides)
    choices = _choices(entries, chosen, group_names)
    rules = filter_rules([choice for choice, _ in choices])
    total, num_shown = len(entries), len(chosen)
    content = [
        element("p", _EXPLANATION),
        *([element("p", _TWO_SIDES)] if len(sides) > 1 else []),
        _legend(sides),
        element(
            "div",
            filter_buttons([choice for choice, _ in choices]),
            *_grouped(entries, chosen, shown, choices, group_names),
            *([element("p", class_="number", role="status")] if rules else []),
            class_="filtered",
        ),
    ]
    notes = []
    if num_shown < total:
        notes.append(
            f"{num_shown:,} of {total:,} errors are shown: some of each class and type, from all over the data, always "
            "the same ones."
        )
    return Section("sentences", title, [Figure("", content)], notes), rules


def _items(sides: Sequence[EvaluatedSide]) -> tuple[list[ErrorItem], Sequence[int | None]]:
    """Return the errors of all sides, with errors of both only once, and the outcome of each."""
    first = sides[0]
    if len(sides) == 1:
        return list(first.errors), [None] * len(first.errors)
    second = sides[1]
    found = outcomes(first.errors, first.comparison, is_first=True, other=second.comparison)
    others = outcomes(second.errors, second.comparison, is_first=False, other=first.comparison)
    added = [(item, outcome) for item, outcome in zip(second.errors, others, strict=True) if outcome != 2]
    items = [*first.errors, *(item for item, _ in added)]
    return items, [*found, *(outcome for _, outcome in added)]


def _groups(items: Sequence[ErrorItem]) -> tuple[list[str], list[int]]:
    """Return the names of the groups, the largest first, and the group of each error, by class or by both labels."""
    keys = [item.kind or f"{item.gold or _NONE}, predicted as {item.predicted or _NONE}" for item in items]
    kept = [key or "" for key in most_frequent(keys, _MAX_GROUPS)]
    places = {key: place for place, key in enumerate(kept)}
    numbers = [places.get(key, len(kept)) for key in keys]
    return [*kept, *([_OTHER] if max(numbers) == len(kept) else [])], numbers


def _chosen(entries: Sequence[_Entry], sides: Sequence[EvaluatedSide]) -> tuple[list[int], dict[int, Markup]]:
    """Return the indices of the errors to show, in their order on the page, and the markup of each."""
    lines = _lines(sides)
    articles: dict[int, Markup] = {}
    size = 0
    strata = [(entry.item.kind, entry.item.gold, entry.item.predicted, entry.outcome) for entry in entries]
    for number in fair_order(strata):
        article = error_in_sentence(entries[number].item, lines)
        size += len(article.encode()) + _WRAPPING
        if size > MAX_BYTES:
            break
        articles[number] = article
    order = sorted(
        articles,
        key=lambda number: (
            entries[number].group,
            entries[number].item.gold or "",
            entries[number].item.predicted or "",
            number,
        ),
    )
    return order, articles


def _lines(sides: Sequence[EvaluatedSide]) -> list[tuple[str, Line]]:
    names = ("predicted",) if len(sides) == 1 else ("A", "B")
    gold = ("gold", Line(sides[0].comparison, is_gold=True))
    return [
        gold,
        *((name, Line(side.comparison, is_gold=False)) for name, side in zip(names, sides, strict=True)),
    ]


def _legend(sides: Sequence[EvaluatedSide]) -> Markup:
    if len(sides) == 1:
        return join([])
    names = [
        element("span", f"{letter}: ", element("bdi", shortened(side.name, 60)), class_="key")
        for letter, side in zip("AB", sides, strict=True)
    ]
    return element("p", *names, class_="legend")


def _choices(
    entries: Sequence[_Entry], chosen: Sequence[int], group_names: Sequence[str]
) -> list[tuple[Choice, list[int]]]:
    """Return the filters, each with the index of the option that each error matches."""
    has_kinds = entries[0].item.kind is not None
    found = []
    if entries[0].outcome is not None:
        values = [entry.outcome or 0 for entry in entries]
        found.append(_choice("outcome", "Which side is right", OUTCOMES, values, chosen))
    if has_kinds:
        values = [entry.group for entry in entries]
        found.append(_choice("class", "Class of the error", group_names, values, chosen))
    what = "type" if has_kinds else "label"
    for name, legend, labels in (
        ("gold", f"Gold {what}", [entry.item.gold for entry in entries]),
        ("predicted", f"Predicted {what}", [entry.item.predicted for entry in entries]),
    ):
        kept = most_frequent(labels, _MAX_OPTIONS)
        places = {label: place for place, label in enumerate(kept)}
        values = [places.get(label, len(kept)) for label in labels]
        names = [_NONE if label is None else label for label in kept]
        found.append(
            _choice(name, legend, [*names, *([_OTHER] if max(values) == len(kept) else [])], values, chosen)
        )
    return found


def _choice(
    name: str, legend: str, options: Sequence[str], values: list[int], chosen: Sequence[int]
) -> tuple[Choice, list[int]]:
    all_counts = Counter(values)
    shown_counts = Counter(values[number] for number in chosen)
    remarks = [_of(shown_counts[number], all_counts[number]) for number in range(len(options))]
    texts = [shortened(option, 40) for option in options]
    return Choice(name, legend, list(zip(texts, remarks, strict=True))), values


def _of(num_shown: int, total: int) -> str:
    """Return a total, preceded by the number shown if that is less.

    >>> _of(5, 5), _of(5, 1200)
    ('5', '5 of 1,200')
    """
    return f"{total:,}" if num_shown == total else f"{num_shown:,} of {total:,}"


def _grouped(
    entries: Sequence[_Entry],
    chosen: Sequence[int],
    articles: dict[int, Markup],
    choices: Sequence[tuple[Choice, list[int]]],
    group_names: Sequence[str],
) -> list[Markup]:
    """Return the collapsible groups with the errors that are shown."""
    totals = Counter(entry.group for entry in entries)
    members: dict[int, list[int]] = {}
    for number in chosen:
        members.setdefault(entries[number].group, []).append(number)
    made = []
    for group, numbers in members.items():
        styles = [" ".join(choice.style(values[number]) for choice, values in choices) for number in numbers]
        all_styles = " ".join(sorted({style for one in styles for style in one.split()}))
        heading = join(
            [element("bdi", shortened(group_names[group], 60)), f": {_of(len(numbers), totals[group])}"]
        )
        bodies = [
            element("article", articles[number], class_=f"item {style}")
            for number, style in zip(numbers, styles, strict=True)
        ]
        made.append(
            element("details", element("summary", heading), *bodies, class_=f"item {all_styles}", open="open")
        )
    return made
