"""The UIMA CAS files in folders and zip archives, with their documents and annotators.

INCEpTION exports a document as an archive of ``NAME.xmi`` and ``TypeSystem.xml``, and a project with a file (or such an
archive) for each annotator in ``annotation/DOCUMENT/ANNOTATOR``, and for the curator in ``curation/DOCUMENT``. Files
may be compressed by gzip. Nothing is unpacked to disk.
"""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Protocol

from tagger.errors import DataError
from tagger.files import open_file

MOST_BYTES: Final = 2**28
"""The size limit of one file, compressed or not."""

_MOST_MEMBERS: Final = 100_000
_DEEPEST: Final = 3
"""The limit of nested archives: a project, its documents, and one more."""

_TYPES: Final = "typesystem.xml"
_PACKED: Final = ".gz"
_GZIP_MAGIC: Final = b"\x1f\x8b"
_OF_PROJECTS: Final = ("annotation", "curation")


@dataclass(frozen=True)
class CasFile:
    """A file that holds a CAS.

    Attributes:
        name: what messages call it.
        document: id of the document.
        annotator: the annotator, from the path in a project; else None.
        is_json: whether it is JSON; XMI otherwise.
        read: returns its bytes.
        read_types: returns the bytes of its type system; None if none was found.
    """

    name: str
    document: str
    annotator: str | None
    is_json: bool
    read: Callable[[], bytes]
    read_types: Callable[[], bytes] | None


class _Place(Protocol):
    """A folder or an archive."""

    name: str

    def names(self) -> list[str]: ...

    def read(self, name: str) -> bytes: ...

    def archive(self, name: str) -> _Archive: ...


class _Folder:
    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self._path = path

    def names(self) -> list[str]:
        return [path.relative_to(self._path).as_posix() for path in self._path.rglob("*") if path.is_file()]

    def read(self, name: str) -> bytes:
        try:
            with open_file(self._path / name, most_bytes=MOST_BYTES) as file:
                data = file.read()
        except OSError as error:
            raise DataError(f"{self.name}/{name}: cannot be read: {error.strerror}") from None
        return _unpacked(data, f"{self.name}/{name}")

    def archive(self, name: str) -> _Archive:
        return _Archive(lambda: self._path / name, f"{self.name}/{name}", depth=1)


class _Archive:
    """An archive, opened again for each read, so that any number of them can be read."""

    def __init__(self, file: Callable[[], Path | io.BytesIO], name: str, *, depth: int) -> None:
        if depth > _DEEPEST:
            raise DataError(f"{name}: expected at most {_DEEPEST} archives within one another, found more")
        self.name = name
        self._file = file
        self._depth = depth

    def names(self) -> list[str]:
        with self._open() as archive:
            found = [info.filename for info in archive.infolist() if not info.is_dir()]
        if len(found) > _MOST_MEMBERS:
            raise DataError(
                f"{self.name}: expected at most {_MOST_MEMBERS:,} files in an archive, found more"
            )
        return found

    def read(self, name: str) -> bytes:
        try:
            with self._open() as archive, archive.open(name) as file:
                data = file.read(MOST_BYTES + 1)  # the size in the archive may be wrong
        except (OSError, EOFError, RuntimeError, ValueError, zlib.error, zipfile.BadZipFile) as error:
            raise DataError(f"{self.name}/{name}: cannot be unpacked: {error}") from None
        if len(data) > MOST_BYTES:
            raise _too_large(f"{self.name}/{name}")
        return _unpacked(data, f"{self.name}/{name}")

    def archive(self, name: str) -> _Archive:
        return _Archive(lambda: io.BytesIO(self.read(name)), f"{self.name}/{name}", depth=self._depth + 1)

    def _open(self) -> zipfile.ZipFile:
        try:
            return zipfile.ZipFile(self._file())
        except (OSError, zipfile.BadZipFile) as error:
            raise DataError(f"{self.name}: cannot be read as a zip archive: {error}") from None


