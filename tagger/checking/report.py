"""Report: what the checks found in a corpus, ranked, with its statistics; as lines of text and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from tagger.checking.corpus import Corpus
from tagger.checking.findings import Finding
from tagger.evaluation.results import ResultTable

Checker: TypeAlias = Callable[[Corpus], Iterator[Finding]]

_CHECKERS: Final[tuple[Checker, ...]] = ()
"""Each ``find`` of the modules below ``tokens/``, ``labels/`` and ``copies/``."""
_STATISTICS: Final[tuple[Callable[[Corpus], Iterator[ResultTable]], ...]] = ()
"""Each ``tables`` of the modules below ``statistics/``."""


@dataclass(frozen=True)
class Report:
    """What was found.

    Attributes:
        findings: those of one check together, the gravest checks first, within a check by weight.
        statistics: figures about the corpus.
    """

    findings: tuple[Finding, ...]
    statistics: tuple[ResultTable, ...]


def check(corpus: Corpus, *, ignored: Collection[str] = ()) -> Report:
    """Return what all checks but the ignored ones find in a corpus, and its statistics."""
    raise NotImplementedError
