"""Collector: gathers the vectors from all readers, and selects the wanted words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagger.errors import DataError, FormatError
from tagger.vectors.report import ProblemLog, VectorReport

Keep = Callable[[str], bool] | Collection[str] | None
"""The words to keep: a predicate or a collection; None for all."""

MOST_VALUES: Final = 2**16
"""The largest plausible vector dimension."""

_GROWTH: Final = 16


class Collector:
    """Gathers the usable vectors of one file, the first of every word.

    Args:
        where: what messages call the file.
        expected_dim: the required dimension; any if None.
        keep: the words to keep.
        limit: the most vectors to keep, the first of the file; no limit if None.
        half: whether to keep them in half precision.
    """

    def __init__(
        self, where: str, *, expected_dim: int | None, keep: Keep, limit: int | None, half: bool
    ) -> None:
        self.where: Final = where
        self.log: Final = ProblemLog()
        self.dim = 0
        self._expected_dim = expected_dim
        self._keeps = _test_of(keep)
        self.limit: Final = limit
        self._half = half
        self._format = self._unit = ""
        self._rows: dict[str, int] = {}
        self._matrix = np.zeros((0, 0), dtype=np.float32)

    def start(self, dim: int, *, format: str, unit: str) -> None:
        """Set dimension and format, before the first vector is added.

        Args:
            dim: the dimension of the vectors.
            format: the name of the format.
            unit: what the reader counts, ``line`` or ``vector``.

        Raises:
            FormatError: the dimension is implausible.
            DataError: the dimension is not the expected one.
        """
        if not 1 <= dim <= MOST_VALUES:
            raise FormatError(
                f"{self.where}: expected {format} with vectors of 1 to {MOST_VALUES} values, found {dim}"
            )
        if self._expected_dim is not None and dim != self._expected_dim:
            raise DataError(
                f"{self.where}: expected vectors of {self._expected_dim} values, as configured, found {dim}. "
                f"Set vector_dim to {dim}, or choose another file."
            )
        self.dim = dim
        self._format, self._unit = format, unit
        self._matrix = np.zeros((0, dim), dtype=np.float16 if self._half else np.float32)

    @property
    def full(self) -> bool:
        """Whether the limit is reached, so that reading can stop."""
        return self.limit is not None and len(self._rows) >= self.limit

    def wanted(self, words: Sequence[bytes], numbers: Sequence[int]) -> tuple[list[int], list[str]]:
        """Return the indices of the wanted words, and these words as strings.

        Args:
            words: the words as in the file.
            numbers: their numbers in the file, for the report.
        """
        decoded: list[str | None]
        try:
            decoded = b"\n".join(words).decode("utf-8").split("\n")  # type: ignore[assignment]
        except UnicodeDecodeError:
            decoded = []
        if len(decoded) != len(words):  # one is not UTF-8, or contains a line feed
            decoded = [_decoded(word) for word in words]
        chosen: list[int] = []
        strings: list[str] = []
        for i, word in enumerate(decoded):
            if word is None:
                self.log.add("utf8", [numbers[i]])
            elif not word:
                self.log.add("empty", [numbers[i]])
            elif self._keeps is None or self._keeps(word):
                chosen.append(i)
                strings.append(word)
        return chosen, strings

    def add(self, words: Sequence[str], numbers: Sequence[int], vectors: NDArray[np.floating]) -> None:
        """Keep the vectors of words that have none yet.

        Args:
            words: wanted words.
            numbers: their numbers in the file.
            vectors: ``[n, dim]``.

        Raises:
            DataError: a value is too large for half precision.
        """
        finite = np.isfinite(vectors).all(axis=1)
        chosen: list[int] = []
        start = len(self._rows)
        for i, word in enumerate(words):
            if not finite[i]:
                self.log.add("infinite", [numbers[i]])
            elif word in self._rows:
                self.log.add("duplicate", [numbers[i]])
            elif not self.full:
                self._rows[word] = len(self._rows)
                chosen.append(i)
        if not chosen:
            return
        end = start + len(chosen)
        if end > len(self._matrix):
            # Overallocate, so that few copies are made where the memory cannot grow in place.
            self._matrix.resize((end + end // _GROWTH, self.dim), refcheck=False)
        kept = self.rounded(vectors[chosen] if len(chosen) < len(vectors) else vectors)
        self._matrix[start:end] = kept
        self.log.add("zero", [numbers[chosen[i]] for i in np.flatnonzero(~kept.any(axis=1))])

    def rounded(self, vectors: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return vectors in the precision in which they are kept.

        Raises:
            DataError: a value is too large for half precision.
        """
        if not self._half:
            return vectors.astype(np.float32, copy=False)
        with np.errstate(over="ignore"):
            halves = vectors.astype(np.float16)
        if np.isinf(halves).any():
            raise DataError(
                f"{self.where}: {np.abs(vectors).max():g} is too large for half precision; keep single precision"
            )
        return halves

    def finish(self, found: int) -> tuple[list[str], NDArray[np.floating], VectorReport]:
        """Return the words, their vectors ``[N, dim]`` and the report.

        Args:
            found: the number of vectors in the file.

        Raises:
            FormatError: the file holds no usable vector.
        """
        report = VectorReport(
            self.where, self._format, self._unit, self.dim, found, len(self._rows), self.log.problems()
        )
        if not self._rows and (self._keeps is None or not found):
            raise FormatError(
                "; ".join([f"{self.where}: expected word vectors, found none", *report.describe()])
            )
        self._matrix.resize((len(self._rows), self.dim), refcheck=False)
        return list(self._rows), self._matrix, report


def _test_of(keep: Keep) -> Callable[[str], bool] | None:
    if keep is None or callable(keep):
        return keep
    return frozenset(keep).__contains__


def _decoded(word: bytes) -> str | None:
    try:
        return word.decode("utf-8")
    except UnicodeDecodeError:
        return None
