"""One finding on the page: what is wrong, where, and, if labels disagree, all readings in their sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tagger.checking.findings import Finding
from tagger.report import Mark, Markup, element, join, marked_text, shortened

_LONGEST_MESSAGE: Final = 600
_LONGEST_PLACE: Final = 100
_LONGEST_LABEL: Final = 80
_MOST_PLACES: Final = 8


def finding_entry(finding: Finding) -> Markup:
    """Return a finding: its message, its places, and its readings one below the other, the doubtful one first."""
    readings = finding.details.get("readings", ())
    return join(
        [
            element("p", element("bdi", shortened(finding.message, _LONGEST_MESSAGE))),
            _places(finding, are_with_readings=bool(readings)),
            *(_reading(reading, is_first=number == 0) for number, reading in enumerate(readings)),
        ]
    )


def _places(finding: Finding, *, are_with_readings: bool) -> Markup:
    """Return the places of a finding, without those that its readings show."""
    shown = [reading["place"] for reading in finding.details["readings"]] if are_with_readings else []
    places = [place for place in finding.places if place not in shown]
    if not places:
        return join([])
    named = [element("bdi", _tail(place)) for place in places[:_MOST_PLACES]]
    more = len(places) - len(named) + max(finding.count - len(finding.places), 0) * (not are_with_readings)
    words = [part for one in named for part in (", ", one)][1:]
    said = ["also ", *words] if are_with_readings else words
    return element("p", *said, f", and {more:,} more" if more > 0 else "", class_="faint")


def _reading(reading: Mapping[str, Any], *, is_first: bool) -> Markup:
    start, end = reading["chosen"]
    # the finding concerns labels that touch the chosen words; other labels of the sentence get a neutral colour
    marks = [
        Mark(
            0,
            left,
            right,
            label,
            ("wrong" if is_first else "right") if left < end and right > start else None,
        )
        for left, right, label in reading["spans"]
    ]
    return join(
        [
            element(
                "p",
                element("strong", element("bdi", shortened(reading["label"], _LONGEST_LABEL))),
                " · ",
                element("span", element("bdi", _tail(reading["place"])), class_="faint"),
            ),
            marked_text(reading["tokens"], marks, chosen=(start, end)),
        ]
    )


def _tail(place: str) -> str:
    """Return a place, or the end of a very long one, which has the line number."""
    return place if len(place) <= _LONGEST_PLACE else "…" + place[-_LONGEST_PLACE:]
