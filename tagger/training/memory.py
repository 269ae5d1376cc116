"""Memory that a process holds without need: kernels for lengths long past, and what the C library keeps to itself."""

from __future__ import annotations

import ctypes
import gc
import os
from typing import Final

_VARIABLE: Final = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"
_KERNELS_KEPT: Final = 8


def keep_few_kernels() -> None:
    """Keep the kernels of the last lengths of sentences alone, unless the environment says how many.

    oneDNN, which computes torch's LSTM, makes kernels for each number of sentences and of tokens, and keeps 1,024 of
    them, though making one is cheap. It reads the environment once in a process, with the first kernel.
    """
    os.environ.setdefault(_VARIABLE, str(_KERNELS_KEPT))


def return_free_memory() -> None:
    """Give back to the system what nobody uses any more, where the C library can (GNU's): it would keep most of it."""
    gc.collect()
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, TypeError):  # another C library; Windows
        return
    trim(ctypes.c_size_t(0))
