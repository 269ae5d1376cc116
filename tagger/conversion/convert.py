"""Convert: read any format, change types, fit the texts to the target format, write it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, compress
from pathlib import Path
from typing import TypeAlias

from tagger.conversion.changes import TypeChanges, TypeEditor
from tagger.conversion.fitting import Fitter
from tagger.conversion.inputs import Input, open_inputs, without_warnings
from tagger.conversion.report import Counts, InputReport, Report
from tagger.conversion.splitting import Split, split_texts
from tagger.conversion.targets import check_inputs_stay, check_place, find_target, part_name, write_texts
from tagger.errors import DataError, UsageError
from tagger.files import replace_folder
from tagger.formats import (
    AnnotatedText,
    Format,
    Losses,
    ReadingOptions,
    Source,
    WritingContext,
    best_variant,
    count_misfits,
    switches,
)
from tagger.formats.offsets import OffsetUnit
from tagger.formats.reading_options import TEXT_FORMATS, WRITTEN_OFFSET_FORMATS
from tagger.options import argument
from tagger.schemes import LabelScheme
from tagger.text import NamedSegmenter, get_segmenter

Output: TypeAlias = str | os.PathLike[str] | Callable[[str], object]
"""A path, or a function that writes pieces of text, such as to standard output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionOptions:
    """How to read and write.

    Attributes:
        reading: how to read inputs.
        format: the name of the format to write; ``auto``: by the ending of the output's name.
        scheme: of the labels of tokens; detected for each input if None.
        offsets: unit of the offsets written; None: the one that programs reading the format expect.
        changes: of types.
        split: the share of each part, if the output is a folder of parts.
        seed: of the assignment of documents to parts.
        overwrite: whether to replace a folder with other content, or an input by a file of another format.
    """

    reading: ReadingOptions = field(default_factory=ReadingOptions)
    format: str = "auto"
    scheme: LabelScheme | None = None
    offsets: OffsetUnit | None = None
    changes: TypeChanges = field(default_factory=TypeChanges)
    split: Mapping[str, float] | None = None
    seed: int = 0
    overwrite: bool = False


def convert(
    sources: Iterable[tuple[Source, str | None]],
    output: Output,
    options: ConversionOptions | None = None,
    *,
    on_text: Callable[[AnnotatedText], object] | None = None,
) -> Report:
    """Convert annotated files, and return a report.

    Line-based formats are read and written in constant memory; files of labelled tokens are read twice, since their
    scheme is detected first. A split reads everything several times, and keeps some kilobytes per document.

    Args:
        sources: paths, or open streams, each with a name for messages; None for its own name. With several, the ids of
            documents are prefixed by the names of their files.
        output: where to write; a path appears complete or not at all.
        options: how to read and write.
        on_text: called with every text written.

    Raises:
        DataError: an input cannot be read, or has invalid items that are not skipped; or the output cannot be written.
        FormatError: an input is not in its format.
        LabelError: the labels of an input fit no scheme.
        MissingExtraError: a format needs a library that is not installed.
        UsageError: an option has no effect, or the target cannot represent the annotations at all.
    """
    options = options or ConversionOptions()
    path = None if callable(output) else Path(os.fspath(output))
    target = find_target(None if options.split else path, options.format)
    if path is None and (target.write is None or options.split):
        raise UsageError(f"expected a path, since {target.title} is no single text, found a stream")
    if path is not None:
        check_place(path, target, parts=options.split, overwrite=options.overwrite)
    if options.offsets is not None and target.name not in WRITTEN_OFFSET_FORMATS:
        raise UsageError(f"{argument('output_offsets')} has no effect on the format {target.name}")
    with open_inputs(list(sources), options.reading, options.scheme) as inputs:
        if path is not None:
            check_inputs_stay(path, target, inputs, overwrite=options.overwrite)
        _check_joining(inputs, target, options.reading)
        segmenter = _segmenter(inputs, target)
        conversion = _Conversion(inputs, target, options, segmenter, on_text or (lambda _: None))
        if options.split:
            assert path is not None
            conversion.write_parts(path)
        else:
            conversion.write(output)
        if conversion.fitter.cuts:
            conversion.report.segmenter = switches(segmenter)
        return conversion.report


