"""The two sides that ``tagger evaluate`` compares: gold sentences, and the predictions of a model or a file."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from tagger.cli.answering import Withheld
from tagger.cli.arguments import parse_scheme, reading_options, reads_documents
from tagger.cli.evaluated_models import Opponent, check_types, known_words, model_on_gold, thresholds_of
from tagger.cli.label_sets import check_predicted, check_training, mention_scheme, plain_labels, types_of_both
from tagger.cli.predictions import predictions_of
from tagger.cli.program import say
from tagger.cli.streams import STANDARD, input_source
from tagger.errors import DataError, LabelError, UsageError
from tagger.evaluation.characters.raw_text import compare_raw, tag_raw
from tagger.evaluation.characters.reading_segmented import read_segmented, segmented_predictions
from tagger.evaluation.characters.segmented import SegmentedSide
from tagger.evaluation.comparison import Comparison, compare
from tagger.evaluation.reading_predictions import Predictions
from tagger.evaluation.results import ResultTable
from tagger.evaluation.slices.column_values import column_values
from tagger.examples import Example
from tagger.formats import GoldCorpus, Losses, read_gold, reads_csv
from tagger.schemes import LabelScheme
from tagger.text import NamedSegmenter, get_segmenter


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """The result of comparing predictions with the gold labels.

    Attributes:
        comparison: token by token, or of spans by characters; None if labels are plain and tokens differ.
        segmentation: if tokens may differ, scores of tokens, sentences and words; otherwise empty.
    """

    comparison: Comparison | None
    segmentation: tuple[ResultTable, ...] = ()


class Gold:
    """The gold sentences specified by the arguments.

    Args:
        arguments: of the command.
        paths: of the annotated files.
        opponents: what they are compared with: a model of plain labels needs plain labels.
    """

    def __init__(
        self, arguments: argparse.Namespace, paths: Sequence[str], opponents: Sequence[Opponent]
    ) -> None:
        self._arguments: Final = arguments
        self._paths: Final = paths
        self._taggers: Final = [one.tagger for one in opponents if one.tagger is not None]

    @cached_property
    def in_documents(self) -> bool:
        """Whether documents have an effect."""
        has_csv = reads_csv(self._arguments.input, list(self._paths))
        # For every tagger, since each may reject an option.
        read = [reads_documents(self._arguments, one, has_csv=has_csv) for one in self._taggers]
        return not read or any(read)

    @cached_property
    def segmenter(self) -> NamedSegmenter:
        """The segmenter of running text: that of the first model, or the default."""
        return self._taggers[0].segmenter if self._taggers else get_segmenter("rules")

    @property
    def _scheme(self) -> LabelScheme | None:
        """The scheme of the labels in the files; None if it is to be detected."""
        if self._taggers:
            return parse_scheme(self._arguments.scheme, self._taggers[0])
        return None if self._arguments.scheme == "auto" else LabelScheme.parse(self._arguments.scheme)

    @property
    def _wants_documents(self) -> bool:
        return self.in_documents or self._arguments.by == "document"

    @cached_property
    def segmented(self) -> SegmentedSide:
        """The sentences with character offsets, as split in their files.

        Raises:
            TaggerError: as :func:`read_segmented`; or standard input was read.
        """
        if STANDARD in self._paths and "corpus" in vars(self):
            raise UsageError(
                "expected files where tokens differ, since they are read twice, found standard input"
            )
        options = reading_options(self._arguments, self._arguments.input)
        losses = Losses(skip_bad=options.skip_bad)
        with lenience_offered(self._arguments):
            side = read_segmented(
                [input_source(path) for path in self._paths],
                options,
                lambda: self.segmenter,
                losses,
                scheme=self._scheme,
                documents=self._wants_documents,
                lenient=self._arguments.lenient,
            )
        if "corpus" not in vars(self):
            for line in losses.lines():
                say("tagger", line)
        return side

    @property
    def scheme(self) -> LabelScheme:
        """The scheme of the gold labels."""
        # Character spans need not fit the tokens of a corpus.
        return self.segmented.scheme if self._arguments.raw else self.corpus.scheme

    @property
    def examples(self) -> Sequence[Example]:
        """The sentences with gold labels."""
        return self.segmented.examples if self._arguments.raw else self.corpus.examples

    def column(self, name: str) -> Sequence[str | None]:
        """Return the value of a column or field of the gold files for each gold token."""
        sources = [input_source(path) for path in self._paths]
        options = reading_options(self._arguments, self._arguments.input)
        return column_values(sources, options, name, self.examples)

    @cached_property
    def corpus(self) -> GoldCorpus:
        """The sentences, with checked labels.

        Raises:
            TaggerError: as :func:`tagger.formats.read_gold`; or no sentence has a token.
        """
        corpus = self._read(self._paths, self._scheme, documents=self._wants_documents)
        if not any(example.tokens for example in corpus.examples):
            raise DataError(f"{self._paths[0]}: expected sentences to score, found none with a token")
        if not corpus.notation.is_usual:
            say("tagger", f"note: {corpus.notation}")
        return corpus

    def training(self, paths: Sequence[str]) -> GoldCorpus:
        """Return training data, read like the gold files.

        Raises:
            TaggerError: as :func:`tagger.formats.read_gold`; or its labels differ.
        """
        corpus = self._read(paths, None if self.scheme.has_spans else LabelScheme.NONE)
        check_training(self.examples, self.scheme, corpus)
        return corpus

    def _read(
        self, paths: Sequence[str], scheme: LabelScheme | None, *, documents: bool = False
    ) -> GoldCorpus:
        """Return the corpus of annotated files, and report what was left out."""
        with lenience_offered(self._arguments):
            corpus = read_gold(
                [input_source(path) for path in paths],
                reading_options(self._arguments, self._arguments.input),
                lambda: self.segmenter,
                scheme=scheme,
                documents=documents,
                lenient=self._arguments.lenient,
            )
        for line in corpus.losses.lines():
            say("tagger", line)
        return corpus


@contextmanager
def lenience_offered(arguments: argparse.Namespace) -> Iterator[None]:
    """Mention ``--lenient`` in an error about gold labels."""
    try:
        yield
    except LabelError as error:
        if arguments.lenient:
            raise
        raise LabelError(
            f"{error} With --lenient, labels that break the rules of their scheme are read as conlleval reads them."
        ) from None


def compared(gold: Gold, opponents: Sequence[Opponent], arguments: argparse.Namespace) -> list[Compared]:
    """Return the comparison of each opponent with the gold labels: all token by token, or all by characters.

    Args:
        gold: the sentences.
        opponents: models, or files; if the tokens of a file differ, all are compared by characters.
        arguments: of the command.

    Raises:
        TaggerError: there is nothing to compare.
    """
    read = [None if one.tagger is not None else _predictions(gold, one, arguments) for one in opponents]
    by_characters = arguments.raw
    for predictions in read:
        if by_characters or predictions is None:
            continue
        if not predictions.have_tokens_of(gold.corpus.examples):
            say(
                "tagger",
                "note: predictions and gold labels have other tokens; they are compared by characters",
            )
            by_characters = True
    if by_characters:
        pairs = zip(opponents, read, strict=True)
        return [_by_characters(gold, one, predictions, arguments) for one, predictions in pairs]
    comparisons = []
    for one, predictions in zip(opponents, read, strict=True):
        if one.tagger is not None:
            comparisons.append(model_on_gold(gold.corpus, one, arguments, in_documents=gold.in_documents))
        elif predictions is not None:
            comparisons.append(_of_file(gold, predictions))
    return [Compared(comparison) for comparison in comparisons]


def _by_characters(
    gold: Gold, opponent: Opponent, predictions: Predictions | None, arguments: argparse.Namespace
) -> Compared:
    tagger = opponent.tagger
    if tagger is not None:
        withheld = Withheld(thresholds_of(opponent, arguments))
        side = tag_raw(
            tagger,
            gold.segmented,
            decode=arguments.decode,
            documents=gold.in_documents,
            thresholds=withheld.thresholds,
            on_prediction=withheld.count,
        )
        if withheld.thresholds is not None:
            say("tagger", f"{opponent.name}: {withheld.summary()}")
    else:
        assert predictions is not None, "what is no model has some"
        side = segmented_predictions(predictions, opponent.name)
        for line in predictions.losses.lines():
            say("tagger", line)
    tables, comparison = compare_raw(gold.segmented, side)
    if comparison is None:
        if tagger is None:
            check_predicted(plain_labels(gold.segmented.labels), plain_labels(side.labels))
        else:
            check_types(gold.segmented.examples, gold.segmented.scheme, tagger)
        return Compared(None, tuple(tables))
    if tagger is None:
        check_predicted(*types_of_both(comparison))
    else:
        check_types(comparison.examples, comparison.gold.scheme, tagger)
        comparison = replace(comparison, known_words=known_words(comparison.examples, tagger))
    return Compared(comparison, tuple(tables))


def _of_file(gold: Gold, read: Predictions) -> Comparison:
    read.check_spans()
    for line in read.losses.lines():
        say("tagger", line)
    corpus = gold.corpus
    comparison = compare(
        corpus.examples,
        [example.labels or () for example in read.examples],
        corpus.scheme,
        read.scheme,
        label_probabilities=read.label_probabilities,
        span_probabilities=read.span_probabilities,
    )
    check_predicted(*types_of_both(comparison))
    return comparison


def _predictions(gold: Gold, opponent: Opponent, arguments: argparse.Namespace) -> Predictions:
    """Return the predictions of a tool; their labels are of the same kind as the gold labels."""
    predictions = predictions_of(
        opponent.paths, arguments, lambda: gold.segmenter, has_spans=gold.scheme.has_spans
    )
    if predictions.scheme.has_spans != gold.scheme.has_spans:
        kinds = ("spans", "plain labels") if gold.scheme.has_spans else ("plain labels", "spans")
        raise UsageError(
            f"expected predictions that are {kinds[0]}, as the gold labels are, found {kinds[1]}. Choose the labels "
            "with --predictions-label-column, or name their scheme with --predictions-scheme."
        )
    if arguments.predictions_scheme == "auto":
        mention_scheme(gold.scheme, predictions)
    return predictions
