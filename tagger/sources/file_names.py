"""What the names of data files tell, and what was guessed from them: in words, for a warning.

Without a declaration, ``datasets`` knows a file's split by "train", "validation", "test" and the like in its
name or its folder's. A file of any other name is passed over, and all files of one split become one table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final

SUFFIXES: Final = (".parquet", ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".arrow")

# Files that describe a dataset and hold no rows.
_DESCRIPTION: Final = re.compile(
    r"(dataset_infos?|dataset_dict|state|config|metadata|labels?|label2id|id2label)\.json"
)
# One table cut in pieces: train-00000-of-00002.parquet, 0001.parquet.
_SHARD: Final = re.compile(r"(.*-\d{5}-of-\d{5}.*|\d{4,})\.\w+")
_SHOWN: Final = 5


def holds_rows(name: str) -> bool:
    """Return whether a file of this name can be read as a table of sentences.

    >>> [holds_rows(name) for name in ("a.jsonl", "A.PARQUET", "label.json", "a.conll")]
    [True, True, False, False]
    """
    return name.lower().endswith(SUFFIXES) and not _DESCRIPTION.fullmatch(name.lower())


def unread(names: Iterable[str], files: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Tell of files that hold rows and belong to no split.

    >>> list(unread(["train.csv", "devel.csv"], {"train": ["train.csv"]}))
    ['files that belong to no split by their name are not read: devel.csv']
    """
    used = {name for split_files in files.values() for name in split_files}
    unused = sorted(name for name in set(names) - used if _counts(name))
    if unused:
        yield f"files that belong to no split by their name are not read: {_listed(unused)}"


def joined(files: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Tell of splits made of several files that are no pieces of one table (often one per language).

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
