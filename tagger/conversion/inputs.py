"""Input: an annotated file that can be read repeatedly, as texts with spans."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from tagger.conversion.labelling import LabelChecker, Labelling, find_labelling
from tagger.errors import DataError, LabelError, UsageError
from tagger.formats import (
    READING_OPTIONS,
    AnnotatedText,
    Item,
    Losses,
    ReadingOptions,
    Source,
    find_format,
    format_by_name,
    read_items,
    to_texts,
)
from tagger.formats.joining import JOINED, check_joinable, is_cut, join_cut_sentences, joining_advice
from tagger.formats.lines import open_source, source_name
from tagger.schemes import LabelScheme

_READERS: Final = logging.getLogger("tagger.formats")


class Input:
    """An annotated file.

    Args:
        path: of the file or folder.
        name: its name in messages.
        options: how to read it.
        scheme: of its labels, if it is known.
        prefix: prefix of the ids of its documents, to distinguish them from those of other inputs.

    Attributes:
        path: of the file or folder.
        name: its name in messages.
        format: its format.
        recognised: how the format is known: ``named``, ``recognised by its name`` or ``recognised by its content``.

    Raises:
        DataError: it is missing or cannot be read.
        FormatError: its format cannot be detected.
        UsageError: an option has no effect on its format.
    """

    def __init__(
        self,
        path: Path,
        name: str,
        options: ReadingOptions,
        scheme: LabelScheme | None = None,
        prefix: str | None = None,
    ) -> None:
        self.name = name
        try:
            self.format = find_format(path, options.format)
        except (DataError, UsageError) as error:  # a copy of a stream has another name
            raise type(error)(str(error).replace(os.fspath(path), name)) from None
        self.recognised = "named"
        if options.format == "auto":
            by_name = format_by_name(path) == self.format.name
            self.recognised = "recognised by its name" if by_name else "recognised by its content"
        self.path = path
        self._scheme = scheme
        self._prefix = prefix
        self._joins = options.join_sentences
        # Both apply to every format here: sentences of tokens are joined, and invalid labels skipped, below.
        has_own = {name: self.format.name in READING_OPTIONS[name] for name in ("join_sentences", "skip_bad")}
        self._options = replace(
            options,
            format=self.format.name,
            join_sentences=options.join_sentences and has_own["join_sentences"],
            skip_bad=options.skip_bad and has_own["skip_bad"],
        )
        self._options.check_effects(self.format.name)
        self._skips_bad = options.skip_bad
        self._labelling: Labelling | None = None

    @property
    def scheme(self) -> LabelScheme | None:
        """The scheme of the labels of its tokens, once any were read."""
        return None if self._labelling is None else self._labelling.scheme

    def items(self, losses: Losses | None = None) -> Iterator[Item]:
        """Iterate over its items, from the beginning.

        Args:
            losses: counts what is left out.
        """
        losses = Losses(skip_bad=self._skips_bad) if losses is None else losses
        return read_items(self.path, self._options, losses, name=self.name, whole=True)

    def texts(self, losses: Losses | None = None) -> Iterator[AnnotatedText]:
        """Yield its texts, with spans, or with labels that are not spans.

        Args:
            losses: counts what is left out.

        Raises:
            DataError: it cannot be read, or has invalid items that are not skipped; names the place.
            LabelError: the labels of its tokens fit no scheme.
            UsageError: its labels do not show which sentences to join.
        """
        losses = Losses(skip_bad=self._skips_bad) if losses is None else losses
        items = self.items(losses)
        checker: LabelChecker | None = None
        if self._joins and self._joinable():
            labelling = self._known_labelling()
            check_joinable(labelling.scheme, self.name)
            if labelling.joins:
                items = join_cut_sentences(
                    items,
                    labelling.notation,
                    lambda item: losses.add(JOINED, item.origin or self.name),
                )
        before: Item | None = None
        for item in items:
            before, last = item, before
            if item.labels is None:
                if isinstance(item, AnnotatedText) and item.spans is not None:
                    yield self._named(item)
                else:
                    losses.add("texts without annotations, left out", item.origin or self.name)
                continue
            labelling = self._known_labelling()
            checker = checker or LabelChecker(labelling)
            try:
                checker.check(item)
            except LabelError as error:
                is_joinable = last is not None and is_cut(last, item, labelling.notation)
                advice = joining_advice() if is_joinable else ""
                losses.bad("sentences with labels that break their scheme", f"{error}{advice}")
                continue
            for text in to_texts((item,), labelling.scheme, labelling.notation):
                yield self._named(text)

    def _named(self, text: AnnotatedText) -> AnnotatedText:
        if self._prefix is None or text.document is None:
            return text
        return replace(text, document=f"{self._prefix}{text.document}")

    def _joinable(self) -> bool:
        """Return whether it has labelled tokens."""
        with without_warnings():
            return any(item.labels is not None for item in self.items())

    def _known_labelling(self) -> Labelling:
        if self._labelling is None:
            with without_warnings():
                self._labelling = find_labelling(self.items, self._scheme, join=self._joins)
        return self._labelling


@contextmanager
def open_inputs(
    sources: list[tuple[Source, str | None]], options: ReadingOptions, scheme: LabelScheme | None
) -> Iterator[list[Input]]:
    """Yield the inputs; a stream or a pipe, which can be read only once, is copied to a temporary file first.

    Args:
        sources: paths, or open streams, each with a name for messages; None for its own name.
        options: how to read them.
        scheme: of their labels; detected for each of them if left out.
    """
    with ExitStack() as stack:
        inputs = []
        for number, (source, name) in enumerate(sources, start=1):
            name = source_name(source, name)
            path = _copy(source, name, stack) if _is_stream(source) else Path(os.fspath(source))  # type: ignore[arg-type]
            prefix = f"{_stem(name, number, sources)}:" if len(sources) > 1 else None
            inputs.append(Input(path, name, options, scheme, prefix))
        yield inputs


@contextmanager
def without_warnings() -> Iterator[None]:
    """Suppress warnings of readers while a file is read an additional time."""
    level = _READERS.level
    _READERS.setLevel(logging.ERROR)
    try:
        yield
    finally:
        _READERS.setLevel(level)


def _is_stream(source: Source) -> bool:
    return not isinstance(source, (str, os.PathLike)) or Path(source).is_fifo()


def _copy(source: Source, name: str, stack: ExitStack) -> Path:
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    path = Path(folder) / "input"
    try:
        with open_source(source, name) as stream, path.open("wb") as copy:
            first = stream.read(2**16)
            if isinstance(first, str):
                raise UsageError(f"{name}: expected a stream of bytes, found one of text")
            copy.write(first)
            shutil.copyfileobj(stream, copy)
    except OSError as error:
        raise DataError(f"{name}: cannot be copied to be read twice: {error.strerror or error}") from None
    return path


def _stem(name: str, number: int, sources: list[tuple[Source, Any]]) -> str:
    """Return the name of an input without folders, preceded by its number if another one has the same name."""
    own = Path(name).name
    names = [Path(source_name(source, given)).name for source, given in sources]
    return own if names.count(own) == 1 else f"{number}:{own}"
