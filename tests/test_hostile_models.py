"""Model folders that are damaged or forged: the library's own error, in bounded memory, and nothing in them is run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import tagger

TESTS = Path(__file__).parent


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is limited as on Linux")
@pytest.mark.slow
def test_hostile_folders_are_model_errors_in_bounded_memory_and_run_nothing(tmp_path):
    result = subprocess.run(
        [sys.executable, TESTS / "hostile_models.py", tmp_path], capture_output=True, text=True, check=False,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(Path(tagger.__file__).parents[1]), str(TESTS)]),
            "OMP_NUM_THREADS": "1",
        },
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    loads = [json.loads(line) for line in result.stdout.splitlines()]
    assert len({load["name"] for load in loads}) == len(loads) > 300
    for load in loads:
        assert (load["error"], load["run"]) == ("ModelError", []), load
        assert load["message"].startswith(load["folder"]), load
        assert "\n" not in load["message"], load
    messages = {load["name"]: load["message"].removeprefix(load["folder"]).lstrip("/") for load in loads}
    assert messages["config.json pipe"] == (
        "config.json: cannot be read: expected a regular file, found a named pipe"
    )
    assert messages["model.safetensors link  dev zero"] == (
        "model.safetensors: cannot be read: expected a regular file, found a device"
    )
    assert messages["200 MB of blanks"] == (
        "config.json: cannot be read: expected at most 1 MiB, found 191 MiB"
    )
    assert messages["masks transitions"] == (
        "model.safetensors: tensor 'decoder.allowed_transitions': differs from what the labels and their scheme allow"
    )
    assert messages["vocabulary labels 11"] == (
        ": the model's files do not fit together: expected at most 5,000 different labels, found 20,000. "
        "Are these labels?"
    )
