"""Report: the ranked findings of the checks in a corpus, with its statistics."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from tagger.checking import pairs
from tagger.checking.catalogue import CHECKS
from tagger.checking.copies import (
    conflicting_phrases,
    conflicting_sentences,
    conflicting_tags,
    documents,
    duplicates,
    leaks,
)
from tagger.checking.corpus import Corpus
from tagger.checking.findings import SEVERITIES, Finding
from tagger.checking.labels import boundaries, extent, illegal, types
from tagger.checking.statistics import balance, labels, memory, overlap, sizes
from tagger.checking.tokens import characters, encodings, lengths, normal_forms, scripts, white_space
from tagger.evaluation.results import ResultTable

Finder: TypeAlias = Callable[[Corpus], Iterator[Finding]]

_FINDERS: Final[tuple[tuple[Finder, tuple[str, ...]], ...]] = (
    (characters.find, characters.IDS),
    (encodings.find, encodings.IDS),
    (normal_forms.find, normal_forms.IDS),
    (white_space.find, white_space.IDS),
    (scripts.find, scripts.IDS),
    (lengths.find, lengths.IDS),
    (illegal.find, illegal.IDS),
    (types.find, types.IDS),
    (boundaries.find, boundaries.IDS),
    (extent.find, extent.IDS),
    (leaks.find, leaks.IDS),
    (documents.find, documents.IDS),
    (duplicates.find, duplicates.IDS),
    (conflicting_sentences.find, conflicting_sentences.IDS),
    (conflicting_phrases.find, conflicting_phrases.IDS),
    (conflicting_tags.find, conflicting_tags.IDS),
    (sizes.find, sizes.IDS),
    (overlap.find, overlap.IDS),
    (balance.find, balance.IDS),
)
"""Each ``find`` of the modules in ``tokens/``, ``labels/``, ``copies/`` and ``statistics/``, with the ids of the checks
whose findings it yields: it is not called if all of them are ignored."""
_STATISTICS: Final[tuple[Callable[[Corpus], Iterator[ResultTable]], ...]] = (
    sizes.tables,
    labels.tables,
    overlap.tables,
    memory.tables,
)
"""Each ``tables`` of the modules in ``statistics/``."""
_REMARKS: Final[tuple[Callable[[Corpus], Iterator[str]], ...]] = (pairs.remarks,)
"""Each ``remarks`` of the modules that cannot check every corpus: sentences on what was not checked, and why."""


@dataclass(frozen=True)
class Report:
    """The findings in a corpus.

    Attributes:
        findings: grouped by check, the most severe checks first, within a check by weight.
        statistics: figures about the corpus.
        remarks: sentences on what was not checked, and why.
    """

    findings: tuple[Finding, ...]
    statistics: tuple[ResultTable, ...] = ()
    remarks: tuple[str, ...] = ()


def check(corpus: Corpus, *, ignored: Collection[str] = ()) -> Report:
    """Return the findings of all checks except the ignored ones, and the statistics of a corpus."""
    found = list(corpus.found)
    for find, ids in _FINDERS:
        if not set(ids) <= set(ignored):
            found += find(corpus)
    return Report(
        tuple(ranked(finding for finding in found if finding.check not in ignored)),
        tuple(table for tables in _STATISTICS for table in tables(corpus)),
        tuple(remark for remarks in _REMARKS for remark in remarks(corpus)),
    )


def ranked(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings grouped by check, the most severe checks first, within a check by weight."""
    order = {id_: place for place, id_ in enumerate(CHECKS)}
    return sorted(
        findings,
        key=lambda finding: (
            SEVERITIES.index(CHECKS[finding.check].severity),
            order[finding.check],
            -finding.weight,
        ),
    )
