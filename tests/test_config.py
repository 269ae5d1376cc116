"""Which values the architecture's options take, and that each of them does something."""

import json
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
import torch
from tiny_models import SENTENCES, tiny_parts

from tagger import TaggerConfig
from tagger.batching import assemble
from tagger.errors import UsageError
from tagger.features import encode_sentences
from tagger.model import BatchTensors

NAMES = [field.name for field in fields(TaggerConfig)]
LONG_WORD = "abcdefghijklmnopqrstuvwxyzABCDEF"


def test_defaults_are_allowed_and_survive_json():
    config = TaggerConfig()
    assert TaggerConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_every_option_survives_json():
    config = TaggerConfig(affixes=("suffix4",), cell="gru", dropout=0.1, lowercase=False, scheme="bioes")
    stored = json.loads(json.dumps(config.to_dict()))
    assert set(stored) == set(NAMES)
    assert TaggerConfig.from_dict(stored) == config


def test_unknown_option_is_named():
    with pytest.raises(UsageError) as error:
        TaggerConfig.from_dict({"hiden_dim": 5, "word_dim": 3})
    assert str(error.value) == "unknown architecture option 'hiden_dim'; a newer version may know it"


def test_config_cannot_be_changed_and_hashes():
    config = TaggerConfig(affixes=["prefix1"])  # type: ignore[arg-type]
    assert config.affixes == ("prefix1",)
    assert hash(config) == hash(TaggerConfig(affixes=("prefix1",)))
    with pytest.raises(AttributeError):
        config.word_dim = 5  # type: ignore[misc]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"word_dim": -1}, "word_dim: expected 0 or more, found -1"),
        ({"char_dim": -1}, "char_dim: expected 0 or more, found -1"),
        ({"char_filters": -2}, "char_filters: expected 0 or more, found -2"),
        ({"casing_dim": -1}, "casing_dim: expected 0 or more, found -1"),
        ({"shape_dim": -1}, "shape_dim: expected 0 or more, found -1"),
        ({"affix_dim": -1}, "affix_dim: expected 0 or more, found -1"),
        ({"vector_dim": -1}, "vector_dim: expected 0 or more, found -1"),
        ({"vector_projection": -1}, "vector_projection: expected 0 or more, found -1"),
        (
            {"vectors": "glove.txt"},
            "vectors: expected one of none, frozen, tuned, projected, found glove.txt",
        ),
        (
            {"vectors": "frozen"},
            "vector_dim: expected 0 exactly where vectors is none, found 0 with vectors frozen",
        ),
        (
            {"vector_dim": 100},
            "vector_dim: expected 0 exactly where vectors is none, found 100 with vectors none",
        ),
        (
            {"vectors": "projected", "vector_dim": 100},
            "vector_projection: expected more than 0 exactly where vectors is projected, found 0 with vectors "
            "projected",
        ),
        (
            {"vectors": "tuned", "vector_dim": 100, "vector_projection": 50},
            "vector_projection: expected more than 0 exactly where vectors is projected, found 50 with vectors tuned",
        ),
        ({"char_width": 0}, "char_width: expected 1 or more, found 0"),
        ({"hash_buckets": 0}, "hash_buckets: expected 1 or more, found 0"),
        ({"hidden_dim": 0}, "hidden_dim: expected 1 or more, found 0"),
        ({"cells_per_block": 0}, "cells_per_block: expected 1 or more, found 0"),
        ({"num_layers": 0}, "num_layers: expected 1 to 100, found 0"),
        ({"num_layers": 101}, "num_layers: expected 1 to 100, found 101"),
        ({"max_chars": 1}, "max_chars: expected 2 to 1000, found 1"),
        ({"max_chars": 10**12}, "max_chars: expected 2 to 1000, found 1000000000000"),
        ({"char_dropout": 1.0}, "char_dropout: expected a probability below 1, found 1.0"),
        ({"dropout": 1}, "dropout: expected a probability below 1, found 1"),
        ({"recurrent_dropout": -0.1}, "recurrent_dropout: expected a probability below 1, found -0.1"),
        ({"word_dropout": 2.0}, "word_dropout: expected a probability below 1, found 2.0"),
        ({"wide_min_count": 0}, "wide_min_count: expected 1 or more, found 0"),
        ({"wide_dropout": 1.0}, "wide_dropout: expected a probability below 1, found 1.0"),
        ({"wide_dropout": 1}, "wide_dropout: expected a probability below 1, found 1"),
        ({"wide_path_dropout": -0.1}, "wide_path_dropout: expected a probability below 1, found -0.1"),
        ({"singleton_dropout": 1.1}, "singleton_dropout: expected a probability, found 1.1"),
        (
            {"cell": "LSTM"},
            "cell: expected one of lstm, lstm_no_forget, lstm_peephole, lstm_coupled, lstm_layer_norm, gru, rnn, "
            "found LSTM",
        ),
        (
            {"connections": "dense"},
            "connections: expected one of plain, residual, highway, skip, found dense",
        ),
        ({"decoder": "CRF"}, "decoder: expected one of crf, softmax, found CRF"),
        ({"scheme": "iob1"}, "scheme: expected one of auto, iob2, bioes, io, none, found iob1"),
        ({"affixes": ("infix2",)}, "affixes: expected names such as prefix3 or suffix2, found infix2"),
        ({"affixes": ("prefix0",)}, "affixes: expected names such as prefix3 or suffix2, found prefix0"),
        ({"affixes": ("prefix10",)}, "affixes: expected names such as prefix3 or suffix2, found prefix10"),
        (
            {"affixes": ("suffix2", "suffix2")},
            "affixes: expected each name once, found ['suffix2', 'suffix2']",
        ),
        ({"affixes": "prefix3"}, "affixes: expected a list of names, found 'prefix3'"),
        ({"affixes": None}, "affixes: expected a list of names, found None"),
        ({"affixes": [3]}, "affixes: expected a list of names, found (3,)"),
        ({"word_dim": 10.0}, "word_dim: expected a whole number, found 10.0"),
        ({"word_dim": "10"}, "word_dim: expected a whole number, found '10'"),
        ({"word_dim": True}, "word_dim: expected a whole number, found True"),
        ({"dropout": "0.5"}, "dropout: expected a number, found '0.5'"),
        ({"dropout": float("nan")}, "dropout: expected a number, found nan"),
        ({"dropout": None}, "dropout: expected a number, found None"),
        ({"lowercase": 1}, "lowercase: expected true or false, found 1"),
        ({"cell": 5}, "cell: expected a name, found 5"),
        ({"char_dim": 0}, "char_filters: expected 0 exactly where char_dim is 0, found 60 with char_dim 0"),
        (
            {"char_filters": 0},
            "char_filters: expected 0 exactly where char_dim is 0, found 0 with char_dim 30",
        ),
        (
            {"word_dim": 0, "char_dim": 0, "char_filters": 0, "casing_dim": 0, "affix_dim": 0},
            "word_dim: expected at least one feature of non-zero width, found none",
        ),
    ],
)
def test_value_without_meaning_is_refused(options, message):
    with pytest.raises(UsageError) as error:
        TaggerConfig(**options)
    assert str(error.value) == message


