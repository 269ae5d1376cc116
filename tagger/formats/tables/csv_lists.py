"""Parser of lists in a CSV cell: as JSON, as printed by Python or NumPy, or divided by spaces."""

from __future__ import annotations

import ast
import json
import re
from typing import Final

_LIST: Final = re.compile(
    r"(?:array\(\s*)?\[(?P<items>.*)\](?:,\s*dtype=[^()]*)?\)?|\((?P<tuple>.*['\",].*)\)", re.S
)
_LIST_START: Final = re.compile(r"""(array\()?\[['"]""")
_ITEM: Final = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s,'"]+""", re.S)
_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]*)")
_DIVIDER: Final = re.compile(r"\s*,\s*|\s+")


def is_list(cell: str) -> bool:
    """Return whether a cell holds a list in brackets.

    >>> [is_list(cell) for cell in ("['EU']", "[1 2]", "array(['a'])", "('a', 'b')", "EU rejects", "[", "(")]
    [True, True, True, True, False, False, False]
    """
    return _LIST.fullmatch(cell.strip()) is not None


def parse_list(cell: str) -> list[str] | list[int]:
    """Return the items of the list in a cell; without brackets, it is split at spaces.

    Unlike in Python, two strings without a comma between them are two items, as NumPy prints arrays.

    >>> parse_list('["EU", "rejects"]'), parse_list("['EU' 'rejects']"), parse_list("EU rejects")
    (['EU', 'rejects'], ['EU', 'rejects'], ['EU', 'rejects'])
    >>> parse_list("[3 0 7]")
    [3, 0, 7]

    Raises:
        ValueError: the list is cut off, or holds something other than strings or integers.
    """
    text = cell.strip()
    match = _LIST.fullmatch(text)
    if match is None:
        if _LIST_START.match(text):
            raise ValueError("the list has no end")
        return [item for item in cell.split(" ") if item]
    try:
        items = json.loads(text)
    except ValueError:
        items = _parse_items(match["items"] if match["items"] is not None else match["tuple"])
    except RecursionError:
        items = [None]
    if all(isinstance(item, str) for item in items) or all(type(item) is int for item in items):
        return items  # type: ignore[no-any-return]
    raise ValueError("expected a list of strings or a list of integers")


def _parse_items(text: str) -> list[str | int]:
    text = text.strip()
    items: list[str | int] = []
    dividers: set[str] = set()
    position = 0
    while position < len(text):
        match = _ITEM.match(text, position)
        if match is None:
            raise ValueError(f"expected a string or an integer at character {position} of the list")
        items.append(_parse_item(match[0]))
        position = match.end()
        if position < len(text):
            divider = _DIVIDER.match(text, position)
            if divider is None:
                raise ValueError(f"expected a comma or a space at character {position} of the list")
            dividers.add(divider[0].strip())
            position = divider.end()
    # Python allows a trailing comma.
    if len(dividers) > 1 and not (text.endswith(",") and len(items) == 1):
        raise ValueError("some of the items have a comma between them and some have none")
    return items


def _parse_item(text: str) -> str | int:
    if text == "...":
        raise ValueError("the list was cut when it was written, '...' stands for the rest of it")
    if _INTEGER.fullmatch(text):
        return int(text)
    if text[0] in "'\"":
        try:
            return str(ast.literal_eval(text))
        except SyntaxError:  # a line end in quotes
            pass
    raise ValueError(f"expected strings in quotes, or integers, found {text[:40]!r}")
