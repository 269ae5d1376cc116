"""Which columns of a dataset hold tokens and labels, and their values as Examples.

Columns are known by type (lists of strings; lists of class labels, integers or strings) and then by their
usual names. Where several would do, none is guessed: the error lists them.

In Universal Dependencies tables made from CoNLL-U files, some rows of a sentence are no words: the surface
form of a multiword token ("don't" before "do", "n't") has ``_`` for a tag, an empty node of the enhanced
graph has no head. Both are left out, and counted; the words that stay are what published scores are about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tagger.errors import DataError, UsageError
from tagger.examples import Example

# What a column may hold, in the words of messages.
_STRINGS: Final = "list of strings"
_CLASSES: Final = "list of class labels"
_INTEGERS: Final = "list of integers"
_LABEL_KINDS: Final = (_STRINGS, _CLASSES, _INTEGERS)
_ANY_LABELS: Final = "a list of class labels, integers or strings"

# In order of preference: a table with both "tokens" and "forms" means its tokens.
_TOKEN_NAMES: Final[tuple[str, ...]] = ("tokens", "words", "token", "word", "forms", "form")
# No order: a table with several of these holds several tasks.
_LABEL_NAMES: Final = (
    *("ner_tags", "ner_labels", "ner", "entity_tags", "fine_ner_tags", "bio_tags", "iob_tags"),
    *("upos", "xpos", "upos_tags", "xpos_tags", "pos_tags", "pos", "chunk_tags", "chunks"),
    *("tags", "tag", "labels", "label"),
)
_UD_TAG: Final = "upos"
_UD_HEAD: Final = "head"
_NO_VALUE: Final = ("_", "None", None)

MULTIWORD: Final = "multiword surface forms"
EMPTY_NODES: Final = "empty nodes"
EMPTY_SENTENCES: Final = "empty sentences"


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns to read: names of the token, label and document column."""

    tokens: str
    labels: str
    document: str | None = None


def choose_columns(
    features: Mapping[str, Any],
    *,
    where: str,
    tokens: str | None = None,
    labels: str | None = None,
    document: str | None = None,
) -> Columns:
    """Find the columns that hold tokens and labels; a named one is taken if its type allows.

    Args:
        features: ``datasets.Features`` of a split.
        where: the dataset, for messages.
        tokens: name of the token column, to be found if None.
        labels: name of the label column, to be found if None.
        document: name of the column that identifies the document of a sentence.

    Raises:
        DataError: no column would do, or several would.
        UsageError: a named column does not exist, or is of a wrong type.
    """
    kinds = {name: _kind(feature) for name, feature in features.items()}
    found = "; found: " + ", ".join(f"{name} ({kind})" for name, kind in kinds.items())
    for option, name in (("token_column", tokens), ("label_column", labels), ("document_column", document)):
        if name is not None and name not in kinds:
            raise UsageError(f"{where}: {option}={name!r}: no such column{found}")
    if tokens is not None and kinds[tokens] != _STRINGS:
        raise UsageError(f"{where}: token_column={tokens!r}: expected {_STRINGS}, found {kinds[tokens]}")
    if labels is not None and kinds[labels] not in _LABEL_KINDS:
        raise UsageError(f"{where}: label_column={labels!r}: expected {_ANY_LABELS}, found {kinds[labels]}")
    if document is not None and kinds[document].startswith("list"):
        raise UsageError(
            f"{where}: document_column={document!r}: expected a single value, found {kinds[document]}"
        )

    if tokens is None:
        candidates = [name for name, kind in kinds.items() if kind == _STRINGS and name != labels]
        usual = [name for name in _TOKEN_NAMES if name in candidates][:1]
        tokens = _the_one(usual or candidates, "token_column", "a list of strings", where, found)
    if labels is None:
        candidates = [name for name, kind in kinds.items() if kind in _LABEL_KINDS and name != tokens]
        usual = [name for name in candidates if name.lower() in _LABEL_NAMES]
        labels = _the_one(usual or candidates, "label_column", _ANY_LABELS, where, found)
    return Columns(tokens, labels, document)


def _the_one(candidates: Sequence[str], option: str, expected: str, where: str, found: str) -> str:
    if not candidates:
        raise DataError(f"{where}: expected a column that is {expected}{found}")
    if len(candidates) > 1:
        choices = " or ".join(f"{option}={name!r}" for name in candidates)
        raise DataError(f"{where}: several columns could be meant; choose with {choices}")
    return candidates[0]


def _kind(feature: Any) -> str:
    """Return what a column holds, in words."""
    import datasets

    if not isinstance(feature, (datasets.List, datasets.LargeList)):
        return str(getattr(feature, "dtype", type(feature).__name__))
    inner = feature.feature
    if isinstance(inner, datasets.ClassLabel):
        return _CLASSES
    dtype = str(getattr(inner, "dtype", type(inner).__name__))
    if "string" in dtype:
        return _STRINGS
    return _INTEGERS if dtype.lstrip("u").startswith("int") else f"list of {dtype}"


