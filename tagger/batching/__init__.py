"""Batches: grouping of sentences (``grouping``), their arrays (``batch``), and expected counts (``counts``)."""

from tagger.batching.batch import Batch, EncodedSentences, assemble, pad
from tagger.batching.counts import BatchCounts, ExpectedCounts
from tagger.batching.grouping import batches_by_length, shuffled_batches

__all__ = [
    "Batch",
    "BatchCounts",
    "EncodedSentences",
    "ExpectedCounts",
    "assemble",
    "batches_by_length",
    "pad",
    "shuffled_batches",
]
