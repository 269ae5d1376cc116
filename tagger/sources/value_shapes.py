"""Shapes of columns without declared types, inferred from all their values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from tagger.formats.tables.span_columns import STRING
from tagger.sources.shapes import TRIPLE, Shape, columns_in

_KINDS: Final[Mapping[type, str]] = {
    str: STRING,
    int: "integer",
    float: "number",
    bool: "truth value",
    list: "list",
    dict: "object",
}
_SPAN: Final = [int, int, str]
_UNKNOWN: Final = Shape()
_OF_ONE_TYPE: Final = {
    (kind, is_item): Shape(f"{name}s" if is_item and name != STRING else name)
    for kind, name in _KINDS.items()
    for is_item in (False, True)
}
_LISTS: Final[Mapping[type, Shape]] = {
    kind: Shape(item=_OF_ONE_TYPE[kind, True]) for kind in (str, int, float, bool)
}


def shape_of_values(values: Iterable[Any]) -> Shape:
    """Return the shape of a column; if shapes differ, a kind that describes them and the first differing row.

    >>> shape_of_values([None, ["a"]])
    Shape(kind='', item=Shape(kind='string', item=None, fields={}, names=()), fields={}, names=())
    >>> shape_of_values([["a"], [1]]).kind
    'list of strings, in row 1 list of integers'
    """
    whole = _UNKNOWN
    for row, value in enumerate(values):
        shape = _shape(value)
        merged = _merged(whole, shape)
        if merged is None:
            return Shape(f"{_words(whole)}, in row {row} {_words(shape)}")
        whole = merged
    return whole


def _shape(value: Any, *, is_item: bool = False) -> Shape:
    """Return the shape of a value; a list of several types has an item that names them."""
    if value is None:
        return _UNKNOWN
    if isinstance(value, Mapping):
        return Shape(fields={str(key): _shape(item) for key, item in value.items()})
    if not isinstance(value, list):
        kind = type(value)
        return _OF_ONE_TYPE.get((kind, is_item)) or Shape(kind.__name__)
    types = set(map(type, value))
    types.discard(type(None))
    if len(types) == 1 and (known := _LISTS.get(next(iter(types)))):
        return known
    if is_item and [type(item) for item in value] == _SPAN:
        return Shape(TRIPLE)
    whole: Shape | None = _UNKNOWN
    for item in value:
        whole = None if whole is None else _merged(whole, _shape(item, is_item=True))
    if whole is None:
        names = sorted({f"{_KINDS.get(kind, kind.__name__)}s" for kind in types})
        whole = Shape(" and ".join(names))
    return Shape(item=whole)


def _merged(one: Shape, other: Shape) -> Shape | None:
    """Return the common shape of two shapes, filling in unknown parts; None if they differ."""
    if one is other or other == _UNKNOWN:
        return one
    if one == _UNKNOWN:
        return other
    if one.item is not None and other.item is not None:
        item = _merged(one.item, other.item)
        return None if item is None else (one if item is one.item else Shape(item=item))
    if one.fields and other.fields:
        fields = dict(one.fields)
        for key, shape in other.fields.items():
            merged = _merged(fields.get(key, _UNKNOWN), shape)
            if merged is None:
                return None
            fields[key] = merged
        return one if fields == one.fields else Shape(fields=fields)
    return one if one == other else None


def _words(shape: Shape) -> str:
    if shape.fields:
        return "object"
    columns = columns_in({"": shape})
    return columns[""].whole_kind if "" in columns else "list of objects"
