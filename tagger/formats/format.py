"""Format: how one format of annotated data is recognised, read and written, and what it can hold."""

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
    """What a reader needs besides its source.

    Attributes:
        name: what messages call the source.
        options: the reading options; those without an effect on the format have been refused already.
        losses: counts what is left out, and refuses bad data.
        labelled: whether to read annotations. If not, every text is read, annotated or finished or not, without spans
            and labels.
        whole: whether everything is to be carried over, so that other content (more columns, comments) is counted as
            not read; not needed for training and scoring.
        predicted: whether to read the predictions of models, in formats that distinguish them from annotations.
        taught: whether sentences may have label probabilities (soft_labels) and unknown labels, in formats that can
            hold them; otherwise such sentences are bad data.
        annotators: receives the annotators as keys, in formats that record them; differing annotations of a text are
            then no error. None if not wanted.
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
    """What a writer needs besides the texts.

    Attributes:
        losses: counts what the format cannot hold.
        segmenter: tokenises texts without tokens, for token-based formats.
        offsets: the unit of the offsets; None for the unit that other programs expect.
        model: the model recorded as the source of the annotations, in formats with a place for it; None for people.
    """

    losses: Losses
    segmenter: Segmenter
    offsets: OffsetUnit | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holds:
    """What a format can hold; everything else is counted as a loss on writing.

    Attributes:
        spans: spans of characters or tokens.
        labels: token labels that are not spans, such as parts of speech.
        overlaps: spans that share characters.
        discontinuous: spans of several fragments.
        parts_of_tokens: spans that begin or end within a token.
        probabilities: probabilities of spans or labels.
        tokens: tokens in addition to a text, where spans are character ranges.
        sentences_of_tokens: sentences of tokens without a text, in formats that write them differently from a text;
            the writer counts those that it cannot write.
        text: the text with its white space; False where only tokens are kept.
        across_sentences: spans of tokens that cross the end of a sentence.
        documents: ids of documents.
        fields: other named values of a text.
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
    """Reader of one format."""

    def __call__(self, source: Source, context: ReadingContext, /) -> Iterator[Item]:
        """Yield the items of a source, in file order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format of annotated data.

    Attributes:
        name: its name in options.
        title: its name in prose.
        read: yields texts, or sentences of tokens.
        recognises: whether the head of a file or folder is certainly of this format.
        suffixes: file name extensions, with their dots, that decide where the content does not.
        write: yields the pieces of a text file with the texts; None if the format is not written, or not as one file.
        write_tasks: yields the pieces of a text file of texts with several readings each; None where a text has one.
        save: writes a folder or a binary file, atomically; None if ``write`` does it.
        holds: what the written format keeps.
        offsets: the default unit of its offsets, for reading and writing.
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
