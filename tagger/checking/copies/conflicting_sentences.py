"""Sentences with the same tokens and different labels, within a part and across parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from tagger.checking.copies.readings import reading
from tagger.checking.copies.sentences import members
from tagger.checking.corpus import Corpus
from tagger.checking.findings import Finding
from tagger.checking.numbered import NONE, NumberedCorpus
from tagger.checking.wording import named, quoted
from tagger.text.counted import counted

IDS: Final = ("conflicting-sentence",)
_MOST_SHOWN: Final = 3
_MOST_NAMED: Final = 4

_Labelling = tuple[tuple[int, int, str], ...]
"""The spans of a sentence; with plain labels, the label of each token."""


def find(corpus: Corpus) -> Iterator[Finding]:
    """Yield a finding for each sentence that is labelled in several ways; longer ones have more weight."""
    numbered = corpus.numbered
    for is_spanned in (True, False):
        of_kind = numbered.is_spanned if is_spanned else numbered.is_tagged
        filled = np.flatnonzero(numbered.lengths > 0)
        for group in members(numbered, filled[of_kind[numbered.starts[filled]]]):
            labellings: dict[_Labelling, list[int]] = {}
            for sentence in group.tolist():
                labellings.setdefault(_labelling(numbered, sentence, is_spanned), []).append(sentence)
            if len(labellings) > 1:
                yield _finding(numbered, labellings)


def _labelling(numbered: NumberedCorpus, sentence: int, is_spanned: bool) -> _Labelling:
    if is_spanned:
        return tuple(numbered.spans_in(sentence))
    first, after = numbered.starts[sentence : sentence + 2].tolist()
    return tuple(
        (t, t + 1, "" if label == NONE else numbered.label_names[label])
        for t, label in enumerate(numbered.labels[first:after].tolist())
    )


def _finding(numbered: NumberedCorpus, labellings: dict[_Labelling, list[int]]) -> Finding:
    """Return the finding for a sentence, with the rarest labelling first."""
    ways = sorted(labellings.items(), key=lambda item: len(item[1]))
    common = set.intersection(*(set(way) for way, _ in ways))
    differing = [[one for one in way if one not in common] for way, _ in ways]
    start = min(one[0] for way in differing for one in way)
    end = max(one[1] for way in differing for one in way)
    first = ways[0][1][0]
    begin = int(numbered.starts[first])
    words = numbered.text(begin, int(numbered.starts[first + 1]))
    said = [
        f"{_said(words, way)} ({counted(len(sentences), 'time')})"
        for way, (_, sentences) in zip(differing, ways, strict=True)
    ]
    places = [numbered.place(sentences[0], start) for _, sentences in ways[:_MOST_NAMED]]
    parts = {int(numbered.part_of[sentence]) for _, sentences in ways for sentence in sentences}
    more = f", and {len(said) - _MOST_NAMED} other ways" if len(said) > _MOST_NAMED else ""
    total = sum(len(sentences) for _, sentences in ways)
    return Finding(
        "conflicting-sentence",
        f"{quoted(words)} is labelled in {len(ways)} ways: {'; '.join(said[:_MOST_NAMED])}{more}",
        tuple(places),
        numbered.parts[parts.pop()].name if len(parts) == 1 else None,
        weight=float(len(words)),
        count=total - len(ways[-1][1]),
        details={
            "readings": [
                reading(numbered, sentences[0], start, end, label=_said(words, way), place=place)
                for way, (_, sentences), place in zip(differing, ways, places[:_MOST_SHOWN], strict=False)
            ],
            "times": [len(sentences) for _, sentences in ways],
        },
    )


def _said(words: tuple[str, ...], way: list[tuple[int, int, str]]) -> str:
    if not way:
        return "no label there"
    named_ones = [f"{quoted(words[start:end])} {named(label)}" for start, end, label in way[:_MOST_NAMED]]
    return ", ".join(named_ones) + (", ..." if len(way) > _MOST_NAMED else "")
