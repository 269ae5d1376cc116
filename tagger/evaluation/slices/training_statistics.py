"""TrainingStatistics: how often the words and entities of the evaluated data occur in the training data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, pairwise
from typing import Final, TypeAlias

from tagger.examples import Example
from tagger.metrics.label_arrays import label_arrays
from tagger.metrics.span_arrays import span_arrays, type_names
from tagger.schemes import LabelScheme

Surface: TypeAlias = tuple[str, ...]
"""The words of a span as written; for a token, if labels are plain, its one word."""

_AT_ONCE: Final = 10_000
"""Number of sentences processed at once."""


@dataclass(frozen=True, slots=True, eq=False)
class TrainingStatistics:
    """Counts of surfaces and their words in labelled training sentences; 0 for those that do not occur.

    Attributes:
        words: number of occurrences of each word.
        surfaces: number of times that the words of each surface occur consecutively in a sentence, as a span or not.
        labels: number of times that they are a span of each type (for plain labels, a token with each label).
    """

    words: Mapping[str, int]
    surfaces: Mapping[Surface, int]
    labels: Mapping[Surface, Mapping[str, int]]

    def consistency(self, surface: Surface, label: str) -> float | None:
        """Return the share of the occurrences of a surface that have a label; None if there are no occurrences.

        Label consistency as in Fu, Liu and Neubig (2020), Interpretable Multi-dataset Evaluation for NER, over all
        occurrences of the words, whether they are an entity or not.
        """
        total = self.surfaces[surface]
        return self.labels[surface].get(label, 0) / total if total else None


def training_statistics(
    examples: Iterable[Example], scheme: LabelScheme | str, wanted: Collection[Surface]
) -> TrainingStatistics:
    """Return the statistics of training data, read once; memory grows only with ``wanted``.

    Args:
        examples: the training sentences; those without labels are ignored.
        scheme: scheme of their labels. Illegal sequences are read like conlleval reads them.
        wanted: the surfaces to count, see :func:`tagger.evaluation.slices.attributes.surfaces_of`.

    Raises:
        LabelError: if a label cannot belong to the scheme.
    """
    scheme = LabelScheme.parse(scheme)
    words: Counter[str] = Counter(dict.fromkeys(chain.from_iterable(wanted), 0))
    sequences = _Sequences(wanted)
    labels: dict[Surface, Counter[str]] = {surface: Counter() for surface in wanted}
    for some in _parts(example for example in examples if example.labels is not None):
        for example in some:
            words.update(filter(words.__contains__, example.tokens))
            sequences.count(example.tokens)
        for surface, label in _spans(some, scheme) if scheme.has_spans else _tokens(some):
            if surface in labels:
                labels[surface][label] += 1
    surfaces = {
        surface: words[surface[0]] if len(surface) == 1 else sequences.counts[surface] for surface in wanted
    }
    return TrainingStatistics(dict(words), surfaces, labels)


class _Sequences:
    """Counts the occurrences of surfaces of several words in sentences, including overlapping ones.

    Args:
        wanted: the surfaces; those of one word are ignored.
    """

    def __init__(self, wanted: Collection[Surface]) -> None:
        self.counts: Counter[Surface] = Counter()
        self._wanted: dict[Surface, dict[int, set[Surface]]] = {}
        """By their first two words, which rule out nearly all positions, and by their lengths."""
        for surface in wanted:
            if len(surface) > 1:
                lengths = self._wanted.setdefault(surface[:2], {})
                lengths.setdefault(len(surface), set()).add(surface)

    def count(self, tokens: Sequence[str]) -> None:
        """Count the occurrences in a sentence."""
        for place, words in enumerate(pairwise(tokens)):
            if words in self._wanted:
                for length, surfaces in self._wanted[words].items():
                    found = tuple(tokens[place : place + length])
                    if found in surfaces:
                        self.counts[found] += 1


def _parts(examples: Iterable[Example]) -> Iterator[list[Example]]:
    iterator = iter(examples)
    while some := list(islice(iterator, _AT_ONCE)):
        yield some


def _spans(examples: Sequence[Example], scheme: LabelScheme) -> Iterator[tuple[Surface, str]]:
    numbers: dict[str, int] = {}
    spans = span_arrays(label_arrays((example.labels or () for example in examples), scheme), scheme, numbers)
    names = type_names(numbers)
    tokens = list(chain.from_iterable(example.tokens for example in examples))
    for start, end, kind in zip(
        spans.starts.tolist(), spans.ends.tolist(), spans.types.tolist(), strict=True
    ):
        yield tuple(tokens[start:end]), names[kind]


def _tokens(examples: Iterable[Example]) -> Iterator[tuple[Surface, str]]:
    for example in examples:
        for token, label in zip(example.tokens, example.labels or (), strict=True):
            yield (token,), label
