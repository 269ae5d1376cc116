"""Losses: what was left out or changed on the way, counted by kind and listed, so that nothing goes silently."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tagger.errors import FormatError
from tagger.options import argument

_LOG: Final = logging.getLogger(__name__)

LISTED: Final = 10_000
"""Of each kind so many places are kept; the rest is counted."""

_SHOWN: Final = 50
"""So many things that are wrong are shown one by one."""


class Losses:
    """Collects what cannot be carried over while data are read and written.

    Args:
        skip_bad: whether what is wrong (an offset past the end, say) is left out and counted; it is an error otherwise.
    """

    def __init__(self, *, skip_bad: bool = False) -> None:
        self.skip_bad = skip_bad
        self._counts: Counter[str] = Counter()
        self._listed: dict[str, list[str]] = {}
        self._bad: set[str] = set()

    def add(self, kind: str, detail: str, *, times: int = 1) -> None:
        """Count something that is left out or changed by rule.

        Args:
            kind: what happens to which things, in words that suit any number of them: ``cancelled annotations, left
                out``.
            detail: which one this is: where it stands, and what it says.
            times: how many there are.
        """
        self._counts[kind] += times
        listed = self._listed.setdefault(kind, [])
        if len(listed) < LISTED:
            listed.append(detail)

    def bad(self, kind: str, message: str) -> None:
        """Refuse something that is wrong, or count it if bad things are to be skipped.

        Args:
            kind: what it is, for the count: ``spans past the end of their text``.
            message: where, expected, found and what to do, a whole sentence.

        Raises:
            FormatError: unless bad things are skipped; says how to skip them.
        """
        if not self.skip_bad:
            message = message if message.endswith((".", "?")) else f"{message}."
            raise FormatError(
                f"{message} To go on without what is wrong, and have it listed: {argument('data.skip_bad', True)}"
            )
        self.add_bad(kind, message)

    def add_bad(self, kind: str, detail: str) -> None:
        """Count something that is wrong and skipped; the arguments are those of :meth:`add`."""
        kind = f"{kind}, left out as bad"
        self._bad.add(kind)
        self.add(kind, detail)

    def update(self, other: Losses) -> None:
        """Count what others counted, too."""
        self._counts.update(other._counts)
        self._bad |= other._bad
        for kind, details in other._listed.items():
            listed = self._listed.setdefault(kind, [])
            listed += details[: LISTED - len(listed)]

    def __len__(self) -> int:
        return self._counts.total()

    def count(self, kind: str) -> int:
        """Return how often something of a kind was counted."""
        return self._counts[kind]

    def is_bad(self, kind: str) -> bool:
        """Return whether what was counted of a kind is wrong, rather than left out by rule."""
        return kind in self._bad

    def counts(self) -> dict[str, int]:
        """Return how much was counted of each kind so far."""
        return dict(self._counts)

    def lines(self) -> Iterator[str]:
        """Yield a line for each kind: how many there were, and what became of them.

        What was left out by rule is shown by its first case, what is wrong one by one, up to 50 of a kind.
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
        """Yield a line for each kind of which more was counted than before: how many, and the first.

        Args:
            before: what :meth:`counts` returned.
        """
        for kind, count in self._counts.items():
            earlier = before.get(kind, 0)
            if count > earlier:
                first = self._listed[kind][earlier : earlier + 1]
                yield f"{kind}: {count - earlier}{f'; the first: {first[0]}' if first else ''}"

    def log(self, name: str) -> None:
        """Log the lines as warnings.

        Args:
            name: of the file.
        """
        for line in self.lines():
            _LOG.warning("%s: %s", name, line)

    def to_list(self) -> list[dict[str, Any]]:
        """Return all of it, JSON-ready: for each kind its count and the places, up to :data:`LISTED` of them."""
        return [
            {"kind": kind, "count": count, "places": self._listed[kind]}
            for kind, count in self._counts.items()
        ]
