"""Scores of documents: how much they vary, and which documents are worst."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tagger.evaluation.comparison import Comparison, FloatArray
from tagger.evaluation.results import Column, ResultTable, Value
from tagger.metrics.label_arrays import IntArray


@dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    """Counts for each of D documents, ``[D]`` each; for plain labels, gold and predicted are the tokens."""

    correct: IntArray
    predicted: IntArray
    gold: IntArray

    def measures(self, *, has_spans: bool) -> dict[str, FloatArray]:
        """Return the scores of the documents by the name of the score, ``[D]`` each; NaN if undefined."""
        if not has_spans:
            return {"accuracy": _quotients(self.correct, self.gold)}
        return {
            "precision": _quotients(self.correct, self.predicted),
            "recall": _quotients(self.correct, self.gold),
            "f1": _quotients(2 * self.correct, self.predicted + self.gold),
        }


def document_tables(comparison: Comparison, *, worst: int = 5) -> list[ResultTable]:
    """Return the distribution of scores over documents, and the worst documents; no tables without documents.

    All documents have equal weight. Scores with a zero denominator are undefined: precision without predicted spans,
    recall without gold ones, F1 with neither.

    Args:
        comparison: a comparison whose examples name their documents; sentences without a document are left out.
        worst: number of documents to list, those with the lowest F1 or accuracy.
    """
    names = list(dict.fromkeys(one.document for one in comparison.examples if one.document is not None))
    if not names:
        return []
    numbers = {name: number for number, name in enumerate(names)}
    of_sentences = np.array(
        [-1 if one.document is None else numbers[one.document] for one in comparison.examples], dtype=np.int64
    )
    counts = _count(comparison, of_sentences, len(names))
    measures = counts.measures(has_spans=comparison.has_spans)
    alone = int((of_sentences < 0).sum())
    return [
        _spread_table(measures, len(names), alone),
        _worst_table(names, counts, measures, worst),
    ]


def _count(comparison: Comparison, of_sentences: IntArray, size: int) -> _Counts:
    of_tokens = np.repeat(of_sentences, comparison.gold.labels.lengths)
    if not comparison.has_spans:
        right = of_tokens[comparison.gold.labels.ids == comparison.predicted.labels.ids]
        return _Counts(*(_per_document(of, size) for of in (right, of_tokens, of_tokens)))
    gold, predicted = (
        of_tokens[comparison.tokens_of(side.spans)[0]] for side in (comparison.gold, comparison.predicted)
    )
    right = gold[comparison.found() >= 0]
    return _Counts(*(_per_document(of, size) for of in (right, predicted, gold)))


def _per_document(documents: IntArray, size: int) -> IntArray:
    counts: IntArray = np.bincount(documents + 1, minlength=size + 1)[1:]  # without items of no document
    return counts


def _quotients(parts: IntArray, wholes: IntArray) -> FloatArray:
    return np.where(wholes > 0, parts / np.maximum(wholes, 1), np.nan)


def _spread_table(measures: dict[str, FloatArray], num_documents: int, alone: int) -> ResultTable:
    rows: list[tuple[Value, ...]] = []
    for name, values in measures.items():
        values = values[~np.isnan(values)]
        if len(values):
            spread = float(values.std(ddof=1)) if len(values) > 1 else None
            middle = (values.min(), np.median(values), values.max())
            rows.append((name, len(values), float(values.mean()), spread, *map(float, middle)))
    notes = [
        f"Each of {num_documents} documents counts the same; one with nothing to divide by has no score."
    ]
    if alone:
        notes.append(f"Left out, since they belong to no document: {alone} sentence{'s' * (alone > 1)}.")
    columns = (
        *(Column("measure", "text"), Column("documents", "count"), Column("mean")),
        *(Column("standard_deviation"), Column("lowest"), Column("median"), Column("highest")),
    )
    return ResultTable("documents", "Over documents", columns, tuple(rows), tuple(notes))


def _worst_table(
    names: list[str], counts: _Counts, measures: dict[str, FloatArray], worst: int
) -> ResultTable:
    *_, (measure, values) = measures.items()
    # Of equally bad ones, the larger first, then by their order in the data.
    order = np.lexsort((-counts.gold, values))  # NaN comes last
    order = order[~np.isnan(values[order])][:worst]
    figures = {"correct": counts.correct}
    if measure == "f1":
        figures["predicted"] = counts.predicted
    figures["gold" if measure == "f1" else "tokens"] = counts.gold
    shares = [
        [None if np.isnan(value) else value for value in column[order].tolist()]
        for column in measures.values()
    ]
    cells = [[names[number] for number in order], *shares, *(of[order].tolist() for of in figures.values())]
    columns = (
        *(Column("document", "text"), *map(Column, measures)),
        *(Column(name, "count") for name in figures),
    )
    rows: tuple[tuple[Value, ...], ...] = tuple(zip(*cells, strict=True))
    title = f"The worst documents, by {'F1' if measure == 'f1' else measure}"
    return ResultTable("worst_documents", title, columns, rows)
