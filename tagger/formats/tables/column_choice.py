"""Choice of the columns of a table that hold tokens, labels and documents.

Columns are recognised by their kinds and then by their usual names. Where several qualify, none is guessed: the error
lists them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tagger.errors import DataError, UsageError
from tagger.options import argument

# The kinds of columns, in the words of messages.
STRINGS: Final = "list of strings"
CLASSES: Final = "list of class labels"
INTEGERS: Final = "list of integers"
TEXT: Final = "text"
"""A column of a CSV file, whose cells are untyped text."""

NUMBERS: Final = "integers"
"""A column of a data frame whose rows are tokens."""

WITHIN_OTHERS: Final = "Nested columns are read only from datasets, in training"
"""The advice of file readers that find only nested columns."""

LABEL_KINDS: Final = (STRINGS, CLASSES, INTEGERS, TEXT, NUMBERS)
_TOKEN_KINDS: Final = (STRINGS, TEXT)
_NUMBERED: Final = (INTEGERS, NUMBERS)
_ANY_TOKENS: Final = "a list of strings"
_ANY_LABELS: Final = "a list of class labels, integers or strings"

# In order of preference: in a table with both "tokens" and "forms", "tokens" is read.
SURE_TOKEN_NAMES: Final = ("tokens", "words", "token", "word", "forms", "form")
_TOKEN_NAMES: Final = (*SURE_TOKEN_NAMES, "text", "sentence")
LABEL_NAMES: Final = (
    *(
        "ner_tags",
        "ner_labels",
        "ner",
        "entity_tags",
        "fine_ner_tags",
        "bio_tags",
        "iob_tags",
        "named_entities",
    ),
    *("upos", "xpos", "upos_tags", "xpos_tags", "pos_tags", "pos", "chunk_tags", "chunks"),
    *("tags", "tag", "labels", "label"),
)
"""Usual names of label columns, unordered: a table with several of these holds several tasks."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of the columns to read, of tokens, labels and documents."""

    tokens: str
    labels: str
    document: str | None = None


def choose_columns(
    kinds: Mapping[str, str],
    *,
    where: str,
    tokens: str | None = None,
    labels: str | None = None,
    document: str | None = None,
    labelled: bool = True,
    shown: Mapping[str, str] | None = None,
) -> Columns:
    """Find the columns that hold tokens and labels; a named one is taken if its kind allows.

    A column with a usual name of labels is never detected as tokens, nor vice versa.

    Args:
        kinds: column to its kind, in words.
        where: the table, for messages.
        tokens: name of the token column, detected if None.
        labels: name of the label column, detected if None.
        document: name of the column that identifies the document of a sentence.
        labelled: whether labels are read; if not, the token column takes their place unless there is exactly one usual
            label column.
        shown: column to its description in messages, if different from its kind.

    Raises:
        DataError: no column qualifies, or several do.
        UsageError: a named column does not exist, or is of the wrong kind.
    """
    found = "; found: " + ", ".join(f"{name} ({kind})" for name, kind in (shown or kinds).items())
    for column, name in (("token_column", tokens), ("label_column", labels), ("document_column", document)):
        if name is not None and name not in kinds:
            raise UsageError(f"{where}: {argument(f'data.{column}', name)}: no such column{found}")
    if tokens is not None and kinds[tokens] not in _TOKEN_KINDS:
        raise UsageError(
            f"{where}: {argument('data.token_column', tokens)}: expected {STRINGS}, found {kinds[tokens]}"
        )
    if labels is not None and kinds[labels] not in LABEL_KINDS:
        raise UsageError(
            f"{where}: {argument('data.label_column', labels)}: expected {_ANY_LABELS}, found {kinds[labels]}"
        )
    if document is not None and kinds[document].startswith("list"):
        raise UsageError(
            f"{where}: {argument('data.document_column', document)}: expected a single value, found {kinds[document]}"
        )

    if tokens is None:
        candidates = [
            name
            for name, kind in kinds.items()
            if kind in _TOKEN_KINDS and name != labels and _own(name) not in LABEL_NAMES
        ]
        usual = [name for wanted in _TOKEN_NAMES for name in candidates if _own(name) == wanted][:1]
        if not usual:
            _refuse_numbers_as_tokens(kinds, where, found)
        tokens = _the_one(usual or candidates, "token_column", _ANY_TOKENS, where, found)
    if labels is None:
        others = (tokens, document)
        candidates = [
            name
            for name, kind in kinds.items()
            if kind in LABEL_KINDS and name not in others and _own(name) not in _TOKEN_NAMES
        ]
        usual = [name for name in candidates if _own(name) in LABEL_NAMES]
        if not labelled and len(usual) != 1:
            return Columns(tokens, tokens, document)
        labels = _the_one(usual or candidates, "label_column", _ANY_LABELS, where, found)
    return Columns(tokens, labels, document)


def _own(name: str) -> str:
    """Return the last part of a dotted column name, in lower case."""
    return name.rpartition(".")[2].lower()


def _refuse_numbers_as_tokens(kinds: Mapping[str, str], where: str, found: str) -> None:
    """Refuse columns of numbers whose name is that of tokens."""
    for name, kind in kinds.items():
        if kind in _NUMBERED and _own(name) in SURE_TOKEN_NAMES:
            raise DataError(
                f"{where}: expected strings in column {name!r}, found integers. If other columns hold the tokens, name "
                f"theirs with {argument('data.token_column')}{found}"
            )


def _the_one(candidates: Sequence[str], column: str, expected: str, where: str, found: str) -> str:
    if not candidates:
        raise DataError(f"{where}: expected a column that is {expected}{found}")
    if len(candidates) > 1:
        choices = " or ".join(argument(f"data.{column}", name) for name in candidates)
        raise DataError(f"{where}: several columns could be meant; choose with {choices}")
    return candidates[0]
