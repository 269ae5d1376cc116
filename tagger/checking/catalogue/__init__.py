"""All checks by their ids. An id never changes its meaning; a new check gets a new id."""

from __future__ import annotations

from typing import Final

from tagger.checking.catalogue.of_copies import OF_COPIES
from tagger.checking.catalogue.of_labels import OF_LABELS
from tagger.checking.catalogue.of_reading import OF_READING
from tagger.checking.catalogue.of_statistics import OF_STATISTICS
from tagger.checking.catalogue.of_tokens import OF_TOKENS

CHECKS: Final = {
    check.id: check
    for block in (OF_READING, OF_TOKENS, OF_LABELS, OF_COPIES, OF_STATISTICS)
    for check in block
}
"""Every check by its id."""
