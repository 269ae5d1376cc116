"""A second, slow fastText: writes its binary files and puts word vectors together, from the published description."""

from __future__ import annotations

import struct

import numpy as np


def fasttext_bytes(words, matrix, *, min_chars=3, max_chars=6, buckets=0, model=2, version=12, labels=(),
                   quantised=False, pruned=-1, counts=None):  # fmt: skip
    """The bytes of a model file; ``matrix`` has a row for each word, label and bucket."""
    dim = matrix.shape[1]
    data = struct.pack("<ii", 793712314, version)
    data += struct.pack("<12id", dim, 5, 5, 1, 5, 1, 2, model, buckets, min_chars, max_chars, 100, 1e-4)
    entries = [(word, 0) for word in words] + [(label, 1) for label in labels]
    data += struct.pack("<iiiqq", len(entries), len(words), len(labels), 1000, pruned)
    for i, (word, kind) in enumerate(entries):
        data += word + b"\0" + struct.pack("<qb", (counts or {}).get(word, 1000 - i), kind)
    data += struct.pack("<?qq", quantised, *matrix.shape) + matrix.astype("<f4").tobytes()
    return data + struct.pack("<?qq", False, len(words), dim) + np.zeros((len(words), dim), "<f4").tobytes()


def fnv(ngram):
    """32-bit FNV-1a over bytes taken for signed numbers."""
    value = 2166136261
    for byte in ngram:
        signed = byte - 256 if byte >= 128 else byte
        value = ((value ^ (signed % 2**32)) * 16777619) % 2**32
    return value


def ngrams(word, min_chars, max_chars):
    """The n-grams of a word (bytes), as bytes: by characters, from left to right, short ones first."""
    if word == b"</s>":
        return []
    chars = list("<" + word.decode("utf-8", "surrogatepass") + ">")
    found = []
    for start in range(len(chars)):
        for n in range(1, max_chars + 1):
            end = start + n
            if end > len(chars) or n < min_chars:
                continue
            if n == 1 and (start == 0 or end == len(chars)):
                continue
            found.append("".join(chars[start:end]).encode("utf-8", "surrogatepass"))
    return found


def word_vector(word, words, matrix, *, min_chars, max_chars, buckets):
    """The vector of any word, in double precision; None where nothing is known of it."""
    rows = [words.index(word)] if word in words else []
    if max_chars:
        rows += [len(words) + fnv(ngram) % buckets for ngram in ngrams(word, min_chars, max_chars)]
    return matrix[rows].astype(np.float64).mean(axis=0) if rows else None
