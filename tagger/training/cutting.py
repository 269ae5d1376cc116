"""TextCutter: tokenizes the texts of a run by the variant of the rules that fits the annotated spans."""

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
"""Iterates again over the items that were read."""


class TextCutter:
    """A segmenter that adapts to the spans of the texts, and records whether it was used.

    A model must tokenize text as its training texts were tokenized. Annotators may or may not mark ``Oslo`` in
    ``Oslo's`` and in ``Oslo-based``: their spans show whether clitics and hyphens should be split off.

    Args:
        segmenter: the segmenter to begin with.
        is_free: whether it may be replaced by another one.

    Attributes:
        used: whether a text was segmented.
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
        """Switch to the segmenter that most spans fit, if it is free; return whether it changed.

        Args:
            label: name of the data in messages.
            items: the items read with the current segmenter; None if they cannot be read again.
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
        """Return advice for spans that do not fit, with the segmenter options that more of them fit, if any."""
        return (
            f"{self._advice(num_misfits, items)}Correct the spans, have texts segmented differently "
            f"({option('data.segmenter')}), or pass {option('data.skip_bad', True)} to go on without them."
        )

    def cut(
        self, where: str, texts: Sequence[AnnotatedText], losses: Losses, *, join_sentences: bool
    ) -> list[Example]:
        """Return the sentences of the texts of a table; later tables are segmented in the same way.

        Args:
            where: name of the table in messages.
            texts: all of its texts.
            losses: counts spans that do not fit, if invalid items are skipped.
            join_sentences: whether to join two sentences if a span crosses their boundary.

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
    """Return the configured segmenter, or else the other one; None if it is to be fitted to the texts."""
    return other if config.segmenter is None else get_segmenter("rules", config.segmenter)


def text_cutter(segmenter: NamedSegmenter | None) -> TextCutter:
    """Return the cutter for the texts of a run: with the given segmenter, or with the rules that fit the texts."""
    return TextCutter(segmenter or get_segmenter("rules"), is_free=segmenter is None)


def items_of(files: Sequence[tuple[Path, ReadingOptions]]) -> Items | None:
    """Return a function that reads the items of files again; None if one is a pipe, which cannot be read again.

    Args:
        files: files or folders, each with its reading options.
    """
    if any(path.is_fifo() for path, _ in files):
        return None
    return lambda: (
        item
        for path, options in files
        for item in read_items(path, options, Losses(skip_bad=options.skip_bad))
    )
