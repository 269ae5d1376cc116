"""Format: one format of annotated data, how it is recognised, read and written, and what it can hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tagger.formats.annotated import AnnotatedText, Item
from tagger.formats.head import Head
from tagger.formats.lines import Source
from tagger.formats.losses import Losses
from tagger.formats.offsets import OffsetUnit
from tagger.formats.reading_options import ReadingOptions
from tagger.formats.tasks import Task
from tagger.text.tokens import Segmenter


@dataclass(frozen=True, slots=True)
class ReadingContext:
    """What a reader needs beside its source.

    Attributes:
        name: what messages call the source.
        options: how it is read; those without an effect on the format are refused before.
        losses: where is counted what is left out, and what is bad is refused.
        labelled: whether annotations are wanted. If not, every text is read, also what nobody annotated or finished,
            and no annotation is looked at: texts and tokens without spans and labels.
        whole: whether all is to be carried over, so that what else a file holds (other columns, comments) is counted as
            not read. Whoever trains or scores does not miss it.
        predicted: whether what models predicted is wanted, where a format tells it from what people annotated.
        taught: whether sentences may have probabilities of labels (soft_labels), and labels that are not known, where a
            format has a place for them. Who does not learn from them takes such sentences for bad ones.
        annotators: where it is noted who annotated, as a key each, where a format says; that annotations of one text
            differ is then no error. None if it is not asked for.
    """

    name: str
    options: ReadingOptions
    losses: Losses
    labelled: bool = True
    whole: bool = False
    predicted: bool = False
    taught: bool = False
    annotators: dict[str, None] | None = None


@dataclass(frozen=True, slots=True)
class WritingContext:
    """What a writer needs beside the texts.

    Attributes:
        losses: where is counted what the format cannot hold.
        segmenter: cuts texts whose tokens are not known, for formats that are made of tokens.
        offsets: what offsets are to count; None for what programs that read the format expect.
        model: what is said to have made the annotations, where a format has a place for it; None for people.
    """

    losses: Losses
    segmenter: Segmenter
    offsets: OffsetUnit | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holds:
    """What a format has a place for; what it has none for is counted when it is written.

    Attributes:
        spans: spans of characters or tokens.
        labels: a label for every token that is no span, as of parts of speech.
        overlaps: spans that share characters.
        discontinuous: spans of several fragments.
        parts_of_tokens: spans that begin or end within a token.
        probabilities: probabilities of spans or labels.
        tokens: tokens beside a text, where spans are not of tokens anyway.
        sentences_of_tokens: tokens of a sentence that is nothing else, where it is written in another way than a text;
            its writer counts those that cannot be.
        text: the text as it is, with its white space; False where only tokens are kept.
        across_sentences: spans that go on in the next sentence, where spans are of tokens.
        documents: ids of documents.
        fields: what else is kept of a text under names.
    """

    spans: bool = True
    labels: bool = False
    overlaps: bool = False
    discontinuous: bool = False
    parts_of_tokens: bool = True
    probabilities: bool = False
    tokens: bool = False
    sentences_of_tokens: bool = False
    text: bool = True
    across_sentences: bool = False
    documents: bool = False
    fields: bool = False


class Reader(Protocol):
    """Reads a source of one format."""

    def __call__(self, source: Source, context: ReadingContext, /) -> Iterator[Item]:
        """Yield what it holds, in its order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format of annotated data.

    Attributes:
        name: what options call it.
        title: what people call it.
        read: yields texts, or sentences of tokens.
        recognises: whether the beginning of a file (or what is in a folder) is surely of this format.
        suffixes: ends of names that tell the format where the content does not, each with its dot.
        write: yields the pieces of a text file that holds the texts; None if it is not written, or not as one file.
        write_tasks: yields the pieces of a text file that holds texts with several readings each; None where a text has
            one.
        save: writes a folder or a binary file, which appears whole or not at all; None if ``write`` does it.
        holds: what is kept when it is written.
        offsets: what its offsets count where nothing tells otherwise; what is written counts the same.
    """

    name: str
    title: str
    read: Reader
    recognises: Callable[[Head], bool]
    suffixes: tuple[str, ...] = ()
    write: Callable[[Iterable[AnnotatedText], WritingContext], Iterator[str]] | None = None
    write_tasks: Callable[[Iterable[Task], WritingContext], Iterator[str]] | None = None
    save: Callable[[Iterable[AnnotatedText], Path, WritingContext], None] | None = None
    holds: Holds = Holds()
    offsets: OffsetUnit = "codepoint"
