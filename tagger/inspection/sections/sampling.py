"""Sampling a corpus, for views that would take too long over all of it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tagger.examples import Example
from tagger.text.counted import counted


def sample(examples: Sequence[Example], max_words: int) -> tuple[list[Example], str]:
    """Return evenly spaced sentences of a corpus, and a note on their number.

    Args:
        examples: the corpus.
        max_words: approximate number of words; a corpus with no more is returned whole.
    """
    num_words = sum(len(example.tokens) for example in examples)
    every = max(1, math.ceil(num_words / max_words))
    chosen = list(examples[::every])
    if every == 1:
        return chosen, f"Corpus: {counted(len(chosen), 'sentence')}, {counted(num_words, 'word')}."
    num_chosen = sum(len(example.tokens) for example in chosen)
    return chosen, (
        f"Corpus: {len(chosen):,} of {counted(len(examples), 'sentence')}, spread evenly: {num_chosen:,} of "
        f"{counted(num_words, 'word')}."
    )
