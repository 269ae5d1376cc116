"""Detection of the text field and the labelling control of a Label Studio export, which does not state them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

from tagger.errors import FormatError
from tagger.formats.annotated import AnnotatedText
from tagger.formats.claims import Claim, fits
from tagger.formats.format import ReadingContext
from tagger.formats.json_files.objects import list_keys
from tagger.formats.offsets import UNITS
from tagger.formats.tools.hypertext import check_offsets, has_markup, without_tags
from tagger.options import argument

_LOG: Final = logging.getLogger(__name__)
_USUAL_FIELD: Final = "text"
DOCUMENT_FIELD: Final = "document"
"""The field of document ids."""


class RecordReader(Protocol):
    """Reads the records of a file, tasks or rows, once enough of them have been seen."""

    def look(self, record: Mapping[str, Any], where: str, /) -> bool:
        """Examine the next record; return whether it is to be read."""
        ...

    def knows_enough(self, num_held: int, /) -> bool:
        """Return whether the held records, of this number, can be read."""
        ...

    def read(self, number: int, where: str, record: Mapping[str, Any], /) -> Iterator[AnnotatedText]:
        """Yield the text of a record, unless it is left out."""
        ...

    def settle(self) -> None:
        """After the last record, decide what is still unknown."""
        ...

    def check(self) -> None:
        """After the last record, refuse chosen names that do not occur."""
        ...


def read_in_turn(
    records: Iterable[tuple[str, Mapping[str, Any]]], reader: RecordReader
) -> Iterator[AnnotatedText]:
    """Yield the texts of records in order, holding the first ones until enough is known to read them.

    Args:
        records: the records, each with its place.
        reader: the reader of this file.
    """
    held: list[tuple[int, str, Mapping[str, Any]]] = []
    for number, (where, record) in enumerate(records, start=1):
        if reader.look(record, where):
            held.append((number, where, record))
        if reader.knows_enough(len(held)):
            for waiting in held:
                yield from reader.read(*waiting)
            held.clear()
    if held:
        reader.settle()
        for waiting in held:
            yield from reader.read(*waiting)
    reader.check()


class Region(NamedTuple):
    """A labelled range of a text.

    Attributes:
        control: the name of its control.
        claims: a claim for each of its labels.
        is_html: whether the text is HTML, whose tags its offsets do not count.
    """

    control: str
    claims: list[Claim]
    is_html: bool = False


class Unreadable(FormatError):
    """A task or row whose annotations are malformed."""


class Controls:
    """Selects the regions of one labelling control, the only one or the chosen one.

    Args:
        context: the reading context; its option ``label_column`` names a control.
    """

    def __init__(self, context: ReadingContext) -> None:
        self._name = context.name
        chosen = context.options.label_column
        self._chosen = None if chosen is None else str(chosen)
        self._losses = context.losses
        self._found: dict[str, None] = {}
        self._glanced: dict[str, None] = {}
        """The controls of all regions examined to find the text."""

    def claims(self, regions: Sequence[Region], where: str) -> list[Claim]:
        """Return the claims of the regions that are read, counting the others.

        Raises:
            FormatError: no control is chosen, and there are regions of several.
        """
        self._found.update(dict.fromkeys(control for control, *_ in regions))
        if self._chosen is None and len(self._found) > 1:
            raise FormatError(
                f"{where}: expected labels of one control, found those of {list_keys(self._found)}. Choose one: "
                f"{argument('data.label_column', next(iter(self._found)))}"
            )
        wanted: list[Claim] = []
        for control, claims, _ in regions:
            if self.may_want(control):
                wanted += claims
            else:
                self._losses.add(f"regions of other controls than {self._chosen}, not read", where)
        return wanted

    def may_want(self, control: str) -> bool:
        """Return whether regions of a control may be read."""
        return self._chosen in (None, control)

    def glance(self, control: str) -> bool:
        """Record a control; return whether its regions may be used to find the text."""
        self._glanced[control] = None
        return self.may_want(control)

    def check(self) -> None:
        """Log which control was used.

        Raises:
            FormatError: the chosen control has no regions.
        """
        if self._chosen is None and self._found:
            _LOG.info("%s: labels are those of the control %s", self._name, list_keys(self._found))
        self._check_name(self._found)

    def check_glanced(self) -> None:
        """If the text was not found, check that the chosen control has regions, which would have shown it.

        Raises:
            FormatError: it has none; lists the controls that have some.
        """
        self._check_name(self._glanced)

    def _check_name(self, found: Mapping[str, None]) -> None:
        if self._chosen is not None and found and self._chosen not in found:
            raise FormatError(
                f"{self._name}: expected labels of the control {self._chosen!r}, found those of {list_keys(found)}"
            )


def with_line_breaks(claims: Sequence[Claim], text: str) -> list[Claim]:
    r"""Restore line breaks in mentions, which the editor writes as a backslash and an n.

    >>> with_line_breaks([Claim([(0, 7)], "LOC", r"New\nYork")], "New\nYork")[0].mention
    'New\nYork'
    """
    return [
        claim._replace(mention=claim.mention.replace(r"\n", "\n"))
        if claim.mention is not None and r"\n" in claim.mention and claim.mention not in text
        else claim
        for claim in claims
    ]


def check_html(claims: Sequence[Claim], text: str, where: str) -> None:
    """Check offsets into HTML; see :func:`check_offsets`.

    Raises:
        Unreadable: they are not confirmed.
    """
    try:
        check_offsets(claims, text, where)
    except FormatError as error:
        raise Unreadable(str(error)) from None


class TextField:
    """Finds the field that holds the texts: the only string, or the one in which all mentions are found.

    The first region shows whether the texts are HTML, which is read without its tags.

    Args:
        context: the reading context; its option ``text_column`` names the field.
    """

    def __init__(self, context: ReadingContext) -> None:
        self._name = context.name
        self._candidates: list[str] | None = None
        self._strings: set[str] = set()
        """The fields that are strings in some task."""
        self._is_html: bool | None = None
        self._may_be_html = False
        """Whether a task so far looks like HTML."""
        self._known = context.options.text_column

    @property
    def is_known(self) -> bool:
        """Whether the texts of the tasks so far can be read."""
        return self._known is not None and (self._is_html is not None or not self._may_be_html)

    def look(self, fields: Mapping[str, Any], regions: Iterable[Region]) -> None:
        """Examine a task, unless the field and the kind of its texts are known already.

        Args:
            fields: its fields.
            regions: the regions of its text.
        """
        if self._known is not None and self._is_html is not None:
            return
        regions = list(regions)
        if self._is_html is None and regions:
            self._is_html = regions[0].is_html
        strings = [key for key, value in fields.items() if isinstance(value, str) and not _is_id(key, value)]
        self._may_be_html = self._may_be_html or any(
            has_markup(fields[key]) for key in strings if self._known in (None, key)
        )
        if self._known is not None:
            return
        told = [
            claim
            for region in regions
            for claim in region.claims
            if claim.mention is not None and all(type(place) is int for place in claim.ranges[0])
        ]
        # A field without a value may hold the text of other tasks.
        possible = [key for key, value in fields.items() if value is None or key in strings]
        fitting = [key for key in strings if told and self._holds(fields[key], told)] or possible
        self._strings.update(strings)
        if self._candidates is None:
            self._candidates = fitting
        else:
            self._candidates = [key for key in self._candidates if key in fitting] or self._candidates
        if len(self._candidates) == 1 and self._candidates[0] in self._strings:
            self._known = self._candidates[0]

    def settle(self) -> None:
        """Decide after all tasks; of several candidates, the usual field is taken.

        Raises:
            FormatError: several fields qualify, or none; lists them.
        """
        self._is_html = bool(self._is_html)
        if self._known is not None:
            return
        found = [key for key in self._candidates or () if key in self._strings]
        if len(found) > 1 and _USUAL_FIELD in found:
            _LOG.info(
                "%s: texts are those of the field %r, of %s (%s names another)",
                self._name,
                _USUAL_FIELD,
                list_keys(found),
                argument("data.text_column"),
            )
            found = [_USUAL_FIELD]
        if len(found) != 1:
            example = argument("data.text_column", next(iter(found), ...))
            raise FormatError(
                f"{self._name}: expected one field with the text of a task, found "
                f"{list_keys(found) if found else 'none'}. Name it: {example}"
            )
        self._known = found[0]

    @property
    def name(self) -> str:
        """The field, once it is known."""
        assert self._known is not None, "is_known, or settled"
        return self._known

    def text(self, fields: Mapping[str, Any]) -> str | None:
        """Return the text of a task, without tags if it is HTML; None if there is none."""
        value = fields.get(self.name)
        if not isinstance(value, str):
            return None
        return without_tags(value) if self.is_html(value) else value

    def is_html(self, value: Any) -> bool:
        """Return whether the value of the field is HTML."""
        return bool(self._is_html) and isinstance(value, str) and has_markup(value)

    def _holds(self, text: str, claims: Sequence[Claim]) -> bool:
        """Return whether all mentions match a text at their offsets, in any unit."""
        if self._is_html and has_markup(text):
            text = without_tags(text)
        claims = with_line_breaks(claims, text)
        return any(fits(text, claims, unit) for unit in UNITS)


def _is_id(key: str, value: str) -> bool:
    """Return whether a field holds the id of a document rather than a text: a single word."""
    return key == DOCUMENT_FIELD and len(value.split()) == 1
