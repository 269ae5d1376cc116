"""Reading the predictions of any tool from a file of any format: labels, and probabilities if the file has them.

Gold labels must follow the rules of their scheme; predicted ones may break them. They are then read like conlleval
reads them, and counted.

Probabilities are read from the output of ``tagger tag --probabilities``: those of labels and spans in JSON Lines, of
labels in CoNLL-U (``misc:Prob``) and in CoNLL columns, where a last column of only numbers with six decimals
(``0.998877``) is taken for probabilities, with the labels in the column before it. Span probabilities cannot be derived
from those of labels, and are then unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tagger.errors import DataError, UsageError
from tagger.evaluation.parts import Part, read_parts
from tagger.examples import Example
from tagger.formats import (
    Losses,
    ReadingOptions,
    Source,
    check_misfits,
    find_format,
)
from tagger.formats.columns.column_formats import CONLL
from tagger.formats.columns.conll import split_cells
from tagger.formats.lenient import readable_labels
from tagger.formats.lines import source_name
from tagger.options import argument
from tagger.schemes import LabelScheme, labels_to_spans, listed
from tagger.text.tokens import Segmenter

_WRITTEN: Final = re.compile(r"[01]\.[0-9]{6}")
"""A probability as ``tagger tag`` writes it."""

Rows = Sequence[Sequence[float | None]]


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """Sentences as labelled by a tool.

    Attributes:
        examples: the sentences with their labels, in the usual notation.
        scheme: scheme of the labels.
        label_probabilities: probabilities of the labels, sentence by sentence, None for unknown ones; None if all are
            unknown.
        span_probabilities: probabilities of the spans that the labels encode, in the same form.
        num_illegal: number of labels that break the rules of the scheme: that may not follow the previous label, or
            begin or end a sentence.
        losses: the data that were left out.
        parts: the contents of the file, with positions in the text.
    """

    examples: list[Example]
    scheme: LabelScheme
    label_probabilities: Rows | None
    span_probabilities: Rows | None
    num_illegal: int
    losses: Losses
    parts: tuple[Part, ...]

    def check_spans(self) -> None:
        """Refuse spans that do not match token boundaries, for a comparison token by token.

        Raises:
            DataError: if there are such spans, unless bad data is skipped; names the first.
        """
        misfits = [misfit for part in self.parts for misfit in part.misfits]
        advice = f"Correct the spans, or pass {argument('data.skip_bad', True)} to go on without them."
        check_misfits(misfits, self.losses, advice)

    def have_tokens_of(self, examples: Sequence[Example]) -> bool:
        """Return whether sentences and tokens are the same as those of ``examples``, so that labels can be compared."""
        return len(examples) == len(self.examples) and all(
            own.tokens == other.tokens for own, other in zip(self.examples, examples, strict=True)
        )


def joined_predictions(read: Sequence[Predictions]) -> Predictions:
    """Return the predictions of several files as one.

    Raises:
        DataError: if their labels are in different schemes.
    """
    if len(read) == 1:
        return read[0]
    schemes = {one.scheme for one in read}
    if len(schemes) > 1:
        raise DataError(
            f"expected predictions of all files in one scheme, found {listed(map(str, schemes))}. Name it "
            "(--predictions-scheme on the command line)."
        )
    losses = Losses(skip_bad=any(one.losses.skip_bad for one in read))
    for one in read:
        losses.update(one.losses)
    return Predictions(
        [example for one in read for example in one.examples],
        read[0].scheme,
        _joined_rows([(one.label_probabilities, one) for one in read], len),
        _joined_rows(
            [(one.span_probabilities, one) for one in read],
            lambda labels: len(labels_to_spans(labels, read[0].scheme)),
        ),
        sum(one.num_illegal for one in read),
        losses,
        tuple(part for one in read for part in one.parts),
    )


def _joined_rows(
    rows: Sequence[tuple[Rows | None, Predictions]], count: Callable[[Sequence[str]], int]
) -> Rows | None:
    """Return the probabilities of all files concatenated, with None for those of a file without any."""
    if all(one is None for one, _ in rows):
        return None
    joined: list[Sequence[float | None]] = []
    for one, predictions in rows:
        if one is None:
            one = [[None] * count(example.labels or ()) for example in predictions.examples]
        joined += one
    return joined


def read_predictions(
    source: Source,
    options: ReadingOptions,
    segmenter: Callable[[], Segmenter],
    *,
    scheme: LabelScheme | None = None,
    name: str | None = None,
) -> Predictions:
    """Return the predictions of a tool.

    Args:
        source: a path, or an open stream, whose format must be named.
        options: how to read it.
        segmenter: returns the segmenter for running text, if the file has any.
        scheme: scheme of token labels; detected if left out. If they fit none, it is chosen by their letters, with a
            warning. Name it if the gold labels have no spans: NONE keeps labels unchanged.
        name: the source's name in messages.

    Raises:
        DataError: if the file is missing, cannot be read or holds no sentence.
        FormatError: if the format cannot be detected, or the file violates it.
        LabelError: if a label cannot belong to the scheme, or the scheme cannot be determined.
        UsageError: if an option is invalid, or has no effect on the format.
    """
    if options.join_sentences:
        raise UsageError(
            f"{argument('data.join_sentences', True)} has no effect on predictions, which may break their scheme"
        )
    losses = Losses(skip_bad=options.skip_bad)
    options = replace(options, format=find_format(source, options.format).name)
    name = source_name(source, name)
    parts = list(read_parts(source, options, losses, segmenter, name=name, predicted=True))
    if not any(part.examples for part in parts):
        lost = "; ".join(losses.lines())
        raise DataError(f"{name}: expected at least one sentence, found none{f': {lost}' if lost else ''}")
    parts, of_labels = _with_columns(parts, options)
    examples = [example for part in parts for example in part.examples]
    if any(example.labels is None for example in examples):
        origin = next(example.origin for example in examples if example.labels is None)
        raise DataError(f"{origin or name}: expected labels or spans, found neither")
    examples, scheme, _, illegal = readable_labels(examples, scheme, name)
    if of_labels is None:
        of_labels = [row for part in parts for row in part.label_probabilities()]
    return Predictions(
        examples,
        scheme,
        of_labels if _has_any(of_labels) else None,
        _of_spans(parts, examples, scheme),
        len(illegal),
        losses,
        tuple(parts),
    )


def _with_columns(parts: list[Part], options: ReadingOptions) -> tuple[list[Part], Rows | None]:
    """Return parts of CoNLL columns with the labels and probabilities of the last two columns.

    In other formats, and if the last column is not probabilities or is the chosen label column, parts are returned
    unchanged and without probabilities.
    """
    if options.format != CONLL.name:
        return parts, None
    cells = []
    for part in parts:
        rows = _last_cells(part, options.label_column)
        if rows is None:
            return parts, None
        cells.append(rows)
    probabilities = [[float(probability) for _, probability in rows] for rows in cells]
    if options.label_column is not None:
        return parts, probabilities
    labelled = [
        replace(
            part,
            examples=(replace(part.examples[0], labels=tuple(label for label, _ in sentence)),),
        )
        for part, sentence in zip(parts, cells, strict=True)
    ]
    return labelled, probabilities


def _last_cells(part: Part, label_column: int | str | None) -> list[tuple[str, str]] | None:
    """Return label and probability of each row; None if the last column is not the probabilities of the labels."""
    record = part.record
    assert record is not None, "every part of columns has one"
    column = record.names.index(label_column) if isinstance(label_column, str) else label_column
    if record.num_columns < 3 or (
        column is not None and column % record.num_columns != record.num_columns - 2
    ):
        return None
    rows = [split_cells(record.lines[row].rstrip("\r\n"))[: record.num_columns] for row in record.rows]
    if not all(_WRITTEN.fullmatch(row[-1].strip()) and float(row[-1]) <= 1 for row in rows):
        return None
    return [(row[-2].strip(), row[-1]) for row in rows]


def _of_spans(parts: Sequence[Part], examples: Sequence[Example], scheme: LabelScheme) -> Rows | None:
    """Return the probabilities of the spans that labels encode; None if none is known."""
    known = [part.span_probabilities() for part in parts]
    if not scheme.has_spans or all(values is None for values in known):
        return None
    rows: list[Sequence[float | None]] = []
    for part, values in zip(parts, known, strict=True):
        if values is not None:
            rows += values
            continue
        for example in examples[len(rows) : len(rows) + len(part.examples)]:
            rows.append([None] * len(labels_to_spans(example.labels or (), scheme)))
    return rows if _has_any(rows) else None


def _has_any(rows: Rows) -> bool:
    return any(value is not None for row in rows for value in row)
