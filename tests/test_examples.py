"""Example: what it takes as a sentence, and what it says of everything else."""

from __future__ import annotations

import numpy as np
import pytest

from tagger.errors import DataError
from tagger.examples import Example


def test_sequences_of_strings_become_tuples_of_plain_strings():
    for strings in (["Anna", "left"], ("Anna", "left"), iter(["Anna", "left"]), np.array(["Anna", "left"])):
        example = Example(strings, np.array(["B-PER", "O"]), "d1", "a.conll:1")
        assert repr(example) == (
            "Example(tokens=('Anna', 'left'), labels=('B-PER', 'O'), document='d1', origin='a.conll:1')"
        )
    assert Example([]).labels is None


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
        Example(["a"], [0], origin="a.jsonl:3")
