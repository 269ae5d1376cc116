"""A model as bytes: the concatenated files of its folder, for storing a model inside something else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from tagger.errors import ModelError
from tagger.files import parse_json
from tagger.model_files import FILES
from tagger.model_parts import ModelParts
from tagger.storage import load_model, save_model

_FORMAT: Final = 1
_MOST_HEAD: Final = 4096
"""Maximum bytes of the first line, which usually has a few hundred."""


def model_to_bytes(parts: ModelParts) -> bytes:
    """Return a model as bytes: a line of JSON with the size of each file, then the files.

    Raises:
        ModelError: if the model cannot be written.
    """
    with TemporaryDirectory(prefix="tagger-") as temporary:
        folder = Path(temporary) / "model"
        save_model(parts, folder)
        contents = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    head = {"format": _FORMAT, "files": {name: len(data) for name, data in contents.items()}}
    return b"\n".join([json.dumps(head).encode("ascii"), b"".join(contents.values())])


def model_from_bytes(data: bytes) -> ModelParts:
    """Return the model in the result of :func:`model_to_bytes`.

    The bytes need not be trusted: they are checked like a model folder, and nothing in them is executed.

    Raises:
        ModelError: if they are not a model, are damaged, or have a newer format.
    """
    if not isinstance(data, bytes):
        raise ModelError(f"expected a model as bytes, found {type(data).__name__}")
    contents = _contents(data)
    with TemporaryDirectory(prefix="tagger-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        try:
            for name, content in contents.items():
                (folder / name).write_bytes(content)
            return load_model(folder)
        except OSError as error:
            raise ModelError(
                f"{folder}: a model cannot be unpacked here: {error.strerror or error}"
            ) from None
        except ModelError as error:
            reason = str(error).replace(f"{folder}/", "").replace(str(folder), "its files")
            raise ModelError(f"the bytes of a model: {reason}") from None


def _contents(data: bytes) -> dict[str, memoryview]:
    """Return the files by name."""
    end = data.find(b"\n", 0, _MOST_HEAD)
    try:
        head: Any = parse_json(data[: max(end, 0)])
    except ValueError:
        head = None
    if not isinstance(head, dict) or type(head.get("format")) is not int or head["format"] < 1:
        raise ModelError("expected the bytes of a model, found others")
    if head["format"] > _FORMAT:
        raise ModelError(
            f"the bytes of a model have the format {head['format']}; this version reads 1. Upgrade the package."
        )
    sizes: Any = head.get("files")
    if not _are_sizes(sizes) or sum(sizes.values()) != len(data) - end - 1:
        raise ModelError(
            "the bytes of a model are damaged: expected its files, of the sizes that they begin with"
        )
    contents, start = {}, end + 1
    for name, size in sizes.items():
        contents[name] = memoryview(data)[start : start + size]
        start += size
    return contents


def _are_sizes(sizes: Any) -> bool:
    return isinstance(sizes, Mapping) and all(
        name in FILES and type(size) is int and size >= 0 for name, size in sizes.items()
    )
