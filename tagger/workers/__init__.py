"""Worker processes that share the work of tagging a stream of sentences.

Read in this order: ``messages`` (what goes over the pipes), ``program`` (what runs in a worker), ``process`` (a worker
as its parent sees it), ``pool`` (several of them).
"""

from __future__ import annotations

from tagger.workers.pool import WorkerPool

__all__ = ["WorkerPool"]
