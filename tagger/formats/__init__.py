"""Files in and out: CoNLL columns, CoNLL-U, JSON Lines, CSV, plain text, text with inline entities.

Every reader streams: it yields records, each a sentence (or a few) with what is needed to write its part of
the file back whole. Read in this order: ``lines`` (bytes to lines), ``columns`` with ``conll``,
``conll_writing`` and ``conllu``, ``alignment`` (character spans to labels) and ``json_objects`` with ``jsonl``,
``plain``, ``column_choice`` with ``csv_lists``, ``csv_table`` and ``csv_examples``, then ``reading_options`` (which
option suits which format), ``variants`` (how texts are best cut) and ``reading`` (an annotated file of any format) with
``plausibility`` (is it what it is read as?), ``gold`` (what its labels say) and ``documents`` (what belongs together),
and ``gold_corpus``, the door to all of it; ``inline`` only writes.
"""

from __future__ import annotations

from tagger.formats.alignment import Misaligned, align, describe_misfits
from tagger.formats.annotated import AnnotatedText, CharacterSpan, Item
from tagger.formats.annotating import to_texts
from tagger.formats.columns import ColumnRecord
from tagger.formats.conll import read_conll
from tagger.formats.conll_writing import format_conll, restore_conll
from tagger.formats.conllu import read_conllu, restore_conllu
from tagger.formats.documents import DocumentOrder
from tagger.formats.format import Format, Holds, ReadingContext, WritingContext
from tagger.formats.gold import checked_gold, gold_scheme
from tagger.formats.gold_corpus import GoldCorpus, check_misfits, read_file, read_gold
from tagger.formats.inline import format_inline, join_tokens
from tagger.formats.json_objects import format_json, restore_json
from tagger.formats.json_records import JsonRecord, read_json_records
from tagger.formats.jsonl import JsonKeys
from tagger.formats.lines import Source, read_lines, read_text
from tagger.formats.losses import Losses
from tagger.formats.plain import TextRecord, read_plain, read_token_lines
from tagger.formats.plausibility import checked, looks_like_columns
from tagger.formats.reading import read_examples, read_items, token_origin
from tagger.formats.reading_options import READING_OPTIONS, ReadingOptions
from tagger.formats.registry import FORMATS, find_format, format_by_name, guess_format, reads_csv, recognise
from tagger.formats.sentences import count_misfits, cut, labelled_sentences, to_examples
from tagger.formats.variants import best_variant, switches

__all__ = [
    "FORMATS",
    "READING_OPTIONS",
    "AnnotatedText",
    "CharacterSpan",
    "ColumnRecord",
    "DocumentOrder",
    "Format",
    "GoldCorpus",
    "Holds",
    "Item",
    "JsonKeys",
    "JsonRecord",
    "Losses",
    "Misaligned",
    "ReadingContext",
    "ReadingOptions",
    "Source",
    "TextRecord",
    "WritingContext",
    "align",
    "best_variant",
    "check_misfits",
    "checked",
    "checked_gold",
    "count_misfits",
    "cut",
    "describe_misfits",
    "find_format",
    "format_by_name",
    "format_conll",
    "format_inline",
    "format_json",
    "gold_scheme",
    "guess_format",
    "join_tokens",
    "labelled_sentences",
    "looks_like_columns",
    "read_conll",
    "read_conllu",
    "read_examples",
    "read_file",
    "read_gold",
    "read_items",
    "read_json_records",
    "read_lines",
    "read_plain",
    "read_text",
    "read_token_lines",
    "reads_csv",
    "recognise",
    "restore_conll",
    "restore_conllu",
    "restore_json",
    "switches",
    "to_examples",
    "to_texts",
    "token_origin",
]
