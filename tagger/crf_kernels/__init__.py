"""The linear-chain CRF on NumPy arrays: packing, likelihoods with gradients, Viterbi, n-best; no torch."""

from tagger.crf_kernels.decoding import LOWER_EVERY, best_labels, max_plus, nbest, posterior_decode, viterbi
from tagger.crf_kernels.likelihood import (
    Gradient,
    Likelihood,
    differentiable_log_likelihood,
    entropy,
    log_likelihood,
    log_partition,
    log_ratio,
    path_scores,
    posterior,
)
from tagger.crf_kernels.packing import Packing, pack_mask
from tagger.crf_kernels.padded import PaddedPosterior
from tagger.crf_kernels.posteriors import Posterior
from tagger.crf_kernels.scores import PackedScores, pack_labels, pack_scores
from tagger.crf_kernels.windows import window_log_likelihood

__all__ = [
    "LOWER_EVERY",
    "Gradient",
    "Likelihood",
    "PackedScores",
    "Packing",
    "PaddedPosterior",
    "Posterior",
    "best_labels",
    "differentiable_log_likelihood",
    "entropy",
    "log_likelihood",
    "log_partition",
    "log_ratio",
    "max_plus",
    "nbest",
    "pack_labels",
    "pack_mask",
    "pack_scores",
    "path_scores",
    "posterior",
    "posterior_decode",
    "viterbi",
    "window_log_likelihood",
]
