"""Tests of tagger/training/memory.py: what the process keeps."""

import ctypes
import gc
import weakref

import pytest

from tagger.training import memory


def test_how_many_kernels_are_kept_is_left_to_whoever_has_said_it(monkeypatch):
    monkeypatch.delenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", raising=False)
    memory.keep_few_kernels()
    assert memory.os.environ["ONEDNN_PRIMITIVE_CACHE_CAPACITY"] == "8"
    monkeypatch.setenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "1024")
    memory.keep_few_kernels()
    assert memory.os.environ["ONEDNN_PRIMITIVE_CACHE_CAPACITY"] == "1024"


def test_garbage_in_cycles_is_let_go():
    class Cycle:
        pass

    gc.disable()
    try:
        cycle = Cycle()
        cycle.itself = cycle
        alive = weakref.ref(cycle)
        del cycle
        assert alive() is not None
        memory.return_free_memory()
        assert alive() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("error", [AttributeError, TypeError])
def test_a_c_library_that_cannot_return_memory_is_left_alone(error, monkeypatch):
    def load(name):
        raise error(name)

    monkeypatch.setattr(ctypes, "CDLL", load)
    memory.return_free_memory()
