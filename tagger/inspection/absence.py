"""AbsentViewError: a model has nothing of what a view shows."""

from __future__ import annotations

from tagger.errors import UsageError


class AbsentViewError(UsageError):
    """The view asked for cannot be had of this model, or not without a corpus; a page can do without it."""
