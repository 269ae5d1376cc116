r"""The rows of WebAnno TSV: tokens and parts of tokens with their offsets, and their text.

A file has only the text of each sentence, so the whole text is reconstructed: each sentence at the offset of its first
token, with blanks between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tagger.errors import FormatError
from tagger.formats.annotated import Range
from tagger.formats.columns.records import excerpt
from tagger.formats.offsets import UNIT_NAMES, OffsetMap, OffsetUnit

_ID: Final = re.compile(r"(\d+)-(\d+)(\.\d+)?")
_OFFSETS: Final = re.compile(r"(\d{1,18})-(\d{1,18})")
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "b": "\b"}
_TEXT: Final = "#Text="
_LONGEST_GAP: Final = 2**20
"""The longest gap between two sentences, in offset units."""


class Row(NamedTuple):
    """A token, or a part of one.

    Attributes:
        where: ``file:line``.
        token: index of the token in the file.
        is_part: whether it is a part of the token.
        begin: offset of its first character.
        end: offset just past the last one; equal to ``begin`` for an annotation without characters.
        text: its characters, as in the row.
        values: the values of the annotation columns.
    """

    where: str
    token: int
    is_part: bool
    begin: int
    end: int
    text: str
    values: list[str]


@dataclass
class Sentence:
    """A sentence.

    Attributes:
        where: ``file:line`` of its beginning.
        lines: the lines of its text; empty if not in the file.
        rows: its tokens, each followed by its parts.
    """

    where: str
    lines: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    @property
    def tokens(self) -> list[Row]:
        """The rows that are tokens."""
        return [row for row in self.rows if not row.is_part]


def unescape(text: str) -> str:
    r"""Unescape a text or value.

    >>> unescape(r"a\tb\_c\\n")
    'a\tb_c\\n'
    """
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), text) if "\\" in text else text


def read_sentences(lines: Iterable[tuple[int, str]], name: str, num_columns: int) -> Iterator[Sentence]:
    """Yield the sentences of the lines after the head of a file.

    Args:
        lines: the lines without their ends, each with its number.
        name: what messages call the file.
        num_columns: the number of annotation columns.

    Raises:
        FormatError: a line is not a row, or a sentence has a text but no tokens.
    """
    sentence: Sentence | None = None
    number_of = ""
    token = -1
    for number, line in lines:
        where = f"{name}:{number}"
        if not line or line.startswith("#"):
            if sentence is not None and (sentence.rows or not line):
                yield from _whole(sentence)
                sentence = None
            if line.startswith(_TEXT):
                sentence = sentence or Sentence(where)
                sentence.lines.append(unescape(line[len(_TEXT) :]))
            continue
        cells = line.split("\t")
        if len(cells) > 3 + num_columns and cells[-1] == "":  # each cell ends with a tab
            del cells[-1]
        id = _ID.fullmatch(cells[0])
        offsets = _OFFSETS.fullmatch(cells[1]) if len(cells) > 1 else None
        if id is None or offsets is None or len(cells) < 3 + num_columns:
            raise FormatError(
                f"{where}: expected a row of {3 + num_columns} columns, as the head of the file says, that begins like "
                f"'1-1<tab>0-4<tab>Oslo', found {len(cells)}: {excerpt(line)}"
            )
        if sentence is not None and sentence.rows and id[1] != number_of:
            yield sentence
            sentence = None
        sentence = sentence or Sentence(where)
        number_of = id[1]
        is_part = id[3] is not None
        token += not is_part
        if is_part and not sentence.rows:
            raise FormatError(f"{where}: expected a token before its parts, found {excerpt(line)}")
        text = "\t".join(cells[2 : len(cells) - num_columns])  # the text may contain tabs, values do not
        values = cells[len(cells) - num_columns :]
        sentence.rows.append(Row(where, token, is_part, int(offsets[1]), int(offsets[2]), text, values))
    if sentence is not None:
        yield from _whole(sentence)


def put_together(
    sentences: list[Sentence], unit: OffsetUnit
) -> tuple[str, tuple[Range, ...], tuple[int, ...]]:
    """Return the text of a document, the ranges of its tokens and the indices of those that begin a sentence.

    Args:
        sentences: the sentences of the document.
        unit: the unit of the offsets.

    Raises:
        FormatError: a token is not at its offsets, or sentences or tokens overlap.
    """
    pieces: list[str] = []
    length = 0
    for sentence in sentences:
        body, lead = _body(sentence, unit)
        start = sentence.tokens[0].begin - _length(lead, unit)
        if not length <= start <= length + _LONGEST_GAP:
            raise FormatError(
                f"{sentence.where}: expected a sentence that begins where the one before ends, at {length}, or soon "
                f"after, found {start}, counted in {UNIT_NAMES[unit]}"
            )
        pieces += (" " * (start - length), body)
        length = start + _length(body, unit)
    text = "".join(pieces)
    offsets = OffsetMap(text, unit)
    tokens: list[Range] = []
    starts: list[int] = []
    for sentence in sentences:
        starts.append(len(tokens))
        for row in sentence.rows:
            first, after = offsets.to_code_points(row.begin), offsets.to_code_points(row.end)
            if first is None or after is None or text[first:after] not in (row.text, unescape(row.text)):
                found = "nothing" if first is None or after is None else excerpt(text[first:after])
                raise FormatError(
                    f"{row.where}: expected {excerpt(row.text)} at {row.begin}-{row.end} of the text, counted in "
                    f"{UNIT_NAMES[unit]}, found {found}"
                )
            if row.is_part:
                continue
            if first == after or (tokens and first < tokens[-1][1]):
                raise FormatError(
                    f"{row.where}: expected a token after the one before, found {row.begin}-{row.end}"
                )
            tokens.append((first, after))
    return text, tuple(tokens), tuple(starts)


def _whole(sentence: Sentence) -> Iterator[Sentence]:
    if sentence.rows:
        yield sentence
    elif "".join(sentence.lines).strip():
        raise FormatError(f"{sentence.where}: expected the tokens of a sentence after its text, found none")


def _body(sentence: Sentence, unit: OffsetUnit) -> tuple[str, str]:
    """Return the text of a sentence, and the part of it before its first token."""
    tokens = sentence.tokens
    if sentence.lines:
        body = "\n".join(sentence.lines)
        lead, _, _ = body.partition(unescape(tokens[0].text))
        return body, "" if lead.strip() or lead == body else lead
    body, end = "", tokens[0].begin
    for token in tokens:
        body += " " * min(token.begin - end, _LONGEST_GAP) + unescape(token.text)
        end = token.end
    return body, ""


def _length(text: str, unit: OffsetUnit) -> int:
    return OffsetMap(text, unit).from_code_points(len(text))
