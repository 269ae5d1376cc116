"""recipes/curve_report.py: which sizes are predicted."""

from __future__ import annotations

import sys

import pytest
from tiny_runs import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "recipes"))  # programs, not a package

from curve_report import CurveReport, Run


@pytest.mark.parametrize(
    ("whole", "predicted"),
    [(1000, [1000]), (1004, [1004]), (800, [800, 1000]), (1100, [1000, 1100]), (500, [1000])],
)
def test_the_whole_stands_for_twice_the_data_where_it_nearly_is(whole, predicted):
    runs = [
        Run(size / 1000, seed, {"sentences": {"train": size}, "dev": {"value": 1 - size**-0.5 + seed / 1000}})
        for size in (125, 250, 500)
        for seed in (1, 2, 3)
    ]
    report = CurveReport(runs, metric="f1", whole=whole)
    assert [round(each.size) for each in report.predictions] == predicted
