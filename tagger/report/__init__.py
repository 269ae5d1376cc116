"""Pictures and pages: HTML and SVG made from arrays and text, without scripts and without outside resources.

Knows nothing of models. Read in this order: ``markup`` (elements, escaping), ``words`` (text of unknown origin, fit to
be shown), ``heat_map`` and ``charts`` (pictures), ``tables``, ``style`` and ``page`` (what holds them together).
"""

from __future__ import annotations

from tagger.report.charts import Series, histogram, line_chart
from tagger.report.heat_map import heat_map
from tagger.report.markup import Markup, element, join
from tagger.report.page import Figure, Section, html_page
from tagger.report.tables import Cell, table
from tagger.report.words import shortened

__all__ = [
    "Cell",
    "Figure",
    "Markup",
    "Section",
    "Series",
    "element",
    "heat_map",
    "histogram",
    "html_page",
    "join",
    "line_chart",
    "shortened",
    "table",
]
