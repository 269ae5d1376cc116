"""The registry of formats, and detection of the format of a file."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tagger.errors import DataError, FormatError, UsageError
from tagger.files.packing import without_packing
from tagger.formats.columns.column_formats import CONLL, CONLLU, CSV
from tagger.formats.columns.conll2012 import CONLL2012
from tagger.formats.columns.conllu_plus import CONLLU_PLUS
from tagger.formats.columns.germeval import GERMEVAL
from tagger.formats.columns.hipe import HIPE
from tagger.formats.format import Format
from tagger.formats.head import Head, read_head
from tagger.formats.json_files.jsonl import JSONL
from tagger.formats.json_files.objects import list_keys
from tagger.formats.library_formats import CAS, DOCBIN, PARQUET
from tagger.formats.lines import Source
from tagger.formats.plausibility import refuse_other_formats
from tagger.formats.tools.brat import BRAT
from tagger.formats.tools.doccano import DOCCANO
from tagger.formats.tools.gliner import GLINER
from tagger.formats.tools.inline_brackets import INLINE, looks_bracketed
from tagger.formats.tools.inline_tags import INLINE_TAGS, looks_tagged
from tagger.formats.tools.label_studio import LABEL_STUDIO
from tagger.formats.tools.label_studio_conll import LABEL_STUDIO_CONLL
from tagger.formats.tools.label_studio_min import LABEL_STUDIO_MIN
from tagger.formats.tools.mentions import MENTIONS
from tagger.formats.tools.privacy_mask import PRIVACY_MASK
from tagger.formats.tools.prodigy import PRODIGY
from tagger.formats.tools.spacy_json import SPACY_JSON
from tagger.formats.tools.webanno import WEBANNO
from tagger.options import argument

_ALL: Final = (
    # Formats that the content identifies with certainty come first, in the order in which they are tried.
    DOCBIN,
    LABEL_STUDIO,
    LABEL_STUDIO_MIN,
    LABEL_STUDIO_CONLL,
    PRODIGY,
    SPACY_JSON,
    BRAT,
    WEBANNO,
    CAS,
    DOCCANO,
    CONLLU_PLUS,
    HIPE,
    GERMEVAL,
    CONLL2012,
    PARQUET,
    GLINER,
    PRIVACY_MASK,
    MENTIONS,
    INLINE_TAGS,
    INLINE,
    JSONL,
    CONLLU,
    CONLL,
    CSV,
)
FORMATS: Final = {format.name: format for format in (CONLL, CONLLU, JSONL, CSV, *_ALL)}
"""Formats by name."""

_SURE: Final = _ALL[: _ALL.index(JSONL)]
"""Formats that are recognised by content, whatever the file name."""


def format_by_name(path: str | os.PathLike[str]) -> str | None:
    """Return the name of the format of a file name extension (``.conllu``, ``.jsonl.gz``), or None."""
    suffix = Path(without_packing(path)).suffix.lower()
    return next((format.name for format in FORMATS.values() if suffix in format.suffixes), None)


def reads_csv(format: str, paths: Iterable[str | os.PathLike[str]]) -> bool:
    """Return whether some of the files are CSV.

    In CSV the document column has an effect even if documents are not used: it is excluded from the label columns, and
    sentence ids may start again in each document.

    Args:
        format: the format of the files, or ``auto``.
        paths: their paths.
    """
    return format == "csv" or (format == "auto" and any(format_by_name(path) == "csv" for path in paths))


def recognise(path: str | os.PathLike[str]) -> str | None:
    """Return the name of the format of a file or folder if its content identifies it with certainty, else None.

    Raises:
        DataError: it is unreadable, or a folder of other files.
    """
    if not Path(path).exists() or Path(path).is_fifo():  # reading a pipe would consume it
        return None
    head = read_head(path)
    found = next((format.name for format in _SURE if format.recognises(head)), None)
    if found is None and Path(path).is_dir():
        raise FormatError(
            f"{os.fspath(path)}: expected annotations, found a folder of other files: "
            f"{', '.join(head.names[:3]) or 'none'}. Pass the files to read"
        )
    return found


def looks_marked(path: str | os.PathLike[str]) -> str | None:
    """Return the name of the format if a file looks like text with inline entity marks, else None.

    Raises:
        DataError: the file cannot be read.
    """
    if not Path(path).is_file():  # do not read from a pipe
        return None
    head = read_head(path)
    return INLINE_TAGS.name if looks_tagged(head) else INLINE.name if looks_bracketed(head) else None


def guess_format(path: str | os.PathLike[str]) -> str:
    """Return the name of the format of a file or folder, by its content where that is certain, else by its name.

    Raises:
        DataError: it is unreadable, or its content is needed and is empty.
        FormatError: neither name nor content identifies a known format.
        UsageError: the name does not identify it, and it is a pipe, which can be read only once.
    """
    found = recognise(path) or format_by_name(path)
    if found is not None:
        return found
    if Path(path).is_fifo():
        raise UsageError(_stream_unnamed())
    head = read_head(path)
    if not head.text.strip():
        raise DataError(f"{os.fspath(path)}: expected at least one sentence, found none")
    if JSONL.recognises(head):
        return JSONL.name
    if head.objects:
        raise FormatError(
            f"{os.fspath(path)}: expected annotations, found JSON objects with {list_keys(head.objects[0])}, which no "
            f"known format has. If they hold texts or tokens under such keys, name these "
            f"({argument('data.text_column')}, {argument('data.token_column')}, {argument('data.label_column')}) and "
            f"the format: {argument('data.format', 'jsonl')}"
        )
    if marked := looks_marked(path):
        return marked
    _refuse_packed(head, os.fspath(path))
    refuse_other_formats([line for line in head.lines if line.strip()], os.fspath(path))
    for format in (CONLLU, CONLL):
        if format.recognises(head):
            return format.name
    raise FormatError(
        f"{os.fspath(path)}: expected annotations, found none of the formats that are read. Name the format if it is "
        f"one: {', '.join(FORMATS)}"
    )


def _refuse_packed(head: Head, where: str) -> None:
    """Refuse a zip archive, such as a spreadsheet; only zip archives of UIMA CAS are read."""
    if head.data.startswith(b"PK\x03\x04"):
        is_sheet = b"xl/" in head.data or head.path.suffix.lower() in (".xlsx", ".ods")
        found = (
            "a spreadsheet. Save the sheet as CSV (UTF-8)"
            if is_sheet
            else "a zip archive. Unpack it, and pass what is in it"
        )
        raise FormatError(f"{where}: expected annotations, found {found}")


def find_format(source: Source, name: str) -> Format:
    """Return the format of a source.

    Args:
        source: a path, or an open stream, whose format must be named.
        name: the name of the format, or ``auto`` to guess.

    Raises:
        DataError: as from :func:`guess_format`.
        FormatError: as from :func:`guess_format`.
        UsageError: as from :func:`guess_format`; or there is no format of this name.
    """
    if name == "auto":
        if not isinstance(source, (str, os.PathLike)):
            raise UsageError(_stream_unnamed())
        name = guess_format(source)
    if name not in FORMATS:
        raise UsageError(f"format: expected auto, {', '.join(FORMATS)}, found {name!r}")
    return FORMATS[name]


def _stream_unnamed() -> str:
    return f"the format of a stream cannot be guessed; name it: {', '.join(FORMATS)}"
