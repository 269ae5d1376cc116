"""Evaluation: all results of a comparison, as a text report, JSON, CSV and an HTML page."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tagger.evaluation.against import Differing, difference_table, differing_sentences
from tagger.evaluation.certainty import Interval
from tagger.evaluation.comparison import Comparison
from tagger.evaluation.drawing import Drawing
from tagger.evaluation.errors.classes import CLASSES, error_tables, find_errors
from tagger.evaluation.errors.confusion import confusion_tables
from tagger.evaluation.errors.partial import partial_tables
from tagger.evaluation.marked import marked_sentence
from tagger.evaluation.page import ErrorItem, EvaluatedSide, evaluation_page, label_items, span_items
from tagger.evaluation.probabilities.reliability import reliability_tables
from tagger.evaluation.probabilities.threshold_tables import curve_tables
from tagger.evaluation.results import Column, ResultTable, Value, as_csv_rows
from tagger.evaluation.scores import (
    interval_of_all,
    label_table,
    readings_table,
    span_scores,
    token_scores,
    type_table,
)
from tagger.evaluation.slices.document_scores import document_tables
from tagger.evaluation.slices.tables import slice_tables
from tagger.evaluation.slices.training_statistics import TrainingStatistics
from tagger.evaluation.units import units_of
from tagger.metrics import Scores, SpanScores, TokenScores
from tagger.metrics.counts import percent

_SHOWN_SENTENCES: Final = 10
_FIRST: Final = frozenset({"segmentation", "types", "labels", "difference", "threshold_for"})
"""Tables that come first in a report in a terminal: scores, and results that were requested explicitly."""
_DETAILS: Final = frozenset(
    {"partial_types", "confusion", "reliability_of_tokens", "reliability_of_spans", "thresholds_by_type"}
)
"""Tables that are too large for such a report."""
_SHORTENED: Final = {"thresholds": 10}
"""Tables shortened in such a report, with the number of rows shown."""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """The evaluation of one side.

    Attributes:
        comparison: its comparison with the gold labels; None if labels are plain and tokens differ.
        scores: its scores; None if labels are plain and tokens differ.
        interval: 95 % interval of the main score.
        drawn: description of the units resampled for it.
        tables: all other results, in the order of the report.
        other: the comparison of the other side with the same gold labels, if there is one.
        differing: the sentences in which the two sides differ.
        facts: further values, by name, ready for JSON.
        remarks: remarks for readers, below the first lines of the report.
    """

    comparison: Comparison | None
    scores: Scores | None
    interval: Interval | None
    drawn: str
    tables: tuple[ResultTable, ...]
    other: Comparison | None = None
    differing: tuple[Differing, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    def with_more(
        self,
        *tables: ResultTable,
        facts: dict[str, Any] | None = None,
        remarks: Sequence[str] = (),
    ) -> Evaluation:
        """Return a copy with more tables at the end, more facts and more remarks."""
        return replace(
            self,
            tables=(*self.tables, *tables),
            facts={**self.facts, **(facts or {})},
            remarks=(*self.remarks, *remarks),
        )

    def report(self) -> str:
        """Return the report as plain text, shares in percent, without the largest tables."""
        shown = [table for table in self.tables if table.name not in _DETAILS]
        shown.sort(key=lambda table: table.name not in _FIRST)
        blocks = ["\n".join(self._head())] if self._head() else []
        blocks += ["\n".join(_shortened(table).lines()) for table in shown]
        if left := [table.title for table in self.tables if table.name in _DETAILS]:
            blocks.append(f"Only in JSON, in CSV and on the HTML page: {'; '.join(left)}.")
        return "\n\n".join(blocks)

    def _head(self) -> list[str]:
        """Return the first lines: the main score, its interval, and remarks."""
        lines = []
        if self.scores is not None:
            lines = [self.scores.headline(), *self.scores.remarks()]
        if self.interval is not None:
            low, high = map(percent, self.interval)
            lines.insert(1, f"95 % interval: {low} to {high} %, by bootstrap over {self.drawn}")
        return [*lines, *self.remarks]

    def to_dict(self) -> dict[str, Any]:
        """Return everything, ready for JSON; shares in [0, 1]."""
        fields = self.scores.to_dict() if self.scores is not None else {}
        if self.interval is not None:
            fields["interval"] = self.interval._asdict()
        return {**fields, **self.facts, "tables": {table.name: table.to_dicts() for table in self.tables}}

    def to_json(self) -> str:
        """Return everything as indented JSON."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    def to_csv(self) -> str:
        """Return every value of every table as a row of table, row, column, value; overall values come first."""
        text = io.StringIO()
        head, *rows = as_csv_rows(self.tables)
        csv.writer(text, lineterminator="\n").writerows([head, *self._overall_rows(), *rows])
        return text.getvalue().rstrip("\n")

    def _overall_rows(self) -> list[tuple[str, str, str, float]]:
        """Return the values that are in no table, under their names in JSON."""
        fields = {"overall": self.to_dict()} if self.scores is not None else {}
        for name in ("interval", "unknown"):
            if name in fields.get("overall", {}):
                fields[name] = fields["overall"][name]
        return [
            (name, "", key, value)
            for name, values in fields.items()
            for key, value in values.items()
            if isinstance(value, int | float)
        ]

    def to_html(self, title: str, names: Sequence[str]) -> str:
        """Return everything as one HTML page, with the errors in their sentences.

        Args:
            title: title of the page.
            names: name of the side, and of the other one if there is one.
        """
        sides = [
            EvaluatedSide(name, comparison, error_items(comparison))
            for name, comparison in zip(names, (self.comparison, self.other), strict=False)
            if comparison is not None
        ]
        facts = {"Scored": " against ".join(names)}
        if self._head():
            facts["Score"] = "\n".join(self._head())
        # The error browser already shows the sentences in which two sides differ.
        tables = [table for table in self.tables if table.name != "differing"]
        return evaluation_page(title, facts, tables, sides)


