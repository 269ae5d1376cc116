"""The files of a model folder by name, and how large each may be."""

from __future__ import annotations

from typing import Final

FORMAT: Final = 2
"""The format this version writes, and the newest it reads.

Format 1 held the constraints of the CRF among the weights, and had no checksum of ``config.json``.
"""

PRECISIONS: Final = {"float32": "F32", "float16": "F16"}
"""How a folder may store the weights, as ``config.json`` spells it and as safetensors does."""

CONFIG: Final = "config.json"
VOCABULARY: Final = "vocabulary.json"
WEIGHTS: Final = "model.safetensors"
VECTORS: Final = "vectors.safetensors"
WIDE: Final = "wide.safetensors"
CARD: Final = "README.md"
FILES: Final = frozenset({CONFIG, VOCABULARY, WEIGHTS, VECTORS, WIDE, CARD})

MOST_BYTES: Final = {
    CONFIG: 2**20,  # it holds some KB
    VOCABULARY: 2
    ** 31,  # 10 million words in a script beyond ASCII, which takes 6 bytes a character, and wide features
    WEIGHTS: 2**34,  # 4 billion weights: embeddings of 300 values for 10 million words take 12 GB
    VECTORS: 2**36,  # 10 million words and as many n-grams with 800 values each
    WIDE: 2**32,  # 500 million features
    CARD: 2**24,  # it holds some KB
}
"""Bytes at most of each file that is read: a sparse file of any size costs nothing, its content would."""
