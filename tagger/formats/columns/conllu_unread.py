"""Counts of the parts of a CoNLL-U sentence that are not read: all but words, labels and the blanks between them."""

from __future__ import annotations

import re
from typing import Final

from tagger.formats.columns.conllu import FIELDS
from tagger.formats.columns.records import ColumnRecord
from tagger.formats.losses import Losses

_READ_COMMENTS: Final = re.compile(r"#\s*(text\s*=|newdoc\b)")
_READ_KEYS: Final = ("SpaceAfter", "SpacesAfter", "Prob")
_NOTHING: Final = "_"


def count_unread(record: ColumnRecord, losses: Losses) -> None:
    """Count cells, rows and comments of a sentence that are not read.

    Args:
        record: the sentence; the column of its labels counts as read.
        losses: counts them.
    """
    where, labels = record.origin(0), list(record.example.labels or ())
    rows = [record.lines[row].rstrip("\r\n").split("\t") for row in record.rows]
    for place, name in enumerate(FIELDS[:-1]):
        values = [row[place] for row in rows]
        filled = len(values) - values.count(_NOTHING)
        if place > 1 and filled and values != labels:
            losses.add(f"cells of the column {name.upper()}, not read", where, times=filled)
    notes = [dict(pair.partition("=")[::2] for pair in row[-1].split("|")) for row in rows]
    for key in dict.fromkeys(key for note in notes for key in note):
        if key in (*_READ_KEYS, _NOTHING) or [note.get(key, "O") for note in notes] == labels:
            continue
        losses.add(f"values of {key} in MISC, not read", where, times=sum(key in note for note in notes))
    kept = set(record.rows)
    for index, line in enumerate(record.lines):
        if index in kept or not line.strip():
            continue
        if not line.startswith("#"):
            losses.add("rows of several words, or of words left out of the text, not read", where)
        elif not _READ_COMMENTS.match(line):
            losses.add("comments, not read", f"{record.name}:{record.first_line + index}")
