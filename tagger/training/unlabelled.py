"""Training sentences without gold labels: those with soft labels, and text for a teacher to label."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from tagger.errors import DataError, LabelError, UsageError
from tagger.examples import Example
from tagger.formats import (
    Losses,
    ReadingOptions,
    guess_format,
    read_items,
    read_plain,
    to_examples,
    token_origin,
)
from tagger.options import option
from tagger.schemes import LabelScheme, listed, shown
from tagger.text import NamedSegmenter
from tagger.text.counted import counted
from tagger.training.growing import types_of
from tagger.training.splits import Splits

_LOG = logging.getLogger(__name__)
_RAW: Final = ".txt"
_USUAL_COPIES: Final = 0.1
"""Share of a split that may occur in other text by chance."""


def without_labels(
    splits: Splits, text: Sequence[Example], *, has_teacher: bool
) -> tuple[Splits, list[Example]]:
    """Return the splits with only labelled sentences, and the non-empty other sentences to learn from.

    Args:
        splits: with training sentences that may have soft labels instead of labels.
        text: sentences for a teacher to label.
        has_teacher: whether there is a teacher model; if not, sentences of which nothing is known are left out.

    Raises:
        DataError: if nothing is left to learn from.
        UsageError: if replayed sentences have soft labels.
    """
    if any(isinstance(each, Example) and each.soft_labels is not None for each in splits.replay):
        raise UsageError("replay: expected earlier sentences with labels, found soft or unknown ones")
    labelled = [example for example in splits.train if example.labels is not None]
    soft = [example for example in splits.train if example.labels is None and example.tokens]
    known = [
        each
        for each in soft
        if has_teacher or any(of_token is not None for of_token in each.soft_labels or ())
    ]
    if len(known) < len(soft):
        _LOG.warning("left out: %s of which no label is known", counted(len(soft) - len(known), "sentence"))
    taught = [*known, *(example for example in text if example.tokens)]
    if not taught and not any(example.tokens for example in labelled):
        raise DataError(
            "data.train: expected sentences of which something is known, found none to learn from"
        )
    return replace(splits, train=labelled), taught


def warn_of_scored_text(text: Sequence[Example], scored: Mapping[str, Sequence[Example]]) -> None:
    """Log a warning for splits of which many sentences are in the teacher's text, so that the student has seen them.

    Short sentences recur everywhere ("Thanks !"), so up to a tenth of a split is ignored.

    Args:
        text: unlabelled sentences.
        scored: the sentences of each split, by its name.
    """
    known = {example.tokens for example in text}
    for split, examples in scored.items():
        in_text = sum(example.tokens in known for example in examples)
        if in_text > len(examples) * _USUAL_COPIES:
            _LOG.warning(
                "teacher.text: it has %s of %s sentences of the %s split: scores on it flatter",
                f"{in_text:,}",
                f"{len(examples):,}",
                split,
            )


def soft_types(
    examples: Iterable[Example], scheme: LabelScheme, inner: LabelScheme, known: set[str] | None
) -> set[str]:
    """Return the types of spans, or the plain labels, with a probability above 0 anywhere.

    Args:
        examples: sentences, with soft labels or without.
        scheme: of the data.
        inner: the inner scheme of the model.
        known: the allowed types, from labelled sentences or a model to start from; None for any.

    Raises:
        LabelError: if a label does not belong to the scheme, or its type is not allowed; names file and line.
        UsageError: if the inner scheme differs from that of the data, since probabilities cannot be converted.
    """
    found: set[str] = set()
    for example in examples:
        for position, probabilities in enumerate(example.soft_labels or ()):
            where = token_origin(example, position)
            if inner is not scheme and inner.has_spans:
                raise UsageError(
                    f"{where}: soft labels are those that the model has inside, of the scheme {inner}; expected data "
                    f"in this scheme, found {scheme}"
                )
            for label, probability in (probabilities or {}).items():
                if probability == 0:
                    continue
                try:
                    types = types_of([label], inner)
                except LabelError as error:
                    raise LabelError(f"{where}: soft_labels: {error}") from None
                if known is not None and not types <= known:
                    raise LabelError(
                        f"{where}: soft_labels: expected a label of the labelled sentences ({listed(sorted(known))}), "
                        f"found {shown(label)}"
                    )
                found |= types
    return found


def read_text(paths: Sequence[str], segmenter: NamedSegmenter) -> tuple[list[Example], bool]:
    """Return the sentences of files without their labels, and whether any text was segmented.

    Args:
        paths: of raw text (``.txt``), one document each, or of any format.
        segmenter: for texts.

    Raises:
        DataError: if a file cannot be read, or contains no sentence.
        FormatError: if its format is not supported.
    """
    examples: list[Example] = []
    was_cut = False

    def cutter() -> NamedSegmenter:
        nonlocal was_cut
        was_cut = True
        return segmenter

    for path in paths:
        own = list(_raw(path, cutter()) if Path(path).suffix == _RAW else _without_annotations(path, cutter))
        if not any(example.tokens for example in own):
            raise DataError(
                f"{path}: expected sentences for the teacher, found none ({option('teacher.text')})"
            )
        # Document ids are unique only within a file.
        examples += [
            example if example.document is None else replace(example, document=f"{example.document} ({path})")
            for example in own
        ]
    return examples, was_cut


def _raw(path: str, segmenter: NamedSegmenter) -> Iterator[Example]:
    for record in read_plain(path, segmenter):
        yield replace(record.example, document="text")


def _without_annotations(path: str, cutter: Any) -> Iterator[Example]:
    losses = Losses()
    options = ReadingOptions(format=guess_format(path))
    items = read_items(path, options, losses, labelled=False)
    for example in to_examples(items, cutter, lambda misfit: None):
        yield replace(example, labels=None, from_spans=False)
    losses.log(path)
