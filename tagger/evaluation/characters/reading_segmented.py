"""Reading both sides of a comparison by characters from files: gold annotations, and predictions of any tool."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from tagger.errors import DataError
from tagger.evaluation.characters.segmented import SegmentedSide, segmented
from tagger.evaluation.parts import Part, read_parts
from tagger.evaluation.reading_predictions import Predictions
from tagger.examples import Example
from tagger.formats import (
    DocumentOrder,
    Losses,
    ReadingOptions,
    Source,
    find_format,
)
from tagger.formats.gold import joined_sentences
from tagger.formats.gold_corpus import usable_gold
from tagger.formats.lines import source_name
from tagger.formats.plausibility import Impression
from tagger.schemes import LabelScheme
from tagger.text.tokens import Segmenter


def read_segmented(
    sources: Iterable[tuple[Source, str | None]],
    options: ReadingOptions,
    segmenter: Callable[[], Segmenter],
    losses: Losses,
    *,
    scheme: LabelScheme | None = None,
    documents: bool = False,
    lenient: bool = False,
) -> SegmentedSide:
    """Return gold annotations by characters, with the same sentences and labels as ``read_gold``.

    Tokens are those of the text, including multiword tokens of CoNLL-U (for CoNLL-U Plus, they are the words). Spans of
    texts need not match token boundaries; the labels of sentences leave out those that do not.

    Args:
        sources: paths, or open streams, each with its name in messages; None for its own name.
        options: how to read them.
        segmenter: returns the segmenter for texts without tokens or sentences.
        losses: counts the data that are left out.
        scheme: scheme of the labels in the files; detected if left out. If some texts have spans, all labels are IOB2.
        documents: whether to keep documents; those of different files are different.
        lenient: whether labels may break the rules of their scheme, as for ``read_gold``.

    Raises:
        DataError: if a file is missing, cannot be read or holds no sentence; if a document recurs after another one;
            or if spans overlap or have several fragments, and bad data is not skipped.
        FormatError: if a format cannot be detected, or a file violates it.
        LabelError: if labels fit no scheme, or one of them breaks it; names file and line.
        UsageError: if an option is invalid, or has no effect on the format of a file.
    """
    parts: list[Part] = []
    examples: list[Example] = []
    names = []
    for number, (source, name) in enumerate(sources, start=1):
        names.append(source_name(source, name))
        before = losses.counts()
        format = find_format(source, options.format).name
        of_file = list(
            read_parts(source, replace(options, format=format), losses, segmenter, name=name, file=number)
        )
        found = [example for part in of_file for example in part.examples]
        if not found:
            lost = "; ".join(losses.since(before))
            raise DataError(
                f"{names[-1]}: expected at least one sentence, found none{f': {lost}' if lost else ''}"
            )
        if unlabelled := next((example for example in found if example.labels is None), None):
            raise DataError(f"{unlabelled.origin or names[-1]}: expected labels or spans, found neither")
        impression = Impression(names[-1], format)
        for example in found:
            impression.add(example)
        impression.report()
        if options.join_sentences:
            found = joined_sentences(found, losses, names[-1])
        parts += of_file
        examples += (
            _in_documents(found, number) if documents else [replace(one, document=None) for one in found]
        )
    name = names[0] if len(names) == 1 else "the gold files"
    corpus = usable_gold(examples, scheme, losses, name=name, lenient=lenient)
    return segmented(parts, corpus.examples, corpus.scheme, name=name, losses=losses)


def segmented_predictions(predictions: Predictions, name: str) -> SegmentedSide:
    """Return the predictions of a tool by characters.

    Args:
        predictions: the predictions read from its file.
        name: its name in messages.

    Raises:
        DataError: if spans overlap or have several fragments, and bad data is not skipped.
        FormatError: if a multiword token of CoNLL-U is not directly before its words.
    """
    return segmented(
        predictions.parts,
        predictions.examples,
        predictions.scheme,
        name=name,
        label_probabilities=predictions.label_probabilities,
        span_probabilities=predictions.span_probabilities,
        losses=predictions.losses,
    )


def _in_documents(examples: Iterable[Example], file: int) -> Iterable[Example]:
    """Yield the sentences of a file with document ids that are distinct from those of other files."""
    order = DocumentOrder()
    for example in examples:
        order.check(example)
        document = None if example.document is None else f"{file} {example.document}"
        yield replace(example, document=document)