def find_files(path: Path, name: str) -> list[CasFile]:
    """Return the CAS files of a folder or archive, or a single file, in the order of their paths.

    Args:
        path: the folder, archive or file.
        name: what messages call it.

    Raises:
        DataError: it is unreadable, or there are none.
    """
    if not path.exists():
        raise DataError(f"{name}: expected a file or folder, found none of this name")
    found: list[CasFile]
    if path.is_dir():
        found = list(_files(_Folder(path, name), ""))
    elif path.suffix.lower() == ".zip" or zipfile.is_zipfile(path):
        found = list(_files(_Archive(lambda: path, name, depth=1), path.stem))
    else:
        folder = _Folder(path.parent, str(path.parent))
        beside = [entry.name for entry in path.parent.iterdir() if _is_type_system(entry.name)]
        types = (lambda: folder.read(beside[0])) if beside else None
        is_json = _kind(path.name) == ".json" or folder.read(path.name)[:1] == b"{"
        document = _without_kind(path.name)
        found = [CasFile(name, document, None, is_json, lambda: folder.read(path.name), types)]
    if not found:
        raise DataError(f"{name}: expected files of UIMA CAS (.xmi, .json) in it, found none")
    return found


def _files(place: _Place, inside: str) -> Iterator[CasFile]:
    """Yield the files of a folder or archive; ``inside`` is the document if an archive holds one file."""
    names = sorted(name for name in place.names() if not _is_hidden(name))
    types = {_parent(name): name for name in names if _is_type_system(PurePosixPath(name).name)}
    kept = [name for name in names if _kind(name) in (".xmi", ".json", ".zip")]
    kept = [name for name in kept if _kind(name) != ".json" or b'"%FEATURE_STRUCTURES"' in place.read(name)]
    is_alone = bool(inside) and len(kept) == 1
    for name in kept:
        own = _without_kind(name)
        id = own if not inside else inside if is_alone else f"{inside}/{own}"
        if _kind(name) == ".zip":
            yield from _files(place.archive(name), id)
            continue
        document, annotator = _owner(id)
        yield CasFile(
            f"{place.name}/{name}",
            document,
            annotator,
            _kind(name) == ".json",
            _reader(place, name),
            _nearest(place, name, types),
        )


def _owner(id: str) -> tuple[str, str | None]:
    """Return the document and the annotator from a path within a project."""
    parts = id.split("/")
    if len(parts) >= 3 and parts[-3] in _OF_PROJECTS:
        return parts[-2], parts[-1]
    return id, None


def _reader(place: _Place, name: str) -> Callable[[], bytes]:
    return lambda: place.read(name)


def _nearest(place: _Place, name: str, types: dict[str, str]) -> Callable[[], bytes] | None:
    """Return a reader of the type system in the folder of a file, or in the nearest parent that has one."""
    folder = _parent(name)
    while folder not in types:
        if not folder:
            return None
        folder = _parent(folder)
    return _reader(place, types[folder])


def _kind(name: str) -> str:
    """Return the suffix of a file without compression: ``.xmi`` of ``a.XMI`` and of ``a.xmi.gz``."""
    return PurePosixPath(name.lower().removesuffix(_PACKED)).suffix


def _without_kind(name: str) -> str:
    """Return a name without its suffix and without that of gzip.

    >>> _without_kind("a/b.XMI"), _without_kind("a/b.xmi.gz"), _without_kind("b")
    ('a/b', 'a/b', 'b')
    """
    name = name[: -len(_PACKED)] if name.lower().endswith(_PACKED) else name
    return name.removesuffix(PurePosixPath(name).suffix)


def _is_type_system(name: str) -> bool:
    return name.lower().removesuffix(_PACKED) == _TYPES


def _unpacked(data: bytes, name: str) -> bytes:
    """Decompress gzip data; return other data unchanged."""
    if not data.startswith(_GZIP_MAGIC):
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{name}: cannot be unpacked: {error}") from None
    if len(data) > MOST_BYTES:
        raise _too_large(name)
    return data


def _too_large(name: str) -> DataError:
    return DataError(f"{name}: expected at most {MOST_BYTES // 2**20} MiB, found more")


def _parent(name: str) -> str:
    return name.rpartition("/")[0]


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in name.split("/"))
