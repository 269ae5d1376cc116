"""The linear-chain CRF, as a layer and as functions of tensors."""

from tagger.modules.crf.functional import (
    Backend,
    crf_entropy,
    crf_log_likelihood,
    crf_log_partition,
    crf_marginals,
    crf_nbest_decode,
    crf_pairwise_marginals,
    crf_partial_log_likelihood,
    crf_posterior_decode,
    crf_score,
    crf_viterbi_decode,
    crf_window_log_likelihood,
)
from tagger.modules.crf.layer import LinearChainCRF
from tagger.modules.crf.posterior import ChainPosterior
from tagger.schemes import TransitionConstraints

__all__ = [
    "Backend",
    "ChainPosterior",
    "LinearChainCRF",
    "TransitionConstraints",
    "crf_entropy",
    "crf_log_likelihood",
    "crf_log_partition",
    "crf_marginals",
    "crf_nbest_decode",
    "crf_pairwise_marginals",
    "crf_partial_log_likelihood",
    "crf_posterior_decode",
    "crf_score",
    "crf_viterbi_decode",
    "crf_window_log_likelihood",
]
