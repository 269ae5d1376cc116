"""Metrics of a finished run: the scores of its weights on dev and test, and facts about the run."""

from __future__ import annotations

import logging
import platform
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, cast

import torch

import tagger
from tagger.api import Tagger
from tagger.evaluation.comparison import compare
from tagger.evaluation.drawing import DRAWS, SEED
from tagger.evaluation.scores import interval_of_all
from tagger.evaluation.units import units_of_sentences
from tagger.examples import Example
from tagger.inference.scores import Decode
from tagger.metrics import SpanScores, TokenScores, score, seqeval_report
from tagger.model_parts import ModelParts
from tagger.schemes import LabelScheme
from tagger.training.config import RunConfig
from tagger.training.data import PreparedData
from tagger.training.training_set import training_set

_LOG = logging.getLogger(__name__)


def run_metrics(config: RunConfig, best: Tagger, data: PreparedData) -> dict[str, Any]:
    """Return the content of metrics.json, except the history of training; JSON-ready.

    Args:
        config: the run.
        best: the tagger with the weights to score.
        data: the training data and the splits to score.
    """
    metrics: dict[str, Any] = {
        "metric": data.metric,
        "seed": config.seed,
        "epochs": config.epochs,
        "parameters": best.parts.num_parameters,
        "sentences": {
            "train": len(data.train),
            "dev": len(data.dev),
            "test": len(data.test),
            **({"without_labels": len(data.taught)} if data.taught else {}),
        },
        "training_set": training_set(data),
        "data": {**data.identity, "train_and_dev_sha256": data.fingerprint()},
        "versions": {
            "tagger": tagger.__version__,
            "torch": torch.__version__,
            "pytorch_lightning": version("pytorch_lightning"),
            "python": platform.python_version(),
        },
    }
    decode = cast(Decode, config.decode)
    for split, examples in (("dev", data.dev), ("test", data.test)):
        if examples and (split != "test" or config.score_test):
            sentences = [example.tokens for example in examples]
            documents = [example.document for example in examples] if data.reads_documents else None
            predicted = data.comparable(split, best.tag(sentences, documents=documents, decode=decode))
            metrics[split] = _split_scores(examples, predicted, best, data)
            metrics[split]["interval"] = _interval(examples, predicted, data)
            if documents is not None and any(document is not None for document in documents):
                alone = _scores(
                    examples, data.comparable(split, best.tag(sentences, decode=decode)), best, data
                )
                metrics[split]["sentences_alone"] = {"value": alone.value, **alone.to_dict()}
    return metrics


def dev_score_of(parts: ModelParts, config: RunConfig, data: PreparedData) -> dict[str, float]:
    """Return and log the dev score of the model that a run starts from, each sentence alone as after every epoch.

    Args:
        parts: the model before training.
        config: the run.
        data: with the dev split, whose labels the model need not all have. Nothing is returned without a dev split, or
            if only one of the model's and the data's labels have spans.
    """
    if not data.dev or LabelScheme.parse(parts.config.scheme).has_spans != data.inner_scheme.has_spans:
        return {}
    model = Tagger(parts, document_consistency=0)
    predicted = model.tag([example.tokens for example in data.dev], decode=cast(Decode, config.decode))
    value = _scores(data.dev, data.comparable("dev", predicted), model, data).value
    _LOG.info("before training: dev %s %.2f %%", data.metric, 100 * value)
    return {"dev": value}


def _split_scores(
    examples: Sequence[Example], predicted: Sequence[Sequence[str]], best: Tagger, data: PreparedData
) -> dict[str, Any]:
    """Return the scores of a split with a report to print: for spans, seqeval's table and two more lines."""
    scores = _scores(examples, predicted, best, data)
    report = scores.report()
    if isinstance(scores, SpanScores):
        table = seqeval_report(
            [example.labels or () for example in examples],
            predicted,
            gold_scheme=data.scheme,
            predicted_scheme=data.predicted_scheme,
        )
        report = (
            f"{table.rstrip()}\n\n"
            f"tokens with the right label: {scores.tokens}\n"
            f"gold spans with a word unknown in training that are found: {scores.unknown}"
        )
    return {"value": scores.value, **scores.to_dict(), "report": report}


def _interval(
    examples: Sequence[Example], predicted: Sequence[Sequence[str]], data: PreparedData
) -> dict[str, Any]:
    """Return the 95 % confidence interval of the score, as in ``tagger evaluate``, and the resampling unit."""
    comparison = compare(examples, predicted, data.scheme, data.predicted_scheme)
    in_documents = data.reads_documents and any(example.document is not None for example in examples)
    units = units_of_sentences(examples, "document" if in_documents else "sentence")
    interval = interval_of_all(comparison, units, draws=DRAWS, seed=SEED)
    return {**interval._asdict(), "over": units.by, "draws": DRAWS}


def _scores(
    examples: Sequence[Example], predicted: Sequence[Sequence[str]], best: Tagger, data: PreparedData
) -> SpanScores | TokenScores:
    return score(
        examples,
        predicted,
        data.scheme,
        predicted_scheme=data.predicted_scheme,
        known_words=best.in_vocabulary,
    )
