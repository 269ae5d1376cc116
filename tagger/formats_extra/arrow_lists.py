"""Fast, compact conversion of Arrow columns to Python lists, with one string object for equal words."""

from __future__ import annotations

from typing import Any

from pyarrow import types


def to_python(column: Any, words: dict[str, str] | None = None) -> list[Any]:
    """Return the result of ``column.to_pylist()``, with a single string object for equal words in its lists.

    Args:
        column: a pyarrow array, chunked or not.
        words: an intern table shared with other columns, mapping each word to itself; the words of this column are
            added.

    Raises:
        UnicodeDecodeError: a string is not UTF-8.
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
    """Return the concatenated items of the lists in an array; None if they are not plain words or integers."""
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
