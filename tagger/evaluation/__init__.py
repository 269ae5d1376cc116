"""How good a model is, how sure one can be of it, and where it fails: for ours and for any tool's predictions.

Read in this order: ``comparison`` (two sides as columns of numbers, which everything else counts), ``results`` (tables
of figures, the one form in which all that is found is printed, written and drawn). Where it fails: ``matching`` (which
spans belong together), ``partial``, ``errors`` and ``confusion``; ``attributes``, ``training_statistics``,
``training_attributes``, ``column_reading`` and ``column_values`` (what tells slices apart), ``slices`` and
``document_scores``.
"""

from __future__ import annotations

from tagger.evaluation.comparison import Comparison, Side
from tagger.evaluation.results import Column, ResultTable

__all__ = ["Column", "Comparison", "ResultTable", "Side"]
