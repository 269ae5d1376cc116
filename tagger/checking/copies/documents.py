"""Documents that are in two parts, identified by their ids or by nearly the same text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from tagger.checking.copies.near import NearCopyFinder
from tagger.checking.corpus import Corpus
from tagger.checking.findings import Finding
from tagger.checking.numbered import NONE, NumberedCorpus
from tagger.checking.pairs import part_pairs
from tagger.checking.wording import named
from tagger.metrics.label_arrays import IntArray
from tagger.text.counted import counted

IDS: Final = ("shared-document",)
_LONGEST_SHARE: Final = 0.5
"""If a larger share of the ids of the smaller part is in the other, ids are taken to be numbers, not names."""


@dataclass(frozen=True, eq=False)
class _Documents:
    """The D documents of a corpus; those of a part are consecutive.

    Attributes:
        of_sentences: the document of each sentence, ``[S]``; D for sentences without one.
        part_of: the part of each document, ``[D + 1]``; the last is NONE.
        firsts: the first sentence of each document, ``[D]``.
        ids: the id of each document, ``[D]``.
    """

    of_sentences: IntArray
    part_of: IntArray
    firsts: list[int]
    ids: list[str]


def find(corpus: Corpus) -> Iterator[Finding]:
    """Yield a finding for each document that two parts share."""
    numbered = corpus.numbered
    documents = _documents(numbered)
    if not documents.ids:
        return
    finder = NearCopyFinder(numbered)
    for seen, scored in part_pairs(corpus):
        known: set[tuple[int, int]] = set()
        for one, other in _same_ids(documents, scored, seen):
            known.add((one, other))
            yield _finding(numbered, documents, one, other, "parts of it are")
        alike = finder.documents(scored, seen, documents.of_sentences, documents.part_of)
        for one, other, shared in zip(
            alike.copies.tolist(), alike.originals.tolist(), alike.shared.tolist(), strict=True
        ):
            if (one, other) not in known:
                yield _finding(
                    numbered, documents, one, other, f"{100 * shared:.0f} % of its phrases are", shared
                )


def _documents(numbered: NumberedCorpus) -> _Documents:
    numbers: dict[tuple[int, str], int] = {}
    found: list[int] = []
    firsts: list[int] = []
    for part, its in enumerate(numbered.parts):
        for sentence, example in zip(numbered.sentences(part), its.examples, strict=True):
            if example.document is None:
                found.append(NONE)
                continue
            number = numbers.setdefault((part, example.document), len(numbers))
            found.append(number)
            if number == len(firsts):
                firsts.append(sentence)
    of_sentences = np.array(found, dtype=np.int64)
    of_sentences[of_sentences == NONE] = len(numbers)
    part_of = np.array([*(part for part, _ in numbers), NONE], dtype=np.int64)
    return _Documents(of_sentences, part_of, firsts, [id_ for _, id_ in numbers])


def _same_ids(documents: _Documents, part: int, other: int) -> list[tuple[int, int]]:
    """Return the pairs of documents of both parts with the same id, unless ids are mere numbers."""
    ours, theirs = (
        {documents.ids[number]: number for number in np.flatnonzero(documents.part_of == one).tolist()}
        for one in (part, other)
    )
    names = [id_ for id_ in ours if id_ in theirs and any(char.isalpha() for char in id_)]
    if len(names) > _LONGEST_SHARE * min(len(ours), len(theirs)):
        return []
    return [(ours[name], theirs[name]) for name in names]


def _finding(
    numbered: NumberedCorpus, documents: _Documents, one: int, other: int, what: str, shared: float = 1.0
) -> Finding:
    sentences = np.flatnonzero(documents.of_sentences == one)
    name = numbered.parts[int(documents.part_of[one])].name
    where = numbered.parts[int(documents.part_of[other])].name
    return Finding(
        "shared-document",
        f"document {named(documents.ids[one])} of {name} ({counted(len(sentences), 'sentence')}): "
        f"{what} in {where}, document {named(documents.ids[other])}",
        (numbered.place(documents.firsts[one]), numbered.place(documents.firsts[other])),
        name,
        weight=shared * float(numbered.lengths[sentences].sum()),
        details={
            "document": documents.ids[one],
            "other_part": where,
            "other_document": documents.ids[other],
            "shared_phrases": round(shared, 3),
        },
    )
