"""Strict JSON: UTF-8, no repeated names in an object, no NaN or infinity."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, NoReturn


def parse_json(data: bytes) -> Any:
    """Parse strict JSON.

    Raises:
        ValueError: it is not UTF-8 or not JSON, is nested too deeply, repeats a name in an object, or holds NaN or an
            infinity.
    """
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_distinct, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def strict_decoder() -> json.JSONDecoder:
    """Return a decoder of strict JSON within a longer text; it raises ValueError like :func:`parse_json`."""
    return json.JSONDecoder(object_pairs_hook=_distinct, parse_constant=_refuse)


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        repeated, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise ValueError(f"the name {repeated!r} comes twice in one object")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"expected numbers, found {constant}")
