"""The page of an evaluation: all results as charts and tables, and the errors in their sentences, as one HTML file.

Read in this order: ``items`` (single errors), ``sampling`` (choosing among many errors), ``sentences`` (one error in
its sentence), ``browser`` (all errors, with filters), ``figures`` (tables and their charts), ``page``.
"""

from __future__ import annotations

from tagger.evaluation.page.items import ErrorItem, EvaluatedSide, label_items, span_items
from tagger.evaluation.page.page import evaluation_page

__all__ = ["ErrorItem", "EvaluatedSide", "evaluation_page", "label_items", "span_items"]