class _Conversion:
    """One conversion: its arguments are those of :func:`convert`, resolved."""

    def __init__(
        self,
        inputs: list[Input],
        target: Format,
        options: ConversionOptions,
        segmenter: NamedSegmenter,
        on_text: Callable[[AnnotatedText], object],
    ) -> None:
        self._target = target
        self._options = options
        self._on_text = on_text
        self.fitter = Fitter(target, segmenter, join_sentences=options.reading.join_sentences)
        skips = options.reading.skip_bad
        reports = [InputReport(one, Losses(skip_bad=skips)) for one in inputs]
        self.report = Report(reports, target.name, {}, Losses(skip_bad=skips))
        self._context = WritingContext(self.report.losses, segmenter, options.offsets)

    def write(self, output: Output) -> None:
        """Write all texts to one file, folder or stream."""
        name = "standard output" if callable(output) else os.fspath(output)
        texts = self._counted(name, self._fitted(self._changed()))
        if not callable(output):
            write_texts(self._target, texts, Path(output), self._context, overwrite=self._options.overwrite)
            return
        assert self._target.write is not None
        for piece in self._target.write(texts, self._context):
            output(piece)

    def write_parts(self, folder: Path) -> None:
        """Write the parts of a split to files in a folder, which appears complete or not at all."""
        shares = self._options.split
        assert shares is not None
        split = split_texts((text for _, text in self._changed()), shares, self._options.seed)
        self.report.split = split.to_dict()

        def fill(temporary: Path) -> None:
            for number, part in enumerate(split.parts):
                name = part_name(part, self._target)
                texts = self._counted(name, self._fitted(self._part(split, number)))
                write_texts(self._target, texts, temporary / name, self._context)

        try:
            replace_folder(folder.resolve(), fill)
        except OSError as error:
            raise DataError(f"{folder}: cannot be written: {error.strerror or error}") from None

    def _changed(self) -> Iterator[tuple[InputReport, AnnotatedText]]:
        """Yield each text of all inputs after changes, and count what was read and changed."""
        editor = TypeEditor(self._options.changes)
        has_spans: dict[bool, str] = {}
        has_texts = False
        for one in self.report.inputs:
            for text in one.input.texts(one.losses):
                has_texts = True
                _check_alike(text, one.input.name, has_spans)
                one.read.add(text)
                yield one, editor.edit(text, one.losses)
        if not has_texts:
            names = ", ".join(one.input.name for one in self.report.inputs)
            lost = "; ".join(line for one in self.report.inputs for line in one.losses.lines())
            raise DataError(f"{names}: expected annotated texts, found none{f': {lost}' if lost else ''}")
        editor.check()
        inputs = [one.input for one in self.report.inputs]
        if self._options.scheme is not None and all(one.scheme is None for one in inputs):
            raise UsageError(
                f"{argument('data.scheme')} has no effect on {', '.join(one.name for one in inputs)}: expected labels "
                "of tokens, found spans"
            )

    def _part(self, split: Split, number: int) -> Iterator[tuple[InputReport, AnnotatedText]]:
        """Yield the texts of a part, read again, without counting anything twice."""
        editor = TypeEditor(self._options.changes)
        skips = self._options.reading.skip_bad

        def again() -> Iterator[tuple[InputReport, AnnotatedText]]:
            for one in self.report.inputs:
                losses = Losses(skip_bad=skips)
                for text in one.input.texts(losses):
                    yield one, editor.edit(text, losses)

        with without_warnings():
            yield from compress(again(), (part == number for part in split.part_of_text))

    def _fitted(self, texts: Iterable[tuple[InputReport, AnnotatedText]]) -> Iterator[AnnotatedText]:
        for one, text in texts:
            yield self.fitter.fit(text, one.losses)

    def _counted(self, name: str, texts: Iterable[AnnotatedText]) -> Iterator[AnnotatedText]:
        counts = self.report.written.setdefault(name, Counts())
        for text in texts:
            counts.add(text)
            self._on_text(text)
            yield text


def _check_alike(text: AnnotatedText, name: str, has_spans: dict[bool, str]) -> None:
    """Raise an error for plain labels together with spans; ``has_spans`` records which input has which."""
    if text.labels is None and not text.spans:
        return
    kind = text.labels is None
    has_spans.setdefault(kind, name)
    if len(has_spans) > 1:
        raise UsageError(
            f"expected inputs that all have spans, or all labels that spell none, found spans in {has_spans[True]} and "
            f"labels in {has_spans[False]}. Convert them one by one, or name the scheme of the labels."
        )


def _check_joining(inputs: Iterable[Input], target: Format, reading: ReadingOptions) -> None:
    """Raise an error for joining sentences of texts that are not split into sentences."""
    of_texts = [one for one in inputs if one.format.name in TEXT_FORMATS and not one.format.holds.labels]
    if reading.join_sentences and target.holds.parts_of_tokens and of_texts:
        raise UsageError(
            f"{argument('data.join_sentences')} has no effect on {of_texts[0].name}: its texts are not cut into "
            f"sentences to write them as {target.title}"
        )


def _segmenter(inputs: Iterable[Input], target: Format) -> NamedSegmenter:
    """Return the segmenter for texts: the variant of the rules that most of their spans fit."""
    usual = get_segmenter("rules")
    texts = [one for one in inputs if one.format.name in TEXT_FORMATS]
    if target.holds.parts_of_tokens or not texts:
        return usual
    with without_warnings():
        if not any(count_misfits(chain.from_iterable(one.items() for one in texts), [usual])):
            return usual
        best, _ = best_variant(usual, chain.from_iterable(one.items() for one in texts))
    return best
