"""Documents in the data of a run: whether their sentences stand side by side, and which are set aside together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from tagger.examples import Example
from tagger.formats import DocumentOrder


def check_order(examples: Sequence[Example]) -> None:
    """Refuse documents whose sentences do not stand side by side.

    Raises:
        DataError: names the document, and file and line of the sentence.
    """
    order = DocumentOrder()
    for example in examples:
        order.check(example)


def in_units(train: Sequence[Example]) -> list[list[Example]]:
    """Return the sentences of each document together, and those without a document each by itself."""
    groups = groupby(enumerate(train), lambda pair: pair[0] if pair[1].document is None else pair[1].document)
    return [[example for _, example in group] for _, group in groups]
