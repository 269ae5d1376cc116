"""Balance: types that are rare beside others, and parts with other shares of types than train."""

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
from tagger.checking.wording import counted, named, share
from tagger.metrics.label_arrays import IntArray

IDS: Final = ("imbalance", "label-shift")
_RARE: Final = 0.01
"""Share of the most frequent type under which another is rare."""
_SHIFT: Final = 0.15
"""Share of the spans, or tokens, that would need another type for the shares to be equal: a finding from here on."""
_DRAWS: Final = 1000
_SEED: Final = 1
_MOST_NAMED: Final = 3


def find(corpus: Corpus) -> Iterator[Finding]:
    """Yield a finding for each rare type of a part to learn from, and for each part with other shares than train."""
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
    """Return how often each type of spans, or each plain label, is in each part."""
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
    """Return the distance of shares that chance alone exceeds in one of a hundred cases.

    Half the sum of the absolute differences (total variation), where both parts are drawn from what they are together;
    drawn 1,000 times.

    Args:
        learned: how often each type is in one part.
        scored: how often it is in the other.
    """
    together = (learned + scored) / (learned.sum() + scored.sum())
    generator = np.random.default_rng(_SEED)
    one, other = (
        generator.multinomial(int(counts.sum()), together, size=_DRAWS) / counts.sum()
        for counts in (learned, scored)
    )
    distances: NDArray[np.float64] = np.abs(one - other).sum(axis=1) / 2
    return float(np.quantile(distances, 0.99))
