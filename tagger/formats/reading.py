"""The common reader of all formats: find the format, check the options, read texts or sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from tagger.errors import DataError, UsageError
from tagger.examples import Example
from tagger.formats.alignment import Misaligned
from tagger.formats.annotated import Item
from tagger.formats.effects import with_effects_checked
from tagger.formats.format import ReadingContext
from tagger.formats.lines import Source, source_name
from tagger.formats.losses import Losses
from tagger.formats.plausibility import Impression
from tagger.formats.reading_options import ReadingOptions
from tagger.formats.registry import find_format
from tagger.formats.sentences import to_examples
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
    taught: bool = False,
) -> Iterator[Item]:
    """Iterate over the texts or sentences of tokens of an annotated file.

    Options are checked at once, the file as it is read.

    Args:
        source: a path, or an open stream, whose format must be named.
        options: the reading options.
        losses: counts what is left out.
        name: what messages call the source.
        labelled: as in :class:`ReadingContext`.
        whole: as in :class:`ReadingContext`.
        predicted: as in :class:`ReadingContext`.
        taught: as in :class:`ReadingContext`.

    Raises:
        DataError: the source is missing or unreadable.
        FormatError: the format cannot be guessed, or the source does not follow it and bad data are not skipped.
        UsageError: an option is invalid, or has no effect on this format.
    """
    format = find_format(source, options.format)
    options.check_effects(format.name)
    name = source_name(source, name)
    items = format.read(source, ReadingContext(name, options, losses, labelled, whole, predicted, taught))
    return with_effects_checked(items, options, format.name, name)


def read_examples(
    source: Source,
    options: ReadingOptions | None = None,
    *,
    name: str | None = None,
    segmenter: Callable[[], Segmenter] | None = None,
    on_misaligned: Callable[[Misaligned], None] | None = None,
    losses: Losses | None = None,
    taught: bool = False,
) -> Iterator[Example]:
    """Iterate over the labelled sentences of an annotated file of any format.

    Options are checked at once, the file as it is read. After the last sentence, warnings are logged about sentences
    that look misread, and, without ``losses``, about what was left out.

    Args:
        source: a path, or an open stream, whose format must be named.
        options: the reading options; defaults if left out.
        name: what messages call the source.
        segmenter: returns the segmenter for texts; called if there are any.
        on_misaligned: called with every span that does not fit the tokens and is left out; if None, such a span is an
            error.
        losses: counts what is left out; if None, it is logged.
        taught: as in :func:`read_items`; such sentences have soft labels, with or without labels.

    Raises:
        DataError: the source is missing, unreadable or without sentences; a span does not fit the tokens.
        FormatError: as from :func:`read_items`.
        UsageError: as from :func:`read_items`; or there are texts but no segmenter.
    """
    options = options or ReadingOptions()
    counted = Losses(skip_bad=options.skip_bad) if losses is None else losses
    format = find_format(source, options.format).name
    items = read_items(source, replace(options, format=format), counted, name=name, taught=taught)
    name = source_name(source, name)
    examples = to_examples(
        items, segmenter or _no_segmenter, on_misaligned or _refuse, join_sentences=options.join_sentences
    )
    return _examples(examples, name, format, counted, logs=losses is None)


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
    raise DataError(f"{misfit}. Correct the span, or have texts segmented differently.")
