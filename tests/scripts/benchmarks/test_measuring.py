import json
import mmap
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def measuring(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("measuring")


def test_candidates_take_turns_and_warm_up_rounds_do_not_count(measuring: ModuleType) -> None:
    calls: list[str] = []

    def candidate(name: str) -> Callable[[], float]:
        def work() -> float:
            calls.append(name)
            return float(len(calls))

        return work

    seconds = measuring.in_turns({"a": candidate("a"), "b": candidate("b")}, rounds=2, warm_up=1)
    assert calls == ["a", "b"] * 3
    assert seconds == {"a": [3, 5], "b": [4, 6]}


def test_a_ratio_is_the_median_over_the_rounds(measuring: ModuleType) -> None:
    # Rounds in which the machine was slow for both change nothing: 2, 4, 3.
    assert measuring.ratio([2.0, 40.0, 3.0], [1.0, 10.0, 1.0]) == 3
    with pytest.raises(ValueError, match="shorter"):
        measuring.ratio([1.0, 2.0], [1.0])


def test_speeds_stand_in_relation_to_the_reference_and_to_the_bound(measuring: ModuleType) -> None:
    rows = measuring.speed_rows(
        {"ours": [2.0, 2.0, 4.0], "peer": [10.0, 20.0, 12.0], "bound": [1.0, 1.0, 1.0]},
        count=100,
        unit="tokens",
        reference="ours",
        bound="bound",
        threads={"ours": 2, "peer": 1, "bound": 2},
    )
    assert rows == [
        {
            "candidate": "ours",
            "tokens per second": 50,
            "quartiles": [pytest.approx(100 / 3), 50],
            "ours's speed / this one's": 1,
            "share of the bound": 0.5,
            "threads": 2,
        },
        {
            "candidate": "peer",
            "tokens per second": pytest.approx(100 / 12),
            "quartiles": [6.25, pytest.approx(100 / 11)],
            "ours's speed / this one's": 5,
            "share of the bound": pytest.approx(1 / 12),
            "threads": 1,
        },
        {
            "candidate": "bound",
            "tokens per second": 100,
            "quartiles": [100, 100],
            "ours's speed / this one's": 0.5,
            "share of the bound": 1,
            "threads": 2,
        },
    ]


def test_one_round_has_no_spread(measuring: ModuleType) -> None:
    assert measuring.quartiles([7.0]) == (7, 7, 7)
    assert measuring.quartiles([1.0, 2.0, 3.0]) == (1.5, 2, 2.5)


def test_prints_tables_and_writes_the_same_as_json(
    measuring: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = {
        "Speed": [
            {"candidate": "ours", "tokens per second": 12345.6, "quartiles": [0.5, 1.25], "n": 1000},
            {"candidate": "theirs (not installed: extra bench)"},
        ]
    }
    path = tmp_path / "speed.json"
    arguments = measuring.benchmark_parser("A benchmark.").parse_args(["--json", str(path)])
    measuring.report(tables, {"threads": 1, "versions": {"torch": "2.0"}}, arguments)
    assert capsys.readouterr().out.splitlines() == [
        "threads 1, versions torch 2.0",
        "",
        "Speed",
        "candidate                            tokens per second    quartiles      n",
        "ours                                            12,346  0.5 to 1.25  1,000",
        "theirs (not installed: extra bench)                  -            -      -",
    ]
    assert json.loads(path.read_text(encoding="utf-8")) == {
        "machine": {"threads": 1, "versions": {"torch": "2.0"}},
        "tables": tables,
    }


def test_reads_the_memory_of_this_process(measuring: ModuleType) -> None:
    before = measuring.memory("VmRSS")
    # Not from the heap, where 50 MiB may lie about.
    kept = mmap.mmap(-1, 50 * 2**20)
    for page in range(0, len(kept), mmap.PAGESIZE):
        kept[page] = 1
    assert 45 * 2**20 < measuring.memory("VmRSS", os.getpid()) - before < 60 * 2**20


def test_says_how_many_threads(measuring: ModuleType) -> None:
    assert [measuring.counted_threads(number) for number in (1, 2)] == ["1 thread", "2 threads"]


def test_tells_versions_and_what_is_missing(measuring: ModuleType) -> None:
    conditions = measuring.machine(2, ["no-such-package-at-all"])
    assert conditions["threads"] == 2
    assert conditions["versions"]["torch"]
    assert conditions["versions"]["no-such-package-at-all"] is None


@pytest.mark.parametrize("option", [["--threads", "0"], ["--thr", "2"]])
def test_refuses_useless_options(
    measuring: ModuleType, option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        measuring.benchmark_parser("A benchmark.").parse_args(option)
    assert stopped.value.code == 2
    assert "expected 1 or more, found 0" in (message := capsys.readouterr().err) or "unrecognized" in message


def test_refuses_sizes_of_nothing(measuring: ModuleType) -> None:
    assert measuring.positive_number("0.5") == 0.5
    for text in ("0", "-1", "inf", "nan"):
        with pytest.raises(Exception, match=f"expected more than 0, found {text}"):
            measuring.positive_number(text)
