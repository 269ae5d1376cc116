"""TextCutter: cuts the texts of a run by the variant of the rules that fits the spans of their annotators."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

from tagger.formats import Losses, ReadingOptions, best_variant, read_items, switches
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

    def refit(self, files: Sequence[tuple[Path, ReadingOptions]], label: str) -> bool:
        """Make the segmenter the one that most spans of files fit, if it is free; return whether it is another now.

        A pipe cannot be read again.

        Args:
            files: files or folders that were read with this one, each with how it is read.
            label: what messages call all of them.
        """
        if not (self.used and self.is_free) or any(path.is_fifo() for path, _ in files):
            return False
        best, count = self._best(files)
        if best.options() == self.segmenter.options():
            return False
        self.segmenter = best
        _LOG.info(
            "%s: texts are cut with %s, as their spans fit best: %d do not (%s sets it)",
            label,
            _options(self.segmenter),
            count,
            option("data.segmenter"),
        )
        return True

    def advice(self, files: Sequence[tuple[Path, ReadingOptions]], num_misfits: int) -> str:
        """Return a sentence about the options that more spans of the files fit, if there are any."""
        if not self.used or self.segmenter.name != RuleSegmenter.name:
            return ""
        if any(path.is_fifo() for path, _ in files):
            return ""
        best, count = self._best(files)
        if count >= num_misfits:
            return ""
        others = f"all but {count} of them fit" if count else "they all fit"
        return f"With {option('data.segmenter', switches(best))} {others}. "

    def _best(self, files: Sequence[tuple[Path, ReadingOptions]]) -> tuple[NamedSegmenter, int]:
        """Return the variant of the segmenter that most spans fit, and how many do not fit it."""
        items = (
            item
            for path, options in files
            for item in read_items(path, options, Losses(skip_bad=options.skip_bad))
        )
        return best_variant(self.segmenter, items)


def _options(segmenter: NamedSegmenter) -> str:
    """Return the switches as they are configured, those that the spans tell."""
    return ", ".join(f"{name}: {value}" for name, value in switches(segmenter).items())
