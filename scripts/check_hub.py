"""Compare the table of known datasets with the Hub (HF_ENDPOINT): what is there, and what differs from the table.

    python scripts/check_hub.py [NAME ...] [--all] [--read]

Of each dataset (or of those that are named), one configuration is looked at, or all with ``--all``: id, commit, files,
columns and names of labels of every file, the list of names where the labels are integers, splits with their numbers of
rows, and licence. READMEs, lists of names, the ends of Parquet files and JSON files whole are downloaded; it says how
much the files looked at hold. Integers of which no list in the repository says the names cannot be compared, and it
says so. ``--read`` also reads each dataset as training does, which downloads it whole. Ends with status 1 if something
differs or cannot be looked at.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import logging
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tagger.errors import DataError, TaggerError
from tagger.formats.tables.column_choice import INTEGERS
from tagger.formats.tables.label_names import name_integers
from tagger.sources import hub, load_splits
from tagger.sources.asking import ask, is_offline
from tagger.sources.known import DATASETS, KnownDataset, close_names, difference, find, resolve
from tagger.sources.opening import files_of_configuration
from tagger.sources.request import DatasetRequest
from tagger.sources.shapes import Column, columns_in, shape_of_feature
from tagger.sources.tables import open_table

_SHOWN: Final = 6
_UNSTATED: Final = ("unknown", "other", "not stated")


@dataclass
class Look:
    """What was found of a dataset: lines to print, and what differs from the table.

    Attributes:
        title: what was looked at.
        facts: what there is.
        differences: what is otherwise in the table.
    """

    title: str
    facts: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Return what is printed."""
        facts = "".join(f"  {fact}\n" for fact in self.facts)
        return f"{self.title}\n{facts}" + "".join(f"  DIFFERS: {text}\n" for text in self.differences)


@dataclass(frozen=True)
class Split:
    """A split on the Hub: its files, the columns of each, and the number of its rows."""

    files: Sequence[str]
    columns: Sequence[Mapping[str, Column]]
    num_rows: int


def look_at(known: KnownDataset, part: str | None, *, reads: bool) -> Look:
    """Look at a dataset, or at a part of it."""
    look = Look(known.name if part is None else f"{known.name}, {part}")
    try:
        resolved = resolve(DatasetRequest(known.name, name=part))
        found = hub.find_on_hub(resolved.request)
        compare_repository(look, known, found)
        splits = dict(splits_of(look, found))
        compare_splits(look, known, resolved.splits or known.splits, splits)
        columns = [of_file for split in splits.values() for of_file in split.columns]
        for of_file in columns:
            compare_columns(look, known, of_file)
        compare_label_file(look, known, found, columns)
        if reads:
            read_whole(look, known, part)
    except TaggerError as error:
        look.differences.append(str(error))
    return look


def compare_repository(look: Look, known: KnownDataset, found: hub.HubDataset) -> None:
    """Compare the id and the licence; say the commit, by which the table could pin it."""
    from huggingface_hub import HfApi

    look.facts.append(f"{found.request.call()} at commit {found.commit}")
    look.facts.append(f"{len(found.file_names)} files: {_some(found.file_names)}")
    if found.request.dataset != known.request.dataset:
        look.differences.append(f"expected the id {known.request.dataset}, found {found.request.dataset}")
    card = ask(found.request, lambda: HfApi().dataset_info(found.request.dataset)).card_data
    licence = (card.get("license") if card is not None else None) or "not stated"
    licence = ", ".join(licence) if isinstance(licence, list) else str(licence)
    look.facts.append(f"licence: {licence}")
    if licence.lower() not in _UNSTATED and _folded(licence) not in _folded(known.licence):
        look.differences.append(f"expected the licence {known.licence}, found {licence}")


