"""The answers of the model to records: read as far ahead as it wants, each record given out with its own."""

from __future__ import annotations

import argparse
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice, tee
from typing import TYPE_CHECKING, Final, TypeAlias

from tagger.cli.inputs import Record
from tagger.documents import DocumentId
from tagger.errors import TaggerError, UsageError
from tagger.inference.answers import stream_answers
from tagger.prediction import Answer, Prediction
from tagger.schemes import labels_to_spans

if TYPE_CHECKING:
    from tagger.api import Tagger
    from tagger.workers import WorkerPool


GiveAnswers: TypeAlias = Callable[[Iterable[Sequence[str]], Iterable[DocumentId]], Iterator[Answer]]


def bounds_of(
    tagger: Tagger | WorkerPool, arguments: argparse.Namespace
) -> Mapping[str, float] | float | None:
    """Return the probability below which spans are withheld, by type or one for all; None for none.

    Raises:
        UsageError: the model has none stored, its labels have no spans, or both options are given.
    """
    if arguments.min_probability is None:
        return wanted_thresholds(tagger, arguments.model) if arguments.thresholds else None
    if arguments.thresholds:
        raise UsageError(
            "--min-probability is one threshold for all types, --thresholds are those of the model; pass one of the two"
        )
    if not tagger.scheme.has_spans:
        raise UsageError("--min-probability has no effect on a model whose labels have no spans")
    return float(arguments.min_probability)


def wanted_thresholds(tagger: Tagger | WorkerPool, folder: str) -> dict[str, float]:
    """Return the thresholds of the model in a folder, which ``--thresholds`` asks for.

    Raises:
        UsageError: it has none.
    """
    if not tagger.scheme.has_spans:
        raise UsageError("--thresholds has no effect on a model whose labels have no spans")
    if not tagger.thresholds:
        raise UsageError(
            f"--thresholds: {folder} holds none. Store some first: "
            f"tagger evaluate {folder} GOLD --threshold-for recall=0.95 --store"
        )
    return tagger.thresholds


class Withheld:
    """Counts the spans that thresholds withhold.

    Args:
        thresholds: by type, or one for all; None if nothing is to be withheld.
    """

    def __init__(self, thresholds: Mapping[str, float] | float | None) -> None:
        self.thresholds: Final = thresholds
        self._found: Final[Counter[str]] = Counter()
        self._withheld: Final[Counter[str]] = Counter()

    def count(self, answer: Answer | Prediction) -> None:
        """Count the spans of an answer, and those withheld from it."""
        self._withheld.update(span.label for span in answer.withheld)
        self._found.update(span.label for span in (*answer.spans, *answer.withheld))

    def summary(self) -> str:
        """Return how many spans of how many were withheld, by type.

        >>> from tagger.spans import Span
        >>> counts = Withheld({"PER": 0.5})
        >>> counts.count(Answer(("O", "O"), (), withheld=(Span(0, 2, "PER", 0.4),)))
        >>> counts.summary()
        'withheld 1 of 1 spans: 1 of 1 PER'
        """
        total = f"withheld {self._withheld.total()} of {self._found.total()} spans"
        by_type = (f"{self._withheld[kind]} of {self._found[kind]} {kind}" for kind in sorted(self._found))
        return f"{total}: {', '.join(by_type)}" if self._found else total


def answered(
    records: Iterable[tuple[Record, list[DocumentId]]], answer: GiveAnswers
) -> Iterator[tuple[Record, Sequence[Answer]]]:
    """Yield every record with the answers to its sentences, reading only as far ahead as ``answer`` does.

    Raises:
        TaggerError: a record cannot be read; after all records before it.
    """
    waiting: deque[Record] = deque()
    faults: list[TaggerError] = []

    def sentences() -> Iterator[tuple[Sequence[str], DocumentId]]:
        try:
            for record, documents in records:
                waiting.append(record)
                # A record without a sentence holds its place by an empty one.
                tokens = [example.tokens for example in record.sentences] or [()]
                yield from zip(tokens, documents, strict=True)
        except TaggerError as error:
            faults.append(error)

    left, right = tee(sentences())
    found = answer((tokens for tokens, _ in left), (document for _, document in right))
    for first in found:
        record = waiting.popleft()
        rest = islice(found, max(len(record.sentences), 1) - 1)
        yield record, [first, *rest][: len(record.sentences)]
    if faults:
        raise faults[0]


def answers(
    tagger: Tagger | WorkerPool,
    arguments: argparse.Namespace,
    withheld: Withheld,
    sentences: Iterable[Sequence[str]],
    documents: Iterable[DocumentId],
) -> Iterator[Answer]:
    """Yield an answer for every sentence; probabilities cost time, so they are computed only if asked for."""
    if arguments.nbest is not None:
        for best, *others in tagger.stream_nbest(sentences, arguments.nbest, documents=documents):
            if arguments.probabilities:
                yield Answer(best.labels, best.spans, best.label_probabilities, (best, *others))
            else:
                spans = tuple(labels_to_spans(best.labels, tagger.scheme))
                yield Answer(best.labels, spans, None, (best, *others))
        return
    for answer in stream_answers(
        tagger,
        sentences,
        documents,
        decode=arguments.decode,
        probabilities=arguments.probabilities,
        thresholds=withheld.thresholds,
    ):
        withheld.count(answer)
        yield answer
