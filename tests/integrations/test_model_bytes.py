import json

import numpy as np
import pytest
from tiny_models import SENTENCES, tiny_parts, tiny_tagger

from tagger import Tagger
from tagger.errors import ModelError
from tagger.integrations.model_bytes import model_from_bytes, model_to_bytes


def with_head(data, **changes):
    first, _, rest = data.partition(b"\n")
    return json.dumps({**json.loads(first), **changes}).encode() + b"\n" + rest


@pytest.mark.parametrize(
    "options", [{}, {"vectors": "frozen", "vector_dim": 4}, {"wide_features": True, "wide_min_count": 1}]
)
def test_a_model_comes_back_whole(options):
    parts = tiny_parts(**options)
    again = model_from_bytes(model_to_bytes(parts))
    assert Tagger(again).predict(SENTENCES) == Tagger(parts).predict(SENTENCES)
    for name, array in parts.weights.items():
        np.testing.assert_array_equal(again.weights[name], array)
    assert model_to_bytes(again) == model_to_bytes(model_from_bytes(model_to_bytes(again)))


def test_what_is_no_model_is_refused():
    for data in (
        b"",
        b"\n",
        b"{}\n",
        b"[1]\n",
        b"\x80\x04K\x01.",
        b"x" * 9999,
        b'{"format": true}\n',
        b'{"format": 0}\n',
    ):
        with pytest.raises(ModelError, match="expected the bytes of a model, found others"):
            model_from_bytes(data)
    with pytest.raises(ModelError, match="expected a model as bytes, found str"):
        model_from_bytes("text")  # type: ignore[arg-type]


def test_bytes_of_a_newer_version_are_refused():
    data = with_head(model_to_bytes(tiny_parts()), format=2)
    with pytest.raises(ModelError, match="the bytes of a model have the format 2; this version reads 1"):
        model_from_bytes(data)


@pytest.mark.parametrize(
    "files",
    [
        None,
        [],
        {},
        {"../escaped.json": 1},
        {"config.json": -1},
        {"config.json": True},
        {"config.json": 10**30},
        {"config.json": 1.0},
        {"config.json/x": 1},
    ],
)
def test_files_of_other_names_or_sizes_are_refused(files):
    data = with_head(model_to_bytes(tiny_parts()), files=files)
    with pytest.raises(ModelError, match="the bytes of a model are damaged"):
        model_from_bytes(data)


def test_bytes_cut_short_or_changed_anywhere_are_refused():
    data = model_to_bytes(tiny_parts())
    for end in range(0, len(data), 997):
        with pytest.raises(ModelError):
            model_from_bytes(data[:end])
    card = data.index(b"# A tagger model")  # which no answer depends on
    for place in [*range(1, card, 13), *range(card + 20, len(data), 1499)]:
        changed = bytearray(data)
        changed[place] ^= 1
        with pytest.raises(ModelError):
            model_from_bytes(bytes(changed))


def test_a_message_names_no_temporary_folder():
    data = bytearray(model_to_bytes(tiny_parts()))
    data[-5] ^= 1
    with pytest.raises(ModelError, match=r"^the bytes of a model: vocabulary.json: the file is damaged"):
        model_from_bytes(bytes(data))


def test_answers_after_the_model_has_come_back_twice():
    tagger = tiny_tagger("bioes")
    once = Tagger(model_from_bytes(model_to_bytes(tagger.parts)))
    twice = Tagger(model_from_bytes(model_to_bytes(once.parts)))
    assert twice.tag(SENTENCES) == tagger.tag(SENTENCES)
