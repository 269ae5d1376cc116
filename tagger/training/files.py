"""Find the files of a split: expand names, patterns and folders to files, each of them once."""

from __future__ import annotations

import glob
import logging
import os
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from tagger.errors import DataError, UsageError
from tagger.formats import guess_format
from tagger.options import option, options
from tagger.sources.folder_files import (
    READ_OF_FOLDER,
    is_saved_dataset,
    read_as_a_whole,
    role_of,
    walk,
    without_descriptions,
)

_LOG = logging.getLogger(__name__)

_HUB_ID: Final = re.compile(r"[\w-][\w.-]*/[\w.-]+|[\w-]+")
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class SplitFile:
    """A file of a split, or a folder that one format reads as a whole.

    Attributes:
        path: its path.
        name: its name in the description of the data; with several files, relative to the folder that they share.
        format: the name of the format to read it in.
    """

    path: Path
    name: str
    format: str


@dataclass(frozen=True, slots=True)
class SplitFiles:
    """The files of a split, in reading order.

    Attributes:
        files: at least one.
        left_out: the names of files in folders or patterns whose names show that they have no annotations.
    """

    files: tuple[SplitFile, ...]
    left_out: tuple[str, ...]

    @property
    def label(self) -> str:
        """A name for all of them, for messages."""
        rest = len(self.files) - 1
        return f"{self.files[0].path}{f' and {rest} more' if rest else ''}"


def find_files(
    name: str, entries: str | Sequence[str], *, root: str | None = None, format: str = "auto"
) -> SplitFiles:
    """Return the files that the entries of an option stand for, sorted within each entry.

    An entry is a file, a pattern (``*``, ``?``, ``[ab]``, ``**`` for nested folders) or a folder, including its
    subfolders. Hidden files are ignored.

    Args:
        name: of the option, as in ``data.train``.
        entries: one, or several.
        root: the folder that they are relative to.
        format: of the files, or ``auto``.

    Raises:
        DataError: a file is missing, a pattern matches none, or a folder has none or files of several splits.
        FormatError: the format of a file cannot be detected from its content or name.
        UsageError: there is no entry, a file occurs twice, or a folder is a dataset of another kind.
    """
    entries = [entries] if isinstance(entries, str) else entries
    if not entries or "" in entries:
        raise UsageError(
            f"{name}: expected the name of a file, found {'an empty one' if entries else 'none'}"
        )
    found: list[tuple[Path, str]] = []
    left_out: list[Path] = []
    for entry in entries:
        path = Path(root or "") / entry
        if path.is_dir():
            files, others = _of_folder(name, path, root, format)
        elif path.exists():
            files, others = [path], []
        elif glob.has_magic(entry):
            files, others = _of_pattern(name, entry, root, format)
        else:
            raise DataError(_missing(name, entry, path, root))
        found += ((file, entry) for file in files)
        left_out += others
    _refuse_twice(name, found)
    start = _shared_folder([path for path, _ in found])
    return SplitFiles(
        tuple(
            SplitFile(path, _from(path, start), _format(path, entry, name, format)) for path, entry in found
        ),
        tuple(path.name for path in left_out),
    )


def _of_folder(name: str, folder: Path, root: str | None, format: str) -> tuple[list[Path], list[Path]]:
    """Return the files of a folder, or the folder if a format reads it as a whole, and the files left out."""
    files = sorted(walk(folder))
    if not files:
        raise DataError(f"{folder}: expected files with annotations, found an empty folder")
    if is_saved_dataset(folder):
        raise UsageError(
            f"{folder}: expected files with annotations, found a dataset that save_to_disk wrote. "
            f"Pass {option('data.dataset', str(folder))} instead of {name}"
        )
    whole = read_as_a_whole(folder, files, format)
    if whole is None:
        kept, left_out = _without_descriptions(files)
        _refuse_several_splits(name, kept, str(folder), folder, root)
        return kept, left_out
    _refuse_several_splits(name, sorted({path.parent for path in files}), str(folder), folder, root)
    ends = READ_OF_FOLDER[whole]
    left_out = [path for path in files if not path.name.lower().removesuffix(".gz").endswith(ends)]
    for path in left_out:
        _LOG.warning("%s: left out, no file of the format %s, of which its folder is", path, whole)
    return [folder], left_out


def _without_descriptions(files: list[Path]) -> tuple[list[Path], list[Path]]:
    """Separate files by name into possible annotations and others; if there are only others, all are kept."""
    kept, left_out = without_descriptions(files)
    for path in left_out:
        _LOG.warning("%s: left out, by its name no annotations (name it to have it read)", path)
    return kept, left_out


