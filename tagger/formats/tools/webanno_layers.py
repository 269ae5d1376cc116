"""The layers declared in the head of a WebAnno TSV file, and the choice of the one to read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from tagger.errors import UsageError
from tagger.options import argument

_KINDS: Final[dict[str, Literal["span", "chain", "relation"]]] = {
    "#T_SP=": "span",
    "#T_CH=": "chain",
    "#T_RL=": "relation",
}
_ROLE: Final = "ROLE_"
_USUAL: Final = ("NamedEntity", "value")
_OF_TOKENS: Final = (
    "de.tudarmstadt.ukp.dkpro.core.api.lexmorph.",
    "de.tudarmstadt.ukp.dkpro.core.api.segmentation.",
)
"""Prefixes of layers that annotate every token; read only on request."""


class Column(NamedTuple):
    """A column of annotations.

    Attributes:
        kind: the kind of its layer.
        layer: full name of the layer, such as ``webanno.custom.Span``.
        feature: the feature whose values it holds; empty for a layer without features.
        is_slot: whether it holds links to other annotations.
    """

    kind: Literal["span", "chain", "relation"]
    layer: str
    feature: str
    is_slot: bool = False

    @property
    def is_role(self) -> bool:
        """Whether it is the first column of a slot, with the roles of the links; the second has their targets."""
        return self.is_slot and self.feature.startswith(_ROLE)

    @property
    def short_layer(self) -> str:
        """The last part of the layer's name."""
        return self.layer.rpartition(".")[2]

    @property
    def name(self) -> str:
        """Its name in messages and options."""
        return f"{self.short_layer}.{self.feature}" if self.feature else self.short_layer

    @property
    def full_name(self) -> str:
        """Its name where another column has the same short one."""
        return f"{self.layer}.{self.feature}" if self.feature else self.layer

    def is_called(self, name: str) -> bool:
        """Return whether a name refers to it: its full or shortened layer name, with or without the feature."""
        names = endings(self.layer)
        return name in names or name in [f"{layer}.{self.feature}" for layer in names]


def endings(name: str) -> list[str]:
    """Return the names of a layer: the full one, and its last parts.

    >>> endings("webanno.custom.Event")
    ['webanno.custom.Event', 'custom.Event', 'Event']
    """
    parts = name.split(".")
    return [".".join(parts[first:]) for first in range(len(parts))]


def read_columns(line: str) -> list[Column] | None:
    """Return the columns declared in a line of the head; None if there are none."""
    kind = _KINDS.get(line[:6])
    if kind is None:
        return None
    layer, *features = line[6:].split("|")
    columns: list[Column] = []
    for feature in features or [""]:
        is_role = kind == "span" and feature.startswith(_ROLE)
        is_target = bool(columns) and columns[-1].is_role
        columns.append(Column(kind, layer, feature, is_role or is_target))
    return columns


def choose_column(columns: Sequence[Column], asked: int | str | None, name: str) -> int:
    """Return the index of the column whose values are the labels.

    Args:
        columns: all columns of the file.
        asked: the name of one; None for the usual one.
        name: what messages call the file.

    Raises:
        UsageError: no column has this name, or several could be meant.
    """
    spans = [number for number, column in enumerate(columns) if column.kind == "span" and not column.is_slot]
    names = _unique_names(columns, spans)
    if asked is not None:
        found = [number for number in spans if columns[number].is_called(str(asked))]
        if not found:
            raise UsageError(
                f"{name}: expected a layer of spans called {str(asked)!r}, as {argument('data.label_column')} says, "
                f"found {', '.join(names.values()) or 'none'}"
            )
        spans = found
    else:
        spans = [number for number in spans if not columns[number].layer.startswith(_OF_TOKENS)]
    usual = [number for number in spans if (columns[number].short_layer, columns[number].feature) == _USUAL]
    if len(usual) == 1:
        return usual[0]
    if len(spans) == 1:
        return spans[0]
    choices = [names[number] for number in spans or names]
    example = f". Choose one: {argument('data.label_column', choices[0])}" if choices else ""
    raise UsageError(f"{name}: expected one layer of spans, found {', '.join(choices) or 'none'}{example}")


def _unique_names(columns: Sequence[Column], numbers: Sequence[int]) -> dict[int, str]:
    """Return unambiguous names of columns, by index, for messages."""
    short = [columns[number].name for number in numbers]
    return {
        number: name if short.count(name) == 1 else columns[number].full_name
        for number, name in zip(numbers, short, strict=True)
    }
