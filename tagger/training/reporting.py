"""What train() tells while it runs, where the program that called it has not said where messages go."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def reported(*, is_main_process: bool) -> Iterator[None]:
    """Show the messages of the package as plain lines on standard error, for the block.

    Where ``logging`` is set up, on the root or for ``tagger``, it alone decides.

    Args:
        is_main_process: the others tell of warnings alone.
    """
    logger = logging.getLogger("tagger")
    if logger.hasHandlers():
        yield
        return
    handler = logging.StreamHandler(sys.stderr)
    level = logger.level
    logger.addHandler(handler)
    if level == logging.NOTSET:
        logger.setLevel(logging.INFO if is_main_process else logging.WARNING)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
