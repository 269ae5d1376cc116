"""How good a model is, how sure one can be of it, and where it fails: for ours and for any tool's predictions.

Read in this order: ``comparison`` (two sides as columns of numbers, which everything else counts), ``results`` (tables
of figures, the one form in which all that is found is printed, written and drawn), ``parts`` and
``reading_predictions`` (what any tool predicted). Where both sides have different tokens: ``segmented`` (a side by
characters), ``reading_segmented`` and ``uncut_texts`` (from files, and to what a model is to cut), ``word_alignment``
and ``raw_text`` (tokens, sentences, words and labels as the CoNLL 2018 shared task scores them).
"""

from __future__ import annotations

from tagger.evaluation.comparison import Comparison, Side
from tagger.evaluation.results import Column, ResultTable

__all__ = ["Column", "Comparison", "ResultTable", "Side"]
