"""Turn Python's garbage collector off while a corpus is read: it would traverse all sentences over and over."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collection() -> Iterator[None]:
    """Disable the cyclic garbage collector, for code whose objects are mostly kept and acyclic.

    Also a decorator. Afterwards the collector is on or off, as before.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
