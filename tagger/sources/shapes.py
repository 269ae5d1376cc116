"""Shapes of column values: nested lists and structs, and the nested columns in them.

``sentences: list<struct<words: list<string>, tags: list<string>>>`` holds the columns ``sentences.words`` and
``sentences.tags``, whose rows are documents. The columns ``tokens.text`` and ``tokens.tag`` of ``tokens:
list<struct<text, tag>>``, and those of a struct of lists, ``annotation.tokens``, have one sentence per row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tagger.formats.tables.column_choice import CLASSES, INTEGERS, STRINGS
from tagger.formats.tables.span_columns import SPANS, STRING, kind_of_structs
from tagger.formats.tables.span_values import LABEL_KEYS

_INTEGER: Final = re.compile(r"u?int\d+|integers")
CLASS: Final = "class label"
SOFT_LABELS: Final = "soft_labels"
"""The column of label probabilities, a struct for each token; its fields are not columns."""
TRIPLE: Final = "start, end and label"
"""The kind of a span as a list of these, in this order."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The structure of a value.

    Attributes:
        kind: the kind of a value that is neither list nor struct, in words; empty if unknown.
        item: the shape of the items of a list.
        fields: the shapes of the fields of a struct.
        names: the names of class labels, in the order of their integers.
    """

    kind: str = ""
    item: Shape | None = None
    fields: Mapping[str, Shape] = field(default_factory=dict)
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column, possibly nested.

    Attributes:
        kind: the kind of its values, in words; for nested lists, that of the innermost ones.
        names: the names of its class labels.
        path: the top-level column, and the struct keys that lead to this one.
        lists: the columns whose values are the lists around a value, outermost first: one if a row is a sentence, two
            if it has several sentences.
    """

    kind: str
    names: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()

    @property
    def depth(self) -> int:
        """The number of lists around a value."""
        return len(self.lists)

    @property
    def family(self) -> tuple[str, ...]:
        """A key shared by columns whose lists belong together: in the same structs, or side by side."""
        own = ".".join(self.path)
        return (*("" if name == own else name for name in self.lists),)

    @property
    def whole_kind(self) -> str:
        """The kind of its values, in words, including outer lists."""
        if self.depth < 2:
            return self.kind
        return "list of " + "lists of " * (self.depth - 2) + self.kind.replace("list", "lists", 1)


def columns_in(shapes: Mapping[str, Shape]) -> dict[str, Column]:
    """Return the columns of a table, including nested ones by their dotted names.

    >>> found = columns_in({"s": Shape(item=Shape(fields={"w": Shape(item=Shape(STRING))}))})
    >>> found["s.w"].whole_kind, found["s.w"].path, found["s.w"].lists
    ('list of lists of strings', ('s', 'w'), ('s', 's.w'))
    """
    found: dict[str, Column] = {}
    for top, shape in shapes.items():
        if top == SOFT_LABELS and shape.item is not None:
            found[top] = Column("list of probabilities by label", (), (top,), ())
            continue
        for column in _columns((top,), shape, ()):
            name = ".".join(column.path)
            if name == top or name not in shapes:
                found[name] = column
    return found


def _columns(path: tuple[str, ...], shape: Shape, lists: tuple[str, ...]) -> Iterator[Column]:
    name = ".".join(path)
    if shape.item is not None:
        yield from _columns(path, shape.item, (*lists, name))
    elif shape.fields:
        are_lists = all(inner.item is not None for inner in shape.fields.values())
        spans = kind_of_structs(path[-1], shape.fields) if are_lists or name in lists else None
        if spans is None:
            for key, inner in shape.fields.items():
                yield from _columns((*path, key), inner, lists)
        else:
            label = next((shape.fields[key] for key in LABEL_KEYS if key in shape.fields), Shape())
            names = label.names if label.item is None else label.item.names
            yield Column(spans if len(lists) < 2 else f"list of {spans}", names, path, ())
    elif shape.kind == TRIPLE and len(lists) == 1:
        yield Column(SPANS, (), path, ())
    else:
        yield Column(_kind(shape.kind or "nothing", lists), shape.names, path, lists)


def _kind(kind: str, lists: Sequence[str]) -> str:
    if not lists:
        return kind
    known = {STRING: STRINGS, CLASS: CLASSES, "nothing": "nothing"}.get(kind)
    return known or (INTEGERS if _INTEGER.fullmatch(kind) else f"list of {kind}")


def value_at(value: Any, keys: Sequence[str]) -> Any:
    """Return the value of nested structs under a path of keys; for lists, that of each item.

    >>> value_at([{"a": {"b": 1}}, {"a": None}, None], ("a", "b"))
    [1, None, None]
    """
    if value is None or not keys:
        return value
    if isinstance(value, list):
        return [value_at(item, keys) for item in value]
    return value_at(value.get(keys[0]), keys[1:])


def shape_of_feature(feature: Any) -> Shape:
    """Return the shape of a column from its type in the ``datasets`` library."""
    import datasets

    if isinstance(feature, list) and feature:
        return Shape(item=shape_of_feature(feature[0]))
    if isinstance(feature, (datasets.List, datasets.LargeList)):
        return Shape(item=shape_of_feature(feature.feature))
    if isinstance(feature, dict):
        return Shape(fields={key: shape_of_feature(inner) for key, inner in feature.items()})
    if isinstance(feature, datasets.ClassLabel):
        return Shape(CLASS, names=tuple(feature.names))
    kind = str(getattr(feature, "dtype", type(feature).__name__))
    return Shape(STRING if "string" in kind else kind)
