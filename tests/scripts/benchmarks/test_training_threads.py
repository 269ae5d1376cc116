"""The benchmark of threads in training: what it prints and writes, never how fast it was."""

from __future__ import annotations

import json
import sys

import pytest


@pytest.mark.parametrize("clock", ["wall", "processor"])
@pytest.mark.slow
def test_every_way_trains_in_turns_and_stands_in_relation(script, monkeypatch, tmp_path, clock):
    path = tmp_path / "out.json"
    options = ["--quick", "--sentences", "20", "--units", "8", "--batch-sizes", "4", "--busy", "1"]
    monkeypatch.setattr(sys, "argv", ["training_threads.py", *options, "--clock", clock, "--json", str(path)])
    script("training_threads").main()
    contents = json.loads(path.read_text(encoding="utf-8"))
    ((title, rows),) = contents["tables"].items()
    assert title == "8 units, batches of 4, 16 sentences of train.conll"
    assert [row["way"] for row in rows] == ["1 thread", "2 threads"]
    assert rows[0]["as fast as 1 thread"] == 1
    assert all(row["tokens per second"] > 0 for row in rows)
    assert (contents["machine"]["clock"], contents["machine"]["busy"]) == (clock, 1)
