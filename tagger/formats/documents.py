"""Documents of examples: an error with file and line for one whose sentences do not stand side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tagger.documents import SeenDocuments
from tagger.errors import DataError
from tagger.examples import Example


def side_by_side(examples: Iterable[Example]) -> Iterator[Example]:
    """Yield the examples, in constant memory, as long as their documents do not come again after other sentences.

    Raises:
        DataError: names the document, and file and line of the sentence with which it comes again.
    """
    seen = SeenDocuments()
    for number, example in enumerate(examples, start=1):
        if seen.comes_again(example.document):
            raise DataError(
                f"{example.origin or f'sentence {number}'}: document {example.document!r} comes again, after other "
                f"sentences; expected the sentences of a document side by side. Bring them together, or give "
                f"documents that come again another id."
            )
        yield example
