"""Words whose plain label, such as a part of speech, differs from that of the same word elsewhere.

Variation n-grams, after Dickinson and Meurers (2003), Detecting Errors in Part-of-Speech Annotation: a word that has
several labels between the same neighbours on both sides (a "nucleus in context") is probably a mistake rather than
ambiguous, and the more neighbours agree, the more probable a mistake is. The beginning and the end of a sentence count
as neighbours. Each sentence counts once, however often it occurs: repeated sentences have a check of their own.

A word that has one label nearly everywhere and another one rarely is a finding of a separate kind.

Letters: N tokens, K tokens whose labels still vary in the contexts under consideration.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import log2
from typing import Any, Final

import numpy as np

from tagger.checking.copies.readings import reading
from tagger.checking.corpus import Corpus
from tagger.checking.findings import Finding
from tagger.checking.numbered import NumberedCorpus
from tagger.checking.wording import named, quoted
from tagger.metrics.label_arrays import BoolArray, IntArray
from tagger.text.counted import counted

IDS: Final = ("conflicting-tag", "ambiguous-tag", "rare-tag")
_WIDEST: Final = 8
"""Maximum number of neighbours compared on either side."""
_WIDE: Final = 2
"""Minimum number of equal neighbours on either side at which two labels are probably a mistake."""
_MOST_PLACES: Final = 5
_DOMINANT: Final = 50
"""A label is rare for a word if another label of the word is at least this many times as frequent."""


def find(corpus: Corpus) -> Iterator[Finding]:
    """Yield a finding for each word in context with several labels, and for each rare label of a word."""
    numbered = corpus.numbered
    is_first = numbered.same_sentence == np.arange(numbered.num_sentences)
    places = np.flatnonzero(numbered.is_tagged & is_first[numbered.sentence_of])
    if not len(places):
        return
    yield from _in_context(numbered, places)
    yield from _rare(numbered, places)


def _in_context(numbered: NumberedCorpus, places: IntArray) -> Iterator[Finding]:
    num_words = len(numbered.words) + 2
    starts = numbered.starts[:-1][numbered.sentence_of]
    ends = numbered.starts[1:][numbered.sentence_of]
    keys = numbered.tokens[places]
    widths = np.zeros(len(numbered.tokens), dtype=np.int64)
    number_of = np.full(len(numbered.tokens), -1)
    given = 0
    for width in range(1, _WIDEST + 1):
        for offset in (-width, width):
            keys = np.unique(
                keys * num_words + _neighbours(numbered, places, offset, starts, ends, num_words),
                return_inverse=True,
            )[1]
        varies = _varies(keys, numbered.labels[places])
        places, keys = places[varies], keys[varies]
        if not len(places):
            break
        # variation in a wider context is reported only there
        groups, which = np.unique(keys, return_inverse=True)
        widths[places] = width
        number_of[places] = given + which
        given += len(groups)
    kept = np.flatnonzero(number_of >= 0)
    contexts = number_of[kept]
    order = np.argsort(contexts, kind="stable")
    kept, contexts = kept[order], contexts[order]
    cuts = [0, *(np.flatnonzero(np.diff(contexts)) + 1).tolist(), len(kept)]
    for low, high in pairwise(cuts):
        group = kept[low:high]
        if len(set(numbered.labels[group].tolist())) > 1:
            yield _context_finding(numbered, group, int(widths[group[0]]))


def _neighbours(
    numbered: NumberedCorpus,
    places: IntArray,
    offset: int,
    starts: IntArray,
    ends: IntArray,
    num_words: int,
) -> IntArray:
    """Return the words at a distance from each place; beyond either end of the sentence, a number reserved for it."""
    others = places + offset
    is_inside = (others >= starts[places]) & (others < ends[places])
    words = numbered.tokens[np.clip(others, 0, len(numbered.tokens) - 1)]
    return np.where(is_inside, words, num_words - 1 if offset > 0 else num_words - 2)


def _varies(keys: IntArray, labels: IntArray) -> BoolArray:
    """Return for each token whether the tokens with its key have several labels, ``[K]``."""
    num_labels = int(labels.max()) + 1 if len(labels) else 1
    pairs = np.unique(keys * num_labels + labels)
    different = np.bincount(pairs // num_labels, minlength=int(keys.max()) + 1 if len(keys) else 0)
    varies: BoolArray = different[keys] > 1
    return varies


def _context_finding(numbered: NumberedCorpus, group: IntArray, width: int) -> Finding:
    by_label = _by_label(numbered, group)
    (_, usual), rest = by_label[0], by_label[1:]
    others = [place for _, places in rest for place in places]
    token = others[0]
    sentence = int(numbered.sentence_of[token])
    first, after = numbered.starts[sentence : sentence + 2].tolist()
    context = numbered.text(max(token - width, first), min(token + width + 1, after))
    word = numbered.text(token, token + 1)
    said = ", ".join(
        f"{named(numbered.label_names[label])} {counted(len(places), 'time')}" for label, places in by_label
    )
    weight = min(2 * width + 1, len(context)) + log2(len(usual) / len(others) + 1)
    return _finding(
        numbered,
        "conflicting-tag" if width >= _WIDE else "ambiguous-tag",
        f"{quoted(word)} in {quoted(context)} is {said}",
        others,
        usual[0],
        weight,
        {"context": list(context)},
    )


def _rare(numbered: NumberedCorpus, places: IntArray) -> Iterator[Finding]:
    words, labels = numbered.tokens[places], numbered.labels[places]
    num_labels = int(labels.max()) + 1
    pairs, which, counts = np.unique(words * num_labels + labels, return_inverse=True, return_counts=True)
    largest = np.zeros(len(numbered.words), dtype=np.int64)
    np.maximum.at(largest, pairs // num_labels, counts)
    is_rare = counts * _DOMINANT <= largest[pairs // num_labels]
    rare = np.flatnonzero(is_rare[which])
    order = rare[np.argsort(which[rare], kind="stable")]
    cuts = [0, *(np.flatnonzero(np.diff(which[order])) + 1).tolist(), len(order)]
    by_word = np.argsort(words, kind="stable")
    sorted_words = words[by_word]
    for low, high in pairwise(cuts):
        if low == high:
            continue
        pair = int(pairs[which[order[low]]])
        word, label = divmod(pair, num_labels)
        first, end = np.searchsorted(sorted_words, (word, word + 1))
        same_word = by_word[first:end]
        usual_label = int(np.bincount(labels[same_word]).argmax())
        usual = places[same_word[labels[same_word] == usual_label]]
        others = places[order[low:high]].tolist()
        yield _finding(
            numbered,
            "rare-tag",
            f"{quoted([numbered.words[word]])} is {named(numbered.label_names[label])} "
            f"{counted(len(others), 'time')}, but {named(numbered.label_names[usual_label])} "
            f"{counted(len(usual), 'time')}",
            others,
            int(usual[0]),
            log2(len(usual) / len(others)),
            {"word": numbered.words[word]},
        )


def _by_label(numbered: NumberedCorpus, group: IntArray) -> list[tuple[int, list[int]]]:
    """Return the places of each label, the most frequent one first."""
    found: dict[int, list[int]] = {}
    for place, label in zip(group.tolist(), numbered.labels[group].tolist(), strict=True):
        found.setdefault(label, []).append(place)
    return sorted(found.items(), key=lambda item: -len(item[1]))


def _finding(
    numbered: NumberedCorpus,
    check: str,
    message: str,
    others: list[int],
    usual: int,
    weight: float,
    details: dict[str, Any],
) -> Finding:
    shown = [*others[:_MOST_PLACES], usual]
    places = [numbered.place_of(token) for token in shown]
    parts = {int(part) for part in numbered.part_of[numbered.sentence_of[others]]}
    return Finding(
        check,
        message,
        tuple(places),
        numbered.parts[parts.pop()].name if len(parts) == 1 else None,
        weight=weight,
        count=len(others),
        details={
            **details,
            "readings": [
                _shown(numbered, token, place)
                for token, place in ((shown[0], places[0]), (usual, places[-1]))
            ],
        },
    )


def _shown(numbered: NumberedCorpus, token: int, place: str) -> dict[str, Any]:
    sentence = int(numbered.sentence_of[token])
    start = token - int(numbered.starts[sentence])
    label = named(numbered.label_names[int(numbered.labels[token])])
    return reading(numbered, sentence, start, start + 1, label=label, place=place)
