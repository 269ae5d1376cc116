import random
import sys

import pytest

GOLD = "1-2\tdu\t_\t_\t_\t_\t_\t_\t_\t_\n" + "".join(
    f"{number}\t{form}\t_\tX\t_\t_\t0\t_\t_\t_\n" for number, form in ((1, "de"), (2, "le"))
)


@pytest.fixture(scope="module")
def benchmark(script):
    return script("shared_task_scores")


def test_our_figures_of_a_treebank_against_itself(benchmark):
    rows = benchmark.ours(GOLD + "\n", GOLD + "\n")
    assert [row[4:] for row in rows] == [(1, 1, 1, None), (1, 1, 1, None), (2, 2, 2, None), (2, 2, 2, 2)]


def test_random_treebanks_are_of_one_text(benchmark):
    rng = random.Random(0)
    for _ in range(50):
        treebanks = [benchmark.random_treebank("abABabABab", rng) for _ in range(2)]
        rows = benchmark.ours(*treebanks)
        assert rows[0][4] + rows[0][5] > 0
        assert all(row[6] <= min(row[4], row[5]) for row in rows)


def test_a_difference_ends_with_status_1(benchmark, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["shared_task_scores.py", "--cases", "3"])
    monkeypatch.setattr(benchmark, "theirs", benchmark.ours)
    assert benchmark.main() == 0
    assert capsys.readouterr().out == "3 pairs of treebanks: every count and score is the same\n"
    monkeypatch.setattr(benchmark, "theirs", lambda gold, system: [])
    assert benchmark.main() == 1
