"""Fresh interpreters, and all that they start, in which torch and what comes with training look not installed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HIDDEN = (
    "torch", "pytorch_lightning", "lightning", "datasets", "pyarrow", "huggingface_hub", "seqeval", "sklearn", "pandas",
    "scipy", "matplotlib", "jsonargparse", "yaml", "tensorboard",
)  # fmt: skip

_ROOT = Path(__file__).parents[1]
# Python imports a module of this name when it starts, in worker processes too.
_SITECUSTOMIZE = f"""\
import sys
from importlib.machinery import PathFinder

class Hiding(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name.partition(".")[0] not in {HIDDEN!r}:
            return PathFinder.find_spec(name, path, target)
        with open({{noted!r}}, "a") as file:
            file.write(name + "\\n")

sys.meta_path[sys.meta_path.index(PathFinder)] = Hiding
"""


class WithoutTorch:
    """Runs programs without the hidden modules and notes which of them anything asked for.

    Args:
        folder: an empty folder of its own.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._noted = folder / "noted"
        text = _SITECUSTOMIZE.format(noted=str(self._noted))
        (folder / "sitecustomize.py").write_text(text, encoding="utf-8")

    @property
    def asked_for(self) -> list[str]:
        """The hidden modules that were asked for, in order."""
        return self._noted.read_text(encoding="utf-8").split() if self._noted.exists() else []

    def run(self, *arguments: str | Path, stdin: str = "") -> tuple[int, str, str]:
        """Run Python; return its status, standard output and standard error."""
        return run_python(*arguments, stdin=stdin, path=(self._folder, _ROOT))


def run_python(
    *arguments: str | Path, stdin: str = "", path: Sequence[Path] = (_ROOT,)
) -> tuple[int, str, str]:
    """Run a fresh interpreter; return its status, standard output and standard error."""
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        input=stdin, capture_output=True, encoding="utf-8", check=False, timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))},
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr
