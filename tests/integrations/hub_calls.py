"""Calls of the Hub, in one process for each environment, since the Hub's library reads it when it is imported."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import tagger

OURS = ("HF_", "TRANSFORMERS_", "HUGGING", "XDG_")
PROCESSES: dict[tuple[Any, ...], Any] = {}


def calls(home, address, *asked, **environment):
    """What comes of the calls, with a cache in ``home``, made in the one process of this environment."""
    key = (address, *sorted(environment.items()))
    if key not in PROCESSES:
        PROCESSES[key] = started(home, address, environment)
    return [answer(PROCESSES[key], call, home / "hub") for call in asked]


def started(home, address, environment):
    home.mkdir(exist_ok=True, parents=True)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    settings = {
        "HF_ENDPOINT": address,
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_ETAG_TIMEOUT": "2",
        "PYTHONPATH": str(Path(tagger.__file__).parents[1]),
        "OMP_NUM_THREADS": "1",
    }
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("hub_models.py"))],
        env={**clean, **settings, **environment},
        cwd=home,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def answer(process, call, cache):
    kind, arguments, options = call
    if kind == "pull":
        options = {"cache_folder": str(cache), **options}
    process.stdin.write(json.dumps([kind, arguments, options]) + "\n")
    process.stdin.flush()
    limit = threading.Timer(300, process.kill)
    limit.start()
    line = process.stdout.readline()
    limit.cancel()
    assert line, f"the process has ended: {process.wait()}"
    return json.loads(line)


def pull(name, **options):
    return ["pull", [name], options]


def push(folder, name, **options):
    return ["push", [str(folder), name], options]


def end_processes():
    for process in PROCESSES.values():
        process.communicate()
    PROCESSES.clear()
