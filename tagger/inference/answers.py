"""Answers for a stream of sentences, with probabilities only if they are requested."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from tagger.documents import DocumentId
from tagger.prediction import Answer, Prediction
from tagger.schemes import LabelScheme, labels_to_spans

if TYPE_CHECKING:
    from tagger.inference.scores import Decode


class AnswersStreams(Protocol):
    """A :class:`tagger.Tagger`, or a pool of processes that share its work."""

    @property
    def scheme(self) -> LabelScheme:
        """The scheme of the labels."""
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
        tagger: the tagger to ask.
        sentences: tokens of each sentence.
        documents: document of each sentence; None if they belong to none.
        units: as in :meth:`tagger.Tagger.stream`.
        decode: as in :meth:`tagger.Tagger.tag`.
        probabilities: whether to return the probabilities of labels and spans, which cost time.
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
