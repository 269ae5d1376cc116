"""Cores that may be used: by where the process is bound to, and by how much time it is given."""

import os

import pytest

from tagger.options import cores, usable_cores


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        ("200000 100000", 2),
        ("150000 100000", 1),
        ("50000 100000", 1),
        ("800000 100000", 4),
        ("max 100000", 4),
        ("nonsense", 4),
        ("1 0", 4),
        (None, 4),
    ],
)
def test_cores_are_those_that_the_process_is_bound_to_and_has_time_for(
    monkeypatch, tmp_path, quota, expected
):
    limit = tmp_path / "cpu.max"
    if quota is not None:
        limit.write_text(quota + "\n")
    monkeypatch.setattr(cores, "_QUOTA", limit)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3}, raising=False)
    assert usable_cores() == expected
