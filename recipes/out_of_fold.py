"""What the model of each fold says of the sentences that it did not learn from: as lines of JSON, and scored.

A line has one sentence, and is read as any of the format ``jsonl``. Labels are in IOB2, or plain; probabilities have
six digits.

``tokens``, ``labels``
    the words, and what the model says of each.
``gold``
    the labels of the data, in the same scheme.
``probabilities``, ``gold_probabilities``
    of each predicted and each gold label, at its token (marginals); null for a gold label that the model does not know,
    since the fold has the only ones of its type.
``spans``
    where labels have spans, the predicted ones: ``start``, ``end`` (after the last token), ``label`` and
    ``probability``, that of exactly this span.
``document``, ``split``, ``origin``
    the id of the document, if there is one; train or dev; the file without its folder, and the line in it.
``fold``
    the number of the fold, from 1; null for a sentence without tokens, which takes no part.
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
    """What a model says of a sentence that it did not learn from.

    Attributes:
        labels: one per token.
        probabilities: of each.
        gold_probabilities: of each gold label; None where the model does not know it.
        spans: what the labels spell; None where they have no spans.
        unknown: True for each token whose word the model did not learn from.
    """

    labels: tuple[str, ...] = ()
    probabilities: tuple[float, ...] = ()
    gold_probabilities: tuple[float | None, ...] = ()
    spans: tuple[Span, ...] | None = None
    unknown: tuple[bool, ...] = ()


def answers(
    tagger: Tagger, examples: Sequence[Example], *, reads_documents: bool, decode: str
) -> list[Answer]:
    """Return what a model says of sentences.

    Args:
        tagger: the model.
        examples: the sentences, with gold labels in the scheme that the model reports.
        reads_documents: whether to look at them in their documents.
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
    """Return the scores of answers, counted over all sentences together.

    Args:
        pairs: sentences with gold labels, each with what its model says.
        scheme: of both labels.
    """
    scorer: SpanScorer | TokenScorer = (
        SpanScorer(gold_scheme=scheme, predicted_scheme=scheme) if scheme.has_spans else TokenScorer()
    )
    for example, answer in pairs:
        scorer.add(example.labels or (), answer.labels, unknown=answer.unknown)
    return scorer.scores()


def unseen_labels(pairs: Iterable[tuple[Example, Answer]]) -> list[str]:
    """Return the gold labels that the model of their fold does not know, one for each token that has one."""
    return [
        label
        for example, answer in pairs
        for label, probability in zip(example.labels or (), answer.gold_probabilities, strict=True)
        if probability is None
    ]


def as_line(example: Example, answer: Answer, *, split: str, origin: str, fold: int | None) -> str:
    """Return the line of a sentence.

    Raises:
        DataError: if its text is none that UTF-8 has bytes for.
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
