"""One door to all annotated files: find the format, check the options, read texts or sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from tagger.errors import DataError, UsageError
from tagger.examples import Example
from tagger.formats.alignment import Misaligned
from tagger.formats.annotated import Item
from tagger.formats.columns.conll import split_cells
from tagger.formats.effects import with_effects_checked
from tagger.formats.format import ReadingContext
from tagger.formats.lines import Source, read_lines, source_name
from tagger.formats.losses import Losses
from tagger.formats.plausibility import Impression
from tagger.formats.reading_options import ReadingOptions
from tagger.formats.registry import find_format, guess_format
from tagger.formats.sentences import to_examples
from tagger.formats.tables.csv_table import has_cell
from tagger.text.tokens import Segmenter


def read_items(
    source: Source,
    options: ReadingOptions,
    losses: Losses,
    *,
    name: str | None = None,
    labelled: bool = True,
    whole: bool = False,
    predicted: bool = False,
) -> Iterator[Item]:
    """Return what an annotated file holds, texts or sentences of tokens, one after another.

    Options are checked at once, the file as it is read.

    Args:
        source: a path, or an open stream, whose format must be named.
        options: how it is read.
        losses: where is counted what is left out.
        name: what messages call the source.
        labelled: whether annotations are wanted; if not, everything is read that has a text.
        whole: whether all is to be carried over, so that what else the file holds is counted as not read.
        predicted: whether what models predicted is wanted, where a format tells it from what people annotated.

    Raises:
        DataError: it is missing or cannot be read.
        FormatError: the format cannot be guessed, or something is not of it and what is bad is not skipped.
        UsageError: an option has no meaning, or no effect on this format.
    """
    format = find_format(source, options.format)
    options.check_effects(format.name)
    name = source_name(source, name)
    items = format.read(source, ReadingContext(name, options, losses, labelled, whole, predicted))
    return with_effects_checked(items, options, format.name, name)


def read_examples(
    source: Source,
    options: ReadingOptions | None = None,
    *,
    name: str | None = None,
    segmenter: Callable[[], Segmenter] | None = None,
    on_misaligned: Callable[[Misaligned], None] | None = None,
    losses: Losses | None = None,
) -> Iterator[Example]:
    """Return the labelled sentences of an annotated file of any format, one after another.

    Options are checked at once, the file as it is read; what looks misread is reported after the last sentence, as
    warnings of the logger, and so is what was left out, unless it is counted elsewhere.

    Args:
        source: a path, or an open stream, whose format must be named.
        options: how it is read; as usual if left out.
        name: what messages call the source.
        segmenter: gives what cuts texts into sentences and tokens; called if there are texts.
        on_misaligned: called with every span that does not fit the tokens and is left out (an error).
        losses: where is counted what is left out (a warning for each kind).

    Raises:
        DataError: the file is missing, cannot be read, or holds no sentence; a span does not fit the tokens.
        FormatError: as from :func:`read_items`.
        UsageError: likewise; or there are texts and no segmenter.
    """
    options = options or ReadingOptions()
    counted = Losses(skip_bad=options.skip_bad) if losses is None else losses
    format = find_format(source, options.format).name
    items = read_items(source, replace(options, format=format), counted, name=name)
    name = source_name(source, name)
    examples = to_examples(
        items, segmenter or _no_segmenter, on_misaligned or _refuse, join_sentences=options.join_sentences
    )
    return _examples(examples, name, format, counted, logs=losses is None)


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
    examples: Iterator[Example], name: str, format: str, losses: Losses, *, logs: bool
) -> Iterator[Example]:
    found = False
    before = losses.counts()
    impression = Impression(name, format)
    for example in examples:
        found = True
        impression.add(example)
        yield example
    if not found:
        lost = "; ".join(losses.since(before))
        raise DataError(f"{name}: expected at least one sentence, found none{f': {lost}' if lost else ''}")
    if logs:
        losses.log(name)
    impression.report()


def _no_segmenter() -> Segmenter:
    raise UsageError("a text needs a segmenter that cuts it into tokens, found none")


def _refuse(misfit: Misaligned) -> None:
    raise DataError(f"{misfit}. Correct the span, or have texts cut otherwise.")
