"""Warning about texts without spans, in formats that cannot mark a text as finished."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

_LOG: Final = logging.getLogger(__name__)


class EmptyTexts:
    """Counts the texts of a file or folder that have no spans, to warn about them once.

    Where a format cannot mark a text as finished, they are read as texts without entities.

    Args:
        name: the file or folder, for the message.
        advice: what to do if some are unfinished, a whole sentence.
    """

    def __init__(self, name: str, advice: str) -> None:
        self._name = name
        self._advice = advice
        self._empty = 0
        self._all = 0

    def add(self, spans: Sequence[object] | None) -> None:
        """Count a text; its spans are None where annotations are not read."""
        self._all += spans is not None
        self._empty += spans is not None and not spans

    def report(self) -> None:
        """Log a warning if there are texts without spans."""
        if self._empty:
            _LOG.warning(
                "%s: %d of %d texts have no spans; this format cannot mark a text as finished, so they are read "
                "as texts without entities. %s",
                self._name,
                self._empty,
                self._all,
                self._advice,
            )
