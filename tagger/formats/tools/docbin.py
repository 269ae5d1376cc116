"""spaCy's DocBin (``.spacy``), the binary files that it trains from; ``tagger.formats_extra.docbin`` does the work."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from tagger.formats.annotated import AnnotatedText
from tagger.formats.format import Format, Holds, ReadingContext, WritingContext
from tagger.formats.head import Head
from tagger.formats.lines import Source

_KEYS: Final = (b"attrs", b"tokens", b"spaces", b"lengths")


def _read(source: Source, context: ReadingContext) -> Iterator[AnnotatedText]:
    from tagger.formats_extra.docbin import read_docbin

    return read_docbin(source, context)


def _save(texts: Iterable[AnnotatedText], path: Path, context: WritingContext) -> None:
    from tagger.formats_extra.docbin import save_docbin

    save_docbin(texts, path, context)


def _recognises(head: Head) -> bool:
    try:
        beginning = zlib.decompressobj().decompress(head.data, 2**10)
    except zlib.error:
        return False
    return any(key in beginning for key in _KEYS)


DOCBIN: Final = Format(
    name="docbin",
    title="spaCy DocBin",
    read=_read,
    recognises=_recognises,
    suffixes=(".spacy",),
    save=_save,
    holds=Holds(labels=True, overlaps=True, documents=True, fields=True),
)
