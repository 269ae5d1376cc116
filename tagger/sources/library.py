"""Wrappers of the ``datasets`` library: its availability, its errors, and its progress bars."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from tagger.errors import DataError, MissingExtraError, TaggerError
from tagger.sources.file_names import holds_rows
from tagger.sources.request import DatasetRequest

_PACKED: Final = (".gz", ".zip", ".xz", ".bz2", ".zst", ".lz4", ".tar", ".tgz")


def require_datasets() -> None:
    """Raise MissingExtraError if the library is not installed; it names what to install."""
    try:
        import datasets  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name != "datasets":
            raise
        raise MissingExtraError("datasets", "Reading Hugging Face datasets") from error


@contextmanager
def explained(request: DatasetRequest) -> Iterator[None]:
    """Convert errors that ``datasets`` raises about the data to a DataError that names the dataset."""
    try:
        yield
    except TaggerError:
        raise
    except Exception as error:
        raise DataError(
            f"{request.dataset}: cannot be read as a dataset: {_reason(request, error)}"
        ) from error


def unpacked(path: Path, folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield a file and its name in messages; for a compressed file or archive, its content, unpacked to a folder."""
    import datasets

    if path.suffix.lower() not in _PACKED:
        yield path, str(path)
        return
    config = datasets.DownloadConfig(cache_dir=str(folder))
    try:
        found = Path(datasets.DownloadManager(download_config=config).extract(str(path)))
    except Exception as error:
        raise DataError(f"{path}: cannot be unpacked: {' '.join(str(error).split())}") from error
    if found == path:
        raise DataError(f"{path}: cannot be unpacked: its content does not match its name")
    if found.is_file():
        yield found, str(path)[: -len(path.suffix)]
        return
    members = sorted(member for member in found.rglob("*") if member.is_file() and holds_rows(member.name))
    if not members:
        raise DataError(f"{path}: expected files with rows in it, found none")
    for member in members:
        yield member, f"{path}/{member.relative_to(found).as_posix()}"


def _reason(request: DatasetRequest, error: Exception) -> str:
    """Return the reason of an error of the library, in one line."""
    text = re.sub(r"\s+", " ", str(error)).strip()
    if text.startswith("Config name is missing"):
        first = re.search(r"\['([^']+)'", text)
        call = replace(request, name=first[1] if first else "...").call()
        return f"{text.partition(' Example of usage')[0]}. Name one: {call}"
    # A list of all known extensions follows.
    text = text.partition(" with any supported extension")[0]
    return text or type(error).__name__


@contextmanager
def quiet_unless_terminal() -> Iterator[None]:
    """Disable the libraries' progress bars within the block unless stderr is a terminal."""
    import datasets
    import huggingface_hub.utils as hub_utils

    with ExitStack() as stack:
        for library, variable in ((datasets, "HF_DATASETS"), (hub_utils, "HF_HUB")):
            decided = f"{variable}_DISABLE_PROGRESS_BARS" in os.environ
            if not (decided or sys.stderr.isatty() or library.are_progress_bars_disabled()):
                library.disable_progress_bars()
                stack.callback(library.enable_progress_bars)
        yield
