"""Losses: everything left out or changed in reading and writing, counted by kind and listed."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tagger.errors import FormatError
from tagger.options import argument

_LOG: Final = logging.getLogger(__name__)

LISTED: Final = 10_000
"""The most places kept for each kind; the rest is only counted."""

_SHOWN: Final = 50
"""The most bad items of a kind that are shown one by one."""


class Losses:
    """Collects what cannot be carried over while data are read and written.

    Args:
        skip_bad: whether bad data (an offset past the end, say) are skipped and counted; otherwise an error.
    """

    def __init__(self, *, skip_bad: bool = False) -> None:
        self.skip_bad = skip_bad
        self._counts: Counter[str] = Counter()
        self._listed: dict[str, list[str]] = {}
        self._bad: set[str] = set()

    def add(self, kind: str, detail: str, *, times: int = 1) -> None:
        """Count something that is left out or changed by rule.

        Args:
            kind: a plural phrase: ``cancelled annotations, left out``.
            detail: the place and content of this one.
            times: how many to count.
        """
        self._counts[kind] += times
        listed = self._listed.setdefault(kind, [])
        if len(listed) < LISTED:
            listed.append(detail)

    def bad(self, kind: str, message: str) -> None:
        """Raise an error about bad data, or count them if bad data are skipped.

        Args:
            kind: a plural phrase, for the count: ``spans past the end of their text``.
            message: where, expected, found and what to do, a whole sentence.

        Raises:
            FormatError: unless bad data are skipped; explains how to skip them.
        """
        if not self.skip_bad:
            message = message if message.endswith((".", "?")) else f"{message}."
            raise FormatError(f"{message} To skip and list bad data: {argument('data.skip_bad', True)}")
        self.add_bad(kind, message)

    def add_bad(self, kind: str, detail: str) -> None:
        """Count skipped bad data; the arguments are those of :meth:`add`."""
        kind = f"{kind}, left out as bad"
        self._bad.add(kind)
        self.add(kind, detail)

    def update(self, other: Losses) -> None:
        """Add the counts of another instance."""
        self._counts.update(other._counts)
        self._bad |= other._bad
        for kind, details in other._listed.items():
            listed = self._listed.setdefault(kind, [])
            listed += details[: LISTED - len(listed)]

    def __len__(self) -> int:
        return self._counts.total()

    def count(self, kind: str) -> int:
        """Return the count of a kind."""
        return self._counts[kind]

    def is_bad(self, kind: str) -> bool:
        """Return whether a kind counts bad data, rather than data left out by rule."""
        return kind in self._bad

    def counts(self) -> dict[str, int]:
        """Return the counts so far, by kind."""
        return dict(self._counts)

    def lines(self) -> Iterator[str]:
        """Yield a line for each kind, with its count.

        For data left out by rule only the first case is shown; bad data are listed one by one, up to 50 of a kind.
        """
        for kind, count in self._counts.items():
            listed = self._listed[kind]
            if kind not in self._bad:
                yield f"{kind}: {count}; the first: {listed[0]}"
                continue
            yield f"{kind}: {count}"
            yield from (f"  {detail}" for detail in listed[:_SHOWN])
            if count > _SHOWN:
                yield f"  and {count - _SHOWN} more"

    def since(self, before: Mapping[str, int]) -> Iterator[str]:
        """Yield a line for each kind with new counts: how many, and the first.

        Args:
            before: an earlier result of :meth:`counts`.
        """
        for kind, count in self._counts.items():
            earlier = before.get(kind, 0)
            if count > earlier:
                first = self._listed[kind][earlier : earlier + 1]
                yield f"{kind}: {count - earlier}{f'; the first: {first[0]}' if first else ''}"

    def log(self, name: str) -> None:
        """Log the lines as warnings.

        Args:
            name: what messages call the file.
        """
        for line in self.lines():
            _LOG.warning("%s: %s", name, line)

    def to_list(self) -> list[dict[str, Any]]:
        """Return a JSON-ready list: for each kind its count and up to :data:`LISTED` places."""
        return [
            {"kind": kind, "count": count, "places": self._listed[kind]}
            for kind, count in self._counts.items()
        ]
