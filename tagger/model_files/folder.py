"""ModelFiles: the files of a model folder, opened together and read with checks.

Folders are untrusted. Nothing in them is executed, reading never blocks, and sizes stated in a file are compared with
its actual size before memory is allocated. A folder that is replaced by another process while it is read is read again.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from errno import ENOENT
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from tagger.errors import ModelError
from tagger.files import OpenFolder, previous_folder
from tagger.model_files.config import own_checksum, parse_config
from tagger.model_files.names import (
    CARD,
    CONFIG,
    MOST_BYTES,
    MOST_MEMBERS,
    NETWORK_FILES,
    VECTORS,
    WEIGHTS,
    of_member,
)
from tagger.model_files.tensors import read_arrays, scan_tensors
from tagger.vectors import VectorTable

_ATTEMPTS: Final = 20
_NO_FILE: Final = FileNotFoundError(ENOENT, os.strerror(ENOENT))
_LOG: Final = logging.getLogger(__name__)

T = TypeVar("T")


class ModelFiles:
    """The files of a model folder, all from the same version of it.

    Args:
        folder: the folder, held open.
        stack: exit stack that closes the files.

    Attributes:
        path: of the folder.
    """

    def __init__(self, folder: OpenFolder, stack: ExitStack) -> None:
        self.path: Final = folder.path
        self._files: dict[str, BinaryIO | OSError] = {}
        self._sums: Mapping[str, str] = {}
        # All at once: open files stay readable when the folder is replaced.
        for number in range(1, MOST_MEMBERS + 1):
            for name in (
                *([CONFIG, CARD] * (number == 1)),
                *(of_member(each, number) for each in NETWORK_FILES),
            ):
                try:
                    self._files[name] = stack.enter_context(folder.open(name, most_bytes=MOST_BYTES[name]))
                except OSError as error:
                    self._files[name] = error
            if isinstance(self._files[of_member(WEIGHTS, number)], FileNotFoundError):
                break  # each member has its own weights

    def read_config(self) -> tuple[dict[str, Any], str]:
        """Return the checked content of ``config.json``, and a digest of the file."""
        data = self._read(CONFIG)
        config = parse_config(self.path / CONFIG, data)
        self._sums = config["sha256"]
        if CONFIG in self._sums:  # optional in format 1
            self._compare(CONFIG, own_checksum(data, self._sums[CONFIG]))
        return config, hashlib.sha256(data).hexdigest()

    def check_used(self, used: set[str]) -> None:
        """Raise an error for checksums of files that the configured architecture does not use."""
        unused = sorted(self._sums.keys() - used - {CONFIG})
        if unused:
            raise ModelError(f"{self.path / CONFIG}: the configured architecture has no use for {unused[0]}")

    def read(self, name: str) -> bytes:
        """Return the bytes of a file, after comparing its checksum."""
        data = self._read(name)
        self._compare(name, hashlib.sha256(data).hexdigest())
        return data

    def read_card(self) -> bytes | None:
        """Return the model card; None if there is none, or, with a warning, if it cannot be read."""
        if isinstance(self._files[CARD], FileNotFoundError):
            return None
        try:
            return self._read(CARD)
        except ModelError as error:
            _LOG.warning("%s. It is not saved with the model again.", error)
            return None

    def read_tensors(
        self,
        name: str,
        expected: Mapping[str, tuple[int, ...] | None],
        *,
        dtype: str,
        known: Mapping[str, NDArray[np.bool_]] | None = None,
    ) -> dict[str, NDArray[Any]]:
        """Return the tensors of a file: exactly the expected ones, with finite values.

        Args:
            name: of the file.
            expected: the shape of each; None for one dimension of any size.
            dtype: of all of them, in safetensors' notation.
            known: tensors, written by older versions, that are allowed if they have these values.
        """
        path = self.path / name
        file, size = self._file(name)
        return self._checked(
            name,
            lambda digest: read_arrays(path, file, size, expected, known or {}, dtype=dtype, digest=digest),
        )

    def open_vectors(self, name: str = VECTORS) -> VectorTable:
        """Return the table of vectors on disk, after reading the whole file once to check its values."""
        file, size = self._file(name)
        self._checked(name, lambda digest: scan_tensors(self.path / name, file, size, digest=digest))
        file.seek(0)
        return VectorTable.of_file(file, self.path / name)

    def _checked(self, name: str, read: Callable[[Any], T]) -> T:
        """Return the result of a function that reads a file and adds all its bytes to the digest.

        If the content is not as expected, the checksum distinguishes a damaged file from one written that way.
        """
        digest = hashlib.sha256()
        try:
            self._file(name)[0].seek(0)  # may be shared by members of an average
            found = read(digest)
        except ModelError:
            file, _ = self._file(name)
            file.seek(0)
            self._compare(name, hashlib.file_digest(file, "sha256").hexdigest())  # type: ignore[arg-type]
            raise
        except OSError as error:
            raise ModelError(f"{self.path / name}: cannot be read: {error.strerror or error}") from error
        self._compare(name, digest.hexdigest())
        return found

    def _file(self, name: str) -> tuple[BinaryIO, int]:
        file = self._files.get(name, _NO_FILE)
        if isinstance(file, OSError):
            raise ModelError(f"{self.path / name}: cannot be read: {file.strerror or file}") from file
        return file, os.fstat(file.fileno()).st_size

    def _read(self, name: str) -> bytes:
        file, size = self._file(name)
        try:
            file.seek(0)  # may be shared by members of an average
            return file.read(size)
        except OSError as error:
            raise ModelError(f"{self.path / name}: cannot be read: {error.strerror or error}") from error

    def _compare(self, name: str, found: str) -> None:
        expected = self._sums.get(name)
        if found != expected:
            raise ModelError(
                f"{self.path / name}: the file is damaged or was changed: expected sha256 {expected}, found {found} "
                f"({self._file(name)[1]} bytes). Restore the model from a copy or train it again."
            )


def read_model_files(folder: Path, read: Callable[[ModelFiles], T]) -> T:
    """Return the result of a function on the files of a model folder.

    If the folder is replaced while it is read, and files of the old one are gone, it is read again.

    Raises:
        ModelError: if the folder is not a model, or ``read`` raises it.
    """
    attempt = 1
    while True:
        with ExitStack() as stack:
            held: OpenFolder | None = None
            try:
                held = stack.enter_context(_open_whole(folder))
                return read(ModelFiles(held, stack))
            except ModelError:
                # A missing folder may be in the middle of being renamed.
                if attempt == _ATTEMPTS or (held is not None and not held.was_replaced()):
                    raise
        attempt += 1


def _open_whole(folder: Path) -> OpenFolder:
    """Open the folder, or its predecessor if replacing it was interrupted."""
    try:
        if folder.is_dir():
            if os.path.lexists(folder / CONFIG):
                return OpenFolder(folder)
            if (folder / "model" / CONFIG).is_file():
                raise ModelError(f"{folder}: this is a run, not a model; its model is {folder / 'model'}")
            raise ModelError(f"{folder}: not a model folder: {CONFIG} is missing")
        if folder.exists():
            raise ModelError(f"{folder}: this is a file; expected a model folder (with {CONFIG})")
        previous = previous_folder(Path(os.path.realpath(folder)))
        if (previous / CONFIG).is_file():
            return OpenFolder(previous)
    except OSError as error:
        raise ModelError(f"{folder}: cannot be read: {error.strerror or error}") from error
    raise ModelError(f"{folder}: no such folder; expected a model folder (with {CONFIG})")
