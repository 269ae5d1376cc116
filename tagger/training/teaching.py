"""Teachers: models, or probabilities of any origin, that a run learns from in addition to or instead of gold labels.

A student learns the expected counts of a mixture: of the gold labels with weight 1 - w, and of the teacher's
distribution with weight w. The alternatives that the teacher considers possible are more informative than the gold
labels alone (Hinton, Vinyals & Dean 2015). For an unlabelled sentence only the teacher's distribution is learned.

Letters: T tokens of a sentence, L labels.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tagger.api import Tagger
from tagger.averages import average_parts
from tagger.batching import ExpectedCounts
from tagger.crf_kernels import PackedScores, PaddedPosterior, pack_mask
from tagger.errors import DataError, LabelError, UsageError
from tagger.examples import Example
from tagger.features.vocabulary import LabelVocabulary
from tagger.formats import token_origin
from tagger.schemes import LabelScheme, TransitionConstraints, listed
from tagger.storage import load_model
from tagger.text import NamedSegmenter
from tagger.text.counted import counted
from tagger.training.config import TeacherConfig, as_list
from tagger.training.growing import types_of
from tagger.training.unlabelled import read_text

_LOG = logging.getLogger(__name__)

Counts: TypeAlias = tuple[NDArray[np.floating], NDArray[np.floating]]
"""Expected counts of a sentence: of labels at tokens, ``[T, L]``, and of transitions between labels, ``[L, L]``."""


@dataclass(frozen=True)
class Teacher:
    """A model, or an average of several, to learn from.

    Attributes:
        name: name for messages.
        tagger: the model.
        config: weight, temperature and texts.
        digest: identifies the models.
    """

    name: str
    tagger: Tagger
    config: TeacherConfig
    digest: str

    @staticmethod
    def load(config: TeacherConfig, output: str, document_consistency: float) -> Teacher | None:
        """Return the teacher of a run; None if it has none.

        Args:
            config: the models, and how to learn from them.
            output: the folder of the run.
            document_consistency: weight of other occurrences of a word in its document, for the teacher.

        Raises:
            ModelError: if a model cannot be read.
            UsageError: if the models cannot be averaged, or one lies in the run's folder.
        """
        names = as_list(config.models)
        if not names:
            return None
        for name in names:
            if Path(name).resolve().is_relative_to(Path(output).resolve()):
                raise UsageError(
                    f"teacher.models: {name} lies in the run's own folder, where the new model is to go; choose "
                    f"another output than {output}"
                )
        models = [load_model(Path(name)) for name in names]
        try:
            parts = average_parts(models, names) if len(models) > 1 else models[0]
        except UsageError as error:
            raise UsageError(f"teacher.models: {error}") from None
        name = names[0] if len(names) == 1 else f"the average of {listed(names)}"
        tagger = Tagger(parts, document_consistency=document_consistency)
        return Teacher(name, tagger, config, " ".join(str(model.digest) for model in models))

    def read_text(self, segmenter: NamedSegmenter | None) -> tuple[list[Example], NamedSegmenter | None]:
        """Return the unlabelled sentences, and the segmenter of the student.

        If raw text was read, that is the teacher's segmenter.

        Args:
            segmenter: the student's own; None to fit it to the training data.

        Raises:
            DataError: if a file cannot be read.
            UsageError: if there is raw text, and teacher and student have different segmenters.
        """
        own = self.tagger.segmenter
        examples, was_cut = read_text(as_list(self.config.text), own)
        if not was_cut:
            return examples, segmenter
        if segmenter is not None and (segmenter.name, segmenter.options()) != (own.name, own.options()):
            raise UsageError(
                f"teacher.text: {self.name} cuts text with {own.name} {dict(own.options())}, this model is to cut it "
                f"with {segmenter.name} {dict(segmenter.options())}; expected both to cut it alike"
            )
        return examples, own

    def identity(self, text: Sequence[Example]) -> dict[str, Any]:
        """Return a description of the teacher for the model card; JSON-ready."""
        members = len(self.tagger.parts.members)
        return {
            "models": members,
            "config_sha256": self.digest.split(" "),
            "weight": self.config.weight,
            "temperature": self.config.temperature,
            **({"sentences_without_labels": len(text)} if text else {}),
        }

    def types(self, inner: LabelScheme) -> set[str]:
        """Return the types of spans, or the plain labels, of the teacher.

        Raises:
            UsageError: if its inner scheme differs from the student's.
        """
        own = LabelScheme.parse(self.tagger.config.scheme)
        if own.has_spans != inner.has_spans:
            kinds = ("plain labels", "spans")
            raise UsageError(
                f"teacher.models: {self.name} gives {kinds[own.has_spans]}, such as "
                f"{listed(self.tagger.labels)}; the training sentences have {kinds[inner.has_spans]}"
            )
        if own is not inner:
            raise UsageError(
                f"teacher.models: {self.name} has labels of the scheme {own} inside, expected {inner}, as this model "
                "is to have; set model.scheme, or train the teacher so"
            )
        return types_of(self.tagger.parts.labels.items, own)

    def check_types(self, types: set[str], scheme: LabelScheme) -> None:
        """Raise an error for types of the data unknown to the teacher, which would give them probability 0.

        Raises:
            LabelError: names them.
        """
        if unknown := sorted(types - self.types(scheme)):
            raise LabelError(
                f"teacher.models: {self.name} does not know {listed(unknown)}, which the training sentences have; it "
                f"knows {listed(sorted(self.types(scheme)))}"
            )

    def scores(self, examples: Sequence[Example], labels: LabelVocabulary) -> Iterator[NDArray[np.float64]]:
        """Yield the teacher's emissions for each sentence over the student's labels, ``[T, L]``; -inf if unknown.

        Args:
            examples: the sentences; those of a document are considered together, even if they are not contiguous.
            labels: of the student.
        """
        order = list(range(len(examples)))
        documents: list[str | None] | None = None
        if self.tagger.reads_documents:
            first: dict[str, int] = {}
            order.sort(key=lambda i: first.setdefault(examples[i].document or f" {i}", i))
            documents = [examples[i].document for i in order]
        _LOG.info("asking %s about %s", self.name, counted(len(examples), "sentence"))
        columns = self._columns(labels)
        found: dict[int, NDArray[np.float64]] = {}
        wanted = 0
        sentences = [examples[i].tokens for i in order]
        for i, own in zip(order, self.tagger.stream_emissions(sentences, documents=documents), strict=True):
            found[i] = np.full((len(own), len(labels)), -np.inf)
            found[i][:, columns] = own
            while wanted in found:
                yield found.pop(wanted)
                wanted += 1

    def tables(self, labels: LabelVocabulary) -> _Tables:
        """Return the transition scores between the student's labels."""
        columns, size = self._columns(labels), len(labels)
        own = self.tagger.parts.decoder.tables
        wide = _Tables(np.full((size, size), -np.inf), np.full(size, -np.inf), np.full(size, -np.inf))
        wide.transitions[np.ix_(columns, columns)] = own[0]
        wide.start[columns], wide.end[columns] = own[1:]
        return wide

    def _columns(self, labels: LabelVocabulary) -> NDArray[np.int64]:
        return np.array([labels.encode(label) for label in self.tagger.parts.labels.items])


