"""AbsentViewError: a view is not available for a model."""

from __future__ import annotations

from tagger.errors import UsageError


class AbsentViewError(UsageError):
    """The view is not available for this model, or needs a corpus; a page can omit it."""
