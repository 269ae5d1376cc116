"""The program ``tagger``, also ``python -m tagger``; handles signals from before its modules are imported."""

from __future__ import annotations

import sys
from collections.abc import Callable

from tagger.stopping import run


def main() -> int:
    """Run the program and return its exit status."""
    return run("tagger train" if _trains() else "tagger", _load)


def _load() -> Callable[[], int]:
    from tagger.cli import main as program

    if _trains():
        from tagger.cli.train import prepare

        prepare()
    return program


def _trains() -> bool:
    return sys.argv[1:2] == ["train"]


if __name__ == "__main__":
    sys.exit(main())
