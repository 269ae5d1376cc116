"""Read a corpus to check it: problems in a file become findings, and the rest is still read."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from tagger.checking.as_written.file_bytes import BINARY_FORMATS, is_binary, look_at_bytes
from tagger.checking.as_written.sentence_texts import compare_texts
from tagger.checking.corpus import Corpus, Part
from tagger.checking.findings import Finding
from tagger.checking.given import STANDARD, GivenPart
from tagger.checking.labels.understanding import schemes_by_file, understood
from tagger.checking.left_out import found_in_losses, parted
from tagger.checking.reader_warnings import warnings_found
from tagger.errors import DataError, FormatError, TaggerError, UsageError
from tagger.examples import Example
from tagger.formats import (
    READING_OPTIONS,
    Losses,
    Misaligned,
    ReadingOptions,
    best_variant,
    find_format,
    read_items,
    to_examples,
)
from tagger.formats.gold import joined_sentences
from tagger.formats.places import Places
from tagger.formats.plausibility import DoubtKind, Impression
from tagger.options import argument
from tagger.schemes import LabelScheme
from tagger.text import NamedSegmenter, get_segmenter
from tagger.text.printable import printable

_OF_DOUBT: Mapping[DoubtKind, str] = {
    "numbers": "index-column",
    "constant": "constant-tokens",
    "labels": "labels-all-different",
    "comments": "comments-as-tokens",
    "header": "header-as-tokens",
    "single": "single-token-sentences",
}
"""The checks for data that look misread. Long sentences and blanks around tokens have their own checks."""


@dataclass
class ReadFile:
    """The content of a file.

    Attributes:
        name: its name in messages.
        path: its path.
        part: the name of the part of the corpus that it is in.
        format: the name of the format it was read in; empty if it could not be read.
        options: how it was read.
        examples: its sentences.
        found: its findings.
    """

    name: str
    path: Path
    part: str
    format: str = ""
    options: ReadingOptions = field(default_factory=ReadingOptions)
    examples: list[Example] = field(default_factory=list)
    found: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class ReadCorpus:
    """A corpus as it was read.

    Attributes:
        corpus: its sentences and findings.
        files: the content of each file, for a repaired copy; none for datasets.
        said: messages about reading, such as files left out.
    """

    corpus: Corpus
    files: tuple[ReadFile, ...]
    said: tuple[str, ...] = ()


def read_corpus(
    given: Sequence[GivenPart],
    options: ReadingOptions,
    scheme: LabelScheme | None = None,
    *,
    dataset_name: str | None = None,
    revision: str | None = None,
    standard_input: IO[bytes] | None = None,
    scratch: Path | None = None,
) -> ReadCorpus:
    """Read the parts of a corpus.

    Args:
        given: the parts.
        options: how to read files; invalid items are left out and become findings, whatever ``skip_bad`` is.
        scheme: of the labels, if it is known.
        dataset_name: configuration of a dataset that has several, such as a language.
        revision: branch, tag or commit of a dataset on the Hub.
        standard_input: the stream for ``-``.
        scratch: a folder for a copy of it, which must exist as long as places are requested.

    Raises:
        MissingExtraError: a library for a format, or for the Hub, is not installed.
        UsageError: an option has no effect on any of the files.
    """
    for name, value in (("dataset_name", dataset_name), ("revision", revision)):
        if value is not None and all(part.dataset is None for part in given):
            raise UsageError(
                f"{argument(f'data.{name}')} has no effect: expected the id of a dataset, found none"
            )
    places = Places()
    files: dict[str, list[ReadFile]] = {}
    with ExitStack() as stack:
        if scratch is None:
            scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        paths = {STANDARD: _copied(standard_input, scratch)} if _wants_standard(given) else {}
        all_files = [paths.get(file, Path(file)) for part in given for file in part.files]
        options_of = _options_by_format(all_files, options)
        for part in given:
            files[part.name] = []
            for file in part.files:
                name = "<stdin>" if file == STANDARD else file
                read = _read_file(
                    ReadFile(name, paths.get(file, Path(file)), part.name), options.format, options_of
                )
                places.add(name, read.path, read.format)
                files[part.name].append(read)
    parts: list[Part] = []
    found: list[Finding] = []
    said: list[str] = []
    for part in given:
        said += (
            f"{file}: left out, by its name no annotations (name it to have it checked)"
            for file in part.left_out
        )
        if part.dataset is not None:
            from tagger.checking.hub import read_dataset  # on first use: it needs an extra

            parts += read_dataset(part, options, found, configuration=dataset_name, revision=revision)
            continue
        own = files[part.name]
        found += (finding for file in own for finding in file.found)
        examples = _joined(own)
        if examples:
            names = tuple(file.name for file in own if file.examples)
            parts.append(Part(part.name, part.role, examples, files=names, places=places))
    if scheme is None:
        found += (finding for part in parts for finding in schemes_by_file(part))
    known, unclear = understood(parts, scheme)
    corpus = Corpus(tuple(known), (*found, *unclear))
    return ReadCorpus(corpus, tuple(file for own in files.values() for file in own), tuple(said))


def _wants_standard(given: Iterable[GivenPart]) -> bool:
    return any(STANDARD in part.files for part in given)


def _copied(stream: IO[bytes] | None, scratch: Path) -> Path:
    if stream is None:
        raise UsageError("there is no standard input to read")
    path = scratch / "standard_input"
    with path.open("wb") as copy:
        shutil.copyfileobj(stream, copy)
    return path


def _options_by_format(paths: Sequence[Path], options: ReadingOptions) -> dict[str, ReadingOptions]:
    """Return the reading options for the files of each format: those that apply to it.

    Raises:
        UsageError: an option applies to none of them.
    """
    formats = set()
    for path in paths:
        try:
            formats.add(find_format(path, options.format).name)
        except DataError:
            continue  # reported when it is read
    if not formats:
        formats = {options.format} - {"auto"}
    given = {name for name in READING_OPTIONS if getattr(options, name) not in (None, False)} - {"skip_bad"}
    for name in given:
        if formats and not formats & READING_OPTIONS[name].keys():
            raise UsageError(
                f"{argument(f'data.{name}')} has no effect on the format {', '.join(sorted(formats))}"
            )
    unset = {name: None if name != "header" else False for name in given}
    return {
        format: replace(
            options,
            format=format,
            skip_bad=format in READING_OPTIONS["skip_bad"],
            **{name: value for name, value in unset.items() if format not in READING_OPTIONS[name]},  # type: ignore[arg-type]
        )
        for format in formats
    }


def _read_file(read: ReadFile, format: str, options_of: Mapping[str, ReadingOptions]) -> ReadFile:
    """Read a file; if that fails, the reason is the only finding."""
    path, name, part = read.path, read.name, read.part
    try:
        read.format = find_format(path, format).name
        read.options = options_of[read.format]
        with warnings_found(name, part) as warned:
            _read_sentences(read)
        read.found += warned
    except DataError as error:
        read.examples = []
        in_bytes = [finding for finding in look_at_bytes(path, name, part, read.format) if _explains(finding)]
        is_text = not path.is_file() or read.format in BINARY_FORMATS or not is_binary(path)
        reason = (
            error if is_text else FormatError(f"{name}: expected text, found what looks like a binary file")
        )
        read.found = in_bytes or [unreadable(reason, name, path, part)]
        return read
    read.found += look_at_bytes(path, name, part, read.format)
    return read


def _explains(finding: Finding) -> bool:
    return finding.check in ("not-utf-8", "nul-character")


def unreadable(error: TaggerError, name: str, path: Path, part: str) -> Finding:
    """Return the finding that a file cannot be read."""
    message = str(error).replace(str(path), name)
    where, message = parted(message, name)
    return Finding("unreadable", printable(message), (where,), part)


def _read_sentences(read: ReadFile) -> None:
    part = read.part
    losses = Losses(skip_bad=True)
    misfits: list[Misaligned] = []
    segmenter: NamedSegmenter | None = None

    def known_segmenter() -> NamedSegmenter:
        nonlocal segmenter
        segmenter = segmenter or get_segmenter("rules")
        return segmenter

    def sentences() -> list[Example]:
        impression = Impression(read.name, read.format)
        source = read_items(read.path, read.options, losses, name=read.name)
        examples = []
        for example in to_examples(
            source, known_segmenter, misfits.append, join_sentences=read.options.join_sentences
        ):
            impression.add(example)
            examples.append(example)
        read.found += (
            Finding(_OF_DOUBT[doubt.kind], printable(doubt.message), (doubt.where,), part)
            for doubt in impression.doubts()
            if doubt.kind in _OF_DOUBT
        )
        return examples

    examples = sentences()
    if misfits and segmenter is not None:
        quiet = Losses(skip_bad=True)
        best, _ = best_variant(segmenter, read_items(read.path, read.options, quiet, name=read.name))
        if best.options() != segmenter.options():
            segmenter, losses = best, Losses(skip_bad=True)
            misfits.clear()
            read.found.clear()
            examples = sentences()
    for misfit in misfits:
        losses.add_bad(misfit.kind, str(misfit))
    if read.options.join_sentences:
        examples = joined_sentences(examples, losses, read.name)
    if not examples and not losses:
        raise DataError(f"{read.name}: expected at least one sentence, found none")
    if read.format == "conllu":
        read.found += compare_texts(read.path, read.name, part)
    read.found += found_in_losses(losses, read.name, part)
    read.examples = examples


def _joined(files: Sequence[ReadFile]) -> list[Example]:
    """Return the sentences of all files; equal document ids in different files become different."""
    if len(files) == 1:
        return files[0].examples
    return [
        example
        if example.document is None
        else replace(example, document=f"{example.document} ({file.name})")
        for file in files
        for example in file.examples
    ]