class _Tables(NamedTuple):
    """Transition scores, -inf = forbidden: ``[L, L]``, ``[L]`` and ``[L]``."""

    transitions: NDArray[np.float64]
    start: NDArray[np.float64]
    end: NDArray[np.float64]


def counts_to_learn(
    examples: Sequence[Example],
    labels: LabelVocabulary,
    constraints: TransitionConstraints,
    config: TeacherConfig,
    teacher: Teacher | None,
) -> ExpectedCounts | None:
    """Return the expected counts to learn from a teacher or from soft labels; None if there are neither.

    Args:
        examples: the sentences, labels in the inner scheme.
        labels: of the student.
        constraints: transitions that the scheme allows.
        config: weight and temperature of the teacher.
        teacher: a model; None to learn from soft labels, if any.

    Raises:
        DataError: if probabilities or known labels allow no legal labelling of a sentence; names file and line.
        UsageError: if there are both a model and soft labels.
    """
    for example in examples:
        if example.labels is None and example.soft_labels is not None:
            _check_legal(example, labels, constraints)
    if teacher is not None:
        if any(is_soft(example) for example in examples):
            raise UsageError("teacher.models: training sentences have soft labels, too; expected one teacher")
        tables = teacher.tables(labels)
        scores: Iterable[NDArray[np.float64] | None] = teacher.scores(examples, labels)
        temperature = teacher.tagger.parts.temperature * config.temperature
    elif any(is_soft(example) for example in examples):
        tables = _Tables(
            *(np.where(np.asarray(table, dtype=np.bool_), 0.0, -np.inf) for table in constraints)
        )
        scores = (_log_probabilities(example, labels) if is_soft(example) else None for example in examples)
        temperature = config.temperature
    else:
        return None
    return ExpectedCounts(
        len(labels),
        (
            None if own is None else _counts(example, own, tables, labels, config.weight, temperature)
            for example, own in zip(examples, scores, strict=True)
        ),
    )