def _shortened(table: ResultTable) -> ResultTable:
    """Return a table, reduced to evenly spaced rows, including the first and the last, if it is a long one."""
    most = _SHORTENED.get(table.name, len(table.rows))
    if len(table.rows) <= most:
        return table
    steps = [number * (len(table.rows) - 1) // (most - 1) for number in range(most)]
    return replace(table, rows=tuple(table.rows[step] for step in steps))


def error_items(comparison: Comparison) -> list[ErrorItem]:
    """Return all errors of one side."""
    if not comparison.has_spans:
        return label_items(comparison)
    errors = find_errors(comparison)
    overlaps = (errors.overlaps.gold, errors.overlaps.predicted)
    return span_items(comparison, errors.gold, errors.predicted, overlaps, CLASSES)


def segmentation_alone(tables: Sequence[ResultTable]) -> Evaluation:
    """Return an evaluation of only the segmentation into tokens, sentences and words."""
    return Evaluation(None, None, None, "", tuple(tables))


def evaluate(
    comparison: Comparison,
    *,
    drawing: Drawing | None = None,
    training: TrainingStatistics | None = None,
    columns: Mapping[str, Sequence[str | None]] | None = None,
    segmentation: Sequence[ResultTable] = (),
) -> Evaluation:
    """Return the evaluation of one side: its scores, its errors, and the reliability of its probabilities.

    Args:
        comparison: its comparison with gold labels of at least one sentence.
        drawing: bootstrap options for intervals; the defaults if left out.
        training: statistics of the words and spans in the training data, for slices by them.
        columns: values of each token, by the name of their column, for slices by each of them.
        segmentation: tables on the segmentation of both sides, if it may differ.

    Raises:
        DataError: if documents are to be resampled and there are none.
    """
    drawing = drawing or Drawing()
    units = units_of(comparison, drawing.by)
    interval = interval_of_all(comparison, units, draws=drawing.draws, seed=drawing.seed)
    scores: SpanScores | TokenScores
    if comparison.has_spans:
        scores = span_scores(comparison)
        errors = find_errors(comparison)
        tables = [
            type_table(comparison, scores, units, overall=interval, draws=drawing.draws, seed=drawing.seed),
            readings_table(comparison),
            *partial_tables(comparison, errors.pairs),
            *error_tables(comparison, errors),
            *confusion_tables(comparison, errors.pairs),
        ]
    else:
        scores = token_scores(comparison)
        tables = [
            label_table(comparison, scores, units, draws=drawing.draws, seed=drawing.seed),
            *confusion_tables(comparison),
        ]
    tables += slice_tables(comparison, training=training, columns=columns)
    tables += document_tables(comparison)
    tables += [*reliability_tables(comparison), *curve_tables(comparison)]
    return Evaluation(
        comparison, scores, interval, f"{units} ({drawing.draws:,} draws)", (*segmentation, *tables)
    )


def with_other(
    evaluation: Evaluation, other: Comparison, *, names: tuple[str, str], drawing: Drawing | None = None
) -> Evaluation:
    """Return an evaluation extended by its differences from another side on the same gold labels.

    Args:
        evaluation: the evaluation of the first side.
        other: the second side, compared with the same gold labels.
        names: names of the two sides.
        drawing: as in :func:`evaluate`.
    """
    drawing = drawing or Drawing()
    first = evaluation.comparison
    assert first is not None, "nothing to compare with"
    units = units_of(first, drawing.by)
    differing = differing_sentences(first, other)
    table = difference_table(first, other, units, draws=drawing.draws, seed=drawing.seed)
    return replace(
        evaluation,
        tables=(
            *evaluation.tables,
            replace(table, title=f"First: {names[0]}; second: {names[1]}"),
            _differing_table(first, other, differing),
        ),
        other=other,
        differing=tuple(differing),
        facts={**evaluation.facts, "differing_sentences": [_as_dict(first, one) for one in differing]},
    )


def _as_dict(comparison: Comparison, one: Differing) -> dict[str, Any]:
    return {"origin": comparison.examples[one.sentence].origin, **one._asdict()}


def _differing_table(first: Comparison, other: Comparison, differing: Sequence[Differing]) -> ResultTable:
    rows: list[tuple[Value, ...]] = []
    for one in differing[:_SHOWN_SENTENCES]:
        example = first.examples[one.sentence]
        where = example.origin or f"sentence {one.sentence + 1}"
        rows += [
            (where, "gold", marked_sentence(first, one.sentence, first.gold)),
            (where, "first", marked_sentence(first, one.sentence, first.predicted)),
            (where, "second", marked_sentence(other, one.sentence, other.predicted)),
        ]
    better = sum(one.first > one.second for one in differing)
    worse = sum(one.first < one.second for one in differing)
    return ResultTable(
        "differing",
        "Sentences in which the two differ",
        (Column("where", "text"), Column("side", "text"), Column("sentence", "text")),
        tuple(rows),
        (
            f"{len(differing):,} of {first.num_sentences:,} sentences; in {better:,} the first has more right, in "
            f"{worse:,} the second. {min(len(differing), _SHOWN_SENTENCES)} are shown.",
        ),
    )
