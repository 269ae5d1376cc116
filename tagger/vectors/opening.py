"""Opening of vector files, compressed or not, as one stream of bytes."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import IO, Any, Final

from tagger.errors import DataError, FormatError, UsageError
from tagger.files import open_file

_GZIP: Final = b"\x1f\x8b"
_XZ: Final = b"\xfd7zXZ\x00"
_ZIP: Final = b"PK\x03\x04"
_EMPTY_ZIP: Final = b"PK\x05\x06"
_BUFFER: Final = 2**20
_NAMES_SHOWN: Final = 10


@contextmanager
def opened(path: str | os.PathLike[str], *, member: str | None = None) -> Iterator[IO[bytes]]:
    """Open a file as a stream, decompressed if it is a gzip, zip or xz file by its content.

    It is decompressed as it is read. Errors of reading or decompressing inside the ``with`` block are raised as
    errors of tagger.

    Args:
        path: the file.
        member: the file inside a zip archive; required if there are several.

    Raises:
        DataError: the file is missing or unreadable.
        FormatError: the file is compressed, but damaged or cut off.
        UsageError: ``member`` is given for a file that is not a zip archive, is unknown, or is missing.
    """
    where = os.fspath(path)
    with ExitStack() as stack:
        try:
            file = stack.enter_context(open_file(path, most_bytes=None)).raw
        except FileNotFoundError:
            raise DataError(f"{where}: expected a file of word vectors, found none of this name") from None
        except IsADirectoryError:
            raise DataError(f"{where}: expected a file of word vectors, found a directory") from None
        except (OSError, ValueError) as error:  # ValueError: a NUL in the path
            raise DataError(f"{where}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
        try:
            yield io.BufferedReader(_unpacked(file, where, member, stack), _BUFFER)
        except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, zipfile.BadZipFile) as error:
            raise FormatError(
                f"{where}: cannot be unpacked, the file is damaged or cut off: {error}. Fetch it again."
            ) from None
        except NotImplementedError as error:
            raise FormatError(f"{where}: cannot be unpacked: {error}. Unpack it by other means.") from None
        except OSError as error:
            raise DataError(f"{where}: cannot be read: {error.strerror or error}") from None


def _unpacked(file: Any, where: str, member: str | None, stack: ExitStack) -> Any:
    """Return the stream of the content: the file itself, or a decompressing stream."""
    start = file.read(len(_XZ)) or b""
    file.seek(0)
    if start.startswith((_ZIP, _EMPTY_ZIP)):
        try:
            archive = stack.enter_context(zipfile.ZipFile(file))
            info = archive.getinfo(_member(archive, where, member))
            if info.flag_bits & 1:
                raise FormatError(f"{where}: {info.filename!r} is encrypted; unpack it by other means")
            return stack.enter_context(archive.open(info))
        except (UnicodeDecodeError, struct.error, OverflowError) as error:
            raise zipfile.BadZipFile(str(error)) from error
    if member is not None:
        raise UsageError(f"{where}: is not a zip archive, so the member {member!r} has no effect")
    if start.startswith(_GZIP):
        return stack.enter_context(gzip.GzipFile(fileobj=file))
    if start.startswith(_XZ):
        return stack.enter_context(lzma.LZMAFile(file))
    return file


def _member(archive: zipfile.ZipFile, where: str, member: str | None) -> str:
    """Return the name of the file to read in an archive: the requested one, or the only one."""
    names = [info.filename for info in archive.infolist() if not info.is_dir()]
    shown = ", ".join(map(repr, names[:_NAMES_SHOWN])) + (", ..." if len(names) > _NAMES_SHOWN else "")
    if not names:
        raise FormatError(f"{where}: expected a zip archive with a file of word vectors, found an empty one")
    if member is None and len(names) > 1:
        raise UsageError(
            f"{where}: expected a zip archive with one file, found {shown}. Name the member to read."
        )
    if member is not None and member not in names:
        raise UsageError(f"{where}: has no member {member!r}; found {shown}")
    return member if member is not None else names[0]