def _of_pattern(name: str, entry: str, root: str | None, format: str) -> tuple[list[Path], list[Path]]:
    """Return the files that match a pattern, and those of them that are left out.

    A matching folder is read as a folder, unless files in it match, too.
    """
    # Unlike Path.glob, this leaves hidden files out.
    matches = sorted(Path(root or "") / each for each in glob.glob(entry, root_dir=root, recursive=True))  # noqa: PTH207
    folders = [path for path in matches if path.is_dir()]
    files = [path for path in matches if not path.is_dir()]
    kept, left_out = _without_descriptions(files)
    around = {parent for path in files for parent in path.parents}
    for folder in folders:
        if folder not in around and any(walk(folder)):
            of_it, others = _of_folder(name, folder, root, format)
            kept, left_out = kept + of_it, left_out + others
    if not kept:
        beside = Path(root or "", entry).parent
        there = sorted(path.name for path in beside.iterdir()) if beside.is_dir() else []
        raise DataError(
            f"{name}: no file matches {entry!r}{f' in {root}' if root else ''}"
            + (f"; {beside} holds {_some(there)}" if there else "")
        )
    _refuse_several_splits(name, kept, f"the pattern {entry!r}", None, root)
    return sorted(kept), left_out


def _refuse_several_splits(
    name: str, files: Sequence[Path], given: str, folder: Path | None, root: str | None
) -> None:
    """Raise an error if the names of the files show that they belong to several splits.

    Args:
        name: of the option.
        files: the files found.
        given: the entry, for messages.
        folder: only names of folders below it are considered; None for all.
        root: folder that names are relative to.
    """
    by_role: dict[str, list[Path]] = {}
    for path in files:
        if role := role_of(path, folder):
            by_role.setdefault(role, []).append(path)
    if len(by_role) < 2:
        return
    call = options(
        {f"data.{role}": _brief(by_role[role], root) for role in ("train", "dev", "test") if role in by_role}
    )
    raise DataError(
        f"{name}: {given} stands for files of several splits, judging by their names. Specify which is "
        f"which: {call}. To use them all in one split, list them."
    )


def _brief(paths: Sequence[Path], root: str | None) -> str | list[str]:
    """Return files as the value of an option: if there are many, their folder if its name shows the split."""
    names = [str(path.relative_to(root) if root else path) for path in paths]
    if len(names) == 1:
        return names[0]
    folder = os.path.commonpath(names)
    return folder if len(names) > _SHOWN and role_of(Path(Path(folder).name), None) else names


def _missing(name: str, entry: str, path: Path, root: str | None) -> str:
    """Return a message that there is no such file, with a suggestion."""
    message = f"{path}: no such file or folder"
    if path.parent.is_dir():
        close = get_close_matches(path.name, [each.name for each in path.parent.iterdir()], 1, 0.7)
        if close:
            return f"{message}; did you mean {path.parent / close[0]}?"
    owner = Path(entry).parent
    is_id = _HUB_ID.fullmatch(entry) and (owner == Path() or not owner.exists())
    if name == "data.train" and root is None and is_id:
        return f"{message}. For a dataset of the Hugging Face Hub, pass {option('data.dataset', entry)}"
    return message


def _refuse_twice(name: str, found: Sequence[tuple[Path, str]]) -> None:
    seen: dict[tuple[int, int], Path] = {}
    for path, _ in found:
        stat = path.stat()
        other = seen.setdefault((stat.st_dev, stat.st_ino), path)
        if other is not path:
            names = str(path) if str(other) == str(path) else f"{path} and {other}"
            raise UsageError(f"{name}: expected each file once, found one twice: {names}")


def _format(path: Path, entry: str, name: str, format: str) -> str:
    if format != "auto":
        return format
    try:
        return guess_format(path)
    except DataError as error:
        if str(path).endswith(entry):
            raise
        raise type(error)(
            f"{error}. It is one of those that {name} {shlex.quote(entry)} stands for"
        ) from None


def _shared_folder(paths: Sequence[Path]) -> Path | None:
    """Return the common parent folder of several files; None for a single file."""
    if len(paths) == 1:
        return None
    return Path(os.path.commonpath([path.absolute().parent for path in paths]))


def _from(path: Path, start: Path | None) -> str:
    return path.name if start is None else path.absolute().relative_to(start).as_posix()


def _some(names: Sequence[str]) -> str:
    rest = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
