"""What every program does around its work: standard streams that can be used, messages for people, an exit status."""

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
    """Do the work of a program and return its exit status; whatever goes wrong becomes one line on standard error.

    Args:
        name: of the program, before its messages.
        work: returns the status; may end with SystemExit, as parsers of command lines do.
        debug: show where in the program an error arose.
    """
    # oneDNN, below torch, keeps code for every shape of batch that it meets, about 1 MB each, by default of a thousand;
    # a step of training with 4 in place of 1,024 takes as long.
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "8")
    with _usable_streams(), _printable_warnings():
        try:
            status = work()
        except SystemExit as done:  # a parser has printed the help, the version, or what is wrong
            status = done.code if isinstance(done.code, int) else 0 if done.code is None else 2
        except BaseException as error:
            status = report(name, error, debug=debug)
        return _flushed(name, status)


def report(name: str, error: BaseException, *, debug: bool) -> int:
    """Say what ended a program and return the exit status that belongs to it."""
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
    if isinstance(error, OSError):  # the system's fault, not the program's
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
    """Shows what the library logs as plain messages on standard error, each of them one line.

    Args:
        prefix: stands before each message.
    """

    def __init__(self, prefix: str = "") -> None:
        super().__init__()
        self._prefix = prefix

    def emit(self, record: logging.LogRecord) -> None:
        """Print a message, and where an error arose if the record says so."""
        try:
            show(f"{self._prefix}{printable(excerpt(record.getMessage()))}\n")
            if record.exc_info and record.exc_info[1] is not None:
                show(_traceback(record.exc_info[1]))
        except Exception:
            self.handleError(record)


def show(text: str) -> None:
    """Write text to standard error as it is; if that is closed or full, nobody is told."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError):
        abandon(sys.stderr)


def abandon(stream: TextIO) -> None:
    """Lead a stream to nowhere: what is still buffered would be written, and fail again, when the interpreter ends."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _traceback(error: BaseException) -> str:
    return printable_lines(excerpt("".join(traceback.format_exception(error)), 20 * LONGEST))


def _flushed(name: str, status: int) -> int:
    """Return the status after everything is written, another one if that fails."""
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
    """Open the standard streams that were closed when the program started, which Python has as None.

    They behave as closed ones should: reading and writing them fails, but messages go nowhere. No file that is
    opened later can then get the number of a standard stream and be written to by mistake.
    """
    closed = [name for name in ("stdin", "stdout", "stderr") if getattr(sys, name) is None]
    for name in closed:
        # For the wrong direction: the first use is an error, as of a closed file.
        flags = os.O_RDONLY if name == "stdout" else os.O_WRONLY
        descriptor = os.open(os.devnull, flags)  # the lowest number that is free: that of the stream
        os.set_inheritable(descriptor, True)
        mode = "r" if name == "stdin" else "w"
        setattr(sys, name, open(descriptor, mode, encoding="utf-8", errors="backslashreplace"))  # noqa: SIM115, PTH123
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # the help, where the locale is ASCII
    yield


@contextmanager
def _printable_warnings() -> Iterator[None]:
    """Show warnings of any library as messages are shown."""

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
