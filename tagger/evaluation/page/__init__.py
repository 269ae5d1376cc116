"""The page of an evaluation: all figures, drawn and as tables, and the errors in their sentences, as one HTML file.

Read in this order: ``items`` (errors, one by one), ``sampling`` (which of many are shown), ``sentences`` (one error in
its sentence), ``browser`` (all of them, with filters), ``figures`` (tables and their pictures), ``page``.
"""

from __future__ import annotations

from tagger.evaluation.page.items import ErrorItem, EvaluatedSide, label_items, span_items
from tagger.evaluation.page.page import evaluation_page

__all__ = ["ErrorItem", "EvaluatedSide", "evaluation_page", "label_items", "span_items"]
