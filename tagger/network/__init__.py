"""The inference network in NumPy: from word features to emissions, with frozen weights and without torch.

It computes what :class:`tagger.model.TaggerModel` computes in evaluation mode. Read in this order: ``arrays`` (frozen
weights), ``order`` (in which order tokens are read), ``activations`` and ``cells`` (one step of each recurrent unit),
``products`` and ``blas`` (matrix products), ``layer`` and ``stack`` (the recurrence), ``char_cnn`` and ``embeddings``
(vectors of words), ``wide`` (hand-crafted features), ``network`` (all of it), ``decoder`` (transition scores of the
CRF), ``shapes`` (which weights there are).
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
