"""Import Lightning without SciPy, which torchmetrics, that Lightning needs, loads for metrics of sound."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any


def import_lightning() -> None:
    """Import Lightning; where SciPy is installed and not loaded yet, without it: 60 MiB and a second of start-up.

    All that torchmetrics does with ``scipy.signal`` as it is imported is to add a function that an old package misses.
    Who asks for anything else of SciPy gets the real one, also while Lightning is imported (torchmetrics imports
    transformers, if it is installed, and that uses SciPy).
    """
    if "torchmetrics" in sys.modules or "scipy" in sys.modules or find_spec("scipy") is None:
        importlib.import_module("pytorch_lightning")
        return
    with _stand_ins():
        importlib.import_module("pytorch_lightning")


class _StandIn(ModuleType):
    """A stand-in for a module, which is imported once something is asked for that the stand-in lacks."""

    def __getattr__(self, name: str) -> Any:
        if name == "__file__":  # which inspect asks all modules for
            raise AttributeError(name)
        _remove_stand_ins()
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def _stand_ins() -> Iterator[None]:
    """Have stand-ins in the place of SciPy and the one part of it that torchmetrics touches."""
    scipy, signal = _StandIn("scipy"), _StandIn("scipy.signal")
    for module in (scipy, signal):
        module.__spec__ = ModuleSpec(module.__name__, None)
        sys.modules[module.__name__] = module
    scipy.signal = signal  # type: ignore[attr-defined]
    signal.hamming = None  # type: ignore[attr-defined]
    try:
        yield
    finally:
        _remove_stand_ins()


def _remove_stand_ins() -> None:
    for name, module in list(sys.modules.items()):
        if isinstance(module, _StandIn):
            del sys.modules[name]
