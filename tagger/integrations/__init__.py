"""Integrations with Arrow, Ray, spaCy, the Hugging Face Hub and notebooks; each library is imported on first use.

``arrow`` defines the one schema of answer tables; ``tag_batch`` fills it, batch by batch, for anything that calls a
function on batches (``datasets``, Ray, Spark, pandas). ``TagBatch`` can be imported from here, too.
"""

from __future__ import annotations

from typing import Any

__all__ = ["TagBatch"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'tagger.integrations' has no attribute {name!r}")
    from tagger.integrations.tag_batch import TagBatch

    return TagBatch
