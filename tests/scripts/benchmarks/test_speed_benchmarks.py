"""Each benchmark as it is run, at sizes of nothing: what it prints and writes, never how fast it was."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tagger.config import TaggerConfig

SPEED_COLUMNS = [
    "candidate", "tokens per second", "quartiles", "tagger's speed / this one's", "share of the bound", "threads",
]  # fmt: skip


@pytest.fixture
def run(
    script: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., dict[str, list[dict[str, Any]]]]:
    """Run a benchmark without one peer, and another that is not installed; return its tables."""
    monkeypatch.setitem(sys.modules, "spacy", None)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")

    def main(name: str, *options: str) -> dict[str, list[dict[str, Any]]]:
        path = tmp_path / "out.json"
        arguments = [f"{name}.py", "--quick", "--json", str(path), "--peers", "spacy", *options]
        monkeypatch.setattr(sys, "argv", arguments)
        script(name).main()
        contents = json.loads(path.read_text(encoding="utf-8"))
        assert set(contents) == {"machine", "tables"}
        assert {"processor", "cores", "load", "threads", "versions", "device"} <= set(contents["machine"])
        tables: dict[str, list[dict[str, Any]]] = contents["tables"]
        return tables

    return main


def check_speeds(rows: list[dict[str, Any]]) -> None:
    """Check that every candidate stands in relation to ours and to the bound."""
    for row in rows:
        assert list(row)[:6] == SPEED_COLUMNS
        slow, fast = row["quartiles"]
        assert 0 < slow <= row["tokens per second"] <= fast
    ours, bound = rows[0], next(row for row in rows if row["candidate"] == "bound: products")
    assert ours["tagger's speed / this one's"] == bound["share of the bound"] == 1
    assert ours["share of the bound"] == pytest.approx(bound["tagger's speed / this one's"])


@pytest.mark.slow
def test_training(run: Callable[..., Any], capsys: pytest.CaptureFixture[str]) -> None:
    tables = run(
        "train", "--sentences", "20", "--memory-sentences", "10", "--epochs", "1", "--units", "6", "4"
    )
    same, default, sizes, memory = tables
    of_training = "16 sentences of train.conll, epochs: 1, 1 thread"
    assert same == f"Training with the same architecture on {of_training}"
    assert default == f"Training with the defaults of each on {of_training}"
    assert sizes == f"Training by the default recipe at other sizes, {of_training}"
    assert memory == "Peak memory of training, 1 thread"
    for title in (same, default):
        *measured, missing = tables[title]
        check_speeds(measured)
        assert [row["candidate"] for row in measured] == ["tagger", "bound: products"]
        assert missing == {"candidate": "spacy (not installed: extra bench)"}
        assert 0 < measured[0]["whole run, tokens per second"] < measured[0]["tokens per second"]
        assert measured[0]["score"] >= 0
    first, second = tables[sizes]
    assert (first["candidate"], second["candidate"]) == ("2 x 6 units", "2 x 4 units")
    assert first["this one's speed / the first's"] == 1
    for row in (first, second):
        assert row["share of the bound"] == pytest.approx(
            row["tokens per second"] / row["bound, tokens per second"]
        )
    (row,) = tables[memory]
    assert row["sentences"] == 10
    assert 0 < row["MiB before"] < row["MiB at the peak"]
    printed = capsys.readouterr().out
    assert all(title in printed for title in tables)
    assert "spacy (not installed: extra bench)" in printed


def test_the_default_recipe_is_what_a_run_of_all_epochs_is(script: Callable[[str], ModuleType]) -> None:
    train, peer = script("train"), script("peer")
    ours = train.default_recipe(1, "cpu", num_sentences=3394)
    assert (ours.model, ours.batch_size) == (TaggerConfig(), 9)
    assert train.default_recipe(1, "cpu", num_sentences=12544, units=64).model == TaggerConfig(hidden_dim=64)
    assert peer.input_dim(TaggerConfig()) == 330  # words 100, characters 60, casing 10, eight affixes of 20
    assert peer.input_dim(peer.ARCHITECTURE) == 150
    assert peer.ARCHITECTURE.hidden_dim == 200


@pytest.mark.slow
def test_tagging(run: Callable[..., Any], capsys: pytest.CaptureFixture[str]) -> None:
    tables = run(
        "tag", "--sentences", "20", "--tagged", "10", "--streamed", "10", "--asked", "4", "--scale", "30", "70",
        "--megabytes", "0.05", "--workers", "2", "--rounds", "2", "--units", "4",
    )  # fmt: skip
    speed, workers, latency, scaling, endless, stream = tables
    assert (speed, latency) == (
        "Tagging 10 held-out sentences of train.conll, 1 thread",
        "One sentence of 20 tokens, 1 thread",
    )
    *measured, missing = tables[speed]
    check_speeds(measured)
    assert [row["candidate"] for row in measured] == [
        "tagger", "tagger, new", "tagger, marginals", "tagger, predictions", "tagger, 2 x 4 units",
        "bound: products",
    ]  # fmt: skip
    assert missing == {"candidate": "spacy (not installed: extra bench)"}
    *measured, missing = tables[workers]
    check_speeds(measured)
    assert [(row["candidate"], row["threads"]) for row in measured] == [
        ("tagger", 1), ("tagger, 2 workers", 2), ("bound: products", 1),
    ]  # fmt: skip
    slow, fast = measured[0]["quartiles"]
    assert slow < fast  # of two rounds
    ours, predictions, _ = tables[latency]
    assert 0 < ours["p50 ms"] <= ours["p95 ms"] <= ours["p99 ms"]
    assert ours["tagger's speed / this one's"] == 1
    assert predictions["tagger's speed / this one's"] > 0
    small, large = tables[scaling]
    assert [small["sentences"], large["sentences"], small["of the first"]] == [30, 70, 1]
    assert large["of the first"] == pytest.approx(large["µs per token"] / small["µs per token"])
    (long,) = tables[endless]
    assert (long["tokens"], long["share"] > 0) == (2000, True)
    printed = capsys.readouterr().out
    (memory,) = tables[stream]
    assert memory["MB read"] == 0.05
    assert 0 < memory["MiB resident"] <= memory["MiB at most, since the last row"]
    assert all(title in printed for title in tables)


@pytest.mark.slow
def test_starting(run: Callable[..., Any]) -> None:
    ((title, rows),) = run("startup", "--rounds", "1").items()
    assert title == "Cold starts, 1 thread"
    *measured, missing = rows
    assert [row["program"] for row in measured] == [
        "python", "import torch", "import tagger", "tagger: first label", "tagger: first label, command line",
    ]  # fmt: skip
    assert missing == {"program": "spacy (not installed: extra bench)"}
    empty, torch, package, label, command = measured
    assert (empty["alone"], empty["of import torch"], torch["of import torch"]) == (0, 0, 1)
    for row in (package, label, command):
        assert row["of import torch"] == pytest.approx(row["alone"] / torch["alone"])


def test_a_program_that_takes_too_long_is_reported_and_started_only_once(
    script: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    startup = script("startup")
    starts: list[str] = []

    def run(command: list[str], *, timeout: float, **options: Any) -> None:
        starts.append(command[-1])
        if command[-1] == "slow":
            raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(startup.subprocess, "run", run)
    commands = {name: [name] for name in ("python", "import torch", "quick", "slow")}
    *measured, last = startup.measure(commands, rounds=2, warm_up=1, threads=1, limit=2.5)
    assert [row["program"] for row in measured] == ["python", "import torch", "quick"]
    assert all(row["seconds"] > 0 for row in measured)
    assert last == {"program": "slow (longer than 2.5 s)"}
    assert (starts.count("quick"), starts.count("slow")) == (3, 1)


def test_nothing_can_be_said_if_what_all_else_is_measured_against_takes_too_long(
    script: Callable[[str], ModuleType],
) -> None:
    commands = {"python": ["-c", "import time; time.sleep(60)"], "import torch": ["-c", "pass"]}
    with pytest.raises(SystemExit, match=r"^python takes longer than 0\.5 s, and all else is measured"):
        script("startup").measure(commands, rounds=1, warm_up=0, threads=1, limit=0.5)


@pytest.mark.parametrize(
    ("parts", "option", "needed"),
    [
        ("throughput", "--megabytes", "memory"),
        ("throughput", "--workers", "workers"),
        ("memory", "--rounds", "throughput, workers or scaling"),
        ("memory", "--peers", "throughput, workers or latency"),
        ("latency", "--tagged", "throughput"),
        ("latency", "--streamed", "workers"),
        ("workers", "--asked", "latency"),
        ("workers", "--scale", "scaling"),
        ("workers", "--units", "throughput"),
    ],
)
def test_an_option_of_a_part_that_is_not_measured_is_a_usage_error(
    script: Callable[[str], ModuleType],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    parts: str,
    option: str,
    needed: str,
) -> None:
    value = "flair" if option == "--peers" else "1"
    monkeypatch.setattr(sys, "argv", ["tag.py", "--parts", parts, option, value])
    with pytest.raises(SystemExit) as stopped:
        script("tag").main()
    assert stopped.value.code == 2
    assert f"error: {option} has no effect without --parts {needed}\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "option", "value"),
    [
        ("tag", "--scale", "0"),
        ("tag", "--megabytes", "-1"),
        ("train", "--rounds", "0"),
        ("startup", "--peers", "x"),
        ("startup", "--limit", "0"),
        ("tag", "--device", "tpu"),
        ("train", "--device", "meta"),
    ],
)
def test_useless_options_are_usage_errors(
    run: Callable[..., Any], name: str, option: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(name, option, value)
    assert stopped.value.code == 2
    assert option in capsys.readouterr().err
