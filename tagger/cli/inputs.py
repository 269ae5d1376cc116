"""Inputs of ``tagger tag``: records of one kind, from any number of files or standard input."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, TypeAlias

from tagger.cli.annotated_inputs import AnnotatedRecord, read_annotated
from tagger.cli.arguments import check_effects
from tagger.cli.streams import STANDARD, input_source
from tagger.documents import DocumentId
from tagger.errors import TaggerError, UsageError
from tagger.files.packing import without_packing
from tagger.formats import (
    FORMATS,
    ColumnRecord,
    DocumentOrder,
    JsonKeys,
    JsonRecord,
    ReadingOptions,
    TextRecord,
    checked,
    format_by_name,
    looks_like_columns,
    looks_marked,
    read_conll,
    read_conllu,
    read_json_records,
    read_plain,
    read_token_lines,
    recognise,
)
from tagger.formats.reading_options import TEXT_FORMATS
from tagger.text import Lines, NamedSegmenter, with_lines

Record: TypeAlias = ColumnRecord | JsonRecord | TextRecord | AnnotatedRecord

KINDS: Final = ("auto", "text", "tokens", *FORMATS)
_LOG: Final = logging.getLogger(__name__)

_TEXT_ENDINGS: Final = (".txt", ".text")

_OPTIONS: Final = {
    "text": {"lines"},
    "tokens": set[str](),
    "conll": {"token_column", "comment_prefix", "header"},
    "conllu": set[str](),
    "jsonl": {"token_column", "text_column", "document_column", "lines"},
}


def is_annotated(kind: str) -> bool:
    """Return whether only the texts of this kind of input are used; other kinds are written back line by line."""
    return kind not in _OPTIONS


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read the inputs.

    Attributes:
        kind: one of ``KINDS``, but not ``auto``.
        token_column: number or, with a header row, name of the column (conll), or key (jsonl) of the tokens.
        text_column: key of a text (jsonl).
        comment_prefix: start of comments (conll).
        document_column: key of the document's id (jsonl).
        lines: ``join`` if sentences of running text can continue across line breaks, ``split`` if not.
        header: whether the first row contains the column names (conll).
        skip_bad: whether to skip invalid items (annotated formats).
        sentence_column: name of the column of sentence ids (csv).
    """

    kind: str
    token_column: int | str | None = None
    text_column: str | None = None
    comment_prefix: str | None = None
    document_column: str | None = None
    lines: Lines | None = None
    header: bool | None = None
    skip_bad: bool = False
    sentence_column: str | None = None

    def __post_init__(self) -> None:
        if is_annotated(self.kind):
            self.options().check_effects(self.kind)
            if self.lines is not None and self.kind not in TEXT_FORMATS:
                raise UsageError(f"--lines has no effect on {self.kind} input")
            return
        names = (
            *("token_column", "text_column", "comment_prefix", "document_column", "lines", "header"),
            "sentence_column",
        )
        options = {name: getattr(self, name) for name in names}
        options["skip_bad"] = self.skip_bad or None
        check_effects(options, _OPTIONS[self.kind], self.kind)
        wanted = str if self.kind != "conll" else (int, str) if self.header else int
        if self.token_column is not None and not isinstance(self.token_column, wanted):
            what = "the number of a column, counted from 0" if self.kind == "conll" else "a key"
            raise UsageError(f"--token-column: expected {what}, found {self.token_column!r}")

    def options(self) -> ReadingOptions:
        """Return the equivalent options for reading annotated files."""
        return ReadingOptions(
            format=self.kind,
            token_column=self.token_column,
            text_column=self.text_column,
            comment_prefix=self.comment_prefix,
            document_column=self.document_column,
            sentence_column=self.sentence_column,
            header=bool(self.header),
            skip_bad=self.skip_bad,
        )


def kind_of(inputs: Sequence[str]) -> str:
    """Return the kind of the inputs, from their content if it is unambiguous, otherwise from their names.

    Raises:
        DataError: one cannot be read, or is a folder of other files.
        UsageError: the kind is unknown, or inputs are of different kinds.
    """
    kinds: dict[str, str] = {}
    for path in inputs:
        is_text = path == STANDARD or without_packing(path).lower().endswith(_TEXT_ENDINGS)
        kind = "text" if is_text else recognise(path) or format_by_name(path)
        if kind == "text" and path != STANDARD and (other := _looks_like(path)) is not None:
            _LOG.warning(
                "%s: read as running text, as its name says, but it looks like %s; if it is, pass --input %s",
                path,
                FORMATS[other].title,
                other,
            )
        if kind is None:
            raise UsageError(f"{path}: the name does not tell the format; pass --input {'|'.join(KINDS[1:])}")
        kinds.setdefault(kind, path)
    if len(kinds) > 1:
        (one, path), (other, other_path), *_ = kinds.items()
        raise UsageError(
            f"{path} looks like {one}, {other_path} like {other}; read them separately, or pass --input"
        )
    return next(iter(kinds))


def _looks_like(path: str) -> str | None:
    """Return the name of the format that a text file looks like, if it does not look like running text."""
    return "conll" if looks_like_columns(path) else looks_marked(path)


class Placed(NamedTuple):
    """A record and its place among the inputs.

    Attributes:
        record: the record.
        documents: the document of each of its sentences; for a record without sentences, that of the sentence before.
        file: index of its input.
        is_last: whether it is the last record of its input.
        unit: index of its unit; see :meth:`tagger.Tagger.stream`. Units are runs of whole inputs.
        ends_unit: whether it is the last record of its unit.
    """

    record: Record
    documents: list[DocumentId]
    file: int
    is_last: bool
    unit: int
    ends_unit: bool


