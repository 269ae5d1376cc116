"""TaggerConfig: the architecture of a model, as numbers and names; no paths, no vocabulary, no device."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from types import SimpleNamespace
from typing import Any, Final, get_type_hints

from tagger.errors import UsageError
from tagger.options.field_types import check_value

CELLS: Final = ("lstm", "lstm_no_forget", "lstm_peephole", "lstm_coupled", "lstm_layer_norm", "gru", "rnn")
CONNECTIONS: Final = ("plain", "residual", "highway", "skip")
DECODERS: Final = ("crf", "softmax")
VECTORS: Final = ("none", "frozen", "tuned", "projected")
INNER_SCHEMES: Final = ("auto", "iob2", "bioes", "io", "none")
_AFFIX: Final = re.compile(r"(prefix|suffix)([1-9])")


@dataclass(frozen=True)
class TaggerConfig:
    """The architecture of a tagger: features, encoder, decoder.

    A feature is left out by giving it width 0; at least one must remain.
    """

    word_dim: int = 100
    """Width of the word embeddings."""
    lowercase: bool = True
    """Look words up in lower case; the other features see the original spelling."""
    fold_digits: bool = True
    """Look words up with each of the digits 1 to 9 replaced by 0."""
    vectors: str = "none"
    """Pretrained word vectors: none; frozen; tuned (those of the training words); or projected (frozen, followed by a
    learned linear layer)."""
    vector_dim: int = 0
    """Dimension of the pretrained vectors, 0 if there are none."""
    vector_projection: int = 0
    """Width that pretrained vectors are projected to, 0 unless vectors is projected."""
    char_dim: int = 30
    """Width of the character embeddings."""
    char_filters: int = 60
    """Number of filters of the character CNN: the width of its output."""
    char_width: int = 3
    """Width of each filter, in characters."""
    char_dropout: float = 0.0
    """Dropout on the character embeddings, in training."""
    max_chars: int = 20
    """Characters read per word, at most 1000; of a longer word, the first and the last half of this number."""
    casing_dim: int = 10
    """Width of the embedding of a word's casing class (lower, UPPER, Initial, 123, ...)."""
    shape_dim: int = 0
    """Width of the embedding of a word's shape ("McCoy-7" is XxXx-d), hashed."""
    affixes: tuple[str, ...] = (
        *("prefix1", "prefix2", "prefix3", "prefix4"),
        *("suffix1", "suffix2", "suffix3", "suffix4"),
    )
    """Prefixes and suffixes to use as features, each named with its length in characters."""
    affix_dim: int = 20
    """Width of the embedding of each affix, hashed."""
    hash_buckets: int = 5000
    """Rows of each hashed embedding (affixes, shape)."""

    wide_features: bool = True
    """Also score labels by hand-crafted CRF features: words, shapes, affixes, neighbours and pairs of them, each with a
    weight per label."""
    wide_min_count: int = 2
    """Minimum number of occurrences in training for a wide feature to have weights."""
    wide_dropout: float = 0.3
    """Dropout on the wide features of a token, in training."""
    wide_path_dropout: float = 0.5
    """Probability that a sentence is read without its wide features, in training."""

    cell: str = "lstm"
    """The recurrent unit: lstm, lstm_no_forget, lstm_peephole, lstm_coupled, lstm_layer_norm, gru or rnn."""
    cells_per_block: int = 1
    """Cells per memory block, which share one set of gates (LSTM family)."""
    hidden_dim: int = 128
    """Hidden units per direction and layer."""
    num_layers: int = 1
    """Recurrent layers, at most 100."""
    connections: str = "plain"
    """Connections between layers: plain, residual, highway or skip."""
    bidirectional: bool = True
    """Read the sentence in both directions."""
    learned_initial_state: bool = False
    """Learn the initial state instead of starting from zero."""

    dropout: float = 0.5
    """Locked dropout before, between and after the recurrent layers, in training: the same features are zeroed at all
    tokens of a sentence. In runs of 5,000 steps or more, the mask before the first layer is shared by a whole batch."""
    recurrent_dropout: float = 0.0
    """Dropout on the hidden state passed from step to step, one mask per sentence, in training."""
    word_dropout: float = 0.1
    """Probability that a token's whole feature vector is zeroed, in training."""
    singleton_dropout: float = 0.5
    """Probability that a word seen once in training is replaced by the unknown word, in training."""

    decoder: str = "crf"
    """The output layer: crf, or softmax (a CRF whose transition scores are all zero)."""
    scheme: str = "auto"
    """Label scheme inside the model: iob2, bioes, io, none; auto is iob2 for spans, none otherwise."""
    constrained_training: bool = True
    """Normalise over the legal label sequences in training, too, as in tagging."""

    def __post_init__(self) -> None:
        if isinstance(self.affixes, list):
            object.__setattr__(self, "affixes", tuple(self.affixes))
        hints = get_type_hints(type(self))
        for field in fields(self):
            _check_type(field.name, getattr(self, field.name), hints[field.name])
        for name in ("word_dim", "vector_dim", "vector_projection", "char_dim", "char_filters"):
            _check(getattr(self, name) >= 0, name, "0 or more", getattr(self, name))
        for name in ("casing_dim", "shape_dim", "affix_dim"):
            _check(getattr(self, name) >= 0, name, "0 or more", getattr(self, name))
        for name in ("char_width", "hash_buckets", "wide_min_count", "hidden_dim", "cells_per_block"):
            _check(getattr(self, name) >= 1, name, "1 or more", getattr(self, name))
        _check(1 <= self.num_layers <= 100, "num_layers", "1 to 100", self.num_layers)
        _check(2 <= self.max_chars <= 1000, "max_chars", "2 to 1000", self.max_chars)
        for name in (
            *("char_dropout", "dropout", "recurrent_dropout", "word_dropout"),
            *("wide_dropout", "wide_path_dropout"),
        ):
            _check(0 <= getattr(self, name) < 1, name, "a probability below 1", getattr(self, name))
        _check(0 <= self.singleton_dropout <= 1, "singleton_dropout", "a probability", self.singleton_dropout)
        for name, choices in (
            ("cell", CELLS),
            ("connections", CONNECTIONS),
            ("decoder", DECODERS),
            ("vectors", VECTORS),
            ("scheme", INNER_SCHEMES),
        ):
            _check(getattr(self, name) in choices, name, f"one of {', '.join(choices)}", getattr(self, name))
        for affix in self.affixes:
            _check(_AFFIX.fullmatch(affix) is not None, "affixes", "names such as prefix3 or suffix2", affix)
        _check(len(set(self.affixes)) == len(self.affixes), "affixes", "each name once", list(self.affixes))
        _check((self.char_dim == 0) == (self.char_filters == 0), "char_filters",
               "0 exactly where char_dim is 0", f"{self.char_filters} with char_dim {self.char_dim}")  # fmt: skip
        _check((self.vectors == "none") == (self.vector_dim == 0), "vector_dim",
               "0 exactly where vectors is none", f"{self.vector_dim} with vectors {self.vectors}")  # fmt: skip
        _check((self.vectors == "projected") == (self.vector_projection > 0), "vector_projection",
               "more than 0 exactly where vectors is projected",
               f"{self.vector_projection} with vectors {self.vectors}")  # fmt: skip
        widths = (
            self.word_dim,
            self.vector_dim,
            self.char_filters,
            self.casing_dim,
            self.shape_dim,
            self.num_affix_columns,
        )
        _check(any(widths), "word_dim", "at least one feature of non-zero width", "none")
        for name, reason in _without_effect(self):
            if getattr(self, name) != _DEFAULTS[name]:
                raise UsageError(f"{name}: has no effect, since {reason}")

    @property
    def num_affix_columns(self) -> int:
        """Number of affix features in use: 0 if their width is 0."""
        return len(self.affixes) if self.affix_dim else 0

    @property
    def affix_lengths(self) -> tuple[int, ...]:
        """Length of each affix in characters, negative for suffixes: ``prefix3`` is 3, ``suffix2`` is -2."""
        lengths = []
        for affix in self.affixes[: self.num_affix_columns]:
            kind, digits = affix[:-1], int(affix[-1])
            lengths.append(digits if kind == "prefix" else -digits)
        return tuple(lengths)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-ready values."""
        return {**asdict(self), "affixes": list(self.affixes)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> TaggerConfig:
        """Return the configuration described by the result of :meth:`to_dict`.

        A missing field means the behaviour before the field existed: its value in ``_BEFORE``, otherwise its default. A
        field without effect gets its default, whatever it was when the model was made.

        Raises:
            UsageError: for a field unknown to this version, or a value that is not allowed.
        """
        unknown = sorted(set(values) - {field.name for field in fields(cls)})
        if unknown:
            raise UsageError(f"unknown architecture option {unknown[0]!r}; a newer version may know it")
        values = {**_DEFAULTS, **_BEFORE, **values}
        if isinstance(values["affixes"], list):
            values["affixes"] = tuple(values["affixes"])
        for name, hint in get_type_hints(cls).items():
            _check_type(name, values[name], hint)
        useless = {name for name, _ in _without_effect(SimpleNamespace(**values))}
        return cls(**{name: value for name, value in values.items() if name not in useless})


# Values for models made before the option existed
_BEFORE: Final = {"wide_features": False}
_DEFAULTS: Final = {field.name: field.default for field in fields(TaggerConfig)}


def _without_effect(config: Any) -> Iterator[tuple[str, str]]:
    """Yield the options that have no effect, given the others, and the reasons."""
    hashes_affixes = config.affixes and config.affix_dim
    reads_characters = config.char_dim or config.casing_dim or config.shape_dim
    embeds_words = config.word_dim or config.vectors == "tuned"
    for useless, reason, names in (
        (
            not embeds_words,
            "word_dim is 0",
            ("lowercase", "fold_digits", "singleton_dropout"),
        ),
        (not config.char_dim, "char_dim is 0", ("char_width", "char_dropout")),
        (not reads_characters, "char_dim, casing_dim and shape_dim are 0", ("max_chars",)),
        (
            not (hashes_affixes or config.shape_dim),
            "neither affixes nor shape are features",
            ("hash_buckets",),
        ),
        (config.affixes and not config.affix_dim, "affix_dim is 0", ("affixes",)),
        (config.affix_dim and not config.affixes, "affixes is empty", ("affix_dim",)),
        (
            not config.wide_features,
            "wide_features is off",
            ("wide_min_count", "wide_dropout", "wide_path_dropout"),
        ),
        (config.scheme in ("io", "none"), "its scheme allows every sequence", ("constrained_training",)),
    ):
        if useless:
            yield from ((name, reason) for name in names)


def _check(condition: bool, name: str, expected: str, found: object) -> None:
    if not condition:
        raise UsageError(f"{name}: expected {expected}, found {found}")


def _check_type(name: str, value: object, hint: object) -> None:
    """Raise an error for a value of the wrong type or a non-finite number."""
    check_value(name, value, hint)
    if isinstance(value, float):
        _check(math.isfinite(value), name, "a number", repr(value))
