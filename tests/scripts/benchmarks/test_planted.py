"""Errors planted in labels, and how rankings that find them are scored."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from tagger import Example

TOKENS = tuple(f"w{place}" for place in range(8))
LABELS = ("B-PER", "I-PER", "O", "B-LOC", "O", "B-ORG", "I-ORG", "B-PER")


@pytest.fixture(scope="module")
def planted(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("planted")


@pytest.fixture(scope="module")
def benchmark(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("label_errors")


def corpus(count: int = 50) -> list[Example]:
    return [Example(TOKENS, LABELS)] * count


def spans(labels: tuple[str, ...]) -> set[tuple[str, int, int]]:
    found: list[tuple[str, int, int]] = []
    for place, label in enumerate(labels):
        if label.startswith("B-"):
            found.append((label[2:], place, place + 1))
        elif label.startswith("I-"):
            found[-1] = (found[-1][0], found[-1][1], place + 1)
    return set(found)


@pytest.mark.parametrize("seed", range(1, 6))
def test_the_records_are_just_what_was_changed(planted: ModuleType, seed: int) -> None:
    made, records = planted.plant(corpus(), 0.1, seed)
    assert len(records) == 20  # of 200 entities
    for number, example in enumerate(made):
        expected = spans(LABELS)
        for record in (each for each in records if each.sentence == number):
            expected.remove((record.label, record.start, record.end))
            if record.now is not None:
                expected.add(record.now)
        assert spans(example.labels) == expected
        assert example.tokens == TOKENS


def test_each_kind_does_what_it_says(planted: ModuleType) -> None:
    records = planted.plant(corpus(), 0.5, 1)[1]
    assert {record.kind for record in records} == set(planted.KINDS)
    for record in records:
        if record.kind == "missing":
            assert record.now is None
        elif record.kind == "type":
            assert record.now[1:] == (record.start, record.end)
            assert record.now[0] != record.label
        else:
            assert record.now[0] == record.label
            assert abs(record.now[1] - record.start) + abs(record.now[2] - record.end) == 1


def test_a_seed_draws_the_same_again(planted: ModuleType) -> None:
    assert planted.plant(corpus(), 0.1, 1) == planted.plant(corpus(), 0.1, 1)
    assert planted.plant(corpus(), 0.1, 1) != planted.plant(corpus(), 0.1, 2)


def test_what_a_seed_draws_stays_what_it_is(planted: ModuleType) -> None:
    records = planted.plant(corpus(4), 0.2, 1)[1]
    assert [(each.sentence, each.kind, each.start, each.now) for each in records] == DRAWN


DRAWN: list[Any] = [(1, "type", 0, ("ORG", 0, 2)), (2, "type", 3, ("PER", 3, 4)), (3, "missing", 3, None)]


def error(sentence: int, kind: str, start: int, end: int, now: Any = None) -> dict[str, Any]:
    return {"sentence": sentence, "kind": kind, "label": "X", "start": start, "end": end, "now": now}


ERRORS = [
    error(0, "type", 1, 3, ["Y", 1, 3]),
    error(0, "missing", 5, 6),
    error(2, "boundary", 4, 5, ["X", 3, 5]),
]


def test_an_error_is_met_by_one_token_and_counts_once(benchmark: ModuleType) -> None:
    ranking = [(0, 2, 4), (0, 1, 2), (1, 5, 6), (2, 3, 4), (0, 5, 6)]
    found = benchmark.count(ranking, ERRORS, 4)
    assert found.met == 2
    assert found.kinds == {"type": 1, "boundary": 1}
    assert found.hits == (True, False, False, True)


def test_a_place_meets_one_error_at_most(benchmark: ModuleType) -> None:
    assert benchmark.count([(0, 0, 8)], ERRORS).met == 1


def test_tokens_side_by_side_are_one_run_at_the_place_of_the_first(benchmark: ModuleType) -> None:
    tokens = [(0, 4), (1, 4), (0, 3), (0, 7), (0, 5)]
    assert benchmark.runs(tokens) == [(0, 3, 6), (1, 4, 5), (0, 7, 8)]
