"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from tagger.errors import DataError


@contextmanager
def open_for_replacing(path: str | os.PathLike[str]) -> Iterator[IO[str]]:
    """Give a text stream (UTF-8, line ends as written) whose text becomes the file once the block ends well.

    Until then the text is in a sibling, and a file that is there already stays as it was; if the block
    raises, the sibling is removed. Symbolic links are followed. What is no regular file (``/dev/null``, a
    pipe) is written directly.

    Raises:
        DataError: the file cannot be written; says why (no permission, disk full).
    """
    target = Path(path)
    try:
        if target.exists() and not target.is_file() and not target.is_dir():
            with target.open("w", encoding="utf-8", newline="") as stream:
                yield stream
            return
        target = target.resolve()
        if target.is_dir():
            raise DataError(f"{path}: expected the name of a file to write, found a directory")
        sibling = target.with_name(f".{target.name}.{secrets.token_hex(4)}.partial")
        try:
            with sibling.open("x", encoding="utf-8", newline="") as stream:
                if target.exists():
                    shutil.copymode(target, sibling)
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            sibling.replace(target)
        except BaseException:
            with suppress(OSError):
                sibling.unlink()
            raise
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror or error}") from None
