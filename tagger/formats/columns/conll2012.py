r"""Reader of CoNLL-2012 (OntoNotes): columns divided by runs of blanks, entities in brackets.

``#begin document (bc/cctv/00/cctv_0000); part 000``
    begins a part of a document, treated as a document, until ``#end document``;
``bc/cctv/00/cctv_0000 0 3 Oslo NNP * - - - - (GPE) * -``
    a row: document, part, number, word, part of speech, tree, lemma, frameset, sense, speaker, entities, a column for
    each predicate, coreference.

Labels are read from one column: ``ne``, as IOB2, or ``pos``. Trees, frames, speakers and coreference are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from tagger.errors import FormatError
from tagger.examples import Example
from tagger.formats.columns.blocks import Block, read_blocks
from tagger.formats.columns.layers import choose_layer
from tagger.formats.columns.records import excerpt
from tagger.formats.format import Format, Holds, ReadingContext
from tagger.formats.head import Head
from tagger.formats.lines import Source

_LAYERS: Final = ("ne", "pos")
_BEGIN: Final = re.compile(r"#begin document \((.*)\);(?: part ([0-9]+))?\s*")
_WORD: Final = 3
_POS: Final = 4
_NE: Final = 10
_NUM_COLUMNS: Final = 12
_BRACKETS: Final = re.compile(r"((?:\([^()*\s]+)*)\*?(\)*)")
_HIDDEN: Final = "[WORD]"
"""The placeholder of every word in files without the words of OntoNotes."""


def _read(source: Source, context: ReadingContext) -> Iterator[Example]:
    name, losses = context.name, context.losses
    layer = choose_layer(context.options.label_column, _LAYERS, _LAYERS, name)
    document: str | None = None
    for block in read_blocks(source, name, lambda text: text.startswith(("#begin ", "#end "))):
        for number, text in block.comments:
            if text.startswith("#begin "):
                document = _document(text, f"{name}:{number}")
        if not block.rows:
            continue
        where = f"{name}:{block.rows[0][0]}"
        try:
            rows = _rows(block, name)
            labels, nested = _labels(rows, block, layer, name) if context.labelled else (None, [])
        except FormatError as error:
            losses.bad("sentences that cannot be read", str(error))
            continue
        if context.labelled and labels is None:
            losses.add("sentences without annotations, left out", where)
            continue
        for message in nested:
            losses.bad("entities within entities", message)
        yield Example(tuple([row[_WORD] for row in rows]), labels, document, where)


def _document(text: str, where: str) -> str:
    match = _BEGIN.fullmatch(text)
    if match is None:
        raise FormatError(f"{where}: expected '#begin document (ID); part NUMBER', found {excerpt(text)}")
    return match[1] if match[2] is None else f"{match[1]} part {match[2]}"


def _rows(block: Block, name: str) -> list[list[str]]:
    rows: list[list[str]] = []
    for number, text in block.rows:
        # Split at blanks and tabs only: other white space occurs within words.
        cells = [cell for cell in text.replace("\t", " ").split(" ") if cell]
        if len(cells) < _NUM_COLUMNS:
            raise FormatError(
                f"{name}:{number}: expected {_NUM_COLUMNS} columns or more, found {len(cells)}: {excerpt(text)}"
            )
        if rows and len(cells) != len(rows[0]):
            raise FormatError(
                f"{name}:{number}: expected {len(rows[0])} columns as in the rows above, found {len(cells)}: "
                f"{excerpt(text)}"
            )
        rows.append(cells)
    if all(row[_WORD] == _HIDDEN for row in rows):
        raise FormatError(
            f"{name}:{block.rows[0][0]}: expected words, found {_HIDDEN!r} in place of each: fill in the words from "
            "OntoNotes first (skeleton2conll)"
        )
    return rows


def _labels(
    rows: Sequence[Sequence[str]], block: Block, layer: str, name: str
) -> tuple[tuple[str, ...] | None, list[str]]:
    """Return the labels of a sentence, None if it has none (``-``), and messages about nested entities."""
    if layer == "pos":
        return tuple([row[_POS] for row in rows]), []
    cells = [row[_NE] for row in rows]
    if all(cell == "-" for cell in cells):
        return None, []
    labels: list[str] = []
    nested: list[str] = []
    opened: list[str] = []
    begins = False
    for (number, _), cell in zip(block.rows, cells, strict=True):
        match = _BRACKETS.fullmatch(cell)
        if match is None or not ("*" in cell or match[2]):
            raise FormatError(
                f"{name}:{number}: expected brackets such as '(PERSON*', '*' or '*)' in column {_NE} (counted from 0), "
                f"found {excerpt(cell)}"
            )
        for type_ in match[1].split("(")[1:]:
            if opened:
                nested.append(
                    f"{name}:{number}: expected no entity within the {opened[0]}, found the {type_}: {excerpt(cell)}"
                )
            else:
                begins = True
            opened.append(type_)
        labels.append(f"{'B' if begins else 'I'}-{opened[0]}" if opened else "O")
        begins = False
        if len(match[2]) > len(opened):
            raise FormatError(
                f"{name}:{number}: expected an entity that ends here, found none: {excerpt(cell)}"
            )
        del opened[len(opened) - len(match[2]) :]
    if opened:
        raise FormatError(
            f"{name}:{block.rows[-1][0]}: expected the end of the {opened[0]} in its sentence, found none: "
            f"{excerpt(cells[-1])}"
        )
    return tuple(labels), nested


def _recognises(head: Head) -> bool:
    first = next((line for line in head.lines if line.strip()), "")
    return _BEGIN.fullmatch(first) is not None


CONLL2012: Final = Format(
    name="conll2012",
    title="CoNLL-2012 (OntoNotes)",
    read=_read,
    recognises=_recognises,
    holds=Holds(labels=True, parts_of_tokens=False, text=False),
)
