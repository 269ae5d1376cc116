"""Example: a sentence with its gold labels, the thing readers produce and training consumes."""

from __future__ import annotations

from dataclasses import dataclass

from tagger.errors import DataError


@dataclass(frozen=True, slots=True)
class Example:
    """One sentence as tokens, with labels where they are known.

    Attributes:
        tokens: the words, in order; may be empty.
        labels: one label per token in the scheme of the data, or None for unlabelled text.
        document: id of the document the sentence belongs to, or None if it stands alone.
        origin: where it was read, as ``file:line`` of its first token; for messages, never for learning.
    """

    tokens: tuple[str, ...]
    labels: tuple[str, ...] | None = None
    document: str | None = None
    origin: str | None = None

    def __post_init__(self) -> None:
        # Lists are what people have at hand: they become tuples here, once.
        for name in ("tokens", "labels"):
            value = getattr(self, name)
            if isinstance(value, str):
                raise DataError(
                    f"{self._where}{name} must be a sequence of strings, found the string {value!r}"
                )
            if value is not None and not isinstance(value, tuple):
                object.__setattr__(self, name, tuple(value))
        if self.labels is not None and len(self.labels) != len(self.tokens):
            raise DataError(
                f"{self._where}expected one label per token, "
                f"found {len(self.tokens)} tokens and {len(self.labels)} labels"
            )

    @property
    def _where(self) -> str:
        return f"{self.origin}: " if self.origin else ""
