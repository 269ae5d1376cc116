"""What every program needs around its work: usable standard streams, readable messages, an exit status."""

from __future__ import annotations

import io
import logging
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final, TextIO

from tagger.errors import TaggerError, UsageError, is_out_of_memory
from tagger.text.printable import LONGEST, excerpt, printable, printable_lines

INTERRUPTED: Final = 130
READER_GONE: Final = 141

_NO_MEMORY: Final = (
    "out of memory. Compute less at once (smaller batches, shorter sentences, fewer processes), "
    "or give the program more memory."
)


def run_program(name: str, work: Callable[[], int], *, debug: bool) -> int:
    """Do the work of a program and return its exit status; any error becomes one line on standard error.

    Args:
        name: of the program, printed before its messages.
        work: returns the status; may raise SystemExit, as argument parsers do.
        debug: whether to show the traceback of an error.
    """
    # oneDNN, used by torch, caches code for every batch shape, about 1 MB each, by default for 1,024 shapes; training
    # steps are no slower with a small cache.
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "8")
    with _usable_streams(), _printable_warnings():
        try:
            status = work()
        except SystemExit as done:  # a parser has printed the help, the version, or an error
            status = done.code if isinstance(done.code, int) else 0 if done.code is None else 2
        except BaseException as error:
            status = report(name, error, debug=debug)
        return _flushed(name, status)


def report(name: str, error: BaseException, *, debug: bool) -> int:
    """Report the error that ended a program, and return the exit status."""
    if isinstance(error, BrokenPipeError):
        return READER_GONE
    if debug:
        show(_traceback(error))
    if isinstance(error, KeyboardInterrupt):
        say(name, str(error) or "interrupted")
        return getattr(error, "status", INTERRUPTED)
    if isinstance(error, TaggerError):
        say(name, f"error: {error}")
        return 2 if isinstance(error, UsageError) else 1
    if is_out_of_memory(error):
        say(name, f"error: {_NO_MEMORY}")
        return 1
    if isinstance(error, OSError):  # a fault of the system, not of the program
        where = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, (str, bytes)) else ""
        say(name, f"error: {where}{error.strerror or error}")
        return 1
    what = "".join(traceback.format_exception_only(error)).strip()
    say(name, f"internal error: {what}. This is a fault of the program: report it with what --debug shows.")
    return 1


def say(name: str, message: str) -> None:
    """Print a message on one line of standard error: printable, and of bounded length."""
    show(f"{name}: {printable(excerpt(message))}\n")


class MessageHandler(logging.Handler):
    """Prints log records of the library as plain one-line messages on standard error.

    Args:
        prefix: printed before each message.
    """

    def __init__(self, prefix: str = "") -> None:
        super().__init__()
        self._prefix = prefix

    def emit(self, record: logging.LogRecord) -> None:
        """Print a message, with the traceback of an error if the record has one."""
        try:
            show(f"{self._prefix}{printable(excerpt(record.getMessage()))}\n")
            if record.exc_info and record.exc_info[1] is not None:
                show(_traceback(record.exc_info[1]))
        except Exception:
            self.handleError(record)


def show(text: str) -> None:
    """Write text to standard error; ignored if that is closed or full."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError):
        abandon(sys.stderr)


def abandon(stream: TextIO) -> None:
    """Redirect a stream to the null device: flushing its buffer at exit would otherwise fail again."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _traceback(error: BaseException) -> str:
    return printable_lines(excerpt("".join(traceback.format_exception(error)), 20 * LONGEST))


def _flushed(name: str, status: int) -> int:
    """Flush the output and return the status, or another one if that fails."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        abandon(sys.stdout)
        if isinstance(error, BrokenPipeError):
            return status or READER_GONE
        say(name, f"error: standard output: cannot be written: {getattr(error, 'strerror', None) or error}")
        return status or 1
    show("")
    return status


@contextmanager
def _usable_streams() -> Iterator[None]:
    """Open the standard streams that were closed when the program started, which Python sets to None.

    They behave like closed ones: reading and writing fails, and messages are discarded. No file opened later can then
    get the descriptor of a standard stream and be written to by mistake.
    """
    closed = [name for name in ("stdin", "stdout", "stderr") if getattr(sys, name) is None]
    for name in closed:
        # Opened in the wrong direction: any use is an error, as with a closed file.
        flags = os.O_RDONLY if name == "stdout" else os.O_WRONLY
        descriptor = os.open(os.devnull, flags)  # the lowest free descriptor: that of the stream
        os.set_inheritable(descriptor, True)
        mode = "r" if name == "stdin" else "w"
        setattr(sys, name, open(descriptor, mode, encoding="utf-8", errors="backslashreplace"))  # noqa: SIM115, PTH123
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # for the help in an ASCII locale
    yield


@contextmanager
def _printable_warnings() -> Iterator[None]:
    """Print warnings of any library like other messages."""

    def show_warning(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        text = warnings.formatwarning(message, category, filename, lineno, line)
        show(printable_lines(excerpt(text)))

    with warnings.catch_warnings():
        warnings.showwarning = show_warning
        yield
