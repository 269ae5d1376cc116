"""The formats that need a library: recognised without it, read and written by ``tagger.formats_extra`` on first use."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from tagger.formats.annotated import AnnotatedText, Item
from tagger.formats.format import Format, Holds, ReadingContext, WritingContext
from tagger.formats.head import Head
from tagger.formats.lines import Source

_XMI: Final = '"http://www.omg.org/XMI"'
_JSON_CAS: Final = ("%TYPES", "%FEATURE_STRUCTURES")
_BEGINNING: Final = 2**14
_ZIP_MAGIC: Final = b"PK\x03\x04"
_DOCBIN_KEYS: Final = (b"attrs", b"tokens", b"spaces", b"lengths")


def _read_cas(source: Source, context: ReadingContext) -> Iterator[AnnotatedText]:
    from tagger.formats_extra.cas import read_cas

    return read_cas(source, context)


def _recognises_cas(head: Head) -> bool:
    if head.names:
        return any(name.lower().endswith(".xmi") for name in head.names)
    if head.data.startswith(_ZIP_MAGIC):
        try:
            with zipfile.ZipFile(head.path) as archive:
                return any(
                    name.lower().endswith(".xmi") or name.startswith("annotation/")
                    for name in archive.namelist()
                )
        except (OSError, zipfile.BadZipFile):
            return False
    beginning = head.text[:_BEGINNING].lstrip()
    if beginning.startswith("<"):
        return _XMI in beginning
    return beginning.startswith("{") and any(f'"{key}"' in beginning for key in _JSON_CAS)


CAS: Final = Format(
    name="cas",
    title="UIMA CAS",
    read=_read_cas,
    recognises=_recognises_cas,
    suffixes=(".xmi",),
    offsets="utf16",
)


def _read_docbin(source: Source, context: ReadingContext) -> Iterator[AnnotatedText]:
    from tagger.formats_extra.docbin import read_docbin

    return read_docbin(source, context)


def _save_docbin(texts: Iterable[AnnotatedText], path: Path, context: WritingContext) -> None:
    from tagger.formats_extra.docbin import save_docbin

    save_docbin(texts, path, context)


def _recognises_docbin(head: Head) -> bool:
    try:
        beginning = zlib.decompressobj().decompress(head.data, _BEGINNING)
    except zlib.error:
        return False
    return any(key in beginning for key in _DOCBIN_KEYS)


DOCBIN: Final = Format(
    name="docbin",
    title="spaCy DocBin",
    read=_read_docbin,
    recognises=_recognises_docbin,
    suffixes=(".spacy",),
    save=_save_docbin,
    holds=Holds(labels=True, overlaps=True, tokens=True, documents=True, fields=True),
)


def _read_parquet(source: Source, context: ReadingContext) -> Iterator[Item]:
    from tagger.formats_extra.parquet import read_parquet

    return read_parquet(source, context)


def _save_parquet(texts: Iterable[AnnotatedText], path: Path, context: WritingContext) -> None:
    from tagger.formats_extra.parquet_writing import save_parquet

    save_parquet(texts, path, context)


PARQUET: Final = Format(
    name="parquet",
    title="Parquet",
    read=_read_parquet,
    recognises=lambda head: head.data.startswith(b"PAR1"),
    suffixes=(".parquet",),
    save=_save_parquet,
    holds=Holds(labels=True, overlaps=True, probabilities=True, sentences_of_tokens=True, documents=True),
)
