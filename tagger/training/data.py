"""Prepare examples for training: set a dev split aside, detect the scheme, check every gold label."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from tagger.documents import CONSISTENCY
from tagger.errors import DataError, LabelError, UsageError
from tagger.examples import Example
from tagger.features.vocabulary import MOST_LABELS, LabelVocabulary
from tagger.formats import checked_gold, gold_scheme, in_one_scheme, token_origin
from tagger.metrics import SpanScores, TokenScores
from tagger.options import option
from tagger.schemes import (
    LabelScheme,
    Notation,
    convert_labels,
    listed,
    outside_like,
    scheme_labels,
    shown,
    split_label,
)
from tagger.text import NamedSegmenter, RuleSegmenter
from tagger.training.collection import no_collection
from tagger.training.config import DataConfig
from tagger.training.documents import check_order, documents_matter, in_units
from tagger.training.growing import types_of
from tagger.training.splits import Splits, with_dev_in_train
from tagger.training.starting import StartingModel
from tagger.training.teaching import Teacher
from tagger.training.unlabelled import soft_types, warn_of_scored_text, without_labels

_LOG = logging.getLogger(__name__)

_MANY_LABELS: Final = 1_000
"""More labels than this cause a warning: the label column is probably wrong."""


@dataclass(frozen=True)
class PreparedData:
    """Examples with checked labels, those for training in the inner scheme of the model.

    Attributes:
        train: training examples, none of them empty; labels in the inner scheme. All examples have an origin.
        dev: as read, labels in the scheme of the data and the usual notation.
        test: like dev.
        scheme: the scheme of the data.
        inner_scheme: the scheme inside the model.
        labels: the model's labels, in the inner scheme.
        identity: description of the data, with checksums.
        segmenter: segmenter of the model for raw text.
        reads_documents: whether the documents of the sentences have an effect.
        replay: replayed training examples, like those of train.
        taught: unlabelled training sentences, labelled by a teacher; they have an origin.
        unmarked: for train, dev, test and replay the types of the model that are not annotated there, if any: O leaves
            open whether a token is of one of these.
    """

    train: tuple[Example, ...]
    dev: tuple[Example, ...]
    test: tuple[Example, ...]
    scheme: LabelScheme
    inner_scheme: LabelScheme
    labels: LabelVocabulary
    identity: Mapping[str, Any]
    segmenter: NamedSegmenter
    reads_documents: bool
    replay: tuple[Example, ...] = ()
    taught: tuple[Example, ...] = ()
    unmarked: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def learned(self) -> tuple[Example, ...]:
        """All training examples: those of train, then the unlabelled ones, then those of replay."""
        return self.train + self.taught + self.replay

    @property
    def metric(self) -> str:
        """The metric for this data: f1 or accuracy."""
        return (SpanScores if self.scheme.has_spans else TokenScores).metric

    @property
    def predicted_scheme(self) -> LabelScheme:
        """The scheme of predicted labels: IOB2 for spans, unless the model learned the data's labels unchanged."""
        return LabelScheme.IOB2 if self.inner_scheme.has_spans else self.scheme

    def comparable(self, split: str, predicted: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
        """Return predicted labels of the dev or test split without those of types that are not annotated there."""
        unmarked = self.unmarked.get(split)
        if not unmarked:
            return predicted
        return [
            ["O" if split_label(label, self.predicted_scheme)[1] in unmarked else label for label in labels]
            for labels in predicted
        ]

    def fingerprint(self) -> str:
        """Return a digest of all data that the weights depend on: training examples, dev split and labels."""
        digest = hashlib.sha256(repr(self.labels.items).encode())
        for example in (*self.learned, *self.dev):
            digest.update(repr((example.tokens, example.labels)).encode())
            if example.soft_labels is not None:
                digest.update(repr(example.soft_labels).encode())
        return digest.hexdigest()


@no_collection()
def prepare(
    splits: Splits,
    config: DataConfig,
    *,
    inner_scheme: str,
    seed: int,
    document_consistency: float = CONSISTENCY,
    start: StartingModel | None = None,
    teacher: Teacher | None = None,
    text: Sequence[Example] = (),
) -> PreparedData:
    """Check the examples and convert the training labels to the inner scheme of the model.

    Args:
        splits: the examples as read.
        config: the scheme, how to treat a missing dev split and unseen labels, whether to train on the dev split, too,
            and the share of the training sentences, without a dev split set aside, to use.
        inner_scheme: iob2, bioes, io, none, or auto: iob2 for labels with spans, none otherwise.
        seed: selects the sentences of the dev split if there is none.
        document_consistency: weight of other occurrences of a word in its document if labels have spans; if it is above
            0, whole documents are set aside.
        start: the model that training starts from, with labels of its own.
        teacher: the teacher model, whose labels are added to those of the data.
        text: unlabelled sentences, for the teacher to label.

    Raises:
        DataError: if there is nothing to learn from, or a split to score has no labelled token; or a document reappears
            after another one, in dev or test, or in train if dev is set aside from it.
        LabelError: for a label that violates the scheme or, in dev and test, is unknown; names file and line.
        UsageError: if the data's labels cannot be converted to the inner scheme, or an option has no effect on them.
    """
    splits = _named(splits)
    for name in ("train", "dev", "test", "replay"):
        _check_sentences(getattr(splits, name), name)
    splits, taught = without_labels(splits, text, has_teacher=teacher is not None)
    learned_from = ""
    if config.merge_dev:
        splits, learned_from = with_dev_in_train(splits)
    splits, scheme_name = _in_one_scheme(splits, splits.scheme if config.scheme == "auto" else config.scheme)
    train = [example for example in splits.train if example.tokens]
    if not train and scheme_name == "auto":
        raise UsageError(
            "data.scheme: expected the scheme of the soft labels by name, since no training sentence has labels to "
            f"find it from; pass {option('data.scheme', 'iob2')}, bioes, io, or none for plain labels"
        )
    scheme, notation = _scheme_of(train, scheme_name)
    train = checked_gold(train, scheme, notation)
    dev, test = (
        _checked_alike(part, scheme, notation, is_found=config.scheme == "auto")
        for part in (splits.dev, splits.test)
    )
    if start is not None:
        start.check_scheme(scheme)
    inner = _inner_scheme(scheme, inner_scheme)
    every = (example for part in (splits.train, splits.dev, splits.test) for example in part)
    reads_documents = documents_matter(config, inner, document_consistency, every)
    sets_aside = not dev and train != [] and config.dev_fraction > 0 and not config.merge_dev
    if reads_documents:
        for examples in (splits.dev, splits.test, *([splits.train] if sets_aside else [])):
            check_order(examples)
    if dev and config.dev_fraction != DataConfig.dev_fraction:
        raise UsageError("data.dev_fraction: has no effect, since the data has a dev split")
    identity = {**splits.identity, "scheme": str(scheme)}
    if learned_from:
        identity["train"] = learned_from
    if sets_aside:
        units = in_units(train) if reads_documents else [[example] for example in train]
        rest, dev = _set_aside(units, scheme, config.dev_fraction, seed)
        if not dev:  # documents are too long to set one aside
            rest, dev = _set_aside([[example] for example in train], scheme, config.dev_fraction, seed)
        train = rest
        _LOG.info(
            "no dev split: %d of %d training sentences set aside for it", len(dev), len(dev) + len(train)
        )
        identity["dev"] = f"{len(dev)} of the training sentences, set aside by seed {seed}"
    if config.train_fraction < 1:
        whole = len(train)
        train = _evenly_spaced(train, config.train_fraction)
        soft = _evenly_spaced(
            [each for each in taught if each.soft_labels is not None], config.train_fraction
        )
        taught = [*soft, *(each for each in taught if each.soft_labels is None)]
        share = f"{len(train)} of {whole} training sentences, evenly spaced"
        _LOG.info("learning from %s", share)
        identity["train"] = f"{learned_from}; {share}" if learned_from else share
    learned = [_converted(example, scheme, inner) for example in train]
    replay = _replayed(splits.replay, scheme, inner)
    types = _types([*learned, *replay], inner)
    known = types if start is None else types | start.types
    known = known if teacher is None else known | teacher.types(inner)
    types = types | soft_types([*learned, *taught], scheme, inner, known if learned else None)
    if teacher is not None:
        teacher.check_types(types, inner)
        types |= teacher.types(inner)
    warn_of_scored_text(text, {"dev": dev, "test": test})
    labels = _label_vocabulary(types, inner, start)
    if config.unseen_labels == "error":
        known = types_of(labels.items, inner if inner.has_spans else scheme)
        for name, examples in (("dev", dev), ("test", test)):
            _check_known(examples, scheme, known, name)
    unmarked = {}
    if start is not None:
        parts = {
            "train": (learned, inner),
            "replay": (replay, inner),
            "dev": (dev, scheme),
            "test": (test, scheme),
        }
        marked = {name: _types(examples, of_it) for name, (examples, of_it) in parts.items() if examples}
        unmarked = start.unmarked(labels, inner, marked)
        if not_scored := {name: sorted(unmarked[name]) for name in ("dev", "test") if name in unmarked}:
            identity["not_scored"] = not_scored
    return PreparedData(
        train=tuple(learned),
        dev=tuple(dev),
        test=tuple(test),
        scheme=scheme,
        inner_scheme=inner,
        labels=labels,
        identity=identity,
        segmenter=splits.segmenter or RuleSegmenter.fit(example.tokens for example in train),
        reads_documents=reads_documents,
        replay=tuple(replay),
        taught=tuple(taught),
        unmarked=unmarked,
    )


def _named(splits: Splits) -> Splits:
    """Return the splits with an origin for every example that has none, for messages.

    Raises:
        DataError: if an item is not an Example.
    """
    for split in ("train", "dev", "test", "replay"):
        for number, example in enumerate(getattr(splits, split), start=1):
            if not isinstance(example, Example):
                raise DataError(
                    f"sentence {number} of the {split} split: expected an Example, found the "
                    f"{type(example).__name__} {shown(example)}"
                )
    named = {
        split: tuple(
            example if example.origin else replace(example, origin=f"sentence {number} of the {split} split")
            for number, example in enumerate(getattr(splits, split), start=1)
        )
        for split in ("train", "dev", "test", "replay")
    }
    return replace(splits, **named)  # type: ignore[arg-type]


def _check_sentences(examples: Sequence[Example], split: str) -> None:
    """Raise an error for unlabelled sentences, and for a train split or a split to score without tokens."""
    for example in examples:
        if example.labels is None and (split != "train" or example.soft_labels is None):
            raise DataError(
                f"{token_origin(example, 0)}: expected a labelled sentence in the {split} split, found no labels"
            )
    if (examples or split == "train") and not any(example.tokens for example in examples):
        where = f"{examples[0].origin}: " if examples and examples[0].origin else ""
        raise DataError(f"{where}expected labelled tokens in the {split} split, found none")


def _in_one_scheme(splits: Splits, name: str) -> tuple[Splits, str]:
    """Return the splits, in IOB2 if some have character spans and others token labels, and the scheme's name."""
    parts = (splits.train, splits.dev, splits.test)
    examples, scheme = in_one_scheme(
        [example for part in parts for example in part], None if name == "auto" else LabelScheme.parse(name)
    )
    first, second = len(splits.train), len(splits.train) + len(splits.dev)
    alike = replace(splits, train=examples[:first], dev=examples[first:second], test=examples[second:])
    return alike, "auto" if scheme is None else scheme.value


def _scheme_of(train: Sequence[Example], name: str) -> tuple[LabelScheme, Notation]:
    """Return the scheme of the data, detected if its name is auto, and the notation of its labels; log the findings."""
    scheme, notation = gold_scheme(train, None if name == "auto" else LabelScheme.parse(name))
    if name == "auto":
        _LOG.info("label scheme of the data: %s (found; %s sets it)", scheme, option("data.scheme"))
    if not notation.is_usual:
        _LOG.info("%s (%s leaves them as they are)", notation, option("data.scheme", "none"))
    if name == "auto" and scheme in (LabelScheme.IO, LabelScheme.NONE):
        _warn_of_outside(train, scheme)
    return scheme, notation


def _checked_alike(
    examples: Sequence[Example], scheme: LabelScheme, notation: Notation, *, is_found: bool
) -> list[Example]:
    """Return checked examples of a split in the scheme and notation of the train split."""
    try:
        return checked_gold(examples, scheme, notation)
    except LabelError as error:
        if not is_found or str(error).endswith("alike."):
            raise
        raise LabelError(
            f"{error} The train split is {scheme.name}; all splits must be written alike."
        ) from None


def _warn_of_outside(train: Sequence[Example], scheme: LabelScheme) -> None:
    """Log a warning if most labels are one that often means O but was not read as O."""
    counts = Counter(label for example in train for label in example.labels or ())
    likes = outside_like(counts)
    if likes and 2 * (counts["O"] + sum(counts[label] for label in likes)) > counts.total():
        what = "a type of spans" if scheme.has_spans else "a plain label"
        _LOG.warning(
            "label %s, with O more than half of all, is read as %s. If it means O, pass %s for bare types such as PER, "
            "or the scheme of the labels; if not, %s",
            ", ".join(map(shown, likes)),
            what,
            option("data.scheme", "io"),
            option("data.scheme", str(scheme)),
        )


def _inner_scheme(scheme: LabelScheme, name: str) -> LabelScheme:
    if name == "auto":
        return LabelScheme.IOB2 if scheme.has_spans else LabelScheme.NONE
    inner = LabelScheme.parse(name)
    if scheme.has_spans and not inner.has_spans:
        return inner  # labels such as B-PER are learned unchanged, without constraints
    if inner.has_spans and not scheme.has_spans:
        raise UsageError(f"model.scheme: {inner} needs labels with spans, found plain labels (scheme none)")
    return inner


def _set_aside(
    units: list[list[Example]], scheme: LabelScheme, fraction: float, seed: int
) -> tuple[list[Example], list[Example]]:
    """Return the train and dev sentences, both in the order of the data, without splitting units.

    A unit whose types would otherwise be missing from the train split stays there; so does the last remaining one.
    """
    types = [_types(unit, scheme) for unit in units]
    left = Counter(kind for of_unit in types for kind in of_unit)
    num_sentences = sum(map(len, units))
    wanted = min(max(1, round(fraction * num_sentences)), num_sentences - 1)
    chosen: set[int] = set()
    for i in np.random.default_rng(seed).permutation(len(units)).tolist():
        # A unit is skipped if taking it would overshoot by more than is missing now.
        fits = len(units[i]) < 2 * wanted and len(chosen) < len(units) - 1
        if fits and all(left[kind] > 1 for kind in types[i]):
            left.subtract(types[i])
            chosen.add(i)
            wanted -= len(units[i])
    return (
        [example for i, unit in enumerate(units) for example in unit if i not in chosen],
        [example for i, unit in enumerate(units) for example in unit if i in chosen],
    )


def _evenly_spaced(train: list[Example], fraction: float) -> list[Example]:
    """Return a share of the sentences, at least one, evenly spaced and in their order."""
    count = min(len(train), max(1, round(fraction * len(train))))
    return [train[i * len(train) // count] for i in range(count)]


def _types(examples: Sequence[Example], scheme: LabelScheme) -> set[str]:
    """Return the span types, or for plain labels the labels, that occur in the examples."""
    return types_of(set[str]().union(*(example.labels or () for example in examples)), scheme)


def _label_vocabulary(types: set[str], inner: LabelScheme, start: StartingModel | None) -> LabelVocabulary:
    """Return the labels of the model: all labels of the inner scheme for the types.

    If training starts from a model, its labels are taken into account.
    """
    if start is not None:
        return start.labels(types, inner)
    labels = scheme_labels(types, inner)
    if len(labels) > _MANY_LABELS:
        message = (
            f"{len(labels)} distinct labels in the train split ({listed(labels[:4])}, ...): time and memory grow with "
            f"their square. If they are no labels, name the column of the labels with {option('data.label_column')}"
        )
        if len(labels) > MOST_LABELS:
            raise DataError(f"{message}; expected {MOST_LABELS} at most.")
        _LOG.warning(message)
    return LabelVocabulary(labels)


def _replayed(examples: Sequence[Example], scheme: LabelScheme, inner: LabelScheme) -> list[Example]:
    """Return replayed training examples with their labels converted to the inner scheme from any other.

    Raises:
        LabelError: if labels violate their scheme, or only one of replayed and training data has spans.
    """
    examples = [example for example in examples if example.tokens]
    if not examples:
        return []
    own, notation = gold_scheme(examples, None)
    if own.has_spans != scheme.has_spans:
        raise LabelError(
            f"replay: expected labels like those of the training data, of the scheme {scheme}, found the scheme {own}"
        )
    return [_converted(example, own, inner) for example in checked_gold(examples, own, notation)]


def _converted(example: Example, scheme: LabelScheme, inner: LabelScheme) -> Example:
    """Return an example with labels in the inner scheme; the same example if nothing changes."""
    if not inner.has_spans or (inner is scheme and scheme in (LabelScheme.IOB2, LabelScheme.BIOES)):
        return example
    labels = tuple(convert_labels(example.labels or (), scheme, inner))
    return example if labels == example.labels else replace(example, labels=labels)


def _check_known(examples: Sequence[Example], scheme: LabelScheme, known: set[str], split: str) -> None:
    if _types(examples, scheme) <= known:
        return
    for example in examples:
        for position, label in enumerate(example.labels or ()):
            kind = split_label(label, scheme)[1] if scheme.has_spans else label
            if kind and kind not in known:
                what = "types" if scheme.has_spans else "labels"
                raise LabelError(
                    f"label {shown(label)} ({token_origin(example, position)}, {split} split) does not occur in the "
                    f"train split; "
                    f"known {what}: {listed(known) or 'none'}. "
                    f"Pass {option('data.unseen_labels', 'wrong')} to count such labels as not found."
                )
