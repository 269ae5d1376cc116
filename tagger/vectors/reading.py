"""read_vectors: reads any file of word vectors, recognising the format by its content."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagger.errors import FormatError, UsageError
from tagger.vectors import fasttext_files, numpy_files
from tagger.vectors.binary_files import read_binary
from tagger.vectors.collecting import Collector, Keep
from tagger.vectors.opening import opened
from tagger.vectors.report import VectorReport
from tagger.vectors.subwords import Subwords
from tagger.vectors.text_files import header_of, read_text

_START: Final = 2**12
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_NO_TEXT: Final = re.compile(rb"[\x00-\x08\x0e-\x1f\x80-\xff]")
_NUMBER: Final = re.compile(rb"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?|[-+]?(?:nan|inf)", re.IGNORECASE)
_FORMATS: Final = "GloVe or word2vec text, word2vec or fastText binary, or a NumPy matrix"
_FOREIGN: Final = (
    (b"\x80\x02", "a pickled file (gensim's own, perhaps); write it again with save_word2vec_format"),
    (b"\x80\x03", "a pickled file (gensim's own, perhaps); write it again with save_word2vec_format"),
    (b"\x80\x04", "a pickled file (gensim's own, perhaps); write it again with save_word2vec_format"),
    (b"\x80\x05", "a pickled file (gensim's own, perhaps); write it again with save_word2vec_format"),
    (b"\xff\xfe", "text in UTF-16, it seems; convert it with: iconv -f utf-16 -t utf-8 OLD > NEW"),
    (b"\xfe\xff", "text in UTF-16, it seems; convert it with: iconv -f utf-16 -t utf-8 OLD > NEW"),
    (b"\x1f\x8b", "a file packed twice; unpack it once"),
    (b"\xfd7zXZ\x00", "a file packed twice; unpack it once"),
    (b"PK\x03\x04", "a file packed twice; unpack it once"),
    (b"BZh", "a bzip2 file; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file; unpack it first"),
    (b"\x89HDF", "an HDF5 file"),
)


@dataclass(frozen=True)
class WordVectors:
    """Vectors of words, in memory.

    Attributes:
        words: N distinct words, in the order of the file.
        vectors: single or half precision, ``[N, D]``.
        subwords: composes vectors of unseen words; None if the file has no n-grams.
        report: counts of the file's vectors and problems.
    """

    words: list[str]
    vectors: NDArray[np.floating]
    subwords: Subwords | None
    report: VectorReport


def read_vectors(
    path: str | os.PathLike[str],
    *,
    dim: int | None = None,
    keep: Keep = None,
    limit: int | None = None,
    half: bool = False,
    subwords: bool = True,
    member: str | None = None,
    words: str | os.PathLike[str] | None = None,
) -> WordVectors:
    """Read word vectors: GloVe text, word2vec text or binary, fastText ``.vec`` or ``.bin``, or a NumPy matrix.

    Any of them may be compressed as gzip, zip or xz. File names and extensions do not matter. The file is read in one
    pass, so that memory is needed only for the vectors that are kept. Unusable lines and vectors are left out and
    reported.

    Args:
        path: the file.
        dim: the required dimension; any if left out.
        keep: the words to keep, as a collection or a predicate. The values of other words are not parsed.
        limit: the most vectors to keep, the first of the file; the rest is not read.
        half: whether to keep them in half precision.
        subwords: whether to keep the n-grams of a fastText model for unseen words; a third of a gigabyte or more.
        member: the file to read in a zip archive.
        words: the words of a NumPy matrix; ``NAME.words.txt`` beside ``NAME.npy`` if left out.

    Raises:
        DataError: the file is unreadable, or its vectors have another dimension.
        FormatError: it holds no vectors, is cut off or damaged, or is a supervised or quantised fastText model.
        UsageError: an option has no effect on this file.
    """
    if limit is not None and limit < 1:
        raise UsageError(f"limit: expected 1 or more, found {limit}")
    where = os.fspath(path) if member is None else f"{os.fspath(path)}/{member}"
    collector = Collector(where, expected_dim=dim, keep=keep, limit=limit, half=half)
    ngrams = None
    with opened(path, member=member) as stream:
        start = stream.read(_START)
        stream.seek(0)
        form = _recognise(start, where)
        if words is not None and form != "numpy":
            raise UsageError(
                f"{where}: is not a NumPy matrix, so a file of its words has no effect: {os.fspath(words)}"
            )
        if form == "numpy":
            found = numpy_files.read_numpy(stream, collector, Path(words or numpy_files.words_path(path)))
        elif form == "fasttext":
            found, ngrams = fasttext_files.read_fasttext(stream, collector, subwords=subwords)
        elif form == "binary":
            found = read_binary(stream, collector)
        else:
            found = read_text(stream, collector)
    kept, vectors, report = collector.finish(found)
    return WordVectors(kept, vectors, ngrams, report)


def _recognise(start: bytes, where: str) -> str:
    """Return the format of a file: numpy, fasttext, binary or text.

    Args:
        start: the first few KB.
        where: what messages call the file.
    """
    if not start:
        raise FormatError(f"{where}: expected word vectors ({_FORMATS}), found an empty file")
    if start.startswith(numpy_files.MAGIC):
        return "numpy"
    if start.startswith(fasttext_files.MAGIC):
        return "fasttext"
    for magic, what in _FOREIGN:
        if start.startswith(magic):
            raise FormatError(f"{where}: expected word vectors ({_FORMATS}), found {what}")
    if (header := header_of(start)) is not None:
        return "text" if _begins_with_text(start.partition(b"\n")[2], dim=header[1]) else "binary"
    if _CONTROL.search(start):
        raise FormatError(
            f"{where}: expected word vectors ({_FORMATS}), found a binary file of another kind, which begins with "
            f"{start[:8]!r}"
        )
    return "text"


def _begins_with_text(start: bytes, *, dim: int) -> bool:
    """Return whether bytes begin with a line of text, as far as it is available.

    Args:
        start: the bytes after the header.
        dim: the dimension in the header; a shorter line may be the beginning of a binary vector, whose bytes happen to
            be digits and a line end.
    """
    line, line_feed, _ = start.partition(b"\n")
    if not line_feed and len(start) >= _START // 2:
        line = line.rpartition(b" ")[0] or line  # the last field may be cut off
    fields = line.split()
    if not fields:
        return True
    is_plain = _NUMBER.fullmatch(fields[-1]) is not None or not _NO_TEXT.search(line)
    return is_plain and (len(fields) > dim or (not _CONTROL.search(start) and _is_utf8(start)))


def _is_utf8(start: bytes) -> bool:
    """Return whether bytes are UTF-8; the last character may be cut off."""
    try:
        start.decode()
    except UnicodeDecodeError as error:
        return error.end == len(start) and error.reason == "unexpected end of data"
    return True
