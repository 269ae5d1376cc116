"""Measure what a temperature does for the probabilities of models: fitted to dev files, measured on test files.

    python scripts/benchmarks/calibration.py runs/ner-*/model --dev dev.conll --test test.conll
    python scripts/benchmarks/calibration.py runs/pos/model --dev dev.conllu --test test.conllu --label-column upos

Two ways to fit it are compared: by the likelihood of the gold sequences, as ``tagger calibrate`` does, and by that of
each gold label by itself, on a grid of temperatures. ``kept`` says whether ``tagger calibrate`` would store the first
one. ECE is that of :mod:`tagger.evaluation.probabilities.reliability`; each sentence stands alone, and labels are the
same at every temperature. The models are only read, and calibrated ones begin with their raw scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from corpus import labelled
from measuring import Row, benchmark_parser, machine, report

from tagger import Tagger
from tagger.crf_kernels import posterior
from tagger.evaluation.probabilities.calibration import calibrate
from tagger.evaluation.probabilities.reliability import calibration_error, span_confidences, token_confidences
from tagger.evaluation.probabilities.temperature import ScoredCorpus, score_corpus

_GRID = np.exp(np.linspace(np.log(0.25), np.log(8), 71))  # 5 % apart
_QUICK_SENTENCES = 200


def label_temperature(corpus: ScoredCorpus) -> float:
    """Return the temperature of the grid under which gold labels, each by itself, are most probable."""

    def loss(temperature: float) -> float:
        total = 0.0
        for batch in corpus.batches:
            nodes = posterior(batch.scores.at_temperature(temperature))[1].nodes
            gold = nodes[np.arange(len(batch.gold)), batch.gold]
            total -= float(np.log(np.maximum(gold, 1e-12)).sum())
        return total

    return float(min(_GRID, key=loss))


def errors(corpus: ScoredCorpus, temperature: float) -> list[float | None]:
    """Return the calibration error of tokens and of spans, None without spans."""
    found = corpus.compared((temperature,) * corpus.folds)
    confidences = [token_confidences(found), span_confidences(found)]
    return [None if each is None else calibration_error(each) for each in confidences]


def rows_of(name: str, dev: ScoredCorpus, test: ScoredCorpus) -> list[Row]:
    """Return the figures of a model on the test sentences: as it is, and at both temperatures."""
    found = calibrate(dev)
    temperatures = {
        "none": (1.0, ""),
        "sequences": (found.fitted, "yes" if found.helps else "no"),
        "labels": (label_temperature(dev), ""),
    }
    rows: list[Row] = []
    for likelihood, (temperature, kept) in temperatures.items():
        tokens, spans = errors(test, temperature)
        rows.append(
            {
                "model": name,
                "likelihood of": likelihood,
                "temperature": temperature,
                "kept": kept,
                "ECE of tokens": "" if tokens is None else round(tokens, 4),
                "ECE of spans": "" if spans is None else round(spans, 4),
            }
        )
    return rows


def main(argv: Sequence[str] | None = None) -> None:
    parser = benchmark_parser(__doc__)
    parser.add_argument("models", type=Path, nargs="+", metavar="MODEL", help="model folders")
    parser.add_argument(
        "--dev", type=Path, required=True, metavar="FILE", help="what temperatures are fitted to"
    )
    parser.add_argument(
        "--test", type=Path, required=True, metavar="FILE", help="what errors are measured on"
    )
    parser.add_argument(
        "--label-column", metavar="COLUMN", help="column of the labels (default: conll -1, conllu upos)"
    )
    arguments = parser.parse_args(argv)
    rows: list[Row] = []
    for path in arguments.models:
        tagger = Tagger.load(path, threads=arguments.threads)
        corpora = []
        for file in (arguments.dev, arguments.test):
            most = _QUICK_SENTENCES if arguments.quick else None
            examples, scheme = labelled(file, arguments.label_column, sentences=most)
            corpora.append(score_corpus(tagger, examples, scheme))
        rows += rows_of(str(path), *corpora)
    title = f"Calibration error on {arguments.test.name}, temperature fitted to {arguments.dev.name}"
    report({title: rows}, machine(arguments.threads), arguments)


if __name__ == "__main__":
    main()
