"""The pictures of docs/how_it_works/crf.md: from emissions to probabilities, and the transition scores."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Final

import numpy as np
from drawing import corpus_columns, share_map, side_by_side, signed_map

from tagger import Tagger
from tagger.inspection import CrfView, crf_view
from tagger.inspection.sections.crf import transition_map
from tagger.report import Markup
from tagger.schemes import labels_to_spans

_TEXT: Final = "In Zanzibar the streets of Stone Town are too narrow for Samuel 's Land Rover ."
SENTENCE: Final = tuple(_TEXT.split())
"""Of the dev split."""


def pictures(tagger: Tagger) -> dict[str, Markup]:
    """Return the pictures by name."""
    view = crf_view(tagger, SENTENCE)
    best = np.array([[label == of_word for label in view.labels] for of_word in view.best.labels])
    return {
        "probabilities": side_by_side(
            signed_map("emissions", view.emissions, rows=SENTENCE, columns=view.labels, marked=best),
            share_map("probabilities", view.marginals, rows=SENTENCE, columns=view.labels, marked=best),
        ),
        "transitions": transition_map(view, np.arange(len(view.labels))),
    }


def print_numbers(tagger: Tagger) -> None:
    """Print what the page says of the sentence and of the transition scores."""
    view = crf_view(tagger, SENTENCE)
    for t, word in enumerate(SENTENCE):
        order = np.argsort(-view.marginals[t])[:3]
        highest = view.labels[view.emissions[t].argmax()]
        print(
            f"{word:9} {view.best.labels[t]:6} highest emission {highest:6}",
            _by_label(view, t, order.tolist()),
        )
    start = SENTENCE.index("Land")
    for kind in ("LOC", "PER", "ORG"):
        first, inside = view.labels.index(f"B-{kind}"), view.labels.index(f"I-{kind}")
        terms = (
            view.transitions[0, first],
            view.emissions[start, first],
            view.transitions[first, inside],
            view.emissions[start + 1, inside],
            view.transitions[inside, 0],
        )
        print(kind, [f"{term:.2f}" for term in terms], f"sum {sum(terms):.2f}")
    outside = np.array([label == "O" for label in view.best.labels])
    for prefix in "BI":
        columns = [k for k, label in enumerate(view.labels) if label[0] == prefix]
        scores = view.emissions[outside][:, columns]
        print(
            f"{prefix}- at words labelled O: {scores.min():.2f} to {scores.max():.2f}, mean {scores.mean():.2f}"
        )
    print(f"emissions: {view.emissions.min():.2f} to {view.emissions.max():.2f}")
    second = view.runner_up
    assert second is not None
    print(f"best {view.best.probability:.3f}, second {second.probability:.3f}: {second.labels}")
    for name, edges in (("start", view.start), ("end", view.end)):
        print(name, {label: round(float(score), 2) for label, score in zip(view.labels, edges, strict=True)})
    found = [labels_to_spans(labels, tagger.scheme) for _, labels in corpus_columns()]
    adjacent = sum(one.end == next_one.start for spans in found for one, next_one in pairwise(spans))
    words = Counter(span.end - span.start for spans in found for span in spans if span.label == "PER")
    print(
        f"train: {sum(map(len, found))} spans, {adjacent} followed by another; persons by words: {dict(words)}"
    )
    for i, label in enumerate(view.labels):
        allowed = np.flatnonzero(view.allowed_transitions[i])
        print("after", label, {view.labels[j]: round(float(view.transitions[i, j]), 2) for j in allowed})


def _by_label(view: CrfView, t: int, labels: list[int]) -> str:
    return ", ".join(
        f"{view.labels[k]} p {view.marginals[t, k]:.2f} emission {view.emissions[t, k]:.2f}" for k in labels
    )
