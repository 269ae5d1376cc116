"""What is in a column: lists and structs, one in another, and the columns within columns that they make.

``sentences: list<struct<words: list<string>, tags: list<string>>>`` holds the columns ``sentences.words`` and
``sentences.tags``, whose rows are documents. The columns ``tokens.text`` and ``tokens.tag`` of ``tokens:
list<struct<text, tag>>``, and those of a struct of lists, ``annotation.tokens``, have a sentence a row.
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
"""The column of probabilities of labels, a struct for each token; its fields are no columns."""
TRIPLE: Final = "start, end and label"
"""Of a span, in this order."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value is made of.

    Attributes:
        kind: what a value that is neither list nor struct is, in words; empty if nothing is known of it.
        item: what a list holds.
        fields: what a struct holds.
        names: of class labels, in the order of their integers.
    """

    kind: str = ""
    item: Shape | None = None
    fields: Mapping[str, Shape] = field(default_factory=dict)
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column, or one within others.

    Attributes:
        kind: what it holds, in words; of lists in lists, what the innermost ones hold.
        names: of its class labels.
        path: the column of the table that it is or is in, and the keys of structs that lead to it.
        lists: the columns whose values are the lists around a value, from the outermost: one where a row is a
            sentence, two where it has sentences.
    """

    kind: str
    names: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()

    @property
    def depth(self) -> int:
        """How many lists are around a value."""
        return len(self.lists)

    @property
    def family(self) -> tuple[str, ...]:
        """What columns have in common whose lists belong together: those of the same structs, or side by side."""
        own = ".".join(self.path)
        return (*("" if name == own else name for name in self.lists),)

    @property
    def whole_kind(self) -> str:
        """What it holds, in words, with the lists that are around lists."""
        if self.depth < 2:
            return self.kind
        return "list of " + "lists of " * (self.depth - 2) + self.kind.replace("list", "lists", 1)


def columns_in(shapes: Mapping[str, Shape]) -> dict[str, Column]:
    """Return the columns of a table, and those within them by their dotted names.

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
    """Return what structs have under some keys, one in another; in lists, what each of their items has.

    >>> value_at([{"a": {"b": 1}}, {"a": None}, None], ("a", "b"))
    [1, None, None]
    """
    if value is None or not keys:
        return value
    if isinstance(value, list):
        return [value_at(item, keys) for item in value]
    return value_at(value.get(keys[0]), keys[1:])


def shape_of_feature(feature: Any) -> Shape:
    """Return the shape of a column with a type of the ``datasets`` library."""
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
