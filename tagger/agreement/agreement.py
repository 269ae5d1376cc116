"""Agreement: all results on the agreement of annotators, as a text report, JSON, CSV and an HTML page."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tagger.agreement.coefficients import MISSING, Coefficient, krippendorff_alpha
from tagger.agreement.page import agreement_page
from tagger.agreement.pairs import Pair, pairs_of
from tagger.agreement.shared import SharedCorpus
from tagger.agreement.tables import annotator_table, confusion_table, kind_table, pair_table, type_tables
from tagger.evaluation.drawing import Drawing
from tagger.evaluation.results import ResultTable, as_csv_rows
from tagger.evaluation.units import units_of_sentences
from tagger.examples import Example
from tagger.metrics.counts import percent
from tagger.metrics.label_arrays import IntArray

_DETAILS: Final = frozenset({"types_of_pairs"})
"""Tables that are too large for a terminal."""


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """The agreement of annotators.

    Attributes:
        corpus: their annotations.
        pairs: all pairs of annotators.
        alpha: Krippendorff's alpha, over the IOB2 or plain labels of all tokens by all annotators.
        drawn: description of the units resampled for intervals.
        tables: all other results, in the order of the report.
    """

    corpus: SharedCorpus
    pairs: Sequence[Pair]
    alpha: Coefficient
    drawn: str
    tables: tuple[ResultTable, ...]

    @property
    def num_conflicts(self) -> int:
        """The number of sentences on which annotators differ."""
        return sum(sentence.has_conflict for sentence in self.corpus.sentences)

    @property
    def num_compared(self) -> int:
        """The number of sentences that at least two annotators have."""
        return sum(
            len(sentence.labels) - sentence.labels.count(None) > 1 for sentence in self.corpus.sentences
        )

    @property
    def mean(self) -> float | None:
        """The mean over pairs of the F1 of spans, or of the share of tokens with the same plain label."""
        score = "f1" if self.corpus.has_spans else "accuracy"
        (table,) = (table for table in self.tables if table.name == "pairs")
        values = [value for row in table.to_dicts() if isinstance(value := row[score], float)]
        return sum(values) / len(values) if values else None

    def report(self) -> str:
        """Return the report as plain text, shares in percent, without the largest tables."""
        blocks = ["\n".join(self._head())]
        blocks += [
            "\n".join(table.lines()) for table in self.tables if table.name not in _DETAILS and table.rows
        ]
        if left := [table.title for table in self.tables if table.name in _DETAILS]:
            blocks.append(f"Only in JSON, in CSV and on the HTML page: {'; '.join(left)}.")
        return "\n\n".join(blocks)

    def _head(self) -> list[str]:
        corpus = self.corpus
        what = "F1 of spans" if corpus.has_spans else "share of tokens with the same label"
        labels = "IOB2 labels" if corpus.has_spans else "labels"
        lines = [f"{len(corpus.names)} annotators, {len(corpus.sentences):,} sentences"]
        if self.mean is not None:
            several = f", mean of {len(self.pairs)} pairs" if len(self.pairs) > 1 else ""
            lines.append(f"{what}{several}: {percent(self.mean)} %")
        if self.alpha.value is None:
            lines.append("Krippendorff's alpha: not defined, since only one label is used or no token twice")
        else:
            lines.append(f"Krippendorff's alpha (nominal, {labels} of all tokens): {self.alpha.value:.3f}")
        if self.alpha.interval is not None:
            low, high = self.alpha.interval
            lines[-1] += f"; 95 % interval: {low:.3f} to {high:.3f}, by bootstrap over {self.drawn}"
        lines.append(f"Sentences with a conflict: {self.num_conflicts:,} of {self.num_compared:,}")
        return [*lines, *self.remarks()]

    def remarks(self) -> list[str]:
        """Return remarks on sentences and tokens that could not be compared, or only in part."""
        sentences = self.corpus.sentences
        remarks = []
        if single := len(sentences) - self.num_compared:
            remarks.append(f"Sentences that only one annotator has, which are not compared: {single:,}")
        if cut := sum(sentence.is_cut for sentence in sentences):
            how = (
                "compared over the smallest pieces that all tokens and spans are made of"
                if self.corpus.has_spans
                else "compared over the tokens that all have"
            )
            remarks.append(f"Sentences in which tokens differ, {how}: {cut:,}")
        if apart := sum(sentence.num_apart for sentence in sentences):
            remarks.append(f"Tokens that not all annotators have, left out: {apart:,}")
        return remarks

    def to_dict(self) -> dict[str, Any]:
        """Return everything, ready for JSON; shares in [0, 1], None for undefined or unknown values."""
        interval = self.alpha.interval
        sentences = self.corpus.sentences
        return {
            "annotators": list(self.corpus.names),
            "labels": "spans" if self.corpus.has_spans else "plain",
            "num_sentences": len(sentences),
            "num_compared": self.num_compared,
            "num_conflicts": self.num_conflicts,
            "num_cut": sum(sentence.is_cut for sentence in sentences),
            "num_tokens_apart": sum(sentence.num_apart for sentence in sentences),
            "mean_f1" if self.corpus.has_spans else "mean_accuracy": self.mean,
            "alpha": self.alpha.value,
            "alpha_interval": None if interval is None else interval._asdict(),
            "tables": {table.name: table.to_dicts() for table in self.tables},
        }

    def to_json(self) -> str:
        """Return everything as indented JSON."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    def to_csv(self) -> str:
        """Return every value of every table as a row of table, row, column, value; overall values come first."""
        text = io.StringIO()
        head, *rows = as_csv_rows(self.tables)
        fields = self.to_dict()
        overall = {key: value for key, value in fields.items() if isinstance(value, int | float)}
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(("overall", "", key, value) for key, value in overall.items())
        interval = fields["alpha_interval"] or {}
        writer.writerows(("alpha_interval", "", key, value) for key, value in interval.items())
        writer.writerows(rows)
        return text.getvalue().rstrip("\n")

    def to_html(self, title: str) -> str:
        """Return everything as one HTML page, with the sentences on which annotators differ.

        Args:
            title: title of the page.
        """
        facts = {"Annotators": "\n".join(self.corpus.names), "Agreement": "\n".join(self._head()[1:])}
        return agreement_page(title, facts, self.tables, self.corpus)


