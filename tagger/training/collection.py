"""Python's garbage collector, left off while a corpus is read: it would look through all sentences over and over."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collection() -> Iterator[None]:
    """Do without the search for cycles of garbage, where nearly all that is made stays and holds no cycles.

    Also a decorator. Afterwards the collector is as it was, on or off.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
