"""Columns of Arrow in Python, against what pyarrow itself makes of them."""

import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.formats_extra.arrow_lists import to_python


def lists(items):
    return st.lists(st.none() | st.lists(items, max_size=4), max_size=6)


@settings(deadline=None)
@given(
    st.one_of(
        st.tuples(lists(st.text(max_size=2) | st.none()), st.just(pyarrow.string())),
        st.tuples(lists(st.sampled_from(["a", "b"])), st.just(pyarrow.large_string())),
        st.tuples(lists(st.integers(-1, 300) | st.none()), st.just(pyarrow.int64())),
        st.tuples(lists(st.integers(0, 2**64 - 1)), st.just(pyarrow.uint64())),
        st.tuples(lists(st.floats(0, 1)), st.just(pyarrow.float64())),
    ),
    st.sampled_from([pyarrow.list_, pyarrow.large_list]),
    st.integers(0, 6),
)
def test_values_are_those_of_pyarrow_in_one_piece_a_slice_or_several(data, list_of, cut):
    values, type_ = data
    array = pyarrow.array(values, list_of(type_))
    assert to_python(array) == values
    assert to_python(array[cut:]) == values[cut:]
    assert to_python(pyarrow.chunked_array([array[:cut], array[cut:]])) == values


@pytest.mark.parametrize(
    "values",
    [["a", None], [[["a"]], []], [{"a": 1}], [1, 2]],
    ids=["strings", "lists of lists", "objects", "integers"],
)
def test_other_columns_are_read_as_they_are(values):
    assert to_python(pyarrow.array(values)) == values


def test_a_list_that_is_null_hides_what_lies_below_it():
    items = pyarrow.array(["a", "hidden", "b"])
    array = pyarrow.ListArray.from_arrays([0, 1, 2, 3], items, mask=pyarrow.array([False, True, False]))
    assert to_python(array) == [["a"], None, ["b"]]


def test_equal_words_are_one_string_across_pieces_and_columns():
    words: dict[str, str] = {}
    column = pyarrow.chunked_array([[["Os" + "lo", "is"]], [["Oslo"]]])
    (first, _), (second,) = to_python(column, words)
    assert first is second
    assert to_python(pyarrow.array([["Oslo", "new"]]), words)[0][0] is first
    assert set(words) == {"Oslo", "is", "new"}


def test_what_is_not_in_utf8_is_refused():
    broken = pyarrow.array([[b"\xff"]]).cast(pyarrow.list_(pyarrow.binary()))
    items = pyarrow.Array.from_buffers(pyarrow.string(), 1, broken.values.buffers())
    with pytest.raises(UnicodeDecodeError):
        to_python(pyarrow.ListArray.from_arrays([0, 1], items))
