"""Annotated files as a corpus: the one door through which they are read.

Evaluation, inspection and benchmarks take a whole corpus from ``read_gold``. Training takes file by file from
``read_file``: there the train split decides the scheme of all, and how texts are cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from tagger.errors import DataError, UsageError
from tagger.examples import Example
from tagger.formats.alignment import CROSSING, Misaligned, describe_misfits
from tagger.formats.documents import DocumentOrder
from tagger.formats.gold import checked_gold, gold_scheme, in_one_scheme, joined_sentences
from tagger.formats.lenient import readable_labels
from tagger.formats.lines import Source, source_name
from tagger.formats.losses import Losses
from tagger.formats.reading import read_examples
from tagger.formats.reading_options import ReadingOptions
from tagger.options import argument
from tagger.schemes import LabelScheme, Notation
from tagger.text.tokens import Segmenter


@dataclass(frozen=True, slots=True)
class GoldCorpus:
    """Annotated sentences whose labels are checked.

    Attributes:
        examples: the sentences, their labels in the usual notation of the scheme, and legal unless they need not be.
        scheme: the scheme of the labels.
        notation: how the labels were written.
        losses: what was left out or changed.
    """

    examples: list[Example]
    scheme: LabelScheme
    notation: Notation
    losses: Losses


def read_gold(
    sources: Iterable[tuple[Source, str | None]],
    options: ReadingOptions,
    segmenter: Callable[[], Segmenter],
    *,
    scheme: LabelScheme | None = None,
    documents: bool = False,
    lenient: bool = False,
) -> GoldCorpus:
    """Return the sentences of annotated files, one after another.

    Args:
        sources: paths, or open streams, each with what messages call it; None for its own name.
        options: how they are read.
        segmenter: gives what cuts running text into sentences and tokens, where a file holds some.
        scheme: of labels that stand in the files; found out if left out. With texts with spans among them all is IOB2.
        documents: whether documents are of concern; those of different files are different ones.
        lenient: whether labels may break the rules of their scheme; they are then read as conlleval reads them, and
            counted.

    Raises:
        DataError: a file is missing, cannot be read or holds no sentence; spans do not fit the tokens and are not to be
            left out; a document comes again after another one.
        FormatError: a format cannot be guessed, or a line is not of it.
        LabelError: the labels fit no scheme, or one of them breaks it; names file and line.
        UsageError: an option has no meaning, or no effect on the format of a file.
    """
    examples: list[Example] = []
    misfits: list[Misaligned] = []
    losses = Losses(skip_bad=options.skip_bad)
    names = []
    for number, (source, name) in enumerate(sources, start=1):
        names.append(source_name(source, name))
        order = DocumentOrder()
        for example in read_file(source, options, segmenter, misfits.append, losses, name=name):
            document = None
            if documents:
                order.check(example)
                document = None if example.document is None else f"{number} {example.document}"
            examples.append(replace(example, document=document))
    check_misfits(
        misfits,
        losses,
        f"Correct the spans, or pass {argument('data.skip_bad', True)} to go on without them.",
    )
    return usable_gold(examples, scheme, losses, name=", ".join(names), lenient=lenient)


def usable_gold(
    examples: Sequence[Example],
    scheme: LabelScheme | None,
    losses: Losses,
    *,
    name: str,
    lenient: bool,
) -> GoldCorpus:
    """Return sentences as a corpus, their labels in one scheme, and checked unless they may break it.

    Args:
        examples: the sentences as read.
        scheme: of labels that stand in files, if it is known.
        losses: what was left out of them; labels that break the scheme are counted there.
        name: what messages call the files.
        lenient: as in :func:`read_gold`.

    Raises:
        LabelError: the labels fit no scheme, or one of them breaks it; names file and line.
    """
    if not lenient:
        alike, scheme = in_one_scheme(examples, scheme)
        scheme, notation = gold_scheme(alike, scheme)
        return GoldCorpus(checked_gold(alike, scheme, notation), scheme, notation, losses)
    readable, scheme, notation, illegal = readable_labels(examples, scheme, name)
    for place in illegal:
        losses.add(f"labels that break the rules of {scheme.name}, read as conlleval reads them", place)
    return GoldCorpus(readable, scheme, notation, losses)


def check_misfits(misfits: Sequence[Misaligned], losses: Losses, advice: str) -> None:
    """Count spans that do not fit the tokens if what is bad is skipped, and refuse them all at once if not.

    Args:
        misfits: the spans.
        losses: where they are counted.
        advice: what to do, for the message.

    Raises:
        DataError: names the first, and how many others there are.
    """
    if misfits and not losses.skip_bad:
        if any(misfit.kind == CROSSING for misfit in misfits):
            advice += (
                f" With {argument('data.join_sentences', True)} sentences that a span goes across become one."
            )
        raise DataError(f"{describe_misfits(misfits)}. {advice}")
    for misfit in misfits:
        losses.add_bad(misfit.kind, str(misfit))


def read_file(
    source: Source,
    options: ReadingOptions,
    segmenter: Callable[[], Segmenter],
    on_misaligned: Callable[[Misaligned], None],
    losses: Losses,
    *,
    name: str | None = None,
    taught: bool = False,
) -> list[Example]:
    """Return the sentences of one file as it has them; joined where the end of one cuts a span, if that is wanted.

    Args:
        source: a path, or an open stream, whose format must be named.
        options: how it is read.
        segmenter: as in :func:`read_gold`.
        on_misaligned: called with every span that does not fit the tokens, and is left out.
        losses: where is counted what is left out otherwise.
        name: what messages call the source.
        taught: whether sentences may have probabilities of labels, and labels that are not known.

    Raises:
        DataError: the file is missing, cannot be read, or holds no sentence.
        FormatError: as in :func:`read_gold`.
        LabelError: sentences are to be joined, and what their labels mean is in doubt.
        UsageError: as in :func:`read_gold`.
    """
    examples = read_examples(
        source,
        options,
        name=name,
        segmenter=segmenter,
        on_misaligned=on_misaligned,
        losses=losses,
        taught=taught,
    )
    found = list(examples)
    if options.join_sentences and any(example.soft_labels is not None for example in found):
        raise UsageError(
            f"{argument('data.join_sentences')}: sentences with soft or unknown labels cannot be joined; found some in "
            f"{source_name(source, name)}"
        )
    return joined_sentences(found, losses, source_name(source, name)) if options.join_sentences else found
