"""The entry points for reading annotated files as a corpus.

Evaluation, inspection and benchmarks read a whole corpus with ``read_gold``. Training reads file by file with
``read_file``, because the train split determines the scheme of all files, and how texts are tokenised.
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
    """Annotated sentences with checked labels.

    Attributes:
        examples: the sentences, with labels in the usual notation, legal in the scheme unless read leniently.
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
    """Read the sentences of annotated files, in order.

    Args:
        sources: paths or open streams, each with its name in messages; None for its own name.
        options: the reading options.
        segmenter: returns the segmenter for texts without tokens; called if there are any.
        scheme: the scheme of the labels in the files; detected if left out. If some files hold texts with spans, all
            labels become IOB2.
        documents: whether to keep and check documents; those of different files are distinct.
        lenient: whether labels may break the rules of their scheme; they are then read as conlleval reads them, and
            counted.

    Raises:
        DataError: a file is missing, unreadable or without sentences; spans do not fit the tokens, and bad data are not
            skipped; the sentences of a document are not contiguous.
        FormatError: a format cannot be guessed, or a file does not follow it.
        LabelError: the labels fit no scheme, or one of them breaks it; names file and line.
        UsageError: an option is invalid, or has no effect on the format of a file.
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
    """Return sentences as a corpus with labels in one scheme, checked unless ``lenient``.

    Args:
        examples: the sentences as read.
        scheme: the scheme of the labels from files, if known.
        losses: what was left out; also counts labels that break the scheme.
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
    """Count spans that do not fit the tokens, or raise one error for all of them unless bad data are skipped.

    Args:
        misfits: the spans.
        losses: counts them.
        advice: what to do, for the message.

    Raises:
        DataError: there are misfits, and bad data are not skipped; names the first and counts the others.
    """
    if misfits and not losses.skip_bad:
        if any(misfit.kind == CROSSING for misfit in misfits):
            advice += (
                f" With {argument('data.join_sentences', True)} sentences that a span crosses become one."
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
    """Read the sentences of one file, with the labels as written; joined across cut spans if the options ask for it.

    Args:
        source: a path, or an open stream, whose format must be named.
        options: the reading options.
        segmenter: as in :func:`read_gold`.
        on_misaligned: called with every span that does not fit the tokens, and is left out.
        losses: counts everything else that is left out.
        name: what messages call the source.
        taught: whether sentences may have label probabilities and unknown labels.

    Raises:
        DataError: the file is missing, unreadable or without sentences.
        FormatError: as in :func:`read_gold`.
        LabelError: sentences are to be joined, and their labels are ambiguous.
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
