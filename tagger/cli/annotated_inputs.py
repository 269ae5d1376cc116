"""Annotated files as input of ``tagger tag``: only their texts and tokens are used, not their annotations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tagger.cli.streams import input_source
from tagger.examples import Example
from tagger.formats import AnnotatedText, Losses, ReadingOptions, cut, read_items
from tagger.formats.annotated import Range
from tagger.formats.probabilities import text_of
from tagger.text.tokens import Segmenter


@dataclass(frozen=True, slots=True)
class AnnotatedRecord:
    """A text of an annotated file, split into sentences.

    Attributes:
        text: the text, without annotations, with tokens and sentences.
        sentences: its sentences.
        ranges: for each sentence, the character ranges of its tokens in the text.
        name: name of the file in messages.
        was_cut: whether the text was tokenized here, since the file has no tokens.
    """

    text: AnnotatedText
    sentences: tuple[Example, ...]
    ranges: tuple[tuple[Range, ...], ...]
    name: str
    was_cut: bool


def read_annotated(path: str, options: ReadingOptions, segmenter: Segmenter) -> Iterator[AnnotatedRecord]:
    """Yield the texts of an annotated file; a sentence that has only tokens is a text, too.

    What was left out is logged at the end.

    Args:
        path: of the file or folder, or ``-`` for standard input.
        options: how to read it.
        segmenter: splits texts whose tokens or sentences are unknown.

    Raises:
        DataError: it cannot be read.
        FormatError: it violates its format.
    """
    source, name = input_source(path)
    losses = Losses(skip_bad=options.skip_bad)
    for item in read_items(source, options, losses, name=name, labelled=False):
        yield _record(item, segmenter, name)
    losses.log(name)


def _record(item: AnnotatedText | Example, segmenter: Segmenter, name: str) -> AnnotatedRecord:
    if isinstance(item, Example):
        item = text_of(item)
    ranges = cut(item, segmenter)
    starts = [0]
    for sentence in ranges[:-1]:
        starts.append(starts[-1] + len(sentence))
    known = replace(
        item,
        tokens=tuple(token for sentence in ranges for token in sentence),
        sentence_starts=tuple(starts) if ranges else (),
        spans=None,
        labels=None,
    )
    sentences = tuple(
        Example(
            tuple([item.text[start:end] for start, end in sentence]), None, item.document_key, item.origin
        )
        for sentence in ranges
    )
    return AnnotatedRecord(known, sentences, ranges, name, item.tokens is None)
