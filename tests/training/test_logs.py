"""The CSV log of a run: each value under its name, whatever interrupts the run."""

from __future__ import annotations

import csv
import os

import pytest

from tagger.training import logs
from tagger.training.config import RunConfig
from tagger.training.logs import CSVLog, continue_logs
from tagger.training.run_folder import RunFolder


@pytest.fixture
def folder(tmp_path):
    folder = RunFolder(tmp_path / "run")
    folder.open(RunConfig(str(folder.path)))
    return folder


def rows_of(folder):
    with (folder.logs / "metrics.csv").open(newline="", encoding="utf-8") as file:
        return [{name: value for name, value in row.items() if value} for row in csv.DictReader(file)]


def test_rows_are_there_as_soon_as_they_are_logged_and_columns_are_sorted(folder):
    log = CSVLog(folder)
    log.log_metrics({"b": 1.5}, 0)
    assert rows_of(folder) == [{"b": "1.5", "step": "0"}]
    log.log_metrics({"a": 2.0}, 1)
    log.log_metrics({"b": 0.25}, 2)
    text = (folder.logs / "metrics.csv").read_bytes()
    assert text == b"a,b,step\r\n,1.5,0\r\n2.0,,1\r\n,0.25,2\r\n"
    log.finalize("success")
    assert (folder.logs / "metrics.csv").read_bytes() == text


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("row", [{"b": 2.0}, {"a": 2.0, "c": 3.0}], ids=["known column", "new columns"])
def test_an_interrupt_at_any_write_misplaces_no_value(folder, monkeypatch, place, row):
    log = CSVLog(folder)
    log.log_metrics({"b": 1.0}, 0)
    original = os.replace if "c" in row else None
    written = logs._lines

    def interrupt(*arguments):
        monkeypatch.undo()
        if place == "after" and original is not None:
            original(*arguments)
        raise KeyboardInterrupt

    if original is not None:
        monkeypatch.setattr("pathlib.os.replace", interrupt)
    else:
        monkeypatch.setattr(logs, "_lines", interrupt)
    with pytest.raises(KeyboardInterrupt):
        log.log_metrics(row, 1)
    assert logs._lines is written
    log.log_metrics({"b": 4.0, "d": 5.0}, 2)
    log.finalize("failed")
    assert rows_of(folder) == [
        {"b": "1.0", "step": "0"},
        {**{name: str(value) for name, value in row.items()}, "step": "1"},
        {"b": "4.0", "d": "5.0", "step": "2"},
    ]


def test_a_resumed_log_keeps_what_was_before_the_checkpoint(folder):
    log = CSVLog(folder)
    for step in range(4):
        log.log_metrics({"loss": float(step)}, step)
    resumed = CSVLog(folder)
    continue_logs([resumed], steps=2)
    resumed.log_metrics({"loss": 9.0}, 2)
    assert [row["loss"] for row in rows_of(folder)] == ["0.0", "1.0", "9.0"]


def test_rows_that_cannot_be_read_are_left_out_and_told(folder, caplog):
    path = folder.logs / "metrics.csv"
    path.write_text("loss,step\n1.0,0\n0,17.76\n2.0,1,5\n3.", encoding="utf-8")
    log = CSVLog(folder)
    log.go_on(steps=5)
    assert caplog.messages == [f"{path}: 2 rows cannot be read and are left out"]
    assert rows_of(folder) == [{"loss": "1.0", "step": "0"}, {"loss": "2.0", "step": "1"}]


def test_a_resumed_run_without_a_log_begins_one(folder):
    log = CSVLog(folder)
    log.go_on(steps=5)
    log.log_metrics({"loss": 1.0}, 5)
    assert rows_of(folder) == [{"loss": "1.0", "step": "5"}]
