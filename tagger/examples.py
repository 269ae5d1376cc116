"""Example: a sentence with its gold labels, as readers produce and training consumes it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from numbers import Real
from typing import Final

from tagger.errors import DataError

_STRING_ALONE: Final = frozenset((str,))
_TOLERANCE: Final = 1e-3
"""How far the sum of rounded probabilities may be from 1."""


@dataclass(frozen=True, slots=True)
class Example:
    """One sentence as tokens, with labels if they are known.

    Attributes:
        tokens: the words, in order; may be empty.
        labels: one label per token in the scheme of the data, or None for unlabelled text.
        document: id of the document the sentence belongs to, or None if it stands alone.
        origin: where it was read, as ``file:line`` of its first token; for messages only.
        from_spans: whether the reader made its labels from character spans, so that they are IOB2 whatever the scheme
            of labels in files.
        soft_labels: for each token the probabilities of labels, as from a teacher, to learn from in addition to the
            labels or instead of them; None for a token without any. A label that is left out has probability 0.

    Raises:
        DataError: if tokens or labels are not a sequence of strings, or differ in number; or soft labels are not
            probabilities, or do not add up to 1 (within 0.001).
    """

    tokens: tuple[str, ...]
    labels: tuple[str, ...] | None = None
    document: str | None = None
    origin: str | None = None
    from_spans: bool = field(default=False, compare=False, repr=False, kw_only=True)
    soft_labels: tuple[Mapping[str, float] | None, ...] | None = field(
        default=None, hash=False, repr=False, kw_only=True
    )

    def __post_init__(self) -> None:
        # Accept lists, and strings of subclasses: they become tuples of plain strings.
        if not _are_strings(self.tokens):
            object.__setattr__(self, "tokens", self._strings("tokens", self.tokens))
        if self.labels is not None and not _are_strings(self.labels):
            object.__setattr__(self, "labels", self._strings("labels", self.labels))
        for name in ("document", "origin"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, str):
                raise DataError(f"{self._where}{name} must be a string or None, found {_found(value)}")
        if self.labels is not None and len(self.labels) != len(self.tokens):
            raise DataError(
                f"{self._where}expected one label per token, "
                f"found {len(self.tokens)} tokens and {len(self.labels)} labels"
            )

        if self.soft_labels is not None:
            object.__setattr__(self, "soft_labels", self._checked_soft_labels(self.soft_labels))

    def _checked_soft_labels(self, value: object) -> tuple[Mapping[str, float] | None, ...]:
        if isinstance(value, str | bytes | Set | Mapping) or not isinstance(value, Iterable):
            raise DataError(
                f"{self._where}soft_labels must be a sequence of probabilities by label, found {_found(value)}"
            )
        items = tuple(value)
        if len(items) != len(self.tokens):
            raise DataError(
                f"{self._where}expected probabilities of labels for each token, found {len(self.tokens)} tokens and "
                f"{len(items)} sets of probabilities"
            )
        if self.labels is not None and None in items:
            raise DataError(
                f"{self._where}expected probabilities of labels for each token, since all labels are known, found none "
                f"for token {items.index(None) + 1} of {len(items)}"
            )
        return tuple(
            None if item is None else self._probabilities(item, number)
            for number, item in enumerate(items, start=1)
        )

    def _probabilities(self, value: object, number: int) -> Mapping[str, float]:
        where = f"{self._where}soft_labels of token {number} of {len(self.tokens)}"
        if not isinstance(value, Mapping) or not value:
            raise DataError(f"{where}: expected probabilities by label, found {_found(value)}")
        for label, probability in value.items():
            if not isinstance(label, str):
                raise DataError(f"{where}: labels must be strings, found {_found(label)}")
            if (
                isinstance(probability, bool)
                or not isinstance(probability, Real)
                or not 0 <= float(probability) <= 1
            ):
                raise DataError(f"{where}: expected a probability of {label!r}, found {_found(probability)}")
        total = math.fsum(value.values())
        if abs(total - 1) > _TOLERANCE:
            raise DataError(f"{where}: expected probabilities that add up to 1, found {total:.6g}")
        return {str(label): float(probability) for label, probability in value.items()}

    def _strings(self, name: str, value: object) -> tuple[str, ...]:
        if isinstance(value, str | bytes | Set | Mapping) or not isinstance(value, Iterable):
            raise DataError(f"{self._where}{name} must be a sequence of strings, found {_found(value)}")
        items = tuple(value)
        for number, item in enumerate(items, start=1):
            if not isinstance(item, str):
                raise DataError(
                    f"{self._where}{name} must be strings, found {_found(item)} as number {number} of {len(items)}"
                )
        return tuple(map(str, items))  # plain strings, not subclasses such as NumPy's

    @property
    def _where(self) -> str:
        return f"{self.origin}: " if isinstance(self.origin, str) and self.origin else ""


def _are_strings(value: object) -> bool:
    """Return whether a value is a tuple of plain strings, as readers make it: a shortcut for most sentences."""
    return type(value) is tuple and _STRING_ALONE.issuperset(map(type, value))


def _found(value: object) -> str:
    """Return a value as shown in messages, with its type."""
    text = repr(value)
    return f"the {type(value).__name__} {text if len(text) <= 80 else text[:77] + '...'}"
