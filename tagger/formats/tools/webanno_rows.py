r"""The rows of WebAnno TSV: tokens and parts of tokens with their offsets, and the text that they are taken from.

A file has no text as a whole, only that of each sentence, so it is put together: each sentence where its first token
begins, blanks between them.
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
"""In offsets, between two sentences."""


class Row(NamedTuple):
    """A token, or a part of one.

    Attributes:
        where: ``file:line``.
        token: number of the token in the file, from 0.
        is_part: whether it is a part of the token.
        begin: offset of its first character.
        end: offset after the last one; equal to ``begin`` where an annotation has no characters.
        text: its characters, as the row repeats them.
        values: of the columns of annotations.
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
        lines: of its text; empty if the file does not say it.
        rows: its tokens, each with its parts after it.
    """

    where: str
    lines: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    @property
    def tokens(self) -> list[Row]:
        """The rows that are tokens."""
        return [row for row in self.rows if not row.is_part]


def unescape(text: str) -> str:
    r"""Return a text or value as it is.

    >>> unescape(r"a\tb\_c\\n")
    'a\tb_c\\n'
    """
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), text) if "\\" in text else text


def read_sentences(lines: Iterable[tuple[int, str]], name: str, num_columns: int) -> Iterator[Sentence]:
    """Yield the sentences of the lines after the head of a file.

    Args:
        lines: each with its number and without its end.
        name: what messages call the file.
        num_columns: how many columns of annotations there are.

    Raises:
        FormatError: a line is no row, or a sentence has a text and no tokens.
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
        if len(cells) > 3 + num_columns and cells[-1] == "":  # each cell has a tab after it
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
        text = "\t".join(cells[2 : len(cells) - num_columns])  # the text may have tabs, values have none
        values = cells[len(cells) - num_columns :]
        sentence.rows.append(Row(where, token, is_part, int(offsets[1]), int(offsets[2]), text, values))
    if sentence is not None:
        yield from _whole(sentence)


def put_together(
    sentences: list[Sentence], unit: OffsetUnit
) -> tuple[str, tuple[Range, ...], tuple[int, ...]]:
    """Return the text of a document, the ranges of its tokens and the numbers of those that begin a sentence.

    Args:
        sentences: of the document.
        unit: what offsets count.

    Raises:
        FormatError: a token is not where its offsets say, or sentences or tokens overlap.
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
    """Return the text of a sentence, and what of it comes before its first token."""
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
