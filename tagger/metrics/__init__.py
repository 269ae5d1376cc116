"""Scores of predicted labels: precision, recall and F1 for spans, accuracy for labels without spans.

Everything is counted in integers, sentence by sentence, so the scores of a corpus do not depend on its division into
batches. A ratio with a zero denominator (no predicted span, no gold span, no token) is 0, as in conlleval.

Read in this order: ``counts``, ``span_scores``, ``token_scores``, ``scoring`` (whole corpora),
``seqeval_report`` (the same scores from the seqeval package, only for spans).
"""

from __future__ import annotations

from tagger.metrics.counts import Counts, Share
from tagger.metrics.scoring import Scores, score
from tagger.metrics.seqeval_report import require_seqeval, seqeval_report
from tagger.metrics.span_scores import SpanScorer, SpanScores
from tagger.metrics.token_scores import TokenScorer, TokenScores

__all__ = [
    "Counts",
    "Scores",
    "Share",
    "SpanScorer",
    "SpanScores",
    "TokenScorer",
    "TokenScores",
    "require_seqeval",
    "score",
    "seqeval_report",
]