def names_of_labels(
    feature: Any, given: Mapping[int, str] | None, *, where: str, column: str
) -> Mapping[int, str] | None:
    """Return the label of each integer in a label column, or None if the column holds strings.

    Args:
        feature: the column's feature.
        given: names the caller knows, for a column of bare integers.
        where: the dataset, for messages.
        column: the column's name.

    Raises:
        DataError: bare integers without names.
        UsageError: names for a column that has its own.
    """
    kind = _kind(feature)
    if kind == _INTEGERS:
        if given is None:
            raise DataError(
                f"{where}: column {column!r} holds integers without names. Give the names in their order, "
                "label_names=['O', 'B-PER', ...], or a JSON file that holds them, label_names='label.json'"
            )
        return given
    if given is not None:
        raise UsageError(
            f"{where}: label_names has no meaning, column {column!r} ({kind}) has names of its own"
        )
    return dict(enumerate(feature.feature.names)) if kind == _CLASSES else None


def read_examples(
    split: Any, columns: Columns, names: Mapping[int, str] | None, *, where: str
) -> tuple[list[Example], Counter[str]]:
    """Read a whole split.

    Args:
        split: a ``datasets.Dataset``.
        columns: the columns to read.
        names: label of each integer, or None if the labels are strings.
        where: dataset and split, for messages and for the origin of each Example, ``where:row`` from row 0.

    Returns:
        The sentences, and how much was left out: rows that are no words, sentences without a word.

    Raises:
        DataError: a row without tokens or labels, of differing lengths, or with an unknown label.
    """
    ud_columns = _ud_columns(split.features)
    wanted = [columns.tokens, columns.labels, *ud_columns]
    if columns.document is not None:
        wanted.append(columns.document)
    # One conversion of all rows is ten times as fast as row by row. A saved dataset may carry another format.
    table = split.with_format(None).select_columns(list(dict.fromkeys(wanted)))[:]
    documents = table[columns.document] if columns.document is not None else [None] * len(split)
    ud_tag_names = _ud_tag_names(split.features) if ud_columns else None

    examples: list[Example] = []
    left_out: Counter[str] = Counter()
    rows = zip(table[columns.tokens], table[columns.labels], documents, strict=True)
    for row, (tokens, values, document) in enumerate(rows):
        origin = f"{where}:{row}"
        _check_row(tokens, values, columns, origin)
        if ud_columns:
            ud_rows = [table[name][row] or () for name in ud_columns]
            no_words = _rows_that_are_no_words(*ud_rows, tag_names=ud_tag_names)
            left_out.update(no_words.values())
            tokens = [token for index, token in enumerate(tokens) if index not in no_words]
            values = [value for index, value in enumerate(values) if index not in no_words]
        if not tokens:
            left_out[EMPTY_SENTENCES] += 1
            continue
        labels = _labels(values, names, columns, origin)
        if None in tokens:
            raise DataError(f"{origin}: token {tokens.index(None)} in column {columns.tokens!r} is null")
        examples.append(Example(tuple(tokens), labels, None if document is None else str(document), origin))
    return examples, left_out


def _check_row(tokens: Any, values: Any, columns: Columns, origin: str) -> None:
    if tokens is None or values is None:
        column = columns.tokens if tokens is None else columns.labels
        raise DataError(
            f"{origin}: column {column!r} is null. A split without labels is of no use here: "
            "leave it out by naming the others, as splits={'train': 'train', ...}"
        )
    if len(tokens) != len(values):
        raise DataError(
            f"{origin}: expected one label per token, found {len(tokens)} tokens in column "
            f"{columns.tokens!r} and {len(values)} labels in column {columns.labels!r}"
        )


def _labels(
    values: Sequence[Any], names: Mapping[int, str] | None, columns: Columns, origin: str
) -> tuple[str, ...]:
    if names is None:
        if None not in values:
            return tuple(values)
        index = values.index(None)
    else:
        try:
            return tuple([names[value] for value in values])
        except KeyError:
            index = next(index for index, value in enumerate(values) if value not in names)
    known = "a label" if names is None else f"one of {', '.join(map(str, sorted(names)))}"
    raise DataError(
        f"{origin}: token {index} in column {columns.labels!r}: expected {known}, found {values[index]}. "
        "A split without labels is left out by naming the others, as splits={'train': 'train', ...}"
    )


def _ud_columns(features: Mapping[str, Any]) -> list[str]:
    """Return the columns that tell words from other rows: the tag and, where there is one, the head."""
    there = [name for name in (_UD_TAG, _UD_HEAD) if _kind(features.get(name)) in _LABEL_KINDS]
    return there if _UD_TAG in there else []


def _ud_tag_names(features: Mapping[str, Any]) -> Sequence[str] | None:
    feature = features[_UD_TAG]
    return feature.feature.names if _kind(feature) == _CLASSES else None


def _rows_that_are_no_words(
    tags: Sequence[Any], heads: Sequence[Any] | None = None, *, tag_names: Sequence[str] | None
) -> dict[int, str]:
    """Return position -> kind, of the rows of a CoNLL-U sentence that are no syntactic words."""
    no_tag = "_" if tag_names is None else (tag_names.index("_") if "_" in tag_names else None)
    found = {index: MULTIWORD for index, tag in enumerate(tags) if tag is not None and tag == no_tag}
    # A treebank without heads at all is one that is not parsed, not one of empty nodes.
    if heads is not None and any(head not in _NO_VALUE for head in heads):
        for index, head in enumerate(heads):
            if head in _NO_VALUE and index not in found:
                found[index] = EMPTY_NODES
    return found
