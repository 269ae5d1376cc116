"""A progress line on standard error, with counts and speed."""

from __future__ import annotations

import sys
from time import perf_counter

from tagger.cli.program import show

_INTERVAL = 0.5  # seconds


class Progress:
    """Counts sentences and tokens, and shows them twice a second and when the block ends.

    Args:
        shown: whether to show anything; None: if standard error is a terminal.
        things: the names of the units counted.
    """

    def __init__(
        self, *, shown: bool | None = None, things: tuple[str, str] = ("sentences", "tokens")
    ) -> None:
        self._things = things
        self.shown = sys.stderr.isatty() if shown is None else shown
        self._start = self._last = perf_counter()
        self._num_sentences = 0
        self._num_tokens = 0

    def add(self, num_tokens: int) -> None:
        """Count a sentence of this many tokens."""
        self._num_sentences += 1
        self._num_tokens += num_tokens
        if self.shown and perf_counter() - self._last > _INTERVAL:
            self._last = perf_counter()
            self._show("\r")

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self.shown:
            self._show("\r")
            show("\n")

    def summary(self) -> str:
        """Return the counts and the speed."""
        seconds = perf_counter() - self._start
        speed = self._num_tokens / seconds if seconds else 0.0
        wholes, parts = self._things
        return (
            f"{self._num_sentences:,} {wholes}, {self._num_tokens:,} {parts}, {seconds:,.1f} s, "
            f"{speed:,.0f} {parts}/s"
        )

    def _show(self, before: str) -> None:
        show(f"{before}{self.summary()}   ")
