"""Blocks of rows between blank lines, with their comments: the sentences of many column formats."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tagger.formats.lines import Source, read_lines

Line = tuple[int, str]
"""The number of a line in the file, from 1, and its text without the line end."""


@dataclass(slots=True)
class Block:
    """Rows without a blank line between them.

    Attributes:
        rows: the rows in order; empty at the end of a file that ends in comments.
        comments: the comments before the rows (also before blank lines) and among them.
    """

    rows: list[Line] = field(default_factory=list)
    comments: list[Line] = field(default_factory=list)


def read_blocks(source: Source, name: str, is_comment: Callable[[str], bool]) -> Iterator[Block]:
    """Yield the blocks of a file.

    A line of blanks and tabs only ends a block.

    Args:
        source: a path or an open stream.
        name: what messages call it.
        is_comment: whether a line is a comment.

    Raises:
        DataError: the source cannot be read.
    """
    block = Block()
    for number, line in enumerate(read_lines(source, name=name), start=1):
        text = line.rstrip("\r\n")
        if not text.strip(" \t"):
            if block.rows:
                yield block
                block = Block()
        elif is_comment(text):
            block.comments.append((number, text))
        else:
            block.rows.append((number, text))
    if block.rows or block.comments:
        yield block
