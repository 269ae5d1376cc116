"""Readers and writers of annotated files: texts with spans, or sentences of labelled tokens.

Line-based readers stream. Read in this order: ``annotated`` (what readers yield and writers take), ``losses`` (nothing
is dropped silently), ``offsets`` and ``claims`` (the spans of a file, checked against its text), ``head`` and
``format`` (how a format is recognised and read). Then the formats: ``json_files``, ``columns``, ``tables``, ``texts``,
and ``tools``, one file for each annotation tool; those that need a library are in ``tagger.formats_extra``. Finally
what connects them: ``alignment``, ``sentences`` and ``annotating`` (from texts with spans to labelled tokens and back),
``registry`` (the format of a file), ``reading_options``, ``effects`` and ``reading``, ``plausibility`` (warnings about
misread files), ``joining`` (spans cut by the end of a sentence), ``gold`` (label schemes), ``documents``, and
``gold_corpus``, the entry point for reading a corpus.
"""

from __future__ import annotations

from tagger.formats.alignment import Misaligned, align, describe_misfits
from tagger.formats.annotated import AnnotatedText, CharacterSpan, Item
from tagger.formats.annotating import to_texts
from tagger.formats.columns.conll import read_conll
from tagger.formats.columns.conll_writing import format_conll, restore_conll
from tagger.formats.columns.conllu import read_conllu, restore_conllu
from tagger.formats.columns.records import ColumnRecord
from tagger.formats.documents import DocumentOrder
from tagger.formats.format import Format, Holds, ReadingContext, WritingContext
from tagger.formats.gold import checked_gold, gold_scheme, in_one_scheme
from tagger.formats.gold_corpus import GoldCorpus, check_misfits, read_file, read_gold
from tagger.formats.json_files.object_reader import JsonKeys
from tagger.formats.json_files.objects import format_json, restore_json
from tagger.formats.json_files.records import JsonRecord, read_json_records
from tagger.formats.lines import Source, read_lines, read_text
from tagger.formats.losses import Losses
from tagger.formats.places import token_origin
from tagger.formats.plausibility import checked, looks_like_columns
from tagger.formats.reading import read_examples, read_items
from tagger.formats.reading_options import READING_OPTIONS, ReadingOptions
from tagger.formats.registry import (
    FORMATS,
    find_format,
    format_by_name,
    guess_format,
    looks_marked,
    reads_csv,
    recognise,
)
from tagger.formats.sentences import count_misfits, cut, labelled_sentences, to_examples
from tagger.formats.texts.inline import format_inline, join_tokens
from tagger.formats.texts.plain import TextRecord, read_plain, read_token_lines
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
    "in_one_scheme",
    "join_tokens",
    "labelled_sentences",
    "looks_like_columns",
    "looks_marked",
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
