"""The unit explorer: units that detect a property, with a control by shuffled labels and the loss without them.

Letters: N words, E units (the encoder's outputs), P properties.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tagger.api import Tagger
from tagger.errors import UsageError
from tagger.examples import Example
from tagger.inspection.ablation import Ablation, ablated_scores
from tagger.inspection.passes import passes
from tagger.inspection.properties import choose, properties
from tagger.inspection.ranking import areas, ranks, strength
from tagger.inspection.unit_names import UnitName, output_units
from tagger.schemes import LabelScheme


@dataclass(frozen=True)
class UnitRanking:
    """The units that best detect a property, with controls.

    Attributes:
        name: name of the property.
        num_words: number of words that have it.
        units: the best units, best first.
        areas: their AUC: the probability that the unit is higher on a word with the property than on one without.
        shuffled: the best strength (the larger of AUC and 1 - AUC) that *any* unit reaches when the property is
            assigned to random words instead, once for each shuffle. An AUC within this range is due to chance.
        ablation: scores with all of ``units`` set to zero, compared with as many others.
    """

    name: str
    num_words: int
    units: tuple[int, ...]
    areas: tuple[float, ...]
    shuffled: tuple[float, ...]
    ablation: Ablation


@dataclass(frozen=True)
class UnitReport:
    """The best units of an encoder for each property of the words of a corpus.

    Attributes:
        unit_names: a name for each of E units.
        rankings: one for each property.
        num_words: N.
        score_name: name of the score in ablations: ``F1 of spans`` or ``accuracy``.
    """

    unit_names: tuple[UnitName, ...]
    rankings: tuple[UnitRanking, ...]
    num_words: int
    score_name: str


def unit_report(
    tagger: Tagger,
    examples: Sequence[Example],
    scheme: LabelScheme | str,
    *,
    names: Sequence[str] | None = None,
    num_units: int = 5,
    num_shuffles: int = 10,
    num_random: int = 5,
    seed: int = 0,
) -> UnitReport:
    """Return the best units for each property of an annotated corpus, with control and ablation.

    The units are the outputs of the encoder, from which the emissions are computed. Memory: 16 bytes per word and unit.

    Args:
        tagger: the tagger.
        examples: annotated sentences.
        scheme: scheme of their labels.
        names: names of the properties; all of :func:`tagger.inspection.properties.properties` if left out.
        num_units: number of units listed, and zeroed, for each property.
        num_shuffles: number of shuffles of each property.
        num_random: number of random sets of units to zero for comparison.
        seed: seed of the shuffles and the random sets.

    Raises:
        UsageError: if there is no word or no such property, or if only one of scheme and model has spans.
        DataError: if a sentence has no labels.
    """
    corpus = [example for example in examples if example.tokens]
    if not corpus:
        raise UsageError("expected an annotated corpus of at least one word, found none")
    scheme = LabelScheme.parse(scheme)
    if scheme.has_spans != tagger.scheme.has_spans:
        kinds = ("spans", "plain labels") if tagger.scheme.has_spans else ("plain labels", "spans")
        raise UsageError(f"expected gold labels that are {kinds[0]}, as the model's are, found {kinds[1]}")
    found = properties(corpus, scheme)
    if names is not None:
        found = choose(found, names)
    encoded = _encoded(tagger, corpus)
    unit_ranks = ranks(encoded)
    generator = np.random.default_rng(seed)
    num_units = min(num_units, encoded.shape[1])
    best: dict[str, tuple[int, ...]] = {}
    best_areas: dict[str, tuple[float, ...]] = {}
    shuffled: dict[str, tuple[float, ...]] = {}
    for name, has_property in found.items():
        area = areas(unit_ranks, has_property[None])[0]
        units = np.argsort(-strength(area), kind="stable")[:num_units]
        best[name] = tuple(units.tolist())
        best_areas[name] = tuple(area[units].tolist())
        dealt = np.array([generator.permutation(has_property) for _ in range(num_shuffles)])
        shuffled[name] = (
            tuple(strength(areas(unit_ranks, dealt)).max(axis=1).tolist()) if num_shuffles else ()
        )
    ablations = ablated_scores(tagger, corpus, scheme, list(best.values()), num_random=num_random, seed=seed)
    rankings = [
        UnitRanking(name, int(found[name].sum()), best[name], best_areas[name], shuffled[name], ablation)
        for name, ablation in zip(best, ablations, strict=True)
    ]
    return UnitReport(
        tuple(output_units(tagger.parts.model.encoder)),
        tuple(rankings),
        len(encoded),
        "F1 of spans" if scheme.has_spans else "accuracy",
    )


def _encoded(tagger: Tagger, corpus: Sequence[Example]) -> NDArray[np.floating]:
    """Return the encoder's outputs of all words, ``[N, E]``, in the corpus's order."""
    sentences = [example.tokens for example in corpus]
    rows: list[NDArray[np.floating]] = [np.empty(0)] * len(sentences)
    for seen in passes(tagger, sentences):
        for i, values in zip(seen.members, seen.encoded.cpu().numpy(), strict=True):
            rows[i] = values[: len(sentences[i])]
    return np.concatenate(rows)
