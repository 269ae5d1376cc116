"""Duplicates: sentences that a part contains more than once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from tagger.checking.copies.sentences import SHORTEST, members
from tagger.checking.corpus import Corpus
from tagger.checking.findings import Finding
from tagger.checking.wording import quoted
from tagger.text.counted import counted

IDS: Final = ("duplicate-sentence",)
_MOST_PLACES: Final = 5


def find(corpus: Corpus) -> Iterator[Finding]:
    """Yield a finding for each sentence of five or more tokens that a part repeats; longer ones have more weight."""
    numbered = corpus.numbered
    for number, part in enumerate(corpus.parts):
        sentences = np.array(numbered.sentences(number), dtype=np.int64)
        groups = members(numbered, sentences[numbered.lengths[sentences] >= SHORTEST])
        surplus = sum(len(group) - 1 for group in groups)
        for group in groups:
            first = int(group[0])
            length = int(numbered.lengths[first])
            words = numbered.text(int(numbered.starts[first]), int(numbered.starts[first + 1]))
            yield Finding(
                "duplicate-sentence",
                f"{counted(len(group), 'time')} in {part.name}: {quoted(words)}",
                tuple(numbered.place(sentence) for sentence in group[:_MOST_PLACES].tolist()),
                part.name,
                weight=float(length * (len(group) - 1)),
                count=len(group) - 1,
                details={
                    "tokens": length,
                    "times": len(group),
                    "copies_in_part": surplus,
                    "sentences_in_part": len(sentences),
                    "share_of_part": surplus / len(sentences),
                },
            )
