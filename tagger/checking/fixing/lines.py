"""Repair of the lines of a text file, as bytes: byte order mark, line ends, NUL characters, trailing white space."""

from __future__ import annotations

from collections.abc import Collection

from tagger.checking.as_written.file_bytes import MARK, ROW_FORMATS
from tagger.checking.fixing.changes import Change
from tagger.schemes import shown

LINE_CHECKS = ("byte-order-mark", "mixed-line-ends", "nul-character", "trailing-white-space")
"""The ids of the checks of files whose findings are repaired."""


def repair_lines(data: bytes, name: str, format: str, checks: Collection[str]) -> tuple[bytes, list[Change]]:
    """Return the content of a file with its lines repaired, their number unchanged, and the changes.

    Args:
        data: the content.
        name: name of the file in messages.
        format: the name of its format.
        checks: the ids of the checks whose findings may be repaired.
    """
    changes: list[Change] = []
    if data.startswith(MARK) and "byte-order-mark" in checks:
        data = data.removeprefix(MARK)
        changes.append(Change("byte-order-mark", f"{name}:1", shown("\ufeff"), "nothing"))
    lines = data.split(b"\n")
    crlf = sum(line.endswith(b"\r") for line in lines[:-1])
    is_mixed = 0 < crlf < len(lines) - 1 and "mixed-line-ends" in checks
    strips = format in ROW_FORMATS and "trailing-white-space" in checks
    for number, line in enumerate(lines):
        where = f"{name}:{number + 1}"
        if is_mixed and line.endswith(b"\r") and number < len(lines) - 1:
            line = line.removesuffix(b"\r")
            changes.append(Change("mixed-line-ends", where, repr("\r\n"), repr("\n")))
        if b"\0" in line and "nul-character" in checks:
            changes.append(Change("nul-character", where, f"{line.count(0)} NUL", "nothing"))
            line = line.replace(b"\0", b"")
        if (
            strips
            and line.rstrip(b"\r")[-1:] in (b" ", b"\t")
            and (format == "conll" or not line.startswith(b"#"))
        ):
            end = b"\r" if line.endswith(b"\r") else b""
            text = line.removesuffix(b"\r")
            kept = text.rstrip(b" \t")
            changes.append(Change("trailing-white-space", where, repr(text[len(kept) :].decode()), "nothing"))
            line = kept + end
        lines[number] = line
    return b"\n".join(lines), changes
