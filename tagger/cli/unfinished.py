"""UnfinishedRun: the state of a run over many files, kept so that a killed run can be resumed.

The folder contains ``run.json``, which records what the answers depend on and how many inputs are finished, and is
replaced in one step; ``inputs.json``, their names; ``finished.jsonl``, a line for each finished input, to detect later
changes; ``output``, the output so far; and ``writing``, a folder for the file being written. ``finished.jsonl`` and
``output`` are valid up to the lengths in ``run.json``: anything that a killed run has added is cut off.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from tagger.errors import UsageError
from tagger.files import parse_json, replace_file

_RUN: Final = "run.json"
_INPUTS: Final = "inputs.json"
_FINISHED: Final = "finished.jsonl"
_VERSION: Final = 1
_ADVICE: Final = "Go on as it was begun, or begin from scratch: --overwrite"


class UnfinishedRun:
    """A run and the folder in which its state is kept.

    Args:
        folder: of the state; locked by the caller.
        inputs: the paths of the inputs.
    """

    def __init__(self, folder: Path, inputs: Sequence[str]) -> None:
        self.folder: Final = folder
        self.output: Final = folder / "output"
        self.writing: Final = folder / "writing"
        self._inputs: Final = list(inputs)
        self._answers: dict[str, Any] = {}
        self.num_finished = 0
        self.num_bytes = 0
        self._finished_bytes = 0

    def is_there(self) -> bool:
        """Return whether there is a run to resume."""
        return (self.folder / _RUN).exists()

    def begin(self, answers: Mapping[str, Any]) -> None:
        """Begin from scratch, discarding any existing run.

        Args:
            answers: what the answers depend on, JSON-serialisable.

        Raises:
            OSError: it cannot be written.
        """
        self.remove()
        self._answers = dict(answers)
        (self.folder / _INPUTS).write_text(json.dumps(self._inputs), encoding="utf-8")
        for path in (self.folder / _FINISHED, self.output):
            path.write_bytes(b"")
        self.writing.mkdir()

    def go_on(self, answers: Mapping[str, Any]) -> None:
        """Resume the existing run.

        Args:
            answers: as when it was begun.

        Raises:
            OSError: it cannot be read.
            UsageError: ``answers`` or the inputs differ from when it was begun, or a finished input has changed.
        """
        try:
            kept = parse_json((self.folder / _RUN).read_bytes())
            inputs = parse_json((self.folder / _INPUTS).read_bytes())
            if kept["version"] != _VERSION:
                raise ValueError(f"version {kept['version']}")
            self.num_finished, self.num_bytes = kept["num_finished"], kept["num_bytes"]
            self._finished_bytes = kept["finished_bytes"]
            before = kept["answers"]
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(
                f"{self.folder}: the unfinished run in it cannot be read ({error}). Begin from scratch: --overwrite"
            ) from None
        self._compare(before, json.loads(json.dumps(answers)))
        self._compare_inputs(inputs)
        self._compare_finished()
        self._answers = dict(answers)

    def finish(self, num_finished: int, num_bytes: int) -> None:
        """Record durably that inputs are finished.

        Args:
            num_finished: number of finished inputs, from the first.
            num_bytes: length of their output in ``output``, in bytes, already synced to disk.

        Raises:
            OSError: it cannot be written.
        """
        with (self.folder / _FINISHED).open("r+b") as file:
            file.truncate(self._finished_bytes)
            file.seek(0, os.SEEK_END)
            for path in self._inputs[self.num_finished : num_finished]:
                file.write((json.dumps(_signs(path)) + "\n").encode())
            file.flush()
            os.fsync(file.fileno())
            self._finished_bytes = file.tell()
        self.num_finished, self.num_bytes = num_finished, num_bytes
        kept = {
            "version": _VERSION,
            "num_finished": num_finished,
            "num_inputs": len(self._inputs),
            "num_bytes": num_bytes,
            "finished_bytes": self._finished_bytes,
            "answers": self._answers,
        }
        data = json.dumps(kept, indent=2).encode()
        replace_file(self.folder / _RUN, lambda file: file.write(data))

    def remove(self) -> None:
        """Remove the run, so that it can no longer be resumed."""
        for name in (_RUN, _FINISHED, _INPUTS, self.output.name):
            with suppress(FileNotFoundError):
                (self.folder / name).unlink()
        shutil.rmtree(self.writing, ignore_errors=True)

    def _compare(self, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
        for name in ("tagger", "model"):
            if before.get(name) != now.get(name):
                what = "version of tagger" if name == "tagger" else "model"
                self._refuse(f"it was begun with another {what} ({before.get(name)}, now {now.get(name)})")
        old, new = before["options"], now["options"]
        for name in sorted({*old, *new}):
            if old.get(name) != new.get(name):
                option = "--" + name.replace("_", "-")
                self._refuse(f"{option} was {old.get(name)} when it was begun, and is {new.get(name)} now")

    def _compare_inputs(self, before: Sequence[str]) -> None:
        if before == self._inputs:
            return
        place = next(
            (i for i, (old, new) in enumerate(zip(before, self._inputs, strict=False)) if old != new),
            min(len(before), len(self._inputs)),
        )
        old, new = (names[place] if place < len(names) else "none more" for names in (before, self._inputs))
        self._refuse(
            f"it was begun with other inputs: {len(before):,}, now {len(self._inputs):,}; input {place + 1:,} was "
            f"{old}, and is {new}"
        )

    def _compare_finished(self) -> None:
        with (self.folder / _FINISHED).open("rb") as file:
            for path, line in zip(self._inputs[: self.num_finished], file, strict=False):
                if json.loads(line) != _signs(path):
                    self._refuse(f"{path} is finished, and has changed since")

    def _refuse(self, what: str) -> None:
        raise UsageError(f"{self.folder}: the unfinished run cannot be continued: {what}. {_ADVICE}")


def _signs(path: str) -> list[int]:
    """Return the size of a file in bytes and the time of its last change in nanoseconds."""
    try:
        found = Path(path).stat()
    except OSError:
        return []
    return [found.st_size, found.st_mtime_ns]