NO_CHARS = {"char_dim": 0, "char_filters": 0}
NO_HASHES = {"affix_dim": 0, "shape_dim": 0}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"word_dim": 0, "lowercase": False}, "lowercase: has no effect, since word_dim is 0"),
        ({"word_dim": 0, "fold_digits": False}, "fold_digits: has no effect, since word_dim is 0"),
        ({"word_dim": 0, "singleton_dropout": 0.1}, "singleton_dropout: has no effect, since word_dim is 0"),
        ({**NO_CHARS, "char_width": 5}, "char_width: has no effect, since char_dim is 0"),
        ({**NO_CHARS, "char_dropout": 0.2}, "char_dropout: has no effect, since char_dim is 0"),
        (
            {**NO_CHARS, "casing_dim": 0, "max_chars": 10},
            "max_chars: has no effect, since char_dim, casing_dim and shape_dim are 0",
        ),
        (
            {**NO_HASHES, "hash_buckets": 7},
            "hash_buckets: has no effect, since neither affixes nor shape are features",
        ),
        (
            {"wide_features": False, "wide_min_count": 1},
            "wide_min_count: has no effect, since wide_features is off",
        ),
        (
            {"wide_features": False, "wide_dropout": 0.1},
            "wide_dropout: has no effect, since wide_features is off",
        ),
        (
            {"wide_features": False, "wide_path_dropout": 0.3},
            "wide_path_dropout: has no effect, since wide_features is off",
        ),
        ({"affix_dim": 0, "affixes": ["prefix1"]}, "affixes: has no effect, since affix_dim is 0"),
        ({"affixes": [], "affix_dim": 7}, "affix_dim: has no effect, since affixes is empty"),
        (
            {"scheme": "none", "constrained_training": False},
            "constrained_training: has no effect, since its scheme allows every sequence",
        ),
        (
            {"scheme": "io", "constrained_training": False},
            "constrained_training: has no effect, since its scheme allows every sequence",
        ),
    ],
)
def test_option_that_would_do_nothing_is_refused(options, message):
    with pytest.raises(UsageError) as error:
        TaggerConfig(**options)
    assert str(error.value) == message


