"""Findings from the warnings that readers log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from tagger.checking.findings import Finding
from tagger.checking.left_out import parted
from tagger.text.printable import printable

_READERS = (
    logging.getLogger("tagger.formats"),
    logging.getLogger("tagger.formats_extra"),
    logging.getLogger("tagger.sources"),
)


class _Keeper(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@contextmanager
def warnings_found(name: str, part: str) -> Iterator[list[Finding]]:
    """Yield a list that contains, after the ``with`` block, the readers' warnings in it; they are not logged.

    Args:
        name: name of the file in messages.
        part: the part of the corpus that it is in.
    """
    keeper = _Keeper()
    found: list[Finding] = []
    propagate = [logger.propagate for logger in _READERS]
    for logger in _READERS:
        logger.addHandler(keeper)
        logger.propagate = False
    try:
        yield found
    finally:
        for logger, value in zip(_READERS, propagate, strict=True):
            logger.removeHandler(keeper)
            logger.propagate = value
        for message in keeper.messages:
            where, message = parted(message, name)
            found.append(Finding("reader-warning", printable(message), (where,), part))
