"""What benchmarks record, and how it is shown; never how fast anything was."""

import argparse
import copy
import importlib
import json
import math
import multiprocessing
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from present import present

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def entry(number: int = 0, speed: float = 100.0, **changed: Any) -> dict[str, Any]:
    return {
        "format": 1,
        "commit": f"{number:07d}{COMMIT[7:]}",
        "dirty": False,
        "date": f"2026-12-{number + 1:02d}T10:00:00+00:00",
        "machine": {"processor": "Some CPU", "cores": 2, "instructions": ["avx2"]},
        "others": 0.02,
        "versions": {"python": "3.12.1", "torch": "2.0", "flair": None},
        "quick": False,
        "conditions": {"threads": 1, "rounds": 3},
        "tables": {
            "Speed": [
                {"candidate": "ours", "tokens per second": speed, "quartiles": [speed, speed], "threads": 1},
                {"candidate": "peer", "tokens per second": speed / 4, "quartiles": [1, 2], "threads": 1},
            ]
        },
        **changed,
    }


@pytest.fixture(scope="module")
def recording(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("recording")


@pytest.fixture(scope="module")
def history(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("history")


@pytest.fixture(scope="module")
def entries(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("entries")


@pytest.fixture
def show(
    history: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Callable[..., list[str]]:
    """Write entries to a file and run history.py; return the lines that it prints."""

    def main(recorded: list[dict[str, Any]], *options: str) -> list[str]:
        (tmp_path / "train.json").write_text(json.dumps(recorded), encoding="utf-8")
        monkeypatch.setattr(history, "FOLDER", tmp_path)
        monkeypatch.setattr(sys, "argv", ["history.py", *options])
        history.main()
        return capsys.readouterr().out.splitlines()

    return main


def test_a_benchmark_records_its_figures_and_what_they_depend_on(
    script: Callable[[str], ModuleType],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    measuring, recording, entries = map(script, ("measuring", "recording", "entries"))
    answers = {"rev-parse": f"{COMMIT}\n", "status": " M tagger/api.py\n"}
    monkeypatch.setattr(recording, "_git", lambda command, *_: answers[command])
    monkeypatch.setattr(recording.Recording.__init__, "__defaults__", (tmp_path / "docs",))
    monkeypatch.setattr(sys, "argv", ["/somewhere/speed.py"])
    parser = measuring.benchmark_parser("A benchmark.")
    parser.add_argument("path", type=Path)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    for options in (["--record", "--epochs", "3"], ["--rounds", "2"], ["--record", "--quick"]):
        arguments = parser.parse_args(["/home/someone/corpus.conll", *options])
        tables = {
            "Speed": [{"candidate": "ours", "seconds": 0.5}, {"candidate": "peer", "seconds": math.inf}]
        }
        measuring.report(tables, {**measuring.machine(1, ["no-such-package"]), "device": "cpu"}, arguments)
    assert capsys.readouterr().out.count("recorded in speed.json") == 2
    first, second = entries.read_entries(tmp_path / "docs" / "speed.json")
    assert (first["commit"], first["dirty"], first["quick"]) == (COMMIT, True, False)
    assert first["conditions"] == {"path": "corpus.conll", "epochs": 3, "threads": 1, "device": "cpu"}
    assert first["tables"]["Speed"][0] == {"candidate": "ours", "seconds": 0.5}
    assert first["tables"]["Speed"][1] == {"candidate": "peer", "seconds": None}
    assert set(first["machine"]) == {"processor", "cores", "instructions"}
    assert {"python", "torch", "no-such-package"} <= set(first["versions"])
    assert (second["quick"], second["conditions"].get("epochs")) == (True, None)
    assert [path.name for path in (tmp_path / "docs").iterdir()] == ["speed.json"]
    assert "someone" not in (tmp_path / "docs" / "speed.json").read_text(encoding="utf-8")


def test_what_stands_in_the_way_of_recording_is_told_before_the_work(
    script: Callable[[str], ModuleType],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    measuring, recording = script("measuring"), script("recording")
    monkeypatch.setattr(recording.Recording.__init__, "__defaults__", (tmp_path,))
    monkeypatch.setattr(sys, "argv", ["speed.py"])
    (tmp_path / "speed.json").write_text("[\n{}\n]\n", encoding="utf-8")
    parser = measuring.benchmark_parser("A benchmark.")
    with pytest.raises(SystemExit) as stopped:
        parser.parse_args(["--record"])
    assert stopped.value.code == 2
    path = tmp_path / "speed.json"
    assert f"--record: {path}:2: expected 'format' (the format 1), found none" in capsys.readouterr().err
    path.unlink()

    def no_repository(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 128, "", "fatal: not a git repository\n")

    monkeypatch.setattr(recording.subprocess, "run", no_repository)
    with pytest.raises(SystemExit):
        parser.parse_args(["--record"])
    assert "--record: the commit is not known: fatal: not a git repository" in capsys.readouterr().err

    monkeypatch.setattr(recording, "_git", lambda *_: f"{COMMIT}\nunpacked/\n")
    with pytest.raises(SystemExit):
        parser.parse_args(["--record"])
    assert "these files lie in another repository, in unpacked/" in capsys.readouterr().err

    (tmp_path / "file").touch()
    monkeypatch.setattr(recording.Recording.__init__, "__defaults__", (tmp_path / "file",))
    with pytest.raises(SystemExit):
        parser.parse_args(["--record"])
    assert f"--record: {tmp_path / 'file'}: cannot be " in capsys.readouterr().err.replace(
        "file/speed.json", "file"
    )


def test_a_run_that_cannot_be_recorded_has_printed_its_figures(
    script: Callable[[str], ModuleType], capsys: pytest.CaptureFixture[str]
) -> None:
    measuring, entries = script("measuring"), script("entries")

    class Recording:
        def finish(self, *_: object) -> None:
            raise entries.HistoryError("speed.json:7: no JSON")

    arguments = argparse.Namespace(json=None, record=Recording(), quick=False)
    with pytest.raises(SystemExit, match=r"^not recorded: speed\.json:7: no JSON$"):
        measuring.report({"Speed": [{"seconds": 0.5}]}, {"threads": 1}, arguments)
    assert "0.5" in capsys.readouterr().out


def test_entries_are_appended_a_line_each(recording: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "new" / "train.json"
    for number in range(3):
        recording.append_entry(path, entry(number))
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [lines[0], lines[-1], len(lines)] == ["[", "]", 5]
    assert json.loads(path.read_text(encoding="utf-8")) == [entry(0), entry(1), entry(2)]


def _append(folder: str, path: Path, number: int) -> None:
    sys.path.insert(0, folder)
    importlib.import_module("recording").append_entry(path, entry(number))


@pytest.mark.slow
def test_two_at_once_lose_nothing(recording: ModuleType, entries: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "train.json"
    folder = str(Path(present(recording.__file__)).parent)
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_append, args=(folder, path, number)) for number in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    assert sorted(one["date"] for one in entries.read_entries(path)) == [entry(n)["date"] for n in range(4)]


def test_whoever_waits_too_long_for_the_folder_is_told(
    recording: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(recording, "_WAIT", 0.0)
    with recording.locked_folder(tmp_path), pytest.raises(recording.HistoryError, match=r"has locked it$"):
        recording.append_entry(tmp_path / "train.json", entry())
    assert not list(tmp_path.iterdir())


def _with(**changed: Any) -> str:
    return json.dumps(entry(**changed))


GOOD = json.dumps(entry())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "1: expected [, found ''"),
        ("{}", "1: expected [, found '{}'"),
        ("[\n", "2: no JSON: Expecting value"),
        ("[\n{\n]", "3: no JSON: Expecting property name enclosed in double quotes"),
        (f"[\n{GOOD}\n<<<<<<< HEAD\n]", "3: expected , or ], found '<<<<<<< HEAD"),
        (f"[\n{GOOD},\n]", "3: no JSON: Expecting value"),
        (f"[\n{GOOD},\n7]", "3: expected an entry, found '7'"),
        (f"[\n{GOOD}\n]\n]", "4: expected the end of the file, found ']'"),
        (f"[\n{GOOD},\n{GOOD[:-1]}", "3: no JSON: Expecting ',' delimiter"),
        (f'[\n{GOOD[:-1]}, "quick": true}}]', "2: the name 'quick' comes twice in one object"),
        (f"[\n{_with(speed=math.nan)}]", "2: expected numbers, found NaN"),
        (f"[\n{GOOD.replace('100.0', '1e999')}]", "2: 'tables': expected rows by title, found"),
        (f"[\n{GOOD.replace('100.0', '1' + 400 * '0')}]", "2: 'tables': expected rows by title, found"),
        (f"[\n{'[' * 100_000}", "2: nested too deeply"),
        (f"[{_with(format=2)}]", "1: 'format': expected the format 1, found '2'"),
        (f"[{_with(commit='main')}]", "1: 'commit': expected a commit, 40 hexadecimal digits, found 'main'"),
        (f"[{_with(date='2026-12-01')}]", "1: 'date': expected a date with its time and zone"),
        (f"[{_with(dirty=1)}]", "1: 'dirty': expected whether the tree was changed, found '1'"),
        (f"[{_with(machine={})}]", "1: 'machine': expected processor, cores and instructions"),
        (f"[{_with(others=-1)}]", "1: 'others': expected the cores that other programs took, or null"),
        (f"[{_with(versions={'torch': 2})}]", "1: 'versions': expected a version or null by package"),
        (f"[{_with(tables=[])}]", "1: 'tables': expected rows by title, found '[]'"),
        (f"[{_with(host='x')}]", "1: unknown: 'host'"),
    ],
)
def test_a_damaged_file_is_named_with_its_line_and_stays_as_it_is(
    recording: ModuleType, tmp_path: Path, content: str, message: str
) -> None:
    path = tmp_path / "train.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(recording.HistoryError) as caught:
        recording.append_entry(path, entry())
    assert str(caught.value).startswith(f"{path}:{message}")
    assert path.read_text(encoding="utf-8") == content
    assert [one.name for one in tmp_path.iterdir()] == ["train.json"]


def test_bytes_that_are_no_text_and_folders_are_errors(entries: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "train.json"
    path.write_bytes(b"[\n\xff]")
    with pytest.raises(entries.HistoryError, match=r"train\.json:2: expected UTF-8, found the byte 0xff$"):
        entries.read_entries(path)
    with pytest.raises(entries.HistoryError, match=r"cannot be read: Is a directory$"):
        entries.read_entries(tmp_path)


def test_shows_the_last_runs_beside_each_other(show: Callable[..., list[str]]) -> None:
    runs = [entry(2, 150.5), entry(0, 90.5), entry(1, 100.5, dirty=True, others=None)]
    assert show(runs, "--last", "2") == [
        "",
        "train: Speed",
        "  Some CPU, 2 cores, avx2; threads 1",
        "  figure                   2026-12-02 10:00 0000001+ ?  2026-12-03 10:00 0000002  last / before",
        "  ours: tokens per second                          100                       150            1.5",
        "  peer: tokens per second                         25.1                      37.6            1.5",
    ]


def test_busy_runs_are_marked_and_compared_with_nothing(show: Callable[..., list[str]]) -> None:
    *_, ours, _ = show([entry(0, 100.5), entry(1, 50.5, others=0.5), entry(2, 201.0)])
    assert ours.split() == ["ours:", "tokens", "per", "second", "100", "50.5", "201", "2"]
    heading = show([entry(0), entry(1, others=0.5)])[3]
    assert "0000000  2026-12-02 10:00 0000001 busy" in heading


def test_runs_are_in_the_order_of_time_whatever_the_zone(history: ModuleType) -> None:
    dates = ["2026-12-01T05:00:00+00:00", "2026-12-01T10:00:00+09:00"]
    (trend,) = history.trends([entry(date=date) for date in dates])
    assert [run["date"] for run in trend.runs] == dates[::-1]


def test_other_machines_conditions_and_quick_runs_are_apart(history: ModuleType) -> None:
    other = {"processor": "Some CPU", "cores": 2, "instructions": ["avx2", "avx512f"]}
    runs = [
        entry(0),
        entry(1, machine=other),
        entry(2, quick=True),
        entry(3, conditions={"threads": 2, "rounds": 3}),
        entry(4, conditions={"threads": 1, "rounds": 9}),
        entry(5, tables={"Another size": [{"candidate": "ours", "tokens per second": 7.5}]}),
    ]
    found = history.trends(runs)
    assert [[run["date"][9] for run in trend.runs] for trend in found] == [
        ["1", "5"],
        ["2"],
        ["3"],
        ["4"],
        ["6"],
    ]
    assert found[2].conditions == "quick, threads 1"


def test_rows_that_come_and_go_leave_gaps(history: ModuleType) -> None:
    fewer, more = entry(1), entry(2)
    del fewer["tables"]["Speed"][1]
    more["tables"]["Speed"].append({"candidate": "third", "tokens per second": 3.5})
    (trend,) = history.trends([entry(0), fewer, more])
    assert trend.figures["peer", "tokens per second"] == [25, None, 25]
    assert trend.figures["third", "tokens per second"] == [None, None, 3.5]


def test_rows_are_told_apart_by_a_number_where_texts_do_not(history: ModuleType) -> None:
    rows = [{"program": "tag", "MB": 1, "MiB": 9.5}, {"program": "tag", "MB": 2}, {"program": "x", "MB": 1}]
    assert history.row_labels(rows) == ["tag, MB 1", "tag, MB 2", "x"]
    assert history.row_labels([{"n": 3}, {"n": 3}]) == ["n 3", "n 3 #2"]


def test_runs_of_the_same_minute_are_told_apart(history: ModuleType) -> None:
    assert history.run_names([entry(), entry()]) == [
        "2026-12-01 10:00 0000000",
        "2026-12-01 10:00 0000000 #2",
    ]


def test_the_page_draws_idle_runs_and_tells_of_busy_ones(
    show: Callable[..., list[str]], tmp_path: Path
) -> None:
    page = tmp_path / "history.html"
    hostile = copy.deepcopy(entry(3))
    hostile["tables"]["Speed"][0]["candidate"] = "<script>alert(1)</script>\x1b[2J"
    printed = show([entry(0), entry(1, others=1.0), entry(2, 120.5), hostile], "--html", str(page))
    html = page.read_text(encoding="utf-8")
    (picture,) = html.split('class="chart"')[1:]
    assert "0000000" in picture
    assert "0000001" not in picture.split("</svg>")[0]
    assert "0000002" in picture.split("</svg>")[0]
    assert "Busy, and in the table alone: 1 of 4 runs." in html
    assert "prefers-color-scheme: dark" in html
    assert "<script>alert" not in html
    assert "\x1b" not in html + "".join(printed)


def test_what_cannot_be_shown_is_an_error_that_names_it(
    show: Callable[..., list[str]], history: ModuleType, tmp_path: Path
) -> None:
    with pytest.raises(
        SystemExit, match=r"^history\.py: error: tag: nothing of it is recorded; pass --record"
    ):
        show([entry()], "tag")
    with pytest.raises(SystemExit, match=r"train\.json:1: 'quick': expected whether it was a quick run"):
        show([entry(quick="no")])
    with pytest.raises(SystemExit, match=r"expected the name of a file to write, found a directory$"):
        show([entry()], "--html", str(tmp_path))


def test_the_recorded_figures_can_be_read(history: ModuleType, entries: ModuleType) -> None:
    for path in history.FOLDER.glob("*.json"):
        assert history.trends(entries.read_entries(path))


def test_other_programs_are_what_this_one_is_not(
    script: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    hardware = script("hardware")
    taken = iter([100.0, 101.0])
    clock = iter([10.0, 12.0])
    monkeypatch.setattr(hardware.OtherPrograms, "_taken", lambda _: next(taken))
    monkeypatch.setattr(hardware.time, "monotonic", lambda: next(clock))
    assert hardware.OtherPrograms().cores() == 0.5
    monkeypatch.undo()
    monkeypatch.setattr(hardware.OtherPrograms, "_taken", lambda _: None)
    assert hardware.OtherPrograms().cores() is None


def test_the_work_of_this_process_is_that_of_no_other(script: Callable[[str], ModuleType]) -> None:
    others = script("hardware").OtherPrograms()
    end = time.process_time() + 0.5
    while time.process_time() < end:
        pass
    cores = others.cores()
    assert cores is None or cores >= 0
