r"""Suspects: labels of the data that a model which did not learn from them finds improbable, ranked.

Each is a stretch of tokens that the data read in one way and one of the model's ten best label sequences in another.
Both readings have an exact probability under the CRF: that these tokens have just these spans, whatever stands around
them. Where that of the other one is below 0.01, nothing is suspected. A rank is by

    log P(other) - max(log P(gold), log 0.0001) - 2 * slips

the margin by which the other reading is more probable, less what it takes to get from it to the gold one
(``Dispute.slips``). That is a noisy channel: how probable the other reading is as the truth, times how probable it is
that an annotator wrote down the gold one instead.

Of the scores tried, those that look at the gold reading alone (its probability, as Wang & Mueller 2022 and confident
learning, Northcutt et al. 2021, do with labels of tokens) or at the margin alone put rare names first, of which the
model has never heard: it is sure that there is nothing, and wrong. That is what a model of a small corpus errs in most,
and annotators hardly ever: they mistake a type, an edge, or overlook a name. Below 0.0001 probabilities say how
confident the model is, not how wrong the data are. ``scripts/benchmarks/label_errors.py`` compares them.

Where labels spell no spans, each token is asked for: its tag against the most probable other one, by the margin.
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
"""Label sequences of a sentence that are looked at."""
_LEAST: Final = math.log(0.01)
"""In nats. Readings that are less probable than this say nothing of the data."""
_FLOOR: Final = math.log(1e-4)
"""In nats; see above."""
_SLIP: Final = 2.0
"""What a slip costs, in nats."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """Labels that may be wrong.

    Attributes:
        sentence: number of their sentence, from 0.
        start: the first token that is in dispute.
        end: the token after the last one.
        kind: what is wrong if the other reading is right.
        gold: the spans of the data there; a tag is a span of one token.
        other: the spans that the model finds instead, likewise.
        gold_probability: that these tokens have the gold spans and no others.
        other_probability: that they have the others.
        score: the higher, the more it is worth a look; in nats.
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
        tagger: a model that did not learn from these sentences.
        examples: the sentences, with gold labels in the scheme that the model reports. Labels that it does not know
            have no probability.
        documents: of each sentence, as for :meth:`Tagger.predict`.
        numbers: by which suspects call the sentences; 0 and so on if left out.

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
    """Yield what is in dispute in each sentence."""
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
            if others[best] <= 0:  # of a label alone
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
        gold: its log-probability.
        other: that of the other reading.
        slips: from the other to the gold one.
    """
    return other - max(gold, _FLOOR) - _SLIP * slips


def _apart(number: int, scored: Iterable[_Scored]) -> Iterator[Suspect]:
    """Yield the suspects of a sentence that share no token: the most suspicious of those that do."""
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
