"""UncutText: a raw text, before its segmentation into sentences and tokens, as far as a file preserves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from tagger.evaluation.parts import Part
from tagger.examples import Example
from tagger.formats.columns.conllu_surface import join_surfaces, read_surface


@dataclass(frozen=True, slots=True)
class UncutText:
    """A text.

    Attributes:
        text: its characters.
        document: identifies its document within its file; None if it belongs to none.
        is_told: whether the file preserves its white space; if not, tokens and sentences are joined by single spaces.
        origin: where it begins, as ``file:line``.
    """

    text: str
    document: str | None
    is_told: bool
    origin: str


def uncut_texts(parts: Sequence[Part]) -> list[UncutText]:
    """Return the texts of parts: the sentences of a document, or of a file without documents, are joined.

    Args:
        parts: the contents of files.
    """
    numbered = list(enumerate(parts))
    groups = groupby(numbered, key=lambda pair: (pair[1].file, pair[1].document, _own_number(*pair)))
    return [_joined([part for _, part in group], document) for (_, document, _), group in groups]


def _own_number(number: int, part: Part) -> int | None:
    """Return the index of a part that is more than a sentence, and so a text of its own; None for a sentence."""
    is_sentence = isinstance(part.item, Example) or part.item.sentence_starts in ((), (0,))
    return None if is_sentence else number


def _joined(parts: Sequence[Part], document: str | None) -> UncutText:
    origin = parts[0].item.origin or "a text"
    if parts[0].has_surface:
        surfaces = [read_surface(part.record) for part in parts if part.record is not None]
        is_told = any(
            surface.is_told for surface in surfaces
        )  # a file without this information gets single spaces
        return UncutText(join_surfaces(surfaces), document, is_told, origin)
    pieces = [
        " ".join(part.item.tokens) if isinstance(part.item, Example) else part.item.text for part in parts
    ]
    is_told = not any(isinstance(part.item, Example) for part in parts)
    return UncutText(" ".join(pieces), document, is_told, origin)
