"""Reader of fastText's binary format, ``.bin``: rows for words, and for the n-grams that compose unseen words.

The layout, in little-endian order: magic number and version; the training options; the dictionary (sizes, then every
word with a zero byte, its count and type); a byte for whether the matrix is quantised; the input matrix, a row
for each word and each bucket of n-grams; the output matrix, which is not read. A word's vector is the mean of
its own row and the rows of its n-grams.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import IO, Final

import numpy as np
from numpy.typing import NDArray

from tagger.errors import FormatError
from tagger.vectors.collecting import Collector
from tagger.vectors.subwords import Subwords, add_rows, ngram_rows

MAGIC: Final = struct.pack("<i", 793712314)

_VERSIONS: Final = (11, 12)
_MAGIC_AND_VERSION: Final = struct.Struct("<ii")
_OPTIONS: Final = struct.Struct("<12id")
_SIZES: Final = struct.Struct("<3i2q")
_COUNT_AND_TYPE: Final = struct.Struct("<qb")
_MATRIX: Final = struct.Struct("<?2q")
_SUPERVISED: Final = 3
_LONGEST_WORD: Final = 2**20
_CHUNK: Final = 2**20
_PAIRS_AT_ONCE: Final = 2**14


@dataclass(frozen=True)
class _Options:
    """The fastText training options that determine how vectors are composed."""

    dim: int
    model: int
    buckets: int
    min_chars: int
    max_chars: int


def read_fasttext(stream: IO[bytes], collector: Collector, *, subwords: bool) -> tuple[int, Subwords | None]:
    """Read a fastText model into a collector.

    Args:
        stream: the file, at its beginning.
        collector: receives the word vectors.
        subwords: whether to keep the n-gram rows, to compose vectors of unseen words.

    Returns:
        The number of words in the file; the n-gram rows, None if there are none or they are not kept.

    Raises:
        FormatError: the model is supervised, quantised or pruned, of an unknown version, damaged or cut off, or has
            NaN or infinity in n-gram rows to keep.
    """
    file = _Bytes(stream, collector.where)
    options = _read_options(file)
    collector.start(options.dim, format="fastText binary", unit="vector")
    words = _read_dictionary(file)
    quantised, rows, dim = file.unpack(_MATRIX, "the matrix")
    if quantised:
        raise FormatError(
            f"{file.where}: the fastText model is quantised (.ftz), its vectors are not in the file. "
            f"Use the .bin file it was made from."
        )
    if dim != options.dim or rows != len(words) + options.buckets:
        raise FormatError(
            f"{file.where}: expected a matrix of {len(words) + options.buckets:,} x {options.dim}, found "
            f"{rows:,} x {dim}: the file is damaged"
        )
    chosen, strings = collector.wanted(words, range(1, len(words) + 1))
    chosen, strings = chosen[: collector.limit], strings[: collector.limit]
    vectors, ngrams = _read_matrix(
        file, words, np.array(chosen, dtype=np.int64), options, collector, subwords
    )
    collector.add(strings, [i + 1 for i in chosen], vectors)
    kept = Subwords(ngrams, options.min_chars, options.max_chars) if ngrams is not None else None
    return len(words), kept


def _read_options(file: _Bytes) -> _Options:
    _, version = file.unpack(_MAGIC_AND_VERSION, "the version")
    if version not in _VERSIONS:
        raise FormatError(
            f"{file.where}: expected a fastText model of version {' or '.join(map(str, _VERSIONS))}, found {version}"
        )
    dim, _, _, _, _, _, _, model, buckets, min_chars, max_chars, _, _ = file.unpack(_OPTIONS, "the options")
    if model == _SUPERVISED:
        raise FormatError(
            f"{file.where}: the fastText model is supervised (a text classifier), expected word vectors trained "
            f"without labels (skipgram or cbow)"
        )
    if model not in (1, 2) or buckets < 0 or min_chars < 0 or max_chars < 0:
        raise FormatError(
            f"{file.where}: expected the options of a fastText model, found model {model}, {buckets} buckets and "
            f"n-grams of {min_chars} to {max_chars}: the file is damaged"
        )
    return _Options(dim, model, buckets, min_chars, max_chars)


def _read_dictionary(file: _Bytes) -> list[bytes]:
    size, num_words, num_labels, _, pruned = file.unpack(_SIZES, "the dictionary")
    if num_labels or size != num_words or num_words < 0:
        raise FormatError(
            f"{file.where}: expected a fastText model of words alone, found {num_words:,} words and {num_labels:,} "
            f"labels among {size:,} entries"
        )
    if pruned > 0:
        raise FormatError(f"{file.where}: the fastText model is pruned; use the .bin file it was made from")
    words = []
    for _ in range(num_words):
        words.append(file.until_zero())
        file.unpack(_COUNT_AND_TYPE, "the dictionary")
    return words


def _read_matrix(
    file: _Bytes,
    words: list[bytes],
    chosen: NDArray[np.int64],
    options: _Options,
    collector: Collector,
    subwords: bool,
) -> tuple[NDArray[np.float32], NDArray[np.floating] | None]:
    """Return the vectors of chosen words, and the n-gram rows if they are to be kept.

    The matrix is read in one pass, adding each n-gram row to the words that contain the n-gram.
    """
    dim = options.dim
    buckets = options.buckets if options.max_chars else 0
    at_once = max(1, _CHUNK // (4 * dim))
    sums = np.zeros((len(chosen), dim), dtype=np.float32)
    for start in range(0, len(words), at_once):
        block = file.rows(min(at_once, len(words) - start), dim)
        first, end = np.searchsorted(chosen, [start, start + len(block)])
        sums[first:end] = block[chosen[first:end] - start]
    if not buckets:
        return sums, None
    counts, pairs = _ngrams_in_order([words[i] for i in chosen], options, buckets)
    kept = np.zeros((0, dim), dtype=collector.rounded(sums[:0]).dtype)
    position = 0
    for start in range(0, buckets, at_once):
        block = file.rows(min(at_once, buckets - start), dim)
        end = start + len(block)
        beyond = int(np.searchsorted(pairs, end << 32))
        for first in range(position, beyond, _PAIRS_AT_ONCE):
            piece = pairs[first : min(first + _PAIRS_AT_ONCE, beyond)]
            _add_once(sums, piece & (2**32 - 1), block, (piece >> 32) - start)
        position = beyond
        if subwords:
            if not np.isfinite(block).all():
                raise FormatError(
                    f"{file.where}: expected numbers in the rows of the n-grams, found NaN or infinity between rows "
                    f"{start:,} and {end:,}. Use another model, or leave the n-grams out (subwords)."
                )
            if end > len(kept):
                kept.resize((min(buckets, end + end // 2), dim), refcheck=False)
            kept[start:end] = collector.rounded(block)
    sums /= (counts + 1).astype(np.float32)[:, None]
    return sums, kept if subwords else None


def _add_once(
    sums: NDArray[np.float32], owners: NDArray[np.int64], block: NDArray[np.float32], rows: NDArray[np.int64]
) -> None:
    """Add rows of a block to sums, in place, with a fast path for the first row of each owner."""
    _, firsts = np.unique(owners, return_index=True)
    sums[owners[firsts]] += block[rows[firsts]]
    others = np.delete(np.arange(len(owners)), firsts)
    others = others[np.argsort(owners[others], kind="stable")]
    add_rows(sums, owners[others], block[rows[others]])


def _ngrams_in_order(
    words: list[bytes], options: _Options, buckets: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the n-gram count of each word, and all (row, word) pairs, sorted, as ``row * 2^32 + word``."""
    counts = np.zeros(len(words), dtype=np.int64)
    pairs = [np.zeros(0, dtype=np.int64)]
    for owners, rows in ngram_rows(
        words, min_chars=options.min_chars, max_chars=options.max_chars, buckets=buckets
    ):
        first = int(owners[0]) if len(owners) else 0
        part = np.bincount(owners - first)
        counts[first : first + len(part)] += part
        pairs.append(rows << 32 | owners)
    in_order = np.concatenate(pairs)
    in_order.sort()
    return counts, in_order


