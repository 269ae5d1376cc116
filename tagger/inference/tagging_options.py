"""Checks of a tagger's runtime options."""

from __future__ import annotations

from typing import Any

from tagger.documents import checked_weight
from tagger.errors import UsageError
from tagger.inference.lookahead import CACHE_MEGABYTES
from tagger.options import positive_integer


def checked_options(
    *,
    device: str,
    batch_tokens: int,
    cache_megabytes: int,
    threads: int,
    document_consistency: float,
    document_tokens: int,
) -> dict[str, Any]:
    """Return the checked options of :class:`tagger.Tagger` by name.

    Raises:
        UsageError: if one is invalid, or has no effect on the device.
    """
    device = str(device)
    weight = checked_weight(document_consistency)
    batch_tokens = positive_integer("batch_tokens", batch_tokens)
    cache_megabytes = positive_integer("cache_megabytes", cache_megabytes)
    threads = positive_integer("threads", threads)
    document_tokens = positive_integer("document_tokens", document_tokens)
    changed = {"threads": threads != 1, "cache_megabytes": cache_megabytes != CACHE_MEGABYTES}
    for name, is_changed in changed.items():
        if is_changed and device != "cpu":
            raise UsageError(f"{name}: has no effect on the device {device!r}")
    return {
        "device": device,
        "batch_tokens": batch_tokens,
        "cache_megabytes": cache_megabytes,
        "threads": threads,
        "document_consistency": weight,
        "document_tokens": document_tokens,
    }
