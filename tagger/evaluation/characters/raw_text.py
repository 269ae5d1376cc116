"""Scores for different tokens: tokens, sentences, words and labels as counted by the CoNLL 2018 shared task.

Both sides are ranges of the characters of one text, ignoring white space (``segmented``). Tokens and sentences match if
their ranges do; words are aligned (``word_alignment``), and labels are correct if aligned words have the same. Spans
are compared by their characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from tagger.errors import DataError
from tagger.evaluation.characters.segmented import SegmentedSide, segmented
from tagger.evaluation.characters.uncut_texts import uncut_texts
from tagger.evaluation.characters.word_alignment import align_words, same_ranges
from tagger.evaluation.comparison import Comparison, Side
from tagger.evaluation.parts import as_part
from tagger.evaluation.results import Column, ResultTable, Value
from tagger.formats import AnnotatedText
from tagger.inference.scores import Decode
from tagger.metrics.span_arrays import SpanArrays, type_names
from tagger.prediction import Prediction
from tagger.text.windows import windows

if TYPE_CHECKING:
    from tagger.api import Tagger

_COLUMNS: Final = (
    Column("of", "text"),
    *(Column(name) for name in ("precision", "recall", "f1", "aligned_accuracy")),
    *(Column(name, "count") for name in ("gold", "predicted", "correct", "aligned")),
)
_CONTEXT: Final = 20
_EACH_TOKEN: Final = (
    "Sides are compared by characters: each must have every token as it stands in the text, with no sentence "
    "left out."
)
_UNTOLD: Final = (
    "The gold file does not preserve the white space of its text: the model read it with one space between two tokens, "
    "and between two sentences."
)


def tag_raw(
    tagger: Tagger,
    gold: SegmentedSide,
    *,
    decode: Decode = "viterbi",
    documents: bool = True,
    thresholds: Mapping[str, float] | float | None = None,
    on_prediction: Callable[[Prediction], object] = lambda _: None,
) -> SegmentedSide:
    """Return a model's annotations of the text of the gold side, segmented into sentences and tokens by the model.

    Args:
        tagger: the model.
        gold: the gold side.
        decode: viterbi or posterior.
        documents: whether to use the context of documents, if the file has them.
        thresholds: as in :meth:`tagger.Tagger.predict`.
        on_prediction: called with the prediction of each sentence.
    """
    items = []
    texts = uncut_texts(gold.parts)
    for number, text in enumerate(texts):
        document = None if text.document is None else f"{number} {text.document}"
        sentences = [sentence.spans for sentence in windows(text.text, tagger.segmenter) if sentence.spans]
        starts = np.cumsum([0, *map(len, sentences)])[:-1].tolist()
        tokens = tuple(token for sentence in sentences for token in sentence)
        items.append(
            AnnotatedText(
                text.text,
                None,
                tokens,
                tuple(starts),
                document=document,
                origin=f"the model on {text.origin}",
            )
        )
    parts = [as_part(item, None, file=number) for number, item in enumerate(items)]
    examples = [example for part in parts for example in part.examples]
    predictions = tagger.predict(
        [example.tokens for example in examples],
        documents=[example.document for example in examples] if documents else None,
        decode=decode,
        thresholds=thresholds,
    )
    for prediction in predictions:
        on_prediction(prediction)
    labelled = [
        type(example)(example.tokens, prediction.labels, example.document, example.origin)
        for example, prediction in zip(examples, predictions, strict=True)
    ]
    return segmented(
        parts,
        labelled,
        tagger.scheme,
        name="the model",
        label_probabilities=[prediction.label_probabilities for prediction in predictions],
        span_probabilities=[[span.probability for span in prediction.spans] for prediction in predictions],
        notes=() if all(text.is_told for text in texts) else (_UNTOLD,),
    )


def compare_raw(gold: SegmentedSide, predicted: SegmentedSide) -> tuple[list[ResultTable], Comparison | None]:
    """Return a table of the units that match on both sides, and the comparison of their spans by characters.

    Args:
        gold: the gold side.
        predicted: the predicted side.

    Returns:
        A table, without rows for units that one side does not have (such as tokens, in texts annotated only with
        spans); and the comparison, None if labels are plain.

    Raises:
        DataError: if the texts differ in more than white space, there is no text, or one side has spans and the other
            plain labels.
    """
    check_same_text(gold, predicted)
    if gold.scheme.has_spans != predicted.scheme.has_spans:
        kinds = ["spans" if side.scheme.has_spans else "plain labels" for side in (gold, predicted)]
        raise DataError(f"{predicted.name}: expected {kinds[0]}, as {gold.name} has, found {kinds[1]}")
    return [_segmentation(gold, predicted)], _comparison(gold, predicted) if gold.scheme.has_spans else None


class Text(Protocol):
    """A text to be compared with another one.

    Attributes:
        name: its name in messages.
        characters: its characters without white space.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def characters(self) -> str: ...  # noqa: D102
    def origin_of(self, place: int) -> str:
        """Return the origin of a character, for messages."""
        ...


