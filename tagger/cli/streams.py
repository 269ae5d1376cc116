"""Standard input and output as UTF-8, and output files that appear whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tagger.errors import DataError
from tagger.files import open_for_replacing
from tagger.formats import Source

STANDARD = "-"
"""What stands for standard input or output among file names."""


def input_source(path: str) -> tuple[Source, str]:
    """Return what to read for a path on the command line, and what messages call it."""
    return (sys.stdin.buffer, "<stdin>") if path == STANDARD else (path, path)


@contextmanager
def output_to(path: str) -> Iterator[Callable[[str], object]]:
    """Give a function that writes text to a file, or to standard output for ``-``.

    Raises:
        BrokenPipeError: whoever read standard output has gone.
        DataError: the output cannot be written.
    """
    if path != STANDARD:
        with open_for_replacing(path) as stream:
            yield stream.write
        return
    binary = sys.stdout.buffer
    try:
        yield lambda text: binary.write(text.encode("utf-8"))
        binary.flush()
    except OSError as error:
        # What is still buffered would be written, and fail again, when the interpreter ends.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise
        raise DataError(f"standard output: cannot be written: {error.strerror or error}") from None
