"""Files as bytes: byte order marks, line ends, characters that are not text, encodings, trailing white space."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tagger.checking.findings import MOST_PLACES, Finding
from tagger.checking.left_out import parted
from tagger.errors import DataError
from tagger.formats.lines import open_source, read_lines
from tagger.text.printable import printable

BINARY_FORMATS: Final = ("docbin", "parquet", "cas")
"""The formats that are not text, or may be compressed."""
ROW_FORMATS: Final = ("conll", "conllu", "conllu-plus", "conll2012", "germeval", "hipe", "label-studio-conll")
"""The formats with one token per row, in which white space at the end of a line means nothing."""
MARK: Final = b"\xef\xbb\xbf"
"""The byte order mark of UTF-8."""

_BLOCK: Final = 2**22
_UNUSUAL: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BINARY: Final = 0.01
"""A file with a larger share of control characters is binary, except for a few of them in valid UTF-8."""
_FEW: Final = 8
_HEAD: Final = 2**16
_TRAILING: Final = re.compile(rb"[ \t]+(?=\r?\n)")
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass
class _Lines:
    """Lines of one kind: their count, and the numbers of the first ones."""

    count: int = 0
    first: list[int] = field(default_factory=list)

    def add(self, number: int) -> None:
        self.count += 1
        if len(self.first) < MOST_PLACES:
            self.first.append(number)


def look_at_bytes(path: Path, name: str, part: str, format: str) -> list[Finding]:
    """Return what is odd about a text file; nothing for folders, binary files and files that cannot be opened.

    Args:
        path: path of the file, compressed or not.
        name: its name in messages.
        part: the part of the corpus that it belongs to.
        format: the name of its format; empty if it is not known.
    """
    if not path.is_file() or format in BINARY_FORMATS:
        return []
    try:
        with open_source(path, name) as stream:
            return list(_Look(name, part, format).findings(stream, path))
    except (DataError, OSError, EOFError):
        return []  # the reader reports it


def is_binary(path: Path) -> bool:
    """Return whether a file is binary, judging by its beginning; False if it cannot be read."""
    try:
        with open_source(path, str(path)) as stream:
            return _is_binary(stream.read(_HEAD))
    except (DataError, OSError, EOFError):
        return False


class _Look:
    """Looks at the bytes of one file."""

    def __init__(self, name: str, part: str, format: str) -> None:
        self._name = name
        self._part = part
        self._has_rows = format in ROW_FORMATS
        self._is_conll = format == "conll"
        self._number = 1
        self._lines = dict[str, _Lines]()

    def findings(self, stream: Any, path: Path) -> Iterator[Finding]:
        has_mark = is_undecodable = is_utf16 = False
        for number, block in enumerate(_blocks(stream)):
            if number == 0:
                if _is_binary(block):
                    return
                has_mark = block.startswith(MARK)
                is_utf16 = block.startswith(_UTF16)
            is_undecodable = is_undecodable or not _is_utf8(block)
            self._look(block)
            self._number += block.count(b"\n")
        if is_undecodable:
            yield self._undecodable(path)
        if has_mark:
            yield self._found(
                "byte-order-mark", "the file begins with a byte order mark, U+FEFF", _Lines(1, [1])
            )
        yield from self._line_ends()
        if is_utf16:  # every second byte may be NUL
            return
        yield from self._of(
            "nul-character", lambda lines: f"{_counted(lines.count, 'line')} with a NUL character"
        )
        yield from self._of("trailing-white-space", self._trailing)
        tabs, blanks = self._kind("tabs"), self._kind("blanks")
        if tabs.count and blanks.count:
            few, many = (tabs, "spaces") if tabs.count < blanks.count else (blanks, "tabs")
            yield self._found(
                "mixed-separators",
                f"{_counted(few.count, 'row')} separated by {'tabs' if many == 'spaces' else 'spaces'}, where "
                f"{max(tabs.count, blanks.count):,} others are separated by {many}",
                few,
            )

    def _look(self, block: bytes) -> None:
        if b"\0" in block:
            self._add("nul-character", block, lambda line: b"\0" in line)
        if b"\r" in block:
            self._add("crlf", block, lambda line: line.endswith(b"\r\n"))
            self._add("lf", block, lambda line: line[-2:-1] != b"\r")
        else:
            self._kind("lf").count += block.count(b"\n")
        if self._has_rows and _TRAILING.search(block):
            self._look_for_trailing(block)
        if self._is_conll:
            self._look_for_separators(block)

    def _look_for_trailing(self, block: bytes) -> None:
        for number, line in enumerate(block.split(b"\n"), start=self._number):
            text = line.removesuffix(b"\r")
            if text[-1:] in (b" ", b"\t") and (self._is_conll or not text.startswith(b"#")):
                self._kind("trailing-white-space").add(number)
                if not text.strip(b" \t"):
                    self._kind("blank").add(number)

    def _look_for_separators(self, block: bytes) -> None:
        tabs, blanks = self._kind("tabs"), self._kind("blanks")
        for number, line in enumerate(block.split(b"\n"), start=self._number):
            if b"\t" in line:
                if line.strip():
                    tabs.add(number)
            elif b" " in line.strip() and not line.startswith((b"#", b"-DOCSTART-")):
                blanks.add(number)

    def _line_ends(self) -> Iterator[Finding]:
        crlf, lf = self._kind("crlf"), self._kind("lf")
        if crlf.count and lf.count:
            message = (
                f"{_counted(crlf.count, 'line')} ended by CR and LF, as on Windows, {lf.count:,} by LF alone"
            )
            yield self._found("mixed-line-ends", message, min(crlf, lf, key=lambda lines: lines.count))

    def _trailing(self, lines: _Lines) -> str:
        blank = self._kind("blank").count
        nothing_else = f", {blank:,} of which hold nothing else" if blank else ""
        return f"{_counted(lines.count, 'line')} with white space at the end{nothing_else}"

    def _undecodable(self, path: Path) -> Finding:
        try:
            for _ in read_lines(path, name=self._name):
                pass
        except DataError as error:
            where, message = parted(str(error), self._name)
            return Finding("not-utf-8", printable(message.rstrip(".")), (where,), self._part)
        raise AssertionError("a block that is not UTF-8 has a line that is not")

    def _kind(self, kind: str) -> _Lines:
        return self._lines.setdefault(kind, _Lines())

    def _add(self, kind: str, block: bytes, holds: Callable[[bytes], bool]) -> None:
        lines = self._kind(kind)
        for number, line in enumerate(_lines(block), start=self._number):
            if holds(line):
                lines.add(number)

    def _of(self, check: str, message: Callable[[_Lines], str]) -> Iterator[Finding]:
        lines = self._lines.get(check)
        if lines is not None and lines.count:
            yield self._found(check, message(lines), lines)

    def _found(self, check: str, message: str, lines: _Lines) -> Finding:
        places = tuple(f"{self._name}:{number}" for number in lines.first)
        return Finding(check, message, places, self._part, count=lines.count)


def _blocks(stream: Any) -> Iterator[bytes]:
    """Yield a file in blocks that end at line ends."""
    while block := stream.read(_BLOCK):
        yield block + stream.readline()


def _lines(block: bytes) -> list[bytes]:
    """Return the lines of a block, each with a line feed, which is added to a last line without one."""
    lines = block.split(b"\n")
    return [line + b"\n" for line in (lines if lines[-1] else lines[:-1])]


def _is_binary(block: bytes) -> bool:
    if block.startswith(_UTF16):
        return False
    head = block[:_HEAD]
    return len(_UNUSUAL.findall(head)) > max(_BINARY * len(head), _FEW if _is_utf8(block) else 0)


def _is_utf8(block: bytes) -> bool:
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
