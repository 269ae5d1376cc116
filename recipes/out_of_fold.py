"""Predictions of the model of each fold for the sentences it was not trained on: as lines of JSON, and their scores.

A line has one sentence, in the format ``jsonl``. Labels are in IOB2, or plain; probabilities have six digits.

``tokens``, ``labels`` the words and their predicted labels.
``gold``
    the labels of the data, in the same scheme.
``probabilities``, ``gold_probabilities`` marginals of the predicted and the gold labels at their tokens; null for a
gold label unknown to the model, since only this fold has it.
``spans`` if labels have spans, the predicted ones: ``start``, ``end`` (after the last token), ``label`` and
``probability``, that of exactly this span.
``document``, ``split``, ``origin``
    the id of the document, if there is one; train or dev; the file without its folder, and the line in it.
``fold`` the number of the fold, from 1; null for a sentence without tokens, which is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from tagger import Tagger
from tagger.examples import Example
from tagger.formats import format_json
from tagger.inference.scores import Decode
from tagger.metrics import Scores, SpanScorer, TokenScorer
from tagger.schemes import LabelScheme
from tagger.spans import Span

_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Answer:
    """The predictions for a sentence by a model that was not trained on it.

    Attributes:
        labels: one per token.
        probabilities: of the labels.
        gold_probabilities: of each gold label; None if it is unknown to the model.
        spans: the predicted spans; None if labels have no spans.
        unknown: whether each token's word is outside the model's vocabulary.
    """

    labels: tuple[str, ...] = ()
    probabilities: tuple[float, ...] = ()
    gold_probabilities: tuple[float | None, ...] = ()
    spans: tuple[Span, ...] | None = None
    unknown: tuple[bool, ...] = ()


def answers(
    tagger: Tagger, examples: Sequence[Example], *, reads_documents: bool, decode: str
) -> list[Answer]:
    """Return the predictions of a model for sentences.

    Args:
        tagger: the model.
        examples: the sentences, with gold labels in the scheme that the model reports.
        reads_documents: whether to tag them in their documents.
        decode: viterbi or posterior.
    """
    sentences = [example.tokens for example in examples]
    documents = [example.document for example in examples] if reads_documents else None
    columns = {label: column for column, label in enumerate(tagger.labels)}
    predictions = tagger.predict(sentences, documents=documents, decode=cast(Decode, decode))
    marginals = tagger.marginals(sentences, documents=documents)
    return [
        Answer(
            prediction.labels,
            prediction.label_probabilities,
            tuple(
                min(1.0, float(row[columns[label]])) if label in columns else None
                for label, row in zip(example.labels or (), of_sentence, strict=True)
            ),
            prediction.spans if tagger.scheme.has_spans else None,
            tuple(not tagger.in_vocabulary(token) for token in example.tokens),
        )
        for example, prediction, of_sentence in zip(examples, predictions, marginals, strict=True)
    ]


def scores(pairs: Iterable[tuple[Example, Answer]], scheme: LabelScheme) -> Scores:
    """Return the scores over all sentences together.

    Args:
        pairs: sentences with gold labels, each with its predictions.
        scheme: of both labels.
    """
    scorer: SpanScorer | TokenScorer = (
        SpanScorer(gold_scheme=scheme, predicted_scheme=scheme) if scheme.has_spans else TokenScorer()
    )
    for example, answer in pairs:
        scorer.add(example.labels or (), answer.labels, unknown=answer.unknown)
    return scorer.scores()


def unseen_labels(pairs: Iterable[tuple[Example, Answer]]) -> list[str]:
    """Return the gold labels unknown to the model of their fold, one for each token that has one."""
    return [
        label
        for example, answer in pairs
        for label, probability in zip(example.labels or (), answer.gold_probabilities, strict=True)
        if probability is None
    ]


def as_line(example: Example, answer: Answer, *, split: str, origin: str, fold: int | None) -> str:
    """Return the line of a sentence.

    Raises:
        DataError: if its text cannot be encoded in UTF-8.
    """
    fields: dict[str, Any] = {
        "tokens": example.tokens,
        "labels": answer.labels,
        "gold": example.labels,
        "probabilities": [round(value, _DIGITS) for value in answer.probabilities],
        "gold_probabilities": [
            None if value is None else round(value, _DIGITS) for value in answer.gold_probabilities
        ],
    }
    if answer.spans is not None:
        fields["spans"] = [
            {
                "start": span.start,
                "end": span.end,
                "label": span.label,
                "probability": round(span.probability or 0.0, _DIGITS),
            }
            for span in answer.spans
        ]
    if example.document is not None:
        fields["document"] = example.document
    return format_json({**fields, "split": split, "origin": origin, "fold": fold})
