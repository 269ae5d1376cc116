"""Train a tagger: ``python recipes/train.py --config recipes/configs/sample_ner.yaml [--any.option value ...]``."""

from __future__ import annotations

import sys
from collections.abc import Callable

from tagger.errors import MissingExtraError
from tagger.stopping import run


def _load() -> Callable[[], int]:
    try:
        from tagger.training.command import main
    except MissingExtraError as error:
        sys.exit(f"recipes/train.py: error: {error}")
    return main


if __name__ == "__main__":
    sys.exit(run("recipes/train.py", _load))
