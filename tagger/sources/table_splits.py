"""Conversion of the tables of splits to Examples: choice of columns, label names, texts, and losses."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, NamedTuple

from tagger.errors import DataError, UsageError
from tagger.examples import Example
from tagger.formats import (
    AnnotatedText,
    Losses,
    Misaligned,
    ReadingContext,
    ReadingOptions,
    check_misfits,
    to_examples,
)
from tagger.formats.gold import joined_sentences
from tagger.formats.tables.column_choice import INTEGERS, NUMBERS, TEXT, Columns
from tagger.formats.tables.span_columns import SPANS
from tagger.formats.white_space import SpacedTokens
from tagger.options import argument
from tagger.schemes import shown
from tagger.sources.column_level import choose_level, hold_tokens
from tagger.sources.columns import Advice, TableExamples, names_of_labels, read_examples
from tagger.sources.sentence_rows import HeldRows, PartOfRows, SentenceRows
from tagger.sources.tables import CsvDataTable
from tagger.sources.values_table import PLACES, Table
from tagger.text import get_segmenter

_BAD: Final = "rows that cannot be read"
_OF_TEXTS: Final = ("text_column", "offsets")

Cut = Callable[[str, Sequence[AnnotatedText], Losses], list[Example]]
"""Converts the texts of a split to sentences, given its name in messages, the texts, and the losses."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RoleTables:
    """The tables of a split.

    Attributes:
        split: its name in the dataset.
        where: its name in messages and in the origins of Examples.
        tables: the tables, in order.
    """

    split: str
    where: str
    tables: Sequence[Table]


@dataclass(slots=True)
class TablesRead:
    """The result of :func:`read_tables`.

    Attributes:
        examples: role to sentences.
        left_out: role to what was left out, as kind -> count.
        num_rows: role to the number of rows of its tables.
        token_column: the column that held the tokens, or the texts.
        label_column: the column that held the labels, or the spans.
        class_names: the labels in the order of their integers, as keys; empty if the columns held strings.
    """

    examples: dict[str, list[Example]] = field(default_factory=dict)
    left_out: dict[str, Counter[str]] = field(default_factory=dict)
    num_rows: dict[str, int] = field(default_factory=dict)
    token_column: str = ""
    label_column: str = ""
    class_names: dict[str, None] = field(default_factory=dict)


def read_tables(
    roles: Mapping[str, RoleTables],
    options: ReadingOptions,
    *,
    where: str,
    names: Mapping[int, str] | None = None,
    declared: Mapping[str, Sequence[str]] | None = None,
    files_of_names: Callable[[], Sequence[str]] = tuple,
    cut: Cut | None = None,
    are_alike: bool = True,
) -> TablesRead:
    """Read the tables of all splits, train first.

    Args:
        roles: train, dev or test to the tables.
        options: the reading options; their ``label_names`` are ignored.
        where: what messages call the whole dataset.
        names: label names of integers, from the caller.
        declared: column to label names, as declared in the dataset's README.
        files_of_names: returns the files that may hold the names of integers, for messages.
        cut: converts texts to sentences; if left out, the rules for English are used, and all spans must fit.
        are_alike: whether all tables have the columns of the first; if not, columns are chosen again for tables that
            lack them.

    Raises:
        DataError: something cannot be read.
        UsageError: an option has no effect on any of the tables.
    """
    reader = _Reader(options, names, declared or {}, files_of_names, cut, are_alike)
    for role, split in roles.items():
        others = {other: tables.split for other, tables in roles.items() if other != role}
        reader.read(role, split, others)
    reader.check_effects(where)
    return reader.found


