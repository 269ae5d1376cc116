"""Silence Lightning's warnings and messages about what is intended or reported by us."""

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
    ".*checkpoint that ended before the epoch ended.*",  # never true: one Lightning step is several of ours
    ".*treespec, LeafSpec.*",  # about a deprecated torch function used inside Lightning
)


@contextmanager
def quiet_lightning() -> Iterator[None]:
    """Suppress Lightning's lines about devices, its tips, and warnings about what is intended, within the block."""
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
