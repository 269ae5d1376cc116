"""A second thread, beside the one that trains: for what can be computed at the same time as something else.

Threads of Python compute side by side as long as they are inside one long operator, such as a recurrent kernel. Short
ones keep each other waiting for the interpreter's lock, and are faster one after the other. Two OpenMP threads in
one operator wait for each other at the end of each, many times a step, which takes long where others use the cores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

import torch

_THREAD: ContextVar[ThreadPoolExecutor | None] = ContextVar("_THREAD", default=None)

T = TypeVar("T")


@contextmanager
def second_thread() -> Iterator[None]:
    """Let :func:`both` compute at the same time, within this context; the thread ends with it."""
    with ThreadPoolExecutor(
        1,
        thread_name_prefix="tagger-second",
        initializer=torch.set_num_threads,
        initargs=(1,),  # OpenMP keeps the number for each thread that calls it
    ) as thread:
        token = _THREAD.set(thread)
        try:
            yield
        finally:
            _THREAD.reset(token)


def both(first: Callable[[], T], second: Callable[[], T]) -> tuple[T, T]:
    """Return what two functions return: at the same time where there is a second thread, else one after the other.

    A second thread knows nothing of the first one's context variables, nor of torch's settings for a thread, such as
    autocast.

    Raises:
        BaseException: what the first one, or else the second one, raises; neither is running any more then.
    """
    thread = _THREAD.get()
    if thread is None:
        return first(), second()
    future = thread.submit(second)
    try:
        result = first()
        if future.cancel():  # the thread has not come to it
            return result, second()
        return result, future.result()
    except BaseException:
        if not future.cancel():
            wait([future])
        raise