class _Bytes:
    """A buffered stream that reports what is missing when it ends early."""

    def __init__(self, stream: IO[bytes], where: str) -> None:
        self.where = where
        self._stream = stream
        self._data = b""
        self._position = 0

    def unpack(self, layout: struct.Struct, what: str) -> tuple[int, ...]:
        """Return the numbers at the current position."""
        self._fill(layout.size, what)
        values = layout.unpack_from(self._data, self._position)
        self._position += layout.size
        return values

    def until_zero(self) -> bytes:
        """Return the bytes up to the next zero byte."""
        while (end := self._data.find(b"\0", self._position)) < 0:
            have = len(self._data) - self._position
            if have > _LONGEST_WORD:
                raise FormatError(
                    f"{self.where}: expected the words of a fastText model, found no end of a word"
                )
            self._fill(have + 1, "the dictionary")
        word = self._data[self._position : end]
        self._position = end + 1
        return word

    def rows(self, count: int, dim: int) -> NDArray[np.float32]:
        """Return the next rows of the matrix, ``[count, dim]``."""
        size = 4 * count * dim
        self._fill(size, "the matrix")
        rows = np.frombuffer(self._data, dtype="<f4", count=count * dim, offset=self._position)
        self._position += size
        return rows.reshape(count, dim)

    def _fill(self, size: int, what: str) -> None:
        have = len(self._data) - self._position
        if have >= size:
            return
        more = self._stream.read(size - have + _CHUNK)
        if have + len(more) < size:
            raise FormatError(
                f"{self.where}: the fastText model ends in the middle of {what}: the file is cut off. Fetch it again."
            )
        self._data = self._data[self._position :] + more
        self._position = 0