def check_same_text(gold: Text, predicted: Text, *, advice: str = _EACH_TOKEN) -> None:
    """Refuse texts that differ in more than white space, or are empty.

    Args:
        gold: one text.
        predicted: the other text.
        advice: what to do about a difference, for the message.

    Raises:
        DataError: shows the first difference.
    """
    if not gold.characters:
        raise DataError(f"{gold.name}: expected a text to compare, found none")
    left, right = gold.characters, predicted.characters
    if left == right:
        return
    place = _first_difference(left, right)
    before = left[max(0, place - _CONTEXT) : place]
    shown = [f"{side.origin_of(place)}: {_shown(side.characters, place)}" for side in (gold, predicted)]
    advice = (
        "They are the same once normalized; convert both to Unicode NFC."
        if _same_once_normalized(left, right, place)
        else advice
    )
    after = f"after {before!r}" if before else "at the beginning"
    raise DataError(
        f"expected the same text on both sides but for white space, found other characters {after}: "
        f"{shown[0]}; {shown[1]}. {advice}"
    )


def _first_difference(left: str, right: str) -> int:
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _same_once_normalized(left: str, right: str, place: int) -> bool:
    """Return whether the texts differ at a position only in their Unicode normalisation."""
    start = max(0, place - 1)  # the letter before a combining mark
    parts = [unicodedata.normalize("NFC", text[start : place + _CONTEXT]) for text in (left, right)]
    return parts[0][:2] == parts[1][:2] != ""


def _shown(characters: str, place: int) -> str:
    found = characters[place : place + _CONTEXT]
    return repr(found) if found else "the end of the text"


def _segmentation(gold: SegmentedSide, predicted: SegmentedSide) -> ResultTable:
    rows: list[tuple[Value, ...]] = []
    notes = []
    have_tokens = gold.has_tokens and predicted.has_tokens
    if have_tokens:
        correct = int(np.count_nonzero(same_ranges(gold.tokens, predicted.tokens) >= 0))
        rows.append(_row("tokens", len(gold.tokens), len(predicted.tokens), correct))
    if gold.has_sentences and predicted.has_sentences:
        correct = int(np.count_nonzero(same_ranges(gold.sentences, predicted.sentences) >= 0))
        rows.append(_row("sentences", len(gold.sentences), len(predicted.sentences), correct))
    if have_tokens:
        left, right = align_words(gold.words, predicted.words, origin_of=gold.origin_of)
        rows.append(_row("words", len(gold.words), len(predicted.words), len(left)))
        if not gold.scheme.has_spans:
            names = {name: number for number, name in enumerate(gold.labels.names)}
            as_gold = np.array([names.get(name, -1) for name in predicted.labels.names] or [-1])
            is_right = gold.labels.ids[left] == as_gold[predicted.labels.ids[right]]
            correct = int(np.count_nonzero(is_right))
            rows.append(_row("labels", len(gold.words), len(predicted.words), correct, len(left)))
    for side in (gold, predicted):
        if not side.has_tokens:
            notes.append(f"{side.name}: its texts have no tokens of their own to compare.")
        elif not side.has_sentences:
            notes.append(f"{side.name}: its texts have no sentences of their own to compare.")
    notes += [*gold.notes, *predicted.notes]
    return ResultTable("segmentation", "Compared by characters", _COLUMNS, tuple(rows), tuple(notes))


def _row(of: str, gold: int, predicted: int, correct: int, aligned: int | None = None) -> tuple[Value, ...]:
    """Return a row as computed by the scorer of the shared task: ratios with a zero denominator are 0."""
    return (
        of,
        correct / predicted if predicted else 0.0,
        correct / gold if gold else 0.0,
        2 * correct / (gold + predicted) if gold + predicted else 0.0,
        None if aligned is None else correct / aligned if aligned else 0.0,
        gold,
        predicted,
        correct,
        aligned,
    )


def _comparison(gold: SegmentedSide, predicted: SegmentedSide) -> Comparison:
    numbers = {name: number for number, name in enumerate(gold.types)}
    as_gold = np.array([numbers.setdefault(name, len(numbers)) for name in predicted.types], dtype=np.int64)
    spans = predicted.spans
    return Comparison(
        gold.examples,
        Side(gold.spans, gold.labels, gold.scheme),
        Side(
            SpanArrays(spans.starts, spans.ends, as_gold[spans.types]),
            predicted.labels,
            predicted.scheme,
            predicted.span_probabilities,
            predicted.label_probabilities,
        ),
        tuple(type_names(numbers)),
        gold.sentence_starts,
        gold.words.ranges.starts,
        gold.words.ranges.ends,
        same_tokens=False,
    )
