"""The parts that the time of tagging is divided among; never how long they took."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from tiny_models import tiny_tagger


def test_what_a_part_calls_of_others_counts_there_alone(
    script: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    program = script("time_by_part")
    now = 0.0

    def work(seconds: float) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr(program.time, "perf_counter", lambda: now)
    clock = program.Clock()
    inner = clock.around("inner", work)

    def calls_inner() -> None:
        work(1)
        inner(10)
        inner(100)

    clock.around("outer", calls_inner)()
    inner(1000)
    assert clock.seconds == {"outer": 1, "inner": 1110}
    assert clock.calls == {"outer": 1, "inner": 3}


def test_parts_sum_to_the_whole(
    script: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = script("time_by_part")
    tagger = tiny_tagger(
        "bioes", wide_features=True, wide_min_count=1, char_dim=2, char_filters=2, cell="gru"
    )
    tagger.save(tmp_path / "model")
    data = tmp_path / "dev.conll"
    data.write_text("Anna\tB-PER\nsleeps\tO\n\nRome\tB-LOC\n", encoding="utf-8")
    out = tmp_path / "out.json"
    arguments = [str(tmp_path / "model"), str(data), "--quick", "--json", str(out)]
    monkeypatch.setattr(sys, "argv", ["time_by_part.py", *arguments])
    program.main()
    tables = json.loads(out.read_text(encoding="utf-8"))["tables"]
    assert list(tables) == [
        "tag, 100 sentences", "predict, 100 sentences", "tag, 100 sentences, no word met", "tag, sentences alone",
    ]  # fmt: skip
    for *parts, whole in tables.values():
        assert whole["part"] == "all, without clocks"
        assert sum(row["share"] for row in parts) == pytest.approx(1)
        assert all(row["calls"] > 0 for row in parts[:-1])
        assert parts[-1]["part"] == "Python around it"
    # Every part there is was met somewhere, so none is named for nothing.
    met = {row["part"] for rows in tables.values() for row in rows}
    assert {part for part, _, _ in program.PARTS} <= met
