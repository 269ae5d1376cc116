"""Annotated files as input of ``tagger tag``: their texts and tokens alone, whoever annotated them, or nobody yet."""

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
    """A text of an annotated file, cut into sentences.

    Attributes:
        text: the text, without annotations, its tokens and sentences known.
        sentences: its sentences.
        ranges: for each sentence, the ranges of its tokens in the text.
        name: what messages call the file.
        was_cut: whether its tokens were found here, since the file has none.
    """

    text: AnnotatedText
    sentences: tuple[Example, ...]
    ranges: tuple[tuple[Range, ...], ...]
    name: str
    was_cut: bool


def read_annotated(path: str, options: ReadingOptions, segmenter: Segmenter) -> Iterator[AnnotatedRecord]:
    """Yield the texts of an annotated file, one after another; a sentence of tokens alone is a text, too.

    At the end a message to the log says what was left out.

    Args:
        path: of the file or folder, or what stands for standard input.
        options: how it is read.
        segmenter: cuts texts whose tokens or sentences are not known.

    Raises:
        DataError: it cannot be read.
        FormatError: something in it is not of its format.
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
