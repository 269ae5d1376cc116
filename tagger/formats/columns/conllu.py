"""Reader and writer of CoNLL-U, the format of Universal Dependencies: ten columns divided by tabs.

Words are rows with a plain id. Rows of multiword tokens (``3-4``), empty nodes (``8.1``) and comments are not words,
but stay in the record, so that a file can be restored with new values in one field. ``# newdoc`` starts a document,
identified by its id if it has one, else by its line. Blanks around a label are stripped; a word is kept with its
blanks.

Entities have no column: programs keep them in MISC under NE (spaCy), ner (stanza) or NER; if one of these is asked for,
all are read. Some programs label only the words of entities: the others are then O.

Format: https://universaldependencies.org/format.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from tagger.errors import DataError, FormatError, UsageError
from tagger.formats.columns.conllu_absent import AbsentLabels
from tagger.formats.columns.records import (
    MAX_SEPARATORS,
    ColumnRecord,
    RecordBuilder,
    check_cells,
    excerpt,
    split_end,
)
from tagger.formats.lines import Source, read_lines, source_name

FIELDS: Final = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")
_NUM_FIELDS: Final = len(FIELDS)
_LABEL_FIELDS: Final = ("lemma", "upos", "xpos", "feats", "deprel", "misc:KEY")
_MISC: Final = FIELDS.index("misc")
_ENTITY_KEYS: Final = ("NE", "ner", "NER")
_MISSING: Final = "_"
_NO_WORD: Final = re.compile(r"[0-9]+-[0-9]+|[0-9]+\.[0-9]+")
_NEW_DOCUMENT: Final = re.compile(r"#\s*newdoc\b(?:\s+id\s*=\s*(\S.*))?")


def read_conllu(
    source: Source,
    *,
    name: str | None = None,
    label_field: str | None = "upos",
    or_entities: bool = False,
    on_bad: Callable[[str], None] | None = None,
    on_absent: Callable[[str, str], None] | None = None,
) -> Iterator[ColumnRecord]:
    """Return the sentences of a CoNLL-U file, in constant memory.

    Args:
        source: a path or an open stream; an empty one yields nothing.
        name: what messages call the source.
        label_field: the field of the label: lemma, upos, xpos, feats, deprel, or ``misc:KEY`` for the value of a key in
            the column MISC; None to read no labels. If the key is NE, ner or NER and a word lacks it, the others are
            tried.
        or_entities: whether to read entities (misc:NE) instead if the first word has them and no ``label_field``.
        on_bad: called with what is wrong with a sentence, whose record then has no words; if left out, it is raised as
            an error.
        on_absent: called with ``misc:KEY`` and the place of every word without that key that is read as O, in files
            that label only the words of entities. If left out, such a word is an error.

    Raises:
        DataError: the source cannot be read, or it has labels of other words in addition to words read as O.
        FormatError: a row does not have ten columns, or has an unexpected id, no label (``_``; for feats, that is the
            label of a word without features), or several labels in MISC that disagree.
        UsageError: there is no such field.
    """
    column, key = (None, None) if label_field is None else _place(label_field)
    where = source_name(source, name)
    return _read(source, where, label_field, column, key, on_bad, on_absent, or_entities=or_entities)


def _read(
    source: Source,
    name: str,
    label_field: str | None,
    column: int | None,
    key: str | None,
    on_bad: Callable[[str], None] | None,
    on_absent: Callable[[str, str], None] | None,
    *,
    or_entities: bool,
) -> Iterator[ColumnRecord]:
    record = RecordBuilder(name, labelled=label_field is not None)
    lines, rows, tokens, labels = record.lines, record.rows, record.tokens, record.labels
    may_be_missing = label_field == "feats"
    absent = AbsentLabels(label_field or "", on_absent if key else None)
    is_bad = False
    for number, line in enumerate(read_lines(source, name=name), start=1):
        text = line.rstrip("\r\n")
        if not tokens and len(lines) == MAX_SEPARATORS:
            yield record.take()
        lines.append(line)
        if not text.strip(" \t"):
            if tokens or is_bad:
                is_bad = False
                absent.read()
                yield record.take()
            continue
        if is_bad:
            continue
        cells = text.split("\t")
        next_id = len(tokens) + 1
        try:
            if len(cells) == _NUM_FIELDS and cells[0] == str(next_id):
                form = cells[1]
                if form == "":
                    raise FormatError(
                        f"{name}:{number}: expected a word in FORM, found nothing: {excerpt(text)}"
                    )
                rows.append(len(lines) - 1)
                tokens.append(form)
                if column is not None and labels is not None:
                    if or_entities:  # the first word decides
                        or_entities = False
                        if (
                            cells[column] == _MISSING
                            and _value(cells[_MISC], "NE", f"{name}:{number}") != _MISSING
                        ):
                            label_field, column, key = "misc:NE", _MISC, "NE"
                            absent = AbsentLabels(label_field, on_absent)
                    label = (
                        cells[column] if key is None else _value(cells[column], key, f"{name}:{number}")
                    ).strip()
                    is_missing = label in (_MISSING, "")
                    if not may_be_missing and (is_missing or key is not None):
                        there = None if is_missing else label
                        label = absent.label(there, f"{name}:{number}", excerpt(text))
                    labels.append(label)
            elif text.startswith("#") and not tokens:
                if new_document := _NEW_DOCUMENT.match(text):
                    # A document without an id gets its line as id, distinct from numeric ids.
                    record.document = (new_document[1] or f"line {number}").rstrip()
            elif len(cells) != _NUM_FIELDS:
                raise FormatError(
                    f"{name}:{number}: expected the 10 columns of CoNLL-U, divided by tabs, "
                    f"found {len(cells)}: {excerpt(text)}"
                )
            elif not _NO_WORD.fullmatch(cells[0]):
                raise FormatError(
                    f"{name}:{number}: expected the word with id {next_id}, or an id such as 3-4 or 8.1, "
                    f"found {excerpt(cells[0])}: is the blank line before a sentence missing?"
                )
        except FormatError as error:
            if on_bad is None:
                raise
            on_bad(str(error))
            record.forget()
            absent.forget()
            is_bad = True
    absent.read()
    if lines:
        yield record.take()
    absent.end()


def restore_conllu(record: ColumnRecord, fields: Mapping[str, Sequence[str]]) -> str:
    """Return the lines of a record unchanged except for new values in some fields of its words.

    Args:
        record: a sentence from ``read_conllu``.
        fields: field, named as in ``read_conllu``, to one value per word.

    Raises:
        DataError: a column, or MISC, cannot hold a value.
        UsageError: there is no such field.
    """
    columns = [(*_place(field), values) for field, values in fields.items()]
    for _, key, values in columns:
        check_cells(values, record.origin, spaces_allowed=key is None)
        for index, value in enumerate(values if key else ()):
            if "|" in value:
                raise DataError(
                    f"{record.origin(index)}: MISC cannot hold {excerpt(value)}, which has '|' in it"
                )
    lines = list(record.lines)
    for index, row in enumerate(record.rows):
        cells = lines[row].split("\t")
        for column, key, values in columns:
            if key is None:
                cells[column] = values[index]
            else:
                cell, end = split_end(cells[column])
                cells[column] = _with_key(cell, key, values[index]) + end
        lines[row] = "\t".join(cells)
    return "".join(lines)


def _place(field: str) -> tuple[int, str | None]:
    """Return the column of a field and, within MISC, its key."""
    head, _, key = field.partition(":")
    if field in _LABEL_FIELDS[:-1]:
        return FIELDS.index(field), None
    if head == "misc" and key and not set(key) & set("=| \t"):
        return _MISC, key
    raise UsageError(f"expected a label field of CoNLL-U ({', '.join(_LABEL_FIELDS)}), found {field!r}")


def _value(cell: str, key: str, where: str) -> str:
    """Return the value of a key in a MISC cell; ``_`` if missing."""
    pairs = [pair.split("=", 1) for pair in cell.split("|") if "=" in pair]
    found = {pair[1]: pair[0] for pair in pairs if pair[0] == key}
    if not found and key in _ENTITY_KEYS:
        found = {pair[1]: pair[0] for pair in pairs if pair[0] in _ENTITY_KEYS}
    if len(found) > 1:
        values = ", ".join(f"{key}={value}" for value, key in found.items())
        raise FormatError(f"{where}: expected one label under misc:{key}, found {excerpt(values)}")
    return next(iter(found), _MISSING)


def _with_key(cell: str, key: str, value: str) -> str:
    """Return a MISC cell with the value of a key replaced in place, or added at the end."""
    pairs = [] if cell == _MISSING else cell.split("|")
    places = [place for place, pair in enumerate(pairs) if pair.startswith(f"{key}=")]
    if places:
        pairs[places[0]] = f"{key}={value}"
    else:
        pairs.append(f"{key}={value}")
    return "|".join(pairs)
