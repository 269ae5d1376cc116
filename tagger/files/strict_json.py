"""JSON that means one thing: UTF-8, every name once in its object, numbers that are numbers."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, NoReturn


def parse_json(data: bytes) -> Any:
    """Return what a JSON text says.

    Raises:
        ValueError: if it is not UTF-8 or no JSON, nested too deeply, names something twice in one object, or holds NaN
            or an infinity.
    """
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_distinct, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def strict_decoder() -> json.JSONDecoder:
    """Return what decodes such JSON out of a longer text; its ValueError says what is named twice or no number."""
    return json.JSONDecoder(object_pairs_hook=_distinct, parse_constant=_refuse)


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        repeated, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise ValueError(f"the name {repeated!r} comes twice in one object")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"expected numbers, found {constant}")
