"""The benchmarks of evaluation as they are run, at sizes of nothing."""

import json
import sys

import pytest


@pytest.fixture
def run(script, monkeypatch, tmp_path):
    def main(name, *options):
        path = tmp_path / "out.json"
        monkeypatch.setattr(sys, "argv", [f"{name}.py", "--quick", "--json", str(path), *options])
        script(name).main()
        return json.loads(path.read_text(encoding="utf-8"))["tables"]

    return main


@pytest.mark.slow
def test_scoring_is_measured_beside_seqeval(run):
    tables = run("evaluation", "--tokens", "400", "--rounds", "2")
    assert [row["what"] for row in tables["400 tokens"]] == [
        "seqeval, report",
        "tagger, scores",
        "tagger, everything",
    ]
    assert tables["400 tokens"][0]["of seqeval"] == 1.0
    assert [row["tokens"] for row in tables["memory"]] == [400, 800]


def test_intervals_and_tests_are_measured_on_simulated_truth(run):
    intervals, tests = run("certainty", "--trials", "10").values()
    for row in intervals:
        assert row["held, %"] + row["truth below, %"] + row["truth above, %"] == pytest.approx(100)
        assert row["held, %"] >= 50
    assert all(0 <= row["p ≤ 0.05, %"] <= 50 for row in tests)
