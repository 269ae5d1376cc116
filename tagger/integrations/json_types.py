"""Arrow types that hold the values of JSON objects exactly, the same however the objects are cut into shares.

Arrow's own inference is not used: it converts ``true`` among floats to 1.0, and its result depends on which values
share a batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, Final

import pyarrow

_LARGE: Final = pyarrow.uint64()
"""Placeholder for integers too large for a double, until it is known whether the column has to be double."""
_DOUBLE_HOLDS: Final = 2**53
_DEEPEST: Final = 32


class _MixedError(Exception):
    """No common type holds all of the values exactly."""


def type_of_values(values: Sequence[Any]) -> pyarrow.DataType:
    """Return the type of a column for some of the rows; string, for JSON, if its values are of several types."""
    try:
        return _type_of(values, 0)
    except _MixedError:
        return pyarrow.string()


def united_type(one: pyarrow.DataType, other: pyarrow.DataType) -> pyarrow.DataType:
    """Return the common type of a column that has one type in some rows and another in others."""
    try:
        return _united(one, other)
    except _MixedError:
        return pyarrow.string()


def final_type(type_: pyarrow.DataType) -> pyarrow.DataType:
    """Return the final type of a column from the united type of all rows."""
    try:
        return _final(type_)
    except _MixedError:
        return pyarrow.string()


def _type_of(values: Sequence[Any], depth: int) -> pyarrow.DataType:
    if depth > _DEEPEST:
        raise _MixedError  # Arrow cannot read its own types beyond some depth
    kinds = set(map(type, values)) - {type(None)}
    if not kinds:
        return pyarrow.null()
    if kinds <= {int, float}:
        return _number_type([value for value in values if type(value) is int], float in kinds)
    if len(kinds) > 1:
        raise _MixedError
    values = [value for value in values if value is not None]
    if kinds == {list}:
        return pyarrow.list_(_type_of(list(chain.from_iterable(values)), depth + 1))
    if kinds == {dict}:
        names = dict.fromkeys(chain.from_iterable(values))
        return pyarrow.struct(
            [(name, _type_of([value.get(name) for value in values], depth + 1)) for name in names]
        )
    return pyarrow.bool_() if kinds == {bool} else pyarrow.string()


def _number_type(whole: Sequence[int], has_fractions: bool) -> pyarrow.DataType:
    least, most = min(whole, default=0), max(whole, default=0)
    if least < -(2**63) or most >= 2**63:
        raise _MixedError
    type_ = _LARGE if least < -_DOUBLE_HOLDS or most > _DOUBLE_HOLDS else pyarrow.int64()
    return _united(type_, pyarrow.float64()) if has_fractions else type_


def _united(one: pyarrow.DataType, other: pyarrow.DataType) -> pyarrow.DataType:
    if one == other or pyarrow.types.is_null(other):
        return one
    if pyarrow.types.is_null(one):
        return other
    if pyarrow.types.is_list(one) and pyarrow.types.is_list(other):
        return pyarrow.list_(_united(one.value_type, other.value_type))
    if pyarrow.types.is_struct(one) and pyarrow.types.is_struct(other):
        fields = _fields(one)
        for name, type_ in _fields(other).items():
            fields[name] = _united(fields.get(name, type_), type_)
        return pyarrow.struct(list(fields.items()))
    for wider in (pyarrow.float64(), _LARGE):
        if {one, other} == {wider, pyarrow.int64()}:
            return wider
    raise _MixedError


def _final(type_: pyarrow.DataType) -> pyarrow.DataType:
    if type_ == _LARGE:
        return pyarrow.int64()
    if pyarrow.types.is_list(type_):
        return pyarrow.list_(_final(type_.value_type))
    if pyarrow.types.is_struct(type_):
        if not type_.num_fields:
            raise _MixedError  # Parquet has no empty structs
        return pyarrow.struct([(name, _final(field)) for name, field in _fields(type_).items()])
    return type_


def _fields(struct: pyarrow.StructType) -> dict[str, pyarrow.DataType]:
    return {field.name: field.type for field in struct}
