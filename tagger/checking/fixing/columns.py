"""Repair of column files, row by row: cells of tokens and labels, and lines of CoNLL-U that repeat tokens."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final

from tagger.checking.fixing.changes import Change
from tagger.checking.fixing.labels import mended_labels
from tagger.checking.fixing.tokens import TOKEN_CHECKS, mended, steps
from tagger.checking.labels.meaning import Meaning, find_meaning
from tagger.formats import Losses, ReadingContext, ReadingOptions, read_conllu
from tagger.formats.columns.column_formats import read_conll_records
from tagger.formats.columns.conll_writing import parted_row, with_cells
from tagger.formats.columns.conllu import FIELDS
from tagger.formats.columns.records import ColumnRecord
from tagger.schemes import shown

_TEXT: Final = re.compile(r"(#\s*text\s*=\s?)(.*)")
_SEVERAL: Final = re.compile(r"[0-9]+-[0-9]+\t")
_ENTITY_KEYS: Final = ("NE", "ner", "NER")


class CannotRepair(Exception):
    """A file cannot be repaired; the message says why."""


def repair_columns(
    data: bytes, name: str, options: ReadingOptions, meaning: Meaning | None, checks: Collection[str]
) -> tuple[bytes, list[Change]]:
    """Return the content of a column file (conll, conllu) with tokens and labels repaired, and the changes.

    Args:
        data: the content, with its lines already repaired.
        name: name of the file in messages.
        options: how it is read.
        meaning: what its labels mean; None to infer it from them.
        checks: the ids of the checks whose findings may be repaired.

    Raises:
        CannotRepair: its labels cannot be written as they are read.
        DataError: it cannot be read.
    """
    has_fields = options.format == "conllu"
    changes: list[Change] = []
    lines: list[str] = []
    if meaning is None:
        labels = [record.example.labels or () for record in _records(data, name, options)]
        meaning = find_meaning([sequence for sequence in labels if sequence])
    for record in _records(data, name, options):
        own = list(record.lines)
        replace = _replace_field if has_fields else _replace_cell
        for index, new in _new_tokens(record, checks, changes):
            row = record.rows[index]
            own[row] = replace(own[row], record, index, options, token=new)
        if "illegal-label" in checks and record.example.labels:
            for index, new in _new_labels(record, meaning, changes):
                row = record.rows[index]
                own[row] = replace(own[row], record, index, options, label=new)
        if has_fields:
            own = [
                _repeated(line, f"{name}:{record.first_line + place}", checks, changes)
                for place, line in enumerate(own)
            ]
        lines += own
    mark = data[:3] if data.startswith(b"\xef\xbb\xbf") else b""
    return mark + "".join(lines).encode("utf-8"), changes


def _records(data: bytes, name: str, options: ReadingOptions) -> Iterator[ColumnRecord]:
    stream = io.BytesIO(data)
    if options.format == "conllu":
        field = options.label_column
        return read_conllu(
            stream,
            name=name,
            label_field=str(field or "upos"),
            or_entities=field is None,
            on_bad=lambda _: None,
        )
    return read_conll_records(stream, ReadingContext(name, options, Losses(skip_bad=True)))


def _new_tokens(
    record: ColumnRecord, checks: Collection[str], changes: list[Change]
) -> Iterator[tuple[int, str]]:
    for index, token in enumerate(record.example.tokens):
        before = token
        for check, after in steps(token, checks):
            changes.append(Change(check, record.origin(index), shown(before), shown(after)))
            before = after
        if before != token:
            yield index, before


def _new_labels(record: ColumnRecord, meaning: Meaning, changes: list[Change]) -> Iterator[tuple[int, str]]:
    labels = record.example.labels or ()
    new = mended_labels(labels, meaning)
    if new is None:
        raise CannotRepair(
            f"illegal-label: labels are written {meaning.notation.form}, which is not repaired"
        )
    for index, (before, after) in enumerate(zip(labels, new, strict=True)):
        if before != after:
            changes.append(Change("illegal-label", record.origin(index), shown(before), shown(after)))
            yield index, after


def _replace_cell(
    line: str,
    record: ColumnRecord,
    index: int,
    options: ReadingOptions,
    *,
    token: str | None = None,
    label: str | None = None,
) -> str:
    body, after = parted_row(line, record.num_columns)
    new = {}
    for value, column, usual in ((token, options.token_column, 0), (label, options.label_column, -1)):
        if value is not None:
            place = usual if column is None else column
            number = record.names.index(place) if isinstance(place, str) else place % record.num_columns
            new[number] = value
    return with_cells(body, new, record.origin(index)) + after


def _replace_field(
    line: str,
    record: ColumnRecord,
    index: int,
    options: ReadingOptions,
    *,
    token: str | None = None,
    label: str | None = None,
) -> str:
    cells = line.split("\t")
    if token is not None:
        cells[FIELDS.index("form")] = token
    if label is not None:
        before = (record.example.labels or ())[index]
        field = str(options.label_column or "upos")
        if options.label_column is None and cells[FIELDS.index("upos")].strip() != before:
            field = "misc:NE"
        head, _, key = field.partition(":")
        if key:
            keys = _ENTITY_KEYS if key in _ENTITY_KEYS else (key,)
            cells[-1] = _with_value(cells[-1], keys, before, label)
        else:
            cells[FIELDS.index(head)] = label
    return "\t".join(cells)


def _with_value(misc: str, keys: Sequence[str], before: str, after: str) -> str:
    """Return a MISC cell in which one value of some keys is replaced by another."""
    text = misc.rstrip("\r\n")
    pairs = [
        f"{pair.partition('=')[0]}={after}"
        if pair.partition("=")[0] in keys and pair.partition("=")[2].strip() == before
        else pair
        for pair in text.split("|")
    ]
    return "|".join(pairs) + misc[len(text) :]


def _repeated(line: str, where: str, checks: Collection[str], changes: list[Change]) -> str:
    """Return a line of CoNLL-U with its repetition of tokens, in a text comment or a multiword token, repaired."""
    checks = [check for check in TOKEN_CHECKS if check in checks and check != "spaced-token"]
    end = line[len(line.rstrip("\r\n")) :]

    def repaired(value: str, put: Callable[[str], str]) -> str:
        after = mended(value, checks)
        if after == value:
            return line
        for check, _ in steps(value, checks):
            changes.append(Change(check, where, shown(value), shown(after)))
        return put(after)

    if match := _TEXT.fullmatch(line.rstrip("\r\n")):
        return repaired(match[2], lambda text: match[1] + text + end)
    if _SEVERAL.match(line):
        cells = line.split("\t")
        return repaired(cells[1], lambda form: "\t".join([cells[0], form, *cells[2:]]))
    return line
