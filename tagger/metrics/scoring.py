"""score: predicted labels of a whole corpus against its gold labels."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from itertools import zip_longest

from tagger.errors import DataError, UsageError
from tagger.examples import Example
from tagger.metrics.span_scores import SpanScorer, SpanScores
from tagger.metrics.token_scores import TokenScorer, TokenScores
from tagger.schemes import LabelScheme, shown

Scores = SpanScores | TokenScores


def score(
    examples: Iterable[Example],
    predicted: Iterable[Sequence[str]],
    scheme: LabelScheme | str,
    *,
    predicted_scheme: LabelScheme | str | None = None,
    known_words: Container[str] | Callable[[str], bool] | None = None,
) -> Scores:
    """Return the scores of predicted labels: SpanScores for a scheme with spans, TokenScores for NONE.

    Both iterables are read once, in parallel; only counts are kept.

    Args:
        examples: sentences with gold labels.
        predicted: one label sequence per example, in the same order.
        scheme: scheme of the gold labels, or its name.
        predicted_scheme: scheme of the predicted labels; if left out, that of a Tagger's labels: NONE if the gold
            labels are NONE, otherwise IOB2.
        known_words: the words of the train split, or a function that returns whether a word is among them; needed for
            scores of unknown words.

    Raises:
        DataError: if an example is not an Example or has no labels, if a prediction is not a sequence of strings, or if
            the numbers of sentences or labels differ.
        LabelError: if a label cannot belong to its scheme.
        UsageError: for an unknown scheme, or if only one of the two has spans.
    """
    scheme = LabelScheme.parse(scheme)
    if predicted_scheme is None:
        predicted_scheme = LabelScheme.IOB2 if scheme.has_spans else LabelScheme.NONE
    predicted_scheme = LabelScheme.parse(predicted_scheme)
    if scheme.has_spans != predicted_scheme.has_spans:
        raise UsageError(
            f"labels of the scheme {predicted_scheme} cannot be scored against labels of {scheme}"
        )
    scorer: SpanScorer | TokenScorer = (
        SpanScorer(gold_scheme=scheme, predicted_scheme=predicted_scheme)
        if scheme.has_spans
        else TokenScorer()
    )
    if isinstance(known_words, str):
        raise UsageError(f"known_words: expected words or a function, found the string {shown(known_words)}")
    is_known = known_words if known_words is None or callable(known_words) else known_words.__contains__
    for number, (example, labels) in enumerate(zip_longest(examples, predicted), start=1):
        if example is None or labels is None:
            missing, there = ("example", "prediction") if example is None else ("prediction", "example")
            raise DataError(f"expected one prediction per example, found no {missing} for {there} {number}")
        if not isinstance(example, Example):
            raise DataError(
                f"sentence {number}: expected an Example, found the {type(example).__name__} {shown(example)}"
            )
        where = f"{example.origin}: " if example.origin else f"sentence {number}: "
        if example.labels is None:
            raise DataError(f"{where}expected gold labels to score against, found none")
        unknown = [not is_known(token) for token in example.tokens] if is_known else ()
        try:
            scorer.add(example.labels, labels, unknown=unknown)
        except DataError as error:
            raise type(error)(f"{where}{error}") from None
    return scorer.scores()
