"""``tagger compare``: the program around the comparison of runs."""

from __future__ import annotations

import json

import pytest
from run_folders import write_run

from tagger.cli import main


@pytest.fixture
def runs(tmp_path):
    for seed in (1, 2):
        write_run(tmp_path / "runs" / "a" / f"seed_{seed}", seed=seed, dev=0.5 + seed / 100)
        write_run(tmp_path / "runs" / "b" / f"seed_{seed}", seed=seed, dev=0.6, options={"epochs": 20})
    return tmp_path / "runs"


def fails(capsys, *arguments):
    status = main(["compare", *map(str, arguments)])
    out, err = capsys.readouterr()
    assert out == ""
    return status, err.removeprefix("tagger: error: ").strip()


def test_the_report_is_for_people(runs, capsys):
    assert main(["compare", str(runs)]) == 0
    out = capsys.readouterr().out
    assert "dev    A                 2  51.50  45.15  57.85       0.71" in out
    assert "Options that differ\nname    A   B\nepochs  14  20" in out
    assert "B - A" in out


def test_json_csv_and_the_page_go_where_they_are_sent(runs, tmp_path, capsys):
    page, report = tmp_path / "page.html", tmp_path / "report.json"
    assert main(["compare", str(runs), "--json", "-o", str(report), "--html", str(page)]) == 0
    assert json.loads(report.read_text())["metric"] == "f1"
    assert page.read_text().startswith("<!doctype html>")
    assert capsys.readouterr().out == ""
    assert main(["compare", str(runs), "--csv"]) == 0
    assert capsys.readouterr().out.startswith("table,row,column,value\nruns,")


def test_wrong_usage_is_told_in_a_line(runs, tmp_path, capsys):
    assert fails(capsys, runs, "--json", "--csv") == (2, "--csv has no effect with --json")
    status, line = fails(capsys, runs, "--html", tmp_path / "x", "-o", tmp_path / "x")
    assert status == 2
    assert line.startswith("expected two places for page and report")
    status, line = fails(capsys, tmp_path / "nowhere")
    assert (status, line) == (2, f"{tmp_path / 'nowhere'}: expected the folder of a run, found nothing")


def test_nothing_is_written_where_runs_cannot_be_compared(runs, tmp_path, capsys):
    write_run(runs / "c", metrics={"metric": "accuracy"})
    status, line = fails(capsys, runs, "-o", tmp_path / "report")
    assert status == 2
    assert line.startswith("runs of different tasks cannot be compared")
    assert not (tmp_path / "report").exists()
