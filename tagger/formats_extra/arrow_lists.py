"""Columns of Arrow in Python, lists of words and of numbers in little time and memory: equal words are one string."""

from __future__ import annotations

from typing import Any

from pyarrow import types


def to_python(column: Any, words: dict[str, str] | None = None) -> list[Any]:
    """Return what ``column.to_pylist()`` returns, with a single string for all equal words in its lists.

    Args:
        column: an array of pyarrow, in one piece or several.
        words: the words of other columns, to share; each stands for itself. Those of this column are added.

    Raises:
        UnicodeDecodeError: a string is not in UTF-8.
    """
    words = {} if words is None else words
    pieces = getattr(column, "chunks", [column])
    return [value for piece in pieces for value in _values(piece, words)]


def _values(array: Any, words: dict[str, str]) -> list[Any]:
    items = _items(array, words)
    if items is None:
        return list(array.to_pylist())
    values: list[Any] = []
    start = 0
    for length in array.value_lengths().to_pylist():
        if length is None:
            values.append(None)
        else:
            values.append(items[start : start + length])
            start += length
    return values


def _items(array: Any, words: dict[str, str]) -> list[Any] | None:
    """Return all that the lists of an array hold, one after another; None if they are no plain words or numbers."""
    if not (types.is_list(array.type) or types.is_large_list(array.type)):
        return None
    flat = array.flatten()
    if flat.null_count:
        return None
    if types.is_integer(flat.type):
        return list(flat.to_numpy().tolist())
    if types.is_string(flat.type) or types.is_large_string(flat.type):
        encoded = flat.dictionary_encode()
        distinct = [words.setdefault(word, word) for word in encoded.dictionary.to_pylist()]
        return list(map(distinct.__getitem__, encoded.indices.to_numpy().tolist()))
    return None
