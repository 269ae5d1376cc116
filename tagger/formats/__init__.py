"""Files in and out: CoNLL columns, CoNLL-U, JSON Lines, plain text, text with inline entities.

Every reader streams: it yields records, each a sentence (or a few) with what is needed to write its part of
the file back whole. Read in this order: ``lines`` (bytes to lines), ``columns`` with ``conll`` and
``conllu``, ``alignment`` (character spans to labels) with ``jsonl``, ``plain``, then ``reading`` (one door to
all annotated files) with ``gold`` (what their labels say) and ``documents`` (what belongs together); ``inline`` and
``output`` only write.
"""

from __future__ import annotations

from tagger.formats.alignment import CharacterSpan, Misaligned, align
from tagger.formats.columns import ColumnRecord
from tagger.formats.conll import format_conll, read_conll, restore_conll
from tagger.formats.conllu import read_conllu, restore_conllu
from tagger.formats.documents import DocumentOrder
from tagger.formats.gold import check_labels, gold_scheme
from tagger.formats.inline import format_inline, join_tokens
from tagger.formats.jsonl import JsonKeys, JsonRecord, format_json, read_jsonl
from tagger.formats.lines import Source, read_lines, read_text
from tagger.formats.plain import TextRecord, read_plain, read_token_lines
from tagger.formats.reading import Format, format_by_name, guess_format, read_examples, token_origin

__all__ = [
    "CharacterSpan",
    "ColumnRecord",
    "DocumentOrder",
    "Format",
    "JsonKeys",
    "JsonRecord",
    "Misaligned",
    "Source",
    "TextRecord",
    "align",
    "check_labels",
    "format_by_name",
    "format_conll",
    "format_inline",
    "format_json",
    "gold_scheme",
    "guess_format",
    "join_tokens",
    "read_conll",
    "read_conllu",
    "read_examples",
    "read_jsonl",
    "read_lines",
    "read_plain",
    "read_text",
    "read_token_lines",
    "restore_conll",
    "restore_conllu",
    "token_origin",
]