class _Reader:
    """Reads split after split; the arguments are those of :func:`read_tables`."""

    def __init__(
        self,
        options: ReadingOptions,
        names: Mapping[int, str] | None,
        declared: Mapping[str, Sequence[str]],
        files_of_names: Callable[[], Sequence[str]],
        cut: Cut | None,
        are_alike: bool,
    ) -> None:
        self.found = TablesRead()
        self._options = options
        self._tokens, self._labels = _as_name("token_column", options), _as_name("label_column", options)
        self._names = names
        self._declared = declared
        self._files_of_names = files_of_names
        self._cut = cut or self._cut_plainly
        self._are_alike = are_alike
        self._takes_names = self._has_texts = self._has_tokens = self._has_csv = False
        self._last_kind = ""

    def read(self, role: str, split: RoleTables, others: Mapping[str, str]) -> None:
        """Read a split."""
        losses, spaced, left_out = Losses(skip_bad=self._options.skip_bad), SpacedTokens(), Counter[str]()
        examples: list[Example] = []
        num_rows = 0
        for table in split.tables:
            where = split.where if len(split.tables) == 1 else f"{split.where} ({table.name})"
            if isinstance(table, CsvDataTable):
                table.prepare(self._options.sentence_column, losses)
                self._has_csv = True
            texts = self._texts(table, where, losses)
            if texts is not None:
                found = self._cut(where, texts, losses)
                num_rows += len(texts)
            else:
                place = _Place(role, where, split.where, num_rows, Advice(self._files_of_names, others))
                read = self._sentences(table, place, losses, spaced)
                found = read.examples
                left_out += read.left_out
                num_rows += read.num_rows
            examples += found
        if self._options.join_sentences:
            examples = joined_sentences(examples, losses, split.where)
        for kind, number in left_out.items():
            logger.warning("%s: left out %d %s", split.where, number, kind)
        if report := spaced.report():
            logger.warning("%s: %s", split.where, report)
        losses.log(split.where)
        left_out.update(losses.counts())
        self.found.examples[role], self.found.left_out[role] = examples, left_out
        self.found.num_rows[role] = num_rows

    def check_effects(self, where: str) -> None:
        """Refuse options that had no effect on any of the tables."""
        options = self._options
        if self._names is not None and not self._takes_names:
            raise UsageError(
                f"{where}: label_names has no effect, column {self.found.label_column!r} ({self._last_kind}) has "
                "names of its own"
            )
        if options.sentence_column is not None and not self._has_csv:
            raise UsageError(
                f"{where}: {argument('data.sentence_column', options.sentence_column)}: has no effect where a row is a "
                "sentence or a text"
            )
        if not self._has_texts:
            for name in _OF_TEXTS:
                if getattr(options, name) is not None:
                    raise UsageError(
                        f"{argument(f'data.{name}')} has no effect on {where}: it holds tokens, and no texts"
                    )

    def _texts(self, table: Table, where: str, losses: Losses) -> list[AnnotatedText] | None:
        """Return the texts of a table with spans; None if it holds sentences of tokens."""
        options = self._options
        chosen = options.label_column
        is_of_spans = isinstance(chosen, str) and table.kinds.get(chosen) == SPANS
        asks_for_texts = options.text_column is not None or is_of_spans
        if options.token_column is not None or (not asks_for_texts and hold_tokens(table.columns)):
            return None
        has_names = any(column.kind == SPANS and column.names for column in table.columns.values())
        names = None if has_names or self._names is None else {name: id for id, name in self._names.items()}
        texts = table.texts(ReadingContext(where, replace(options, label_names=names), losses))
        if texts is None:
            return None
        self._has_texts = True
        items = list(texts.items)
        if names is not None:
            self._takes_names = True
            _refuse_other_labels(items, names)
        self.found.token_column, self.found.label_column = texts.text_column, texts.span_column
        self._last_kind = table.kinds[texts.span_column]
        return items

    def _sentences(self, table: Table, place: _Place, losses: Losses, spaced: SpacedTokens) -> TableExamples:
        """Return the sentences of a table of tokens."""
        tokens, labels = self._tokens, self._labels
        if not self._are_alike and not {tokens, labels} <= {*table.columns, None}:
            tokens, labels = _as_name("token_column", self._options), _as_name("label_column", self._options)
        columns = choose_level(
            table.columns,
            where=place.table,
            tokens=tokens,
            labels=labels,
            document=self._options.document_column,
        )
        self._tokens, self._labels = columns.tokens, columns.labels  # the first table decides for the others
        self.found.token_column, self.found.label_column = columns.tokens, columns.labels
        depth = table.columns[columns.tokens].depth
        nested = SentenceRows(table, depth, place.split, place.first_row, losses) if depth > 1 else None
        table = nested or table
        names = names_of_labels(
            table, columns.labels, given=self._names, declared=self._declared, where=place.table
        )
        self._last_kind = table.kinds[columns.labels]
        self._takes_names = self._takes_names or self._last_kind in (INTEGERS, NUMBERS, TEXT)
        self.found.class_names |= dict.fromkeys(name.strip() for _, name in sorted((names or {}).items()))
        read = partial(_read_good_rows, losses) if losses.skip_bad else read_examples
        found = read(
            table,
            columns,
            names,
            where=place.split,
            first_row=place.first_row,
            spaced=spaced,
            advice=place.advice,
            taught=place.role == "train",
        )
        return found if nested is None else found._replace(num_rows=nested.num_rows)

    def _cut_plainly(self, where: str, items: Sequence[AnnotatedText], losses: Losses) -> list[Example]:
        """Segment texts by the rules for English; all spans must fit the tokens."""
        misfits: list[Misaligned] = []
        joins = self._options.join_sentences
        examples = to_examples(items, lambda: get_segmenter("rules"), misfits.append, join_sentences=joins)
        found = list(examples)
        check_misfits(misfits, losses, "Correct the spans, or have texts segmented differently.")
        return found


