"""The files of a model folder by name, and how large each may be."""

from __future__ import annotations

from typing import Final

FORMAT: Final = 3
"""The newest format, that of averages; a single model is written in format 2, which earlier versions read.

Format 1 held the constraints of the CRF among the weights, and had no checksum of ``config.json``.
"""
FORMAT_OF_ONE: Final = 2
MOST_MEMBERS: Final = 16
"""Models of an average at most."""

PRECISIONS: Final = {"float32": "F32", "float16": "F16"}
"""How a folder may store the weights, as ``config.json`` spells it and as safetensors does."""

CONFIG: Final = "config.json"
VOCABULARY: Final = "vocabulary.json"
WEIGHTS: Final = "model.safetensors"
VECTORS: Final = "vectors.safetensors"
WIDE: Final = "wide.safetensors"
CARD: Final = "README.md"
NETWORK_FILES: Final = (VOCABULARY, WEIGHTS, VECTORS, WIDE)
"""What a network consists of; each member of an average has its own, or shares those of one before it."""

_MOST_BYTES: Final = {
    CONFIG: 2**20,  # it holds some KB
    VOCABULARY: 2
    ** 31,  # 10 million words in a script beyond ASCII, which takes 6 bytes a character, and wide features
    WEIGHTS: 2**34,  # 4 billion weights: embeddings of 300 values for 10 million words take 12 GB
    VECTORS: 2**36,  # 10 million words and as many n-grams with 800 values each
    WIDE: 2**32,  # 500 million features
    CARD: 2**24,  # it holds some KB
}


def of_member(name: str, number: int) -> str:
    """Return what a file of a network is called in the folder of an average.

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
"""Bytes at most of each file that is read: a sparse file of any size costs nothing, its content would."""
FILES: Final = frozenset(MOST_BYTES)
