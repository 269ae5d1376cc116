"""Read safetensors files as arrays: names, types and shapes are checked before memory is allocated, values after."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from tagger.errors import ModelError
from tagger.files import StoredTensor, TensorHeader, read_tensor_header

_DTYPES: Final = {"F32": "<f4", "F16": "<f2", "I64": "<i8", "BOOL": "|u1"}
_PIECE: Final = 2**22


def read_arrays(
    path: Path,
    file: BinaryIO,
    size: int,
    expected: Mapping[str, tuple[int, ...] | None],
    known: Mapping[str, NDArray[np.bool_]],
    *,
    dtype: str,
    digest: Any,
) -> dict[str, NDArray[Any]]:
    """Return the expected tensors, each in its own memory.

    Args:
        path: of the file, for messages.
        file: at its beginning.
        size: of the file, in bytes.
        expected: the shape of each tensor; None for one dimension of any size.
        known: tensors that are allowed with these values.
        dtype: of the expected tensors, in safetensors' notation.
        digest: updated with all bytes of the file.

    Raises:
        ModelError: if there are other tensors, or non-finite values.
    """
    header = _header(path, file, size)
    _check_tensors(path, header, expected, known, dtype)
    digest.update(header.data)
    arrays: dict[str, NDArray[Any]] = {}
    for name, tensor in header.tensors.items():
        array = np.empty(tensor.shape, dtype=_DTYPES[tensor.dtype])
        if array.nbytes:
            data = array.reshape(-1).view(np.uint8)
            _fill(path, file, data)
            digest.update(data)
        if name in expected:
            arrays[name] = array
            _check_finite(path, name, array)
        elif not np.array_equal(array, known[name].view(np.uint8)):
            raise ModelError(f"{path}: tensor {name!r}: differs from what the labels and their scheme allow")
    return arrays


def scan_tensors(path: Path, file: BinaryIO, size: int, *, digest: Any) -> None:
    """Read and check all tensors once, piece by piece, without keeping them.

    Args:
        path: of the file, for messages.
        file: at its beginning.
        size: of the file, in bytes.
        digest: updated with all bytes of the file.

    Raises:
        ModelError: if there are non-finite values.
    """
    header = _header(path, file, size)
    digest.update(header.data)
    piece = np.empty(min(_PIECE, size), dtype=np.uint8)
    for name, tensor in header.tensors.items():
        for start in range(0, tensor.num_bytes, _PIECE):
            data = piece[: min(_PIECE, tensor.num_bytes - start)]
            _fill(path, file, data)
            digest.update(data)
            if tensor.dtype in ("F32", "F16"):
                _check_finite(path, name, data.view(_DTYPES[tensor.dtype]))


def _header(path: Path, file: BinaryIO, size: int) -> TensorHeader:
    try:
        return read_tensor_header(file, size)
    except ValueError as error:
        raise ModelError(f"{path}: expected a file of tensors (safetensors), found {error}") from error


def _check_tensors(
    path: Path,
    header: TensorHeader,
    expected: Mapping[str, tuple[int, ...] | None],
    known: Mapping[str, NDArray[np.bool_]],
    dtype: str,
) -> None:
    for name, shape in expected.items():
        if name not in header.tensors:
            raise ModelError(f"{path}: expected a tensor {name!r}, as configured, found none")
        _check_tensor(path, name, header.tensors[name], dtype, shape)
    for name, found in header.tensors.items():
        if name in known:
            _check_tensor(path, name, found, "BOOL", known[name].shape)
        elif name not in expected:
            raise ModelError(
                f"{path}: found a tensor {name!r}, which the configured architecture does not have"
            )


def _check_tensor(
    path: Path, name: str, found: StoredTensor, dtype: str, shape: tuple[int, ...] | None
) -> None:
    if found.dtype != dtype:
        raise ModelError(f"{path}: tensor {name!r}: expected the type {dtype}, found {found.dtype}")
    if found.shape != shape and (shape is not None or len(found.shape) != 1):
        wanted = f"the shape {shape}, as configured" if shape is not None else "one row"
        raise ModelError(f"{path}: tensor {name!r}: expected {wanted}, found the shape {found.shape}")


def _check_finite(path: Path, name: str, values: NDArray[Any]) -> None:
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise ModelError(f"{path}: tensor {name!r}: expected finite numbers, found NaN or infinity")


def _fill(path: Path, file: BinaryIO, data: NDArray[np.uint8]) -> None:
    """Fill an array with bytes from the file."""
    if file.readinto(memoryview(data)) < len(data):  # type: ignore[arg-type, attr-defined]
        raise ModelError(f"{path}: the file became shorter while it was read")
