"""Phrases: all occurrences of the words of spans in a corpus, whether annotated as spans or not.

Letters: N tokens, M spans, F different phrases, K occurrences.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tagger.checking.numbered import NONE, NumberedCorpus
from tagger.metrics.label_arrays import BoolArray, IntArray

LONGEST: Final = 64
"""Maximum length of a phrase in words; longer spans are ignored."""


@dataclass(frozen=True, eq=False)
class Phrases:
    """The different phrases that are a span somewhere, and all their occurrences, ordered by phrase and place.

    Attributes:
        firsts: a span of each phrase, ``[F]``.
        phrase_of: the phrase of each span, ``[M]``; NONE for those not requested.
        starts: first token of each occurrence, ``[K]``.
        ends: the token after its last, ``[K]``.
        phrases: the phrase of each occurrence, ``[K]``.
    """

    firsts: IntArray
    phrase_of: IntArray
    starts: IntArray
    ends: IntArray
    phrases: IntArray

    def __len__(self) -> int:
        return len(self.firsts)


def find_phrases(numbered: NumberedCorpus, tokens: IntArray, spans: IntArray, within: BoolArray) -> Phrases:
    """Return the phrases of spans, and their occurrences.

    The phrases form a trie, which is traversed for all places of the corpus at once, word by word, so the work grows
    with the number of tokens that begin like a phrase.

    Args:
        numbered: the corpus.
        tokens: the word index of each token, ``[N]``: that of the corpus, or of words that count as equal.
        spans: indices of the spans whose words to search for.
        within: the tokens to search, ``[N]``: those of whole sentences.
    """
    num_words = int(tokens.max()) + 1 if len(tokens) else 1
    lengths = (numbered.spans.ends - numbered.spans.starts)[spans]
    spans, lengths = spans[lengths <= LONGEST], lengths[lengths <= LONGEST]
    sentence_ends = numbered.starts[1:][numbered.sentence_of] if len(tokens) else tokens
    phrase_of = np.full(len(numbered.spans), NONE)
    firsts: list[IntArray] = []
    found: list[tuple[IntArray, IntArray, IntArray]] = []
    num_phrases = 0
    open_spans, nodes = spans, np.zeros(len(spans), dtype=np.int64)
    places = np.flatnonzero(within)
    place_nodes = np.zeros(len(places), dtype=np.int64)
    depth = 0
    while len(open_spans):
        # One word further: the edges of the trie from the nodes at this depth, and the places that follow them
        keys = nodes * num_words + tokens[numbered.spans.starts[open_spans] + depth]
        edges, nodes = np.unique(keys, return_inverse=True)
        fits = places + depth < sentence_ends[places]
        places, place_nodes = places[fits], place_nodes[fits]
        wanted = place_nodes * num_words + tokens[places + depth]
        place_nodes = np.minimum(np.searchsorted(edges, wanted), len(edges) - 1)
        fits = edges[place_nodes] == wanted
        places, place_nodes = places[fits], place_nodes[fits]
        depth += 1
        # Phrases that end here
        is_end = numbered.spans.ends[open_spans] - numbered.spans.starts[open_spans] == depth
        ending, first, which = np.unique(nodes[is_end], return_index=True, return_inverse=True)
        if len(ending):
            phrase_of[open_spans[is_end]] = num_phrases + which
            firsts.append(open_spans[is_end][first])
            numbers = np.full(len(edges), NONE)
            numbers[ending] = num_phrases + np.arange(len(ending))
            here = numbers[place_nodes] != NONE
            found.append((places[here], places[here] + depth, numbers[place_nodes[here]]))
            num_phrases += len(ending)
        open_spans, nodes = open_spans[~is_end], nodes[~is_end]
    starts, ends, phrases = (
        np.concatenate([np.zeros(0, dtype=np.int64), *(one[column] for one in found)]) for column in range(3)
    )
    order = np.lexsort((starts, phrases))
    return Phrases(
        np.concatenate([np.zeros(0, dtype=np.int64), *firsts]),
        phrase_of, starts[order], ends[order], phrases[order],
    )  # fmt: skip
