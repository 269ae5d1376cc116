"""What a Label Studio export does not say: which field of a task holds the text, and which labelling control counts."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from tagger.errors import FormatError
from tagger.formats.claims import Claim, fits
from tagger.formats.format import ReadingContext
from tagger.formats.json_files.objects import list_keys
from tagger.formats.offsets import UNITS
from tagger.options import argument

_LOG: Final = logging.getLogger(__name__)
_USUAL_FIELD: Final = "text"
DOCUMENT_FIELD: Final = "document"
"""Where ids of documents are written."""


class Region(NamedTuple):
    """A labelled range of a text.

    Attributes:
        control: the name of the control with which it was drawn.
        claims: a claim for each label that it has.
    """

    control: str
    claims: list[Claim]


class Controls:
    """Decides which regions are read: those of one labelling control, the only one or the one that is named.

    Args:
        context: of the file; its option ``label_column`` names a control.
    """

    def __init__(self, context: ReadingContext) -> None:
        self._name = context.name
        chosen = context.options.label_column
        self._chosen = None if chosen is None else str(chosen)
        self._losses = context.losses
        self._found: dict[str, None] = {}

    def claims(self, regions: Sequence[Region], where: str) -> list[Claim]:
        """Return the claims of the regions that are read; count the others.

        Raises:
            FormatError: none is named, and there are regions of several.
        """
        for control, _ in regions:
            if control not in self._found:
                self._found[control] = None
                if self._chosen is None and len(self._found) > 1:
                    raise FormatError(
                        f"{where}: expected labels of one control, found those of {list_keys(self._found)}. Choose "
                        f"one: {argument('data.label_column')}"
                    )
        wanted: list[Claim] = []
        for control, claims in regions:
            if self.may_want(control):
                wanted += claims
            else:
                self._losses.add(f"regions of other controls than {self._chosen}, not read", where)
        return wanted

    def may_want(self, control: str) -> bool:
        """Return whether regions of a control are read, if it is the only one."""
        return self._chosen in (None, control)

    def check(self) -> None:
        """Say which control was used.

        Raises:
            FormatError: one is named of which there is no region.
        """
        if self._chosen is None:
            if self._found:
                _LOG.info("%s: labels are those of the control %s", self._name, list_keys(self._found))
        elif self._found and self._chosen not in self._found:
            raise FormatError(
                f"{self._name}: expected labels of the control {self._chosen!r}, found those of "
                f"{list_keys(self._found)}"
            )


def with_line_breaks(claims: Sequence[Claim], text: str) -> list[Claim]:
    r"""Return claims on a text with line breaks in their mentions: the editor writes each as a backslash and an n.

    >>> with_line_breaks([Claim([(0, 7)], "LOC", r"New\nYork")], "New\nYork")[0].mention
    'New\nYork'
    """
    return [
        claim._replace(mention=claim.mention.replace(r"\n", "\n"))
        if claim.mention is not None and r"\n" in claim.mention and claim.mention not in text
        else claim
        for claim in claims
    ]


class TextField:
    """Finds the field that holds the texts: the only one that is a string, or in which all mentions are found.

    Args:
        context: of the file; its option ``text_column`` names the field.
    """

    def __init__(self, context: ReadingContext) -> None:
        self._name = context.name
        self._candidates: list[str] | None = None
        self.known = context.options.text_column
        """The field, once it is known."""

    def look(self, fields: Mapping[str, Any], claims: Sequence[Claim]) -> None:
        """Look at one more task.

        Args:
            fields: of it.
            claims: what annotators said of its text.
        """
        if self.known is not None:
            return
        strings = [key for key, value in fields.items() if isinstance(value, str) and not _is_id(key, value)]
        told = [
            claim
            for claim in claims
            if claim.mention is not None and all(type(place) is int for place in claim.ranges[0])
        ]
        fitting = [key for key in strings if _holds(fields[key], told)] or strings
        if self._candidates is None:
            self._candidates = fitting
        else:
            self._candidates = [key for key in self._candidates if key in fitting] or self._candidates
        if len(self._candidates) == 1:
            self.known = self._candidates[0]

    def settle(self) -> None:
        """Take, after all tasks, the usual field of several that would do.

        Raises:
            FormatError: it is none of them; lists them.
        """
        if _USUAL_FIELD in (self._candidates or ()):
            self.known = _USUAL_FIELD
            _LOG.info(
                "%s: texts are those of the field %r, of %s (%s names another)",
                self._name,
                _USUAL_FIELD,
                list_keys(self._candidates or ()),
                argument("data.text_column"),
            )
            return
        found = list_keys(self._candidates) if self._candidates else "none"
        raise FormatError(
            f"{self._name}: expected one field with the text of a task, found {found}. Name it: "
            f"{argument('data.text_column')}"
        )


def _is_id(key: str, value: str) -> bool:
    """Return whether a field holds the id of a document and no text: a single word."""
    return key == DOCUMENT_FIELD and len(value.split()) == 1


def _holds(text: str, claims: Sequence[Claim]) -> bool:
    """Return whether all mentions are in a text where they are claimed, in whatever unit."""
    claims = with_line_breaks(claims, text)
    return any(fits(text, claims, unit) for unit in UNITS)
