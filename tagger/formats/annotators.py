"""Choice of the annotator where several people annotated the same text."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from itertools import islice
from typing import Final, TypeAlias

from tagger.errors import DataError, FormatError
from tagger.formats.annotated import CharacterSpan
from tagger.formats.format import ReadingContext
from tagger.options import argument

Names: TypeAlias = tuple[str, ...]
"""The names of one annotator, the one used in messages first; empty where the file gives none."""

_NOBODY: Final = "an unnamed annotator"
_LISTED: Final = 20
"""The most annotators that a message lists."""
_ASKED: Final = 100_000
"""The most unread annotations that are searched for annotator names before an error that lists them."""


class Annotators:
    """Selects the annotations of one file by annotator, and checks whether those of one text agree.

    Args:
        context: the reading context; its option ``annotator`` chooses one annotator.
        rest: the annotators of the annotations not yet read; consumed before an error that lists annotators.
    """

    def __init__(self, context: ReadingContext, rest: Iterable[Names] = ()) -> None:
        self._name = context.name
        self._chosen = context.options.annotator
        self._losses = context.losses
        self._rest = rest
        self._noted = context.annotators
        self._found: dict[str, None] = {}
        """The annotators for messages: as many as one lists, and one more."""
        self._is_there = False
        self._said: dict[str, tuple[Names, int]] = {}

    def counts(self, names: Names, where: str) -> bool:
        """Return whether an annotator's annotations are to be read; count them as a loss if not."""
        self._meet(names)
        if self._chosen is None:
            return True
        if self._chosen in names:
            self._is_there = True
            return True
        self._losses.add(f"annotations of others than {self._chosen}, left out", where)
        return False

    def agree(self, versions: Iterable[tuple[Names, Iterable[CharacterSpan]]], where: str) -> bool:
        """Return whether all annotations of one text are equal and can be read once.

        Raises:
            FormatError: they differ, and bad data are not skipped.
        """
        (first, spans), *others = versions = list(versions)
        for names, _ in versions:
            self._meet(names)
        for names, other in others:
            if _essence(other) != _essence(spans):
                self._refuse(first, names, where)
                return False
        if others:
            self._losses.add(_REPEATED, where, times=len(others))
        return True

    def is_new(self, key: str, names: Names, spans: Iterable[CharacterSpan], where: str) -> bool:
        """Return whether a text is seen for the first time, in a file that repeats it for each annotator.

        Args:
            key: the file's key of the text.
            names: the names of the annotator.
            spans: the annotated spans.
            where: the place of this annotation.

        Raises:
            FormatError: an earlier annotation differs, and bad data are not skipped.
        """
        self._meet(names)
        essence = _essence(spans)
        if key not in self._said:
            self._said[key] = names, essence
            return True
        first, said = self._said[key]
        if said == essence:
            self._losses.add(_REPEATED, where)
        else:
            self._refuse(first, names, where)
        return False

    def check(self) -> None:
        """Check that the chosen annotator annotated something.

        Raises:
            FormatError: there are only annotations of others; lists them.
        """
        if self._chosen is not None and self._found and not self._is_there:
            raise FormatError(
                f"{self._name}: expected annotations of {self._chosen!r}, found those of {self._listed()}"
            )

    def _meet(self, names: Names) -> None:
        if self._noted is not None and names:
            self._noted[_called(names)] = None
        if len(self._found) <= _LISTED:
            self._found[_called(names)] = None

    def _listed(self, *, but: str | None = None) -> str:
        listed = [name for name in self._found if name != but]
        return ", ".join([*listed[:_LISTED], *(["others"] if len(listed) > _LISTED else [])])

    def _refuse(self, first: Names, second: Names, where: str) -> None:
        if self._noted is not None:
            return
        if first == second:
            found = f"two of {_called(first)} that differ. Leave one out of the file"
        else:
            if not self._losses.skip_bad:
                with suppress(DataError):  # the error at hand goes first
                    for names in islice(self._rest, _ASKED):
                        self._meet(names)
            choice = argument("data.annotator", (first or second)[0])
            everybody = self._listed(but=_NOBODY)
            found = f"different ones of {_called(first)} and {_called(second)}. Choose one ({everybody}): {choice}"
        self._losses.bad(
            "texts whose annotators differ", f"{where}: expected one annotation of a text, found {found}"
        )


_REPEATED: Final = "annotations equal to another annotator's, read once"


def _called(names: Names) -> str:
    return names[0] if names else _NOBODY


def _essence(spans: Iterable[CharacterSpan]) -> int:
    """Return a hash of the ranges and labels."""
    return hash(frozenset((span.ranges, span.label) for span in spans))
