"""Where people work: Arrow tables, clusters, spaCy, the Hub, notebooks; each library is imported on first use.

``arrow`` has the one schema of tables of answers; ``tag_batch`` fills it, batch by batch, for whatever calls a function
on batches (``datasets``, Ray, Spark, pandas); ``TagBatch`` can be imported from here, too.
"""

from __future__ import annotations

from typing import Any

__all__ = ["TagBatch"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'tagger.integrations' has no attribute {name!r}")
    from tagger.integrations.tag_batch import TagBatch

    return TagBatch
