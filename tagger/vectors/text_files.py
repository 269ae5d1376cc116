"""Reader of vectors as text: GloVe, and word2vec and fastText, which have a header line.

A line is a word and its values, separated by single spaces; a word may contain spaces, so values are counted from the
right. Only the words are decoded: a NEL or U+2028 inside a word is part of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import IO, Final

import numpy as np

from tagger.errors import FormatError
from tagger.vectors.collecting import Collector
from tagger.vectors.decimals import parse_decimals

LONGEST_LINE: Final = 16 * 2**20
"""In bytes; a longer line is not a vector, and would fill the memory."""

_CHUNK: Final = 2**17
_SAMPLE: Final = 2**20
_SAMPLE_LINES: Final = 1000
_BOM: Final = b"\xef\xbb\xbf"
_HEADER: Final = re.compile(rb"[ \t]*([0-9]{1,18})[ \t]+([0-9]{1,18})[ \t]*\r?")
_DECIMAL: Final = re.compile(rb"[-+]?[0-9]*\.[0-9]+(?:[eE][-+]?[0-9]+)?")


def header_of(start: bytes) -> tuple[int, int] | None:
    """Return the number and dimension of the vectors in a header line, None if the first line is not a header."""
    header = _HEADER.fullmatch(start.removeprefix(_BOM).partition(b"\n")[0])
    return (int(header[1]), int(header[2])) if header else None


def read_text(stream: IO[bytes], collector: Collector) -> int:
    """Read all lines of a text with vectors into a collector.

    Returns:
        The number of lines with vectors, usable or not.

    Raises:
        FormatError: the text is empty, cut off or without numbers, differs from its header, or has a line that is too
            long.
    """
    sample = stream.read(_SAMPLE)
    header = header_of(sample)
    collector.start(
        _usual_dim(sample, header, collector.where),
        format="word2vec text" if header else "GloVe text",
        unit="line",
    )
    reader = _LineReader(collector)
    for lines, number, at_end in _blocks(sample, stream, collector.where, skip_header=header is not None):
        reader.read(lines, number, at_end=at_end)
        if collector.full:
            return reader.found
    if header is not None and reader.found != header[0]:
        problem = "the file is cut off" if reader.found < header[0] else "the header is wrong"
        raise FormatError(
            f"{collector.where}: the header says {header[0]:,} vectors, found {reader.found:,}: {problem}. "
            f"Fetch the file again, or correct its first line."
        )
    return reader.found


class _LineReader:
    """Parses lines and adds their vectors to a collector."""

    def __init__(self, collector: Collector) -> None:
        self.found = 0
        self._collector = collector
        self._dim = collector.dim

    def read(self, lines: list[bytes], first_number: int, *, at_end: bool) -> None:
        """Parse consecutive lines.

        Args:
            lines: the lines without their ends.
            first_number: the number of the first line, from 1.
            at_end: whether the last line is the file's last and has no line end, so that it may be cut off.
        """
        words: list[bytes] = []
        values: list[bytes] = []
        numbers: list[int] = []
        log = self._collector.log
        for number, line in enumerate(lines, start=first_number):
            word, _, rest = line.partition(b" ")
            if rest.count(b" ") != self._dim - 1 or b"  " in line or not rest:
                if not line.strip():
                    log.add("blank", [number])
                    continue
                parts = _from_the_right(line, self._dim)
                if parts is None:
                    if at_end and line is lines[-1]:
                        self._check_whole(line, number)
                    self.found += 1
                    log.add("dimension", [number])
                    continue
                word, rest = parts
                if b" " in word:
                    log.add("spaces", [number])
            words.append(word)
            values.append(rest)
            numbers.append(number)
        self.found += len(words)
        if at_end and values and not parse_decimals(values[-1])[1].all():
            log.add("cut", [numbers.pop()])
            del words[-1], values[-1]
        chosen, strings = self._collector.wanted(words, numbers)
        if chosen:
            self._parse(strings, [values[i] for i in chosen], [numbers[i] for i in chosen])

    def _parse(self, words: list[str], values: list[bytes], numbers: list[int]) -> None:
        flat, valid = parse_decimals(b" ".join(values))
        vectors = flat.reshape(len(words), self._dim)
        if not valid.all():
            rows = valid.reshape(vectors.shape).all(axis=1)
            self._collector.log.add("number", [numbers[i] for i in np.flatnonzero(~rows)])
            chosen = np.flatnonzero(rows).tolist()
            words, numbers = [words[i] for i in chosen], [numbers[i] for i in chosen]
            vectors = vectors[rows]
        self._collector.add(words, numbers, vectors)

    def _check_whole(self, line: bytes, number: int) -> None:
        values = len(line.split()) - 1
        if values < self._dim:
            raise FormatError(
                f"{self._collector.where}:{number}: expected {self._dim} values, found {values} and the end of the "
                f"file, which is cut off. Fetch it again."
            )


def _from_the_right(line: bytes, dim: int) -> tuple[bytes, bytes] | None:
    """Return word and values of a line with unusual spaces; None if it has another number of values."""
    word, *values = line.rsplit(None, dim)
    if len(values) < dim:
        # A line that begins with its values has an empty word.
        return (b"", b" ".join([word, *values])) if len(values) == dim - 1 and line[:1] == b" " else None
    more = word.split()[1:]
    if more and all(_DECIMAL.fullmatch(part) for part in more):
        return None  # too many values rather than a word with spaces
    return word, b" ".join(values)


def _usual_dim(sample: bytes, header: tuple[int, int] | None, where: str) -> int:
    """Return the dimension of most of the first lines, which must agree with a header."""
    lines = sample.removeprefix(_BOM).split(b"\n")
    if any(line.strip() for line in lines[:-1]):
        del lines[-1]  # empty, or possibly cut off by the end of the file or of the sample
    lines = lines[1:] if header else lines
    counts = Counter(len(line.split()) - 1 for line in lines[:_SAMPLE_LINES] if line.strip())
    if not counts:
        if header is None:
            raise FormatError(f"{where}: expected word vectors, found an empty file")
        return header[1]
    usual = max(counts, key=lambda values: (counts[values], -values))
    if header is not None and header[1] != usual:
        raise FormatError(
            f"{where}: the header says vectors of {header[1]} values, found {usual} values in most lines. "
            f"Correct the first line, or fetch the file again."
        )
    if usual < 1:
        raise FormatError(f"{where}: expected lines with a word and its values, found {lines[0][:60]!r}")
    _check_numbers([line for line in lines[:_SAMPLE_LINES] if len(line.split()) == usual + 1], where)
    return usual


def _check_numbers(lines: list[bytes], where: str) -> None:
    """Refuse text none of whose first lines has only numbers as values."""
    if not any(parse_decimals(b" ".join(line.split()[1:]))[1].all() for line in lines):
        start = lines[0][:60].decode("utf-8", "replace")
        raise FormatError(
            f"{where}: expected lines with a word and its values, found {start!r}: these are not word vectors. "
            f"Choose another file."
        )


def _blocks(
    sample: bytes, stream: IO[bytes], where: str, *, skip_header: bool
) -> Iterator[tuple[list[bytes], int, bool]]:
    """Yield blocks of consecutive lines, the number of the first, and whether the last has no line end.

    Line ends and trailing spaces are removed, and tabs between values replaced by spaces.
    """
    number = 1
    rest = sample.removeprefix(_BOM)
    if skip_header:
        _, _, rest = rest.partition(b"\n")
        number = 2
    tabs = b"\t" in rest.partition(b"\n")[0]
    while True:
        start = 0
        while (end := rest.rfind(b"\n", start, start + _CHUNK)) >= 0 or (end := rest.find(b"\n", start)) >= 0:
            lines = _clean(rest[start:end], tabs=tabs)
            yield lines, number, False
            number += len(lines)
            start = end + 1
        rest = rest[start:]
        if len(rest) > LONGEST_LINE:
            raise FormatError(
                f"{where}:{number}: expected lines of less than {LONGEST_LINE // 2**20} MiB, found a longer one: "
                f"are these word vectors?"
            )
        more = stream.read(max(_CHUNK, len(rest)))
        if not more:
            break
        rest += more
    if rest:
        yield _clean(rest, tabs=tabs), number, True


def _clean(block: bytes, *, tabs: bool) -> list[bytes]:
    if tabs:
        block = block.replace(b"\t", b" ")
    lines = block.split(b"\n")
    if b"\r" in block:
        lines = [line.removesuffix(b"\r") for line in lines]
    if any(line.endswith(b" ") for line in lines):
        lines = [line.rstrip(b" ") for line in lines]
    return lines
