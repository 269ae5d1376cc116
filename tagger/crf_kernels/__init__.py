"""The linear-chain CRF on NumPy arrays: packing, forward-backward, Viterbi, n-best; no torch."""

from tagger.crf_kernels.decoding import nbest, viterbi
from tagger.crf_kernels.packing import Packing, pack_mask

__all__ = ["Packing", "nbest", "pack_mask", "viterbi"]
