"""Silence what Lightning warns of and tells, where we mean to do it or say it ourselves."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_MEANT: Final = (
    ".*GPU available but not used.*",  # the accelerator is the user's choice
    ".*number of training batches.*smaller than the logging interval.*",  # we log by epoch
    ".*callbacks used to create the checkpoint need to be provided.*",  # a run may be resumed without patience
    ".*checkpoint that ended before the epoch ended.*",  # none does: Lightning counts some of our steps as one
    ".*treespec, LeafSpec.*",  # inside Lightning, of a torch function it still uses
)


@contextmanager
def quiet_lightning() -> Iterator[None]:
    """Leave out Lightning's lines about devices and its tips, and warnings of what is meant; afterwards as before."""
    loggers = [logging.getLogger(name) for name in ("pytorch_lightning", "lightning_fabric")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        for message in _MEANT:
            warnings.filterwarnings("ignore", message=message)
        for logger in loggers:
            logger.setLevel(max(logger.getEffectiveLevel(), logging.WARNING))
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)
