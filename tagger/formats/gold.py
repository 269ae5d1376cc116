"""The scheme and notation of gold labels, with file and line in errors about illegal ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from tagger.errors import LabelError
from tagger.examples import Example
from tagger.formats.joining import JOINED, check_joinable, is_cut, join_cut_sentences, joining_advice
from tagger.formats.losses import Losses
from tagger.formats.places import token_origin
from tagger.schemes import (
    LabelScheme,
    NoSchemeFits,
    Notation,
    convert_labels,
    detect_scheme,
    find_notation,
    shown,
    violations,
)


def gold_scheme(
    examples: Sequence[Example], scheme: LabelScheme | None = None, *, in_order: bool = True
) -> tuple[LabelScheme, Notation]:
    """Return the scheme in which all gold labels are legal, and their notation.

    Args:
        examples: the labelled sentences.
        scheme: the scheme, if known.
        in_order: whether these are all sentences of a source, in order.

    Raises:
        LabelError: no scheme fits, or the labels are ambiguous; names file and line of an offending label.
    """
    sequences = [example.labels or () for example in examples]
    notation = Notation()
    try:
        notation = find_notation(sequences, scheme)
        if scheme is None:
            scheme = LabelScheme.IOB2 if notation.brackets else detect_scheme(map(notation.read, sequences))
    except NoSchemeFits as error:
        example = examples[error.sequence]
        note = _as_written(example, error.position, notation)
        if in_order and _would_fit_joined(examples):
            note += joining_advice()
        if example.origin is None:
            raise LabelError(f"{error}{note}") from None
        raise LabelError(f"{token_origin(example, error.position)}: {error.reason}{note}") from None
    return scheme, notation


def joined_sentences(examples: list[Example], losses: Losses, name: str) -> list[Example]:
    """Join the sentences of a file that a span crosses, if the labels fit no scheme otherwise.

    Args:
        examples: all sentences of the file, as read.
        losses: counts the joined sentences.
        name: what messages call the file.

    Raises:
        LabelError: the labels are ambiguous.
        UsageError: their scheme does not show which sentences to join.
    """
    written = [example for example in examples if not example.from_spans and example.labels]
    if not written:
        return examples
    try:
        scheme, _ = gold_scheme(written)
    except LabelError:
        notation = find_notation([example.labels or () for example in written])
        joined = join_cut_sentences(
            examples, notation, lambda example: losses.add(JOINED, example.origin or name)
        )
        return [example for example in joined if isinstance(example, Example)]
    check_joinable(scheme, name)
    return examples


def in_one_scheme(
    examples: Sequence[Example], scheme: LabelScheme | None = None
) -> tuple[Sequence[Example], LabelScheme | None]:
    """Convert examples to IOB2, if some labels were read from files and others made from spans.

    If the labels from files spell no spans, or all examples are of one kind, nothing is changed.

    Args:
        examples: the sentences as read.
        scheme: the scheme of the labels from files, if known.

    Returns:
        The examples and their scheme; if unchanged, the given scheme.

    Raises:
        LabelError: as from :func:`gold_scheme` and :func:`checked_gold`.
    """
    written = [example for example in examples if not example.from_spans and example.labels]
    if not written or not any(example.from_spans for example in examples):
        return examples, scheme
    found, notation = gold_scheme(written, scheme)
    if not found.has_spans:
        return examples, scheme
    converted = iter(
        replace(example, labels=tuple(convert_labels(example.labels or (), found, LabelScheme.IOB2)))
        for example in checked_gold(written, found, notation)
    )
    alike = [example if example.from_spans or not example.labels else next(converted) for example in examples]
    return alike, LabelScheme.IOB2


def checked_gold(
    examples: Iterable[Example], scheme: LabelScheme, notation: Notation | None = None
) -> list[Example]:
    """Return the examples with their gold labels in the usual notation, checked against a scheme.

    Args:
        examples: the sentences as read.
        scheme: the scheme of their labels.
        notation: how the labels are written; the usual notation if left out.

    Raises:
        LabelError: a label breaks the scheme; names file and line of the first.
    """
    notation = notation or Notation()
    checked = []
    legal: set[tuple[str, str]] = (
        set()
    )  # pairs of neighbours in sentences without a fault: schemes judge no more
    before: Example | None = None
    for number, example in enumerate(examples, start=1):
        labels = notation.read(example.labels or ())
        is_known = legal.issuperset(pairwise(("O", *labels, "O")))
        if not is_known and (broken := _broken(labels, scheme, notation)):
            position, message = broken
            where = f"sentence {number}" if example.origin is None else token_origin(example, position)
            advice = joining_advice() if before and is_cut(before, example, notation) and not position else ""
            raise LabelError(f"{where}: {message}{_as_written(example, position, notation)}{advice}")
        if not is_known:
            legal.update(pairwise(("O", *labels, "O")))
        before = example
        checked.append(
            example if notation.is_usual or example.labels is None else replace(example, labels=labels)
        )
    return checked


def _would_fit_joined(examples: Sequence[Example]) -> bool:
    """Return whether labels fit a scheme once sentences that a span crosses are joined."""
    try:
        notation = find_notation([example.labels or () for example in examples])
        joined = list(join_cut_sentences(examples, notation, lambda _: None))
        detect_scheme(notation.read(item.labels or ()) for item in joined)
    except LabelError:
        return False
    return len(joined) < len(examples)


def _broken(labels: Sequence[str], scheme: LabelScheme, notation: Notation) -> tuple[int, str] | None:
    """Return the position of the first label that breaks the scheme and what is wrong; None if none does."""
    if notation.brackets:
        for position, label in enumerate(labels):
            if label.startswith(("(", "*")):
                return position, (
                    f"label {shown(label)} at token {position + 1} is a bracket without its partner; every bracket "
                    "must close in its sentence, before the next one opens."
                )
    return next(iter(violations(labels, scheme)), None)


def _as_written(example: Example, position: int, notation: Notation) -> str:
    """Return a sentence that quotes a label as written, if that differs from how it is read."""
    written = (example.labels or ())[position]
    is_same = notation.brackets or notation.read([written]) == (written,)
    return "" if is_same else f" It is written {shown(written)}."