def splits_of(look: Look, found: hub.HubDataset) -> Iterator[tuple[str, Split]]:
    """Yield split after split, by as few bytes of its files as possible."""
    num_bytes = 0
    for name, files in files_of(found).items():
        columns: list[Mapping[str, Column]] = []
        num_rows = 0
        for file in files:
            of_file, rows, size = opened(found, file)
            columns.append(of_file)
            num_rows, num_bytes = num_rows + rows, num_bytes + size
        yield name, Split(files, columns, num_rows)
    look.facts.append(f"files of {num_bytes / 1e6:.1f} MB; of Parquet files only the ends are downloaded")


def files_of(found: hub.HubDataset) -> dict[str, list[str]]:
    """Return split to files."""
    request = found.request
    if request.data_files is not None:
        return {
            split: [name for pattern in patterns for name in fnmatch.filter(found.file_names, pattern)]
            for split, patterns in request.files_by_split().items()
        }
    if request.data_dir is None:
        return {split: list(files) for split, files in files_of_configuration(found)[0].items()}
    files: dict[str, list[str]] = {}
    for name in found.file_names:
        if name.startswith(f"{request.data_dir}/"):
            split = name.removeprefix(f"{request.data_dir}/").split("/")[0].removeprefix("partial-")
            files.setdefault(split, []).append(name)
    return files


def opened(found: hub.HubDataset, file: str) -> tuple[Mapping[str, Column], int, int]:
    """Return the columns of a file, its number of rows, and its size in bytes."""
    import datasets
    import pyarrow.parquet
    from huggingface_hub import HfFileSystem

    if not file.endswith(".parquet"):
        path = hub.download_file(found.request, found.commit, file)
        with path.open("rb") as lines:
            num_rows = sum(1 for line in lines if line.strip())
        return open_table(path, file, {}).columns, num_rows, path.stat().st_size
    address = f"datasets/{found.request.dataset}@{found.commit}/{file}"

    def end() -> tuple[Any, int, int]:
        with HfFileSystem().open(address, block_size=2**16) as handle:
            parquet = pyarrow.parquet.ParquetFile(handle)
            return parquet.schema_arrow, parquet.metadata.num_rows, handle.size

    try:
        schema, num_rows, size = ask(found.request, end)
        features: Any = datasets.Features.from_arrow_schema(schema)
        columns = columns_in({name: shape_of_feature(feature) for name, feature in features.items()})
    except TaggerError as error:
        if isinstance(error.__cause__, pyarrow.ArrowException):
            raise DataError(f"{file}: cannot be read: {error.__cause__}") from error
        raise DataError(f"{file}: {error}") from error
    except (ValueError, TypeError, KeyError) as error:  # column types of a newer library
        raise DataError(f"{file}: its column types cannot be read: {error}") from error
    return columns, num_rows, size


def compare_splits(
    look: Look, known: KnownDataset, expected: Mapping[str, str], splits: Mapping[str, Split]
) -> None:
    """Compare the names of splits; those of files are the table's own."""
    rows = (f"{name} {split.num_rows:,} rows ({_some(split.files)})" for name, split in splits.items())
    look.facts.append(f"splits: {'; '.join(rows)}")
    wanted = list(known.request.files_by_split()) or list(expected.values())
    for name in wanted:
        if not splits.get(name) or not splits[name].files:
            look.differences.append(f"expected a split {name}, found {', '.join(splits) or 'none'}")


def compare_columns(look: Look, known: KnownDataset, columns: Mapping[str, Column]) -> None:
    """Compare what the columns of a file hold, and the names of their labels; report once what files share."""
    facts = [f"columns: {'; '.join(f'{name} ({column.kind})' for name, column in columns.items())}"]
    differences = []
    if known.token_column not in columns:
        differences.append(f"expected the column {known.token_column}, not found")
    for expected in known.label_columns:
        column = columns.get(expected.name)
        if column is None:
            differences.append(f"expected the column {expected.name}, not found")
            continue
        if column.names:
            facts.append(f"labels of {expected.name}: {', '.join(column.names)}")
        if column.kind != expected.kind:
            differences.append(f"column {expected.name}: expected {expected.kind}, found {column.kind}")
        words = difference(expected, column.names) if column.names else None
        if words is not None:
            differences.append(f"column {expected.name}: {words}")
    look.facts += [fact for fact in facts if fact not in look.facts]
    look.differences += [text for text in differences if text not in look.differences]


