"""Answers: what a tagger is asked of a stream of sentences, probabilities only where they are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from tagger.documents import DocumentId
from tagger.prediction import Answer, Prediction
from tagger.schemes import LabelScheme, labels_to_spans

if TYPE_CHECKING:
    from tagger.inference.scores import Decode


class AnswersStreams(Protocol):
    """A :class:`tagger.Tagger`, or processes that share its work."""

    @property
    def scheme(self) -> LabelScheme:
        """That of the labels."""
        ...

    def stream(
        self,
        sentences: Iterable[Sequence[str]],
        *,
        documents: Iterable[DocumentId] | None = None,
        units: Iterable[int] | None = None,
        decode: Decode = "viterbi",
        thresholds: Mapping[str, float] | float | None = None,
    ) -> Iterator[Prediction]:
        """Yield a prediction for every sentence."""
        ...

    def stream_labels(
        self,
        sentences: Iterable[Sequence[str]],
        *,
        documents: Iterable[DocumentId] | None = None,
        units: Iterable[int] | None = None,
        decode: Decode = "viterbi",
    ) -> Iterator[list[str]]:
        """Yield the labels of every sentence."""
        ...


def stream_answers(
    tagger: AnswersStreams,
    sentences: Iterable[Sequence[str]],
    documents: Iterable[DocumentId] | None = None,
    *,
    units: Iterable[int] | None = None,
    decode: Decode = "viterbi",
    probabilities: bool = False,
    thresholds: Mapping[str, float] | float | None = None,
) -> Iterator[Answer]:
    """Yield an answer for every sentence, in constant memory.

    Args:
        tagger: who is asked.
        sentences: tokens of each.
        documents: of each, or None for sentences alone.
        units: as in :meth:`tagger.Tagger.stream`.
        decode: as in :meth:`tagger.Tagger.tag`.
        probabilities: whether to give the probabilities of labels and spans, which cost time.
        thresholds: as in :meth:`tagger.Tagger.predict`.
    """
    scheme = tagger.scheme
    if not probabilities and thresholds is None:
        for labels in tagger.stream_labels(sentences, documents=documents, units=units, decode=decode):
            yield Answer(tuple(labels), tuple(labels_to_spans(labels, scheme)))
        return
    for best in tagger.stream(
        sentences, documents=documents, units=units, decode=decode, thresholds=thresholds
    ):
        if probabilities:
            yield Answer(best.labels, best.spans, best.label_probabilities, withheld=best.withheld)
        else:
            spans = tuple(labels_to_spans(best.labels, scheme))
            yield Answer(best.labels, spans, withheld=best.withheld)
