"""Signals that end a program: Ctrl-C, SIGTERM and SIGHUP, with one line and the status 128 + the signal's number.

While its modules are being imported there is nothing to clean up, and the program ends at once. Later the signal raises
:class:`Stopped`, which unwinds the program as Ctrl-C does: temporary files are removed, workers end.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Final

_NUMBERS: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
_SOON_SECONDS: Final = 0.05
_AGAIN_SECONDS: Final = 5.0
"""Signals closer together than this count as one: terminals and supervisors send several."""


class Stopped(KeyboardInterrupt):
    """A signal ends the program.

    Args:
        number: of the signal.

    Attributes:
        status: the exit status for the signal.
    """

    def __init__(self, number: int) -> None:
        is_ctrl_c = number == signal.SIGINT
        super().__init__("interrupted" if is_ctrl_c else f"stopped by {signal.Signals(number).name}")
        self.status = 128 + number


def run(program: str, load: Callable[[], Callable[[], int]]) -> int:
    """Run a program and return its exit status; signals end it, except those ignored from the start.

    Args:
        program: its name, for messages.
        load: imports the program and returns its main function.
    """
    _handle(_end_at_once(program))
    main = load()
    _handle(_Unwinding())
    try:
        status = main()
    except Stopped as stopped:  # before the program began, or after it ended
        print(f"{program}: {stopped}", file=sys.stderr)
        status = stopped.status
    # During Python's shutdown signals would only add tracebacks.
    _handle(signal.SIG_IGN)
    return status


_Handler = Callable[[int, FrameType | None], None]


def _handle(handler: _Handler | signal.Handlers) -> None:
    for number in _NUMBERS:
        # Shells make background programs ignore Ctrl-C, and nohup makes them ignore SIGHUP.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _end_at_once(program: str) -> _Handler:
    def end(number: int, frame: FrameType | None) -> None:
        stopped = Stopped(number)
        try:
            os.write(2, f"{program}: {stopped}\n".encode())
        finally:
            os._exit(stopped.status)

    return end


class _Unwinding:
    """Raises Stopped, once for signals in quick succession: a second one would interrupt the cleanup of the first."""

    def __init__(self) -> None:
        self._last = -float("inf")

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if _is_in_finaliser(frame):
            # Exceptions raised in a finaliser are printed and ignored: send the signal again when it is over.
            threading.Timer(_SOON_SECONDS, os.kill, (os.getpid(), number)).start()
            return
        earlier, self._last = self._last, time.monotonic()
        if self._last - earlier > _AGAIN_SECONDS:
            raise Stopped(number)


def _is_in_finaliser(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_name == "__del__":
            return True
        frame = frame.f_back
    return False
