"""Sentences with gold and predicted spans, as tests of comparisons want them."""

import random

from tagger.evaluation.comparison import compare
from tagger.examples import Example
from tagger.schemes import LabelScheme, spans_to_labels
from tagger.spans import Span


def comparison_of(*sentences, **arguments):
    """Compare sentences: of each the number or list of its tokens, gold spans, and predicted spans.

    Spans are tuples of start, end and type.
    """
    examples, predicted = [], []
    for tokens, gold, other in sentences:
        tokens = [f"w{place}" for place in range(tokens)] if isinstance(tokens, int) else tokens
        labels, others = (
            spans_to_labels([Span(*span) for span in spans], len(tokens), LabelScheme.IOB2)
            for spans in (gold, other)
        )
        examples.append(Example(tuple(tokens), tuple(labels)))
        predicted.append(others)
    return compare(examples, predicted, LabelScheme.IOB2, LabelScheme.IOB2, **arguments)


def random_spans(rng, length, types="AB", gap=1):
    """Return spans of random lengths and types, with up to ``gap`` tokens before each."""
    spans, place = [], rng.randint(0, gap)
    while place < length:
        end = min(length, place + rng.randint(1, 4))
        spans.append((place, end, rng.choice(types)))
        place = end + rng.randint(0, gap)
    return spans


def random_sentences(count, types="AB", length=12, seed=3):
    """Return sentences for :func:`comparison_of`, most of whose spans differ."""
    rng = random.Random(seed)
    lengths = [rng.randint(0, length) for _ in range(count)]
    return [(size, random_spans(rng, size, types), random_spans(rng, size, types)) for size in lengths]


def reversed_sentences(sentences):
    """Return the same corpus read from its end: sentences, tokens and spans."""
    return [
        (size, *([(size - end, size - start, kind) for start, end, kind in spans] for spans in sides))
        for size, *sides in reversed(sentences)
    ]
