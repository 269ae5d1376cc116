"""Division of documents into parts of bounded size.

Consecutive sentences of a document form parts, each of as many whole sentences as fit, so that memory is bounded for
documents of any length. Document consistency works within a part. A sentence without a document has no part.
"""

from __future__ import annotations

from typing import Final, TypeAlias

DocumentId: TypeAlias = str | int | None
"""The identity of a document; None for a sentence without one."""

DOCUMENT_TOKENS: Final = 2048
"""The default for the most tokens in a part of a document."""
_REMEMBERED: Final = 100_000


class SeenDocuments:
    """Detects a document whose sentences are not contiguous.

    Args:
        remembered: the number of recent documents remembered, so that memory stays constant.
    """

    def __init__(self, *, remembered: int = _REMEMBERED) -> None:
        self._remembered = remembered
        self._last: DocumentId = None
        self._ended: dict[DocumentId, None] = {}

    def comes_again(self, document: DocumentId) -> bool:
        """Return whether the document of the next sentence has already ended."""
        if document == self._last:
            return False
        if self._last is not None:
            self._ended[self._last] = None
            if len(self._ended) > self._remembered:
                del self._ended[next(iter(self._ended))]
        self._last = document
        return document in self._ended


class PartNumbers:
    """Numbers the parts of documents, from 0, sentence by sentence.

    Args:
        document_tokens: the most tokens, and the most sentences, of a part; a longer sentence is a part by itself.
    """

    def __init__(self, document_tokens: int) -> None:
        self._room = document_tokens
        self._number = -1
        self._document: DocumentId = None
        self._num_tokens = self._num_sentences = 0

    def of_next(self, document: DocumentId, num_tokens: int) -> int | None:
        """Return the number of the part of the next sentence, None if it belongs to no document.

        Args:
            document: the document of the sentence.
            num_tokens: the number of its tokens.
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
