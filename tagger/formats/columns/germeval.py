r"""Reader of GermEval 2014: number, token, outer label and inner label, divided by tabs; a source before each sentence.

``#\thttp://de.wikipedia.org/wiki/Oslo [2009-10-17]``
    the source, which is not read: the sentences of a page are not contiguous;
``1\tOslo\tB-LOC\tO``
    a row; it may have an additional empty cell at its end.

Nested entities have inner labels. Labels are read from one column: outer, or inner.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tagger.errors import FormatError
from tagger.examples import Example
from tagger.formats.columns.blocks import Line, read_blocks
from tagger.formats.columns.layers import choose_layer
from tagger.formats.columns.records import excerpt
from tagger.formats.format import Format, Holds, ReadingContext
from tagger.formats.head import Head
from tagger.formats.lines import Source

_LAYERS: Final = ("outer", "inner")
_SOURCE: Final = re.compile(r"#\t\S.*")
_ROW: Final = re.compile(r"[0-9]+\t[^\t]+\t[^\t]+\t[^\t]+\t?")


def _read(source: Source, context: ReadingContext) -> Iterator[Example]:
    name, losses = context.name, context.losses
    layer = choose_layer(context.options.label_column, _LAYERS, _LAYERS, name)
    column = 2 + _LAYERS.index(layer)
    for block in read_blocks(source, name, lambda text: text.startswith("#\t")):
        if not block.rows:
            continue
        where = f"{name}:{block.rows[0][0]}"
        try:
            cells = [_cells(row, place, name) for place, row in enumerate(block.rows, start=1)]
        except FormatError as error:
            losses.bad("sentences that cannot be read", str(error))
            continue
        labels = None
        if context.labelled:
            labels = tuple([row[column] for row in cells])
            others = sum(row[5 - column].startswith("B-") for row in cells)
            if others:
                losses.add(f"{_LAYERS[3 - column]} entities, not read", where, times=others)
        yield Example(tuple([row[1] for row in cells]), labels, None, where)


def _cells(row: Line, place: int, name: str) -> list[str]:
    number, text = row
    cells = text.split("\t")
    if cells[4:] == [""]:
        cells.pop()
    if len(cells) != 4:
        raise FormatError(
            f"{name}:{number}: expected number, token, outer and inner label, divided by tabs, found {len(cells)} "
            f"columns: {excerpt(text)}"
        )
    cells[2:] = [cell.strip() for cell in cells[2:]]
    for what, cell in (("a token", cells[1]), ("an outer label", cells[2]), ("an inner label", cells[3])):
        if not cell:
            raise FormatError(f"{name}:{number}: expected {what}, found nothing: {excerpt(text)}")
    if cells[0] != str(place):
        raise FormatError(
            f"{name}:{number}: expected the number {place}, found {excerpt(cells[0])}: is a line missing?"
        )
    return cells


def _recognises(head: Head) -> bool:
    """Return whether a file begins with the line of a source, directly followed by the first row."""
    lines = [line for line in head.lines if line.strip()][:2]
    return (
        len(lines) == 2
        and _SOURCE.fullmatch(lines[0]) is not None
        and _ROW.fullmatch(lines[1]) is not None
        and lines[1].startswith("1\t")
    )


GERMEVAL: Final = Format(
    name="germeval",
    title="GermEval 2014",
    read=_read,
    recognises=_recognises,
    holds=Holds(parts_of_tokens=False, text=False),
)
