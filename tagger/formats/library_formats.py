"""The formats that need a library: recognised without it, read by ``tagger.formats_extra`` on first use."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import Final

from tagger.formats.annotated import AnnotatedText
from tagger.formats.format import Format, ReadingContext
from tagger.formats.head import Head
from tagger.formats.lines import Source

_XMI: Final = '"http://www.omg.org/XMI"'
_JSON_CAS: Final = ("%TYPES", "%FEATURE_STRUCTURES")
_BEGINNING: Final = 2**14
_ZIP_MAGIC: Final = b"PK\x03\x04"


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
