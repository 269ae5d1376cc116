"""Processes that read datasets of a Hub on the loopback interface."""

import json
import os
import subprocess
import sys
from pathlib import Path

import tagger

UNSET = ("HF_TOKEN", "HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_CACHE")


def read(home, address, calls, **environment):
    """Run the calls in a process of their own; return their outcomes and what was written to stderr."""
    clean = {name: value for name, value in os.environ.items() if name not in UNSET}
    settings = {
        "HF_ENDPOINT": address,
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_XET": "1",
        "HF_UPDATE_DOWNLOAD_COUNTS": "0",  # the library counts elsewhere than at the Hub
        "PYTHONPATH": str(Path(tagger.__file__).parents[1]),
    }
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("read_datasets.py"))],
        input="".join(json.dumps(call) + "\n" for call in calls.values()),
        env={**clean, **settings, **environment},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    return dict(zip(calls, outcomes, strict=True)), done.stderr
