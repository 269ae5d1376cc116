"""Words of CoNLL-U without a label in MISC: O where a file labels the words of entities alone, else an error."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from tagger.errors import DataError, FormatError

_OF_SPAN: Final = re.compile(r"[BIELUSM]-\S.*")


class AbsentLabels:
    """Judges the labels of a file one by one, in constant memory.

    That a file labels the words of entities alone shows in its labels: all are a letter and a type, such as B-PER, and
    none is O. What contradicts that is an error as soon as it is there.

    Args:
        field: where the labels are, for messages.
        count: called with the field and the place of every word that is read as O; None: such a word is an error.
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
            label: what is there, None for nothing.
            where: the place of the word.
            row: its row, for messages.

        Raises:
            FormatError: a word has no label, and others have labels that are not those of entities alone.
            DataError: a label is not that of an entity, and earlier words without one were read as O.
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
        """Count nothing of a sentence, which is left out."""
        self._places.clear()

    def end(self) -> None:
        """Say so if words were read as O, and none was of an entity.

        Raises:
            DataError: nothing tells that labels of entities are what the field is for.
        """
        if self._first and not self._has_spans:
            raise DataError(
                f"{self._first}: expected a label in {self._field}, found none, nor one of an entity, such as B-PER, "
                "in the whole file. Are the labels in another field?"
            )
