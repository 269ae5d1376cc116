"""Parts: what annotated files hold, piece by piece, with all that tells how labels and spans lie in their text."""

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
        item: what the reader gave.
        file: the number of its file.
        record: its rows, where it is a sentence of columns (CoNLL, CoNLL-U).
        has_surface: whether these may be multiword tokens, which are then the tokens of the text (CoNLL-U).
        sentences: the ranges of the tokens of each sentence of a text; None where tokens are all that is known.
        examples: its sentences, as read, with labels.
        fitting: the spans of a text that these labels spell, in order.
        misfits: the spans that they do not.
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
        """What tells its document from others of its file; None if it is of none."""
        return self.item.document if isinstance(self.item, Example) else self.item.document_key

    def label_probabilities(self) -> Iterator[Sequence[float | None]]:
        """Yield those of each sentence; None where one is not known."""
        known = None if isinstance(self.item, Example) else self.item.probabilities
        place = 0
        for example in self.examples:
            after = place + len(example.tokens)
            yield [None] * len(example.tokens) if known is None else known[place:after]
            place = after

    def span_probabilities(self) -> Iterator[Sequence[float | None]] | None:
        """Yield those of the spans of each sentence; None where labels are all that was read."""
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
    """Yield what an annotated file holds.

    Args:
        source: a path, or an open stream, whose format must be named.
        options: how it is read.
        losses: where is counted what is left out.
        segmenter: gives what cuts texts; called at the first one whose tokens or sentences are not known.
        name: what messages call the source.
        file: its number.
        predicted: whether what models predicted is wanted, where a format tells it from what people annotated.

    Raises:
        DataError: it is missing or cannot be read.
        FormatError: the format cannot be guessed, or something is not of it.
        UsageError: an option has no meaning, or no effect on the format.
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
        segmenter: cuts it where its tokens or sentences are not known; None if they are.
        file: the number of its file.
        join_sentences: whether a span that goes on in the next sentence of a text makes one sentence of the two.
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