def compare_label_file(
    look: Look, known: KnownDataset, found: hub.HubDataset, columns: Sequence[Mapping[str, Column]]
) -> None:
    """Compare the names of integers with the list of them in the repository; say where there is none."""
    for expected in known.label_columns:
        if not any(
            of_file[expected.name].kind == INTEGERS for of_file in columns if expected.name in of_file
        ):
            continue
        if known.label_file is None:
            look.facts.append(f"labels of {expected.name}: integers without names, not compared")
            continue
        path = hub.download_file(found.request, found.commit, known.label_file)
        try:
            names = name_integers(json.loads(path.read_text(encoding="utf-8")), known.label_file)
        except ValueError as error:
            raise DataError(f"{known.label_file} is not a JSON file: {error}") from error
        listed = [name for _, name in sorted(names.items())]
        look.facts.append(f"labels of {expected.name}, in {known.label_file}: {', '.join(listed)}")
        words = difference(expected, listed)
        if words is not None:
            look.differences.append(f"column {expected.name}, in {known.label_file}: {words}")


def read_whole(look: Look, known: KnownDataset, part: str | None) -> None:
    """Read it as training does; labels that are warned of there differ here."""
    logger = logging.getLogger("tagger.sources.known")
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: look.differences.append(record.getMessage())  # type: ignore[method-assign]
    logger.addHandler(handler)
    try:
        splits = load_splits(known.name, name=part)
    finally:
        logger.removeHandler(handler)
    numbers = ", ".join(f"{role} {len(examples):,}" for role, examples in splits.items())
    look.facts.append(f"read: {numbers} sentences, {len(splits.identity.label_names)} names of labels")


def parts_of(known: KnownDataset, *, all_parts: bool) -> Sequence[str | None]:
    """Return the parts to look at."""
    if known.parts is None:
        return [None]
    return known.parts.names if all_parts else [known.parts.default or known.parts.names[0]]


def _some(names: Sequence[str]) -> str:
    rest = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def _folded(licence: str) -> str:
    return re.sub(r"[^a-z0-9]", "", licence.lower())


def main(arguments: Sequence[str] | None = None) -> int:
    """Look at the datasets, one after the other; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0], allow_abbrev=False)
    parser.add_argument("names", nargs="*", metavar="NAME", help="datasets to look at, all if left out")
    parser.add_argument("--all", action="store_true", help="look at every language, treebank and setting")
    parser.add_argument("--read", action="store_true", help="read the data too, which downloads them whole")
    options = parser.parse_args(arguments)
    for name in options.names:
        if find(name) is None:
            close = close_names(name)
            hint = f"; names like it: {', '.join(close)}" if close else ""
            parser.error(f"{name!r} is no known dataset{hint}")
    if is_offline():
        print("the Hub is switched off (HF_HUB_OFFLINE): nothing was compared", file=sys.stderr)
        return 1
    if not is_there():
        return 1
    chosen = [known for name in options.names if (known := find(name))] or DATASETS
    looks = []
    for known in chosen:
        for part in parts_of(known, all_parts=options.all):
            looks.append(look_at(known, part, reads=options.read))
            print(looks[-1].text(), flush=True)
    num_different = sum(bool(look.differences) for look in looks)
    print(f"{len(looks)} looked at, {num_different} differ")
    return 1 if num_different else 0


def is_there() -> bool:
    """Return whether the Hub answers at all; if not, say so in one line."""
    from huggingface_hub import constants

    try:
        urllib.request.urlopen(urllib.request.Request(constants.ENDPOINT, method="HEAD"), timeout=10).close()
    except urllib.error.HTTPError:
        return True
    except OSError as error:
        print(
            f"no answer from the Hub at {constants.ENDPOINT} ({error}): nothing was compared", file=sys.stderr
        )
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
