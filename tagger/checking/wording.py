"""Phrasing of findings: quoted words, shares."""

from __future__ import annotations

from collections.abc import Iterable

from tagger.metrics.counts import ratio
from tagger.report.words import shortened

_WIDTH = 60
_LABEL = 40


def quoted(words: Iterable[str]) -> str:
    """Return words as quoted in messages: printable and shortened.

    >>> quoted(["New", "York"])
    '"New York"'
    """
    return f'"{shortened(" ".join(words), _WIDTH)}"'


def named(label: str) -> str:
    """Return a label, or a type, as shown in messages."""
    return shortened(label, _LABEL)


def share(part: int, whole: int) -> str:
    """Return a share of a whole in percent.

    >>> share(12, 1287), share(1, 30000), share(0, 7)
    ('0.9 %', '0.003 %', '0 %')
    """
    value = 100 * ratio(part, whole)
    return f"{value:.1f} %" if value >= 0.1 else f"{value:.1g} %"
