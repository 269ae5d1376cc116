"""Formats that need a library: recognised without it, read and written by ``tagger.formats_extra``."""

from __future__ import annotations

import zipfile
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from tagger.errors import DataError
from tagger.formats.annotated import AnnotatedText, Item
from tagger.formats.format import Format, Holds, ReadingContext, WritingContext
from tagger.formats.head import Head
from tagger.formats.lines import Source, open_source

_XMI: Final = b'"http://www.omg.org/XMI"'
_JSON_CAS: Final = (b'"%TYPES"', b'"%FEATURE_STRUCTURES"')
_MAY_BE_CAS: Final = (".json", ".json.gz", ".zip")
_BEGINNING: Final = 2**14
_ZIP_MAGIC: Final = b"PK\x03\x04"
_DOCBIN_KEYS: Final = (b"attrs", b"tokens", b"spaces", b"lengths")


def _read_cas(source: Source, context: ReadingContext) -> Iterator[AnnotatedText]:
    from tagger.formats_extra.cas import read_cas

    return read_cas(source, context)


def _recognises_cas(head: Head) -> bool:
    if head.names:
        return any(map(_is_xmi, head.names)) or any(
            _is_cas(head.path / name) for name in head.names if name.lower().endswith(_MAY_BE_CAS)
        )
    if head.data.startswith(_ZIP_MAGIC):
        return _is_archive_of_cas(head.path)
    return _begins_as_cas(head.data)


def _is_xmi(name: str) -> bool:
    return name.lower().endswith((".xmi", ".xmi.gz"))


def _is_cas(path: Path) -> bool:
    """Return whether a file in a folder is a CAS; False if it cannot be read."""
    if path.suffix.lower() == ".zip":
        return _is_archive_of_cas(path)
    try:
        with open_source(path, str(path)) as stream:
            return _begins_as_cas(stream.read(_BEGINNING))
    except (DataError, OSError, EOFError, zlib.error):
        return False


def _is_archive_of_cas(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if any(_is_xmi(name) or name.startswith("annotation/") for name in names):
                return True
            for name in names:
                if name.lower().endswith(".json"):
                    with archive.open(name) as file:
                        if _begins_as_cas(file.read(_BEGINNING)):
                            return True
    except (OSError, EOFError, RuntimeError, ValueError, zlib.error, zipfile.BadZipFile):
        return False
    return False


def _begins_as_cas(data: bytes) -> bool:
    beginning = data[:_BEGINNING].removeprefix(BOM_UTF8).lstrip()
    if beginning.startswith(b"<"):
        return _XMI in beginning
    return beginning.startswith(b"{") and any(key in beginning for key in _JSON_CAS)


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
