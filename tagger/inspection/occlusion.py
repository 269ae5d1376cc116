"""Occlusion: which words change the labels of which others when they are replaced by an unknown word.

Letters: T tokens, P words replaced.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagger.api import Tagger
from tagger.inspection.passes import checked_sentence

_UNKNOWN: Final = "\ufffd"
_WORDS_AT_ONCE: Final = 50_000


@dataclass(frozen=True)
class Occlusion:
    """The labels of a sentence when its words are replaced one at a time.

    Attributes:
        tokens: the words.
        replacement: the word that replaced each of them.
        positions: the P words that were replaced.
        labels: the labels of the original sentence.
        probabilities: probability of each of these labels, ``[T]``.
        changed_labels: the labels with word ``positions[p]`` replaced, P tuples of T.
        changed_probabilities: probability of the *original* ``labels`` with word ``positions[p]`` replaced, ``[P, T]``.
    """

    tokens: tuple[str, ...]
    replacement: str
    positions: tuple[int, ...]
    labels: tuple[str, ...]
    probabilities: NDArray[np.floating]
    changed_labels: tuple[tuple[str, ...], ...]
    changed_probabilities: NDArray[np.floating]

    @property
    def changes(self) -> NDArray[np.floating]:
        """The change in the probability of the label of word t when word ``positions[p]`` is replaced, ``[P, T]``."""
        return self.changed_probabilities - self.probabilities


def occlude(
    tagger: Tagger,
    tokens: Sequence[str],
    *,
    positions: Sequence[int] | None = None,
    replacement: str | None = None,
) -> Occlusion:
    """Return what each word contributes to the labels of all.

    Args:
        tagger: the tagger.
        tokens: a sentence.
        positions: the words to replace; all if left out.
        replacement: the word to put in their place. If left out, :func:`unknown_word`.

    Raises:
        UsageError: if the sentence has no token.
    """
    words = checked_sentence(tokens)
    replaced = tuple(range(len(words)) if positions is None else positions)
    stand_in = unknown_word(tagger) if replacement is None else replacement
    (labels,) = tagger.stream_labels([words])
    ids = [tagger.labels.index(label) for label in labels]

    def probabilities(sentences: Sequence[Sequence[str]]) -> list[NDArray[np.floating]]:
        return [marginals[np.arange(len(words)), ids] for marginals in tagger.marginals(sentences)]

    changed_labels: list[tuple[str, ...]] = []
    changed = np.empty((len(replaced), len(words)))
    # A few sentences at a time: for a long sentence, the marginals of all would not fit into memory.
    size = max(1, _WORDS_AT_ONCE // len(words))
    for start in range(0, len(replaced), size):
        edited = [(*words[:t], stand_in, *words[t + 1 :]) for t in replaced[start : start + size]]
        changed_labels += map(tuple, tagger.stream_labels(edited))
        changed[start : start + size] = probabilities(edited)
    return Occlusion(
        words, stand_in, replaced, tuple(labels), probabilities([words])[0], tuple(changed_labels), changed
    )


def unknown_word(tagger: Tagger) -> str:
    """Return a word that the model does not know and whose spelling is uninformative: replacement characters."""
    return next(word for length in count(1) if not tagger.in_vocabulary(word := _UNKNOWN * length))
