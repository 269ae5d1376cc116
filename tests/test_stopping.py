"""Signals end a program, wherever it is just then."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

CODE = """
import os, signal, time
from tagger.stopping import run

class Dying:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.01)  # for the handler to run

def main():
    Dying()
    time.sleep(30)
    return 0

import sys
sys.exit(run("tagger", lambda: main))
"""


def test_a_signal_that_arrives_while_something_is_finalised_is_not_lost():
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        env={**os.environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=25,
    )
    assert (done.returncode, done.stderr) == (143, f"tagger: stopped by {signal.SIGTERM.name}\n")
