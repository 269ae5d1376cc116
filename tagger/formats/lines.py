"""Streaming of UTF-8 text from files, compressed or not, and from open streams, with line numbers in errors.

Lines end at a line feed and nowhere else: a form feed, NEL or U+2028 within a line is part of the text.
"""

from __future__ import annotations

import codecs
import os
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, TypeAlias

from tagger.errors import DataError, FormatError
from tagger.files.packing import packing_of_stream, packing_told_by, unpacked
from tagger.options import argument, option

Source: TypeAlias = str | os.PathLike[str] | IO[bytes] | IO[str]
"""What readers read: a path, or an open stream (which is not closed)."""

LONGEST_LINE: Final = 64 * 2**20
"""In bytes (characters of a text stream); anything longer is not line-based text, and would fill the memory."""

MOST_AT_ONCE: Final = 2**30
"""In characters, of files that are read as a whole; a small compressed file may expand beyond the memory."""

_BLOCK: Final = 2**16
_TABLE_MARKS: Final = (b"PAR1", b"ARROW1")
_UNUSUAL: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""Control characters that hardly occur in text."""

_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


def source_name(source: Source, name: str | None = None) -> str:
    """Return what messages call the source: ``name`` if given, else its path, else ``<stream>``."""
    if name is not None:
        return name
    if isinstance(source, (str, os.PathLike)):
        return os.fspath(source)
    own_name = getattr(source, "name", None)
    return own_name if isinstance(own_name, str) else "<stream>"


def read_lines(source: Source, *, name: str | None = None, longest: int | None = None) -> Iterator[str]:
    r"""Yield the lines of a text unchanged, each with its line end (``\n`` or ``\r\n``).

    A byte order mark at the very start is dropped; otherwise, joined, the lines are the text.

    Args:
        source: a path (gzip and zstd files are recognised by their content), or an open binary or text stream.
        name: what messages call the source.
        longest: the length limit of a line, in bytes (characters of a text stream); 64 MiB if left out.

    Raises:
        DataError: the file is missing, is a directory or cannot be read.
        FormatError: the text is not UTF-8, or a line is too long; names the line and the byte.
    """
    where = source_name(source, name)
    longest = LONGEST_LINE if longest is None else longest
    offset = 0
    number = 0
    with open_source(source, where) as stream:
        while piece := _next_piece(stream, where, longest):
            number += 1
            if len(piece) >= longest:
                raise FormatError(
                    f"{where}:{number}: expected lines of less than {longest // 2**20} MiB, "
                    "found a longer one: is this a text file?"
                )
            if isinstance(piece, str):
                line = piece
            else:
                try:
                    line = piece.decode("utf-8")
                except UnicodeDecodeError as error:
                    raise FormatError(_undecodable(where, number, offset, piece, error.start)) from None
            offset += len(piece)
            yield line.removeprefix("\ufeff") if number == 1 else line


def join_lines(lines: Iterable[str], where: str, advice: str) -> str:
    """Join lines or other pieces of text.

    Args:
        lines: the pieces.
        where: what messages call the text.
        advice: what to do if it is too long, a whole sentence.

    Raises:
        FormatError: the text has more than 2^30 characters.
    """
    pieces: list[str] = []
    length = 0
    for line in lines:
        length += len(line)
        if length > MOST_AT_ONCE:
            raise FormatError(
                f"{where}: expected at most {MOST_AT_ONCE:,} characters, as it is read as a whole, found more. {advice}"
            )
        pieces.append(line)
    return "".join(pieces)


def read_text(source: Source, *, name: str | None = None) -> Iterator[str]:
    """Yield a text in pieces of bounded size, for text that need not be line-based.

    A byte order mark at the very start is dropped; otherwise, joined, the pieces are the text.

    Args:
        source: a path (gzip and zstd files are recognised by their content), or an open binary or text stream.
        name: what messages call the source.

    Raises:
        DataError: the file is missing, is a directory or cannot be read.
        FormatError: the text is not UTF-8; names the line and the byte.
    """
    where = source_name(source, name)
    decoder = codecs.getincrementaldecoder("utf-8")()
    offset = 0
    number = 1
    with open_source(source, where) as stream:
        while True:
            piece = _next_piece(stream, where, _BLOCK)
            if isinstance(piece, str):
                text = piece
            else:
                carried, _ = decoder.getstate()  # the incomplete character at the end of the last piece
                try:
                    text = decoder.decode(piece, final=not piece)
                except UnicodeDecodeError as error:
                    first = offset - len(carried)
                    raise FormatError(_undecodable(where, number, first, error.object, error.start)) from None
                number += piece.endswith(b"\n")
            yield text.removeprefix("\ufeff") if offset == 0 else text
            if not piece:
                return
            offset += len(piece)


@contextmanager
def open_source(source: Source, where: str) -> Iterator[Any]:
    """Open a source, decompressing gzip and zstd; a stream passed in stays open.

    Args:
        source: a path or an open stream.
        where: what messages call it.

    Raises:
        DataError: the file is missing, is a directory or cannot be read.
        MissingExtraError: it is a zstd file, and the library is not installed.
    """
    if not isinstance(source, (str, os.PathLike)):
        try:
            packing = packing_of_stream(source)
        except (OSError, ValueError):  # the first read raises the error
            packing = None
        with unpacked(source, packing) as content:  # type: ignore[arg-type]
            yield content
        return
    try:
        file = Path(source).open("rb")  # noqa: SIM115, the with is below, outside the try
    except FileNotFoundError:
        raise DataError(f"{where}: expected a file, found none of this name") from None
    except IsADirectoryError:
        raise DataError(f"{where}: expected a file, found a directory") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise DataError(f"{where}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    with file, unpacked(file, packing_told_by(file.peek(4)[:4])) as content:
        yield content


def _next_piece(stream: Any, where: str, limit: int) -> bytes | str:
    """Read the next line, or at most ``limit`` bytes of it; empty at the end."""
    try:
        piece: bytes | str = stream.readline(limit)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{where}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    except UnicodeDecodeError as error:
        raise FormatError(f"{where}: expected {error.encoding.upper()} text: {error.reason}") from None
    return piece


def _undecodable(where: str, number: int, offset: int, line: bytes, start: int) -> str:
    """Describe the byte at ``line[start]`` that is not UTF-8; ``offset`` is that of the line in the file."""
    found = f"found byte 0x{line[start]:02x} at offset {offset + start}"
    if number == 1 and line.startswith(_UTF16_MARKS):
        advice = "This looks like UTF-16; convert it with: iconv -f utf-16 -t utf-8 OLD > NEW"
    elif number == 1 and line.startswith(_TABLE_MARKS):
        advice = (
            f"This is a Parquet or Arrow file. Name the format of a Parquet file "
            f"({argument('data.format', 'parquet')}); both train as {option('data.dataset', where, of_training=True)}"
        )
    elif _UNUSUAL.search(line):
        advice = "This looks like a binary file."
    else:
        before = line[:start].decode("utf-8")[-20:]
        found += f" after {before!r}" if before else ""
        encoding = "Windows' cp1252" if 0x80 <= line[start] < 0xA0 else "Latin-1"
        name = "cp1252" if 0x80 <= line[start] < 0xA0 else "latin1"
        advice = f"If this is {encoding}, convert it with: iconv -f {name} -t utf-8 OLD > NEW"
    return f"{where}:{number}: expected UTF-8 text, {found}. {advice}"
