"""The labelled sentences of a CSV file as Examples."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tagger.errors import FormatError
from tagger.examples import Example
from tagger.formats.column_choice import choose_columns
from tagger.formats.csv_table import CsvTable
from tagger.formats.lines import Source
from tagger.formats.white_space import refuse_blank_tokens
from tagger.options import option

_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CsvRecord:
    """A sentence as the other readers give it: the only one of a record."""

    sentences: tuple[Example, ...]


def read_csv(
    source: Source,
    *,
    name: str | None = None,
    token_column: str | None = None,
    label_column: str | None = None,
    document_column: str | None = None,
) -> Iterator[CsvRecord]:
    """Yield the labelled sentences of a CSV file, in constant memory.

    Args:
        source: a path or an open stream.
        name: what messages call the source.
        token_column: name of the token column; found by its usual names if left out.
        label_column: name of the label column; found by its usual names if left out.
        document_column: name of a column that says which document a sentence is of.

    Raises:
        DataError: the source cannot be read, or several columns could be meant.
        FormatError: a row is not what it should be; see :class:`CsvTable`.
        UsageError: a named column does not exist.
    """
    table = CsvTable(source, name=name)
    columns = choose_columns(
        table.kinds, where=table.name, tokens=token_column, labels=label_column, document=document_column
    )
    for sentence in table.sentences(columns):
        where = f"{table.name}:{sentence.line}"
        if any(isinstance(label, int) for label in sentence.labels):
            raise FormatError(
                f"{where}: expected labels in column {columns.labels!r}, found integers. Write their names, or train "
                f"with {option('data.dataset', table.name, of_training=True)} and, the names in their order, "
                f"{option('data.label_names', of_training=True)}"
            )
        refuse_blank_tokens(sentence.tokens, where)
        labels = tuple(str(label).strip() for label in sentence.labels)
        if "" in labels:
            raise FormatError(f"{where}: expected a label at place {labels.index('')}, found nothing")
        yield CsvRecord((Example(tuple(sentence.tokens), labels, sentence.document, where),))
