"""Worker processes that share the work of tagging a stream of sentences.

Read in this order: ``messages`` (the protocol), ``program`` (the worker's side), ``process`` (the parent's side of one
worker), ``pool`` (several workers).
"""

from __future__ import annotations

from tagger.workers.pool import WorkerPool

__all__ = ["WorkerPool"]
