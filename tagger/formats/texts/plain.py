"""Readers of text without annotations: running text for a segmenter, or one sentence of tokens per line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tagger.examples import Example
from tagger.formats.annotated import Range
from tagger.formats.lines import Source, read_lines, read_text, source_name
from tagger.text.tokens import Segmenter
from tagger.text.windows import windows

_TOKEN: Final = re.compile(r"[^ \t\r\n]+")


@dataclass(frozen=True, slots=True)
class TextRecord:
    """A sentence and its original text; the texts of all records, joined, are the file.

    Attributes:
        example: the sentence; without tokens if the text is whitespace only.
        text: the sentence and the whitespace around it.
        offset: the number of characters of the file before ``text``.
        name: what messages call the file.
        cut: the ranges of the tokens from a segmenter; None if the text is split at blanks, and :attr:`ranges` computes
            them on each access.
    """

    example: Example
    text: str
    offset: int
    name: str
    cut: tuple[Range, ...] | None = None

    @property
    def ranges(self) -> tuple[Range, ...]:
        """The character range of each token in ``text``."""
        if self.cut is not None:
            return self.cut
        return tuple([match.span() for match in _TOKEN.finditer(self.text)])

    @property
    def sentences(self) -> tuple[Example, ...]:
        """The sentences of the record: one, which may be empty."""
        return (self.example,)


def read_plain(source: Source, segmenter: Segmenter, *, name: str | None = None) -> Iterator[TextRecord]:
    """Yield the sentences of running text, in constant memory, with lines of any length.

    Args:
        source: a path or an open stream; an empty one yields nothing.
        segmenter: splits the text into sentences and tokens.
        name: what messages call the source.

    Raises:
        DataError: the source cannot be read, or the segmenter is faulty.
        FormatError: the text is not UTF-8.
    """
    line = 1
    name = source_name(source, name)
    for sentence in windows(read_text(source, name=name), segmenter):
        text, offset = sentence.text, sentence.start
        ranges = tuple((start - offset, end - offset) for start, end in sentence.spans)
        line_of_token = line + text.count("\n", 0, ranges[0][0] if ranges else 0)
        tokens = tuple([text[start:end] for start, end in ranges])
        yield TextRecord(Example(tokens, origin=f"{name}:{line_of_token}"), text, offset, name, ranges)
        line += text.count("\n")


def read_token_lines(source: Source, *, name: str | None = None) -> Iterator[TextRecord]:
    """Yield a sentence for every line, with tokens divided by spaces or tabs; a blank line is an empty sentence.

    Args:
        source: a path or an open stream; an empty one yields nothing.
        name: what messages call the source.

    Raises:
        DataError: the source cannot be read.
        FormatError: the text is not UTF-8, or a line is longer than 64 MiB.
    """
    name = source_name(source, name)
    offset = 0
    for number, line in enumerate(read_lines(source, name=name), start=1):
        yield TextRecord(Example(tuple(_TOKEN.findall(line)), origin=f"{name}:{number}"), line, offset, name)
        offset += len(line)
