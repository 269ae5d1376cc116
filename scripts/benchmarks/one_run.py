"""Runs a command and prints as JSON what it took: the child of whole_runs.py, small so that it adds no memory.

    python scripts/benchmarks/one_run.py COMMAND...

``clock`` are the seconds from its start to its end, ``processor`` those that the processor worked for it and for the
processes that it waited for, ``peak`` the most bytes that one of them had. What it prints is left out, but for errors.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time


def main() -> int:
    begin = time.perf_counter()
    status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
    clock = time.perf_counter() - begin
    taken = resource.getrusage(resource.RUSAGE_CHILDREN)
    unit = 1 if sys.platform == "darwin" else 1024
    processor = taken.ru_utime + taken.ru_stime
    print(json.dumps({"clock": clock, "processor": processor, "peak": unit * taken.ru_maxrss}))
    return status


if __name__ == "__main__":
    sys.exit(main())
