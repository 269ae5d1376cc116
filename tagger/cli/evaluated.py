"""The two sides that ``tagger evaluate`` compares: gold sentences, and what a model or a file says of them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from tagger.cli.arguments import parse_scheme, reading_options, reads_documents
from tagger.cli.program import say
from tagger.cli.progress import Progress
from tagger.cli.streams import input_source
from tagger.errors import DataError, LabelError, UsageError
from tagger.evaluation.attributes import surfaces_of
from tagger.evaluation.comparison import Comparison, compare
from tagger.evaluation.reading_predictions import Predictions, read_predictions
from tagger.evaluation.training_statistics import TrainingStatistics, training_statistics
from tagger.examples import Example
from tagger.formats import GoldCorpus, ReadingOptions, read_gold, reads_csv
from tagger.metrics import Scores, score
from tagger.schemes import LabelScheme, labels_to_spans, listed, split_label
from tagger.text import NamedSegmenter, get_segmenter

if TYPE_CHECKING:
    from tagger.api import Tagger

PREDICTION_OPTIONS: Final = ("token_column", "label_column")
"""Options of reading that predictions have of their own."""


@dataclass(frozen=True, slots=True)
class Opponent:
    """A side to be compared with the gold labels: a model, or what any tool predicted.

    Attributes:
        name: what to call it.
        tagger: the model; None for predictions.
        paths: of the files of predictions.
    """

    name: str
    tagger: Tagger | None = None
    paths: tuple[str, ...] = ()


class Gold:
    """The gold sentences, as the arguments say.

    Args:
        arguments: of the command.
        paths: of the annotated files.
        opponents: whom they are for: a model of plain labels wants plain labels.
    """

    def __init__(
        self, arguments: argparse.Namespace, paths: Sequence[str], opponents: Sequence[Opponent]
    ) -> None:
        self._arguments: Final = arguments
        self._paths: Final = paths
        self._taggers: Final = [one.tagger for one in opponents if one.tagger is not None]

    @cached_property
    def in_documents(self) -> bool:
        """Whether documents are of concern."""
        has_csv = reads_csv(self._arguments.input, list(self._paths))
        # All are asked, since each may refuse an option.
        read = [reads_documents(self._arguments, one, has_csv=has_csv) for one in self._taggers]
        return not read or any(read)

    @cached_property
    def segmenter(self) -> NamedSegmenter:
        """What cuts running text: as the first model does it, or by the usual rules."""
        return self._taggers[0].segmenter if self._taggers else get_segmenter("rules")

    @cached_property
    def corpus(self) -> GoldCorpus:
        """The sentences, their labels checked.

        Raises:
            TaggerError: as :func:`tagger.formats.read_gold`; or their labels are not of the model's kind.
        """
        scheme = None
        if self._taggers:
            scheme = parse_scheme(self._arguments.scheme, self._taggers[0])
        elif self._arguments.scheme != "auto":
            scheme = LabelScheme.parse(self._arguments.scheme)
        corpus = read_gold(
            [input_source(path) for path in self._paths],
            reading_options(self._arguments, self._arguments.input),
            lambda: self.segmenter,
            scheme=scheme,
            documents=self.in_documents or self._arguments.by == "document",
        )
        for line in corpus.losses.lines():
            say("tagger", line)
        if not any(example.tokens for example in corpus.examples):
            raise DataError(f"{self._paths[0]}: expected sentences to score, found none with a token")
        if not corpus.notation.is_usual:
            say("tagger", f"note: {corpus.notation}")
        return corpus

    def training(self, paths: Sequence[str], comparison: Comparison) -> TrainingStatistics:
        """Return what training data has of the words and spans of a comparison.

        Args:
            paths: of its files, read as the gold files are.
            comparison: of the gold sentences.

        Raises:
            TaggerError: as :func:`tagger.formats.read_gold`.
        """
        corpus = read_gold(
            [input_source(path) for path in paths],
            reading_options(self._arguments, self._arguments.input),
            lambda: self.segmenter,
            scheme=None if self.corpus.scheme.has_spans else self.corpus.scheme,
        )
        for line in corpus.losses.lines():
            say("tagger", line)
        return training_statistics(corpus.examples, corpus.scheme, surfaces_of(comparison))


def compared(gold: Gold, opponent: Opponent, arguments: argparse.Namespace) -> Comparison:
    """Return the comparison of the gold sentences with what an opponent says of them.

    Args:
        gold: the sentences.
        opponent: the model or the file.
        arguments: of the command.

    Raises:
        TaggerError: there is nothing to compare; says what.
    """
    if opponent.tagger is not None:
        return _of_model(gold, opponent.tagger, arguments)
    return _of_file(gold, opponent, arguments)


def _of_model(gold: Gold, tagger: Tagger, arguments: argparse.Namespace) -> Comparison:
    corpus = gold.corpus
    _check_kind(corpus, tagger)
    _mention_unknown(corpus.examples, corpus.scheme, tagger)
    scheme = own_scheme(tagger, corpus.scheme)
    sentences = (example.tokens for example in corpus.examples)
    documents = (example.document for example in corpus.examples) if gold.in_documents else None
    labels, of_labels, of_spans = [], [], []
    with Progress(shown=arguments.progress) as progress:
        for prediction in tagger.stream(sentences, documents=documents, decode=arguments.decode):
            labels.append(prediction.labels)
            of_labels.append(prediction.label_probabilities)
            of_spans.append([span.probability for span in prediction.spans])
            progress.add(len(prediction.labels))
    if not progress.shown:
        say("tagger", progress.summary())
    known = np.array(
        [tagger.in_vocabulary(token) for example in corpus.examples for token in example.tokens],
        dtype=np.bool_,
    )
    return compare(
        corpus.examples,
        labels,
        corpus.scheme,
        scheme,
        label_probabilities=of_labels,
        # Labels that were learned as plain spell spans whose probability nobody knows.
        span_probabilities=of_spans if tagger.scheme.has_spans else None,
        known_words=known,
    )


def sentences_alone(gold: Gold, tagger: Tagger, arguments: argparse.Namespace) -> Scores:
    """Return the scores of a model that looks at each sentence without the others of its document."""
    corpus = gold.corpus
    return score(
        corpus.examples,
        tagger.tag([example.tokens for example in corpus.examples], decode=arguments.decode),
        corpus.scheme,
        predicted_scheme=own_scheme(tagger, corpus.scheme),
        known_words=tagger.in_vocabulary,
    )


def _of_file(gold: Gold, opponent: Opponent, arguments: argparse.Namespace) -> Comparison:
    corpus = gold.corpus
    read = [_predictions(path, gold, arguments) for path in opponent.paths]
    examples = [example for one in read for example in one.examples]
    schemes = {one.scheme for one in read}
    if len(schemes) > 1:
        raise DataError(
            f"expected predictions in one scheme, found {listed(map(str, schemes))}. Name it with --predictions-scheme."
        )
    (scheme,) = schemes
    if scheme.has_spans != corpus.scheme.has_spans:
        kinds = ("spans", "plain labels") if corpus.scheme.has_spans else ("plain labels", "spans")
        raise UsageError(
            f"expected predictions that are {kinds[0]}, as the gold labels are, found {kinds[1]}. Choose the labels "
            "with --predictions-label-column, or name their scheme with --predictions-scheme."
        )
    for one in read:
        one.check_spans()
        for line in one.losses.lines():
            say("tagger", line)
    if illegal := sum(one.num_illegal for one in read):
        say(
            "tagger",
            f"note: {illegal:,} predicted labels break the scheme {scheme}; read as conlleval reads them",
        )
    _check_same_tokens(corpus.examples, examples, opponent.paths[0])
    return compare(
        corpus.examples,
        [example.labels or () for example in examples],
        corpus.scheme,
        scheme,
        label_probabilities=_joined([one.label_probabilities for one in read], examples, read, spans=False),
        span_probabilities=_joined([one.span_probabilities for one in read], examples, read, spans=True),
    )


def _predictions(path: str, gold: Gold, arguments: argparse.Namespace) -> Predictions:
    source, name = input_source(path)
    return read_predictions(
        source,
        prediction_options(arguments),
        lambda: gold.segmenter,
        scheme=_prediction_scheme(arguments, gold.corpus.scheme),
        name=name,
    )


def prediction_options(arguments: argparse.Namespace) -> ReadingOptions:
    """Return how files of predictions are read: in their own format, from their own columns, else as gold files are."""
    options = reading_options(arguments, arguments.predictions_input)
    own = {name: getattr(arguments, f"predictions_{name}") for name in PREDICTION_OPTIONS}
    return replace(options, join_sentences=False, document_column=None, **own)


def _prediction_scheme(arguments: argparse.Namespace, gold: LabelScheme) -> LabelScheme | None:
    if arguments.predictions_scheme != "auto":
        return LabelScheme.parse(arguments.predictions_scheme)
    return None if gold.has_spans else gold


def _joined(
    rows: Sequence[Sequence[Sequence[float | None]] | None],
    examples: Sequence[Example],
    read: Sequence[Predictions],
    *,
    spans: bool,
) -> list[Sequence[float | None]] | None:
    """Return the probabilities of all files together, None for those of files that have none."""
    if all(one is None for one in rows):
        return None
    joined: list[Sequence[float | None]] = []
    for one, predictions in zip(rows, read, strict=True):
        joined += one or [
            [None] * (len(labels_to_spans(labels, predictions.scheme)) if spans else len(labels))
            for labels in (example.labels or () for example in predictions.examples)
        ]
    assert len(joined) == len(examples)
    return joined


def _check_same_tokens(gold: Sequence[Example], predicted: Sequence[Example], name: str) -> None:
    """Refuse sentences of other tokens.

    Raises:
        DataError: names the first difference, on both sides.
    """
    for number, (one, other) in enumerate(zip(gold, predicted, strict=False), start=1):
        if one.tokens == other.tokens:
            continue
        place = next(
            (i for i, pair in enumerate(zip(one.tokens, other.tokens, strict=False)) if pair[0] != pair[1]),
            min(len(one.tokens), len(other.tokens)),
        )
        found = [
            repr(tokens[place]) if place < len(tokens) else "the end of the sentence"
            for tokens in (one.tokens, other.tokens)
        ]
        raise DataError(
            f"{other.origin or f'{name}, sentence {number}'}: expected {found[0]} as token {place + 1}, as at "
            f"{one.origin or f'gold sentence {number}'}, found {found[1]}"
        )
    if len(gold) != len(predicted):
        raise DataError(
            f"{name}: expected {len(gold)} sentences, as the gold files have, found {len(predicted)}"
        )


def own_scheme(tagger: Tagger, gold: LabelScheme) -> LabelScheme:
    """Return the scheme to read the model's labels in: that of the gold labels if it learned such labels as plain."""
    if gold.has_spans and not tagger.scheme.has_spans:
        with suppress(LabelError):
            for label in tagger.labels:
                split_label(label, gold)
            return gold
    return tagger.scheme


