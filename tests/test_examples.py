"""Example: what it takes as a sentence, and what it says of everything else."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tagger.errors import DataError
from tagger.examples import Example


def test_sequences_of_strings_become_tuples_of_plain_strings():
    for strings in (["Anna", "left"], ("Anna", "left"), iter(["Anna", "left"]), np.array(["Anna", "left"])):
        example = Example(strings, np.array(["B-PER", "O"]), "d1", "a.conll:1")  # type: ignore[arg-type]
        assert repr(example) == (
            "Example(tokens=('Anna', 'left'), labels=('B-PER', 'O'), document='d1', origin='a.conll:1')"
        )
    assert Example([]).labels is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a string",), "tokens must be a sequence of strings, found the str 'a string'"),
        ((b"bytes",), "tokens must be a sequence of strings, found the bytes b'bytes'"),
        ((None,), "tokens must be a sequence of strings, found the NoneType None"),
        ((7,), "tokens must be a sequence of strings, found the int 7"),
        (({"a": 1},), "tokens must be a sequence of strings, found the dict {'a': 1}"),
        (({"a"},), "tokens must be a sequence of strings, found the set {'a'}"),
        ((["a", 1],), "tokens must be strings, found the int 1 as number 2 of 2"),
        ((["a", "b"], [0, 1]), "labels must be strings, found the int 0 as number 1 of 2"),
        ((["a", "b"], ["O", None]), "labels must be strings, found the NoneType None as number 2 of 2"),
        ((["a"], "O"), "labels must be a sequence of strings, found the str 'O'"),
        ((["a"], np.array([3])), "labels must be strings, found the int64 np.int64(3) as number 1 of 1"),
        ((["a"], ["O", "O"]), "expected one label per token, found 1 tokens and 2 labels"),
        ((["a"], ["O"], 3), "document must be a string or None, found the int 3"),
        ((["a"], ["O"], None, 3), "origin must be a string or None, found the int 3"),
        (("x" * 200,), f"tokens must be a sequence of strings, found the str '{'x' * 76}..."),
    ],
)
def test_anything_else_is_named(arguments, message):
    with pytest.raises(DataError) as caught:
        Example(*arguments)
    assert str(caught.value) == message


def test_the_message_says_where_it_was_read():
    with pytest.raises(DataError, match=r"^a\.jsonl:3: labels must be strings, found the int 0 as number 1"):
        Example(["a"], [0], origin="a.jsonl:3")  # type: ignore[arg-type]


def test_soft_labels_are_probabilities_by_label_for_each_token():
    example = Example(("a", "b"), soft_labels=[{"O": 0.25, "X": 0.75}, None])  # type: ignore[arg-type]
    assert example.soft_labels == ({"O": 0.25, "X": 0.75}, None)
    assert example.labels is None
    assert hash(example) == hash(Example(("a", "b")))
    assert example != Example(("a", "b"))
    rounded = Example(("a",), soft_labels=({"O": 0.3333, "X": 0.3333, "Y": 0.3333},))
    assert rounded.soft_labels is not None
    floats: dict[str, Any] = {"O": np.float32(0.5), "X": np.float64(0.5)}
    numpy_floats = Example(("a",), soft_labels=(floats,))
    assert numpy_floats.soft_labels == ({"O": 0.5, "X": 0.5},)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("ab", "soft_labels must be a sequence of probabilities by label, found the str 'ab'"),
        (
            [{"O": 1}],
            "expected probabilities of labels for each token, found 2 tokens and 1 sets of probabilities",
        ),
        ([{"O": 1}, {1: 1.0}], "soft_labels of token 2 of 2: labels must be strings, found the int 1"),
        (
            [{"O": math.nan}, None],
            "soft_labels of token 1 of 2: expected a probability of 'O', found the float nan",
        ),
        (
            [{"O": 0.998}, None],
            "soft_labels of token 1 of 2: expected probabilities that add up to 1, found 0.998",
        ),
    ],
)
def test_soft_labels_that_are_none_are_refused(value, reason):
    with pytest.raises(DataError) as error:
        Example(("a", "b"), origin="f:1", soft_labels=value)
    assert str(error.value) == f"f:1: {reason}"
