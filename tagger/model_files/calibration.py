"""Calibration: the temperature and the thresholds of a model, in ``config.json`` and in the model card.

The section exists only if necessary: a model that was never calibrated has temperature 1 and no thresholds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final, TypeGuard

from tagger.errors import ModelError
from tagger.schemes import listed
from tagger.text.printable import code_span

SECTION: Final = "calibration"
_HEADING: Final = "## Calibration"
_NEXT: Final = "## Use"
TEMPERATURES: Final = (0.01, 100.0)
"""The lowest and the highest temperature; others would make any scores meaningless."""


def is_temperature(value: object) -> bool:
    """Return whether a value is a valid temperature.

    >>> is_temperature(1.5), is_temperature(0), is_temperature(float("nan")), is_temperature(True)
    (True, False, False, False)
    """
    return _is_number(value) and TEMPERATURES[0] <= value <= TEMPERATURES[1]


def is_threshold(value: object) -> bool:
    """Return whether a value is a valid threshold: a probability.

    >>> is_threshold(1), is_threshold(0.25), is_threshold(-0.1), is_threshold("0.5")
    (True, True, False, False)
    """
    return _is_number(value) and 0 <= value <= 1


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def parse_calibration(
    section: Any, types: Collection[str], *, where: str = SECTION
) -> tuple[float, dict[str, float]]:
    """Return the temperature and the threshold of each type that has one.

    Args:
        section: from JSON; None if it is missing.
        types: of the model's spans; empty if labels have no spans.
        where: its place, for messages.

    Raises:
        ModelError: if it is invalid.
    """
    if section is None:
        return 1.0, {}
    if not isinstance(section, Mapping) or not section.keys() <= {"temperature", "thresholds"}:
        raise ModelError(f"{where}: expected an object with temperature and thresholds, found {section!r}")
    temperature, thresholds = section.get("temperature", 1.0), section.get("thresholds", {})
    if not is_temperature(temperature):
        raise ModelError(
            f"{where}: temperature: expected a number from {TEMPERATURES[0]:g} to {TEMPERATURES[1]:g}, "
            f"found {temperature!r}"
        )
    if not isinstance(thresholds, Mapping):
        raise ModelError(f"{where}: thresholds: expected an object, found {thresholds!r}")
    for kind, threshold in thresholds.items():
        if kind not in types:
            known = f"types of the model ({listed(types)})" if types else "none, as labels have no spans"
            raise ModelError(f"{where}: thresholds: expected {known}, found {kind!r}")
        if not is_threshold(threshold):
            raise ModelError(
                f"{where}: thresholds: expected a number from 0 to 1 for {kind}, found {threshold!r}"
            )
    return float(temperature), {kind: float(threshold) for kind, threshold in thresholds.items()}


def calibration_section(
    temperature: float, thresholds: Mapping[str, float], types: Collection[str]
) -> dict[str, Any]:
    """Return the fields to add to ``config.json``: the section by its name, or none if it would be empty.

    Raises:
        ModelError: if it is invalid.
    """
    section: dict[str, Any] = {}
    if temperature != 1:
        section["temperature"] = temperature
    if thresholds:
        section["thresholds"] = dict(thresholds)
    parse_calibration(section, types)
    return {SECTION: section} if section else {}


def calibrated_card(card: str, temperature: str | None = "", thresholds: str | None = "") -> str:
    """Return a model card with a changed section about calibration; all other text is unchanged.

    Args:
        card: the text. A new section is inserted before "## Use", or at the end; an empty one is removed.
        temperature: paragraph about the temperature, which begins with that word; None to remove it, empty to keep it.
        thresholds: the same for thresholds.
    """
    lines = card.split("\n")
    begin = next((i for i, line in enumerate(lines) if line.strip() == _HEADING), len(lines))
    end = next((i for i in range(begin + 1, len(lines)) if lines[i].startswith(("# ", "## "))), len(lines))
    old = lines[begin:end]
    del lines[begin:end]
    new = [
        next((line for line in old if line.startswith(word)), None) if paragraph == "" else paragraph
        for word, paragraph in (("Temperature", temperature), ("Thresholds", thresholds))
    ]
    section = [line for paragraph in new if paragraph for line in (paragraph, "")]
    if begin == len(lines):  # there was none, or it was the last
        begin = next((i for i, line in enumerate(lines) if line.strip() == _NEXT), len(lines))
    if section and begin == len(lines):
        while lines and not lines[-1]:
            lines.pop()
        lines += [""] * bool(lines)
        begin = len(lines)
    lines[begin:begin] = [_HEADING, "", *section] if section else []
    return "\n".join(lines)


def temperature_paragraph(temperature: float, note: str) -> str | None:
    """Return the paragraph of the card about a temperature; None for 1.

    Args:
        temperature: of the model.
        note: sentences about what it was fitted to, and the effect.
    """
    if temperature == 1:
        return None
    text = (
        f"Temperature {temperature:g}: all scores are divided by it before they become probabilities. {note}"
    )
    return " ".join(text.split())


def thresholds_paragraph(thresholds: Mapping[str, float], note: str) -> str | None:
    """Return the paragraph of the card about thresholds; None if there are none.

    Args:
        thresholds: of the model, by type.
        note: sentences about what they were chosen for.
    """
    if not thresholds:
        return None
    named = ", ".join(f"{code_span(kind)} {thresholds[kind]:.4g}" for kind in sorted(thresholds))
    text = f"Thresholds, below which `tagger tag --thresholds` withholds spans: {named}. {note}"
    return " ".join(text.split())
