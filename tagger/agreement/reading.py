"""Annotators: the annotations of one person or program, read from annotated files of any format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tagger.agreement.passages import Passage, passages_of
from tagger.conversion.inputs import without_warnings
from tagger.errors import DataError
from tagger.evaluation.parts import as_part, read_parts
from tagger.examples import Example
from tagger.formats import FORMATS, Losses, ReadingContext, ReadingOptions, Source, find_format
from tagger.formats.gold import joined_sentences
from tagger.formats.gold_corpus import usable_gold
from tagger.formats.lines import source_name
from tagger.formats.plausibility import Impression
from tagger.formats.reading_options import ANNOTATOR_FORMATS
from tagger.schemes import LabelScheme, labels_to_spans, spans_to_labels
from tagger.text.tokens import Segmenter


@dataclass(frozen=True, slots=True, eq=False)
class Annotator:
    """The annotations of one annotator.

    Attributes:
        name: name of the annotator.
        passages: the annotated sentences.
        has_spans: whether labels encode spans; they are then IOB2.
        num_unlabelled: sentences, or texts, of the file without annotations.
        losses: the data that were left out.
    """

    name: str
    passages: Sequence[Passage]
    has_spans: bool
    num_unlabelled: int
    losses: Losses


def annotators_in(source: Source, options: ReadingOptions, name: str | None = None) -> list[str]:
    """Return the annotators in a file, in order of appearance; none if its format does not name them.

    Args:
        source: a path.
        options: how to read it.
        name: its name in messages.

    Raises:
        DataError: if it is missing or cannot be read.
        FormatError: if its format cannot be detected.
        UsageError: if an option has no effect on its format.
    """
    format = find_format(source, options.format).name
    options.check_effects(format)
    if format not in ANNOTATOR_FORMATS or options.annotator is not None:
        return []
    met: dict[str, None] = {}
    context = ReadingContext(
        source_name(source, name), replace(options, format=format), Losses(skip_bad=True), annotators=met
    )
    with without_warnings():
        for _ in FORMATS[format].read(source, context):
            pass
    return list(met)


def read_annotator(
    source: Source,
    options: ReadingOptions,
    segmenter: Callable[[], Segmenter],
    *,
    name: str,
    source_called: str | None = None,
    scheme: LabelScheme | None = None,
    lenient: bool = False,
    identify_by_text: bool = False,
) -> Annotator:
    """Return the annotations of one annotator.

    Args:
        source: a path, or an open stream, whose format must be named.
        options: how to read it.
        segmenter: returns the segmenter for texts without tokens or sentences.
        name: name of the annotator.
        source_called: the source's name in messages.
        scheme: scheme of the labels in the file; detected if left out.
        lenient: whether labels may break the rules of their scheme; they are then read like conlleval reads them.
        identify_by_text: whether texts without an id are identified by their words, as in a file that has each text
            once per annotator.

    Raises:
        DataError: if the file is missing, cannot be read or holds no annotated sentence, or if spans cannot be compared
            and bad data is not skipped.
        FormatError: if the format cannot be detected, or the file violates it.
        LabelError: if labels fit no scheme, or one of them breaks it; names file and line.
        UsageError: if an option is invalid, or has no effect on the format.
    """
    called = source_name(source, source_called)
    losses = Losses(skip_bad=options.skip_bad)
    format = find_format(source, options.format).name
    parts = list(read_parts(source, replace(options, format=format), losses, segmenter, name=called))
    labelled = [part for part in parts if all(example.labels is not None for example in part.examples)]
    num_unlabelled = len(parts) - len(labelled)
    examples = [example for part in labelled for example in part.examples]
    if options.join_sentences and all(isinstance(part.item, Example) for part in labelled):
        examples = joined_sentences(examples, losses, called)
        labelled = [as_part(example, None) for example in examples]
    if not any(example.tokens for example in examples):
        lost = "; ".join(losses.lines())
        raise DataError(
            f"{called}: expected at least one annotated sentence, found none{f': {lost}' if lost else ''}"
        )
    impression = Impression(called, format)
    for example in examples:
        impression.add(example)
    impression.report()
    corpus = usable_gold(examples, scheme, losses, name=called, lenient=lenient)
    alike = iter(_in_one_spelling(corpus.examples, corpus.scheme))
    passages = [
        passage
        for part in labelled
        for passage in passages_of(
            part, [next(alike) for _ in part.examples], losses, identify_by_text=identify_by_text
        )
    ]
    return Annotator(name, passages, corpus.scheme.has_spans, num_unlabelled, losses)


def _in_one_spelling(examples: Iterable[Example], scheme: LabelScheme) -> Iterator[Example]:
    """Yield sentences with their spans in IOB2; plain labels are kept."""
    spelled: dict[tuple[str, ...], tuple[str, ...]] = {}
    for example in examples:
        labels = example.labels or ()
        if scheme.has_spans and labels not in spelled:
            spans = labels_to_spans(labels, scheme)
            spelled[labels] = tuple(spans_to_labels(spans, len(labels), LabelScheme.IOB2))
        yield replace(example, labels=spelled[labels] if scheme.has_spans else labels)
