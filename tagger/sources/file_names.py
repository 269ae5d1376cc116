"""The roles of data files by their names, and warnings about what was guessed from them.

Without a declaration, ``datasets`` assigns a file to a split by "train", "validation", "test" and the like in its name
or its folder's. A file with any other name is ignored, and all files of one split become one table.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from tagger.errors import DataError
from tagger.sources.request import DatasetRequest

SUFFIXES: Final = (".parquet", ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".arrow")

# Files that describe a dataset and have no rows.
_DESCRIPTION: Final = re.compile(
    r"(dataset_infos?|dataset_dict|state|config|metadata|labels?|label2id|id2label)\.json"
)
# Shards of one table: train-00000-of-00002.parquet, 0001.parquet.
_SHARD: Final = re.compile(r"(.*-\d{5}-of-\d{5}.*|\d{4,})\.\w+")
_LABEL_NAMES: Final = re.compile(
    r"(.*[-_.])?(labels?|label2id|id2label|label_?names?|label_?map|classes|tags)\.json"
)
_SHOWN: Final = 5


def holds_rows(name: str) -> bool:
    """Return whether a file of this name, gzipped or not, can be read as a table of sentences.

    >>> [holds_rows(name) for name in ("a.jsonl.gz", "A.PARQUET", "label.json", "a.conll")]
    [True, True, False, False]
    """
    return name.lower().removesuffix(".gz").endswith(SUFFIXES) and not _DESCRIPTION.fullmatch(name.lower())


def holds_label_names(name: str) -> bool:
    """Return whether a file of this name probably holds label names.

    >>> [holds_label_names(name) for name in ("dataset/label.json", "id2label.json", "train.json")]
    [True, True, False]
    """
    return _LABEL_NAMES.fullmatch(PurePosixPath(name).name.lower()) is not None


def chosen(base: Path, request: DatasetRequest, folder: Path) -> dict[str, list[str]]:
    """Return split -> the data files that a request names, by their names in the dataset.

    Args:
        base: the folder to which the names are relative.
        request: a request with file names or glob patterns; a pattern matches readable files only.
        folder: the folder of the dataset.

    Raises:
        DataError: a file is missing, or a pattern matches none.
    """
    files = {}
    for split, patterns in request.files_by_split().items():
        found: list[Path] = []
        for pattern in patterns:
            some = [base / pattern]
            if not some[0].is_file():
                # Unlike Path.glob, this leaves hidden files out.
                names = sorted(glob.glob(pattern, root_dir=base, recursive=True))  # noqa: PTH207
                some = [
                    base / name for name in names if holds_rows(Path(name).name) and (base / name).is_file()
                ]
            if not some:
                raise DataError(
                    f"{request.dataset}: cannot be read as a dataset: Unable to find '{base / pattern}'"
                )
            found += [path for path in some if path not in found]
        files[split] = [
            path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
            for path in found
        ]
    return files


def unread(names: Iterable[str], files: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield a warning if there are files with rows that belong to no split.

    >>> list(unread(["train.csv", "devel.csv"], {"train": ["train.csv"]}))
    ['files that belong to no split by their name are not read: devel.csv']
    """
    used = {name for split_files in files.values() for name in split_files}
    unused = sorted(name for name in set(names) - used if _counts(name))
    if unused:
        yield f"files that belong to no split by their name are not read: {_listed(unused)}"


def joined(files: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield a warning for each split of several files that are not shards of one table (often one per language).

    >>> list(joined({"train": ["train/de.csv", "train/en.csv"], "test": ["0000.csv", "0001.csv"]}))
    ["split 'train' joins 2 files: train/de.csv, train/en.csv"]
    """
    for split, names in files.items():
        if len(names) > 1 and not all(_SHARD.fullmatch(PurePosixPath(name).name) for name in names):
            yield f"split {split!r} joins {len(names)} files: {_listed(names)}"


def _counts(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return holds_rows(parts[-1]) and not any(part.startswith((".", "__")) for part in parts)


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
