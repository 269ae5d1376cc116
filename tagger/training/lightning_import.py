"""Import Lightning without SciPy, which its dependency torchmetrics imports for audio metrics."""

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
    """Import Lightning without importing SciPy, unless that is loaded already: saves 60 MiB and a second of start-up.

    On import, torchmetrics only adds a function to ``scipy.signal`` that an old package needs. Any other access to
    SciPy imports the real one, also while Lightning is being imported (torchmetrics imports transformers, if installed,
    which uses SciPy).
    """
    if "torchmetrics" in sys.modules or "scipy" in sys.modules or find_spec("scipy") is None:
        importlib.import_module("pytorch_lightning")
        return
    with _stand_ins():
        importlib.import_module("pytorch_lightning")


class _StandIn(ModuleType):
    """A placeholder for a module, which is imported on access to any attribute that the placeholder lacks."""

    def __getattr__(self, name: str) -> Any:
        if name == "__file__":  # requested from all modules by ``inspect``
            raise AttributeError(name)
        _remove_stand_ins()
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def _stand_ins() -> Iterator[None]:
    """Put placeholders in the place of SciPy and the one submodule that torchmetrics accesses."""
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
