"""Figures and examples of the training data, for metrics.json and the model card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Final

from tagger.examples import Example
from tagger.formats import join_tokens
from tagger.schemes import LabelScheme, labels_to_spans
from tagger.training.data import PreparedData

_LONGEST: Final = 60
"""Maximum characters of an example phrase; longer ones explain a label no better."""


def training_set(data: PreparedData) -> dict[str, Any]:
    """Return the size of the training data: sentences, tokens, words, documents, and spans or labels by name."""
    examples = [example for example in data.learned if example.labels is not None]
    found: dict[str, Any] = {
        "sentences": len(examples),
        "tokens": sum(len(example.tokens) for example in examples),
        "different_words": len(set(chain.from_iterable(example.tokens for example in examples))),
    }
    if documents := {example.document for example in examples} - {None}:
        found["documents"] = len(documents)
    kind = "spans" if data.inner_scheme.has_spans else "labels"
    counts = Counter(label for label, _ in _labelled(examples, data.inner_scheme))
    return {**found, kind: dict(sorted(counts.items()))}


def label_examples(data: PreparedData, number: int) -> dict[str, list[str]]:
    """Return the most frequent phrases of each type of span, or of each label of tokens.

    Args:
        data: of the run.
        number: phrases for each; ties are broken by order in the data.

    Returns:
        Labels in order, each with up to ``number`` different phrases of up to 60 characters.
    """
    phrases: dict[str, Counter[str]] = {}
    for label, tokens in _labelled(data.learned, data.inner_scheme):
        phrase = join_tokens(tokens)[0] if len(tokens) > 1 else tokens[0]
        if len(phrase) <= _LONGEST:
            phrases.setdefault(label, Counter())[phrase] += 1
    return {
        label: [phrase for phrase, _ in counts.most_common(number)]
        for label, counts in sorted(phrases.items())
    }


def _labelled(examples: Sequence[Example], scheme: LabelScheme) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the spans of examples, or the tokens if labels have no spans, with their labels."""
    for example in examples:
        if example.labels is None:
            continue
        labels = example.labels
        if scheme.has_spans:
            for span in labels_to_spans(labels, scheme):
                yield span.label, example.tokens[span.start : span.end]
        else:
            yield from ((label, (token,)) for token, label in zip(example.tokens, labels, strict=True))
