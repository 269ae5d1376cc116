import random

import numpy as np
import pytest

from tagger.errors import DataError
from tagger.evaluation.characters import word_alignment
from tagger.evaluation.characters.word_alignment import Ranges, Words, align_words, common_words, same_ranges


def words(*tokens: str) -> Words:
    """Return the words of tokens, "du de le" being the token du with the words de and le."""
    ranges, forms, is_part = [], [], []
    place = 0
    for token in tokens:
        form, *parts = token.split(" ")
        ranges += [(place, place + len(form))] * (len(parts) or 1)
        forms += parts or [form]
        is_part += [bool(parts)] * (len(parts) or 1)
        place += len(form)
    columns = np.array(ranges).reshape(-1, 2)
    return Words(Ranges(columns[:, 0], columns[:, 1]), forms, np.array(is_part, dtype=np.bool_))


def aligned(gold: list[str], system: list[str]) -> list[tuple[int, int]]:
    left, right = align_words(words(*gold), words(*system))
    return list(zip(left.tolist(), right.tolist(), strict=True))


# The cases of the scorer's own tests (TestAlignment of conll18_ud_eval.py), and how many words are aligned there.
@pytest.mark.parametrize(
    ("gold", "system", "count"),
    [
        (["a"], ["a"], 1),
        (["a", "b", "c"], ["a", "b", "c"], 3),
        (["abc a b c"], ["a", "b", "c"], 3),
        (["a", "bc b c", "d"], ["a", "b", "c", "d"], 4),
        (["abcd a b c d"], ["ab a b", "cd c d"], 4),
        (["abc a b c", "de d e"], ["a", "bcd b c d", "e"], 5),
        (["abcd"], ["a", "b", "c", "d"], 0),
        (["abc", "d"], ["a", "b", "c", "d"], 1),
        (["a", "bc", "d"], ["a", "b", "c", "d"], 2),
        (["a", "bc b c", "d"], ["a", "b", "cd"], 2),
        (["abc a BX c", "def d EX f"], ["ab a b", "cd c d", "ef e f"], 4),
        (["ab a b", "cd bc d"], ["a", "bc", "d"], 2),
        (["a", "bc b c", "d"], ["ab AX BX", "cd CX a"], 1),
    ],
)
def test_as_many_words_are_aligned_as_in_the_tests_of_the_scorer(gold, system, count):
    assert len(aligned(gold, system)) == count


def test_words_of_multiword_tokens_are_aligned_by_their_forms_capitals_or_not():
    assert aligned(["Du De le", "pain"], ["du", "pain"]) == [(2, 1)]
    assert aligned(["Du De le", "pain"], ["du de la le", "pain"]) == [(0, 0), (1, 2), (2, 3)]


# What udeval 0.2.9 counts: its walk takes in more than the words within the multiword tokens, which is all that its
# description speaks of, and not the same if the sides change places.
@pytest.mark.parametrize(
    ("gold", "system", "expected"),
    [
        (["abc", "be b e"], ["a", "b", "c", "be"], [(1, 1)]),
        (["aa"], ["a ab Aa", "a"], [(0, 1)]),
        (["a ab Aa", "a"], ["aa"], []),
    ],
)
def test_a_region_begins_and_ends_where_the_code_of_the_scorer_has_it(gold, system, expected):
    assert aligned(gold, system) == expected


def test_without_multiword_tokens_words_are_the_same_where_their_ranges_are():
    rng = random.Random(1)
    for _ in range(300):
        sides: tuple[list[str], list[str]] = ([], [])
        for side in sides:
            while sum(map(len, side)) < 12:
                side.append("x" * min(rng.choice([1, 1, 2, 3]), 12 - sum(map(len, side))))
        ranges = [list(zip(*(column.tolist() for column in _columns(side)), strict=True)) for side in sides]
        expected = [(i, ranges[1].index(one)) for i, one in enumerate(ranges[0]) if one in ranges[1]]
        assert aligned(*sides) == expected


def _columns(side: list[str]):
    ranges = words(*side).ranges
    return ranges.starts, ranges.ends


def scorers_pairs(left: list[str], right: list[str]) -> list[tuple[int, int]]:
    """Return what the loops of the scorer align, with its whole table."""
    table = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i in reversed(range(len(left))):
        for j in reversed(range(len(right))):
            same = left[i].lower() == right[j].lower()
            table[i][j] = max(table[i + 1][j], table[i][j + 1], table[i + 1][j + 1] + 1 if same else 0)
    pairs, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        if left[i].lower() == right[j].lower():
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif table[i][j] == table[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def test_of_several_longest_common_subsequences_the_scorers_is_taken():
    rng = random.Random(2)
    for _ in range(500):
        left, right = ([rng.choice("abAc") for _ in range(rng.randrange(9))] for _ in range(2))
        assert common_words(left, right) == scorers_pairs(left, right)


def test_ranges_without_a_character_are_the_same_one_after_another():
    left = Ranges(np.array([0, 2, 2, 2]), np.array([2, 2, 2, 5]))
    right = Ranges(np.array([0, 2, 2]), np.array([2, 2, 5]))
    assert same_ranges(left, right).tolist() == [0, 1, -1, 2]
    assert same_ranges(right, left).tolist() == [0, 1, 3]
    none = Ranges(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    assert (same_ranges(left, none).tolist(), same_ranges(none, left).tolist()) == ([-1] * 4, [])


def test_a_side_without_words_aligns_none():
    assert aligned([], ["a b c"]) == []
    assert aligned(["a b c"], []) == []
    assert aligned([], []) == []


def test_a_region_of_too_many_words_is_refused(monkeypatch):
    monkeypatch.setattr(word_alignment, "LONGEST_REGION", 3)
    assert len(aligned(["x a b c"], ["x"])) == 0
    with pytest.raises(DataError) as caught:
        aligned(["Y", "x a b c d"], ["Y", "x"])
    assert str(caught.value) == (
        "character 1: expected multiword tokens of at most 3 words where they overlap, found 4 gold words from 'a' on"
    )


def test_a_long_region_is_aligned():
    left = [str(number) for number in range(3000)]
    assert common_words(left, ["x", *left[::-1]]) == [(2999, 1)]
    assert common_words(["y", *left], ["x", *left]) == [(i + 1, i + 1) for i in range(3000)]
