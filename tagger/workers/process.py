"""A worker as its parent sees it: a process that is asked, and started anew if it has died."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from tagger import errors
from tagger.errors import TaggerError
from tagger.workers.messages import from_line

# -P and the path of this process: the worker imports the very modules that its parent does, and none that happen to
# lie in the current folder. A new interpreter rather than a fork, which torch's threads would not survive.
_PROGRAM: Final = """\
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
import json
path, *arguments = json.loads(sys.argv[1])
sys.path[:] = path
from tagger.workers.program import run
run(*arguments)
"""


class WorkerDied(Exception):
    """A worker did not answer; says which and how it ended."""


class Worker:
    """A process with a model, which answers one request at a time.

    Args:
        folder: of the model.
        threads: it computes with.
        options: those of :meth:`tagger.Tagger.load`.
    """

    def __init__(self, folder: str, *, threads: int, options: Mapping[str, Any]) -> None:
        arguments = json.dumps([[os.fspath(entry) for entry in sys.path], folder, threads, dict(options)])
        self._command: Final[Sequence[str]] = [sys.executable, "-P", "-c", _PROGRAM, arguments]
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: Final = threading.Lock()  # between start and stop
        self._stopped = False

    @property
    def process_id(self) -> int | None:
        """The number of the process; None while there is none."""
        process = self._process
        return None if process is None else process.pid

    def start(self) -> None:
        """Start the process, without waiting until it has loaded the model.

        Raises:
            TaggerError: the system starts no process more.
            WorkerDied: after :meth:`stop`.
        """
        with self._lock:
            if self._stopped:
                raise WorkerDied("a worker was stopped")
            try:
                self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            except OSError as error:
                raise TaggerError(f"a worker process cannot be started: {error.strerror or error}") from error

    def receive(self) -> Any:
        """Return the next result: what the worker says of its model, then the answer to each request.

        Raises:
            TaggerError: as the worker raised it.
            WorkerDied: the worker has ended or, after an unexpected error, is ended.
        """
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise self._end()
        reply = from_line(line)
        if "failure" in reply:
            raise self._end(reply["failure"])
        if "error" in reply:
            # Without its constructor, which may want more than the message that it made.
            kind = getattr(errors, reply["error"], TaggerError)
            error: TaggerError = kind.__new__(kind)
            Exception.__init__(error, reply["message"])
            raise error
        return reply["result"]

    def send(self, request: bytes) -> None:
        """Send a request, a line.

        Raises:
            WorkerDied: the worker has ended.
        """
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(request)
            self._process.stdin.flush()
        except OSError:
            raise self._end() from None

    def stop(self) -> None:
        """End the process for good, also while another thread waits for its answer."""
        with self._lock:
            self._stopped = True
        if (process := self._process) is not None:
            process.kill()

    def clear(self) -> None:
        """Close what is left of a process that was stopped."""
        if self._process is not None:
            self._end()

    def _end(self, failure: str | None = None) -> WorkerDied:
        """End what is left of the process and return what happened to it."""
        process = self._process
        assert process is not None
        if failure is not None:
            process.kill()
        # It has closed its pipe, so it is about to end. What could not be written to it cannot be flushed either.
        with suppress(OSError), process:
            pass
        self._process = None
        ending = _ending(process.returncode) if failure is None else f"failed with {failure}"
        return WorkerDied(f"worker {process.pid} {ending}")


def _ending(status: int) -> str:
    """Say how a process ended."""
    if status >= 0:
        return f"ended with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    advice = " (memory may have run out)" if name == "SIGKILL" else ""
    return f"was killed by {name}{advice}"
