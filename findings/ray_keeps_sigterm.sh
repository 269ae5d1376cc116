#!/usr/bin/env bash
# ray.init() replaces the program's handler of SIGTERM, and after ray.shutdown()
# nothing handles it, whatever signal.getsignal() says.
#
# Expected: a library leaves the program's handler alone, or puts it back when it
#   is shut down; and signal.getsignal() tells what will happen.
# Happens: while Ray runs, SIGTERM raises SystemExit(15), after a C++ stack trace.
#   ray.shutdown() does not put the old handler back: in C++ it sets the default
#   action, of which Python is not told. SIGTERM then ends the process at once:
#   the function that signal.getsignal() returns is not called, no "finally" runs,
#   nothing is flushed.
# Hurts: training and tagging programs that a supervisor stops, and that save a
#   checkpoint or remove temporary files then, also long after their use of Ray.
# Instead: keep signal.getsignal(signal.SIGTERM) before ray.init(), and set it
#   again with signal.signal() after it and after ray.shutdown().
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check ray==2.60.0

cd "$work"
cat > program.py <<'PY'
import os
import signal
import sys

import ray


def save_and_end(number, frame):
    print("own handler", flush=True)
    sys.exit(3)


signal.signal(signal.SIGTERM, save_and_end)
if sys.argv[1] != "without ray":
    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False)
if "set again" in sys.argv[1]:
    signal.signal(signal.SIGTERM, save_and_end)
if "ray.shutdown" in sys.argv[1]:
    ray.shutdown()
print("knows of", getattr(signal.getsignal(signal.SIGTERM), "__qualname__", None), flush=True)
try:
    os.kill(os.getpid(), signal.SIGTERM)
    for _ in range(1000):  # handlers in Python are called between two instructions
        pass
finally:
    print("finally", flush=True)
PY
"$work/venv/bin/python" - <<'PY'
import subprocess
import sys
from importlib.metadata import version

print("ray", version("ray"))


def run(case):
    done = subprocess.run([sys.executable, "program.py", case], capture_output=True, text=True)
    found = [*done.stdout.splitlines(), f"status {done.returncode}"]
    print(f"{case}: {'; '.join(found)}")
    return found


RAYS = "knows of init.<locals>.sigterm_handler"
CALLED = ["knows of save_and_end", "own handler", "finally", "status 3"]
assert run("without ray") == CALLED
assert run("while ray runs") == [RAYS, "finally", "status 15"]
assert run("after ray.shutdown") == [RAYS, "status -15"]
assert run("while ray runs, set again") == CALLED
assert run("set again, after ray.shutdown") == ["knows of save_and_end", "status -15"]
PY
