"""Fresh interpreters, and all that they start, without torch and what comes with training.

They are hidden from the interpreter of the tests. ``TAGGING_PYTHON`` in the environment names one that has the package
installed and none of them, to be used instead.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HIDDEN = (
    "torch", "pytorch_lightning", "lightning", "datasets", "pyarrow", "huggingface_hub", "seqeval", "sklearn", "pandas",
    "scipy", "matplotlib", "jsonargparse", "yaml", "tensorboard", "spacy", "cassis", "lxml",
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
        folder: an empty folder of its own, in which they run.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        installed = os.environ.get("TAGGING_PYTHON")
        self._python = Path(sys.executable if installed is None else installed).absolute()
        self._path = [folder, *([_ROOT] * (installed is None))]
        self._noted = folder / "noted"
        text = _SITECUSTOMIZE.format(noted=str(self._noted))
        (folder / "sitecustomize.py").write_text(text, encoding="utf-8")

    @property
    def asked_for(self) -> list[str]:
        """The hidden modules that were asked for, in order."""
        return self._noted.read_text(encoding="utf-8").split() if self._noted.exists() else []

    def run(self, *arguments: str | Path, stdin: str = "") -> tuple[int, str, str]:
        """Run Python; return its status, standard output and standard error."""
        return _run(self._python, arguments, stdin, path=self._path, folder=self._folder)

    @property
    def package(self) -> Path:
        """The folder of the package that the programs are to import."""
        environment, version = (
            self._python.parents[1],
            f"python{sys.version_info.major}.{sys.version_info.minor}",
        )
        root = _ROOT if _ROOT in self._path else environment / "lib" / version / "site-packages"
        return root / "tagger"


def run_python(*arguments: str | Path, stdin: str = "") -> tuple[int, str, str]:
    """Run the interpreter of the tests, with all that is installed, and return the same."""
    return _run(Path(sys.executable), arguments, stdin, path=[_ROOT], folder=None)


def _run(
    python: Path, arguments: Sequence[str | Path], stdin: str, *, path: Sequence[Path], folder: Path | None
) -> tuple[int, str, str]:
    done = subprocess.run(
        [str(python), *map(str, arguments)],
        input=stdin, capture_output=True, encoding="utf-8", check=False, timeout=60, cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))},
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr
