"""Documents in the data of a run: whether they have an effect and are contiguous; groups to keep together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from tagger.documents import CONSISTENCY
from tagger.errors import UsageError
from tagger.examples import Example
from tagger.formats import DocumentOrder, reads_csv
from tagger.options import option
from tagger.schemes import LabelScheme
from tagger.training.config import DataConfig


def documents_matter(
    config: DataConfig, inner_scheme: LabelScheme, consistency: float, examples: Iterable[Example] = ()
) -> bool:
    """Return whether predictions of the model depend on the other sentences of a document.

    Args:
        config: how the data is read.
        inner_scheme: the inner scheme of the model.
        consistency: weight of other occurrences of a word in its document.
        examples: all of the data, whose origins name the files.

    Raises:
        UsageError: if an option about documents has no effect.
    """
    if not inner_scheme.has_spans and consistency != CONSISTENCY:
        raise UsageError("document_consistency: has no effect on labels without spans")
    matter = inner_scheme.has_spans and consistency > 0
    if config.document_column is not None and not matter and not reads_csv(config.format, _files(examples)):
        why = (
            f"with {option('document_consistency', 0)}"
            if inner_scheme.has_spans
            else "on labels without spans"
        )
        raise UsageError(f"data.document_column: has no effect {why}")
    return matter


def _files(examples: Iterable[Example]) -> set[str]:
    return {(example.origin or "").rpartition(":")[0] for example in examples}


def check_order(examples: Sequence[Example]) -> None:
    """Raise an error for documents whose sentences are not contiguous.

    Raises:
        DataError: names the document, and file and line of the sentence.
    """
    order = DocumentOrder()
    for example in examples:
        order.check(example)


def in_units(train: Sequence[Example]) -> list[list[Example]]:
    """Group the sentences by document; a sentence without a document is a group of its own."""
    groups = groupby(enumerate(train), lambda pair: pair[0] if pair[1].document is None else pair[1].document)
    return [[example for _, example in group] for _, group in groups]
