"""VectorTable: word vectors in one file, looked up on disk without loading the words.

It is a safetensors file (https://github.com/huggingface/safetensors#format), so that other programs can read it: the
vectors in half or single precision, the words as one UTF-8 text with offsets, and the words' hashes in ascending order
with the row of each. A look-up is a binary search for the hash and a comparison of the word itself.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from tagger.errors import DataError, ModelError
from tagger.files import StoredTensor, open_file, read_tensor_header
from tagger.vectors.subwords import Subwords

VERSION: Final = 1
"""The version of the layout, written and the newest readable."""

_DTYPES: Final = {"U64": "<u8", "U32": "<u4", "F32": "<f4", "F16": "<f2", "U8": "|u1"}
_NAMES: Final = {dtype: name for name, dtype in _DTYPES.items()}
_INDEX: Final = {"hashes": "U64", "offsets": "U64", "rows": "U32", "text": "U8"}
_PIECE: Final = 2**22


class VectorTable:
    """Vectors of words, looked up exactly.

    Created by :meth:`build` or :meth:`open`. It is immutable, so that a deep copy is the table itself; a pickle holds
    all its bytes.

    Args:
        arrays: ``vectors`` ``[N, D]``; ``text``, the words concatenated; ``offsets`` ``[N + 1]``, where each begins in
            it; ``hashes`` ``[N]`` in ascending order and ``rows`` ``[N]``, the row of each; optionally ``ngrams``
            ``[buckets, D]``.
        ngram_chars: the shortest and longest n-gram, in characters; None without n-grams.
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]], ngram_chars: tuple[int, int] | None) -> None:
        arrays = {name: _frozen_view(array) for name, array in arrays.items()}
        self._arrays: Final = arrays
        self._ngram_chars: Final = ngram_chars
        self.vectors: Final[NDArray[np.floating]] = arrays["vectors"]
        self.subwords: Final = Subwords(arrays["ngrams"], *ngram_chars) if ngram_chars is not None else None
        self._hashes: Final = arrays["hashes"]
        self._rows: Final = arrays["rows"]
        self._offsets: Final = arrays["offsets"]
        self._text: Final = memoryview(arrays["text"])  # type: ignore[arg-type]

    @classmethod
    def build(
        cls,
        words: Sequence[str],
        vectors: NDArray[np.floating],
        subwords: Subwords | None = None,
    ) -> VectorTable:
        """Build a table in memory.

        Args:
            words: N distinct words.
            vectors: in half or single precision, ``[N, D]``; not copied.
            subwords: the n-grams for vectors of unseen words.

        Raises:
            DataError: a word is repeated, or the numbers of words and vectors differ.
        """
        if vectors.ndim != 2 or len(words) != len(vectors) or vectors.dtype not in (np.float16, np.float32):
            raise DataError(
                f"expected a row in half or single precision for each of {len(words):,} words, found {vectors.dtype} "
                f"of the shape {vectors.shape}"
            )
        if len(set(words)) != len(words):
            raise DataError("expected different words, found one twice")
        encoded = [_encoded(word) for word in words]
        hashes = _hashes(encoded)
        order = np.argsort(hashes, kind="stable")
        arrays: dict[str, NDArray[Any]] = {
            "vectors": vectors,
            "text": np.frombuffer(b"".join(encoded), dtype=np.uint8),
            "offsets": np.cumsum([0, *map(len, encoded)], dtype=np.uint64),
            "hashes": hashes[order],
            "rows": order.astype(np.uint32),
        }
        if subwords is None:
            return cls(arrays, None)
        arrays["ngrams"] = subwords.ngrams
        return cls(arrays, (subwords.min_chars, subwords.max_chars))

    @classmethod
    def open(cls, path: Path) -> VectorTable:
        """Open the table of a file, memory-mapped.

        Raises:
            ModelError: the file is not a table, is cut off, or is of a newer version.
        """
        try:
            with open_file(path, most_bytes=None) as file:
                return cls.of_file(file, path)
        except OSError as error:
            raise ModelError(f"{path}: cannot be read: {error.strerror or error}") from error

    @classmethod
    def of_file(cls, file: BinaryIO, path: Path) -> VectorTable:
        """Map the table of an open file, which may be closed afterwards.

        Args:
            file: the file, at its beginning.
            path: what messages call it.

        Raises:
            ModelError: as for :meth:`open`.
        """
        try:
            header = read_tensor_header(file, os.fstat(file.fileno()).st_size)
            data = np.memmap(file, dtype=np.uint8, mode="r")
            arrays = {name: _view(data, tensor) for name, tensor in header.tensors.items()}
            chars = _ngram_chars(header.metadata) if "ngrams" in arrays else None
        except (KeyError, ValueError) as error:
            reason = f"no {error}" if isinstance(error, KeyError) else error
            raise ModelError(
                f"{path}: expected a table of word vectors, found a damaged file: {reason}"
            ) from error
        problem = _problem(arrays, header.metadata)
        if problem:
            raise ModelError(f"{path}: expected a table of word vectors, found {problem}")
        return cls(arrays, chars)

    def __len__(self) -> int:
        return len(self.vectors)

    def __reduce__(self) -> tuple[type[VectorTable], tuple[Any, ...]]:
        return type(self), (self._arrays, self._ngram_chars)

    def __deepcopy__(self, memo: object) -> VectorTable:
        return self

    @property
    def dim(self) -> int:
        """The dimension of the vectors, D."""
        return int(self.vectors.shape[1])

    @property
    def num_bytes(self) -> int:
        """The size of the file, except for its header of some hundred bytes."""
        return sum(array.nbytes for array in self._arrays.values())

    def find(self, words: Sequence[str]) -> NDArray[np.int64]:
        """Return the row of each word, -1 if it is not in the table, ``[U]``."""
        found = np.full(len(words), -1, dtype=np.int64)
        if not len(self) or not words:
            return found
        encoded = [_encoded(word) for word in words]
        hashes = _hashes(encoded)
        firsts = np.searchsorted(self._hashes, hashes)
        likely = self._hashes[np.minimum(firsts, len(self) - 1)] == hashes
        for i in np.flatnonzero(likely).tolist():
            position = int(firsts[i])
            while position < len(self) and self._hashes[position] == hashes[i]:
                row = int(self._rows[position])
                if self._text[int(self._offsets[row]) : int(self._offsets[row + 1])] == encoded[i]:
                    found[i] = row
                    break
                position += 1
        return found

    def word(self, row: int) -> str:
        """Return the word of a row."""
        start, end = int(self._offsets[row]), int(self._offsets[row + 1])
        return bytes(self._text[start:end]).decode("utf-8", "surrogatepass")

    def pieces(self) -> Iterator[bytes | memoryview]:
        """Yield the bytes of the file, piece by piece."""
        arrays = {
            name: array.astype(array.dtype.newbyteorder("<"), copy=False)
            for name, array in sorted(self._arrays.items(), key=lambda item: -item[1].dtype.itemsize)
        }
        metadata = {"format": "tagger word vectors", "version": str(VERSION)}
        if self.subwords is not None:
            metadata["min_chars"] = str(self.subwords.min_chars)
            metadata["max_chars"] = str(self.subwords.max_chars)
        header: dict[str, Any] = {"__metadata__": metadata}
        end = 0
        for name, array in arrays.items():
            start, end = end, end + array.nbytes
            header[name] = {
                "dtype": _NAMES[array.dtype.newbyteorder("<").str],
                "shape": list(array.shape),
                "data_offsets": [start, end],
            }
        text = json.dumps(header, separators=(",", ":")).encode("ascii")
        text += b" " * (-len(text) % 8)
        yield len(text).to_bytes(8, "little") + text
        for array in arrays.values():
            flat = memoryview(np.ascontiguousarray(array).reshape(-1).view(np.uint8))  # type: ignore[arg-type]
            for start in range(0, len(flat), _PIECE):
                yield flat[start : start + _PIECE]


