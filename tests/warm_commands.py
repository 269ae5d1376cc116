"""Commands that start warm: ``tagger`` and ``python`` in a folder for PATH, run by forks of a process with all imports.

Most of the time of a short command goes into importing PyTorch and Lightning. A page of documentation has dozens of
them, each in a process of its own, as a reader runs them; here a process is a fork of one that has imported what they
need. Arguments, folder, environment and the three streams are those of the caller. What happens while modules are
imported is not: the commands of the README run cold, in processes that start from nothing.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import json
import os
import runpy
import select
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from functools import cache
from pathlib import Path

_PROGRAM = """\
#!/bin/sh
exec {python} -ISE {client} {program} "$@"
"""

_CLIENT = """\
import json, os, signal, socket, sys
connection = socket.socket(socket.AF_UNIX)
connection.connect({address!r})
call = json.dumps([sys.argv[1], sys.argv[2:], os.getcwd(), dict(os.environ)]).encode()
socket.send_fds(connection, [len(call).to_bytes(8, "big")], [0, 1, 2])
connection.sendall(call)
lines = connection.makefile()
pid = int(lines.readline())
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, lambda number, frame: os.kill(pid, number))
status = int(lines.readline())
if status < 0:
    if -status != signal.SIGKILL:
        signal.signal(-status, signal.SIG_DFL)
    os.kill(os.getpid(), -status)
sys.exit(status)
"""


class WarmCommands:
    """The folder with the commands, while the process behind them runs."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="warm")
        address = str(Path(self._folder.name, "socket"))
        client = Path(self.folder, "client.py")
        client.write_text(_CLIENT.format(address=address))
        for program in ("tagger", "python"):
            path = Path(self.folder, program)
            quoted = {"python": shlex.quote(sys.executable), "client": shlex.quote(str(client))}
            path.write_text(_PROGRAM.format(program=program, **quoted))
            path.chmod(0o755)
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        self._server = subprocess.Popen(
            [sys.executable, __file__, address],
            stdout=subprocess.PIPE,
            stdin=subprocess.PIPE,  # its end says that the tests have ended
            env=environment,
        )
        assert self._server.stdout is not None
        assert self._server.stdout.readline() == b"listens\n"

    @property
    def folder(self) -> str:
        """What stands in PATH."""
        return self._folder.name

    def close(self) -> None:
        """End the process."""
        self._server.kill()
        self._server.wait()
        for stream in (self._server.stdin, self._server.stdout):
            assert stream is not None
            stream.close()
        self._folder.cleanup()


def _serve(address: str) -> None:
    import datasets  # noqa: F401
    import pandas  # noqa: F401

    import tagger.cli.inspect
    import tagger.inspection
    import tagger.training.command  # noqa: F401

    gc.collect()
    gc.freeze()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(16)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who wait
    print("listens", flush=True)
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            return
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            _answer(connection)
        connection.close()


def _answer(connection: socket.socket) -> None:
    """Run one command in a process of its own; tell its number, and how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    size, streams, _, _ = socket.recv_fds(connection, 8, 3)
    call = b""
    while len(call) < int.from_bytes(size, "big"):
        more = connection.recv(1 << 16)
        if not more:
            os._exit(1)  # whoever called was killed
        call += more
    program, arguments, folder, environment = json.loads(call)
    pid = os.fork()
    if pid == 0:
        connection.close()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        _run(program, arguments)
    for stream in streams:
        os.close(stream)
    with contextlib.suppress(OSError):  # as below
        connection.sendall(f"{pid}\n".encode())
    process = os.pidfd_open(pid)
    watched: list[int | socket.socket] = [process, connection]
    ready, _, _ = select.select(watched, [], [])
    if process not in ready:  # the caller was killed
        os.kill(pid, signal.SIGKILL)
    _, ended = os.waitpid(pid, 0)
    with contextlib.suppress(OSError):  # whoever called may have been killed
        connection.sendall(f"{os.waitstatus_to_exitcode(ended)}\n".encode())
    os._exit(0)


def _run(program: str, arguments: list[str]) -> None:
    """Do what the program does with the arguments, and end."""
    status: object = 0
    try:
        sys.path[0] = "" if program == "python" else str(Path(sys.executable).parent)
        sys.argv = [program, *arguments]
        if program == "tagger":
            runpy.run_module("tagger", run_name="__main__", alter_sys=False)
        elif arguments[:1] == ["-c"]:
            sys.argv = arguments[:1] + arguments[2:]
            exec(compile(arguments[1], "<string>", "exec"), {"__name__": "__main__"})
        elif arguments[:1] == ["-m"]:
            sys.argv = arguments[1:]
            runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        elif arguments and not arguments[0].startswith("-"):
            sys.argv = arguments
            sys.path[0] = str(Path(arguments[0]).resolve().parent)
            runpy.run_path(arguments[0], run_name="__main__")
        else:
            os.execv(sys.executable, [sys.executable, *arguments])
    except SystemExit as end:
        status = end.code
    except BaseException:
        traceback.print_exc()
        status = 1
    if status is not None and not isinstance(status, int):
        print(status, file=sys.stderr)
        status = 1
    # What an interpreter does at its end, which a fork must do by itself; mypy's stubs leave the private name out.
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(int(status or 0) & 0xFF)


@cache
def _warm_commands() -> WarmCommands:
    commands = WarmCommands()
    atexit.register(commands.close)
    return commands


# On macOS forks of a process that has used its frameworks are not safe: commands start cold there.
_STARTS_COLD = sys.platform == "darwin"


def warm_path() -> str:
    """Return PATH with the commands first; the process that forks them ends with this one."""
    cold = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return cold if _STARTS_COLD else os.pathsep.join([_warm_commands().folder, cold])


def warm_python() -> str:
    """Return the path of the command ``python``."""
    return sys.executable if _STARTS_COLD else str(Path(_warm_commands().folder, "python"))


if __name__ == "__main__":
    _serve(sys.argv[1])
