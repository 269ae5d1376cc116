"""The annotators that ``tagger agree`` compares: files, people in one file, and models."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tagger.agreement.alignment import Block, align
from tagger.agreement.passages import Passage
from tagger.agreement.reading import Annotator, annotators_in, read_annotator
from tagger.agreement.shared import SharedCorpus, shared_corpus
from tagger.cli.arguments import (
    load_tagger,
    mention_cores,
    parse_column,
    parse_scheme,
    reading_options,
    reads_documents,
)
from tagger.cli.evaluated import lenience_offered
from tagger.cli.evaluated_models import is_model_folder, own_scheme
from tagger.cli.label_sets import RENAME, are_apart
from tagger.cli.program import say
from tagger.cli.progress import Progress
from tagger.cli.report_arguments import MODEL_OPTIONS, refuse_without_effect
from tagger.cli.streams import STANDARD, input_source
from tagger.errors import LabelError, UsageError
from tagger.formats import READING_OPTIONS, ReadingOptions, find_format, reads_csv
from tagger.options import argument
from tagger.schemes import LabelScheme, labels_to_spans, listed, spans_to_labels, split_label
from tagger.text import NamedSegmenter, get_segmenter

if TYPE_CHECKING:
    from tagger.api import Tagger

_READ_ELSEWHERE: Final = (
    "annotations of others than ",
    "tasks that the annotator did not annotate, left out",
)
"""Messages not to show if each of several people in a file is an annotator."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """An annotator, as given on the command line.

    Attributes:
        path: of a file or a model folder.
        name: its name, if given.
        tagger: the model, if it is one.
        person: one of several people whose annotations the file contains.
        column: of the labels, if given after the path.
    """

    path: str
    name: str | None = None
    tagger: Tagger | None = None
    person: str | None = None
    column: int | str | None = None


def annotated_by(arguments: argparse.Namespace) -> SharedCorpus:
    """Return the annotations, by the annotators that the arguments name, of the sentences they share.

    Raises:
        TaggerError: there is nothing to compare.
    """
    given = [_entry(text, arguments) for text in arguments.annotators]
    files = [one.path for one in given if one.tagger is None]
    if not files:
        raise UsageError(
            "expected at least one annotated file, whose sentences models are to label, found none"
        )
    if files.count(STANDARD) > 1:
        raise UsageError(f"expected standard input ({STANDARD}) once, found it several times")
    taggers = [one.tagger for one in given if one.tagger is not None]
    if not taggers:
        refuse_without_effect(arguments, MODEL_OPTIONS, "without a model")
    mention_cores(arguments)
    options = {
        (one.path, one.column): _with_column(options_for(one.path, arguments), one)
        for one in given
        if one.tagger is None
    }
    _check_effects(arguments, options.values())
    entries = [person for one in given for person in _people(one, options)]
    names = _names(entries)
    if len(entries) < 2:
        raise UsageError(
            f"expected two annotators or more, found only {names[0]}. Name another file or a model, or a file with "
            "annotations of several people."
        )
    scheme = _scheme(arguments, taggers)
    segmenter = taggers[0].segmenter if taggers else get_segmenter("rules")
    read = [
        _read(one, name, options[one.path, one.column], arguments, scheme, segmenter)
        if one.tagger is None
        else None
        for one, name in zip(entries, names, strict=True)
    ]
    annotators = [one for one in read if one is not None]
    has_spans = annotators[0].has_spans
    for one in annotators[1:]:
        _check_kind(annotators[0].name, one.name, has_spans, one.has_spans)
    blocks = align(annotators)
    _mention_lost(annotators, blocks)
    present = [next(passages for passages in block if passages) for block in blocks]
    of_files = iter(zip(*blocks, strict=True))
    columns = [
        next(of_files)
        if one.tagger is None
        else _labelled(one.tagger, present, arguments, (annotators[0].name, name), has_spans=has_spans)
        for one, name in zip(entries, names, strict=True)
    ]
    _check_label_sets(names, columns, has_spans=has_spans)
    return shared_corpus(names, zip(*columns, strict=True), has_spans=has_spans)


def _entry(text: str, arguments: argparse.Namespace) -> _Entry:
    """Return the annotator given as ``PATH`` or ``NAME=PATH``; an existing path that contains ``=`` is a path."""
    name, equals, path = text.partition("=")
    if not equals or Path(text).exists():
        name, path = "", text
    elif not name or not path:
        raise UsageError(f"expected NAME=PATH, found {text!r}")
    path, column = path_and_column(path)
    tagger = load_tagger(arguments, path) if column is None and is_model_folder(path) else None
    return _Entry(path, name or None, tagger, column=column)


def path_and_column(text: str) -> tuple[str, int | str | None]:
    """Return FILE and COLUMN of ``FILE:COLUMN`` if FILE exists; an existing path is taken as a whole."""
    path, colon, column = text.rpartition(":")
    if not colon or not column or Path(text).exists() or not Path(path).is_file():
        return text, None
    return path, parse_column(column)


def _with_column(options: ReadingOptions, entry: _Entry) -> ReadingOptions:
    """Return the options with the column of labels given after the path."""
    if entry.column is None:
        return options
    if options.format not in READING_OPTIONS["label_column"]:
        raise UsageError(
            f"{entry.path}:{entry.column}: expected no column of labels, since the format {options.format} has none to "
            "choose"
        )
    return replace(options, label_column=entry.column)


def options_for(path: str, arguments: argparse.Namespace) -> ReadingOptions:
    """Return the reading options of a file: those that its format has."""
    options = reading_options(arguments, arguments.input)
    format = find_format(input_source(path)[0], options.format).name
    others = [name for name, meanings in READING_OPTIONS.items() if format not in meanings]
    usual = ReadingOptions()
    return replace(options, format=format, **{name: getattr(usual, name) for name in others})


def _check_effects(arguments: argparse.Namespace, of_files: Iterable[ReadingOptions]) -> None:
    """Raise an error for reading options that have no effect on any of the files."""
    formats = {one.format for one in of_files}
    given = reading_options(arguments, arguments.input)
    for name, meanings in READING_OPTIONS.items():
        if getattr(given, name) not in (None, False) and formats.isdisjoint(meanings):
            raise UsageError(f"{argument(f'data.{name}')} has no effect on the format {listed(formats)}")


def _people(entry: _Entry, options: Mapping[tuple[str, int | str | None], ReadingOptions]) -> list[_Entry]:
    """Return an entry for each person whose annotations a file contains, if there are several."""
    if entry.tagger is not None or entry.path == STANDARD:
        return [entry]
    people = annotators_in(entry.path, options[entry.path, entry.column])
    if len(people) < 2:
        return [entry]
    if entry.name is not None:
        raise UsageError(
            f"{entry.name}={entry.path}: expected a file of one annotator to give a name to, found {listed(people)}. "
            f"Choose one ({argument('data.annotator', people[0])}), or leave the name out to compare all."
        )
    return [replace(entry, person=person) for person in people]


def _names(entries: Sequence[_Entry]) -> list[str]:
    """Return the names of annotators: as given, or the parts in which their paths differ."""
    paths = [one.path for one in entries if one.name is None and one.person is None and one.path != STANDARD]
    above = os.path.commonpath([Path(path).absolute().parent for path in paths]) if paths else ""
    people = [one.person for one in entries]
    names = []
    for one in entries:
        if one.name is not None:
            names.append(one.name)
        elif one.person is not None:
            alone = people.count(one.person) == 1
            names.append(one.person if alone else f"{one.path}: {one.person}")
        else:
            name = "<stdin>" if one.path == STANDARD else os.path.relpath(one.path, above)
            names.append(name if one.column is None else f"{name}:{one.column}")
    if twice := [name for name in names if names.count(name) > 1]:
        raise UsageError(
            f"expected annotators of different names, found {twice[0]} twice. Give each a name of its own: NAME=PATH"
        )
    return names


def _scheme(arguments: argparse.Namespace, taggers: Sequence[Tagger]) -> LabelScheme | None:
    """Return the scheme of the labels in the files; None if it is to be detected."""
    if taggers:
        return parse_scheme(arguments.scheme, taggers[0])
    return None if arguments.scheme == "auto" else LabelScheme.parse(arguments.scheme)


def _read(
    entry: _Entry,
    name: str,
    options: ReadingOptions,
    arguments: argparse.Namespace,
    scheme: LabelScheme | None,
    segmenter: NamedSegmenter,
) -> Annotator:
    """Return the annotations of an annotator, and report what was left out."""
    source, called = input_source(entry.path)
    if entry.person is not None:
        options = replace(options, annotator=entry.person)
    with lenience_offered(arguments):
        annotator = read_annotator(
            source,
            options,
            lambda: segmenter,
            name=name,
            source_called=called,
            scheme=scheme,
            lenient=arguments.lenient,
            identify_by_text=entry.person is not None,
        )
    for line in annotator.losses.lines():
        if entry.person is None or not line.startswith(_READ_ELSEWHERE):
            say("tagger", f"{name}: {line}")
    if annotator.num_unlabelled:
        say("tagger", f"{name}: without annotations, left out: {annotator.num_unlabelled:,}")
    return annotator


def _check_kind(first: str, name: str, first_has_spans: bool, has_spans: bool) -> None:
    if first_has_spans != has_spans:
        kinds = ("spans", "plain labels") if first_has_spans else ("plain labels", "spans")
        raise UsageError(
            f"expected {kinds[0]} of all annotators, as {first} has, found {kinds[1]} of {name}. Choose the labels "
            "with --label-column, or name their scheme with --scheme."
        )


def _mention_lost(annotators: Sequence[Annotator], blocks: Sequence[Block]) -> None:
    """Report sentences left out because an annotator has only a part of a sentence of the others."""
    for number, one in enumerate(annotators):
        lost = len(one.passages) - sum(len(block[number]) for block in blocks)
        if lost:
            say(
                "tagger",
                f"{one.name}: sentences left out, since they are only a part of a sentence of others: {lost:,}",
            )


def _labelled(
    tagger: Tagger,
    present: Sequence[tuple[Passage, ...]],
    arguments: argparse.Namespace,
    names: tuple[str, str],
    *,
    has_spans: bool,
) -> list[tuple[Passage, ...]]:
    """Return sentences as a model labels them.

    Args:
        tagger: the model.
        present: the sentences, as the first annotator that has them splits them.
        arguments: of the command.
        names: of an annotator, and of the model.
        has_spans: whether labels are to encode spans.
    """
    scheme = own_scheme(tagger, LabelScheme.IOB2 if has_spans else LabelScheme.NONE)
    _check_kind(*names, has_spans, scheme.has_spans)
    passages = [passage for one in present for passage in one]
    has_csv = reads_csv(arguments.input, arguments.annotators)
    documents = _runs(passages) if reads_documents(arguments, tagger, has_csv=has_csv) else None
    labelled = []
    with Progress(shown=arguments.progress) as progress:
        for passage, prediction in zip(
            passages,
            tagger.stream(
                (passage.example.tokens for passage in passages), documents=documents, decode=arguments.decode
            ),
            strict=True,
        ):
            labels = tuple(prediction.labels)
            if has_spans:
                spans = labels_to_spans(labels, scheme)
                labels = tuple(spans_to_labels(spans, len(labels), LabelScheme.IOB2))
            example = replace(passage.example, labels=labels)
            labelled.append(replace(passage, example=example, extra=()))
            progress.add(len(labels))
    if not progress.shown:
        say("tagger", f"{names[1]}: {progress.summary()}")
    rest = iter(labelled)
    return [tuple(next(rest) for _ in one) for one in present]


def _runs(passages: Sequence[Passage]) -> list[str | None]:
    """Return the document ids of sentences; separate parts of a document become documents of their own."""
    documents: list[str | None] = []
    number, before = 0, None
    for passage in passages:
        document = passage.example.document
        number += document != before
        before = document
        documents.append(None if document is None else str(number))
    return documents


def _check_label_sets(
    names: Sequence[str], columns: Sequence[Sequence[tuple[Passage, ...]]], *, has_spans: bool
) -> None:
    """Raise an error for disjoint label sets, and report types that only one annotator uses.

    Raises:
        LabelError: with the labels of both.
    """
    sets = [_types(column, has_spans=has_spans) for column in columns]
    for (first, own), (second, others) in combinations(zip(names, sets, strict=True), 2):
        if are_apart(own, others):
            raise LabelError(
                f"expected annotators with labels in common, found only {listed(own)} in {first}, {listed(others)} in "
                f"{second}. {RENAME}"
            )
    for number, (name, own) in enumerate(zip(names, sets, strict=True)):
        if alone := own.difference(*sets[:number], *sets[number + 1 :]):
            say("tagger", f"note: only {name} uses {listed(alone)}")


def _types(column: Iterable[tuple[Passage, ...]], *, has_spans: bool) -> set[str]:
    labels: set[str] = set()
    types: set[str] = set()
    for passages in column:
        for passage in passages:
            labels.update(passage.example.labels or ())
            types.update(span.label for span in passage.extra)
    if not has_spans:
        return labels
    return types | {split_label(label, LabelScheme.IOB2)[1] for label in labels - {"O"}}
