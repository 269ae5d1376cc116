"""The names of the files of a model folder, and their maximum sizes."""

from __future__ import annotations

from typing import Final

FORMAT: Final = 3
"""The newest format, for averages; a single model is written in format 2, which earlier versions can read.

Format 1 had the constraints of the CRF among the weights, and no checksum of ``config.json``.
"""
FORMAT_OF_ONE: Final = 2
MOST_MEMBERS: Final = 16
"""Maximum number of models in an average."""

PRECISIONS: Final = {"float32": "F32", "float16": "F16"}
"""Precisions of stored weights, by name in ``config.json``, with safetensors' name."""

CONFIG: Final = "config.json"
VOCABULARY: Final = "vocabulary.json"
WEIGHTS: Final = "model.safetensors"
VECTORS: Final = "vectors.safetensors"
WIDE: Final = "wide.safetensors"
CARD: Final = "README.md"
NETWORK_FILES: Final = (VOCABULARY, WEIGHTS, VECTORS, WIDE)
"""The files of a network; each member of an average has its own, or shares those of an earlier one."""

_MOST_BYTES: Final = {
    CONFIG: 2**20,  # usually some KB
    VOCABULARY: 2
    ** 31,  # 10 million words in a script beyond ASCII, which takes 6 bytes a character, and wide features
    WEIGHTS: 2**34,  # 4 billion weights: embeddings of 300 values for 10 million words take 12 GB
    VECTORS: 2**36,  # 10 million words and as many n-grams with 800 values each
    WIDE: 2**32,  # 500 million features
    CARD: 2**24,  # usually some KB
}


def of_member(name: str, number: int) -> str:
    """Return the name of a network's file in the folder of an average.

    >>> of_member("model.safetensors", 1), of_member("model.safetensors", 2)
    ('model.safetensors', 'model-2.safetensors')

    Args:
        name: of the file in the folder of a single model.
        number: of the member, from 1.
    """
    stem, _, ending = name.partition(".")
    return name if number == 1 else f"{stem}-{number}.{ending}"


MOST_BYTES: Final = _MOST_BYTES | {
    of_member(name, number): _MOST_BYTES[name]
    for number in range(2, MOST_MEMBERS + 1)
    for name in NETWORK_FILES
}
"""Maximum size of each file in bytes: a huge sparse file takes no disk space, but reading it would take memory."""
FILES: Final = frozenset(MOST_BYTES)
