"""Find the input files of ``tagger tag``: named files, files in folders, and files that match patterns."""

from __future__ import annotations

import glob
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tagger.cli.streams import STANDARD
from tagger.errors import DataError, UsageError
from tagger.files.temporaries import is_temporary

_LOG: Final = logging.getLogger(__name__)
_WILD: Final = frozenset("*?[")
_TEMPORARY_ENDINGS: Final = ("~", ".tmp", ".part", ".partial", ".crdownload", ".swp")
_ANNOTATED_FOLDER: Final = "brat"


@dataclass(frozen=True, slots=True)
class FoundFile:
    """An input.

    Attributes:
        path: to open and to show in messages; ``-`` for standard input.
        place: its path relative to the folder in which it was found, or to the part of a pattern before the first
            wildcard; for a named file its name.
    """

    path: str
    place: str


def find_files(given: Sequence[str], kind: str, output: str) -> list[FoundFile]:
    """Return the files that the arguments stand for, in their order; those of a folder or pattern sorted by bytes.

    Hidden and temporary files in folders, and files in the output, are left out and their number is logged. A file that
    a folder or pattern yields again is read once; one that is named twice is read twice.

    Args:
        given: paths of files and folders, patterns, ``-``.
        kind: of the inputs, or ``auto``; a brat folder is itself an input.
        output: the file or folder to write, ``-`` for standard output.

    Raises:
        DataError: a file does not exist, a pattern matches none, or a folder contains none.
        UsageError: standard input occurs twice, or the output folder is one of the inputs.
    """
    if given.count(STANDARD) > 1:
        raise UsageError(f"expected standard input ({STANDARD}) once, found it {given.count(STANDARD)} times")
    files: list[FoundFile] = []
    seen: set[str] = set()
    again = 0
    for one in given:
        if one == STANDARD or Path(one).is_file() or (Path(one).exists() and not Path(one).is_dir()):
            files.append(FoundFile(one, "stdin" if one == STANDARD else Path(one).name))
            seen.add(os.path.realpath(one))
            continue
        if not Path(one).is_dir():
            found = _matching(one, output)
        elif kind == _ANNOTATED_FOLDER or (kind == "auto" and _is_annotated(one)):
            files.append(FoundFile(one, Path(one).resolve().name))
            continue
        else:
            found = _within(one, output)
        for file in found:
            real = os.path.realpath(file.path)
            if real in seen:
                again += 1
            else:
                files.append(file)
            seen.add(real)
    if again:
        _LOG.info("files that inputs stand for more than once, read once: %s", f"{again:,}")
    return files


def _matching(pattern: str, output: str) -> list[FoundFile]:
    """Return the files that match a pattern; ``**`` does not follow links to folders."""
    if not _WILD.intersection(pattern):
        raise DataError(f"{pattern}: expected a file, found none of this name")
    fixed = []
    for part in Path(pattern).parts[:-1]:
        if _WILD.intersection(part):
            break
        fixed.append(part)
    root, ours = Path(*fixed), _resolved(output)
    files = []
    folders: list[str] = []
    for name in sorted(glob.glob(pattern, recursive=True), key=os.fsencode):  # noqa: PTH207
        path = Path(name)
        place = path.relative_to(root)
        goes_around = "**" in pattern and any((root / parent).is_symlink() for parent in place.parents)
        if path.is_file() and not goes_around and not _is_in(path, ours):
            files.append(FoundFile(name, str(place)))
        elif "**" not in pattern and path.is_dir():
            folders.append(name)
    if not files:
        found = f"only folders ({folders[0]}); add {os.sep}** for the files in them" if folders else "none"
        raise DataError(f"{pattern}: expected files that this pattern stands for, found {found}")
    if folders:
        _LOG.warning(
            "%s: stands for folders too, whose files are not read: %s; the first: %s",
            pattern, f"{len(folders):,}", folders[0],
        )  # fmt: skip
    return files


def _resolved(output: str) -> Path | None:
    return None if output == STANDARD else Path(output).resolve()


def _is_in(path: Path, output: Path | None) -> bool:
    """Return whether a path is the (resolved) output or lies in it."""
    if output is None:
        return False
    resolved = path.parent.resolve() / path.name
    return resolved == output or output in resolved.parents


def _within(folder: str, output: str) -> list[FoundFile]:
    """Return the files in a folder and its subfolders."""
    root, ours = Path(folder), _resolved(output)
    if ours == root.resolve():
        raise UsageError(
            f"{folder}: expected an output that is none of the folders that are read, found this one. Name another"
        )
    left_out: list[str] = []
    files = []
    for path in _walk(root):
        if _is_left_out(path) or _is_in(path, ours):
            left_out.append(str(path))
        else:
            files.append(FoundFile(str(path), str(path.relative_to(root))))
    if left_out:
        _LOG.info(
            "%s: hidden and temporary files, links to folders, and what is in the output are left out: %s; the first: "
            "%s",
            folder, f"{len(left_out):,}", left_out[0],
        )  # fmt: skip
    if not files:
        raise DataError(f"{folder}: expected files in this folder, found none")
    return files


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the files in a folder and its subfolders, sorted by bytes; hidden and linked folders are not entered."""
    try:
        entries = sorted(folder.iterdir(), key=os.fsencode)
    except OSError as error:
        raise DataError(f"{folder}: cannot be read: {error.strerror or error}") from None
    for entry in entries:
        if entry.is_dir() and not entry.is_symlink() and not entry.name.startswith("."):
            yield from _walk(entry)
        else:
            yield entry


def _is_left_out(path: Path) -> bool:
    return (
        path.name.startswith(".")
        or path.name.endswith(_TEMPORARY_ENDINGS)
        or is_temporary(path.name)
        or not path.is_file()
    )


def _is_annotated(folder: str) -> bool:
    """Return whether a folder contains brat annotations."""
    return any(path.suffix == ".ann" for path in _walk(Path(folder)))
