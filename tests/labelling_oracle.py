"""Every legal label sequence of one short sentence with its probability, found without the package's own rules."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass
from types import SimpleNamespace

import torch

from tagger import Tagger
from tagger.inference.lookahead import Lookahead

_LEGAL = {
    "iob2": r"(?:(?:O|B-(\w+)(?: I-\1)*) ?)*",
    "bioes": r"(?:(?:O|S-\w+|B-(\w+)(?: I-\1)* E-\1) ?)*",
    "io": r".*",
    "none": r".*",
}


@dataclass(frozen=True)
class Labelling:
    """One legal sequence of inner labels, what it is reported as, and its probability."""

    inner: tuple[str, ...]
    reported: tuple[str, ...]
    spans: tuple[tuple[int, int, str], ...]
    probability: float


def emissions_alone(parts, tokens):
    """Scores of one sentence that is alone in its batch, bit for bit those of a tagger, in float64, [T, L]."""
    scores = Tagger(parts)._runner.scores(Lookahead([tuple(tokens)], [None]))([0])
    return torch.from_numpy(scores.emissions).double()


def labellings(parts, tokens, added=None) -> list[Labelling]:
    """All legal labellings of a sentence, the most probable first; ``added`` to the emissions, ``[T][L]``, if given."""
    scheme, labels = parts.config.scheme, parts.labels.items
    emissions = emissions_alone(parts, tokens).tolist()
    if added is not None:
        pairs = zip(emissions, added, strict=True)
        emissions = [[one + other for one, other in zip(*rows, strict=True)] for rows in pairs]
    decoder = parts.model.decoder
    transitions, start, end = (
        scores.detach().double().tolist()
        for scores in (decoder.transitions, decoder.start_transitions, decoder.end_transitions)
    )
    scored = []
    for path in itertools.product(range(len(labels)), repeat=len(tokens)):
        inner = tuple(labels[i] for i in path)
        if re.fullmatch(_LEGAL[scheme], " ".join(inner)) is None:
            continue
        score = start[path[0]] + end[path[-1]] + sum(row[i] for row, i in zip(emissions, path, strict=True))
        score += sum(transitions[i][j] for i, j in itertools.pairwise(path))
        scored.append((score, inner))
    top = max(score for score, _ in scored)
    total = sum(math.exp(score - top) for score, _ in scored)
    found = [_labelling(inner, scheme, math.exp(score - top) / total) for score, inner in scored]
    return sorted(found, key=lambda each: -each.probability)


def _labelling(inner, scheme, probability) -> Labelling:
    if scheme == "none":
        return Labelling(inner, inner, (), probability)
    spans = []
    for t, label in enumerate(inner):
        letter, _, kind = label.partition("-")
        begins = letter in ("B", "S") or (scheme == "io" and (t == 0 or inner[t - 1] != label))
        if label == "O":
            continue
        if begins:
            spans.append(SimpleNamespace(start=t, end=t + 1, label=kind))
        else:
            spans[-1].end = t + 1
    reported = ["O"] * len(inner)
    for span in spans:
        reported[span.start : span.end] = [f"B-{span.label}"] + [f"I-{span.label}"] * (
            span.end - span.start - 1
        )
    return Labelling(
        inner, tuple(reported), tuple((span.start, span.end, span.label) for span in spans), probability
    )
