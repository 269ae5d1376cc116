"""Parts: the sentences and texts of annotated files, with the positions of labels and spans in the text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tagger.examples import Example
from tagger.formats import (
    CharacterSpan,
    Item,
    Losses,
    Misaligned,
    ReadingContext,
    ReadingOptions,
    Source,
    find_format,
    read_items,
)
from tagger.formats.annotated import Range
from tagger.formats.columns.column_formats import CONLL, CONLLU, read_conll_records, read_conllu_records
from tagger.formats.columns.records import ColumnRecord
from tagger.formats.lines import source_name
from tagger.formats.sentences import labelled_sentences
from tagger.text.tokens import Segmenter


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A sentence, or a text of any length.

    Attributes:
        item: the item returned by the reader.
        file: the number of its file.
        record: its rows, if it is a sentence in a column format (CoNLL, CoNLL-U).
        has_surface: whether these may contain multiword tokens, which are then the tokens of the text (CoNLL-U).
        sentences: the ranges of the tokens of each sentence of a text; None if only tokens are known.
        examples: its sentences, as read, with labels.
        fitting: the spans of a text that these labels encode, in order.
        misfits: the spans that they cannot encode.
    """

    item: Item
    file: int
    record: ColumnRecord | None
    sentences: Sequence[tuple[Range, ...]] | None
    examples: tuple[Example, ...]
    fitting: tuple[CharacterSpan, ...] = ()
    misfits: tuple[Misaligned, ...] = ()
    has_surface: bool = False

    @property
    def document(self) -> str | None:
        """Identifies its document within its file; None if it belongs to none."""
        return self.item.document if isinstance(self.item, Example) else self.item.document_key

    def label_probabilities(self) -> Iterator[Sequence[float | None]]:
        """Yield the label probabilities of each sentence, None for unknown ones."""
        known = None if isinstance(self.item, Example) else self.item.probabilities
        place = 0
        for example in self.examples:
            after = place + len(example.tokens)
            yield [None] * len(example.tokens) if known is None else known[place:after]
            place = after

    def span_probabilities(self) -> Iterator[Sequence[float | None]] | None:
        """Return the span probabilities of each sentence; None if only labels were read."""
        if isinstance(self.item, Example) or self.item.spans is None or self.item.labels is not None:
            return None
        return self._of_spans()

    def _of_spans(self) -> Iterator[Sequence[float | None]]:
        place = 0
        for example in self.examples:
            after = place + sum(label.startswith("B-") for label in example.labels or ())
            yield [span.probability for span in self.fitting[place:after]]
            place = after


def read_parts(
    source: Source,
    options: ReadingOptions,
    losses: Losses,
    segmenter: Callable[[], Segmenter],
    *,
    name: str | None = None,
    file: int = 1,
    predicted: bool = False,
) -> Iterator[Part]:
    """Yield the contents of an annotated file.

    Args:
        source: a path, or an open stream, whose format must be named.
        options: how to read it.
        losses: counts the data that are left out.
        segmenter: returns the segmenter for texts; called at the first text without tokens or sentences.
        name: the source's name in messages.
        file: its number.
        predicted: whether to read predictions rather than annotations, if the format distinguishes them.

    Raises:
        DataError: if it is missing or cannot be read.
        FormatError: if the format cannot be detected, or the file violates it.
        UsageError: if an option is invalid, or has no effect on the format.
    """
    format = find_format(source, options.format).name
    options.check_effects(format)
    name = source_name(source, name)
    pairs: Iterable[tuple[Item, ColumnRecord | None]]
    if format == CONLLU.name:
        pairs = read_conllu_records(source, ReadingContext(name, options, losses))
    elif format == CONLL.name:
        records = read_conll_records(source, ReadingContext(name, options, losses))
        pairs = ((record.example, record) for record in records if record.sentences)
    else:
        items = read_items(source, replace(options, format=format), losses, name=name, predicted=predicted)
        pairs = ((item, None) for item in items)
    cutter: Segmenter | None = None
    for item, record in pairs:
        if not isinstance(item, Example) and (item.tokens is None or item.sentence_starts is None):
            cutter = cutter or segmenter()
        part = as_part(item, cutter, file=file, join_sentences=options.join_sentences)
        yield replace(part, record=record, has_surface=format == CONLLU.name)


def as_part(
    item: Item,
    segmenter: Segmenter | None,
    *,
    file: int = 1,
    join_sentences: bool = False,
) -> Part:
    """Return a sentence or text as a part.

    Args:
        item: the sentence or text.
        segmenter: segmenter to use if it has no tokens or sentences; None if it has both.
        file: the number of its file.
        join_sentences: whether to join two sentences of a text if a span crosses their boundary.
    """
    if isinstance(item, Example):
        return Part(item, file, None, None, (item,))
    misfits: list[Misaligned] = []
    pairs = list(labelled_sentences(item, segmenter, misfits.append, join_sentences=join_sentences))
    text, document = item.text, item.document_key
    examples = tuple(
        Example(
            tuple([text[start:end] for start, end in ranges]),
            labels,
            document,
            item.origin,
            from_spans=item.labels is None and labels is not None,
        )
        for ranges, labels in pairs
    )
    is_misfit = {id(misfit.span) for misfit in misfits}
    spans = sorted(item.spans or (), key=CharacterSpan.order) if item.labels is None else []
    fitting = tuple(span for span in spans if id(span) not in is_misfit)
    return Part(item, file, None, [ranges for ranges, _ in pairs], examples, fitting, tuple(misfits))
