"""Dealing with the ``datasets`` library: whether it is there, its progress bars, and its errors in our words."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from tagger.errors import DataError, MissingExtraError, TaggerError
from tagger.sources.request import DatasetRequest


def require_datasets() -> None:
    """Refuse to go on without the library; the error names what to install."""
    try:
        import datasets  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name != "datasets":
            raise
        raise MissingExtraError("datasets", "Reading Hugging Face datasets") from error


@contextmanager
def explained(request: DatasetRequest) -> Iterator[None]:
    """Turn whatever `datasets` raises over the data into a DataError that names the dataset."""
    try:
        yield
    except TaggerError:
        raise
    except Exception as error:
        raise DataError(
            f"{request.dataset}: cannot be read as a dataset: {_reason(request, error)}"
        ) from error


def _reason(request: DatasetRequest, error: Exception) -> str:
    """Return what went wrong in the library, in one line."""
    text = re.sub(r"\s+", " ", str(error)).strip()
    if text.startswith("Config name is missing"):
        first = re.search(r"\['([^']+)'", text)
        call = replace(request, name=first[1] if first else "...").call()
        return f"{text.partition(' Example of usage')[0]}. Name one: {call}"
    # A list of all extensions there are, of sounds and films too, follows.
    text = text.partition(" with any supported extension")[0]
    return text or type(error).__name__


@contextmanager
def quiet_unless_terminal() -> Iterator[None]:
    """Switch the libraries' progress bars off while nobody watches, and back on afterwards."""
    import datasets
    import huggingface_hub.utils as hub_utils

    with ExitStack() as stack:
        for library, variable in ((datasets, "HF_DATASETS"), (hub_utils, "HF_HUB")):
            decided = f"{variable}_DISABLE_PROGRESS_BARS" in os.environ
            if not (decided or sys.stderr.isatty() or library.are_progress_bars_disabled()):
                library.disable_progress_bars()
                stack.callback(library.enable_progress_bars)
        yield