@pytest.mark.parametrize(
    "options",
    [
        {"word_dim": 0},
        NO_CHARS,
        {**NO_CHARS, "casing_dim": 0},
        {**NO_CHARS, "max_chars": 10},  # casing reads characters too
        NO_HASHES,
        {"affix_dim": 0, "affixes": []},
        {"affix_dim": 0, "shape_dim": 5, "hash_buckets": 7},
        {"scheme": "none"},
        {"scheme": "auto", "constrained_training": False},
        {"singleton_dropout": 1.0},
        {"word_dim": 0, "vectors": "tuned", "vector_dim": 9, "singleton_dropout": 0.1, "lowercase": False},
    ],
)
def test_feature_can_be_left_out_with_the_defaults_of_the_rest(options):
    assert (
        TaggerConfig(**options).to_dict().items()
        >= {name: value for name, value in options.items() if name != "affixes"}.items()
    )


def test_affix_lengths_are_negative_for_suffixes():
    assert TaggerConfig(affixes=("prefix3", "suffix1")).affix_lengths == (3, -1)
    assert TaggerConfig(affix_dim=0).affix_lengths == ()
    assert TaggerConfig(affix_dim=0).num_affix_columns == 0


@pytest.mark.parametrize(
    "options",
    [
        {"connections": "residual"},
        {"cell": "gru", "cells_per_block": 2},
        {"cells_per_block": 4},  # hidden_dim 6
    ],
)
def test_encoder_option_without_effect_is_refused_when_the_model_is_built(options):
    with pytest.raises(UsageError):
        tiny_parts(**options)


# What the model is asked, under names of the options that may change the answer.


def _parameters(parts):
    return {name: tuple(tensor.shape) for name, tensor in parts.model.state_dict().items()}


def _features(parts):
    ids = parts.featurizer.encode(["The", "the", "Route66", "Route77", "McCoy", LONG_WORD, "x" * 25])
    return {
        name: getattr(ids, name).tolist()
        for name in ("words", "characters", "casings", "shapes", "affixes", "wide")
    }


def _loss(parts, *, training):
    sentences = [*SENTENCES, ("Route77", "Route88", "1997", LONG_WORD)]
    rows, features = encode_sentences(parts.featurizer, sentences)
    labels = [np.zeros(len(sentence), dtype=np.int64) for sentence in sentences]
    parts.model.train(training)
    for name, weights in parts.model.named_parameters():
        if name.endswith(("initial_state", "changes.weight", "missing")):  # learned, from 0 on
            torch.nn.init.ones_(weights)
    torch.manual_seed(5)
    batch = BatchTensors.of(assemble(rows, features, labels, wide=parts.featurizer.wide))
    return parts.model.loss(batch).item()