class _Place(NamedTuple):
    """The place of a table: its role, its name and its split's in messages, the number of its first row, and advice."""

    role: str
    table: str
    split: str
    first_row: int
    advice: Advice


def _read_good_rows(
    losses: Losses,
    table: Table,
    columns: Columns,
    names: Mapping[int, str] | None,
    *,
    where: str,
    first_row: int,
    spaced: SpacedTokens,
    advice: Advice,
    taught: bool,
) -> TableExamples:
    """Read the good rows of a table, found by bisection, and count the others."""
    held = HeldRows(table)
    read = partial(
        read_examples,
        columns=columns,
        names=names,
        where=where,
        first_row=first_row,
        advice=advice,
        taught=taught,
    )
    try:
        parts = [read(held)]
    except DataError:
        if held.rows is None:  # not about a row
            raise
        parts = []
        num_rows = len(held.rows[columns.tokens])
        places = held.rows.get(PLACES) or [str(first_row + row) for row in range(num_rows)]
        unread = [(0, num_rows)]
        while unread:
            start, end = unread.pop()
            try:
                parts.append(read(PartOfRows(held, held.rows, start, end, places)))
            except DataError as error:
                middle = (start + end) // 2
                if end - start == 1:
                    losses.add_bad(_BAD, str(error))
                else:
                    unread += [(middle, end), (start, middle)]
    whole = TableExamples([], Counter(), len(held.rows[columns.tokens]) if held.rows else 0)
    for part in parts:
        whole.examples.extend(part.examples)
        whole.left_out.update(part.left_out)
    for example in whole.examples:
        spaced.add(example.tokens, example.origin)
    return whole


def _as_name(option: str, options: ReadingOptions) -> str | None:
    """Return the name of a column given as an option."""
    name: int | str | None = getattr(options, option)
    if isinstance(name, int):
        raise UsageError(f"data.{option}: a dataset's columns have names, found the number {name}")
    return name


def _refuse_other_labels(items: Sequence[AnnotatedText], names: Mapping[str, int]) -> None:
    """Refuse label names where labels are not integers."""
    known = {name.strip() for name in names}
    for item in items:
        for span in item.spans or ():
            if span.label not in known:
                raise UsageError(
                    f"{item.origin}: {argument('data.label_names')}: expected labels that are integers, found "
                    f"{shown(span.label)}, which is none of the names"
                )
