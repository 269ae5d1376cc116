"""SharedCache: a cache that threads share under a lock, and that stays usable after a fork."""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from typing import Final
from weakref import WeakSet


class SharedCache(ABC):
    """A cache with a lock.

    In a process forked while another thread held the lock, that thread does not exist and would never release it. Such
    a process gets a new lock and an empty cache; one forked at any other moment keeps the cache.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        _CACHES.add(self)

    @abstractmethod
    def _clear(self) -> None:
        """Empty the cache."""

    def _repair(self) -> None:
        if self._lock.acquire(blocking=False):
            self._lock.release()
        else:
            self._lock = threading.Lock()
            self._clear()


_CACHES: Final[WeakSet[SharedCache]] = WeakSet()


def _repair_all() -> None:
    for cache in list(_CACHES):
        cache._repair()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_repair_all)
