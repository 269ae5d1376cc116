"""Labelled ranges of tokens (Span) and of characters (Entity)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A labelled range of tokens.

    Attributes:
        start: index of the first token.
        end: index after the last token; always greater than ``start``.
        label: the type without any prefix, such as ``PER``.
        probability: of exactly this span with this label, in [0, 1]; None if not requested.
    """

    start: int
    end: int
    label: str
    probability: float | None = None


@dataclass(frozen=True, slots=True, order=True)
class Entity:
    """A labelled range of characters: ``source[start:end] == text``.

    Attributes:
        start: offset of the first character.
        end: offset after the last character.
        text: the characters themselves.
        label: the type without any prefix, such as ``PER``.
        probability: of exactly this span with this label, in [0, 1].
    """

    start: int
    end: int
    text: str
    label: str
    probability: float
