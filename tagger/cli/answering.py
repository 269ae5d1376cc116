"""Run the model over records, and yield each record with its answers."""

from __future__ import annotations

import argparse
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice, tee
from typing import TYPE_CHECKING, Final, TypeAlias

from tagger.cli.inputs import Placed
from tagger.documents import DocumentId
from tagger.errors import TaggerError, UsageError
from tagger.inference.answers import stream_answers
from tagger.prediction import Answer, Prediction
from tagger.schemes import labels_to_spans

if TYPE_CHECKING:
    from tagger.api import Tagger
    from tagger.workers import WorkerPool


GiveAnswers: TypeAlias = Callable[
    [Iterable[Sequence[str]], Iterable[DocumentId], Iterable[int]], Iterator[Answer]
]


def bounds_of(
    tagger: Tagger | WorkerPool, arguments: argparse.Namespace
) -> Mapping[str, float] | float | None:
    """Return the minimum probability of spans, by type or one for all; None if nothing is to be withheld.

    Raises:
        UsageError: the model has no stored thresholds, its labels have no spans, or both options are given.
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
    """Return the thresholds stored in the model, for ``--thresholds``.

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
        """Return the number of withheld spans, in all and by type.

        >>> from tagger.spans import Span
        >>> counts = Withheld({"PER": 0.5})
        >>> counts.count(Answer(("O", "O"), (), withheld=(Span(0, 2, "PER", 0.4),)))
        >>> counts.summary()
        'withheld 1 of 1 spans: 1 of 1 PER'
        """
        total = f"withheld {self._withheld.total()} of {self._found.total()} spans"
        by_type = (f"{self._withheld[kind]} of {self._found[kind]} {kind}" for kind in sorted(self._found))
        return f"{total}: {', '.join(by_type)}" if self._found else total


def answered(records: Iterable[Placed], answer: GiveAnswers) -> Iterator[tuple[Placed, Sequence[Answer]]]:
    """Yield every record with the answers to its sentences, reading only as far ahead as ``answer`` does.

    Raises:
        TaggerError: a record cannot be read; raised after all earlier records were yielded.
    """
    waiting: deque[Placed] = deque()
    faults: list[TaggerError] = []

    def sentences() -> Iterator[tuple[Sequence[str], DocumentId, int]]:
        try:
            for placed in records:
                waiting.append(placed)
                # A record without sentences is represented by an empty one.
                tokens = [example.tokens for example in placed.record.sentences] or [()]
                pairs = zip(tokens, placed.documents, strict=True)
                yield from ((words, document, placed.unit) for words, document in pairs)
        except TaggerError as error:
            faults.append(error)

    first, second, third = tee(sentences(), 3)
    found = answer(
        (tokens for tokens, _, _ in first),
        (document for _, document, _ in second),
        (unit for _, _, unit in third),
    )
    for best in found:
        placed = waiting.popleft()
        rest = islice(found, max(len(placed.record.sentences), 1) - 1)
        yield placed, [best, *rest][: len(placed.record.sentences)]
    if faults:
        raise faults[0]


def answers(
    tagger: Tagger | WorkerPool,
    arguments: argparse.Namespace,
    withheld: Withheld,
    sentences: Iterable[Sequence[str]],
    documents: Iterable[DocumentId],
    units: Iterable[int],
    *,
    in_units: bool,
) -> Iterator[Answer]:
    """Yield an answer for every sentence; probabilities are computed only if requested, since they take time.

    ``in_units``: whether units are computed separately.
    """
    apart = units if in_units else None
    if arguments.nbest is not None:
        for best, *others in tagger.stream_nbest(
            sentences, arguments.nbest, documents=documents, units=apart
        ):
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
        units=apart,
        decode=arguments.decode,
        probabilities=arguments.probabilities,
        thresholds=withheld.thresholds,
    ):
        if withheld.thresholds is not None:
            withheld.count(answer)
        yield answer
