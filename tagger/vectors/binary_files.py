"""Reader of word2vec's binary format: a header line, then each word, a space, and its values as 32-bit floats."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Final

import numpy as np

from tagger.errors import FormatError
from tagger.vectors.collecting import Collector
from tagger.vectors.text_files import header_of

_CHUNK: Final = 2**20
_LONGEST_WORD: Final = 2**16


def read_binary(stream: IO[bytes], collector: Collector) -> int:
    """Read all vectors of a word2vec binary file into a collector.

    Returns:
        The number of vectors in the file, usable or not.

    Raises:
        FormatError: the number of vectors differs from the header, or the file does not hold vectors.
    """
    where = collector.where
    header = header_of(stream.readline(100).removesuffix(b"\n"))
    if header is None:
        raise FormatError(
            f"{where}: expected a line with the number of vectors and of their values, found none"
        )
    count, dim = header
    collector.start(dim, format="word2vec binary", unit="vector")
    found = 0
    for words, values in _blocks(stream, count, dim, where):
        numbers = range(found + 1, found + len(words) + 1)
        found += len(words)
        chosen, strings = collector.wanted(words, numbers)
        if chosen:
            vectors = np.frombuffer(b"".join([values[i] for i in chosen]), dtype="<f4").reshape(-1, dim)
            collector.add(strings, [numbers[i] for i in chosen], vectors)
        if collector.full:
            break
    return found


def _blocks(stream: IO[bytes], count: int, dim: int, where: str) -> Iterator[tuple[list[bytes], list[bytes]]]:
    """Yield blocks of words, and the bytes of their values."""
    size = 4 * dim
    words: list[bytes] = []
    values: list[bytes] = []
    data, position = b"", 0
    for found in range(count):
        space = data.find(b" ", position, position + _LONGEST_WORD)
        while space < 0 or space + 1 + size > len(data):
            if space < 0 and len(data) - position >= _LONGEST_WORD:
                raise FormatError(
                    f"{where}: expected a word and a space for vector {found + 1:,}, found {_LONGEST_WORD:,} bytes "
                    f"without a space: these are not vectors of {dim} values"
                )
            if words:
                yield words, values
                words, values = [], []
            more = stream.read(_CHUNK + size)
            if not more:
                raise FormatError(
                    f"{where}: the header says {count:,} vectors, found {found:,} and the end of the file, which is "
                    f"cut off. Fetch it again."
                )
            data, position = data[position:] + more, 0
            space = data.find(b" ", position, position + _LONGEST_WORD)
        words.append(data[position:space].lstrip(b"\n"))  # some writers end each vector with a line feed
        position = space + 1 + size
        values.append(data[space + 1 : position])
    yield words, values
    if (data[position:] + stream.read(1)).strip():
        raise FormatError(
            f"{where}: the header says {count:,} vectors, found more. Correct the header, or fetch the file again."
        )
