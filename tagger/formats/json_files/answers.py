"""Spans and probabilities of a model beside the labels of a sentence in JSON Lines, as written by ``tagger tag``.

``"spans": [{"start": 3, "end": 4, "label": "ORG", "probability": 0.43}]``
    the spans that the labels spell, as ranges of tokens;
``"probabilities": [0.98, 0.99, 0.97, 0.51]``
    one for each label.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from tagger.examples import Example
from tagger.formats.annotated import CharacterSpan, Item
from tagger.formats.losses import Losses
from tagger.formats.probabilities import probability_in, text_of
from tagger.schemes import LabelScheme, labels_to_spans, violations

_LABELS: Final = "labels"
ANSWER_KEYS: Final = ("spans", "probabilities")
"""The keys that are read beside labels."""


def with_answers(sentence: Example, fields: Mapping[str, Any], label_key: str, losses: Losses) -> Item:
    """Return a sentence with the probabilities of its spans, or of its labels; unchanged if there are none.

    Args:
        sentence: a sentence with labels.
        fields: its object.
        label_key: the key of the labels.
        losses: counts probabilities that do not belong to these labels.
    """
    found, values = fields.get("spans"), fields.get("probabilities")
    claimed = [span for span in found if isinstance(span, dict)] if isinstance(found, list) else []
    scored = {_key(span): probability_in(span) for span in claimed}
    said = values if isinstance(values, list) and all(map(_is_one, values)) else []
    has_values = len(said) == len(sentence.tokens) > 0
    if not has_values and all(score is None for score in scored.values()):
        return sentence
    spans = _spans(sentence.labels or ())
    is_another = label_key != _LABELS and _LABELS in fields
    if is_another or (found is not None and (spans is None or set(map(tuple, spans)) != set(scored))):
        losses.add(
            "probabilities of other labels than those that are read, not read",
            sentence.origin or "a sentence",
        )
        return sentence
    text = text_of(sentence)
    if found is not None:
        ranges = text.tokens or ()
        drawn = tuple(
            CharacterSpan(
                ranges[start][0], ranges[end - 1][1], label, probability=_checked(scored[start, end, label])
            )
            for start, end, label in spans or ()
        )
        text = replace(text, spans=drawn, labels=None)
    return replace(text, probabilities=tuple(map(float, said))) if has_values else text


def _key(span: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    key = (span.get("start"), span.get("end"), span.get("label"))
    return key if tuple(map(type, key)) == (int, int, str) else (None, None, None)


def _spans(labels: tuple[str, ...]) -> list[tuple[int, int, str]] | None:
    """Return the spans of labels; None if they are not legal IOB2, in which answers are written."""
    if next(iter(violations(labels, LabelScheme.IOB2)), None) is not None:
        return None
    return [(span.start, span.end, span.label) for span in labels_to_spans(labels, LabelScheme.IOB2)]


def _is_one(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value <= 1


def _checked(value: float | None) -> float | None:
    return value if _is_one(value) else None
