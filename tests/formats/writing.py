"""Writing with a format, which may be written as one file or saved, and needs a segmenter for some texts alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import cast

from tagger.formats import AnnotatedText, WritingContext
from tagger.formats.format import Format
from tagger.text import Segmenter

NO_SEGMENTER = cast(Segmenter, None)
"""For texts that no format has to cut: whoever tries to fails."""


def pieces(format: Format, texts: Iterable[AnnotatedText], context: WritingContext) -> Iterator[str]:
    """Yield the pieces of the file that holds texts."""
    assert format.write is not None
    return format.write(texts, context)


def save_as(format: Format, texts: Iterable[AnnotatedText], path: Path, context: WritingContext) -> None:
    """Write texts to a folder or a binary file."""
    assert format.save is not None
    format.save(texts, path, context)
