r"""Reader of HIPE 2020 and 2022: a header row, one token per row, several layers of entities, and flags in MISC.

``TOKEN\tNE-COARSE-LIT\tNE-COARSE-METO\t...\tNEL-LIT\tNEL-METO\tMISC``
    the header;
``# hipe2022:document_id = NZZ-1798``
    begins a document (``# document_id = ...`` in 2020); other comments are not read;
``Oslo\tB-loc\tO\t...\tQ585\t_\tNoSpaceAfter|EndOfSentence``
    a row.

The text consists of the tokens with a blank after each, a line break after ``EndOfLine``, and nothing after
``NoSpaceAfter``. Sentences end at ``EndOfSentence``, at ``PySBDSegment`` in documents without it, or at blank lines;
without any of these the segmenter finds them, so labels become spans. Labels are read from one layer; entities of
others and links are counted. A layer of ``_`` alone is not annotated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from tagger.errors import FormatError, LabelError
from tagger.formats.annotated import AnnotatedText, CharacterSpan
from tagger.formats.columns.layers import choose_layer
from tagger.formats.columns.records import excerpt
from tagger.formats.format import Format, Holds, ReadingContext
from tagger.formats.head import Head
from tagger.formats.lines import Source, read_lines
from tagger.schemes import LabelScheme, labels_to_spans

_TOKEN: Final = "TOKEN"
_USUAL: Final = "NE-COARSE-LIT"
_MISC: Final = "MISC"
_LAYER: Final = "NE-"
_LINKS: Final = "NEL-"
_MISSING: Final = "_"
_DOCUMENT: Final = re.compile(r"# *(?:[^\s:=]+:)?document_id *= *(\S.*)")
_ENDS: Final = ("EndOfSentence", "PySBDSegment")


@dataclass(slots=True)
class _Document:
    """The rows of a document, each with its line number and cells, and the rows that follow a blank line."""

    id: str | None = None
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    after_blank: list[int] = field(default_factory=list)
    error: FormatError | None = None


def _read(source: Source, context: ReadingContext) -> Iterator[AnnotatedText]:
    reader: _Reader | None = None
    document = _Document()
    ended = False
    for number, line in enumerate(read_lines(source, name=context.name), start=1):
        text = line.rstrip("\r\n")
        if not text.strip(" \t"):
            ended = True
        elif text.startswith("# "):
            if match := _DOCUMENT.fullmatch(text):
                if reader is not None:
                    yield from reader.text(document)
                document = _Document(match[1].rstrip())
                ended = False
        elif reader is None:
            reader = _Reader(text.split("\t"), context, f"{context.name}:{number}")
        else:
            if ended and document.rows:
                document.after_blank.append(len(document.rows))
            ended = False
            try:
                document.rows.append((number, reader.cells(text, f"{context.name}:{number}")))
            except FormatError as error:
                document.error = document.error or error
    if reader is not None:
        yield from reader.text(document)


class _Reader:
    """Converts documents to texts.

    Args:
        header: the names of the columns.
        context: how to read them.
        where: ``file:line`` of the header.
    """

    def __init__(self, header: Sequence[str], context: ReadingContext, where: str) -> None:
        self._context = context
        self._header = [name.strip() for name in header]
        layers = [name for name in self._header if name.startswith(_LAYER)]
        if self._header[0] != _TOKEN or not layers:
            raise FormatError(
                f"{where}: expected a header of columns divided by tabs, TOKEN, NE-COARSE-LIT and others, found "
                f"{excerpt(chr(9).join(header))}"
            )
        self._layer = choose_layer(context.options.label_column, layers, [_USUAL], where)
        self._label_place = self._header.index(self._layer)
        self._misc_place = self._header.index(_MISC) if _MISC in self._header else None
        self._others = {
            name: place for place, name in enumerate(self._header) if name in set(layers) - {self._layer}
        }
        self._links = {name: place for place, name in enumerate(self._header) if name.startswith(_LINKS)}

    def cells(self, text: str, where: str) -> list[str]:
        """Return the cells of a row, checked."""
        cells = text.split("\t")
        if len(cells) != len(self._header):
            raise FormatError(
                f"{where}: expected {len(self._header)} columns as in the header, found {len(cells)}: {excerpt(text)}"
            )
        if not cells[0]:
            raise FormatError(f"{where}: expected a token, found nothing: {excerpt(text)}")
        return cells

    def text(self, document: _Document) -> Iterator[AnnotatedText]:
        """Yield the text of a document, unless it is empty, bad or lacks annotations that are to be read."""
        context, rows = self._context, document.rows
        if document.error is not None:
            context.losses.bad("documents that cannot be read", str(document.error))
            return
        if not rows:
            return
        where = f"{context.name}:{rows[0][0]}"
        flags = [self._flags(cells) for _, cells in rows]
        text, tokens = _joined([cells[0] for _, cells in rows], flags)
        starts = _starts(flags, document.after_blank)
        result = AnnotatedText(
            text, tokens=tokens, sentence_starts=starts, document=document.id, origin=where
        )
        if not context.labelled:
            yield result
            return
        labels = [cells[self._label_place].strip() for _, cells in rows]
        missing = [number for (number, _), label in zip(rows, labels, strict=True) if label in ("", _MISSING)]
        if len(missing) == len(rows):
            context.losses.add(f"documents without annotations in {self._layer}, left out", where)
            return
        if missing:
            context.losses.bad(
                "documents of which some tokens have no label",
                f"{context.name}:{missing[0]}: expected a label in {self._layer}, found none, while other tokens of "
                "the document have one",
            )
            return
        self._count(rows, where)
        if starts is not None:
            yield AnnotatedText(text, None, tokens, starts, tuple(labels), document=document.id, origin=where)
            return
        try:
            spans = _spans(labels, tokens)
        except LabelError as error:
            context.losses.bad("documents that cannot be read", f"{where}: {self._layer}: {error}")
            return
        yield AnnotatedText(text, spans, tokens, document=document.id, origin=where)

    def _flags(self, cells: Sequence[str]) -> set[str]:
        return set() if self._misc_place is None else set(cells[self._misc_place].strip().split("|"))

    def _count(self, rows: Sequence[tuple[int, Sequence[str]]], where: str) -> None:
        """Count the entities and links in columns that are not read."""
        for name, place in self._others.items():
            if times := sum(cells[place].startswith("B-") for _, cells in rows):
                self._context.losses.add(f"entities in {name}, not read", where, times=times)
        for name, place in self._links.items():
            if times := sum(cells[place].strip() not in ("", _MISSING, "O") for _, cells in rows):
                self._context.losses.add(f"tokens with a link in {name}, not read", where, times=times)


def _joined(tokens: Sequence[str], flags: Sequence[set[str]]) -> tuple[str, tuple[tuple[int, int], ...]]:
    pieces: list[str] = []
    ranges = []
    place = 0
    for token, remarks in zip(tokens, flags, strict=True):
        space = "" if "NoSpaceAfter" in remarks else "\n" if "EndOfLine" in remarks else " "
        pieces += [token, space]
        ranges.append((place, place + len(token)))
        place += len(token) + len(space)
    if pieces:
        pieces.pop()  # the space after the last token
    return "".join(pieces), tuple(ranges)


def _starts(flags: Sequence[set[str]], after_blank: Sequence[int]) -> tuple[int, ...] | None:
    """Return the indices of the tokens that begin a sentence; None if not marked."""
    ends = next((mark for mark in _ENDS if any(mark in remarks for remarks in flags)), None)
    if ends is None:
        return (0, *after_blank) if after_blank else None
    borders = {place + 1 for place, remarks in enumerate(flags) if ends in remarks}
    return (0, *sorted(borders - {0, len(flags)}))


def _spans(labels: Sequence[str], tokens: Sequence[tuple[int, int]]) -> tuple[CharacterSpan, ...]:
    return tuple(
        CharacterSpan(tokens[span.start][0], tokens[span.end - 1][1], span.label)
        for span in labels_to_spans(labels, LabelScheme.IOB2)
    )


def _recognises(head: Head) -> bool:
    first = next((line for line in head.lines if line.strip() and not line.startswith("# ")), "")
    cells = first.split("\t")
    return cells[0] == _TOKEN and any(cell.strip().startswith(_LAYER) for cell in cells)


HIPE: Final = Format(
    name="hipe",
    title="HIPE 2020 and 2022",
    read=_read,
    recognises=_recognises,
    holds=Holds(parts_of_tokens=False),
)
