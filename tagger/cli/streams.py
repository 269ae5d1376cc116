"""Standard input and output as UTF-8, and output files that appear complete or not at all."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tagger.cli.program import abandon
from tagger.errors import DataError
from tagger.files import open_binary_for_replacing, open_for_replacing
from tagger.files.packing import PackedWriter, packing_of
from tagger.formats import Source

STANDARD = "-"
"""The file name that means standard input or output."""

STANDARD_NAME = "<stdin>"
"""The name of standard input in messages and outputs."""


def input_source(path: str) -> tuple[Source, str]:
    """Return the source for a path on the command line, and its name in messages."""
    return (sys.stdin.buffer, STANDARD_NAME) if path == STANDARD else (path, path)


@contextmanager
def output_to(path: str) -> Iterator[Callable[[str], object]]:
    """Open an output and yield a function that writes text to it: a file, compressed by its ending, or ``-``.

    Raises:
        BrokenPipeError: the reader of standard output has closed it.
        DataError: the output cannot be written.
    """
    if path != STANDARD:
        if packing_of(path) is not None:
            with open_binary_for_replacing(path) as stream:
                writer = PackedWriter(stream, packing_of(path))
                yield encodable(lambda text: writer.write(text.encode("utf-8")), path)
                writer.close()
        else:
            with open_for_replacing(path) as text_stream:
                yield encodable(text_stream.write, path)
        return
    binary = sys.stdout.buffer
    try:
        yield encodable(lambda text: binary.write(text.encode("utf-8")), "standard output")
        binary.flush()
    except OSError as error:
        abandon(sys.stdout)
        if isinstance(error, BrokenPipeError):
            raise
        raise DataError(f"standard output: cannot be written: {error.strerror or error}") from None


def encodable(write: Callable[[str], object], where: str) -> Callable[[str], object]:
    """Return a function that writes text, or raises a DataError if it cannot be encoded in UTF-8."""

    def checked(text: str) -> None:
        try:
            write(text)
        except UnicodeEncodeError as error:
            around = error.object[max(error.start - 20, 0) : error.end + 20]
            raise DataError(
                f"{where}: cannot be written: the surrogate {error.object[error.start]!r} in {around!r} has no place "
                "in UTF-8 text. Correct it in the input."
            ) from None

    return checked
