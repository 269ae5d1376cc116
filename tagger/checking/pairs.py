"""Pairs of parts that should have nothing in common, such as train and test; remarks if there are none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from tagger.checking.corpus import ROLES, Corpus, Part


def part_pairs(corpus: Corpus) -> list[tuple[int, int]]:
    """Return the indices of the parts of each pair: for training, and for scoring.

    Train comes before dev and test, dev before test; parts of unknown role come last, in their order. Two parts of the
    same known role are not a pair.
    """
    order = sorted(range(len(corpus.parts)), key=lambda number: _rank(corpus.parts[number]))
    return [
        (first, second)
        for first, second in combinations(order, 2)
        if corpus.parts[first].role != corpus.parts[second].role or corpus.parts[first].role is None
    ]


def training_parts(corpus: Corpus) -> list[int]:
    """Return the indices of the training parts; empty if there are no others to compare them with."""
    found = [number for number, part in enumerate(corpus.parts) if part.role == "train"]
    return found if 0 < len(found) < len(corpus.parts) else []


def other_parts(corpus: Corpus) -> list[int]:
    """Return the indices of the parts that are not for training."""
    return [number for number, part in enumerate(corpus.parts) if part.role != "train"]


def remarks(corpus: Corpus) -> Iterator[str]:
    """Yield remarks on what was not checked for lack of other parts."""
    if not corpus.parts:
        return
    if not part_pairs(corpus):
        yield (
            f"There is {_listed(corpus.parts)} only: what parts have in common was not checked (copies of sentences, "
            "words and entities that train has or lacks, different shares of labels). Give the other parts as well."
        )
    elif not training_parts(corpus):
        yield (
            "No part is known to be train: what the others have in common with it (words, entities, what memory "
            "alone would score) was not computed. Name it with train=FILE."
        )


def _rank(part: Part) -> int:
    return ROLES.index(part.role) if part.role is not None else len(ROLES)


def _listed(parts: Sequence[Part]) -> str:
    return "one part" if len(parts) == 1 else f"parts of one role ({parts[0].role})"
