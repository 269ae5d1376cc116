"""Stretches of tokens with labels whose probability is requested."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from tagger.errors import DataError
from tagger.inference.lookahead import Lookahead
from tagger.prediction import Stretch
from tagger.spans import Span


def stretches_of(
    lookahead: Lookahead, remaining: Iterator[tuple[int, Sequence[Stretch]]]
) -> list[Sequence[Stretch]]:
    """Return the stretches of the sentences of a lookahead.

    Args:
        lookahead: the sentences.
        remaining: the sentence numbers and stretches of these and all following sentences.

    Raises:
        DataError: if there are none for a sentence, or one is empty or not within its sentence.
    """
    found: list[Sequence[Stretch]] = []
    for number, stretches in islice(remaining, len(lookahead.sentences)):
        length = len(lookahead.sentences[len(found)])
        for stretch in stretches:
            if not 0 <= stretch.start < stretch.start + len(stretch.labels) <= length:
                raise DataError(
                    f"sentence {number}: expected labels of one or more of its {length} tokens, found "
                    f"{len(stretch.labels)} from token {stretch.start}"
                )
        found.append(stretches)
    if len(found) < len(lookahead.sentences):
        raise DataError("expected stretches for each sentence, found them for fewer than there are")
    return found


def stretch_of_span(span: Span) -> Stretch:
    """Return the IOB2 labels that encode exactly a span.

    >>> stretch_of_span(Span(2, 4, "LOC"))
    Stretch(start=2, labels=('B-LOC', 'I-LOC'), is_closed=True)
    """
    labels = (f"B-{span.label}", *[f"I-{span.label}"] * (span.end - span.start - 1))
    return Stretch(span.start, labels, is_closed=True)
