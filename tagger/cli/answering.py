"""The answers of the model to records: read as far ahead as it wants, each record given out with its own."""

from __future__ import annotations

import argparse
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, tee
from typing import TYPE_CHECKING

from tagger.cli.inputs import Record
from tagger.cli.outputs import Answer
from tagger.documents import DocumentId
from tagger.errors import TaggerError
from tagger.schemes import labels_to_spans
from tagger.spans import Span

if TYPE_CHECKING:
    from tagger.api import Tagger
    from tagger.workers import WorkerPool


def answered(
    records: Iterable[tuple[Record, list[DocumentId]]],
    answer: Callable[[Iterable[Sequence[str]], Iterable[DocumentId]], Iterator[Answer]],
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
    sentences: Iterable[Sequence[str]],
    documents: Iterable[DocumentId],
) -> Iterator[Answer]:
    """Yield an answer for every sentence; probabilities cost time, so they are computed only if asked for."""
    if arguments.nbest is not None:
        for best, *others in tagger.stream_nbest(sentences, arguments.nbest, documents=documents):
            if arguments.probabilities:
                yield Answer(best.labels, best.spans, best.label_probabilities, (best, *others))
            else:
                yield Answer(best.labels, _spans(best.labels, tagger), None, (best, *others))
    elif arguments.probabilities:
        for best in tagger.stream(sentences, documents=documents, decode=arguments.decode):
            yield Answer(best.labels, best.spans, best.label_probabilities)
    else:
        for labels in tagger.stream_labels(sentences, documents=documents, decode=arguments.decode):
            yield Answer(tuple(labels), _spans(labels, tagger))


def _spans(labels: Sequence[str], tagger: Tagger | WorkerPool) -> tuple[Span, ...]:
    return tuple(labels_to_spans(labels, tagger.scheme))
