"""Where random draws in training come from: torch's own generator, or one that the caller has set.

A batch may be computed in several parts, a thread each; what one of them draws must not depend on the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import torch

_GENERATOR: ContextVar[torch.Generator | None] = ContextVar("_GENERATOR", default=None)


@contextmanager
def drawing_from(generator: torch.Generator) -> Iterator[None]:
    """Have all modules draw from a generator, in this thread, as long as the block lasts."""
    token = _GENERATOR.set(generator)
    try:
        yield
    finally:
        _GENERATOR.reset(token)


def generator() -> torch.Generator | None:
    """Return the generator that modules draw from; None for torch's own."""
    return _GENERATOR.get()
