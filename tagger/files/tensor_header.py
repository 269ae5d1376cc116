"""The header of a safetensors file, checked against the size of its data.

Format (https://github.com/huggingface/safetensors#format): the length of the header in 8 bytes; the header, a JSON
object with the dtype, shape and byte range of every tensor; the data, in which the tensors leave no gaps.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, BinaryIO, Final, NamedTuple

from tagger.files.strict_json import parse_json

_BYTES_OF: Final = {
    **{"BOOL": 1, "U8": 1, "I8": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2},
    **{"U32": 4, "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8, "C64": 8},
}
_LONGEST: Final = 2**20  # a network of 100 layers has some 2000 tensors, which take 250 KB
_MOST_SIZES: Final = 8  # no tensor of ours has more than three dimensions
_METADATA: Final = "__metadata__"


class StoredTensor(NamedTuple):
    """The header entry of a tensor.

    Attributes:
        dtype: its type as spelled by the format, such as ``F32``.
        shape: its shape.
        start: the offset of its first byte in the file.
        num_bytes: the size of its data.
    """

    dtype: str
    shape: tuple[int, ...]
    start: int
    num_bytes: int


class TensorHeader(NamedTuple):
    """A parsed header.

    Attributes:
        tensors: the entries by name, in the order of their data.
        metadata: the metadata of the file.
        data: the bytes of the header, with its length prefix.
    """

    tensors: Mapping[str, StoredTensor]
    metadata: Mapping[str, str]
    data: bytes


def read_tensor_header(file: BinaryIO, size: int) -> TensorHeader:
    """Read the header of a safetensors file, up to the first byte of the data.

    Args:
        file: an open file at its beginning.
        size: the size of the whole file, in bytes.

    Raises:
        ValueError: there is no header, or it does not account for every byte of the data.
    """
    prefix = file.read(8)
    length = int.from_bytes(prefix, "little")
    if len(prefix) < 8 or length > size - 8:
        raise ValueError("a header that is cut off")
    if length > _LONGEST:
        raise ValueError(f"a header of {length:,} bytes, more than {_LONGEST:,}")
    text = file.read(length)
    entries = parse_json(text)
    if not isinstance(entries, dict):
        raise ValueError("a header that is not a JSON object")
    metadata = entries.pop(_METADATA, {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise ValueError("metadata that are not strings")
    tensors = {name: _tensor(name, entry, 8 + length) for name, entry in entries.items()}
    in_order = sorted(tensors.items(), key=lambda item: (item[1].start, item[1].num_bytes))
    end = 8 + length
    for name, tensor in in_order:
        if tensor.start != end:
            raise ValueError(f"tensor {name!r} {'after a gap' if tensor.start > end else 'over another one'}")
        end += tensor.num_bytes
    if end != size:
        raise ValueError(f"a file of {size:,} bytes where the header describes {end:,}")
    return TensorHeader(dict(in_order), metadata, prefix + text)


def _tensor(name: str, entry: Any, data_start: int) -> StoredTensor:
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise ValueError(f"tensor {name!r} without a type, a shape and a place")
    dtype, shape, place = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in _BYTES_OF:
        raise ValueError(f"tensor {name!r} of the unknown type {dtype!r}")
    for numbers in (shape, place):
        if (
            not isinstance(numbers, list)
            or len(numbers) > _MOST_SIZES
            or not all(type(n) is int and 0 <= n < 2**63 for n in numbers)
        ):
            raise ValueError(f"tensor {name!r} with {numbers!r} for sizes")
    num_bytes = math.prod(shape) * _BYTES_OF[dtype]
    if len(place) != 2 or place[1] - place[0] != num_bytes:
        raise ValueError(f"tensor {name!r} of the shape {tuple(shape)} in the place {place!r}")
    return StoredTensor(dtype, tuple(shape), data_start + place[0], num_bytes)
