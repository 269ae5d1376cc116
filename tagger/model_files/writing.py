"""Writing of model folders: checks of weights, files with checksums, folders that may be replaced."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tagger.errors import ModelError
from tagger.model_files.names import CONFIG, FILES, FORMAT_OF_ONE, MOST_BYTES, VOCABULARY


def check_weights(weights: Mapping[str, NDArray[Any]]) -> None:
    """Raise an error for weights that could not be read again.

    Raises:
        ModelError: if one is not in single precision, or not finite; names it.
    """
    for name, array in weights.items():
        if array.dtype != np.float32:
            raise ModelError(
                f"expected weights in single precision, as format {FORMAT_OF_ONE} has them, found {name!r} in "
                f"{array.dtype}. Convert them to float32 first."
            )
        if not np.isfinite(array).all():
            raise ModelError(
                f"expected finite weights, found NaN or infinity in {name!r}. Train the model again."
            )


def contiguous(weights: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return the weights as contiguous arrays: safetensors silently writes wrong values for others."""
    return {name: np.ascontiguousarray(array) for name, array in weights.items()}


def write_file(path: Path, pieces: Iterable[bytes | memoryview]) -> str:
    """Write a file, sync it to disk, and return its checksum.

    Raises:
        ModelError: it is too large to be read again.
    """
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
        if file.tell() > MOST_BYTES.get(path.name, file.tell()):
            raise ModelError(f"{path.name}: a model of {file.tell():,} bytes cannot be read again: too large")
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def check_replaceable(folder: Path) -> None:
    """Raise an error unless a folder is absent, empty, or contains a model and nothing else.

    Raises:
        ModelError: names the obstacle.
        OSError: if the folder cannot be read.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ModelError(f"{folder}: exists and is no folder, so it is not replaced. Choose another path.")
    found = {path.name for path in folder.iterdir()}
    strangers = sorted(found - FILES)
    if strangers:
        raise ModelError(
            f"{folder}: holds {strangers[0]!r}, which is no part of a model, so it is not replaced. "
            f"Choose another path, or move it away."
        )
    if found and not {CONFIG, VOCABULARY} <= found:
        raise ModelError(
            f"{folder}: exists and is not a model folder, so it is not replaced. Choose another path."
        )
