"""The files of docs/benchmarks: what each entry holds, and reading it so that nothing damaged is taken for a figure.

A file is a JSON array; each of its entries is what one run of a benchmark gave, as :func:`check_entry` has it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from tagger.files import strict_decoder

FORMAT: Final = 1
Entry = dict[str, Any]
"""As :func:`check_entry` has it."""

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")


class HistoryError(Exception):
    """A file of figures is damaged, or cannot be read or written; says where."""


def read_entries(path: Path) -> list[Entry]:
    """Return the entries of a file, in its order; none if it is not there.

    Raises:
        HistoryError: it cannot be read, or something in it is not as it must be; names the line.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise HistoryError(f"{path}: cannot be read: {error.strerror or error}") from None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = 1 + data.count(b"\n", 0, error.start)
        raise HistoryError(
            f"{path}:{line}: expected UTF-8, found the byte {data[error.start]:#04x}"
        ) from None
    return _parsed(text, path)


def _parsed(text: str, path: Path) -> list[Entry]:
    decoder = strict_decoder()
    entries: list[Entry] = []
    position = _next(text, 0)

    def wrong(where: int, what: str) -> HistoryError:
        return HistoryError(f"{path}:{1 + text.count(chr(10), 0, where)}: {what}; mend or remove it")

    def take(expected: str) -> str:
        nonlocal position
        found = text[position : position + 1]
        if not found or found not in expected:
            listed = " or ".join(expected)
            raise wrong(position, f"expected {listed}, found {text[position : position + 20]!r}")
        position = _next(text, position + 1)
        return found

    take("[")
    if text[position : position + 1] == "]":
        take("]")
    else:
        separator = ","
        while separator == ",":
            start = position
            try:
                entry, position = decoder.raw_decode(text, start)
                check_entry(entry)
            except json.JSONDecodeError as error:
                raise wrong(error.pos, f"no JSON: {error.msg}") from None
            except RecursionError:
                raise wrong(start, "nested too deeply") from None
            except ValueError as error:
                raise wrong(start, str(error)) from None
            entries.append(entry)
            position = _next(text, position)
            separator = take(",]")
    if position < len(text):
        raise wrong(position, f"expected the end of the file, found {text[position : position + 20]!r}")
    return entries


def _next(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    assert match is not None
    return match.end()


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond all floats
        return False


def _is_cell(value: object) -> bool:
    """Return whether this may stand in a table: a text, a number, nothing, or some of them."""
    if isinstance(value, (list, dict)):
        return all(map(_is_cell, value.values() if isinstance(value, dict) else value))
    return value is None or isinstance(value, (str, bool)) or _is_number(value)


def _is_object(value: object, holds: Callable[[object], bool]) -> bool:
    return isinstance(value, dict) and all(map(holds, value.values()))


def _is_table(value: object) -> bool:
    return isinstance(value, list) and all(_is_object(row, _is_cell) for row in value)


def _is_date(value: object) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).utcoffset() is not None
    except ValueError:
        return False


def _is_machine(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"processor", "cores", "instructions"}
        and isinstance(value["processor"], str)
        and (value["cores"] is None or (type(value["cores"]) is int and value["cores"] > 0))
        and isinstance(value["instructions"], list)
        and all(isinstance(name, str) for name in value["instructions"])
    )


_FIELDS: Final[dict[str, tuple[str, Callable[[Any], bool]]]] = {
    "format": (f"the format {FORMAT}", lambda value: type(value) is int and value == FORMAT),
    "commit": (
        "a commit, 40 hexadecimal digits",
        lambda value: isinstance(value, str) and _COMMIT.fullmatch(value) is not None,
    ),
    "dirty": ("whether the tree was changed", lambda value: isinstance(value, bool)),
    "date": ("a date with its time and zone", _is_date),
    "machine": ("processor, cores and instructions", _is_machine),
    "others": (
        "the cores that other programs took, or null",
        lambda value: value is None or (_is_number(value) and value >= 0),
    ),
    "versions": (
        "a version or null by package",
        lambda value: _is_object(value, lambda one: one is None or isinstance(one, str)),
    ),
    "quick": ("whether it was a quick run", lambda value: isinstance(value, bool)),
    "conditions": ("a value by name", lambda value: _is_object(value, _is_cell)),
    "tables": ("rows by title", lambda value: _is_object(value, _is_table)),
}


def check_entry(entry: object) -> None:
    """Check that an entry has its fields, each of them as it must be.

    Raises:
        ValueError: if not; says which one.
    """
    if not isinstance(entry, dict):
        raise ValueError(f"expected an entry, found {str(entry)[:40]!r}")
    for name, (expected, holds) in _FIELDS.items():
        if name not in entry:
            raise ValueError(f"expected {name!r} ({expected}), found none")
        if not holds(entry[name]):
            raise ValueError(f"{name!r}: expected {expected}, found {str(entry[name])[:40]!r}")
    if unknown := sorted(entry.keys() - _FIELDS):
        raise ValueError(f"unknown: {', '.join(map(repr, unknown))}")
