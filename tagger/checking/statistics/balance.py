"""Balance: types that are rare in comparison with others, and parts whose shares of types differ from train."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagger.checking.corpus import Corpus
from tagger.checking.findings import Finding
from tagger.checking.numbered import NumberedCorpus
from tagger.checking.pairs import other_parts, training_parts
from tagger.checking.statistics.labels import part_of_spans
from tagger.checking.wording import named, share
from tagger.metrics.label_arrays import IntArray
from tagger.text.counted import counted

IDS: Final = ("imbalance", "label-shift")
_RARE: Final = 0.01
"""A type with a smaller share of the count of the most frequent one is rare."""
_SHIFT: Final = 0.15
"""A finding if at least this share of the spans, or tokens, would need another type for the shares to be equal."""
_DRAWS: Final = 1000
_SEED: Final = 1
_MOST_NAMED: Final = 3


def find(corpus: Corpus) -> Iterator[Finding]:
    """Yield a finding for each rare type of a training part, and for each part whose shares differ from train."""
    numbered = corpus.numbered
    names = {True: numbered.types, False: numbered.label_names}
    counts = type_counts(numbered)
    for part, its in enumerate(corpus.parts):
        if its.role in (None, "train"):
            yield from _rare(its.name, names[numbered.has_spans[part]], counts[part])
    trained = training_parts(corpus)
    for part in other_parts(corpus) if trained else []:
        alike = [counts[one] for one in trained if numbered.has_spans[one] == numbered.has_spans[part]]
        if alike:
            learned = np.sum(alike, axis=0)
            name = corpus.parts[part].name
            yield from _shift(name, names[numbered.has_spans[part]], learned, counts[part])


def type_counts(numbered: NumberedCorpus) -> list[IntArray]:
    """Return the counts of each type of spans, or of each plain label, in each part."""
    parts = part_of_spans(numbered)
    counts = []
    for part, has_spans in enumerate(numbered.has_spans):
        here = numbered.tokens_of(part)
        if has_spans:
            ids, num_names = numbered.spans.types[parts == part], len(numbered.types)
        else:
            ids, num_names = numbered.labels[here][numbered.is_tagged[here]], len(numbered.label_names)
        counts.append(np.bincount(ids, minlength=num_names))
    return counts


def _rare(part: str, names: Sequence[str], counts: IntArray) -> Iterator[Finding]:
    if not counts.any():
        return
    largest = int(counts.argmax())
    most = int(counts[largest])
    for number in np.flatnonzero((counts > 0) & (counts < _RARE * most)).tolist():
        times = int(counts[number])
        yield Finding(
            "imbalance",
            f"{named(names[number])} occurs {counted(times, 'time')} in {part}, {share(times, most)} of "
            f"{named(names[largest])} ({most:,})",
            part=part,
            weight=1 - times / most,
            details={"type": names[number], "times": times, "largest": names[largest], "largest_times": most},
        )


def _shift(part: str, names: Sequence[str], learned: IntArray, scored: IntArray) -> Iterator[Finding]:
    if not learned.any() or not scored.any():
        return
    difference = scored / scored.sum() - learned / learned.sum()
    distance = float(np.abs(difference).sum() / 2)
    if distance < _SHIFT or distance <= chance_distance(learned, scored):
        return
    order = np.argsort(-np.abs(difference), kind="stable")[:_MOST_NAMED].tolist()
    said = ", ".join(
        f"{named(names[number])} {share(int(scored[number]), int(scored.sum()))} "
        f"(train: {share(int(learned[number]), int(learned.sum()))})"
        for number in order
    )
    yield Finding(
        "label-shift",
        f"{100 * distance:.0f} % of {part} would need another type to have the shares of train: {said}",
        part=part,
        weight=distance,
        details={"distance": round(distance, 4)},
    )


def chance_distance(learned: IntArray, scored: IntArray) -> float:
    """Return the distance between shares that chance alone exceeds in 1 % of cases.

    Half the sum of the absolute differences (total variation), for 1,000 draws of both parts from their common
    distribution.

    Args:
        learned: count of each type in one part.
        scored: count of each type in the other.
    """
    together = (learned + scored) / (learned.sum() + scored.sum())
    generator = np.random.default_rng(_SEED)
    one, other = (
        generator.multinomial(int(counts.sum()), together, size=_DRAWS) / counts.sum()
        for counts in (learned, scored)
    )
    distances: NDArray[np.float64] = np.abs(one - other).sum(axis=1) / 2
    return float(np.quantile(distances, 0.99))
