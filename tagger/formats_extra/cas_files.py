"""The files that hold UIMA CAS, in folders and in zip archives: which document each is of, and whose annotations.

INCEpTION exports a document as an archive of ``NAME.xmi`` and ``TypeSystem.xml``, and a project with a file (or such an
archive) for each annotator in ``annotation/DOCUMENT/ANNOTATOR``, and for the curator in ``curation/DOCUMENT``. Nothing
is unpacked to the disk.
"""

from __future__ import annotations

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
"""Of one file, packed or not."""

_MOST_MEMBERS: Final = 100_000
_DEEPEST: Final = 3
"""Archives within archives: a project, its documents, and one to spare."""

_TYPES: Final = "typesystem.xml"
_OF_PROJECTS: Final = ("annotation", "curation")


@dataclass(frozen=True)
class CasFile:
    """A file that holds a CAS.

    Attributes:
        name: what messages call it.
        document: id of the document.
        annotator: whose annotations it holds, where its place says so.
        is_json: whether it is JSON; XMI otherwise.
        read: gives its bytes.
        read_types: gives the bytes of its type system; None if there is none near it.
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
                return file.read()
        except OSError as error:
            raise DataError(f"{self.name}/{name}: cannot be read: {error.strerror}") from None

    def archive(self, name: str) -> _Archive:
        return _Archive(lambda: self._path / name, f"{self.name}/{name}", depth=1)


class _Archive:
    """An archive, which is opened anew for each file, so that there is no limit to how many there are."""

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
                data = file.read(MOST_BYTES + 1)  # what the archive says of its size may be wrong
        except (OSError, EOFError, RuntimeError, ValueError, zlib.error, zipfile.BadZipFile) as error:
            raise DataError(f"{self.name}/{name}: cannot be unpacked: {error}") from None
        if len(data) > MOST_BYTES:
            raise DataError(f"{self.name}/{name}: expected at most {MOST_BYTES // 2**20} MiB, found more")
        return data

    def archive(self, name: str) -> _Archive:
        return _Archive(lambda: io.BytesIO(self.read(name)), f"{self.name}/{name}", depth=self._depth + 1)

    def _open(self) -> zipfile.ZipFile:
        try:
            return zipfile.ZipFile(self._file())
        except (OSError, zipfile.BadZipFile) as error:
            raise DataError(f"{self.name}: cannot be read as a zip archive: {error}") from None


def find_files(path: Path, name: str) -> list[CasFile]:
    """Return the files of a folder, of an archive, or the one file, in the order of their places.

    Args:
        path: of the folder, archive or file.
        name: what messages call it.

    Raises:
        DataError: it cannot be read, or there are none.
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
        beside = [entry.name for entry in path.parent.iterdir() if entry.name.lower() == _TYPES]
        types = (lambda: folder.read(beside[0])) if beside else None
        is_json = path.suffix.lower() == ".json" or folder.read(path.name)[:1] == b"{"
        found = [CasFile(name, path.stem, None, is_json, lambda: folder.read(path.name), types)]
    if not found:
        raise DataError(f"{name}: expected files of UIMA CAS (.xmi, .json) in it, found none")
    return found


def _files(place: _Place, inside: str) -> Iterator[CasFile]:
    """Yield the files of a folder or archive; ``inside`` is the document that an archive of one file is of."""
    names = sorted(name for name in place.names() if not _is_hidden(name))
    types = {_parent(name): name for name in names if PurePosixPath(name).name.lower() == _TYPES}
    kept = [name for name in names if PurePosixPath(name).suffix.lower() in (".xmi", ".json", ".zip")]
    kept = [
        name for name in kept if not name.endswith(".json") or b'"%FEATURE_STRUCTURES"' in place.read(name)
    ]
    is_alone = bool(inside) and len(kept) == 1
    for name in kept:
        suffix = PurePosixPath(name).suffix.lower()
        id = (
            name[: -len(suffix)] if not inside else inside if is_alone else f"{inside}/{name[: -len(suffix)]}"
        )
        if suffix == ".zip":
            yield from _files(place.archive(name), id)
            continue
        document, annotator = _owner(id)
        yield CasFile(
            f"{place.name}/{name}",
            document,
            annotator,
            suffix == ".json",
            _reader(place, name),
            _nearest(place, name, types),
        )


def _owner(id: str) -> tuple[str, str | None]:
    """Return the document and the annotator that a place within a project tells."""
    parts = id.split("/")
    if len(parts) >= 3 and parts[-3] in _OF_PROJECTS:
        return parts[-2], parts[-1]
    return id, None


def _reader(place: _Place, name: str) -> Callable[[], bytes]:
    return lambda: place.read(name)


def _nearest(place: _Place, name: str, types: dict[str, str]) -> Callable[[], bytes] | None:
    """Return what reads the type system in the folder of a file, or in the next one above that has one."""
    folder = _parent(name)
    while folder not in types:
        if not folder:
            return None
        folder = _parent(folder)
    return _reader(place, types[folder])


def _parent(name: str) -> str:
    return name.rpartition("/")[0]


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in name.split("/"))
