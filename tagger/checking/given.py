"""Resolve the arguments of a check to the parts of a corpus: files, folders, datasets."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Final, cast

from tagger.checking.corpus import ROLES, Role
from tagger.errors import UsageError
from tagger.formats.registry import format_by_name
from tagger.sources.folder_files import (
    is_saved_dataset,
    read_as_a_whole,
    role_of,
    walk,
    without_descriptions,
)
from tagger.sources.known.table import find

STANDARD: Final = "-"
"""The argument that means standard input."""

_HUB_ID: Final = re.compile(r"(?:hf://datasets/)?[\w-][\w.-]*/[\w.-]+")
_EVALUATION: Final = frozenset(("eval", "evaluation"))


@dataclass(frozen=True, slots=True)
class GivenPart:
    """A part of a corpus to read.

    Attributes:
        name: its name.
        role: train, dev or test; None if unknown.
        files: files, or folders that one format reads as a whole, in order; ``-`` for standard input.
        dataset: the id on the Hub, or the folder, of a dataset, whose splits become parts; None for files.
        left_out: files in its folder whose names show that they have no annotations.
    """

    name: str
    role: Role | None
    files: tuple[str, ...] = ()
    dataset: str | None = None
    left_out: tuple[str, ...] = ()


def find_parts(data: Sequence[str], format: str = "auto") -> list[GivenPart]:
    """Return the parts that the arguments stand for, in order; parts of the same name are merged.

    An argument is a file, a folder, ``-``, the id of a dataset, or any of these preceded by a name: ``test=a.conll``
    (an existing path that contains ``=`` takes precedence). Files of a folder are grouped by the roles in their names.

    Args:
        data: the arguments.
        format: of the files, or ``auto``.

    Raises:
        UsageError: a file does not exist, a folder is empty, or something occurs twice.
    """
    parts: dict[str, GivenPart] = {}
    for argument in data:
        for part in _parts_of(argument, format):
            known = parts.get(part.name)
            if known is None:
                parts[part.name] = part
            elif known.dataset or part.dataset:
                raise UsageError(f"expected parts of different names, found {part.name!r} twice")
            else:
                parts[part.name] = replace(
                    known, files=known.files + part.files, left_out=known.left_out + part.left_out
                )
    _refuse_twice([file for part in parts.values() for file in part.files])
    return list(parts.values())


def role_by_name(path: str) -> Role | None:
    """Return the role in the name of a file, or of its folder.

    >>> [role_by_name(path) for path in ("wnut/train.conll", "dev/a.conll", "eng.testb", "a.conll")]
    ['train', 'dev', 'test', None]
    """
    name = Path(path).name
    if role := role_of(Path(name), None):
        return cast(Role, role)
    if _EVALUATION & set(re.findall(r"[a-z]+", name.lower())):
        return "test"
    folder = Path(path).parent.name.lower()
    return cast(Role, role_of(Path(folder), None)) if folder.isalpha() else None


def _parts_of(argument: str, format: str) -> list[GivenPart]:
    name, divider, rest = argument.partition("=")
    if divider and not Path(argument).exists():
        if not name.strip() or not rest:
            raise UsageError(f"expected NAME=DATA, found {argument!r}")
        return _named(name.strip(), rest, format)
    return _unnamed(argument, format)


def _named(name: str, data: str, format: str) -> list[GivenPart]:
    parts = _unnamed(data, format)
    role = role_by_name(name)
    if parts[0].dataset is not None:
        return [replace(parts[0], name=name, role=role)]
    if role is None and len({part.role for part in parts}) == 1:
        role = parts[0].role
    files = tuple(file for part in parts for file in part.files)
    left_out = tuple(file for part in parts for file in part.left_out)
    return [GivenPart(name, role, files, left_out=left_out)]


def _unnamed(data: str, format: str) -> list[GivenPart]:
    path = Path(data)
    if data == STANDARD:
        return [GivenPart("<stdin>", None, (STANDARD,))]
    if path.is_dir():
        return _of_folder(data, format)
    if path.exists():
        return [GivenPart(data, role_by_name(data), (data,))]
    could_be_id = _HUB_ID.fullmatch(data) and not path.parent.is_dir() and format_by_name(data) is None
    if find(data) is not None or could_be_id:
        return [GivenPart(data, None, dataset=data)]
    raise UsageError(_missing(data))


def _of_folder(folder: str, format: str) -> list[GivenPart]:
    path = Path(folder)
    if is_saved_dataset(path):
        return [GivenPart(folder, None, dataset=folder)]
    files = sorted(walk(path))
    if not files:
        raise UsageError(f"{folder}: expected files with annotations, found an empty folder")
    if read_as_a_whole(path, files, format) is not None:
        return [GivenPart(folder, role_by_name(folder), (folder,))]
    kept, others = without_descriptions(files)
    left_out = tuple(map(str, others))
    by_role: dict[Role | None, list[str]] = {}
    for file in kept:
        by_role.setdefault(cast("Role | None", role_of(file, path)) or role_by_name(file.name), []).append(
            str(file)
        )
    parts = []
    for role in (*ROLES, None):
        if role in by_role:
            name = folder if len(by_role) == 1 else os.path.join(folder, role or "others")  # noqa: PTH118
            parts.append(GivenPart(name, role, tuple(by_role[role]), left_out=left_out))
            left_out = ()
    if len(parts) == 1 and parts[0].role is None:
        parts[0] = replace(parts[0], role=role_by_name(folder))
    return parts


def _missing(data: str) -> str:
    message = f"{data}: no such file or folder"
    path = Path(data)
    if path.parent.is_dir():
        close = get_close_matches(path.name, [each.name for each in path.parent.iterdir()], 1, 0.7)
        if close:
            return f"{message}; did you mean {path.parent / close[0]}?"
    return message


def _refuse_twice(files: Sequence[str]) -> None:
    seen: dict[object, str] = {}
    for file in files:
        stat = None if file == STANDARD else Path(file).stat()
        key = STANDARD if stat is None else (stat.st_dev, stat.st_ino)
        if key in seen:
            names = file if seen[key] == file else f"{seen[key]} and {file}"
            raise UsageError(f"expected each file once, found one twice: {names}")
        seen[key] = file
