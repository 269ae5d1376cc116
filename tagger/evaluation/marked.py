"""Sentences with the spans or labels of one side marked inline, for readers."""

from __future__ import annotations

import numpy as np

from tagger.evaluation.comparison import Comparison, Side
from tagger.formats.texts.inline import format_inline, join_tokens


def marked_sentence(comparison: Comparison, sentence: int, side: Side) -> str:
    """Return the words of a gold sentence with the spans of a side, or ``word/LABEL`` where labels are plain.

    A span that covers part of a token, which is possible if the sides have different tokens, is shown around the whole
    token.

    Args:
        comparison: the comparison of the side.
        sentence: index of the sentence, from 0.
        side: the gold or the predicted side.
    """
    tokens = comparison.examples[sentence].tokens
    before = int(comparison.gold.labels.starts[sentence])
    if not comparison.has_spans:
        ids = side.labels.ids[before : before + len(tokens)].tolist()
        return " ".join(f"{token}/{side.labels.names[i]}" for token, i in zip(tokens, ids, strict=True))
    start, end = comparison.sentence_starts[sentence : sentence + 2].tolist()
    first, last = np.searchsorted(side.spans.starts, [start, end])
    spans = side.spans.chosen(np.arange(first, last))
    text, ranges = join_tokens(tokens)
    marked = []
    done = 0
    for left, right, kind in zip(
        *(column.tolist() for column in comparison.tokens_of(spans)), spans.types.tolist(), strict=True
    ):
        left, right = max(left - before, done), min(right - before, len(tokens))
        if left < right:
            marked.append((ranges[left][0], ranges[right - 1][1], comparison.types[kind]))
            done = right
    return format_inline(text, marked)
