"""Vectors as a NumPy matrix, ``NAME.npy``, with its words, one per line, in ``NAME.words.txt``."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import IO, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from tagger.errors import DataError, FormatError
from tagger.files import temporary_file
from tagger.vectors.collecting import Collector
from tagger.vectors.opening import opened
from tagger.vectors.text_files import LONGEST_LINE

MAGIC: Final = b"\x93NUMPY"
_WORDS_SUFFIX: Final = ".words.txt"
_CHUNK: Final = 2**20
_LONGEST_HEADER: Final = 10_000  # NumPy's own limit, which it checks only after reading the header


def words_path(path: str | os.PathLike[str]) -> Path:
    """Return the path of the words of a matrix: ``NAME.words.txt`` for ``NAME.npy`` and ``NAME.npy.gz``."""
    path = Path(path)
    stem, point, _ = path.name.partition(".npy")
    return path.with_name((stem if point else path.stem) + _WORDS_SUFFIX)


def write_numpy(path: str | os.PathLike[str], words: Sequence[str], vectors: NDArray[np.floating]) -> None:
    """Write vectors in a format that :func:`tagger.vectors.read_vectors` reads without parsing numbers.

    After an interruption, both files are old, both are new, or the matrix is missing; a matrix is never paired with the
    words of another.

    Args:
        path: the path of the matrix, ``NAME.npy``; the words are written beside it.
        words: N distinct words without line feeds.
        vectors: ``[N, D]``.

    Raises:
        DataError: a word is empty or contains a line end, or the numbers of words and vectors differ.
    """
    if len(words) != len(vectors) or vectors.ndim != 2:
        raise DataError(
            f"expected a row for each of {len(words):,} words, found a matrix of the shape {vectors.shape}"
        )
    for word in words:
        if not word or "\n" in word or word.endswith("\r"):
            raise DataError(f"expected words that fit on a line, found {word!r}")
    path = Path(path)
    contents: dict[Path, Callable[[IO[bytes]], object]] = {
        words_path(path): lambda file: file.write("".join(f"{word}\n" for word in words).encode("utf-8")),
        path: lambda file: np.save(file, np.ascontiguousarray(vectors), allow_pickle=False),
    }
    with ExitStack() as stack:
        temporary = {target: stack.enter_context(temporary_file(target)) for target in contents}
        for target, write in contents.items():
            with temporary[target].open("wb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
        path.unlink(missing_ok=True)
        for target in contents:
            temporary[target].replace(target)


def read_numpy(stream: IO[bytes], collector: Collector, words: Path) -> int:
    """Read a matrix and its words into a collector.

    Args:
        stream: the matrix file, at its beginning.
        collector: receives the vectors.
        words: the file of the words.

    Returns:
        The number of vectors.

    Raises:
        FormatError: it is not a matrix of floats, is damaged, or has another number of rows than words.
        DataError: the words cannot be read.
    """
    count, dtype = _read_header(stream, collector)
    dim = collector.dim
    found = 0
    with opened(words) as word_stream:
        lines = _lines(word_stream, os.fspath(words))
        at_once = max(1, _CHUNK // (dtype.itemsize * dim))
        while found < count:
            size = min(at_once, count - found)
            data = stream.read(size * dim * dtype.itemsize)
            if len(data) < size * dim * dtype.itemsize:
                raise FormatError(
                    f"{collector.where}: expected {count:,} vectors, found the end of the file after "
                    f"{found + len(data) // (dim * dtype.itemsize):,}: it is cut off"
                )
            block = list(islice(lines, size))
            if len(block) < size:
                raise _wrong_number(collector.where, words, count, found + len(block))
            numbers = range(found + 1, found + size + 1)
            chosen, strings = collector.wanted(block, numbers)
            vectors = np.frombuffer(data, dtype=dtype).reshape(size, dim)[chosen]
            with np.errstate(over="ignore"):
                collector.add(strings, [numbers[i] for i in chosen], vectors.astype(np.float32))
            found += size
            if collector.full:
                return found
        more = sum(1 for _ in lines)
    if stream.read(1):
        raise FormatError(f"{collector.where}: expected {count:,} vectors, found more: the file is damaged")
    if more:
        raise _wrong_number(collector.where, words, count, count + more)
    return found


def _read_header(stream: IO[bytes], collector: Collector) -> tuple[int, np.dtype[np.floating]]:
    where = collector.where
    magic = stream.read(len(MAGIC) + 2)
    length_bytes = stream.read({1: 2, 2: 4}.get(magic[-2], 0) if len(magic) > len(MAGIC) else 0)
    length = int.from_bytes(length_bytes, "little")
    if not 0 < length <= _LONGEST_HEADER:
        raise FormatError(f"{where}: expected a NumPy matrix of version 1 or 2, found a damaged header")
    header = io.BytesIO(length_bytes + stream.read(length))
    read = npy.read_array_header_1_0 if len(length_bytes) == 2 else npy.read_array_header_2_0
    try:
        shape, fortran_order, dtype = read(header)
    except Exception as error:  # NumPy uses Python's parser, which may raise anything
        reason = str(error).partition("\n")[0]
        raise FormatError(f"{where}: expected a NumPy matrix, found a damaged header: {reason}") from None
    if len(shape) != 2 or min(shape) < 0 or dtype.kind != "f" or fortran_order:
        order = " in Fortran order" if fortran_order else ""
        raise FormatError(
            f"{where}: expected a matrix of floating-point numbers in C order, found an array of {dtype} of the shape "
            f"{shape}{order}"
        )
    collector.start(shape[1], format="NumPy matrix", unit="vector")
    return shape[0], dtype


def _lines(stream: IO[bytes], where: str) -> Iterator[bytes]:
    first = True
    while line := stream.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise FormatError(
                f"{where}: expected one word a line, found a line of {LONGEST_LINE // 2**20} MiB"
            )
        yield line.removesuffix(b"\n").removesuffix(b"\r").removeprefix(b"\xef\xbb\xbf" if first else b"")
        first = False


def _wrong_number(where: str, words: Path, count: int, found: int) -> FormatError:
    return FormatError(
        f"{where}: the matrix has {count:,} rows, expected as many words in {words}, found {found:,}"
    )
