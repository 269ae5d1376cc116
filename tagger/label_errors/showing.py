"""Output of suspects: in words, as lines of JSON, and as tasks for an annotation tool."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from tagger.examples import Example
from tagger.formats import format_json, join_tokens
from tagger.formats.tasks import Reading, Task, character_spans
from tagger.label_errors.suspects import Suspect
from tagger.schemes import LabelScheme, labels_to_spans
from tagger.spans import Span

_DIGITS: Final = 6
GOLD: Final = "gold"
"""Name in tasks of the reading of the data."""
SUGGESTION: Final = "suggestion"
"""Name in tasks of the reading with the suspects' other spans."""


class Place(NamedTuple):
    """The position of a suspect in the ranking and in the data.

    Attributes:
        rank: its rank, from 1.
        where: the file and the line.
        split: the split of the sentence, if there are several.
        fold: the number of the fold whose model judged it, if there are folds.
    """

    rank: int
    where: str
    split: str | None = None
    fold: int | None = None


def reason(suspect: Suspect, tokens: Sequence[str]) -> str:
    """Return a description of the two readings.

    >>> spans = (Span(1, 2, "LOC"),), (Span(1, 2, "ORG"),)
    >>> reason(Suspect(0, 1, 2, "type", *spans, 0.01, 0.5, 1.0), ["for", "Eagles"])
    'type: Eagles LOC (1.00 %), or Eagles ORG (50.00 %)?'
    """
    gold, other = (_words(spans, tokens) for spans in (suspect.gold, suspect.other))
    probabilities = (f"{100 * each:.2f} %" for each in (suspect.gold_probability, suspect.other_probability))
    first, second = probabilities
    return f"{suspect.kind}: {gold} ({first}), or {other} ({second})?"


def _words(spans: Iterable[Span], tokens: Sequence[str]) -> str:
    return ", ".join(f"{' '.join(tokens[span.start : span.end])} {span.label}" for span in spans) or "nothing"


def as_line(suspect: Suspect, example: Example, place: Place) -> str:
    """Return a suspect as a line of JSON.

    Args:
        suspect: the suspect.
        example: its sentence.
        place: its position.
    """
    fields: dict[str, Any] = {
        "rank": place.rank,
        "score": round(suspect.score, _DIGITS),
        "kind": suspect.kind,
        "origin": place.where,
        "tokens": example.tokens,
        "start": suspect.start,
        "end": suspect.end,
        "gold": [_fields(span) for span in suspect.gold],
        "suggested": [_fields(span) for span in suspect.other],
        "gold_probability": round(suspect.gold_probability, _DIGITS),
        "suggested_probability": round(suspect.other_probability, _DIGITS),
    }
    others = {"document": example.document, "split": place.split, "fold": place.fold}
    return format_json({**fields, **{name: value for name, value in others.items() if value is not None}})


def _fields(span: Span) -> dict[str, Any]:
    return {"start": span.start, "end": span.end, "label": span.label}


def tasks(
    ranking: Sequence[Suspect],
    examples: Sequence[Example],
    places: Mapping[int, str],
    scheme: LabelScheme,
    *,
    most: int,
) -> Iterable[Task]:
    """Yield the sentences with the most suspicious labels as tasks, with the readings of the data and of the model.

    The reading of the data is the annotation, to be corrected; the other reading has the model's suggestions in place
    of the suspects of the sentence. Its probability is that of the first of these suggestions.

    Args:
        ranking: suspects, the most suspicious first.
        examples: all sentences, indexed by the sentence numbers of suspects.
        places: the file and line of sentences, by their numbers.
        scheme: scheme of the labels.
        most: maximum number of sentences. The ranking is read up to the first suspect of one sentence more.
    """
    chosen: dict[int, list[tuple[int, Suspect]]] = {}
    for rank, suspect in enumerate(ranking, start=1):
        if suspect.sentence not in chosen and len(chosen) == most:
            break
        chosen.setdefault(suspect.sentence, []).append((rank, suspect))
    for number, suspects in chosen.items():
        yield _task(examples[number], suspects, places[number], scheme)


def _task(example: Example, suspects: Sequence[tuple[int, Suspect]], where: str, scheme: LabelScheme) -> Task:
    tokens, labels = example.tokens, example.labels or ()
    text, ranges = join_tokens(tokens)
    rank, first = suspects[0]
    if scheme.has_spans:
        spans = labels_to_spans(labels, scheme)
        replaced = {span for _, suspect in suspects for span in suspect.gold}
        kept = [span for span in spans if Span(span.start, span.end, span.label) not in replaced]
        other = sorted([*kept, *(span for _, suspect in suspects for span in suspect.other)])
        readings = (
            Reading(name=GOLD, spans=character_spans(ranges, spans), is_annotation=True),
            Reading(
                name=SUGGESTION,
                spans=character_spans(ranges, other),
                probability=first.other_probability,
            ),
        )
    else:
        tags = list(labels)
        for _, suspect in suspects:
            tags[suspect.start] = suspect.other[0].label
        readings = (
            Reading(name=GOLD, labels=labels, is_annotation=True),
            Reading(name=SUGGESTION, labels=tuple(tags), probability=first.other_probability),
        )
    return Task(
        text=text,
        tokens=tuple(ranges),
        readings=readings,
        fields={
            "rank": rank,
            "score": round(first.score, _DIGITS),
            "reason": " ".join(reason(suspect, tokens) for _, suspect in suspects),
            "place": where,
        },
        document=example.document,
        origin=where,
    )
