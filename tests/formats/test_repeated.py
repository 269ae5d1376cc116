"""Words that come again are one object, and no more of them are held than a bounded number."""

import sys
from functools import lru_cache

from tagger.formats import repeated
from tagger.formats.repeated import kept_once


def text(*parts):
    """Return a text that is an object of its own."""
    return "".join(parts)


def test_equal_texts_become_one_object():
    first = kept_once([text("Os", "lo"), text("in")])
    second = kept_once([text("Os", "lo"), text("is"), text("Os", "lo")])
    assert second == ("Oslo", "is", "Oslo")
    assert second[0] is first[0]
    assert second[2] is first[0]


def test_long_texts_are_not_held():
    first, second = text("x" * 50, "y" * 50), text("x" * 50, "y" * 50)
    kept = kept_once([first, second])
    assert kept == (first, second)
    assert kept[0] is first
    assert kept[1] is second


def test_memory_of_an_endless_stream_is_bounded(monkeypatch):
    monkeypatch.setattr(repeated, "_same", lru_cache(maxsize=10)(lambda one: one))
    before = sys.getallocatedblocks()
    for number in range(20_000):
        kept_once([f"word{number}"])
    assert sys.getallocatedblocks() - before < 2_000
