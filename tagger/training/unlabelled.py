"""Training sentences without gold labels: those with soft labels, and text of which a teacher alone says something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
from tagger.schemes import LabelScheme
from tagger.text import NamedSegmenter
from tagger.training.growing import types_of
from tagger.training.splits import Splits

_RAW: Final = ".txt"


def without_labels(splits: Splits, text: Sequence[Example]) -> tuple[Splits, list[Example]]:
    """Return the splits with labelled sentences alone, and what there is to learn beside: each with a token at least.

    Args:
        splits: with training sentences that may have soft labels in place of labels.
        text: sentences that a teacher labels.

    """
    labelled = [example for example in splits.train if example.labels is not None]
    soft = [example for example in splits.train if example.labels is None and example.tokens]
    return replace(splits, train=labelled), [*soft, *(example for example in text if example.tokens)]


def soft_types(examples: Iterable[Example], scheme: LabelScheme, inner: LabelScheme) -> set[str]:
    """Return the types of spans, or the plain labels, that have probabilities anywhere.

    Raises:
        LabelError: if a label with a probability is none of the scheme; names file and line.
        UsageError: if the model is to work with another scheme: what is known of a label is not known of others.
    """
    found: set[str] = set()
    for example in examples:
        for position, probabilities in enumerate(example.soft_labels or ()):
            if inner is not scheme and inner.has_spans:
                raise UsageError(
                    f"{token_origin(example, position)}: soft labels are those that the model has inside, of the "
                    f"scheme {inner}; expected data in this scheme, found {scheme}"
                )
            try:
                found |= types_of(probabilities or (), inner)
            except LabelError as error:
                raise LabelError(f"{token_origin(example, position)}: soft_labels: {error}") from None
    return found


def read_text(paths: Sequence[str], segmenter: NamedSegmenter) -> tuple[list[Example], bool]:
    """Return the sentences of files without their labels, and whether any text was cut.

    Args:
        paths: of raw text (``.txt``), a document each, or of any format.
        segmenter: cuts texts.

    Raises:
        DataError: if a file cannot be read, or holds no sentence.
        FormatError: if it is of no format that is read.
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
        # Ids of documents count within a file.
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
