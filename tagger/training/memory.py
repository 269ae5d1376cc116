"""Return unused memory to the system."""

from __future__ import annotations

import ctypes
import gc


def return_free_memory() -> None:
    """Return free memory to the system, if the C library supports it (glibc); it would keep most of it otherwise."""
    gc.collect()
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, TypeError):  # another C library; Windows
        return
    trim(ctypes.c_size_t(0))
