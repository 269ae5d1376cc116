"""The options for reading annotated files, and a table of the formats that each applies to, and its meaning there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from tagger.errors import UsageError
from tagger.formats.offsets import OffsetUnit
from tagger.formats.tables.label_names import LabelNames
from tagger.options import argument

OFFSET_FORMATS: Final = (
    *("jsonl", "csv", "parquet", "doccano", "label-studio", "label-studio-min", "prodigy", "spacy-json"),
    *("brat", "webanno", "cas", "privacy-mask"),
)
"""The formats whose spans are given by offsets."""

WRITTEN_OFFSET_FORMATS: Final = (
    *("jsonl", "parquet", "doccano", "label-studio", "prodigy", "spacy-json", "brat", "privacy-mask"),
)
"""The formats that are written with offsets, in a choice of units."""

TEXT_FORMATS: Final = (*OFFSET_FORMATS, "docbin", "hipe", "mentions", "inline-tags", "inline")
"""The formats that hold texts, which may need to be segmented."""

LABELLED_FORMATS: Final = ("conll", "conllu", "conllu-plus", "germeval", "conll2012", "label-studio-conll")
"""The formats of labelled tokens whose sentences may end within a span."""

ANNOTATOR_FORMATS: Final = ("label-studio", "label-studio-min", "prodigy", "cas")
"""The formats that record annotators."""

CHECKED_FORMATS: Final = (
    *TEXT_FORMATS,
    "conll",
    "conllu",
    "label-studio-conll",
    "conllu-plus",
    "germeval",
    "conll2012",
    "gliner",
)
"""The formats in which bad data can be skipped: single annotations, or the sentence that they are in."""

INTEGER_FORMATS: Final = ("jsonl", "csv", "parquet")
"""The formats whose labels may be integers."""

READING_OPTIONS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "token_column": {
            "conll": "number (from 0; default: 0) or name of the column",
            "jsonl": "key (default: tokens)",
            **dict.fromkeys(("csv", "parquet"), "name"),
        },
        "label_column": {
            "conll": "number (default: -1, the last) or name of the column",
            "conllu": "field, such as misc:NE (default: upos, or misc:NE where the first word has none)",
            "conllu-plus": "name of the column (default: that of entities, or else UPOS)",
            "hipe": "name of the layer (default: NE-COARSE-LIT)",
            "germeval": "outer (default) or inner",
            "conll2012": "ne (default) or pos",
            "jsonl": "key",
            **dict.fromkeys(("csv", "parquet"), "name"),
            **dict.fromkeys(
                ("label-studio", "label-studio-min"),
                "name of a labelling control (default: the only one that was used)",
            ),
            "spacy-json": "ents, spans:NAME, or a key of tokens such as ner or tag (default: entities)",
            "docbin": "ents, spans:NAME, tag or pos (default: ents, or the only group of spans where there are none)",
            **dict.fromkeys(
                ("webanno", "cas"), "layer, or layer.feature (default: NamedEntity.value, or the only one)"
            ),
            "inline-tags": "attribute of the tags (default: type, label, class or category, else their name)",
        },
        "text_column": {
            "jsonl": "key of a text (default: text)",
            **dict.fromkeys(
                ("csv", "parquet"), "name of the column of texts beside lists of spans (default: text)"
            ),
            **dict.fromkeys(
                ("label-studio", "label-studio-min"),
                "field of a task that holds its text (default: the one that has all annotated words at their offsets)",
            ),
        },
        "label_names": dict.fromkeys(
            INTEGER_FORMATS,
            "names of integer labels: a list in order, a mapping to integers, or a JSON file of either",
        ),
        "document_column": {
            "jsonl": "key of a document's id, which some line of each file must have (default: document, if present)",
            **dict.fromkeys(("csv", "parquet"), "name"),
        },
        "sentence_column": {
            "csv": "name of the column of sentence ids, where a token is a row (default: by its usual names)"
        },
        "comment_prefix": {"conll": "lines that start with it are comments"},
        "header": {
            "conll": "the first row holds the names of the columns, by which they can then be chosen",
        },
        "offsets": dict.fromkeys(
            OFFSET_FORMATS,
            "unit of offsets: codepoint, utf16 or byte (default: auto, detected from the texts of the spans)",
        ),
        "join_sentences": {
            **dict.fromkeys(
                TEXT_FORMATS,
                "join two sentences that a span crosses (default: such a span does not fit)",
            ),
            **dict.fromkeys(
                LABELLED_FORMATS,
                "join two sentences if the second begins with I-TYPE directly after a span of this type "
                "(default: that breaks the scheme of the labels)",
            ),
        },
        "annotator": dict.fromkeys(
            ANNOTATOR_FORMATS,
            "whose annotations are read, by name, e-mail address or number (default: everybody's, which must agree)",
        ),
        "trim_entities": {
            "label-studio-conll": "cut full stops, commas and the like off the ends of entities (default: they stay)",
        },
        "skip_bad": dict.fromkeys(
            CHECKED_FORMATS,
            "skip, count and list bad data and spans that do not fit the tokens (default: stop)",
        ),
    }
)
"""The meaning of each option in the formats in which it has an effect; also the command-line help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingOptions:
    """How to read annotated files; :data:`READING_OPTIONS` explains each option by format.

    None or False means not given. ``format`` is a name, or ``auto`` to guess; ``offsets`` of None means ``auto``.
    """

    format: str = "auto"
    token_column: int | str | None = None
    label_column: int | str | None = None
    text_column: str | None = None
    label_names: LabelNames | None = None
    document_column: str | None = None
    sentence_column: str | None = None
    comment_prefix: str | None = None
    header: bool = False
    offsets: OffsetUnit | None = None
    join_sentences: bool = False
    annotator: str | None = None
    trim_entities: bool = False
    skip_bad: bool = False

    def description(self, format: str) -> str:
        """Describe how a file of a format is read.

        >>> ReadingOptions(label_column=3).description("conll"), ReadingOptions().description("doccano")
        ('conll (tokens: column 0, labels: column 3)', 'doccano')
        """
        usual: Mapping[str, tuple[int | str | None, int | str | None]]
        usual = {"conll": (0, "-1, the last"), "conllu": ("form", "upos, or misc:NE without it")}
        tokens, labels = usual.get(format, (None, None))
        tokens = tokens if self.token_column is None else self.token_column
        labels = labels if self.label_column is None else self.label_column
        named = [
            f"{what}: column {column}"
            for what, column in (("tokens", tokens), ("labels", labels))
            if column is not None
        ]
        return f"{format} ({', '.join(named)})" if named else format

    def check_effects(self, format: str) -> None:
        """Check that all given options have an effect on a format.

        Raises:
            UsageError: an option has none; names the first.
        """
        for name, meanings in READING_OPTIONS.items():
            if getattr(self, name) not in (None, False) and format not in meanings:
                raise UsageError(f"{argument(f'data.{name}')} has no effect on the format {format}")
