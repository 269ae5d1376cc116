"""TextCutter: cuts the texts of a run by the variant of the rules that fits the spans of their annotators."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from tagger.examples import Example
from tagger.formats import (
    AnnotatedText,
    Item,
    Losses,
    Misaligned,
    ReadingOptions,
    best_variant,
    check_misfits,
    read_items,
    switches,
    to_examples,
)
from tagger.options import option
from tagger.text import NamedSegmenter
from tagger.text.tokens import Span

_LOG = logging.getLogger(__name__)


class TextCutter:
    """A segmenter that becomes another one where that suits the spans of the texts better, and knows if it was used.

    A model has to cut text as its training texts were cut. Annotators mark ``Oslo`` in ``Oslo's``, or not, and in
    ``Oslo-based``, or not: their spans tell whether clitics and hyphens are cut off.

    Args:
        segmenter: what texts are cut with, if their spans fit it.
        is_free: whether it may become another one.

    Attributes:
        used: whether a text was cut.
    """

    def __init__(self, segmenter: NamedSegmenter, *, is_free: bool) -> None:
        self.segmenter = segmenter
        self.is_free = is_free
        self.used = False

    def __call__(self, text: str, /) -> Iterable[Sequence[Span]]:
        """Return the sentences of a text."""
        self.used = True
        return self.segmenter(text)

    def read(
        self,
        path: Path,
        read: Callable[[Callable[[Misaligned], None]], list[Example]],
        options: ReadingOptions,
    ) -> tuple[list[Example], list[Misaligned]]:
        """Return the examples of a file, and the spans that do not fit its tokens.

        If it is free, the first of these makes the segmenter the one that most spans fit. A pipe cannot be read again.

        Args:
            path: a file or folder.
            read: reads it with this segmenter, and calls its argument with every span that does not fit.
            options: how it is read.
        """
        again = None if path.is_fifo() else lambda: _items(path, options)
        return self._fitted(str(path), read, again)

    def cut(
        self, where: str, texts: Sequence[AnnotatedText], losses: Losses, *, join_sentences: bool
    ) -> list[Example]:
        """Return the sentences of the texts of a table; as these are cut, so are those of the next one.

        Args:
            where: what messages call the table.
            texts: all of its texts.
            losses: where spans that do not fit are counted, if what is bad is skipped.
            join_sentences: whether a span that goes on in the next sentence makes one sentence of the two.

        Raises:
            DataError: a span does not fit the tokens.
        """
        examples, misfits = self._fitted(
            where,
            lambda misfit: list(to_examples(texts, lambda: self, misfit, join_sentences=join_sentences)),
            lambda: texts,
        )
        self.is_free = self.is_free and not self.used
        advice = self._advice(len(misfits), lambda: texts) if misfits and not losses.skip_bad else ""
        check_misfits(misfits, losses, what_to_do(advice))
        return examples

    def advice(self, path: Path, num_misfits: int, options: ReadingOptions) -> str:
        """Return a sentence about the options that more spans of the file fit, if there are any."""
        return "" if path.is_fifo() else self._advice(num_misfits, lambda: _items(path, options))

    def _fitted(
        self,
        name: str,
        read: Callable[[Callable[[Misaligned], None]], list[Example]],
        items: Callable[[], Iterable[Item]] | None,
    ) -> tuple[list[Example], list[Misaligned]]:
        """Return what is read and the spans that do not fit, by the best variant if ``items`` can be had again."""
        misfits: list[Misaligned] = []
        examples = read(misfits.append)
        if not (misfits and self.used and self.is_free and items is not None):
            return examples, misfits
        best, count = best_variant(self.segmenter, items())
        if best.options() == self.segmenter.options():
            return examples, misfits
        self.segmenter = best
        _LOG.info(
            "%s: texts are cut with %s, as their spans fit best: %d do not (%s sets it)",
            name,
            _options(self.segmenter),
            count,
            option("data.segmenter"),
        )
        misfits.clear()
        return read(misfits.append), misfits

    def _advice(self, num_misfits: int, items: Callable[[], Iterable[Item]]) -> str:
        if not self.used:
            return ""
        best, count = best_variant(self.segmenter, items())
        if count >= num_misfits:
            return ""
        others = f"all but {count} of them fit" if count else "they all fit"
        return f"With {option('data.segmenter', switches(best))} {others}. "


def what_to_do(advice: str) -> str:
    """Return what to do about spans that do not fit, after advice about the options that more of them fit."""
    return (
        f"{advice}Correct the spans, have texts cut otherwise ({option('data.segmenter')}), or pass "
        f"{option('data.skip_bad', True)} to go on without them."
    )


def _items(path: Path, options: ReadingOptions) -> Iterable[Item]:
    return read_items(path, options, Losses(skip_bad=options.skip_bad))


def _options(segmenter: NamedSegmenter) -> str:
    """Return the switches as they are configured, those that the spans tell."""
    return ", ".join(f"{name}: {value}" for name, value in switches(segmenter).items())
