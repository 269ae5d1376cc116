"""Tests of tagger/files/tensor_header.py: what a header must account for, one wrong entry at a time."""

import io
import json

import numpy as np
import pytest
from safetensors.numpy import save

from tagger.files.tensor_header import StoredTensor, read_tensor_header

ENTRY = {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}


def file_of(entries, *, num_bytes=24):
    text = json.dumps(entries).encode()
    return len(text).to_bytes(8, "little") + text + bytes(num_bytes)


def error_of(data):
    with pytest.raises(ValueError) as error:  # noqa: PT011 - callers compare the message
        read_tensor_header(io.BytesIO(data), len(data))
    return str(error.value)


def test_the_header_is_the_one_the_library_wrote():
    data = save({"a": np.zeros((2, 3), np.float32), "b": np.ones(4, np.int16)}, {"what": "a test"})
    header = read_tensor_header(io.BytesIO(data), len(data))
    start = len(header.data)
    assert data.startswith(header.data)
    assert header.metadata == {"what": "a test"}
    assert header.tensors == {
        "a": StoredTensor("F32", (2, 3), start, 24), "b": StoredTensor("I16", (4,), start + 24, 8)
    }  # fmt: skip


@pytest.mark.parametrize(
    "place", [[], [0], [0, 24, 24], [0, 20], [0, 28], [4, 24]], ids=lambda place: "-".join(map(str, place))
)
def test_a_place_is_two_offsets_as_far_apart_as_the_tensor_is_large(place):
    assert error_of(file_of({"a": {**ENTRY, "data_offsets": place}})) == (
        f"tensor 'a' of the shape (2, 3) in the place {place}"
    )


@pytest.mark.parametrize("wrong", [2**63, -1, 1.0, True, "2", None])
@pytest.mark.parametrize("field", ["shape", "data_offsets"])
def test_sizes_are_integers_of_63_bits(field, wrong):
    entry = {**ENTRY, field: [0, wrong]}
    assert error_of(file_of({"a": entry})) == f"tensor 'a' with {[0, wrong]!r} for sizes"


def test_the_data_have_no_gap_no_overlap_and_no_rest():
    one, other = {**ENTRY, "shape": [2], "data_offsets": [0, 8]}, {**ENTRY, "shape": [2]}
    both = {"a": one, "b": {**other, "data_offsets": [12, 20]}}
    assert error_of(file_of(both, num_bytes=20)) == "tensor 'b' after a gap"
    both["b"]["data_offsets"] = [4, 12]
    assert error_of(file_of(both, num_bytes=12)) == "tensor 'b' over another one"
    data = file_of({"a": ENTRY}, num_bytes=25)
    assert error_of(data) == f"a file of {len(data):,} bytes where the header describes {len(data) - 1:,}"


@pytest.mark.parametrize("length", [0, 7, 20])
def test_a_header_that_is_cut_off(length):
    assert error_of(file_of({"a": ENTRY})[:length]) == "a header that is cut off"


def test_metadata_are_strings():
    assert error_of(file_of({"__metadata__": {"what": 1}, "a": ENTRY})) == "metadata that are not strings"
    assert error_of(file_of([ENTRY])) == "a header that is not a JSON object"
