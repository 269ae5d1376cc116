"""The parent's side of a worker: a process that answers requests and can be restarted if it has died."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from tagger import errors
from tagger.errors import TaggerError
from tagger.workers.messages import from_line

# With -P and the path of this process, the worker imports the same modules as its parent, and none that happen to be in
# the current folder. It is a new interpreter rather than a fork because, with threads in this process, a fork would
# copy the locks of libraries while they are held.
_PROGRAM: Final = """\
import signal, sys
for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # also sent to the whole group; workers end with their parent
    if hasattr(signal, name):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
import json
path, *arguments = json.loads(sys.argv[1])
sys.path[:] = path
from tagger.workers.program import run
run(*arguments)
"""
_SLICES: Final = 16


class WorkerDied(Exception):
    """A worker died without answering.

    Args:
        message: which worker, and how it ended.
        advice: what may help.
    """

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice


class WorkerTraceback(Exception):
    """The traceback of an error in a worker, as the cause of the error raised here."""


class Worker:
    """A process with a model, which answers one request at a time.

    Args:
        folder: the model folder.
        timeout: seconds that an answer may take before the process is killed; infinite to wait for ever.
        options: options of :meth:`tagger.Tagger.load`.
    """

    def __init__(self, folder: str, *, timeout: float, options: Mapping[str, Any]) -> None:
        arguments = json.dumps([[os.fspath(entry) for entry in sys.path], folder, dict(options)])
        self._command: Final[Sequence[str]] = [sys.executable, "-P", "-c", _PROGRAM, arguments]
        self._timeout: Final = timeout
        self._timed_out = False
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: Final = threading.Lock()  # so that start and stop do not overlap
        self._stopped = False

    @property
    def process_id(self) -> int | None:
        """The id of the process; None while there is none."""
        process = self._process
        return None if process is None else process.pid

    def start(self) -> None:
        """Start the process, without waiting until it has loaded the model.

        Raises:
            TaggerError: if the system cannot start another process.
            WorkerDied: after :meth:`stop`.
        """
        with self._lock:
            if self._stopped:
                raise WorkerDied("a worker was stopped")
            try:
                self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            except OSError as error:
                raise TaggerError(f"a worker process cannot be started: {error.strerror or error}") from error

    def greeting(self) -> Any:
        """Return the worker's description of its model; to be called once after each start.

        Raises:
            TaggerError: as raised in the worker.
            WorkerDied: if the worker has died, or was killed after an unexpected error or a timeout.
        """
        try:
            with self._deadline():
                return self._receive()
        except WorkerDied as death:
            raise WorkerDied(f"{death} while it loaded the model", death.advice) from death.__cause__

    def ask(self, request: bytes) -> Any:
        """Return the answer to a request, which is one line.

        Raises:
            TaggerError: as raised in the worker.
            WorkerDied: if the worker has died, or was killed after an unexpected error or a timeout.
        """
        with self._deadline():
            self._send(request)
            return self._receive()

    def stop(self) -> None:
        """Kill the process for good, even while another thread waits for its answer."""
        with self._lock:
            self._stopped = True
        if (process := self._process) is not None:
            process.kill()

    def clear(self) -> None:
        """Clean up after a process that was stopped."""
        if self._process is not None:
            self._end()

    @contextmanager
    def _deadline(self) -> Iterator[None]:
        """Kill the process if the block takes too long, which ends any wait for its answer."""
        process = self._process
        assert process is not None
        done = threading.Event()
        self._timed_out = False

        def watch() -> None:
            # In slices: while this program is itself stopped, as by Ctrl-Z, at most one of them elapses.
            time = min(self._timeout / _SLICES, threading.TIMEOUT_MAX)
            if not any(done.wait(time) for _ in range(_SLICES)):
                self._timed_out = True
                process.kill()

        watcher = threading.Thread(target=watch, name="tagger-worker-deadline", daemon=True)
        watcher.start()
        death = None
        try:
            yield
        finally:
            done.set()
            watcher.join()
            if self._timed_out and self._process is not None:  # it answered just before it was killed
                death = self._end()
        if death is not None:
            raise death

    def _receive(self) -> Any:
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise self._end()
        reply = from_line(line)
        if "failure" in reply:
            raise self._end(reply["failure"]) from WorkerTraceback(reply["traceback"])
        if "error" in reply:
            raise _error(reply["error"], reply["message"]) from WorkerTraceback(reply["traceback"])
        return reply["result"]

    def _send(self, request: bytes) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(request)
            self._process.stdin.flush()
        except OSError:
            raise self._end() from None

    def _end(self, failure: str | None = None) -> WorkerDied:
        """Clean up the process and return the error that describes how it ended."""
        process = self._process
        assert process is not None
        if failure is not None:
            process.kill()
        # It has closed its pipe, so it is about to end. Unwritten data cannot be flushed, hence the OSError.
        with suppress(OSError), process:
            pass
        self._process = None
        if self._timed_out:
            return WorkerDied(
                f"worker {process.pid} did not answer within {self._timeout:,g} seconds and was killed",
                "If it needs more time, allow it (timeout, or --worker-timeout).",
            )
        ending = _ending(process.returncode) if failure is None else f"failed with {failure}"
        return WorkerDied(
            f"worker {process.pid} {ending}",
            "If memory is short, tag in smaller batches or with fewer workers.",
        )


def _error(name: str, message: str) -> TaggerError:
    """Return a tagger error of the given class name, with its message from the worker."""
    kind: type[TaggerError] = getattr(errors, name)
    # Bypass its own constructor, which may need other arguments than the message, but call that of its built-in base.
    base: Any = next(base for base in kind.__mro__ if base.__module__ == "builtins")
    error = kind.__new__(kind)
    base.__init__(error, message)
    return error


def _ending(status: int) -> str:
    """Return a description of how a process ended."""
    if status >= 0:
        return f"ended with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    advice = " (memory may have run out)" if name == "SIGKILL" else ""
    return f"was killed by {name}{advice}"
