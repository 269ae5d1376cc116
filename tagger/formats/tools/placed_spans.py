"""Conversion of mentions without offsets to spans, counting those left out, repeated or changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tagger.formats.annotated import CharacterSpan
from tagger.formats.columns.records import excerpt
from tagger.formats.losses import Losses
from tagger.formats.tools.placing import Mention, Placement, place_mentions

_SURPLUS: Final = "mentions listed more often than they occur in their text, left out"
_UNPLACED: Final = {
    "absent": "mentions that are not in their text, left out",
    "ambiguous": "mentions that fit several places, left out",
    "surplus": _SURPLUS,
}
_CHANGED: Final = {
    "spelling": "mentions found in another spelling",
    "letters": "mentions found in another spelling",
    "words": "mentions found by similar words",
    "part": "mentions found as part of a word",
}


def placed_spans(
    text: str,
    mentions: Sequence[Mention],
    where: str,
    losses: Losses,
    *,
    is_ordered: bool = True,
    probabilities: Sequence[float | None] | None = None,
) -> tuple[CharacterSpan, ...]:
    """Return the spans of the mentions that are found, in text order.

    Args:
        text: the text.
        mentions: the mentions, as listed.
        where: ``file:line`` of the text.
        losses: counts mentions not found, found changed, or marked in further places.
        is_ordered: whether they are listed in text order.
        probabilities: the probabilities of the mentions, if known.
    """
    placements = place_mentions(text, mentions, is_ordered=is_ordered)
    return spans_of(text, mentions, placements, where, losses, probabilities=probabilities)


def spans_of(
    text: str,
    mentions: Sequence[Mention],
    placements: Sequence[Placement],
    where: str,
    losses: Losses,
    *,
    probabilities: Sequence[float | None] | None = None,
) -> tuple[CharacterSpan, ...]:
    """Return the spans of placed mentions, as :func:`placed_spans` does."""
    spans: dict[tuple[int, int, str], CharacterSpan] = {}
    for number, (mention, placement) in enumerate(zip(mentions, placements, strict=True)):
        _count(text, mention, placement, where, losses)
        probability = probabilities[number] if probabilities else None
        for start, end in placement.ranges:
            span = CharacterSpan(start, end, mention.label, probability=probability)
            if (start, end, mention.label) in spans:
                losses.add(_SURPLUS, f"{where}: the {mention.label} {excerpt(mention.text)}")
            spans.setdefault((start, end, mention.label), span)
    return tuple(sorted(spans.values(), key=CharacterSpan.order))


def _count(text: str, mention: Mention, placement: Placement, where: str, losses: Losses) -> None:
    detail = f"{where}: the {mention.label} {excerpt(mention.text)}"
    if placement.reason:
        losses.add(_UNPLACED[placement.reason], detail)
        return
    start, end = placement.ranges[0]
    if placement.how in _CHANGED:
        losses.add(_CHANGED[placement.how], f"{detail} as {excerpt(text[start:end])}")
    if others := len(placement.ranges) - 1:
        losses.add("further occurrences of mentions, also marked", f"{detail}, {others}", times=others)
