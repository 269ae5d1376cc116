"""TextCutter: cuts the texts of a run by the variant of the rules that fits the spans of their annotators."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from tagger.examples import Example
from tagger.formats import Losses, Misaligned, ReadingOptions, best_variant, read_items, switches
from tagger.options import option
from tagger.text import NamedSegmenter, RuleSegmenter
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
        misfits: list[Misaligned] = []
        examples = read(misfits.append)
        if not (misfits and self.used and self.is_free and not path.is_fifo()):
            return examples, misfits
        best, count = self._best(path, options)
        if best.options() == self.segmenter.options():
            return examples, misfits
        self.segmenter = best
        _LOG.info(
            "%s: texts are cut with %s, as their spans fit best: %d do not (%s sets it)",
            path,
            _options(self.segmenter),
            count,
            option("data.segmenter"),
        )
        misfits.clear()
        return read(misfits.append), misfits

    def advice(self, path: Path, num_misfits: int, options: ReadingOptions) -> str:
        """Return a sentence about the options that more spans of the file fit, if there are any."""
        if path.is_fifo() or not self.used or self.segmenter.name != RuleSegmenter.name:
            return ""
        best, count = self._best(path, options)
        if count >= num_misfits:
            return ""
        others = f"all but {count} of them fit" if count else "they all fit"
        return f"With {option('data.segmenter', switches(best))} {others}. "

    def _best(self, path: Path, options: ReadingOptions) -> tuple[NamedSegmenter, int]:
        """Return the variant of the segmenter that most spans fit, and how many do not fit it."""
        return best_variant(self.segmenter, read_items(path, options, Losses(skip_bad=options.skip_bad)))


def _options(segmenter: NamedSegmenter) -> str:
    """Return the switches as they are configured, those that the spans tell."""
    return ", ".join(f"{name}: {value}" for name, value in switches(segmenter).items())