def find_agreement(corpus: SharedCorpus, drawing: Drawing | None = None) -> Agreement:
    """Return the agreement of annotators.

    Args:
        corpus: their annotations.
        drawing: bootstrap options for intervals; the defaults if left out.

    Raises:
        DataError: if documents are to be resampled, and no sentence belongs to one.
    """
    drawing = drawing or Drawing()
    has_spans = corpus.has_spans
    pairs = pairs_of(corpus, drawing)
    units = units_of_sentences(
        [Example(one.tokens, document=one.document, origin=one.origin) for one in corpus.sentences],
        drawing.by,
    )
    of_token = np.repeat(units.of_sentence, [len(one.tokens) for one in corpus.sentences])
    tables = [pair_table(pairs, drawing, has_spans=has_spans)]
    if has_spans:
        tables += [*type_tables(pairs), kind_table(pairs)]
    tables += [confusion_table(pairs, has_spans=has_spans), annotator_table(corpus, drawing)]
    return Agreement(
        corpus,
        pairs,
        krippendorff_alpha(_codes(corpus), units=of_token, drawing=drawing),
        f"{units} ({drawing.draws:,} draws)",
        tuple(tables),
    )


def _codes(corpus: SharedCorpus) -> IntArray:
    """Return the code of each token's label by each annotator, ``[A, N]``."""
    numbers: dict[str, int] = {}
    rows = []
    for annotator in range(len(corpus.names)):
        row: list[int] = []
        for sentence in corpus.sentences:
            labels = sentence.labels[annotator]
            if labels is None:
                row += [MISSING] * len(sentence.tokens)
            else:
                row += [numbers.setdefault(label, len(numbers)) for label in labels]
        rows.append(row)
    return np.array(rows, dtype=np.int64).reshape(len(corpus.names), -1)
