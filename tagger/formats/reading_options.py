"""The options of reading annotated files: one table of which format has which, and what each means there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from tagger.errors import UsageError
from tagger.formats.offsets import OffsetUnit
from tagger.options import argument

OFFSET_FORMATS: Final = ("jsonl", "doccano", "privacy-mask")
"""The formats whose spans are offsets."""

TEXT_FORMATS: Final = (*OFFSET_FORMATS, "mentions", "inline-tags", "inline")
"""The formats that hold texts, which may have to be cut into tokens and sentences."""

SPAN_FORMATS: Final = (*TEXT_FORMATS, "gliner")
"""The formats whose annotations are checked one by one, so that what is wrong of them can be left out."""

READING_OPTIONS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "token_column": {
            "conll": "number (from 0; default: 0) or name of the column",
            "jsonl": "key (default: tokens)",
            "csv": "name",
        },
        "label_column": {
            "conll": "number (default: -1, the last) or name of the column",
            "conllu": "field, such as misc:NE for entities (default: upos)",
            "jsonl": "key",
            "csv": "name",
            "inline-tags": "attribute of the tags (default: type, label, class or category, else their name)",
        },
        "text_column": {"jsonl": "key of a text (default: text)"},
        "document_column": {
            "jsonl": "key of a document's id, which some line of each file must have (default: document, if there)",
            "csv": "name",
        },
        "comment_prefix": {"conll": "lines that start with it are comments"},
        "header": {
            "conll": "the first row holds the names of the columns, by which they can then be chosen",
        },
        "offsets": dict.fromkeys(
            OFFSET_FORMATS,
            "what offsets count: codepoint, utf16 or byte (default: auto, as the texts of the spans tell)",
        ),
        "join_sentences": dict.fromkeys(
            TEXT_FORMATS,
            "make one sentence of two that a span goes across (default: such a span does not fit)",
        ),
        "skip_bad": dict.fromkeys(
            SPAN_FORMATS,
            "go on without what is wrong, and without spans that do not fit the tokens; count and list it (default: "
            "stop)",
        ),
    }
)
"""What each option means in the formats in which it has an effect: the help of the command line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingOptions:
    """How annotated files are read; an option that is left at None or False is not given.

    Attributes:
        format: the name of one, or ``auto`` to guess.
        token_column: as in :data:`READING_OPTIONS`.
        label_column: likewise.
        text_column: likewise.
        document_column: likewise.
        comment_prefix: likewise.
        header: likewise.
        offsets: likewise; None: ``auto``.
        join_sentences: likewise.
        skip_bad: likewise.
    """

    format: str = "auto"
    token_column: int | str | None = None
    label_column: int | str | None = None
    text_column: str | None = None
    document_column: str | None = None
    comment_prefix: str | None = None
    header: bool = False
    offsets: OffsetUnit | None = None
    join_sentences: bool = False
    skip_bad: bool = False

    def check_effects(self, format: str) -> None:
        """Refuse options that are given and have no effect on a format.

        Raises:
            UsageError: names the first such option.
        """
        for name, meanings in READING_OPTIONS.items():
            if getattr(self, name) not in (None, False) and format not in meanings:
                raise UsageError(f"{argument(f'data.{name}')} has no effect on the format {format}")
