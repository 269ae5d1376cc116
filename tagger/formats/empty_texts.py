"""Texts without spans, in formats that cannot say whether somebody has finished them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

_LOG: Final = logging.getLogger(__name__)


class EmptyTexts:
    """Counts the texts of a file or folder that have no spans, to warn of them once.

    Where a format has no mark for what is finished, they are read as texts in which there is nothing.

    Args:
        name: of the file or folder.
        advice: what to do if some are unfinished, a whole sentence.
    """

    def __init__(self, name: str, advice: str) -> None:
        self._name = name
        self._advice = advice
        self._empty = 0
        self._all = 0

    def add(self, spans: Sequence[object] | None) -> None:
        """Count a text; None where annotations are not wanted."""
        self._all += spans is not None
        self._empty += spans is not None and not spans

    def report(self) -> None:
        """Warn of those without spans, if there are any."""
        if self._empty:
            _LOG.warning(
                "%s: %d of %d texts have no spans; this format cannot say whether they are finished, so they are read "
                "as texts in which there is nothing. %s",
                self._name,
                self._empty,
                self._all,
                self._advice,
            )
