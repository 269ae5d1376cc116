"""The sides of a comparison with the baseline commit: its files, and processes that answer in turns."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
BASELINE: Final = "baseline"
_PROGRAM: Final = Path(__file__).with_name("side.py")


def baseline_commit() -> str:
    """Return the commit that is compared with."""
    return Path(__file__).with_name("baseline.txt").read_text(encoding="utf-8").strip()


def extract(commit: str, folder: Path, *, repository: Path = ROOT) -> None:
    """Write the package and the recipes of a commit to a folder.

    Raises:
        SystemExit: if the repository does not have the commit, as a clone without history does not.
    """
    with TemporaryDirectory() as temporary:
        archive = Path(temporary) / "baseline.zip"
        command = ["git", "-C", str(repository), "archive", "--format=zip", "-o", str(archive), commit]
        done = subprocess.run([*command, "tagger", "recipes"], capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"the baseline {commit} is not in {repository}: {done.stderr.strip()}")
        shutil.unpack_archive(archive, folder)


def environment(source: Path) -> dict[str, str]:
    """Return the variables of a process that takes the package from ``source``, all else from here, on one thread."""
    paths = [str(source), os.environ.get("PYTHONPATH", "")]
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "OMP_NUM_THREADS": "1"}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)  # compiling is no part of a start
    return variables


def check_source(source: Path) -> None:
    """Check that processes with this environment get the package from ``source`` and not from elsewhere.

    Raises:
        RuntimeError: if not; says where it was found.
    """
    command = [sys.executable, "-P", "-c", "import tagger; print(tagger.__file__)"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment(source))
    found = Path(done.stdout.strip()).parent
    if found != source / "tagger":
        raise RuntimeError(f"expected the package in {source}, found {found}")


class Side:
    """A process that tags when it is asked to; a context manager.

    Args:
        source: the folder that has the package.
        model: of the tagger, or CRFsuite's file.
        sentences: a file with lists of sentences by name, as ``side.py`` reads it.
    """

    def __init__(self, source: Path, model: Path, sentences: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(_PROGRAM), str(model), str(sentences)],
            env=environment(source),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.found_in = Path(self._answer())

    def __enter__(self) -> Side:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._process as process:
            if kind is not None:
                process.kill()

    def ask(self, task: str, group: str, **options: int | bool) -> Any:
        """Return the answer to a request.

        Args:
            task: what to do.
            group: name of the sentences.
            options: ``start`` and ``stop`` of them, over and over; ``each`` in a call of its own, ``warm_up`` calls
                before; ``processor`` for its time instead of the clock's; ``workers``.
        """
        assert self._process.stdin is not None
        print(json.dumps({"task": task, "group": group, **options}), file=self._process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a process that tags ended with status {self._process.wait()}")
        return json.loads(line)


def write_sentences(path: Path, groups: Mapping[str, Sequence[Sequence[str]]]) -> None:
    """Write lists of sentences by name, as ``side.py`` reads them."""
    path.write_text(json.dumps({name: list(group) for name, group in groups.items()}), encoding="utf-8")
