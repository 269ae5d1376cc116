"""CoNLL-U words without a label in MISC: O if the file labels only the words of entities, else an error."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from tagger.errors import DataError, FormatError

_OF_SPAN: Final = re.compile(r"[BIELUSM]-\S.*")


class AbsentLabels:
    """Checks the labels of a file one by one, in constant memory.

    If a file labels only the words of entities, all its labels are a letter and a type, such as B-PER, and none is O.
    Any contradiction is an error at once.

    Args:
        field: the field of the labels, for messages.
        count: called with the field and the place of every word that is read as O; if None, such a word is an error.
    """

    def __init__(self, field: str, count: Callable[[str, str], None] | None) -> None:
        self._field = field
        self._count = count
        self._places: list[str] = []
        self._first = ""
        self._other = ""
        self._has_spans = False

    def label(self, label: str | None, where: str, row: str) -> str:
        """Return the label of a word, O if it has none.

        Args:
            label: the label, or None.
            where: the place of the word.
            row: its row, for messages.

        Raises:
            FormatError: a word has no label, and not all labels are those of entities.
            DataError: a label is not that of an entity, and earlier words without a label were read as O.
        """
        if label is None:
            if self._count is None or self._other:
                raise FormatError(f"{where}: expected a label in {self._field}, found none: {row}")
            self._places.append(where)
            return "O"
        if self._count is None:
            return label
        if _OF_SPAN.fullmatch(label):
            self._has_spans = True
        else:
            first = self._first or next(iter(self._places), "")
            if first:
                raise DataError(
                    f"{first}: expected a label in {self._field}, found none. It would be read as O if all others were "
                    f"of entities, such as B-PER, but there is {label!r} ({where}). Give all words a label, or only "
                    "those of entities."
                )
            self._other = label
        return label

    def read(self) -> None:
        """Count the words of a sentence that were read as O."""
        if self._count is None:
            return
        for place in self._places:
            self._first = self._first or place
            self._count(self._field, place)
        self._places.clear()

    def forget(self) -> None:
        """Discard the counts of a sentence that is left out."""
        self._places.clear()

    def end(self) -> None:
        """Check that there were labels of entities if words were read as O.

        Raises:
            DataError: there were none, so the field may not hold entities.
        """
        if self._first and not self._has_spans:
            raise DataError(
                f"{self._first}: expected a label in {self._field}, found none, nor one of an entity, such as B-PER, "
                "in the whole file. Are the labels in another field?"
            )
