"""The page of a check: findings in their sentences, and figures with charts, in one HTML file.

Read in this order: ``entries`` (one finding), ``browser`` (all of them, with filters), ``pictures`` (figures),
``page``.
"""

from __future__ import annotations

from tagger.checking.page.page import to_html

__all__ = ["to_html"]
