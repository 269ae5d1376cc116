"""Docstrings of attributes as they are written: without this, napoleon takes the words before a colon for a type."""

from __future__ import annotations

from sphinx.application import Sphinx

_BEFORE_NAPOLEON = 400


def begin_with_a_comment(
    app: Sphinx, what: str, name: str, documented: object, options: object, lines: list[str]
) -> None:
    """Begin the docstring with an empty comment, since napoleon looks for a type in the first line alone."""
    if what in ("attribute", "property"):
        lines[:0] = ["..", ""]


def setup(app: Sphinx) -> dict[str, bool]:
    """Change docstrings before napoleon does."""
    app.connect("autodoc-process-docstring", begin_with_a_comment, priority=_BEFORE_NAPOLEON)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
