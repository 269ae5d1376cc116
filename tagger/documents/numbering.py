"""Documents: which sentences belong together, in parts of bounded size.

Sentences of one document that follow one another make parts, each of as many whole sentences as there is room for, so
that memory is bounded however long the document is. What counts as a word's document is the part. A sentence that
belongs to no document belongs to no part.
"""

from __future__ import annotations

from typing import Final, TypeAlias

DocumentId: TypeAlias = str | int | None
"""What tells documents apart; None for a sentence that belongs to none."""

DOCUMENT_TOKENS: Final = 2048
"""Tokens of a part of a document at most, where nobody has said so."""
_REMEMBERED: Final = 100_000


class SeenDocuments:
    """Notices a document whose sentences do not follow one another.

    Args:
        remembered: documents that are remembered, the last ones, so that memory stays constant.
    """

    def __init__(self, *, remembered: int = _REMEMBERED) -> None:
        self._remembered = remembered
        self._last: DocumentId = None
        self._ended: dict[DocumentId, None] = {}

    def comes_again(self, document: DocumentId) -> bool:
        """Return whether the document of the next sentence had ended before it."""
        if document == self._last:
            return False
        if self._last is not None:
            self._ended[self._last] = None
            if len(self._ended) > self._remembered:
                del self._ended[next(iter(self._ended))]
        self._last = document
        return document in self._ended


class PartNumbers:
    """Numbers the parts of documents from 0 on, sentence by sentence.

    Args:
        document_tokens: tokens of a part at most, and sentences of it; a longer sentence is a part by itself.
    """

    def __init__(self, document_tokens: int) -> None:
        self._room = document_tokens
        self._number = -1
        self._document: DocumentId = None
        self._num_tokens = self._num_sentences = 0

    def of_next(self, document: DocumentId, num_tokens: int) -> int | None:
        """Return the number of the part that the next sentence belongs to, None if it belongs to no document.

        Args:
            document: of the sentence.
            num_tokens: of the sentence.
        """
        if document is None:
            self._document = None
            return None
        self._num_tokens += num_tokens
        self._num_sentences += 1
        full = self._num_tokens > self._room or self._num_sentences > self._room
        if document != self._document or full:
            self._number += 1
            self._document, self._num_tokens, self._num_sentences = document, num_tokens, 1
        return self._number
