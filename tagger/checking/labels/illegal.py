"""Labels that break the rules of their scheme, each with its place and its reading by conlleval."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from tagger.checking.corpus import Corpus, Part
from tagger.checking.findings import Finding
from tagger.formats.lenient import illegal_labels
from tagger.schemes import LabelScheme, convert_labels, shown
from tagger.text.printable import printable

IDS: Final = ("illegal-label",)


def find(corpus: Corpus) -> Iterator[Finding]:
    """Yield a finding for every label that is not allowed in its place, or cannot belong to its scheme."""
    for part in corpus.parts:
        if part.scheme is None or not part.scheme.has_spans:
            continue
        found = [
            *_odd(part, part.scheme),
            *((sentence, position, "") for sentence, position in illegal_labels(part.labels, part.scheme)),
        ]
        for sentence, group in groupby(sorted(found), key=lambda one: one[0]):
            read_as = legal(part, sentence)
            pairs = zip(read_as, part.labels[sentence], strict=True)
            changed = [place for place, (after, before) in enumerate(pairs) if after != before]
            for _, position, message in group:
                yield _finding(part, sentence, position, message, read_as, changed)


def legal(part: Part, sentence: int) -> list[str]:
    """Return the labels of a sentence as conlleval reads them, legal in the scheme of its part."""
    assert part.scheme is not None, "known"
    return convert_labels(part.labels[sentence], part.scheme, part.scheme)


def _odd(part: Part, scheme: LabelScheme) -> Iterator[tuple[int, int, str]]:
    """Yield the places of labels that cannot belong to the scheme, and what is wrong with each."""
    if not part.odd:
        return
    for sentence, example in enumerate(part.examples):
        if example.from_spans or not example.labels:
            continue
        read = part.notation.read(example.labels)
        for position, label in enumerate(read):
            if label in part.odd:
                yield sentence, position, f"label {shown(label)} is not a label of {scheme.name}"


def _finding(
    part: Part, sentence: int, position: int, message: str, read_as: list[str], changed: Sequence[int]
) -> Finding:
    """Return the finding for a label.

    Args:
        part: the part of the corpus.
        sentence: number of the sentence.
        position: position of the label.
        message: what is wrong; empty for a label that is not allowed between its neighbours.
        read_as: the labels of the sentence as conlleval reads them.
        changed: the positions where these differ, in ascending order.
    """
    assert part.scheme is not None, "known"
    labels = part.labels[sentence]
    written = (part.examples[sentence].labels or ())[position]
    if not message:
        previous = shown(labels[position - 1]) if position else "the start of the sentence"
        following = shown(labels[position + 1]) if position + 1 < len(labels) else "the end of it"
        message = (
            f"label {shown(labels[position])} between {previous} and {following} is not allowed in "
            f"{part.scheme.name}"
        )
    if read_as[position] != written:
        message += f"; it is read as {shown(read_as[position])}"
    elif changed:
        beside = bisect_left(changed, position)
        nearest = min(changed[max(beside - 1, 0) : beside + 1], key=lambda place: abs(place - position))
        message += f"; {shown(labels[nearest])} at token {nearest + 1} is read as {shown(read_as[nearest])}"
    token = part.examples[sentence].tokens[position]
    return Finding(
        "illegal-label",
        printable(f"{message} (token {shown(token)})"),
        (part.place(sentence, position),),
        part.name,
        details={"label": written, "read_as": read_as[position], "token": token, "position": position},
    )
