"""Featurizer: from words to the ids of their features, computed once per distinct word.

All normalisation of words happens here. Letters: U distinct words, C characters kept of a word, A affixes.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tagger.config import TaggerConfig
from tagger.errors import DataError
from tagger.features.spelling import casing, keep_ends, word_shape
from tagger.features.vocabulary import PAD_ID, Vocabulary
from tagger.features.wide import WideIndex
from tagger.vectors import VectorTable, fold_digits, look_up

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class WordFeatureIds:
    """The feature ids of U words.

    Attributes:
        words: ids in the word vocabulary, ``[U]``.
        characters: ids in the character vocabulary, ``[U, C]``, 0 after a word's end.
        casings: indices into ``CASINGS``, ``[U]``.
        shapes: hash buckets, ``[U]``.
        affixes: hash buckets, a separate range for each affix length, ``[U, A]``.
        vectors: pretrained vectors, zero for a word without one, ``[U, V]``; V is 0 if there are none.
        wide: ids of the attributes used by wide features, ``[U, K]``; K is 0 if there are none.

    The ids of features that the configuration leaves out are zeros and are ignored.
    """

    words: IntArray
    characters: IntArray
    casings: IntArray
    shapes: IntArray
    affixes: IntArray
    vectors: FloatArray
    wide: IntArray

    def take(self, rows: NDArray[np.signedinteger[Any]] | slice) -> WordFeatureIds:
        """Return the features of the words in the given rows, without columns that are padding for all."""
        characters = self.characters[rows]
        # Padding comes after the characters: the last real character determines the width.
        used = characters.any(axis=0)
        width = int(np.flatnonzero(used)[-1]) + 1 if used.any() else 1
        return WordFeatureIds(
            self.words[rows], np.ascontiguousarray(characters[:, :width]), self.casings[rows],
            self.shapes[rows], self.affixes[rows], self.vectors[rows], self.wide[rows],
        )  # fmt: skip


class Featurizer:
    """Turns words into feature ids.

    Args:
        config: the features to compute, and the normalisation of words.
        words: the word vocabulary, over normalised words.
        characters: the character vocabulary.
        vectors: the pretrained vectors, if the configuration has them.
        wide: the index of the wide features, if the configuration has them.

    Raises:
        DataError: if vectors or wide features do not match the configuration: missing, unexpected, or vectors of
            another dimension.
    """

    def __init__(
        self,
        config: TaggerConfig,
        words: Vocabulary,
        characters: Vocabulary,
        vectors: VectorTable | None = None,
        wide: WideIndex | None = None,
    ) -> None:
        found = vectors.dim if vectors is not None else 0
        if found != config.vector_dim:
            raise DataError(
                f"vectors: expected {config.vector_dim or 'none'}{' values' * bool(config.vector_dim)} as configured "
                f"(vector_dim), found {f'vectors of {found} values' if vectors is not None else 'no vectors'}"
            )
        if (wide is not None) != config.wide_features:
            raise DataError(
                f"wide features: {'none' if wide is None else 'some'}, unlike configured (wide_features)"
            )
        self.config: Final = config
        self.words: Final = words
        self.characters: Final = characters
        self.vectors: Final = vectors
        self.wide: Final = wide

    @classmethod
    def build(
        cls,
        config: TaggerConfig,
        sentences: Iterable[Sequence[str]],
        *,
        vectors: VectorTable | None = None,
    ) -> Featurizer:
        """Build the vocabularies from the sentences of the train split."""
        sentences = list(sentences)
        words, characters = _vocabularies(sentences, config)
        wide = WideIndex.build(sentences, min_count=config.wide_min_count) if config.wide_features else None
        return cls(config, words, characters, vectors, wide)

    def grown(
        self, config: TaggerConfig, sentences: Iterable[Sequence[str]], *, fixed: Container[str] = ()
    ) -> Featurizer:
        """Return a featurizer extended by the words, characters and wide features of further sentences.

        Args:
            config: the configuration, with the same features as this one.
            sentences: sentences of the train split.
            fixed: those of ``words``, ``characters`` and ``wide`` that are not to be extended.
        """
        sentences = list(sentences)
        words, characters = _vocabularies(sentences, config)
        wide = self.wide
        if wide is not None and "wide" not in fixed:
            wide = wide.grown(sentences, min_count=config.wide_min_count)
        return Featurizer(
            config,
            self.words if "words" in fixed else self.words.grown(words),
            self.characters if "characters" in fixed else self.characters.grown(characters),
            self.vectors,
            wide,
        )

    def encode(self, words: Sequence[str]) -> WordFeatureIds:
        """Return the feature ids of words; equal words give equal rows.

        Args:
            words: U words of any length and any characters, the empty string included.
        """
        config = self.config
        kept = [keep_ends(word, config.max_chars) for word in words]
        lengths = np.fromiter(map(len, kept), dtype=np.int64, count=len(kept))
        width = int(lengths.max(initial=0)) if config.char_dim else 0
        characters = np.full((len(words), max(1, width)), PAD_ID, dtype=np.int64)
        if config.char_dim:
            ids = map(self.characters.encode, chain.from_iterable(kept))
            characters[np.arange(characters.shape[1]) < lengths[:, None]] = np.fromiter(ids, dtype=np.int64)
        affixes = np.zeros((len(words), config.num_affix_columns), dtype=np.int64)
        for column, length in enumerate(config.affix_lengths):
            first = column * config.hash_buckets
            for row, word in enumerate(words):
                affix = word[:length] if length > 0 else word[length:]
                affixes[row, column] = first + _bucket(affix.lower(), config.hash_buckets)
        shapes = np.zeros(len(words), dtype=np.int64)
        if config.shape_dim:
            shapes[:] = [_bucket(word_shape(word), config.hash_buckets) for word in kept]
        casings = np.zeros(len(words), dtype=np.int64)
        if config.casing_dim:
            casings[:] = [casing(word) for word in kept]
        normalized = [normalize_word(word, config) for word in words]
        return WordFeatureIds(
            words=np.array([self.words.encode(word) for word in normalized], dtype=np.int64),
            characters=characters,
            casings=casings,
            shapes=shapes,
            affixes=affixes,
            vectors=(
                np.zeros((len(words), 0), dtype=np.float32)
                if self.vectors is None
                else look_up(self.vectors, words)[0]
            ),
            wide=(
                np.zeros((len(words), 0), dtype=np.int64)
                if self.wide is None
                else self.wide.attributes(words)
            ),
        )

    def in_vocabulary(self, word: str) -> bool:
        """Return whether the word, normalised, occurred in training."""
        return normalize_word(word, self.config) in self.words


def _vocabularies(sentences: Sequence[Sequence[str]], config: TaggerConfig) -> tuple[Vocabulary, Vocabulary]:
    """Return the word and character vocabularies of sentences.

    A character seen once is left out, so that training sees, and learns, the unknown character.
    """
    words: Counter[str] = Counter()
    characters: Counter[str] = Counter()
    for word, count in Counter(chain.from_iterable(sentences)).items():
        words[normalize_word(word, config)] += count
        for char in word:
            characters[char] += count
    known = {char: count for char, count in characters.items() if count > 1}
    return Vocabulary(words), Vocabulary(known)


def encode_sentences(
    featurizer: Featurizer, sentences: Sequence[Sequence[str]]
) -> tuple[list[IntArray], WordFeatureIds]:
    """Return the row of every word, a ``[T]`` array per sentence, and the features of the U distinct words."""
    # Sorted, since the order of a set differs between processes.
    words = sorted({word for sentence in sentences for word in sentence})
    row_of = dict(zip(words, range(len(words)), strict=True))
    return look_up_rows(row_of, sentences), featurizer.encode(words)


def look_up_rows(row_of: Mapping[str, int], sentences: Sequence[Sequence[str]]) -> list[IntArray]:
    """Return the row of every word, a ``[T]`` array per sentence; the rows of all words must be known."""
    lengths = np.fromiter(map(len, sentences), dtype=np.int64, count=len(sentences))
    ends = np.cumsum(lengths).tolist()
    words = chain.from_iterable(sentences)
    rows = np.fromiter(map(row_of.__getitem__, words), dtype=np.int64, count=ends[-1] if ends else 0)
    return [rows[start:end] for start, end in pairwise([0, *ends])]


def normalize_word(word: str, config: TaggerConfig) -> str:
    """Return the normalised form of a word, by which it is looked up.

    >>> normalize_word("Route66", TaggerConfig())
    'route00'
    """
    if config.lowercase:
        word = word.lower()
    return fold_digits(word) if config.fold_digits else word


def _bucket(text: str, num_buckets: int) -> int:
    # crc32 is the same on every machine and in every process, unlike hash(). Lone surrogates are allowed.
    return zlib.crc32(text.encode("utf-8", "surrogatepass")) % num_buckets