def _check_kind(corpus: GoldCorpus, tagger: Tagger) -> None:
    """Refuse spans for a model of plain labels and the other way round."""
    if corpus.scheme.has_spans != own_scheme(tagger, corpus.scheme).has_spans:
        found = ", ".join(
            sorted({label for example in corpus.examples for label in example.labels or ()})[:5]
        )
        kinds = ("spans", "plain labels") if tagger.scheme.has_spans else ("plain labels", "spans")
        raise UsageError(
            f"expected gold labels that are {kinds[0]}, as the model's are, found {kinds[1]} ({found}). "
            "Choose the labels with --label-column, or name their scheme with --scheme."
        )


def _mention_unknown(examples: Sequence[Example], scheme: LabelScheme, tagger: Tagger) -> None:
    """Say which gold types the model cannot predict, since they count as not found.

    Raises:
        LabelError: if the gold types and the model's differ, and in their writing alone (per, PER): no score would
            be meant.
    """
    labels = {label for example in examples for label in example.labels or ()} - {"O"}
    gold = {split_label(label, scheme)[1] for label in labels}
    scheme_of_model = own_scheme(tagger, scheme)
    known = {split_label(label, scheme_of_model)[1] for label in tagger.labels if label != "O"}
    if gold.isdisjoint(known) and not set(map(_letters, gold)).isdisjoint(map(_letters, known)):
        raise LabelError(
            f"expected gold labels written as the model's are ({listed(known)}), found {listed(gold)}. "
            "Rename them."
        )
    if unknown := gold - known:
        say("tagger", f"note: the model does not know {listed(unknown)}; such gold labels count as not found")


def _letters(label: str) -> str:
    """Return what stays of a label, however it is written: its letters and digits."""
    return "".join(filter(str.isalnum, label)).casefold()
