"""Sentences of labelled tokens joined where the end of one cuts a span: I-PER begins the next after B-PER or I-PER."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from tagger.examples import Example
from tagger.formats import Item
from tagger.schemes import LabelScheme, Notation

JOINABLE: Final = (
    LabelScheme.IOB2,
    LabelScheme.BIOES,
    LabelScheme.BILOU,
    LabelScheme.BMES,
    LabelScheme.BMEWO,
)
"""The schemes in which every span begins with a letter of its own, so that a cut one is seen."""

_GOES_ON: Final = frozenset("BIM")
_CONTINUES: Final = frozenset("IMEL")
_USUAL: Final = Notation()


def join_cut_sentences(
    items: Iterable[Item], notation: Notation, on_joined: Callable[[Example], None]
) -> Iterator[Item]:
    """Yield what a reader gives, one after another; sentences that a span goes across as one. Texts stay as they are.

    Args:
        items: of a scheme in :data:`JOINABLE`.
        notation: how their labels are written.
        on_joined: called with every sentence that is joined to the one before it.
    """
    held: Item | None = None
    for item in items:
        if isinstance(held, Example) and isinstance(item, Example) and _is_cut(held, item, notation):
            on_joined(item)
            labels = (*(held.labels or ()), *(item.labels or ()))
            held = Example((*held.tokens, *item.tokens), labels, held.document, held.origin)
            continue
        if held is not None:
            yield held
        held = item
    if held is not None:
        yield held


def _is_cut(left: Example, right: Example, notation: Notation) -> bool:
    if not left.labels or not right.labels or left.document != right.document:
        return False
    ends, begins = (_USUAL.parts(label) for label in notation.read((left.labels[-1], right.labels[0])))
    return (
        ends is not None
        and begins is not None
        and ends[1] == begins[1]
        and ends[0] in _GOES_ON
        and begins[0] in _CONTINUES
    )
