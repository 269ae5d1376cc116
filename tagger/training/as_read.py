"""Log counts and three sentences of the data as read, so that a misreading is noticed before training."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, islice

from tagger.examples import Example
from tagger.formats import format_inline, join_tokens
from tagger.schemes import LabelScheme, labels_to_spans
from tagger.text.counted import counted
from tagger.training.data import PreparedData

_LOG = logging.getLogger(__name__)

_SENTENCES = 3
_TOKENS = 30
"""Maximum number of tokens to show of a sentence."""
_LABELS = 10
"""Number of labels, the most frequent ones, to list with their counts."""


def log_as_read(data: PreparedData) -> None:
    """Log the size and labels of each split, and three sentences of the train split, preferably with spans."""
    for name, examples, scheme in (
        ("train", data.train, data.inner_scheme),
        ("dev", data.dev, data.scheme),
        ("test", data.test, data.scheme),
    ):
        if examples:
            _LOG.info("%s: %s", name, composition(examples, scheme))
    unlabelled = [example for example in data.taught if example.soft_labels is None]
    if unlabelled:
        tokens = sum(len(example.tokens) for example in unlabelled)
        _LOG.info("without labels: %s, %s", counted(len(unlabelled), "sentence"), counted(tokens, "token"))
    unknown = sum(None in (example.soft_labels or ()) for example in data.learned)
    soft = sum(example.soft_labels is not None for example in data.learned) - unknown
    for what, number in (("soft labels", soft), ("some labels unknown", unknown)):
        if number:
            _LOG.info("with %s: %s", what, counted(number, "sentence"))
    for example in _chosen(data.train, data.inner_scheme):
        _LOG.info("as read (%s): %s", example.origin, shown(example, data.inner_scheme))


def composition(examples: Sequence[Example], scheme: LabelScheme) -> str:
    """Return the numbers of sentences, tokens and labels; for spans, the number of each type.

    >>> composition([Example(["Oslo", "is"], ["B-LOC", "O"])], LabelScheme.IOB2)
    '1 sentence, 2 tokens, 1 span: LOC 1'
    """
    tokens = sum(len(example.tokens) for example in examples)
    if scheme.has_spans:
        counts = Counter(
            span.label for example in examples for span in labels_to_spans(example.labels or (), scheme)
        )
        what = counted(counts.total(), "span")
    else:
        counts = Counter(chain.from_iterable(example.labels or () for example in examples))
        what = counted(len(counts), "different label")
    listed = [f"{label} {count:,}" for label, count in counts.most_common(_LABELS)]
    others = [counted(len(counts) - _LABELS, "other")] if len(counts) > _LABELS else []
    size = f"{counted(len(examples), 'sentence')}, {counted(tokens, 'token')}"
    return f"{size}, {what}: {', '.join(listed + others) or 'none'}"


def shown(example: Example, scheme: LabelScheme) -> str:
    """Return a sentence with its spans marked, or each token with its label; long sentences are truncated.

    >>> shown(Example(["in", "Oslo"], ["O", "B-LOC"]), LabelScheme.IOB2)
    'in [Oslo](LOC)'
    >>> shown(Example(["in", "Oslo"], ["ADP", "PROPN"]), LabelScheme.NONE)
    'in/ADP Oslo/PROPN'
    """
    tokens, labels = example.tokens[:_TOKENS], (example.labels or ())[:_TOKENS]
    rest = " …" if len(example.tokens) > _TOKENS else ""
    if not scheme.has_spans:
        return " ".join(f"{token}/{label}" for token, label in zip(tokens, labels, strict=True)) + rest
    text, ranges = join_tokens(tokens)
    spans = (
        (ranges[span.start][0], ranges[span.end - 1][1], span.label)
        for span in labels_to_spans(labels, scheme)
    )
    return format_inline(text, spans) + rest


def _chosen(examples: Sequence[Example], scheme: LabelScheme) -> Iterator[Example]:
    """Yield the first three sentences with spans; if there are fewer, also the first ones without."""
    with_spans = (
        example for example in examples if set(example.labels or ()) - {"O"} or not scheme.has_spans
    )
    chosen = list(islice(with_spans, _SENTENCES))
    yield from chosen
    without = (example for example in examples if not any(example is other for other in chosen))
    yield from islice(without, _SENTENCES - len(chosen))
