"""The errors tagger raises on purpose, each with a message for the user.

TaggerError
├── DataError            data cannot be used as it is; states where, expected, found, what to do
│   ├── FormatError      a file is not in the format it is read as
│   └── LabelError       a label is malformed, unknown, or not allowed where it stands
├── ModelError           a folder is not a model, is damaged, or has a newer format
├── HubError             the Hugging Face Hub refuses, does not answer, or has no such model
├── UsageError           an option or argument is invalid, or conflicts with another
└── MissingExtraError    an optional dependency is not installed; names the extra that provides it

The command line prints a TaggerError as one line and exits with status 1 (2 for a UsageError).
"""

from __future__ import annotations

from typing import Final

_EXTRA_OF_MODULE: Final = {
    "torch": "torch",
    "pytorch_lightning": "train",
    "datasets": "train",
    "pyarrow": "parquet",
    "seqeval": "train",
    "jsonargparse": "train",
    "yaml": "train",
    "tensorboard": "tensorboard",
    "gensim": "vectors",
    "spacy": "spacy",
    "cassis": "cas",
    "huggingface_hub": "hub",
    "ray": "ray",
    "pyspark": "spark",
    "pandas": "pandas",
    "zstandard": "zstd",
}

_NO_MEMORY: Final = (
    "can't allocate memory",
    "not enough memory",
    "out of memory",
    "bad_alloc",
    "could not create a memory",
)


class TaggerError(Exception):
    """Base of every error that tagger raises on purpose."""


class DataError(TaggerError, ValueError):
    """Data that cannot be used as it is."""


class FormatError(DataError):
    """A file is not in the format it is read as."""


class LabelError(DataError):
    """A label is malformed, unknown, or not allowed where it stands."""


class ModelError(TaggerError):
    """A folder is not a model, is damaged, or was written by a newer version."""


class HubError(TaggerError):
    """The Hugging Face Hub refuses a request, does not answer, or has no model of that name."""


class UsageError(TaggerError, ValueError):
    """An option or argument is invalid, or conflicts with another."""


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error of Python, NumPy or torch, which has no type for it, means that memory ran out.

    >>> is_out_of_memory(RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"))
    True
    """
    if isinstance(error, RuntimeError):
        return any(phrase in str(error) for phrase in _NO_MEMORY)
    return isinstance(error, MemoryError)


class MissingExtraError(TaggerError, ImportError):
    """An optional dependency is not installed.

    Args:
        module: the top-level module that could not be imported.
        purpose: what needs it, as the subject of a sentence ("Training", "The report").
    """

    def __init__(self, module: str, purpose: str) -> None:
        extra = _EXTRA_OF_MODULE.get(module, module)
        super().__init__(
            f"{purpose} needs the package {module!r}. Install it with: pip install 'FOLDER[{extra}]', FOLDER being the "
            "clone of tagger"
        )
