"""Token origins as ``file:line``, looked up in the file on demand."""

from __future__ import annotations

import mmap
from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from tagger.errors import DataError
from tagger.examples import Example
from tagger.formats.columns.conll import split_cells
from tagger.formats.lines import open_source, read_lines
from tagger.formats.registry import guess_format
from tagger.formats.tables.csv_table import has_cell

_LONG = 500
"""The line numbers of all tokens are cached for the last sentence longer than this."""


def token_origin(example: Example, index: int) -> str:
    """Return ``file:line`` of a token, for messages.

    Reads the file again: not all rows are words, and a line of JSON is a whole sentence. If the file is gone, or was a
    stream, the origin of the sentence is returned.
    """
    name, number = _parted(example)
    if number is None:
        return example.origin or f"token {index}"
    path = Path(name)
    if not path.is_file():  # a pipe must not be waited for
        return f"{name}:{number}"
    try:
        format = guess_format(path)
        rows = islice(read_lines(path), number - 1, None)
        return f"{name}:{_line(example, index, format, number, rows)}"
    except DataError:
        return f"{name}:{number}"


class Places:
    """Finds the origins of many tokens; the line starts of each file are cached, its lines are not.

    Files must not change meanwhile.
    """

    def __init__(self) -> None:
        self._files: dict[str, tuple[Path, str | None]] = {}
        self._lines: dict[str, tuple[str, Callable[[int], Iterator[str]]] | None] = {}
        self._long: tuple[tuple[str, int], list[int]] | None = None

    def add(self, name: str, path: Path, format: str) -> None:
        """Register a file.

        Args:
            name: its name in origins.
            path: its path.
            format: the name of the format it was read as.
        """
        self._files[name] = (path, format)

    def of(self, example: Example, index: int = 0) -> str:
        """Return ``file:line`` of a token, as :func:`token_origin` does."""
        name, number = _parted(example)
        if number is None:
            return example.origin or f"token {index}"
        if index == 0:  # the origin of a sentence is that of its first token
            return f"{name}:{number}"
        if name not in self._lines:
            self._lines[name] = self._looked_into(name)
        known = self._lines[name]
        if known is None:
            return f"{name}:{number}"
        format, lines_from = known
        if len(example.tokens) > _LONG and format != "csv":
            if self._long is None or self._long[0] != (name, number):
                numbers = _token_lines(example, format, number, lines_from(number))
                self._long = (name, number), list(islice(numbers, len(example.tokens)))
            kept = self._long[1]
            return f"{name}:{kept[index] if index < len(kept) else number}"
        return f"{name}:{_line(example, index, format, number, lines_from(number))}"

    def _looked_into(self, name: str) -> tuple[str, Callable[[int], Iterator[str]]] | None:
        path, format = self._files.get(name, (Path(name), None))
        if not path.is_file():
            return None
        try:
            return format or guess_format(path), _lines_of(path)
        except DataError:
            return None


def _parted(example: Example) -> tuple[str, int | None]:
    """Return the file and line of a sentence; None as the line if its origin has none."""
    path, _, line = (example.origin or "").rpartition(":")
    return (path, int(line)) if path and line.isdecimal() else (path, None)


def _lines_of(path: Path) -> Callable[[int], Iterator[str]]:
    """Return a function that yields the lines of a file from a given number (from 1) without reading earlier ones."""
    starts = array("Q", [0])
    with open_source(path, str(path)) as stream:
        for line in stream:
            starts.append(starts[-1] + len(line))
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    content: bytes | mmap.mmap = b""
    if packed:
        with open_source(path, str(path)) as stream:
            content = stream.read()
    elif starts[-1]:
        with path.open("rb") as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def lines_from(number: int) -> Iterator[str]:
        for place in range(number - 1, len(starts) - 1):
            line = content[starts[place] : starts[place + 1]].decode("utf-8", "replace")
            yield line if place else line.removeprefix("\ufeff")

    return lines_from


def _line(example: Example, index: int, format: str, number: int, lines: Iterator[str]) -> int:
    """Return the number of the line of a token.

    Args:
        example: the sentence.
        index: the index of the token.
        format: the format of the file.
        number: the line number of the first token.
        lines: the lines from that one on.
    """
    if format == "csv":  # one token or one sentence per row
        row = next(islice(lines, index, None), "")
        return number + index if has_cell(row, example.tokens[index]) else number
    return next(islice(_token_lines(example, format, number, lines), index, None), number)


def _token_lines(example: Example, format: str, number: int, lines: Iterator[str]) -> Iterator[int]:
    """Return the line numbers of the tokens of a sentence, except in CSV; empty for JSON Lines."""
    rows = (row.rstrip("\r\n") for row in lines)
    are_words: Iterator[bool]
    if format == "conllu":
        are_words = (row.split("\t")[0].isdecimal() for row in rows)
    elif format == "jsonl":
        return iter(())
    else:
        are_words = _hold_tokens(rows, example.tokens)
    return (place for place, is_word in enumerate(are_words, start=number) if is_word)


def _hold_tokens(rows: Iterator[str], tokens: Sequence[str]) -> Iterator[bool]:
    """Yield for each row of a sentence in columns, from its first, whether it holds a token rather than a comment.

    Neither the comment prefix nor the token column is known here, but the first token shows the column.
    """
    place, columns = 0, None
    for row in rows:
        cells = split_cells(row)
        if columns is None:
            columns = [column for column, cell in enumerate(cells) if cell == tokens[0]]
        if not columns or not row.strip(" \t"):
            return  # no column of tokens, or the end of the sentence
        is_token = place < len(tokens) and any(
            cells[column : column + 1] == [tokens[place]] for column in columns
        )
        place += is_token
        yield is_token
