"""Show the messages of train() on standard error if the calling program has not set up logging."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def reported(*, is_main_process: bool) -> Iterator[None]:
    """Show the messages of the package as plain lines on standard error, for the block.

    If ``logging`` is set up, for the root logger or for ``tagger``, nothing is changed.

    Args:
        is_main_process: other processes show only warnings.
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
