"""Label probabilities in files, for converting the output of a model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from tagger.examples import Example
from tagger.formats.annotated import AnnotatedText, CharacterSpan, Item
from tagger.formats.texts.inline import join_tokens

_KEYS: Final = ("probability", "score", "confidence")
_WAITING: Final = 10_000


def text_of(sentence: Example) -> AnnotatedText:
    """Return a sentence of tokens as a text, joined by blanks."""
    text, tokens = join_tokens(sentence.tokens)
    return AnnotatedText(
        text,
        tokens=tuple(tokens),
        sentence_starts=(0,) if tokens else (),
        labels=sentence.labels,
        document=sentence.document,
        origin=sentence.origin,
    )


def with_probabilities(item: Item, values: Sequence[float | None]) -> Item:
    """Return a sentence with the probabilities of its labels; unchanged if their number differs or all are None.

    Args:
        item: a sentence with labels.
        values: one for each label; None where unknown.
    """
    if len(values) != len(item.labels or ()) or all(value is None for value in values):
        return item
    text = text_of(item) if isinstance(item, Example) else item
    return replace(text, probabilities=tuple(values))


def probability_in(fields: Mapping[str, Any]) -> Any:
    """Return the unchecked value of a span under a usual probability key; None if there is none."""
    return next((fields[key] for key in _KEYS if fields.get(key) is not None), None)


def read_probability(text: str) -> float | None:
    """Parse the probability in a cell; None if it is not a number from 0 to 1.

    >>> read_probability("0.25"), read_probability(""), read_probability("7")
    (0.25, None, None)
    """
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


def spans_with_probabilities(
    spans: Sequence[CharacterSpan],
    first_tokens: Sequence[int],
    values: Sequence[float | None],
    ends: Sequence[int],
) -> tuple[tuple[CharacterSpan, ...], bool]:
    """Return spans with the lowest probability of their labels, an upper bound on that of the span.

    Args:
        spans: spans in order, without probabilities.
        first_tokens: the index of the first token of each.
        values: the probability of the label of each token.
        ends: the index just past the last token of each span.

    Returns:
        The spans, and whether the label probabilities carry nothing else: equal within each span, None elsewhere.
    """
    found = []
    rest = list(values)
    are_of_spans = True
    for span, first, end in zip(spans, first_tokens, ends, strict=True):
        own = values[first:end]
        known = [value for value in own if value is not None]
        found.append(span._replace(probability=min(known) if len(known) == len(own) else None))
        are_of_spans = are_of_spans and len(set(own)) == 1
        rest[first:end] = [None] * (end - first)
    return tuple(found), are_of_spans and all(value is None for value in rest)


def tell_predictions(
    texts: Iterable[AnnotatedText], model: str | None
) -> Iterator[tuple[AnnotatedText, bool]]:
    """Yield each text and whether a model made its annotations, judged by their probabilities.

    A text without spans counts as the one before it; the first ones as the first with spans, looked for in the first
    10,000 texts.

    Args:
        texts: the texts.
        model: the model that annotated all of them; None if unknown.
    """
    held: list[AnnotatedText] = []
    known = None if model is None else True
    for text in texts:
        if model is None and text.spans:
            known = any(span.probability is not None for span in text.spans)
        held.append(text)
        if known is not None or len(held) > _WAITING:
            yield from ((each, bool(known)) for each in held)
            held.clear()
    yield from ((each, False) for each in held)
