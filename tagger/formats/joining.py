"""Joining of labelled sentences where the end of one cuts a span: I-PER begins the next after B-PER or I-PER."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final

from tagger.errors import UsageError
from tagger.examples import Example
from tagger.formats.annotated import AnnotatedText, Item
from tagger.options import argument
from tagger.schemes import LabelScheme, Notation

JOINABLE: Final = (
    LabelScheme.IOB2,
    LabelScheme.BIOES,
    LabelScheme.BILOU,
    LabelScheme.BMES,
    LabelScheme.BMEWO,
)
"""The schemes that mark the first token of every span, so that a cut span is detectable."""

JOINED: Final = "sentences joined to the one before, which ends within a span"
"""The kind under which joined sentences are counted."""

_GOES_ON: Final = frozenset("BIM")
_CONTINUES: Final = frozenset("IMEL")
_USUAL: Final = Notation()


def join_cut_sentences(
    items: Iterable[Item], notation: Notation, on_joined: Callable[[Item], None]
) -> Iterator[Item]:
    """Yield the items of a reader, joining sentences that a span crosses.

    Texts of several sentences stay as they are.

    Args:
        items: items with labels of a scheme in :data:`JOINABLE`.
        notation: how their labels are written.
        on_joined: called with every sentence that is joined to the one before it.
    """
    held: Item | None = None
    for item in items:
        if held is not None and is_cut(held, item, notation):
            on_joined(item)
            held = _joined(held, item)
            continue
        if held is not None:
            yield held
        held = item
    if held is not None:
        yield held


def check_joinable(scheme: LabelScheme, name: str) -> None:
    """Check that a scheme shows which sentences to join.

    Args:
        scheme: the scheme of the labels.
        name: what messages call the file.

    Raises:
        UsageError: the scheme is not in :data:`JOINABLE`.
    """
    if scheme not in JOINABLE:
        raise UsageError(
            f"{argument('data.join_sentences')} has no effect on {name}: its labels are {scheme.name}, which does not "
            "tell where the end of a sentence cuts a span"
        )


def joining_advice() -> str:
    """Return advice on sentences that a span crosses, for the end of a message."""
    return (
        " There the end of a sentence cuts a span; to join two sentences that a span crosses: "
        f"{argument('data.join_sentences', True)}."
    )


def _joined(left: Item, right: Item) -> Item:
    labels = (*(left.labels or ()), *(right.labels or ()))
    if isinstance(left, Example) or isinstance(right, Example):
        assert isinstance(left, Example)
        assert isinstance(right, Example)
        return replace(left, tokens=(*left.tokens, *right.tokens), labels=labels)
    shift = len(left.text) + 1
    tokens = [(start + shift, end + shift) for start, end in right.tokens or ()]
    probabilities = None
    if left.probabilities is not None or right.probabilities is not None:
        parts = [text.probabilities or (None,) * len(text.labels or ()) for text in (left, right)]
        probabilities = (*parts[0], *parts[1])
    return replace(
        left,
        text=f"{left.text} {right.text}",
        tokens=(*(left.tokens or ()), *tokens),
        labels=labels,
        probabilities=probabilities,
    )


def is_cut(left: Item, right: Item, notation: Notation) -> bool:
    """Return whether a span continues from the end of a sentence into the next one."""
    if (
        not left.labels
        or not right.labels
        or left.document != right.document
        or type(left) is not type(right)
    ):
        return False
    if any(
        isinstance(item, AnnotatedText) and (item.is_document or item.sentence_starts != (0,))
        for item in (left, right)
    ):
        return False
    ends, begins = (_USUAL.parts(label) for label in notation.read((left.labels[-1], right.labels[0])))
    return (
        ends is not None
        and begins is not None
        and ends[1] == begins[1]
        and ends[0] in _GOES_ON
        and begins[0] in _CONTINUES
    )
