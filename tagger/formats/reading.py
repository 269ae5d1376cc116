"""One door to all annotated files: find the format, check the options, read the examples."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, Literal

from tagger.errors import DataError, FormatError, UsageError
from tagger.examples import Example
from tagger.formats.alignment import Misaligned
from tagger.formats.columns import ColumnRecord
from tagger.formats.conll import read_conll, split_cells
from tagger.formats.conllu import read_conllu
from tagger.formats.csv_examples import CsvRecord, read_csv
from tagger.formats.csv_table import has_cell
from tagger.formats.jsonl import JsonKeys, JsonRecord, read_jsonl
from tagger.formats.lines import Source, read_lines, source_name
from tagger.formats.plausibility import Impression, refuse_other_formats
from tagger.formats.reading_options import ReadingOptions
from tagger.text.tokens import Segmenter

Format = Literal["conll", "conllu", "jsonl", "csv"]

FORMATS: Final = ("conll", "conllu", "jsonl", "csv")
"""The formats of annotated files."""
_FORMAT_OF_SUFFIX: Final[dict[str, Format]] = {
    ".conll": "conll",
    ".bio": "conll",
    ".iob": "conll",
    ".iob2": "conll",
    ".tsv": "conll",
    ".conllu": "conllu",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
}
_CONLLU_ROW: Final = re.compile(r"[0-9]+([-.][0-9]+)?\t(?:[^\t]*\t){8}[^\t]*")
_PROBED_LINES: Final = 1000
_STREAM_UNNAMED: Final = f"the format of a stream cannot be guessed; name it: {', '.join(FORMATS)}"


def format_by_name(path: str | os.PathLike[str]) -> Format | None:
    """Return the format that the end of a name tells (``.conllu``, ``.jsonl.gz``), or None."""
    return _FORMAT_OF_SUFFIX.get(Path(os.fspath(path).removesuffix(".gz")).suffix.lower())


def reads_csv(format: str, paths: Iterable[str | os.PathLike[str]]) -> bool:
    """Return whether some of the files are CSV.

    There the column of documents has an effect even if documents are of no concern: it is no column of labels, and ids
    of sentences may begin again in each document.

    Args:
        format: of the files, or ``auto``.
        paths: theirs.
    """
    return format == "csv" or (format == "auto" and any(format_by_name(path) == "csv" for path in paths))


def guess_format(path: str | os.PathLike[str]) -> Format:
    """Return the format of a file, by the end of its name, else by its first row.

    Raises:
        DataError: the file cannot be read, or its content is needed and there is none.
        FormatError: neither name nor content tell, or the content tells that it is of none.
        UsageError: the name does not tell, and it is a pipe, which can be read only once.
    """
    by_name = format_by_name(path)
    if by_name is not None:
        return by_name
    if Path(path).is_fifo():  # what is read to guess would be lost
        raise UsageError(_STREAM_UNNAMED)
    rows = [line.rstrip("\r\n") for line in islice(read_lines(path), _PROBED_LINES) if line.strip()]
    if not rows:
        raise DataError(f"{os.fspath(path)}: expected at least one sentence, found none")
    if rows[0].startswith("{"):
        return "jsonl"
    refuse_other_formats(rows, os.fspath(path))
    for text in rows:
        if _CONLLU_ROW.fullmatch(text):
            return "conllu"
        if not text.startswith("#") and ("\t" in text.strip() or " " in text.strip()):
            return "conll"
    raise FormatError(
        f"{os.fspath(path)}: expected CoNLL columns, CoNLL-U or JSON Lines (an object a line), "
        f"found none of them. Name the format if it is one: {', '.join(FORMATS)}"
    )


def read_examples(
    source: Source,
    *,
    format: str = "auto",
    name: str | None = None,
    token_column: int | str | None = None,
    label_column: int | str | None = None,
    comment_prefix: str | None = None,
    header: bool = False,
    text_column: str | None = None,
    document_column: str | None = None,
    segmenter: Segmenter | None = None,
    on_misaligned: Callable[[Misaligned], None] | None = None,
) -> Iterator[Example]:
    """Return the labelled sentences of a file of any format, in constant memory.

    Options are checked at once, lines as they are read; what looks misread is reported after the last sentence, as
    warnings of the logger.

    Args:
        source: a path, or an open stream, whose format must be named.
        format: ``conll``, ``conllu``, ``jsonl``, ``csv``, or ``auto`` to guess.
        name: what messages call the source.
        token_column: conll: the number of the column, counted from 0 (default 0), or negative from the end, or its
            name in the header row; jsonl: the key of the tokens (``tokens``); csv: the name of the column (found by
            its usual names).
        label_column: conll: the number (-1) or name of the column; conllu: the field, or ``misc:KEY`` (``upos``);
            jsonl: the key of the labels (``labels``) or of the spans of a text (``spans`` or ``entities``); csv: the
            name of the column (found by its usual names).
        comment_prefix: conll: lines that start with it are comments (there are none).
        header: conll: whether the first row holds the names of the columns.
        text_column: jsonl: the key of a text, looked for where there are no tokens (``text``).
        document_column: jsonl: the key of the document's id, which one line at least has (``document``, if it is
            there); csv: the name of the column that holds it (there is none).
        segmenter: jsonl: cuts texts into sentences and tokens.
        on_misaligned: jsonl: called with every span that does not fit the tokens and is left out (an error).

    Raises:
        DataError: the file is missing, cannot be read, or holds no sentence.
        FormatError: the format cannot be guessed, or a line is not of it.
        UsageError: an option has no meaning, or no effect on this format.
    """
    if format not in ("auto", *FORMATS):
        raise UsageError(f"format: expected auto, {', '.join(FORMATS)}, found {format!r}")
    if format == "auto":
        if not isinstance(source, (str, os.PathLike)):
            raise UsageError(_STREAM_UNNAMED)
        format = guess_format(source)
    options = ReadingOptions(
        token_column=token_column,
        label_column=label_column,
        comment_prefix=comment_prefix,
        header=header,
        text_column=text_column,
        document_column=document_column,
    )
    options.check_effects(format)
    for name_of_option, value in (("segmenter", segmenter), ("on_misaligned", on_misaligned)):
        if value is not None and format != "jsonl":
            raise UsageError(f"{name_of_option} has no effect on the format {format}")
    records: Iterator[ColumnRecord] | Iterator[JsonRecord] | Iterator[CsvRecord]
    if format == "conll":
        records = read_conll(
            source,
            name=name,
            token_column=_number("token_column", token_column, 0),
            label_column=_number("label_column", label_column, -1),
            comment_prefix=comment_prefix,
            header=header,
        )
    elif format == "conllu":
        records = read_conllu(source, name=name, label_field=_name("label_column", label_column, "upos"))
    elif format == "csv":
        records = read_csv(
            source,
            name=name,
            token_column=None if token_column is None else _name("token_column", token_column, ""),
            label_column=None if label_column is None else _name("label_column", label_column, ""),
            document_column=document_column,
        )
    else:
        keys = JsonKeys(
            tokens=_name("token_column", token_column, "tokens"),
            text=_name("text_column", text_column, "text"),
            labels=None if label_column is None else _name("label_column", label_column, ""),
            document=None if document_column is None else _name("document_column", document_column, ""),
        )
        records = read_jsonl(source, name=name, keys=keys, segmenter=segmenter, on_misaligned=on_misaligned)
    return _examples(records, source_name(source, name), format)


def token_origin(example: Example, index: int) -> str:
    """Return ``file:line`` of a token, for messages.

    The file is looked into again: rows are not all words, and a line of JSON is a whole sentence.
    Where it is gone, or was a stream, the origin of the sentence is returned.
    """
    path, _, line = (example.origin or "").rpartition(":")
    if not path or not line.isdecimal():
        return example.origin or f"token {index}"
    if not Path(path).is_file():  # a pipe must not be waited for
        return f"{path}:{line}"
    try:
        format = guess_format(path)
        if format == "jsonl":
            return f"{path}:{line}"
        if format == "csv":  # a token a row or a sentence a row
            row = next(islice(read_lines(path), int(line) - 1 + index, None), "")
            return f"{path}:{int(line) + index if has_cell(row, example.tokens[index]) else line}"
        rows = (row.rstrip("\r\n") for row in islice(read_lines(path), int(line) - 1, None))
        are_words: Iterator[bool]
        if format == "conllu":
            are_words = (row.split("\t")[0].isdecimal() for row in rows)
        else:
            are_words = _hold_tokens(rows, example.tokens)
        numbers = (number for number, is_word in enumerate(are_words, start=int(line)) if is_word)
        return f"{path}:{next(islice(numbers, index, None))}"
    except (DataError, StopIteration):
        return f"{path}:{line}"


def _hold_tokens(rows: Iterator[str], tokens: Sequence[str]) -> Iterator[bool]:
    """Yield for each row of a sentence in columns, beginning with its first, whether it is not a comment.

    Neither the prefix of comments nor the column of the tokens is known here, but where the first token stands,
    the others do.
    """
    place, columns = 0, None
    for row in rows:
        cells = split_cells(row)
        if columns is None:
            columns = [column for column, cell in enumerate(cells) if cell == tokens[0]]
        is_token = place < len(tokens) and any(
            cells[column : column + 1] == [tokens[place]] for column in columns
        )
        place += is_token
        yield is_token


def _examples(
    records: Iterator[ColumnRecord] | Iterator[JsonRecord] | Iterator[CsvRecord], name: str, format: str
) -> Iterator[Example]:
    found = False
    impression = Impression(name, format)
    for record in records:
        for example in record.sentences:
            found = True
            impression.add(example)
            yield example
    if not found:
        raise DataError(f"{name}: expected at least one sentence, found none")
    impression.report()


def _number(option: str, value: int | str | None, usual: int) -> int | str:
    if isinstance(value, bool):
        raise UsageError(f"{option}: expected the number of a column, counted from 0, found {value!r}")
    return usual if value is None else value


def _name(option: str, value: int | str | None, usual: str) -> str:
    if value is None:
        return usual
    if not isinstance(value, str):
        raise UsageError(
            f"{option}: expected a name, found {value!r}; columns have numbers in the format conll only"
        )
    return value
