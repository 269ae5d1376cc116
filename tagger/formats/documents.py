"""Check that the sentences of each document are contiguous."""

from __future__ import annotations

from tagger.documents import SeenDocuments
from tagger.errors import DataError
from tagger.examples import Example
from tagger.options import option


class DocumentOrder:
    """Checks the examples of a file one by one, in constant memory."""

    def __init__(self) -> None:
        self._seen = SeenDocuments()
        self._count = 0

    def check(self, example: Example) -> None:
        """Check that the next example does not return to an earlier document.

        Raises:
            DataError: it does; names the document, and file and line of the sentence.
        """
        self._count += 1
        if self._seen.comes_again(example.document):
            raise DataError(
                f"{example.origin or f'sentence {self._count}'}: document {example.document!r} comes again, after "
                f"other sentences; expected the sentences of a document side by side. Bring them together, give "
                f"documents that come again another id, or look at each sentence alone: "
                f"{option('document_consistency', 0)}."
            )
