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
from tagger.text import NamedSegmenter, RuleSegmenter, get_segmenter
from tagger.text.tokens import Span
from tagger.training.config import DataConfig

_LOG = logging.getLogger(__name__)

Items = Callable[[], Iterable[Item]]
"""Gives what was read, once more."""


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

    def refit(self, label: str, items: Items | None) -> bool:
        """Make the segmenter the one that most spans fit, if it is free; return whether it is another now.

        Args:
            label: what messages call what was read.
            items: what was read with this one; None if it cannot be had again.
        """
        if items is None or not (self.used and self.is_free):
            return False
        best, count = best_variant(self.segmenter, items())
        if best.options() == self.segmenter.options():
            return False
        self.segmenter = best
        _LOG.info(
            "%s: texts are cut with %s, as their spans fit best: %d do not (%s sets it)",
            label,
            ", ".join(f"{name}: {value}" for name, value in switches(best).items()),
            count,
            option("data.segmenter"),
        )
        return True

    def what_to_do(self, num_misfits: int, items: Items | None) -> str:
        """Return what to do about spans that do not fit, with the options that more of them fit, if there are any."""
        return (
            f"{self._advice(num_misfits, items)}Correct the spans, have texts segmented differently "
            f"({option('data.segmenter')}), or pass {option('data.skip_bad', True)} to go on without them."
        )

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

        def read() -> tuple[list[Example], list[Misaligned]]:
            misfits: list[Misaligned] = []
            examples = to_examples(texts, lambda: self, misfits.append, join_sentences=join_sentences)
            return list(examples), misfits

        examples, misfits = read()
        if misfits and self.refit(where, lambda: texts):
            examples, misfits = read()
        self.is_free = self.is_free and not self.used
        if misfits:
            advice = "" if losses.skip_bad else self.what_to_do(len(misfits), lambda: texts)
            check_misfits(misfits, losses, advice)
        return examples

    def _advice(self, num_misfits: int, items: Items | None) -> str:
        if items is None or not self.used or self.segmenter.name != RuleSegmenter.name:
            return ""
        best, count = best_variant(self.segmenter, items())
        if count >= num_misfits:
            return ""
        others = f"all but {count} of them fit" if count else "they all fit"
        return f"With {option('data.segmenter', switches(best))} {others}. "


def chosen_segmenter(config: DataConfig, other: NamedSegmenter | None) -> NamedSegmenter | None:
    """Return the configured segmenter, or another one where none is; None if the texts are to decide."""
    return other if config.segmenter is None else get_segmenter("rules", config.segmenter)


def text_cutter(segmenter: NamedSegmenter | None) -> TextCutter:
    """Return what cuts the texts of a run: a segmenter, or if there is none the rules that fit the texts."""
    return TextCutter(segmenter or get_segmenter("rules"), is_free=segmenter is None)


def items_of(files: Sequence[tuple[Path, ReadingOptions]]) -> Items | None:
    """Return what gives the items of files once more; None if one is a pipe, which cannot be read again.

    Args:
        files: files or folders, each with how it is read.
    """
    if any(path.is_fifo() for path, _ in files):
        return None
    return lambda: (
        item
        for path, options in files
        for item in read_items(path, options, Losses(skip_bad=options.skip_bad))
    )