def read_inputs(
    inputs: Sequence[str],
    reading: Reading,
    segmenter: NamedSegmenter,
    *,
    documents: bool,
    first: int = 0,
    joined: bool = True,
    unit_tokens: int | None = None,
) -> Iterator[Placed]:
    """Yield the records of all inputs, one input after another, in constant memory.

    Documents of different inputs are different; a whole running text is one document.

    Args:
        inputs: the paths.
        reading: how to read them.
        segmenter: splits running text.
        documents: whether documents have an effect.
        first: index of the input to begin with, which must begin a unit.
        joined: whether they become one output. An input that ends in the middle of a line or sentence is then kept
            apart from the next, and each of several CoNLL-U files begins with a comment that names it.
        unit_tokens: minimum tokens of a unit, which ends with the input that reaches them; None for a single unit.

    Raises:
        DataError: an input cannot be read, or a document reappears after other sentences; names file and line.
    """
    segmenter = with_lines(segmenter, reading.lines)
    unit = num_tokens = 0
    is_joined = joined and len(inputs) > 1
    for file in range(first, len(inputs)):
        naming = _Documents(file, reading.kind) if documents else None
        is_named = reading.kind != "conllu" or not is_joined
        for record, is_last in _until_last(_read(inputs[file], reading, segmenter)):
            ids = _ids(record, naming)
            num_tokens += sum(len(example.tokens) for example in record.sentences)
            ends_unit = is_last and unit_tokens is not None and num_tokens >= unit_tokens
            given = record
            if not is_named and isinstance(record, ColumnRecord) and record.rows:
                given, is_named = _with_name(record), True
            if is_last and is_joined and file + 1 < len(inputs):
                given = _ended(given)
            yield Placed(given, ids, file, is_last, unit, ends_unit)
            if ends_unit:
                unit, num_tokens = unit + 1, 0


def _until_last(records: Iterator[Record]) -> Iterator[tuple[Record, bool]]:
    """Yield every record and whether it is the last one; if reading fails, after all earlier records."""
    held: Record | None = None
    try:
        for record in records:
            if held is not None:
                yield held, False
            held = record
    except TaggerError:
        if held is not None:
            yield held, False
        raise
    if held is not None:
        yield held, True


def _ids(record: Record, named: _Documents | None) -> list[DocumentId]:
    return [None] * max(len(record.sentences), 1) if named is None else named.of(record)


class _Documents:
    """Gives the documents of an input ids that no other input has.

    Args:
        number: of the input.
        kind: of the input.
    """

    def __init__(self, number: int, kind: str) -> None:
        self._number = number
        self._is_one = kind == "text"
        self._order = DocumentOrder()
        self._last: DocumentId = None

    def of(self, record: Record) -> list[DocumentId]:
        """Return the documents of the sentences of the next record; if it has none, the last document."""
        if self._is_one:
            return [self._number] * len(record.sentences)
        documents: list[DocumentId] = []
        for example in record.sentences:
            self._order.check(example)
            self._last = None if example.document is None else f"{self._number} {example.document}"
            documents.append(self._last)
        return documents or [self._last]


def _read(path: str, reading: Reading, segmenter: NamedSegmenter) -> Iterator[Record]:
    if is_annotated(reading.kind):
        return read_annotated(path, reading.options(), segmenter)
    source, name = input_source(path)
    token_column = reading.token_column
    if reading.kind == "text":
        return read_plain(source, segmenter, name=name)
    if reading.kind == "tokens":
        return read_token_lines(source, name=name)
    if reading.kind == "conll":
        columns = read_conll(
            source,
            name=name,
            token_column=0 if token_column is None else token_column,
            label_column=None,
            comment_prefix=reading.comment_prefix,
            header=bool(reading.header),
        )
        return checked(columns, name, reading.kind)
    if reading.kind == "conllu":
        return checked(read_conllu(source, name=name, label_field=None), name, reading.kind)
    usual = JsonKeys()
    keys = replace(
        usual,
        tokens=token_column if isinstance(token_column, str) else usual.tokens,
        text=reading.text_column or usual.text,
        document=reading.document_column,
    )
    return read_json_records(source, name=name, keys=keys, segmenter=segmenter)


def _with_name(record: ColumnRecord) -> ColumnRecord:
    """Return the first sentence of a CoNLL-U file preceded by a comment that names the file."""
    name = "".join(mark if mark.isprintable() else ascii(mark)[1:-1] for mark in record.name)
    blank = next(place for place, line in enumerate(record.lines) if line.strip())
    return replace(
        record,
        lines=(*record.lines[:blank], f"# file = {name}\n", *record.lines[blank:]),
        rows=tuple(row + 1 for row in record.rows),
        first_line=record.first_line - 1,
    )


def _ended(record: Record) -> Record:
    """Return the last record of a file with a final line break and, in column files, a blank line after it."""
    if isinstance(record, TextRecord):
        return record if record.text.endswith("\n") else replace(record, text=record.text + "\n")
    if isinstance(record, ColumnRecord):
        *lines, line = record.lines
        if not line.endswith("\n"):
            line += "\n"
        return replace(record, lines=(*lines, line) if not line.strip() else (*lines, line, "\n"))
    return record
