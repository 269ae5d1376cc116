"""Pretrained word vectors: readers of the published file formats, and a table for look-up from disk."""

from __future__ import annotations

from tagger.vectors.lookup import Coverage, coverage, fold_digits, look_up
from tagger.vectors.numpy_files import write_numpy
from tagger.vectors.reading import WordVectors, read_vectors
from tagger.vectors.report import Problem, VectorReport
from tagger.vectors.subwords import Subwords
from tagger.vectors.table import VectorTable

__all__ = [
    "Coverage",
    "Problem",
    "Subwords",
    "VectorReport",
    "VectorTable",
    "WordVectors",
    "coverage",
    "fold_digits",
    "look_up",
    "read_vectors",
    "write_numpy",
]
