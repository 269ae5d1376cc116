"""Charts and pages: HTML and SVG made from arrays and text, without scripts or external resources.

This package knows nothing about models. Read in this order: ``markup`` (elements, escaping), ``words`` (untrusted text,
made displayable), ``heat_map``, ``charts`` and ``rows`` (charts), ``tables``, ``marked_text`` (words with labels
beneath), ``entity_text`` (a text with its entities coloured), ``filters`` (lists that readers can filter), ``style``
and ``page`` (the page around them).
"""

from __future__ import annotations

from tagger.report.charts import Band, Curve, Series, curve_chart, histogram, line_chart
from tagger.report.entity_text import SHADES, MarkedEntity, entity_rules, entity_text
from tagger.report.filters import Choice, filter_buttons, filter_rules
from tagger.report.heat_map import heat_map
from tagger.report.marked_text import Mark, marked_text
from tagger.report.markup import Markup, element, join
from tagger.report.page import PAGE_END, Figure, Section, html_page, page_head
from tagger.report.rows import Interval, bar, interval_chart
from tagger.report.tables import Cell, table
from tagger.report.words import shortened

__all__ = [
    "PAGE_END",
    "SHADES",
    "Band",
    "Cell",
    "Choice",
    "Curve",
    "Figure",
    "Interval",
    "Mark",
    "MarkedEntity",
    "Markup",
    "Section",
    "Series",
    "bar",
    "curve_chart",
    "element",
    "entity_rules",
    "entity_text",
    "filter_buttons",
    "filter_rules",
    "heat_map",
    "histogram",
    "html_page",
    "interval_chart",
    "join",
    "line_chart",
    "marked_text",
    "page_head",
    "shortened",
    "table",
]
