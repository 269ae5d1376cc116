"""The inference network in NumPy: from word features to emissions, with frozen weights and without torch.

It computes the same as :class:`tagger.model.TaggerModel` in evaluation mode. Read in this order: ``arrays`` (frozen
weights), ``order`` (the order of tokens), ``activations`` and ``cells`` (one step of each recurrent unit),
``products`` and ``blas`` (matrix products), ``layer`` and ``stack`` (the recurrence), ``char_cnn`` and ``embeddings``
(word vectors), ``wide`` (hand-crafted features), ``network`` (the whole network), ``decoder`` (transition scores of
the CRF), ``shapes`` (names and shapes of the weights).
"""

from tagger.network.arrays import FloatArray, Weights
from tagger.network.blas import limit_blas_threads
from tagger.network.decoder import ChainDecoder
from tagger.network.network import Network
from tagger.network.order import ReadingOrder, reading_order

__all__ = [
    "ChainDecoder",
    "FloatArray",
    "Network",
    "ReadingOrder",
    "Weights",
    "limit_blas_threads",
    "reading_order",
]
