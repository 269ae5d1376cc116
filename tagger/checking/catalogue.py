"""All checks by their ids. An id stays what it is for good; a new check gets a new one."""

from __future__ import annotations

from typing import Final

from tagger.checking.findings import Check

_OF_READING: Final = (
    Check(
        "unreadable",
        "error",
        "a file that cannot be read as it stands",
        "Mend what the message names, or say how the file is to be read (--input, --label-column, ...).",
    ),
)
_OF_LABELS: Final = (
    Check(
        "illegal-label",
        "error",
        "labels that break the rules of their scheme",
        "Correct them; --fix makes them what conlleval reads them as.",
        fixable=True,
    ),
)
_OF_COPIES: Final = (
    Check(
        "leaked-sentence",
        "warning",
        "sentences of train that are in dev or test, too",
        "Leave them out of one of the two: scores on what was learned say little.",
    ),
    Check(
        "conflicting-sentence",
        "warning",
        "the same sentence with other labels",
        "Look at them side by side: at most one of the readings is right.",
    ),
)
_OF_STATISTICS: Final[tuple[Check, ...]] = ()

CHECKS: Final = {
    check.id: check for block in (_OF_READING, _OF_LABELS, _OF_COPIES, _OF_STATISTICS) for check in block
}
"""Every check under its id."""
