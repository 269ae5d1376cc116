"""The labelled sentences of a CSV file as Examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tagger.errors import FormatError
from tagger.examples import Example
from tagger.formats.annotated import Item
from tagger.formats.losses import Losses
from tagger.formats.probabilities import read_probability, with_probabilities
from tagger.formats.tables.column_choice import choose_columns
from tagger.formats.tables.csv_sentences import BAD_ROWS, read_sentences
from tagger.formats.tables.csv_table import CsvTable
from tagger.formats.tables.label_names import named
from tagger.formats.white_space import refuse_blank_tokens


@dataclass(frozen=True, slots=True)
class CsvRecord:
    """A record of one sentence, like those of the other readers."""

    sentences: tuple[Item, ...]


def read_csv(
    table: CsvTable,
    losses: Losses,
    *,
    token_column: str | None = None,
    label_column: str | None = None,
    document_column: str | None = None,
    names: Mapping[int, str] | None = None,
    labelled: bool = True,
    unread: Losses | None = None,
) -> Iterator[CsvRecord]:
    """Yield the labelled sentences of a CSV file, in constant memory.

    Args:
        table: the table, not yet read.
        losses: counts unreadable rows.
        token_column: name of the token column; detected by its usual names if left out.
        label_column: name of the label column; detected by its usual names if left out.
        document_column: name of the column that identifies the document of a sentence.
        names: the names of integer labels.
        labelled: whether to read labels.
        unread: counts cells of other columns, if given.

    Raises:
        DataError: the source cannot be read, or several columns could be meant.
        FormatError: a row is malformed; see :func:`read_sentences`.
        UsageError: a named column does not exist.
    """
    columns = choose_columns(
        table.kinds,
        where=table.name,
        tokens=token_column,
        labels=label_column,
        document=document_column,
        labelled=labelled,
    )
    others = [] if unread is None else table.others(columns)
    for sentence in read_sentences(table, columns, losses, labelled=labelled):
        where = f"{table.name}:{sentence.line}"
        for name in others:
            assert unread is not None, "there are none otherwise"
            unread.add(f"cells of the column {name!r}, not read", where, times=len(sentence.tokens))
        labels = None
        try:
            refuse_blank_tokens(sentence.tokens, where)
            if labelled:
                labels = _labels(sentence.labels, names, f"{where}: column {columns.labels!r}")
            if labels is not None and "" in labels:
                raise FormatError(f"{where}: expected a label at place {labels.index('')}, found nothing")
        except FormatError as error:
            losses.bad(BAD_ROWS, str(error))
            continue
        example = Example(tuple(sentence.tokens), labels, sentence.document, where)
        said = sentence.probabilities if labelled else None
        yield CsvRecord(
            (example if said is None else with_probabilities(example, list(map(read_probability, said))),)
        )


def _labels(
    values: Sequence[str] | Sequence[int], names: Mapping[int, str] | None, where: str
) -> tuple[str, ...]:
    """Return labels, with the names of integer ones."""
    labels = [label.strip() if isinstance(label, str) else label for label in values]
    integers = [label for label in labels if isinstance(label, int)]
    if names is not None and all(isinstance(label, int) or label.isdecimal() for label in labels):
        integers = [int(label) for label in labels]  # a number alone in a cell is text
    if integers:
        return named(integers, names, where)
    return tuple(map(str, labels))
