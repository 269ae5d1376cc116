"""Checks of a file's spans against the text: offsets, their unit, and each mention against its slice."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final, Literal, NamedTuple

from tagger.formats.annotated import CharacterSpan
from tagger.formats.columns.records import excerpt
from tagger.formats.json_files.objects import describe
from tagger.formats.losses import Losses
from tagger.formats.offsets import UNIT_NAMES, UNITS, OffsetMap, OffsetUnit
from tagger.options import argument

_LOG: Final = logging.getLogger(__name__)


class Claim(NamedTuple):
    """A span as written in a file, unchecked.

    Attributes:
        ranges: its start and end, or those of each of its fragments.
        label: its type.
        mention: its characters, where the file repeats them; fragments are joined by blanks.
        probability: the probability of the span, in [0, 1]; None if unknown.
        where: its place in the file, if different from that of the text.
    """

    ranges: Sequence[tuple[Any, Any]]
    label: Any
    mention: str | None = None
    probability: Any = None
    where: str | None = None


class ClaimChecker:
    """Converts the claims of one file to spans, and detects the unit of its offsets.

    Args:
        name: what messages call the file.
        offsets: the unit of the offsets; ``auto``: detected from the mentions.
        usual: the unit in files of this format, unless mentions show another.
        losses: refuses or counts what is wrong.
        is_certain: whether all programs that write this format use the usual unit; if not, spans whose unit cannot be
            determined are counted as a loss.
    """

    def __init__(
        self,
        name: str,
        offsets: OffsetUnit | Literal["auto"],
        usual: OffsetUnit,
        losses: Losses,
        *,
        is_certain: bool = True,
    ) -> None:
        self._name = name
        self._is_free = offsets == "auto"
        self._unit: OffsetUnit = usual if offsets == "auto" else offsets
        self._losses = losses
        self._is_certain = is_certain

    def spans(self, text: str, claims: Sequence[Claim], where: str) -> tuple[CharacterSpan, ...]:
        """Return the spans of a text, in the order of their claims.

        A mention may differ from its slice in white space: tools fold line breaks.

        Args:
            text: the text that the offsets refer to.
            claims: the spans as written in the file.
            where: ``file:line`` of the text.

        Raises:
            FormatError: a claim is wrong, and bad data are not skipped.
        """
        unit = self._unit
        if self._is_free and not text.isascii():
            unit = self._unit_of(text, claims)
            self._count_unchecked(text, claims, where)
        offsets = OffsetMap(text, unit)
        spans = (self._span(text, claim, offsets, claim.where or where) for claim in claims)
        return tuple(span for span in spans if span is not None)

    def _unit_of(self, text: str, claims: Sequence[Claim]) -> OffsetUnit:
        """Return the usual unit, or another one if only that puts the mentions at their offsets.

        The checker keeps the other unit if it is the only one that fits.
        """
        told = [claim for claim in claims if claim.mention is not None and _are_numbers(claim.ranges)]
        if not told or fits(text, told, self._unit):
            return self._unit
        others = [unit for unit in UNITS if unit != self._unit and fits(text, told, unit)]
        if len(others) == 1:
            self._unit = others[0]
            self._is_free = False
            _LOG.info(
                "%s: offsets count %s, detected from the texts of the spans (%s sets it)",
                self._name,
                UNIT_NAMES[self._unit],
                argument("data.offsets", self._unit),
            )
        return others[0] if others else self._unit

    def _count_unchecked(self, text: str, claims: Sequence[Claim], where: str) -> None:
        """Count spans that would differ in another unit, where there are no mentions to determine it."""
        if self._is_certain or max(text) <= "\uffff" or any(claim.mention is not None for claim in claims):
            return
        first = next(place for place, mark in enumerate(text) if mark > "\uffff")
        after = [
            claim
            for claim in claims
            if _are_numbers(claim.ranges) and any(end > first + 1 for _, end in claim.ranges)
        ]
        if after:
            self._losses.add(
                f"spans after a character beyond U+FFFF, taken to count {UNIT_NAMES[self._unit]}, unchecked "
                f"({argument('data.offsets')} says otherwise)",
                f"{where}: {_shown(after[0].ranges)}",
                times=len(after),
            )

    def _span(self, text: str, claim: Claim, offsets: OffsetMap, where: str) -> CharacterSpan | None:
        if not isinstance(claim.label, str) or not claim.label.strip():
            found = "nothing" if claim.label in (None, "") else describe(claim.label)
            self._losses.bad(
                "spans without a label",
                f"{where}: expected a label for the span {_shown(claim.ranges)}, found {found}",
            )
            return None
        label = claim.label.strip()
        if not claim.ranges:
            self._losses.bad(
                "spans without a range", f"{where}: expected start and end of the {label}, found none"
            )
            return None
        ranges = []
        for start, end in claim.ranges:
            if not _are_numbers([(start, end)]):
                self._losses.bad(
                    "spans whose offsets are not whole numbers",
                    f"{where}: expected whole numbers as start and end of the {label}, found {describe(start)} and "
                    f"{describe(end)}",
                )
                return None
            first, after = offsets.to_code_points(start), offsets.to_code_points(end)
            if first is None or after is None or first >= after:
                length = offsets.from_code_points(len(text))
                self._losses.bad(
                    "spans that are not ranges of their text",
                    f"{where}: expected 0 <= start < end <= {length} for the {label}, counted in "
                    f"{UNIT_NAMES[self._unit]}, found {start}-{end}. If the offsets count something else, say so: "
                    f"{argument('data.offsets')}",
                )
                return None
            ranges.append((first, after))
        ranges.sort()
        if any(start < end for (_, end), (start, _) in pairwise(ranges)):
            self._losses.bad(
                "spans whose fragments overlap",
                f"{where}: expected fragments of the {label} that do not overlap, found {list(claim.ranges)}",
            )
            return None
        found = " ".join(text[start:end] for start, end in ranges)
        if claim.mention is not None and claim.mention.split() != found.split():
            first, last = min(claim.ranges)[0], max(claim.ranges)[1]
            self._losses.bad(
                "spans whose text differs",
                f"{where}: expected {excerpt(claim.mention)} at {first}-{last}, as the {label} there says, found "
                f"{excerpt(found)}. If the offsets count something else than {UNIT_NAMES[self._unit]}, say so: "
                f"{argument('data.offsets')}",
            )
            return None
        if claim.probability is not None and not is_probability(claim.probability):
            self._losses.bad(
                "spans with an invalid probability",
                f"{where}: expected a number from 0 to 1 as the probability of the {label}, found "
                f"{describe(claim.probability)}",
            )
            return None
        fragments = tuple(ranges) if len(ranges) > 1 else ()
        probability = None if claim.probability is None else float(claim.probability)
        return CharacterSpan(ranges[0][0], ranges[-1][1], label, fragments, probability)


def is_probability(value: object) -> bool:
    """Return whether a value is a number from 0 to 1; booleans are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1


def _shown(ranges: Sequence[tuple[Any, Any]]) -> str:
    return ";".join(f"{start}-{end}" for start, end in ranges)


def _are_numbers(ranges: Sequence[tuple[Any, Any]]) -> bool:
    return all(type(start) is int and type(end) is int for start, end in ranges)


def fits(text: str, claims: Sequence[Claim], unit: OffsetUnit) -> bool:
    """Return whether every mention matches its slice of the text, if offsets are in a given unit.

    Args:
        text: the text that the offsets refer to.
        claims: each with a mention, and whole numbers as offsets.
        unit: the unit.
    """
    offsets = OffsetMap(text, unit)
    for claim in claims:
        ranges = [
            (offsets.to_code_points(start), offsets.to_code_points(end))
            for start, end in sorted(claim.ranges)
        ]
        if any(start is None or end is None for start, end in ranges):
            return False
        if (claim.mention or "").split() != " ".join(text[start:end] for start, end in ranges).split():
            return False
    return True
