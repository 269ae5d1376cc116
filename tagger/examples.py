"""Example: a sentence with its gold labels, the thing readers produce and training consumes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Final

from tagger.errors import DataError

_STRING_ALONE: Final = frozenset((str,))


@dataclass(frozen=True, slots=True)
class Example:
    """One sentence as tokens, with labels where they are known.

    Attributes:
        tokens: the words, in order; may be empty.
        labels: one label per token in the scheme of the data, or None for unlabelled text.
        document: id of the document the sentence belongs to, or None if it stands alone.
        origin: where it was read, as ``file:line`` of its first token; for messages, never for learning.
        from_spans: whether its labels were made of spans of a text as it was read, and so are IOB2, whatever the scheme
            of labels that stand in files.

    Raises:
        DataError: if tokens or labels are no sequence of strings, or differ in number.
    """

    tokens: tuple[str, ...]
    labels: tuple[str, ...] | None = None
    document: str | None = None
    origin: str | None = None
    from_spans: bool = field(default=False, compare=False, repr=False, kw_only=True)

    def __post_init__(self) -> None:
        # Lists are what people have at hand: they become tuples of plain strings here, once.
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

    def _strings(self, name: str, value: object) -> tuple[str, ...]:
        if isinstance(value, str | bytes | Set | Mapping) or not isinstance(value, Iterable):
            raise DataError(f"{self._where}{name} must be a sequence of strings, found {_found(value)}")
        items = tuple(value)
        for number, item in enumerate(items, start=1):
            if not isinstance(item, str):
                raise DataError(
                    f"{self._where}{name} must be strings, found {_found(item)} as number {number} of {len(items)}"
                )
        return tuple(map(str, items))  # of subclasses, such as NumPy's

    @property
    def _where(self) -> str:
        return f"{self.origin}: " if isinstance(self.origin, str) and self.origin else ""


def _are_strings(value: object) -> bool:
    """Whether it is a tuple of plain strings, as readers make them: the quick way for most sentences."""
    return type(value) is tuple and _STRING_ALONE.issuperset(map(type, value))


def _found(value: object) -> str:
    """Return a value as messages name it, with its type."""
    text = repr(value)
    return f"the {type(value).__name__} {text if len(text) <= 80 else text[:77] + '...'}"
