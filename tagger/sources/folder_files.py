"""Classification of the files in a folder by their names: annotations or not, and their splits."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tagger.errors import FormatError
from tagger.formats import recognise
from tagger.sources.file_names import holds_label_names, holds_rows
from tagger.sources.huggingface import ROLE_OF_SPLIT

READ_OF_FOLDER: Final = {
    "brat": (".ann", ".txt", ".conf"),
    "cas": (".xmi", ".json", ".zip", ".xml"),
    "webanno": (".tsv",),
}
"""The formats that are read from a folder as a whole, and the suffixes of their files."""

_ABOUT: Final = (
    "README",
    "LICENSE",
    "LICENCE",
    "COPYING",
    "NOTICE",
    "AUTHORS",
    "CITATION",
    "CHANGELOG",
    "CONTRIBUTING",
)
"""Prefixes of the names of documentation files; in lower case, they must be the whole name of a text file."""
_OF_OTHER_KINDS: Final = (
    *(".md", ".rst", ".html", ".htm", ".pdf", ".doc", ".docx", ".odt", ".bib", ".cff"),
    *(".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp"),
    *(".yaml", ".yml", ".toml", ".ini", ".cfg", ".py", ".sh", ".ipynb", ".log", ".lock", ".sha256", ".md5"),
    *(".bak", ".orig", ".tmp", ".swp", "~"),
)
"""Suffixes of pages, images, programs, settings and backups, which are never annotations."""

_ROLES: Final = {**ROLE_OF_SPLIT, "testa": "dev", "testb": "test"}
_WORDS: Final = re.compile(r"[a-z]+")


def walk(folder: Path) -> Iterator[Path]:
    """Yield the files in a folder and its subfolders, except hidden ones, following links."""
    seen: set[str] = set()
    for parent, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(parent)
        folders[:] = [name for name in folders if not name.startswith(".") and real not in seen]
        if real not in seen:
            yield from (Path(parent, name) for name in names if not name.startswith("."))
        seen.add(real)


def without_descriptions(files: list[Path]) -> tuple[list[Path], list[Path]]:
    """Return the files that may be annotations by their names, and the others; if there are only others, all count."""
    kept = [path for path in files if not is_about(path)]
    if not kept:
        return files, []
    return kept, [path for path in files if is_about(path)]


def read_as_a_whole(folder: Path, files: Sequence[Path], format: str) -> str | None:
    """Return the format as which a folder is read, or None if each file is read separately."""
    if format != "auto":
        return format if format in READ_OF_FOLDER else None
    if all(path.suffix == ".txt" for path in files):
        return None  # texts without brat annotations may be columns
    try:
        return recognise(folder)
    except FormatError:  # a folder of other files
        return None


def is_about(path: Path) -> bool:
    """Return whether a file is not annotations by its name: documentation, an image, a program, label names.

    >>> [is_about(Path(name)) for name in ("README.txt", "LICENSE-CC0", "a.md", "label.json")]
    [True, True, True, True]
    >>> [is_about(Path(name)) for name in ("train.txt", "notice.conll", "a.json")]
    [False, False, False]
    """
    name, suffix = path.name, path.suffix.lower()
    is_documentation = name.startswith(_ABOUT) or (path.stem.upper() in _ABOUT and suffix in ("", ".txt"))
    is_description = suffix == ".json" and (not holds_rows(name) or holds_label_names(name))
    return is_documentation or is_description or name.lower().endswith(_OF_OTHER_KINDS)


def role_of(path: Path, folder: Path | None) -> str | None:
    """Return the split in the name of a file, or of the innermost folder that names one, or None."""
    inside = path.relative_to(folder) if folder else path
    for part in (inside.name, *(parent.name for parent in inside.parents)):
        roles = {_ROLES[word] for word in _WORDS.findall(part.lower()) if word in _ROLES}
        if len(roles) == 1:
            return roles.pop()
    return None


def is_saved_dataset(folder: Path) -> bool:
    """Return whether a folder is a dataset written by ``save_to_disk``."""
    return any((folder / name).is_file() for name in ("state.json", "dataset_dict.json"))
