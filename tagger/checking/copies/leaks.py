"""Leaks: sentences of one part that are also in another, such as sentences of train in test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from tagger.checking.copies.near import NearCopies, NearCopyFinder
from tagger.checking.copies.sentences import SHORTEST, spans_of
from tagger.checking.corpus import Corpus
from tagger.checking.findings import Finding
from tagger.checking.numbered import NumberedCorpus
from tagger.checking.pairs import part_pairs
from tagger.checking.wording import quoted, share
from tagger.metrics.label_arrays import IntArray
from tagger.text.counted import counted

IDS: Final = ("leaked-sentence", "near-copy")
_ABOVE_ALL: Final = 1e9
"""Weight of the finding with the total."""


def find(corpus: Corpus) -> Iterator[Finding]:
    """Yield for each pair of parts how much of one is in the other, then a finding for each sentence."""
    numbered = corpus.numbered
    finder = NearCopyFinder(numbered)
    for seen, scored in part_pairs(corpus):
        sentences, originals = exact_copies(numbered, scored, seen)
        long = numbered.lengths[sentences] >= SHORTEST
        yield from _exact(numbered, scored, seen, sentences[long], originals[long])
        yield from _near(numbered, scored, seen, finder.sentences(scored, seen))


def exact_copies(numbered: NumberedCorpus, part: int, other: int) -> tuple[IntArray, IntArray]:
    """Return the sentences of a part that are in another, of any length, and the first occurrence of each there.

    Args:
        numbered: the corpus.
        part: number of the part whose sentences are looked up.
        other: number of the part in which they are looked up.
    """
    first: dict[int, int] = {}
    others = numbered.sentences(other)
    for sentence, key in zip(
        others, numbered.same_sentence[others.start : others.stop].tolist(), strict=True
    ):
        first.setdefault(key, sentence)
    ours = numbered.sentences(part)
    keys = numbered.same_sentence[ours.start : ours.stop].tolist()
    found = [
        (sentence, first[key])
        for sentence, key in zip(ours, keys, strict=True)
        if key in first and numbered.lengths[sentence] > 0
    ]
    pairs = np.array(found, dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _exact(
    numbered: NumberedCorpus, part: int, other: int, sentences: IntArray, originals: IntArray
) -> Iterator[Finding]:
    if not len(sentences):
        return
    name, where = numbered.parts[part].name, numbered.parts[other].name
    yield _altogether(numbered, "leaked-sentence", part, sentences, f"also in {where}")
    for sentence, original in zip(sentences.tolist(), originals.tolist(), strict=True):
        length = int(numbered.lengths[sentence])
        yield Finding(
            "leaked-sentence",
            f"also in {where}: {quoted(_words(numbered, sentence))}",
            (numbered.place(sentence), numbered.place(original)),
            name,
            weight=float(length),
            details={"other_part": where, "tokens": length},
        )


def _near(numbered: NumberedCorpus, part: int, other: int, copies: NearCopies) -> Iterator[Finding]:
    if not len(copies.copies):
        return
    name, where = numbered.parts[part].name, numbered.parts[other].name
    yield _altogether(numbered, "near-copy", part, copies.copies, f"nearly the same in {where}")
    for sentence, original, shared in zip(
        copies.copies.tolist(), copies.originals.tolist(), copies.shared.tolist(), strict=True
    ):
        length = int(numbered.lengths[sentence])
        yield Finding(
            "near-copy",
            f"nearly the same in {where}: {quoted(_words(numbered, sentence))}, "
            f"there {quoted(_words(numbered, original))}",
            (numbered.place(sentence), numbered.place(original)),
            name,
            weight=shared * min(length, int(numbered.lengths[original])),
            details={"other_part": where, "tokens": length, "shared": round(shared, 3)},
        )


def _altogether(numbered: NumberedCorpus, check: str, part: int, sentences: IntArray, what: str) -> Finding:
    """Return a finding that says what share of a part, and of its spans, such sentences make up."""
    name = numbered.parts[part].name
    total = len(numbered.sentences(part))
    message = f"{len(sentences):,} of {counted(total, 'sentence')} of {name} ({share(len(sentences), total)})"
    details: dict[str, object] = {"sentences": len(sentences), "sentences_in_part": total}
    if numbered.has_spans[part]:
        is_chosen = np.zeros(numbered.num_sentences, dtype=np.bool_)
        is_chosen[numbered.sentences(part)] = True
        all_spans = spans_of(numbered, is_chosen)
        is_chosen[:] = False
        is_chosen[sentences] = True
        spans = spans_of(numbered, is_chosen)
        message += f", with {share(spans, all_spans)} of its spans,"
        details |= {"spans": spans, "spans_in_part": all_spans}
    is_or_are = "is" if len(sentences) == 1 else "are"
    return Finding(
        check, f"{message} {is_or_are} {what}", (), name, weight=_ABOVE_ALL, count=0, details=details
    )


def _words(numbered: NumberedCorpus, sentence: int) -> tuple[str, ...]:
    return numbered.text(int(numbered.starts[sentence]), int(numbered.starts[sentence + 1]))
