"""Read datasets, from the Hub or written by ``save_to_disk``, as parts of a corpus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from tagger.checking.corpus import Part, Role
from tagger.checking.findings import Finding
from tagger.checking.given import GivenPart
from tagger.checking.reader_warnings import warnings_found
from tagger.errors import DataError, UsageError
from tagger.examples import Example
from tagger.formats import AnnotatedText, Losses, Misaligned, ReadingOptions, to_examples
from tagger.options import argument
from tagger.sources import load_splits
from tagger.text import get_segmenter
from tagger.text.printable import printable


def read_dataset(
    part: GivenPart,
    options: ReadingOptions,
    found: list[Finding],
    *,
    configuration: str | None = None,
    revision: str | None = None,
) -> list[Part]:
    """Return the splits of a dataset as parts, and add findings.

    Args:
        part: names the dataset.
        options: how to read it.
        found: the list that findings are added to.
        configuration: of a dataset that has several, such as a language.
        revision: branch, tag or commit on the Hub.

    Raises:
        MissingExtraError: the library that reads it is not installed.
        UsageError: an option has no effect on a dataset.
    """
    assert part.dataset is not None, "a dataset"
    for name in ("comment_prefix", "header", "annotator", "trim_entities"):
        if getattr(options, name):
            raise UsageError(f"{argument(f'data.{name}')} has no effect on a dataset")
    try:
        with warnings_found(part.dataset, part.name) as warned:
            splits = load_splits(
                part.dataset,
                name=configuration,
                revision=revision,
                token_column=_name("token_column", options.token_column),
                label_column=_name("label_column", options.label_column),
                document_column=options.document_column,
                label_names=options.label_names,
                text_column=options.text_column,
                offsets=options.offsets,
                sentence_column=options.sentence_column,
                join_sentences=options.join_sentences,
                skip_bad=True,
                cut=lambda _, texts, losses: _cut(texts, losses, join=options.join_sentences),
            )
    except DataError as error:
        found.append(Finding("unreadable", printable(str(error)), (part.dataset,), part.name))
        return []
    found += warned
    return [
        Part(f"{part.name}[{split}]", cast(Role, split), examples)
        for split, examples in splits.items()
        if examples
    ]


def _cut(texts: Sequence[AnnotatedText], losses: Losses, *, join: bool) -> list[Example]:
    segmenter = get_segmenter("rules")
    misfits: list[Misaligned] = []
    examples = list(to_examples(texts, lambda: segmenter, misfits.append, join_sentences=join))
    for misfit in misfits:
        losses.add_bad(misfit.kind, str(misfit))
    return examples


def _name(option: str, column: str | int | None) -> str | None:
    if isinstance(column, int):
        raise UsageError(
            f"{argument(f'data.{option}')}: the columns of a dataset have names, found the number {column}"
        )
    return column
