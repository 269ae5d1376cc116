r"""DocumentConsistency: other occurrences of a word in its document as evidence for its label here.

A sequence model reads one sentence at a time, although "Kent" is seldom a place in one sentence of an article and a
person in the next. Finkel, Grenager & Manning (2005) added such non-local dependencies to a CRF by Gibbs sampling,
Krishnan & Manning (2006) with a second CRF whose features are the first one's answers for the same word. Here, too,
there are two passes over the sentences; but nothing is learned, and the second pass adds a fixed formula:

1. The marginal probabilities of a token's labels are summed to types: P has an entry for each type of entity and one
   for O.
2. Words are compared in lower case with each digit as 0. A word takes part if it has a letter and occurs 2 to 12 times
   in the document; more frequent words are seldom names.
3. q is the mean of P over the n - 1 *other* occurrences, weighted by (max P)^4, so that confident ones count more.
4. The emissions of all labels of a type increase by

       weight * min(1, (n - 1) / 2) * log((q + 0.05) / (P + 0.05))

   which is bounded, and positive where the others make the type more probable than the sentence does. The CRF with
   these emissions is then decoded. So all labellings are legal, and all probabilities come from one distribution.

Letters: N tokens of the sentences read ahead, of which M take part, n occurrences of a word, L inner labels of the
model, K types.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tagger.crf_kernels import PackedScores, posterior
from tagger.documents import checked_weight
from tagger.features import IntArray, look_up_rows
from tagger.inference.lookahead import Lookahead
from tagger.schemes import LabelScheme, split_label
from tagger.vectors import fold_digits

FloatArray = NDArray[np.float64]

_MOST_OCCURRENCES: Final = 12
_SHARPNESS: Final = 4
_FLOOR: Final = 0.05


class DocumentConsistency:
    """Adds evidence from other occurrences of a word in the document to its emissions.

    Args:
        labels: the model's inner labels.
        scheme: their scheme, one with spans.
        weight: weight of the evidence.

    Raises:
        UsageError: if the weight is not a number from 0 to 1,000,000.
    """

    def __init__(self, labels: Sequence[str], scheme: LabelScheme, *, weight: float) -> None:
        types = [split_label(label, scheme)[1] for label in labels]
        number = {kind: i for i, kind in enumerate(dict.fromkeys(types))}
        self._type_of_label: Final = np.array([number[kind] for kind in types], dtype=np.int64)  # [L]
        self._is_of_type: Final = np.eye(len(number))[self._type_of_label]  # [L, K]
        self._weight: Final = checked_weight(weight)

    @property
    def num_types(self) -> int:
        """K."""
        return int(self._is_of_type.shape[1])

    def evidence(self, lookahead: Lookahead) -> Evidence | None:
        """Return an empty Evidence for the sentences of a lookahead; None if no word is repeated in a document."""
        repeats = repeated_words(lookahead)
        if repeats is None:
            return None
        lengths = np.fromiter(map(len, lookahead.sentences), dtype=np.int64, count=len(lookahead.sentences))
        return Evidence(self, repeats, lengths)

    def types(self, marginals: FloatArray) -> FloatArray:
        """Return the probabilities of the types, ``[M, K]``, given those of the labels, ``[M, L]``."""
        types: FloatArray = marginals @ self._is_of_type
        return types

    def additions(self, types: FloatArray, counts: IntArray) -> FloatArray:
        """Return the additions to the emissions of the tokens that take part, ``[M, L]``.

        Args:
            types: P, ``[M, K]``: tokens with fewer occurrences first, those of a word next to each other.
            counts: n of each token, ``[M]``.
        """
        sureness = types.max(axis=1, keepdims=True) ** _SHARPNESS
        terms = np.concatenate([types * sureness, sureness], axis=1)
        sums = np.empty_like(terms)
        for n in range(2, _MOST_OCCURRENCES + 1):
            block = slice(*np.searchsorted(counts, [n, n + 1]))
            # Sums without the token itself, not computed as a difference, which would lose the digits of small terms.
            words = terms[block].reshape(-1, n, terms.shape[1])
            sums[block] = ((1 - np.eye(n)) @ words).reshape(-1, terms.shape[1])
        elsewhere = sums[:, :-1] / sums[:, -1:]  # q, [M, K]
        weights = self._weight * np.minimum(1, (counts - 1) / 2)
        added = weights[:, None] * np.log((elsewhere + _FLOOR) / (types + _FLOOR))
        by_label: FloatArray = added.take(self._type_of_label, axis=1)
        return by_label


class Repeats(NamedTuple):
    """The tokens of a lookahead whose word is repeated in its document.

    Attributes:
        rows: index of each token among those that take part, -1 for the others, ``[N]``. Words that are repeated less
            often come first; the tokens of a word are next to each other.
        counts: occurrences in the document of the word of each token that takes part, ``[M]``.
    """

    rows: IntArray
    counts: IntArray


def repeated_words(lookahead: Lookahead) -> Repeats | None:
    """Return the tokens whose word is repeated in their document, or part of a document; None if there are none.

    Sentences that belong to no document have none.
    """
    in_document = [part is not None for part in lookahead.parts]
    sentences = list(compress(lookahead.sentences, in_document))
    lengths = np.fromiter(map(len, lookahead.sentences), dtype=np.int64, count=len(lookahead.sentences))
    tokens = np.flatnonzero(np.repeat(np.array(in_document, dtype=np.bool_), lengths))
    parts = np.array([part for part in lookahead.parts if part is not None], dtype=np.int64)
    if not len(tokens):
        return None
    numbers: dict[str, int] = {}
    number_of = {
        word: numbers.setdefault(key, len(numbers)) if (key := word_key(word)) else -1
        for word in dict.fromkeys(word for sentence in sentences for word in sentence)
    }
    keys = np.concatenate(look_up_rows(number_of, sentences))
    parts = np.repeat(parts, lengths[in_document])
    tokens, keys, parts = tokens[keys >= 0], keys[keys >= 0], parts[keys >= 0]
    _, words, counts_of_words = np.unique(
        parts * len(numbers) + keys, return_inverse=True, return_counts=True
    )
    counts = counts_of_words[words]
    chosen = np.flatnonzero((counts >= 2) & (counts <= _MOST_OCCURRENCES))
    if not len(chosen):
        return None
    chosen = chosen[np.lexsort((words[chosen], counts[chosen]))]
    rows = np.full(lengths.sum(), -1, dtype=np.int64)
    rows[tokens[chosen]] = np.arange(len(chosen))
    return Repeats(rows, counts[chosen])


def word_key(word: str) -> str:
    """Return the key by which occurrences of a word are compared; empty for a word without letters.

    >>> word_key("Route66"), word_key("1996")
    ('route00', '')
    """
    return fold_digits(word.lower()) if any(map(str.isalpha, word)) else ""


class Undecided(NamedTuple):
    """A batch to decode when the evidence is complete.

    Attributes:
        scores: the scores without evidence.
        places: the packed tokens that take part.
        rows: their indices among all tokens that take part.
    """

    scores: PackedScores
    places: IntArray
    rows: IntArray


class Evidence:
    """The evidence in a lookahead, gathered batch by batch and used when all batches are computed. Thread-safe.

    Args:
        consistency: the formula.
        repeats: the tokens that take part.
        lengths: tokens of each sentence of the lookahead.
    """

    def __init__(self, consistency: DocumentConsistency, repeats: Repeats, lengths: IntArray) -> None:
        self._consistency: Final = consistency
        self._repeats: Final = repeats
        self._starts: Final = np.cumsum(lengths) - lengths
        self._types: Final = np.zeros((len(repeats.counts), consistency.num_types))

    def gather(self, members: Sequence[int], scores: PackedScores) -> Undecided | None:
        """Record the probabilities of the types in a batch.

        Args:
            members: indices of its sentences in the lookahead.
            scores: the scores of these sentences.

        Returns:
            The batch, or None if none of its tokens take part.
        """
        packing = scores.packing
        steps = packing.index - packing.rows * packing.shape[1]
        rows = self._repeats.rows[self._starts[np.asarray(members)][packing.rows] + steps]
        places = np.flatnonzero(rows >= 0)
        if not len(places):
            return None
        rows = rows[places]
        # Marginals have the precision of the emissions, and float32 is not enough for their differences.
        marginals = posterior(scores._replace(emissions=scores.emissions.astype(np.float64)))[1].nodes
        self._types[rows] = self._consistency.types(marginals[places])
        return Undecided(scores, places, rows)

    def additions(self) -> FloatArray:
        """Return the additions to the emissions of the tokens that take part, ``[M, L]``."""
        return self._consistency.additions(self._types, self._repeats.counts)


def with_evidence(batch: Undecided, additions: FloatArray) -> PackedScores:
    """Return the scores of a batch after adding its rows of the additions ``[M, L]`` to its emissions."""
    emissions = batch.scores.emissions.copy()
    emissions[batch.places] += additions[batch.rows]
    return batch.scores._replace(emissions=emissions)
