"""Conversion of table rows to Examples, with label names, and without rows that are not words.

In Universal Dependencies tables made from CoNLL-U files, some rows of a sentence are not words: the surface form of a
multiword token ("don't" before "do", "n't") has ``_`` as its tag, and an empty node of the enhanced graph has no head.
Both are left out and counted; published scores are computed on the remaining words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from tagger.errors import DataError
from tagger.examples import Example
from tagger.formats.tables.column_choice import CLASSES, INTEGERS, NUMBERS, STRINGS, Columns
from tagger.formats.white_space import SpacedTokens, refuse_blank_tokens
from tagger.options import argument
from tagger.sources.shapes import SOFT_LABELS
from tagger.sources.values_table import PLACES, Table

_UD_TAG: Final = "upos"
_UD_HEAD: Final = "head"
_NO_VALUE: Final = ("_", "None", None)

MULTIWORD: Final = "multiword surface forms"
EMPTY_NODES: Final = "empty nodes"
EMPTY_SENTENCES: Final = "empty sentences"


class TableExamples(NamedTuple):
    """The sentences of a table.

    Attributes:
        examples: the sentences, in the order of the table.
        left_out: counts of rows that are not words, and of sentences without a word.
        num_rows: the number of rows of the table.
    """

    examples: list[Example]
    left_out: Counter[str]
    num_rows: int


@dataclass(frozen=True, slots=True)
class Advice:
    """Advice for messages about unreadable labels.

    Attributes:
        files_of_names: returns the files that may hold the names of integers; called only if needed.
        other_splits: role to split, for the other splits of the dataset.
    """

    files_of_names: Callable[[], Sequence[str]] = tuple
    other_splits: Mapping[str, str] = field(default_factory=dict)

    def on_integers(self) -> str:
        """Return advice on naming integer labels."""
        files = "".join(f", or {argument('data.label_names', name)}" for name in self.files_of_names())
        return f"Give the names in their order, as in {argument('data.label_names', ['O', 'B-PER'])}{files}"

    def on_missing(self) -> str:
        """Return advice on leaving out a split without labels."""
        if not self.other_splits:
            return ""
        return f" If this split has no labels, read the others: {argument('data.splits', dict(self.other_splits))}"


def names_of_labels(
    table: Table,
    column: str,
    *,
    given: Mapping[int, str] | None = None,
    declared: Mapping[str, Sequence[str]] | None = None,
    where: str,
) -> Mapping[int, str] | None:
    """Return the label of each integer in a label column, or None if they are strings or have no names.

    Args:
        table: the table.
        column: the name of the column.
        given: names from the caller, for a column without names of its own.
        declared: column to names, as declared in the dataset's README.
        where: the dataset, for messages.

    Raises:
        DataError: the column's own names differ from those in the README.
    """
    own = table.class_names.get(column)
    in_readme = (declared or {}).get(column)
    if own is not None:
        if in_readme is not None and list(in_readme) != list(own):
            raise DataError(
                f"{where}: the labels of column {column!r} are [{', '.join(own)}] in {table.name}, but "
                f"[{', '.join(in_readme)}] in the README of the dataset. To read each file by its own names, name the "
                "files with data_files"
            )
        return dict(enumerate(own))
    return None if table.kinds[column] == STRINGS else given


def read_examples(
    table: Table,
    columns: Columns,
    names: Mapping[int, str] | None,
    *,
    where: str,
    first_row: int = 0,
    spaced: SpacedTokens | None = None,
    advice: Advice | None = None,
    taught: bool = False,
) -> TableExamples:
    """Read a whole table. Labels are stripped of white space, tokens are not.

    Args:
        table: the table.
        columns: the columns to read.
        names: the label of each integer, or None if the labels are strings.
        where: dataset and split, for messages and for the origin of each Example, ``where:row`` from row 0, or as the
            table names its rows.
        first_row: the number of the table's first row, where a split has several tables.
        spaced: counts the tokens with white space around them.
        advice: advice about unreadable labels, for messages.
        taught: whether rows may have label probabilities, in a column ``soft_labels`` (null for a label without one, as
            Arrow fills them in where rows differ), and null labels.

    Raises:
        DataError: a row without tokens or labels, of differing lengths, or with an unknown label.
    """
    spaced, advice = spaced or SpacedTokens(), advice or Advice()
    if names is None and table.kinds[columns.labels] in (INTEGERS, NUMBERS):
        raise _unnamed(where, columns, advice)
    ud_columns = _ud_columns(table.kinds)
    soft_column = [SOFT_LABELS] if taught and SOFT_LABELS in table.columns else []
    # One conversion of all rows is ten times as fast as row by row.
    rows = table.read(columns, [*ud_columns, *soft_column])
    tokens_of_rows, labels_of_rows = rows[columns.tokens], rows[columns.labels]
    documents = rows[columns.document] if columns.document is not None else [None] * len(tokens_of_rows)
    ud_tag_names = table.class_names.get(_UD_TAG)
    places = rows.get(PLACES)
    label_of: dict[Any, str] = {value: name.strip() for value, name in (names or {}).items() if name.strip()}

    examples: list[Example] = []
    left_out: Counter[str] = Counter()
    for row, (tokens, values, document) in enumerate(
        zip(tokens_of_rows, labels_of_rows, documents, strict=True)
    ):
        origin = f"{where}:{first_row + row if places is None else places[row]}"
        soft = rows[SOFT_LABELS][row] if soft_column else None
        if soft is not None and values is None and tokens is not None:
            values = ()
        else:
            _check_row(tokens, values, columns, origin, advice)
        has_labels = bool(values) or soft is None
        if ud_columns:
            ud_rows = [rows[name][row] or () for name in ud_columns]
            no_words = _rows_that_are_no_words(*ud_rows, tag_names=ud_tag_names)
            left_out.update(no_words.values())
            tokens = [token for index, token in enumerate(tokens) if index not in no_words]
            values = [value for index, value in enumerate(values) if index not in no_words]
            if isinstance(soft, list):
                soft = [value for index, value in enumerate(soft) if index not in no_words]
        if not tokens:
            left_out[EMPTY_SENTENCES] += 1
            continue
        if None in tokens:
            raise DataError(f"{origin}: token {tokens.index(None)} in column {columns.tokens!r} is null")
        refuse_blank_tokens(tokens, origin)
        spaced.add(tokens, origin)
        labels: tuple[str, ...] | None = None
        if isinstance(soft, list):
            soft = tuple(None if each is None else _given_probabilities(each) for each in soft)
        elif soft is None and taught and None in values:
            known = iter(
                _labels(
                    [value for value in values if value is not None], label_of, names, columns, origin, advice
                )
            )
            soft, has_labels = tuple(None if value is None else {next(known): 1.0} for value in values), False
        if has_labels:
            labels = _labels(values, label_of, names, columns, origin, advice)
        document = None if document is None else str(document)
        examples.append(Example(tuple(tokens), labels, document, origin, soft_labels=soft))
    return TableExamples(examples, left_out, len(tokens_of_rows))


def _given_probabilities(value: Any) -> Any:
    """Return the probabilities that are not null: Arrow gives every row all labels, with null for those not given."""
    if not isinstance(value, Mapping):
        return value  # an Example refuses it
    return {label: probability for label, probability in value.items() if probability is not None}


def _check_row(tokens: Any, values: Any, columns: Columns, origin: str, advice: Advice) -> None:
    if tokens is None or values is None:
        column = columns.tokens if tokens is None else columns.labels
        raise DataError(f"{origin}: column {column!r} is null.{advice.on_missing()}")
    if len(tokens) != len(values):
        raise DataError(
            f"{origin}: expected one label per token, found {len(tokens)} tokens in column "
            f"{columns.tokens!r} and {len(values)} labels in column {columns.labels!r}"
        )


def _labels(
    values: Sequence[Any],
    label_of: dict[Any, str],
    names: Mapping[int, str] | None,
    columns: Columns,
    origin: str,
    advice: Advice,
) -> tuple[str, ...]:
    """Return the labels of values; ``label_of`` caches them and is updated."""
    try:
        return tuple([label_of[value] for value in values])
    except KeyError:
        pass
    for index, value in enumerate(values):
        if names is None and type(value) is int:
            raise _unnamed(origin, columns, advice)
        label = value.strip() if isinstance(value, str) else None
        if names is not None:
            # In a CSV file, numbers are text.
            label = label_of.get(int(label) if label and label.isdecimal() else value)
        if not label:
            expected = "a label" if names is None else f"one of {', '.join(map(str, sorted(names)))}"
            raise DataError(
                f"{origin}: token {index} in column {columns.labels!r}: expected {expected}, found {value!r}."
                f"{advice.on_missing()}"
            )
        label_of[value] = label
    return tuple([label_of[value] for value in values])


def _unnamed(where: str, columns: Columns, advice: Advice) -> DataError:
    return DataError(
        f"{where}: column {columns.labels!r} holds integers without names. {advice.on_integers()}"
    )


def _ud_columns(kinds: Mapping[str, str]) -> list[str]:
    """Return the columns that distinguish words from other rows: the tag and, if there is one, the head."""
    there = [name for name in (_UD_TAG, _UD_HEAD) if kinds.get(name) in (STRINGS, CLASSES, INTEGERS)]
    return there if _UD_TAG in there else []


def _rows_that_are_no_words(
    tags: Sequence[Any], heads: Sequence[Any] | None = None, *, tag_names: Sequence[str] | None
) -> dict[int, str]:
    """Return position -> kind for the rows of a CoNLL-U sentence that are not syntactic words."""
    no_tag = "_" if tag_names is None else (tag_names.index("_") if "_" in tag_names else None)
    found = {index: MULTIWORD for index, tag in enumerate(tags) if tag is not None and tag == no_tag}
    # A treebank without any heads is unparsed, rather than full of empty nodes.
    if heads is not None and any(head not in _NO_VALUE for head in heads):
        for index, head in enumerate(heads):
            if head in _NO_VALUE and index not in found:
                found[index] = EMPTY_NODES
    return found