CHANGES = {
    "word_dim": 7, "lowercase": False, "fold_digits": False, "char_dim": 3, "char_filters": 5, "char_width": 2,
    "char_dropout": 0.3, "max_chars": 10, "casing_dim": 2, "shape_dim": 3, "affixes": ["prefix1"], "affix_dim": 3,
    "hash_buckets": 40, "cell": "gru", "cells_per_block": 2, "hidden_dim": 5, "num_layers": 2,
    "connections": "residual", "bidirectional": False, "learned_initial_state": True, "dropout": 0.6,
    "recurrent_dropout": 0.4, "word_dropout": 0.4, "singleton_dropout": 0.0,
    "decoder": "softmax", "scheme": "bioes",
    "constrained_training": False,
    "vectors": "tuned", "vector_dim": 4, "vector_projection": 5,
    "wide_features": True, "wide_min_count": 3, "wide_dropout": 0.7, "wide_path_dropout": 0.8,
}  # fmt: skip

BASES: dict[str, dict[str, Any]] = {
    "wide_min_count": {"wide_features": True},
    "wide_dropout": {"wide_features": True},
    "wide_path_dropout": {"wide_features": True},
    "connections": {"num_layers": 2},
    "vectors": {"vectors": "frozen", "vector_dim": 3},
    "vector_dim": {"vectors": "frozen", "vector_dim": 3},
    "vector_projection": {"vectors": "projected", "vector_dim": 3, "vector_projection": 2},
}


def test_every_option_is_tried():
    assert set(CHANGES) == set(NAMES)


@pytest.mark.parametrize("name", CHANGES)
def test_every_option_changes_weights_features_or_numbers(name):
    base = BASES.get(name, {})
    before, after = tiny_parts(**base), tiny_parts(**{**base, name: CHANGES[name]})
    changed = {
        "weights": _parameters(before) != _parameters(after),
        "features": _features(before) != _features(after),
        "training": _loss(before, training=True) != _loss(after, training=True),
        "tagging": _loss(before, training=False) != _loss(after, training=False),
    }
    assert changed["training"]
    only_in_training = {
        "char_dropout", "dropout", "recurrent_dropout", "word_dropout", "singleton_dropout",
        "wide_dropout", "wide_path_dropout",
    }  # fmt: skip
    assert changed["tagging"] is (name not in only_in_training)
    assert changed["features"] is (
        name in {"lowercase", "fold_digits", "max_chars", "shape_dim", "affixes", "hash_buckets"}
        or name in {"wide_features", "wide_min_count"}
    )


def test_a_model_from_before_wide_features_has_none():
    values = TaggerConfig(wide_features=False).to_dict()
    before = {name: value for name, value in values.items() if not name.startswith("wide_")}
    assert TaggerConfig.from_dict(before) == TaggerConfig(wide_features=False)
    assert TaggerConfig().wide_features


def test_a_model_loads_though_the_default_of_an_option_without_effect_was_another():
    values = TaggerConfig(wide_features=False, affix_dim=0).to_dict()
    values.update(wide_path_dropout=0.125, affixes=["suffix9"])
    assert TaggerConfig.from_dict(values) == TaggerConfig(wide_features=False, affix_dim=0)
    with pytest.raises(UsageError, match="wide_path_dropout: expected a probability"):
        TaggerConfig.from_dict({**values, "wide_features": True, "wide_path_dropout": 2})


@pytest.mark.parametrize("name", NAMES)
def test_a_stored_option_of_a_wrong_type_is_named(name):
    with pytest.raises(UsageError, match=f"{name}: expected "):
        TaggerConfig.from_dict({name: {"a": 1}})
