r"""Suspects: labels of the data that a model not trained on them finds improbable, ranked.

Each is a stretch of tokens where the data and one of the model's ten best label sequences differ. Both readings have an
exact probability under the CRF: that these tokens have exactly these spans, whatever the labels around them. Readings
below 0.01 are not suggested. Suspects are ranked by

    log P(other) - max(log P(gold), log 0.0001) - 2 * slips

the margin by which the other reading is more probable, minus the cost of getting from it to the gold one
(``Dispute.slips``). This is a noisy-channel model: the probability that the other reading is the truth, times the
probability that an annotator wrote the gold one instead.

Of the scores tried, those based only on the gold reading (its probability, as Wang & Mueller 2022 and confident
learning, Northcutt et al. 2021, use for token labels) or only on the margin rank rare names first, which the model has
never seen: it is confident that there is no name, and wrong. That is the most common error of a model trained on a
small corpus, but hardly ever one of annotators, who mistake a type or an edge, or overlook a name. Below 0.0001,
probabilities reflect the model's confidence rather than errors in the data. ``scripts/benchmarks/label_errors.py``
compares the scores.

Where labels have no spans, each token's tag is compared with the most probable other tag, in the same way.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tagger.api import Tagger
from tagger.errors import DataError
from tagger.examples import Example
from tagger.label_errors.disputes import Dispute, Kind, disputes
from tagger.schemes import labels_to_spans
from tagger.spans import Span

_ALTERNATIVES: Final = 10
"""Number of label sequences considered for each sentence."""
_LEAST: Final = math.log(0.01)
"""In nats. Minimum log-probability of the other reading."""
_FLOOR: Final = math.log(1e-4)
"""In nats. Lower bound on the log-probability of the gold reading."""
_SLIP: Final = 2.0
"""Cost of a slip, in nats."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """Labels that may be wrong.

    Attributes:
        sentence: number of their sentence, from 0.
        start: the first disputed token.
        end: the token after the last one.
        kind: what is wrong if the other reading is right.
        gold: the spans of the data there; a tag is a span of one token.
        other: the spans that the model suggests instead; a tag is a span of one token.
        gold_probability: probability that these tokens have exactly the gold spans.
        other_probability: probability that they have exactly the other spans.
        score: in nats; the higher, the more suspicious.
    """

    sentence: int
    start: int
    end: int
    kind: Kind
    gold: tuple[Span, ...]
    other: tuple[Span, ...]
    gold_probability: float
    other_probability: float
    score: float


def find_suspects(
    tagger: Tagger,
    examples: Sequence[Example],
    *,
    documents: Sequence[str | None] | None = None,
    numbers: Sequence[int] | None = None,
) -> list[Suspect]:
    """Return the suspects of sentences, the most suspicious first; no two share a token.

    Args:
        tagger: a model that was not trained on these sentences.
        examples: the sentences, with gold labels in the scheme that the model reports. Labels unknown to it have
            probability 0.
        documents: document of each sentence, as for :meth:`Tagger.predict`.
        numbers: sentence numbers to use in suspects; from 0 if left out.

    Raises:
        DataError: if a sentence has no labels.
    """
    for example in examples:
        if example.labels is None:
            raise DataError(f"{example.origin or 'sentence'}: expected gold labels, found none")
    numbers = range(len(examples)) if numbers is None else numbers
    find = _of_spans if tagger.scheme.has_spans else _of_tags
    found = (
        suspect
        for number, of_sentence in zip(numbers, find(tagger, examples, documents), strict=True)
        for suspect in _apart(number, of_sentence)
    )
    return ranked(found)


def ranked(suspects: Iterable[Suspect]) -> list[Suspect]:
    """Return suspects, such as those of several folds, the most suspicious first."""
    return sorted(suspects, key=lambda suspect: (-suspect.score, suspect.sentence, suspect.start))


_Scored = tuple[float, Kind, Dispute, float, float]
"""Score, kind, readings, and the log-probabilities of both."""


def _of_spans(
    tagger: Tagger, examples: Sequence[Example], documents: Sequence[str | None] | None
) -> Iterator[list[_Scored]]:
    """Yield the scored disputes of each sentence."""
    sentences = [example.tokens for example in examples]
    alternatives = tagger.stream_nbest(sentences, _ALTERNATIVES, documents=documents)
    found: list[list[Dispute]] = []
    for example, predictions in zip(examples, alternatives, strict=True):
        gold = labels_to_spans(example.labels or (), tagger.scheme)
        found.append(list(dict.fromkeys(each for one in predictions for each in disputes(gold, one.spans))))
    stretches = [
        [each.stretch(spans) for each in of_sentence for spans in (each.gold, each.other)]
        for of_sentence in found
    ]
    values = tagger.log_probabilities(sentences, stretches, documents=documents)
    for of_sentence, both in zip(found, values, strict=True):
        yield [
            (score(gold, other, each.slips), each.kind, each, gold, other)
            for each, gold, other in zip(of_sentence, both[::2], both[1::2], strict=True)
        ]


def _of_tags(
    tagger: Tagger, examples: Sequence[Example], documents: Sequence[str | None] | None
) -> Iterator[list[_Scored]]:
    columns = {label: column for column, label in enumerate(tagger.labels)}
    sentences = [example.tokens for example in examples]
    marginals = tagger.marginals(sentences, documents=documents)
    for example, rows in zip(examples, marginals, strict=True):
        found: list[_Scored] = []
        for place, (label, row) in enumerate(zip(example.labels or (), rows, strict=True)):
            own = columns.get(label, -1)
            gold = float(row[own]) if own >= 0 else 0.0
            others = row.copy()
            others[own if own >= 0 else []] = -1.0
            best = int(np.argmax(others))
            if others[best] <= 0:  # there is only one label
                continue
            both = Dispute(
                place,
                place + 1,
                (Span(place, place + 1, label),),
                (Span(place, place + 1, tagger.labels[best]),),
            )
            values = math.log(gold) if gold else -math.inf, math.log(others[best])
            found.append((score(*values, 1), "tag", both, *values))
        yield found


def score(gold: float, other: float, slips: int) -> float:
    """Return how suspicious a gold reading is, in nats.

    Args:
        gold: log-probability of the gold reading.
        other: log-probability of the other reading.
        slips: number of slips from the other to the gold reading.
    """
    return other - max(gold, _FLOOR) - _SLIP * slips


def _apart(number: int, scored: Iterable[_Scored]) -> Iterator[Suspect]:
    """Yield the suspects of a sentence, only the most suspicious of those that share tokens."""
    taken = set[int]()
    for value, kind, dispute, gold, other in sorted(
        scored, key=lambda each: (-each[0], each[2].start, each[2].end)
    ):
        tokens = range(dispute.start, dispute.end)
        if other >= _LEAST and taken.isdisjoint(tokens):
            taken.update(tokens)
            yield Suspect(
                number,
                dispute.start,
                dispute.end,
                kind,
                dispute.gold,
                dispute.other,
                min(1.0, math.exp(gold)),
                min(1.0, math.exp(other)),
                value,
            )
