"""Files in and out: CoNLL columns, CoNLL-U, JSON Lines, CSV, plain text, text with inline entities.

Every reader streams: it yields records, each a sentence (or a few) with what is needed to write its part of
the file back whole. Read in this order: ``lines`` (bytes to lines), ``columns`` with ``conll``,
``conll_writing`` and ``conllu``, ``alignment`` (character spans to labels) and ``json_objects`` with ``jsonl``,
``plain``, ``column_choice`` with ``csv_lists``, ``csv_table`` and ``csv_examples``, then ``reading_options`` (which
option suits which format) and ``reading`` (an annotated file of any format) with ``plausibility`` (is it what it is
read as?), ``gold`` (what its labels say) and ``documents`` (what belongs together), and ``gold_corpus``, the door to
all of it; ``inline`` only writes.
"""

from __future__ import annotations

from tagger.formats.alignment import CharacterSpan, Misaligned, align, describe_misfits
from tagger.formats.columns import ColumnRecord
from tagger.formats.conll import read_conll
from tagger.formats.conll_writing import format_conll, restore_conll
from tagger.formats.conllu import read_conllu, restore_conllu
from tagger.formats.documents import DocumentOrder
from tagger.formats.gold import checked_gold, gold_scheme
from tagger.formats.gold_corpus import GoldCorpus, read_file, read_gold
from tagger.formats.inline import format_inline, join_tokens
from tagger.formats.json_objects import format_json, restore_json
from tagger.formats.jsonl import JsonKeys, JsonRecord, count_misfits, read_jsonl
from tagger.formats.lines import Source, read_lines, read_text
from tagger.formats.plain import TextRecord, read_plain, read_token_lines
from tagger.formats.plausibility import checked, looks_like_columns
from tagger.formats.reading import (
    FORMATS,
    Format,
    format_by_name,
    guess_format,
    read_examples,
    reads_csv,
    token_origin,
)
from tagger.formats.reading_options import READING_OPTIONS, ReadingOptions

__all__ = [
    "FORMATS",
    "READING_OPTIONS",
    "CharacterSpan",
    "ColumnRecord",
    "DocumentOrder",
    "Format",
    "GoldCorpus",
    "JsonKeys",
    "JsonRecord",
    "Misaligned",
    "ReadingOptions",
    "Source",
    "TextRecord",
    "align",
    "checked",
    "checked_gold",
    "count_misfits",
    "describe_misfits",
    "format_by_name",
    "format_conll",
    "format_inline",
    "format_json",
    "gold_scheme",
    "guess_format",
    "join_tokens",
    "looks_like_columns",
    "read_conll",
    "read_conllu",
    "read_examples",
    "read_file",
    "read_gold",
    "read_jsonl",
    "read_lines",
    "read_plain",
    "read_text",
    "read_token_lines",
    "reads_csv",
    "restore_conll",
    "restore_conllu",
    "restore_json",
    "token_origin",
]
