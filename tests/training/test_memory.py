"""Tests of tagger/training/memory.py: what is given back to the system."""

import ctypes
import gc
import weakref
from types import SimpleNamespace

import pytest

from tagger.training.memory import return_free_memory


def test_garbage_in_cycles_is_let_go():
    class Cycle:
        itself: object

    gc.disable()
    try:
        cycle = Cycle()
        cycle.itself = cycle
        alive = weakref.ref(cycle)
        del cycle
        assert alive() is not None
        return_free_memory()
        assert alive() is None
    finally:
        gc.enable()


def test_the_c_library_is_asked_to_keep_nothing(monkeypatch):
    asked = []
    library = SimpleNamespace(malloc_trim=lambda kept: asked.append(kept.value))
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    return_free_memory()
    assert asked == [0]


@pytest.mark.parametrize("error", [AttributeError, TypeError])
def test_a_c_library_that_cannot_return_memory_is_left_alone(error, monkeypatch):
    def load(name):
        raise error(name)

    monkeypatch.setattr(ctypes, "CDLL", load)
    return_free_memory()
