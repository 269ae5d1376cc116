"""Appends the figures of a run to docs/benchmarks, with what they depend on: the option ``--record`` of benchmarks.

What is kept names neither the host nor where files lie on it.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from entries import FORMAT, Entry, HistoryError, check_entry, read_entries
from hardware import OtherPrograms, instructions

from tagger.files.locking import FolderInUseError, locked_folder
from tagger.files.replacing import replace_file

FOLDER: Final = Path(__file__).parents[2] / "docs" / "benchmarks"
_MEASURED: Final = ("tagger", "recipes", "scripts/benchmarks", "pyproject.toml")
"""What makes a tree another than its commit."""
_OF_MACHINE: Final = ("processor", "cores", "load", "python", "versions")
_WAIT: Final = 60.0


class Recording:
    """What is to be recorded of a run, noted when it begins.

    Args:
        parser: of the benchmark; its program names the file.
        folder: of the files.

    Raises:
        HistoryError: it could not be recorded in the end: the file is damaged, the folder cannot be written, or there
            is no commit.
    """

    def __init__(self, parser: argparse.ArgumentParser, folder: Path = FOLDER) -> None:
        self.path = folder / f"{Path(parser.prog).stem}.json"
        with _locked(folder):
            read_entries(self.path)
        self._parser = parser
        self._commit, _, within = _git("rev-parse", "HEAD", "--show-prefix").strip().partition("\n")
        if within:
            raise HistoryError(f"the commit is not known: these files lie in another repository, in {within}")
        self._is_dirty = bool(_git("status", "--porcelain", "--", *_MEASURED).strip())
        self._others = OtherPrograms()

    def finish(
        self,
        tables: Mapping[str, Sequence[Mapping[str, object]]],
        conditions: Mapping[str, object],
        arguments: argparse.Namespace,
    ) -> None:
        """Append the figures.

        Args:
            tables: title to rows.
            conditions: as :func:`measuring.machine` gives them, and others.
            arguments: those of the benchmark; options other than the defaults are conditions, too.

        Raises:
            HistoryError: it cannot be recorded; says why.
        """
        told = {
            name: value
            for name, value in vars(arguments).items()
            if name not in ("json", "record", "quick") and value != self._parser.get_default(name)
        }
        versions: Any = conditions["versions"]
        entry: Entry = {
            "format": FORMAT,
            "commit": self._commit,
            "dirty": self._is_dirty,
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": {
                "processor": conditions["processor"],
                "cores": conditions["cores"],
                "instructions": instructions(),
            },
            "others": self._others.cores(),
            "versions": {"python": conditions["python"], **versions},
            "quick": arguments.quick,
            "conditions": {
                name: value for name, value in {**told, **conditions}.items() if name not in _OF_MACHINE
            },
            "tables": tables,
        }
        append_entry(self.path, _plain(entry))


class RecordAction(argparse.Action):
    """Begins the recording where the option is given, so that what is in its way is reported before the work."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, *_: object) -> None:
        """Begin."""
        try:
            setattr(namespace, self.dest, Recording(parser))
        except HistoryError as error:
            parser.error(f"--record: {error}")


def append_entry(path: Path, entry: Entry) -> None:
    """Append an entry to a file, which is replaced in one step; whoever else appends waits.

    Raises:
        HistoryError: the file is damaged or cannot be written, and is as it was.
    """
    check_entry(entry)
    with _locked(path.parent):
        lines = [json.dumps(one, ensure_ascii=False, allow_nan=False) for one in (*read_entries(path), entry)]
        text = "[\n" + ",\n".join(lines) + "\n]\n"
        try:
            replace_file(path, lambda stream: stream.write(text.encode("utf-8")))
        except OSError as error:
            raise HistoryError(f"{path}: cannot be written: {error.strerror or error}") from None


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Lock the folder for the block, once nobody else has it."""
    end = time.monotonic() + _WAIT
    while True:
        try:
            with locked_folder(folder):
                yield
            return
        except FolderInUseError as error:
            if time.monotonic() > end:
                raise HistoryError(f"{folder}: process {error.process} has locked it") from None
            time.sleep(0.05)
        except OSError as error:
            raise HistoryError(f"{folder}: cannot be written: {error.strerror or error}") from None


def _git(*arguments: str) -> str:
    """Return what git says of this repository."""
    command = ["git", "-C", str(Path(__file__).parents[2]), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        raise HistoryError(f"the commit is not known: git: {error.strerror}") from None
    if done.returncode:
        raise HistoryError(f"the commit is not known: {done.stderr.strip()}")
    return done.stdout


def _plain(value: Any) -> Any:
    """Return a value as JSON has it, of paths the names alone."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int)):
        return value
    text = str(value).encode("utf-8", "replace").decode("utf-8")
    return Path(text).name if isinstance(value, Path) or Path(text).is_absolute() else text
