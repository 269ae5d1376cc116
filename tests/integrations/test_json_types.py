"""Types for values of JSON: they hold them exactly, and do not depend on how rows are cut into shares."""

import random
from functools import reduce
from typing import Any

import pytest

pyarrow = pytest.importorskip("pyarrow")

from tagger.integrations.json_types import final_type, type_of_values, united_type  # noqa: E402

LARGE = 2**60 + 1  # no double is this number
NESTED: list[Any] = [1]
for _ in range(40):
    NESTED = [NESTED]


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ([], "null"),
        ([None, None], "null"),
        ([True, None], "bool"),
        ([1, LARGE], "int64"),
        ([1, 2.5], "double"),
        ([LARGE, 2.5], "string"),
        ([[LARGE], [2.5]], "string"),
        ([{"a": LARGE, "b": 2.5}], "struct<a: int64, b: double>"),
        ([1, 2**63], "string"),
        ([1e300, True, 3], "string"),
        ([True, 1], "string"),
        (["1", 1], "string"),
        ([[], ["a"]], "list<item: string>"),
        ([[], [None]], "list<item: null>"),
        ([["a"], [1]], "string"),
        ([{}, {"a": 1}, {"b": None}], "struct<a: int64, b: null>"),
        ([{}, {}], "string"),
        ([[{}]], "string"),
        ([{"a": 1}, [1]], "string"),
        (NESTED, "string"),
    ],
)
def test_values_have_the_narrowest_type_that_holds_them_all_in_one_share_and_in_many(values, name):
    assert str(final_type(type_of_values(values))) == name
    of_shares = [type_of_values([value]) for value in values]
    for types in (of_shares, of_shares[::-1]):
        united = final_type(reduce(united_type, types, pyarrow.null()))
        if pyarrow.types.is_struct(united):
            assert {str(field) for field in united} == {
                str(field) for field in final_type(type_of_values(values))
            }
        else:
            assert str(united) == name


def draw(chance, depth=0):
    kind = chance.randrange(8 if depth < 2 else 6)
    if kind == 6:
        return [draw(chance, depth + 1) for _ in range(chance.randint(0, 2))]
    if kind == 7:
        return {chance.choice("ab"): draw(chance, depth + 1) for _ in range(chance.randint(0, 2))}
    return [None, True, chance.choice([0, LARGE, -(2**63), 2**70]), 0.5, "a", 3][kind]


def test_random_values_are_held_exactly_however_they_are_cut():
    chance = random.Random(1)
    held = 0
    for _ in range(2000):
        values = [draw(chance) for _ in range(chance.randint(1, 3))]
        together = final_type(type_of_values(values))
        of_shares = (type_of_values([value]) for value in values)
        assert final_type(reduce(united_type, of_shares, pyarrow.null())) == together
        if together != pyarrow.string():
            held += 1
            back = pyarrow.array(values, together).to_pylist()
            assert all(is_same(one, other) for one, other in zip(values, back, strict=True))
    assert held > 500


def is_same(value, back):
    """Whether a value came back as it was; keys that it does not have are null, and whole numbers may be doubles."""
    if isinstance(value, dict):
        return all(is_same(value.get(key), back[key]) for key in back) and value.keys() <= back.keys()
    if isinstance(value, list):
        return len(value) == len(back) and all(map(is_same, value, back))
    return value == back and isinstance(value, bool) == isinstance(back, bool)
