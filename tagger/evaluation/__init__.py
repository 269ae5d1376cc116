"""How good a model is, how sure one can be of it, and where it fails: for ours and for any tool's predictions.

Read in this order: ``comparison`` (two sides as columns of numbers, which everything else counts), ``results`` (tables
of figures, the one form in which all that is found is printed, written and drawn), ``parts`` and
``reading_predictions`` (what any tool predicted). How good: ``scores``, ``units`` and ``certainty`` (what is drawn for
intervals and tests), ``against`` (two systems). Where it fails: ``matching`` (which spans belong together),
``partial``, ``errors`` and ``confusion``; ``attributes``, ``training_statistics``, ``training_attributes``,
``column_reading`` and ``column_values`` (what tells slices apart), ``slices`` and ``document_scores``. Probabilities:
``reliability``, ``thresholds`` and ``threshold_tables``, ``temperature``. Where both sides have different tokens:
``segmented`` (a side by characters), ``reading_segmented`` and ``uncut_texts`` (from files, and to what a model is to
cut), ``word_alignment`` and ``raw_text`` (tokens, sentences, words and labels as the CoNLL 2018 shared task scores
them). At last ``evaluation``, which puts all of it together.
"""

from __future__ import annotations

from tagger.evaluation.comparison import Comparison, Side
from tagger.evaluation.results import Column, ResultTable

__all__ = ["Column", "Comparison", "ResultTable", "Side"]
