"""Memory that nobody uses any more, and that the C library would keep."""

from __future__ import annotations

import ctypes
import gc


def return_free_memory() -> None:
    """Return free memory to the system, if the C library can (glibc), which would otherwise keep most of it."""
    gc.collect()
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, TypeError):  # another C library; Windows
        return
    trim(ctypes.c_size_t(0))
