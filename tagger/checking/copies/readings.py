"""Readings: how a sentence is labelled, with its words, for comparison with another reading."""

from __future__ import annotations

from typing import Any, Final

from tagger.checking.numbered import NumberedCorpus

_CONTEXT: Final = 12
"""Number of words on either side of the relevant ones."""


def reading(
    numbered: NumberedCorpus, sentence: int, start: int, end: int, *, label: str, place: str
) -> dict[str, Any]:
    """Return some words of a sentence with their context, ready for JSON.

    Args:
        numbered: the corpus.
        sentence: number of the sentence.
        start: the first relevant word, counted from 0 in the sentence.
        end: the word after the last one.
        label: how they are labelled, in words.
        place: where they are.
    """
    begin = int(numbered.starts[sentence])
    length = int(numbered.lengths[sentence])
    first, after = max(start - _CONTEXT, 0), min(end + _CONTEXT, length)
    part = int(numbered.part_of[sentence])
    found: dict[str, Any] = {
        "label": label,
        "part": numbered.parts[part].name,
        "place": place,
        "tokens": list(numbered.text(begin + first, begin + after)),
        "chosen": [start - first, end - first],
    }
    if numbered.has_spans[part]:
        found["spans"] = [
            [max(left, 0), min(right, after - first), type_]
            for left, right, type_ in numbered.spans_within(begin + first, begin + after)
        ]
    else:
        ids = numbered.labels[begin + start : begin + end].tolist()
        found["spans"] = [
            [start - first + number, start - first + number + 1, numbered.label_names[label_id]]
            for number, label_id in enumerate(ids)
            if label_id >= 0
        ]
    return found
