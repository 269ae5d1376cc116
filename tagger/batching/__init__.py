"""Batches: which sentences are computed together (``grouping``), and as which arrays (``batch``)."""

from tagger.batching.batch import Batch, EncodedSentences, assemble, pad
from tagger.batching.grouping import batches_by_length, shuffled_batches

__all__ = ["Batch", "EncodedSentences", "assemble", "batches_by_length", "pad", "shuffled_batches"]