def _check_legal(example: Example, labels: LabelVocabulary, constraints: TransitionConstraints) -> None:
    """Raise an error for a sentence whose soft or known labels allow no legal labelling."""
    allowed, start, end = (np.asarray(table, dtype=np.bool_) for table in constraints)
    reached = start
    for position, probabilities in enumerate(example.soft_labels or ()):
        possible = np.full(len(labels), probabilities is None)
        possible[[labels.encode(label) for label, value in (probabilities or {}).items() if value > 0]] = True
        reached = (reached if position == 0 else reached @ allowed) & possible
        is_last = position == len(example.tokens) - 1
        if not (reached & end if is_last else reached).any():
            found = (
                listed([label for label, value in (probabilities or {}).items() if value > 0])
                or "an unknown one"
            )
            raise DataError(
                f"{token_origin(example, position)}: expected a label that the scheme allows beside those of other "
                f"tokens, found {found}"
            )


def is_soft(example: Example) -> bool:
    """Return whether all tokens of a sentence have probabilities of labels."""
    return example.soft_labels is not None and None not in example.soft_labels


def known_labels(example: Example) -> tuple[str | None, ...] | None:
    """Return the labels of a sentence, None for each unknown one; None for a sentence without known labels.

    A label is known if it is given, or has probability 1.

    Raises:
        DataError: if some tokens have probabilities and others are unknown; names file and line.
    """
    if example.labels is not None or example.soft_labels is None:
        return example.labels
    if is_soft(example):
        return None
    for position, probabilities in enumerate(example.soft_labels):
        if probabilities is not None and len(probabilities) != 1:
            raise DataError(
                f"{token_origin(example, position)}: expected a label that is known or not known, as at other tokens "
                f"of the sentence, found probabilities of {listed(probabilities)}"
            )
    return tuple(None if each is None else next(iter(each)) for each in example.soft_labels)


def _counts(
    example: Example,
    scores: NDArray[np.float64],
    tables: _Tables,
    labels: LabelVocabulary,
    weight: float,
    temperature: float,
) -> Counts:
    """Return the expected counts of a teacher, mixed with those of the known labels.

    The latter are the teacher's counts given the known labels; if all are known, the counts of the labelling.
    """
    taught = _expected(scores, tables, temperature)
    known = known_labels(example)
    if known is None:
        return taught
    gold = (
        _gold(known, labels)
        if None not in known
        else _expected(_given(scores, known, labels), tables, temperature)
    )
    nodes, pairs = ((1 - weight) * own + weight * other for own, other in zip(gold, taught, strict=True))
    return nodes, pairs


def _gold(known: Sequence[str | None], labels: LabelVocabulary) -> Counts:
    """Return the counts of a labelling."""
    ids = np.array([labels.encode(label) for label in known if label is not None], dtype=np.int64)
    size = len(labels)
    pairs = np.bincount(ids[:-1] * size + ids[1:], minlength=size * size).reshape(size, size)
    return np.eye(size)[ids], pairs.astype(np.float64)


def _given(
    scores: NDArray[np.float64], known: Sequence[str | None], labels: LabelVocabulary
) -> NDArray[np.float64]:
    """Return scores that allow only the known label at tokens that have one."""
    given = scores.copy()
    for position, label in enumerate(known):
        if label is not None:
            column = labels.encode(label)
            given[position] = -np.inf
            given[position, column] = 0.0
    return given


def _expected(scores: NDArray[np.float64], tables: _Tables, temperature: float) -> Counts:
    """Return the expected counts of a CRF with these scores."""
    packing = pack_mask(None, (1, len(scores)))
    posterior = PaddedPosterior(PackedScores(packing, scores, *tables).at_temperature(temperature))
    return posterior.nodes[0], posterior.transitions()[0]


def _log_probabilities(example: Example, labels: LabelVocabulary) -> NDArray[np.float64]:
    """Return the log-probabilities of labels at each token, ``[T, L]``.

    As the emissions of a CRF whose transition scores are only constraints, they make the probability of each legal
    labelling proportional to the product of its labels' probabilities: a tool that labels each token separately may
    give I-PER after O some probability, which no legal labelling has.
    """
    scores = np.full((len(example.tokens), len(labels)), -np.inf)
    for position, probabilities in enumerate(example.soft_labels or ()):
        for label, probability in (probabilities or {}).items():
            if probability > 0:
                scores[position, labels.encode(label)] = math.log(probability)
    return scores
