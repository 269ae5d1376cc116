"""Conversion of annotated texts to labelled sentences, for training, scoring and token-based formats."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from tagger.examples import Example
from tagger.formats.alignment import Misaligned, align, join_crossed
from tagger.formats.annotated import AnnotatedText, Item, Range
from tagger.formats.repeated import kept_once
from tagger.text.tokens import Segmenter
from tagger.text.windows import windows


def cut(text: AnnotatedText, segmenter: Segmenter | None) -> tuple[tuple[Range, ...], ...]:
    """Return the token ranges of each sentence of a text: its own if known.

    Where tokens are known and sentences are not, sentences begin at the first token of each one that the segmenter
    finds.

    Args:
        text: the text.
        segmenter: finds the tokens or sentences that are not known; None if all are.
    """
    tokens, starts = text.tokens, text.sentence_starts
    if tokens is not None and starts is not None:
        return tuple(tokens[start:end] for start, end in pairwise((*starts, len(tokens))) if start < end)
    assert segmenter is not None, "needed for unknown tokens or sentences"
    if tokens is None:
        return tuple(sentence.spans for sentence in windows(text.text, segmenter) if sentence.spans)
    borders = [sentence.spans[0][0] for sentence in windows(text.text, segmenter) if sentence.spans][1:]
    starts = _first_tokens(tokens, borders)
    return tuple(tokens[start:end] for start, end in pairwise((*starts, len(tokens))) if start < end)


def labelled_sentences(
    text: AnnotatedText,
    segmenter: Segmenter | None,
    on_misaligned: Callable[[Misaligned], None],
    *,
    join_sentences: bool = False,
) -> Iterator[tuple[tuple[Range, ...], tuple[str, ...] | None]]:
    """Yield the token ranges and labels of each sentence of a text; labels are None if it has no annotations.

    Spans become IOB2 labels.

    Args:
        text: the text.
        segmenter: as in :func:`cut`.
        on_misaligned: called with every span that token labels cannot express.
        join_sentences: whether to join sentences that a span crosses.
    """
    sentences: Sequence[tuple[Range, ...]] = cut(text, segmenter)
    if text.spans is None or text.labels is not None:
        place = 0
        for sentence in sentences:
            labels = None if text.labels is None else text.labels[place : place + len(sentence)]
            place += len(sentence)
            yield sentence, labels
        return
    if join_sentences:
        sentences = join_crossed(sentences, [span for span in text.spans if not span.fragments])
    rows, misfits = align(text.text, sentences, text.spans, origin=text.origin or "text")
    for misfit in misfits:
        on_misaligned(misfit)
    yield from zip(sentences, map(tuple, rows), strict=True)


def to_examples(
    items: Iterable[Item],
    segmenter: Callable[[], Segmenter],
    on_misaligned: Callable[[Misaligned], None],
    *,
    join_sentences: bool = False,
) -> Iterator[Example]:
    """Yield the sentences of items as examples; items that are examples already stay unchanged.

    Args:
        items: what a reader yields.
        segmenter: returns the segmenter; called at the first text whose tokens or sentences are not known.
        on_misaligned: as in :func:`labelled_sentences`.
        join_sentences: as in :func:`labelled_sentences`.
    """
    cutter: Segmenter | None = None
    for item in items:
        if isinstance(item, Example):
            yield item
            continue
        if item.tokens is None or item.sentence_starts is None:
            cutter = cutter or segmenter()
        text = item.text
        for ranges, labels in labelled_sentences(item, cutter, on_misaligned, join_sentences=join_sentences):
            tokens = kept_once([text[start:end] for start, end in ranges])
            from_spans = item.labels is None and labels is not None
            yield Example(tokens, labels, item.document_key, item.origin, from_spans=from_spans)


def is_tokens_alone(text: AnnotatedText) -> bool:
    """Return whether a text is just its tokens joined by blanks."""
    if text.tokens is None:
        return False
    return text.text == " ".join([text.text[start:end] for start, end in text.tokens])


def labels_of_tokens(text: AnnotatedText) -> list[str] | None:
    """Return the IOB2 labels of a sentence that is just its tokens joined by blanks.

    Returns:
        A label for each token; None for any other text, or if it has spans that labels cannot express.
    """
    starts = (0,) if text.tokens else ()
    if (
        text.tokens is None
        or text.spans is None
        or text.sentence_starts != starts
        or not is_tokens_alone(text)
    ):
        return None
    if not text.spans:
        return ["O"] * len(text.tokens)
    rows, misfits = align(text.text, [text.tokens], text.spans, origin="")
    return None if misfits else rows[0]


def count_misfits(items: Iterable[Item], segmenters: Sequence[Segmenter]) -> list[int]:
    """Return how many spans do not fit the tokens of each segmenter, for choosing one.

    Args:
        items: what a reader yields.
        segmenters: the candidates.
    """
    counts = [0] * len(segmenters)
    for item in items:
        if isinstance(item, AnnotatedText) and item.spans:
            for number, segmenter in enumerate(segmenters):
                _, misfits = align(item.text, cut(item, segmenter), item.spans, origin="")
                counts[number] += len(misfits)
    return counts


def _first_tokens(tokens: Sequence[Range], borders: Sequence[int]) -> tuple[int, ...]:
    """Return the indices of the first token at or after each border, and of the first token of all."""
    numbers = [0] if tokens else []
    token = 0
    for border in borders:
        while token < len(tokens) and tokens[token][0] < border:
            token += 1
        if token < len(tokens) and token != numbers[-1]:
            numbers.append(token)
    return tuple(numbers)
