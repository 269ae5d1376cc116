"""Every number is what Python's own reading of it gives, in single precision."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tagger.vectors.decimals import parse_decimals


def expected(fields):
    with np.errstate(over="ignore"):
        return np.array([float(field) for field in fields], dtype=np.float64).astype(np.float32)


def check(fields):
    values, valid = parse_decimals(" ".join(fields).encode())
    assert valid.all()
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values, expected(fields))
    np.testing.assert_array_equal(np.signbit(values), np.signbit(expected(fields)))


@pytest.mark.parametrize(
    "field",
    ["0", "-0", "0.0", "-0.0", "5", "-7", "+1", "+1.5", "1.", "-.5", ".12345678", "0.123456789", "9.99999999",
     "12.5", "12345678.9", "123456789012345678901234567890.5", "0.00000000000000000000000000001", "1e5", "-2.5E-05",
     "1e400", "-1e400", "1e-400", "3.4028235e38", "3.5e38", "0.30000001192092896", "16777217", "0.1", "8.125"],
)  # fmt: skip
def test_ways_to_write_a_number(field):
    check([field])
    check(["1.5", field, "-2.25"])


@pytest.mark.parametrize("field", ["nan", "NaN", "-nan", "inf", "-Infinity"])
def test_nan_and_infinity_are_numbers(field):
    values, valid = parse_decimals(f"0.5 {field}".encode())
    assert valid.all()
    assert not np.isfinite(values[1])


@pytest.mark.parametrize(
    "field",
    ["x", "-", "+", ".", "-.", "e5", "1e", "1.2.3", "0.1-0.2", "1_0", "0,5", "0x10", "1.5f", "--1", "-+1", "/.5",
     ":.5", "0./", "0.:", "0.1\t", "\xa0", "٣", "1.12345678x", "0.0\x00", "1\x850", "0.1\xb12"],
)  # fmt: skip
def test_what_is_no_number_is_said_to_be_none(field):
    values, valid = parse_decimals(f"1.5 {field} -2.5".encode())
    assert valid.tolist() == [True, False, True]
    assert values.tolist() == [1.5, 0.0, -2.5]


def test_an_empty_field_is_no_number():
    assert parse_decimals(b"1.5  2.5")[1].tolist() == [True, False, True]
    assert parse_decimals(b"")[1].tolist() == [False]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=1), st.integers(0, 12))
def test_all_floats_in_common_notations(floats, decimals):
    check([f"{value:.{decimals}f}" for value in floats])
    check([f"{value:.5g}" for value in floats])
    check([repr(value) for value in floats])


def test_usual_numbers_are_correctly_rounded():
    generator = np.random.default_rng(0)
    digits = generator.integers(1, 9, size=20_000)
    check([f"{value:.{n}f}" for value, n in zip(generator.normal(0, 2, 20_000), digits, strict=True)])


def python_reads(field: bytes) -> bool:
    """Whether Python reads the field as a number, apart from the white space and underscores that it lets pass."""
    try:
        text = field.decode("ascii")
        float(text)
    except ValueError:
        return False
    return not any(character.isspace() or character == "_" for character in text)


@given(st.binary(max_size=30).filter(lambda field: b" " not in field))
@example(b"\x0b0")
@example(b"1_0")
@example(b"-.5E+3")
def test_any_bytes_are_a_number_exactly_where_python_reads_one(field):
    values, valid = parse_decimals(b"0.5 " + field + b" -1.25")
    assert valid.tolist() == [True, python_reads(field), True]
    assert (values[0], values[2]) == (0.5, -1.25)
    if valid[1]:
        np.testing.assert_array_equal(values[1], expected([field.decode("ascii")])[0])
