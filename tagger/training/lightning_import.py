"""Import Lightning without SciPy, which torchmetrics, that Lightning needs, loads for metrics of sound."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType


def import_lightning() -> None:
    """Import Lightning; where SciPy is installed and not loaded yet, without it: 60 MiB and a second of start-up.

    All that torchmetrics does with ``scipy.signal`` as it is imported is to add a function that an old package misses.
    Whoever imports SciPy afterwards gets it whole.
    """
    if "torchmetrics" in sys.modules or "scipy" in sys.modules or find_spec("scipy") is None:
        importlib.import_module("pytorch_lightning")
        return
    with _stand_ins():
        importlib.import_module("pytorch_lightning")


@contextmanager
def _stand_ins() -> Iterator[None]:
    """Have modules without content in the place of SciPy and the one part of it that torchmetrics touches."""
    scipy, signal = ModuleType("scipy"), ModuleType("scipy.signal")
    for module in (scipy, signal):
        module.__spec__ = ModuleSpec(module.__name__, None)
    scipy.signal = signal  # type: ignore[attr-defined]
    signal.hamming = None  # type: ignore[attr-defined]
    sys.modules.update({"scipy": scipy, "scipy.signal": signal})
    try:
        yield
    finally:
        for module in (scipy, signal):
            if sys.modules.get(module.__name__) is module:
                del sys.modules[module.__name__]
