"""A second thread beside the training thread, for work that can run in parallel.

Python threads run in parallel while each is inside one long operator, such as a recurrent kernel. Short operators
contend for the interpreter's lock and are faster one after the other. Two OpenMP threads would wait for each other at
the end of every operator, many times a step, which is slow when other processes use the cores.
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
    """Let :func:`both` run its functions in parallel within this context; the thread ends with it."""
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
    """Return the results of two functions, run in parallel if there is a second thread, else one after the other.

    The second thread does not inherit the first one's context variables or per-thread torch settings such as autocast.

    Raises:
        BaseException: the first function's error, or else the second's; neither is running any more then.
    """
    thread = _THREAD.get()
    if thread is None:
        return first(), second()
    future = thread.submit(second)
    try:
        result = first()
        if future.cancel():  # the thread has not started it
            return result, second()
        return result, future.result()
    except BaseException:
        if not future.cancel():
            wait([future])
        raise
