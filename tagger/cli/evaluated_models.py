"""Predictions of a model for gold sentences, for ``tagger evaluate``, token by token."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tagger.cli.answering import Withheld, wanted_thresholds
from tagger.cli.label_sets import check_known
from tagger.cli.program import say
from tagger.cli.progress import Progress
from tagger.errors import LabelError, UsageError
from tagger.evaluation.comparison import Comparison, compare
from tagger.examples import Example
from tagger.formats import GoldCorpus
from tagger.metrics import Scores, score
from tagger.schemes import LabelScheme, split_label

if TYPE_CHECKING:
    from tagger.api import Tagger


@dataclass(frozen=True, slots=True)
class Opponent:
    """A model, or the predictions of any tool, to compare with the gold labels.

    Attributes:
        name: name for messages.
        tagger: the model; None for predictions.
        paths: of the files of predictions.
    """

    name: str
    tagger: Tagger | None = None
    paths: tuple[str, ...] = ()

    @property
    def model(self) -> Tagger:
        """The model; only for an opponent that is one."""
        assert self.tagger is not None, f"{self.name} is no model"
        return self.tagger


def is_model_folder(path: str) -> bool:
    """Return whether a path is a model folder, or the folder of a run that contains one."""
    return Path(path, "config.json").is_file() or (Path(path).is_dir() and Path(path, "model").is_dir())


def model_on_gold(
    corpus: GoldCorpus,
    opponent: Opponent,
    arguments: argparse.Namespace,
    *,
    in_documents: bool,
) -> Comparison:
    """Return the comparison of gold labels with a model's labels of the same tokens.

    Args:
        corpus: the gold sentences.
        opponent: the model.
        arguments: of the command.
        in_documents: whether documents have an effect.

    Raises:
        LabelError: if the model knows none of the gold types.
        UsageError: if only one of gold labels and model has spans; or thresholds are requested and none are stored.
    """
    tagger = opponent.model
    _check_kind(corpus, tagger)
    withheld = Withheld(thresholds_of(opponent, arguments))
    check_types(corpus.examples, corpus.scheme, tagger)
    scheme = own_scheme(tagger, corpus.scheme)
    sentences = (example.tokens for example in corpus.examples)
    documents = (example.document for example in corpus.examples) if in_documents else None
    labels, of_labels, of_spans = [], [], []
    with Progress(shown=arguments.progress) as progress:
        for prediction in tagger.stream(
            sentences, documents=documents, decode=arguments.decode, thresholds=withheld.thresholds
        ):
            withheld.count(prediction)
            labels.append(prediction.labels)
            of_labels.append(prediction.label_probabilities)
            of_spans.append([span.probability for span in prediction.spans])
            progress.add(len(prediction.labels))
    if not progress.shown:
        say("tagger", progress.summary())
    if withheld.thresholds is not None:
        say("tagger", f"{opponent.name}: {withheld.summary()}")
    return compare(
        corpus.examples,
        labels,
        corpus.scheme,
        scheme,
        label_probabilities=of_labels,
        # If the labels were learned as plain labels, there are no span probabilities.
        span_probabilities=of_spans if tagger.scheme.has_spans else None,
        known_words=known_words(corpus.examples, tagger),
    )


def thresholds_of(opponent: Opponent, arguments: argparse.Namespace) -> dict[str, float] | None:
    """Return the thresholds of a model if they are to be applied; print a note if it has some that are not.

    Raises:
        UsageError: they are to be applied, but the model has none.
    """
    tagger = opponent.model
    if arguments.thresholds:
        return wanted_thresholds(tagger, opponent.name)
    if tagger.thresholds and arguments.threshold_for is None:
        shown = ", ".join(f"{kind} {value:.4g}" for kind, value in sorted(tagger.thresholds.items()))
        say(
            "tagger",
            f"note: {opponent.name} holds thresholds ({shown}), which are not applied; "
            "pass --thresholds to score what tagger tag --thresholds gives",
        )
    return None


def known_words(examples: Sequence[Example], tagger: Tagger) -> NDArray[np.bool_]:
    """Return whether the model knows each token from training, ``[N]``."""
    known: dict[str, bool] = {}
    for example in examples:
        for token in example.tokens:
            if token not in known:
                known[token] = tagger.in_vocabulary(token)
    return np.array([known[token] for example in examples for token in example.tokens], dtype=np.bool_)


def sentences_alone(corpus: GoldCorpus, tagger: Tagger, arguments: argparse.Namespace) -> Scores:
    """Return the scores of a model with each sentence tagged alone, without its document."""
    sentences = [example.tokens for example in corpus.examples]
    labels: list[Sequence[str]]
    if arguments.thresholds:
        predictions = tagger.predict(sentences, decode=arguments.decode, thresholds=tagger.thresholds)
        labels = [prediction.labels for prediction in predictions]
    else:
        labels = [*tagger.tag(sentences, decode=arguments.decode)]
    return score(
        corpus.examples,
        labels,
        corpus.scheme,
        predicted_scheme=own_scheme(tagger, corpus.scheme),
        known_words=tagger.in_vocabulary,
    )


def own_scheme(tagger: Tagger, gold: LabelScheme) -> LabelScheme:
    """Return the scheme of the model's labels: that of the gold labels if the model learned these as plain labels."""
    if gold.has_spans and not tagger.scheme.has_spans:
        with suppress(LabelError):
            for label in tagger.labels:
                split_label(label, gold)
            return gold
    return tagger.scheme


def _check_kind(corpus: GoldCorpus, tagger: Tagger) -> None:
    """Raise an error for spans with a model of plain labels, and vice versa."""
    if corpus.scheme.has_spans != own_scheme(tagger, corpus.scheme).has_spans:
        found = ", ".join(
            sorted({label for example in corpus.examples for label in example.labels or ()})[:5]
        )
        kinds = ("spans", "plain labels") if tagger.scheme.has_spans else ("plain labels", "spans")
        raise UsageError(
            f"expected gold labels that are {kinds[0]}, as the model's are, found {kinds[1]} ({found}). "
            "Choose the labels with --label-column, or name their scheme with --scheme."
        )


def check_types(examples: Sequence[Example], scheme: LabelScheme, tagger: Tagger) -> None:
    """Report the gold types that the model cannot predict, since they count as missed.

    Raises:
        LabelError: if the model knows none of them.
    """
    labels = {label for example in examples for label in example.labels or ()} - {"O"}
    scheme_of_model = own_scheme(tagger, scheme)
    check_known(
        {split_label(label, scheme)[1] for label in labels},
        {split_label(label, scheme_of_model)[1] for label in tagger.labels if label != "O"},
    )