def _encoded(word: str) -> bytes:
    return word.encode("utf-8", "surrogatepass")


def _hashes(words: Sequence[bytes]) -> NDArray[np.uint64]:
    blake = hashlib.blake2b
    return np.frombuffer(b"".join([blake(word, digest_size=8).digest() for word in words]), dtype="<u8")


def _frozen_view(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view


def _view(data: NDArray[np.uint8], tensor: StoredTensor) -> NDArray[Any]:
    """Return an array of a file as a view of the file's bytes."""
    part = data[tensor.start : tensor.start + tensor.num_bytes].view(np.ndarray)
    if tensor.dtype not in _DTYPES:
        raise ValueError(f"an array of the type {tensor.dtype}")
    return part.view(_DTYPES[tensor.dtype]).reshape(tensor.shape)


def _ngram_chars(metadata: Mapping[str, str]) -> tuple[int, int]:
    """Return the lengths of the shortest and longest n-gram, in characters."""
    chars = int(metadata["min_chars"]), int(metadata["max_chars"])
    if min(chars) < 0 or max(chars) >= 2**31:
        raise ValueError(f"n-grams of {chars[0]} to {chars[1]} characters")
    return chars


def _problem(arrays: Mapping[str, NDArray[Any]], metadata: Mapping[str, str]) -> str | None:
    """Return why arrays are not a valid table of vectors, so that no look-up can fail later; None if they are."""
    version = metadata.get("version", "")
    if not version.isdecimal() or not 1 <= int(version) <= VERSION:
        return f"version {version or 'unknown'}; this version of the package reads {VERSION}"
    kinds = {name: _NAMES[array.dtype.str] for name, array in arrays.items()}
    vectors = arrays.get("vectors")
    surplus = kinds.keys() - {"vectors", "ngrams", *_INDEX}
    if vectors is None or surplus or any(kinds.get(name) != kind for name, kind in _INDEX.items()):
        return f"the arrays {', '.join(sorted(kinds))}"
    tables = [vectors, arrays["ngrams"]] if "ngrams" in arrays else [vectors]
    if any(
        table.ndim != 2 or table.dtype.kind != "f" or table.shape[1] != vectors.shape[1] for table in tables
    ):
        return "vectors of different sizes"
    if len(tables) > 1 and not 1 <= len(tables[1]) < 2**32:
        return f"{len(tables[1]):,} rows of n-grams"
    hashes, rows, offsets, text = (arrays[name] for name in ("hashes", "rows", "offsets", "text"))
    count = len(vectors)
    if not hashes.shape == rows.shape == (count,) or offsets.shape != (count + 1,) or text.ndim != 1:
        return f"an index of another size than the {count:,} vectors"
    if (hashes[1:] < hashes[:-1]).any() or (count and int(rows.max()) >= count):
        return "a damaged index"
    if offsets[0] != 0 or offsets[-1] != len(text) or (offsets[1:] < offsets[:-1]).any():
        return "damaged words"
    return None
