"""Context use: the label of a word when the model sees only the words within a distance of k.

Letters: W widths, T tokens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagger.api import Tagger
from tagger.errors import UsageError
from tagger.inspection.passes import checked_sentence

Width = int | None
"""Words seen on each side; None for all."""

WIDTHS: Final[tuple[Width, ...]] = (0, 1, 2, 3, 5, 8, None)


@dataclass(frozen=True)
class ContextUse:
    """Labels of a sentence's words, each read within windows of increasing width.

    Attributes:
        tokens: the words.
        widths: words seen on each side of a word; None for the whole sentence.
        labels: the label of each word within each window, W tuples of T.
        probabilities: probability of that label within that window, ``[W, T]``.
        final_labels: the label of each word in the whole sentence.
        final_probabilities: probability of *that* label within each window, ``[W, T]``.
    """

    tokens: tuple[str, ...]
    widths: tuple[Width, ...]
    labels: tuple[tuple[str, ...], ...]
    probabilities: NDArray[np.floating]
    final_labels: tuple[str, ...]
    final_probabilities: NDArray[np.floating]


@dataclass(frozen=True)
class ContextAgreement:
    """How often the label within a window is that of the whole sentence, over a corpus.

    Attributes:
        widths: words seen on each side; None for all.
        all_words: share of words that keep their label, ``[W]``.
        span_words: the same share among words whose label in the whole sentence belongs to a span, ``[W]``; None if
            there are none.
        num_words: number of words.
        num_span_words: number of words within spans.
    """

    widths: tuple[Width, ...]
    all_words: NDArray[np.floating]
    span_words: NDArray[np.floating] | None
    num_words: int
    num_span_words: int


def context_use(
    tagger: Tagger,
    tokens: Sequence[str],
    *,
    widths: Sequence[Width] = WIDTHS,
    positions: Sequence[int] | None = None,
) -> ContextUse:
    """Return the label of each word when the tagger sees more and more of the words around it.

    Args:
        tagger: the tagger.
        tokens: a sentence.
        widths: words seen on each side; None for all.
        positions: the words to include, which are then the T of the result; all if left out.

    Raises:
        UsageError: if the sentence has no token, or a width is negative.
    """
    words = checked_sentence(tokens)
    _check_widths(widths)
    asked = range(len(words)) if positions is None else positions
    (final,) = tagger.stream_labels([words])
    final_ids = [tagger.labels.index(final[t]) for t in asked]
    labels = []
    probabilities = np.empty((len(widths), len(asked)))
    final_probabilities = np.empty_like(probabilities)
    for row, width in enumerate(widths):
        spans = [_window(t, width, len(words)) for t in asked]
        # The windows of neighbouring words are often the same; for the whole sentence, all of them are.
        windows = {span: words[slice(*span)] for span in spans}
        read_labels = dict(zip(windows, tagger.stream_labels(windows.values()), strict=True))
        read_marginals = dict(zip(windows, tagger.marginals(windows.values()), strict=True))
        found = []
        for column, (t, span) in enumerate(zip(asked, spans, strict=True)):
            label, marginals = read_labels[span][t - span[0]], read_marginals[span][t - span[0]]
            found.append(label)
            probabilities[row, column] = marginals[tagger.labels.index(label)]
            final_probabilities[row, column] = marginals[final_ids[column]]
        labels.append(tuple(found))
    return ContextUse(
        tuple(words[t] for t in asked),
        tuple(widths),
        tuple(labels),
        probabilities,
        tuple(final[t] for t in asked),
        final_probabilities,
    )


def context_agreement(
    tagger: Tagger, sentences: Sequence[Sequence[str]], *, widths: Sequence[Width] = WIDTHS
) -> ContextAgreement:
    """Return how often words keep the label of the whole sentence when they are read within windows.

    Reported labels are compared: the second word of a name, read alone, gets B- at best, which counts as different from
    I-. For each word of the corpus the model reads the sum of the window sizes, 44 words for the default widths.

    Args:
        tagger: the tagger.
        sentences: the corpus; empty sentences are ignored.
        widths: words seen on each side; None for all.

    Raises:
        UsageError: if there is no word, or a width is negative.
    """
    _check_widths(widths)
    corpus = [checked_sentence(sentence) for sentence in sentences if sentence]
    if not corpus:
        raise UsageError("expected a corpus of at least one word, found none")
    final = [label for labels in tagger.stream_labels(corpus) for label in labels]
    in_span = np.array([tagger.scheme.has_spans and label != "O" for label in final])
    same = np.empty((len(widths), len(final)), dtype=bool)
    for row, width in enumerate(widths):
        found = final if width is None else _labels_within(tagger, corpus, width)
        same[row] = [label == other for label, other in zip(found, final, strict=True)]
    return ContextAgreement(
        tuple(widths),
        same.mean(axis=1),
        same[:, in_span].mean(axis=1) if in_span.any() else None,
        len(final),
        int(in_span.sum()),
    )


def _labels_within(tagger: Tagger, corpus: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return the label of every word of the corpus, each read within its window."""
    centres: list[int] = []

    def windows() -> Iterator[Sequence[str]]:
        for words in corpus:
            for t in range(len(words)):
                start, end = _window(t, width, len(words))
                centres.append(t - start)
                yield words[start:end]

    labels = list(tagger.stream_labels(windows()))
    return [read[centre] for read, centre in zip(labels, centres, strict=True)]


def _window(t: int, width: Width, length: int) -> tuple[int, int]:
    """Return the first word of a window, and the word after its last one."""
    if width is None:
        return 0, length
    return max(0, t - width), min(length, t + width + 1)


def _check_widths(widths: Sequence[Width]) -> None:
    for width in widths:
        if width is not None and width < 0:
            raise UsageError(f"widths: expected 0 or more, or None for all words, found {width}")
