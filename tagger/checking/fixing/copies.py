"""Repaired copies of the files of a corpus, below a folder, each of them complete or not written at all."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Final, cast

from tagger.checking.corpus import Corpus, Part
from tagger.checking.findings import Finding
from tagger.checking.fixing.changes import Change, Repairs
from tagger.checking.fixing.columns import CannotRepair, repair_columns
from tagger.checking.fixing.json_lines import repair_json_lines
from tagger.checking.fixing.lines import LINE_CHECKS, repair_lines
from tagger.checking.fixing.tokens import TOKEN_CHECKS
from tagger.checking.labels.meaning import Meaning
from tagger.checking.reading import ReadCorpus, ReadFile
from tagger.checking.report import Report
from tagger.errors import DataError, UsageError
from tagger.files import open_for_replacing
from tagger.files.packing import PackedWriter, packing_of_file
from tagger.formats import ReadingOptions
from tagger.formats.lines import open_source
from tagger.schemes import LabelScheme

REPAIRED: Final = (*LINE_CHECKS, *TOKEN_CHECKS, "illegal-label")
"""The ids of all checks whose findings are repaired."""
_FORMS: Final = ("conll", "conllu", "jsonl")


def repair(read: ReadCorpus, report: Report, folder: Path, *, ignored: Collection[str] = ()) -> Repairs:
    """Write a repaired copy of each file, and return the changes and the files that could not be repaired.

    Args:
        read: the corpus.
        report: the findings in it.
        folder: the folder below which the copies are written, under the names of the files.
        ignored: the ids of checks whose findings are not repaired.

    Raises:
        DataError: a copy cannot be written.
        UsageError: a copy would be written over a file that is read.
    """
    checks = frozenset(REPAIRED) - frozenset(ignored)
    copies = _copies(read.files, folder)
    wanted = _wanted(report.findings, checks)
    changes: list[Change] = []
    written: dict[str, str] = {}
    refused: dict[str, str] = {}
    for file, copy in zip(read.files, copies, strict=True):
        try:
            content, own = _repaired(file, read.corpus, checks, wanted.get(file.name, Counter()))
        except (CannotRepair, DataError) as error:
            refused[file.name] = str(error)
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        with open_for_replacing(copy) as stream:
            cast(io.TextIOWrapper, stream).buffer.write(content)
        changes += own
        written[file.name] = str(copy)
    return Repairs(tuple(changes), written, refused)


def _copies(files: Sequence[ReadFile], folder: Path) -> list[Path]:
    """Return the path of the copy of each file; below the folder, paths are relative to the files' common parent."""
    named = [file for file in files if file.name != "<stdin>"]
    parents = [file.path.absolute().parent for file in named]
    start = Path(os.path.commonpath(parents)) if parents else Path()
    copies = []
    inputs = {file.path.resolve() for file in named}
    for file in files:
        inside = Path("stdin") if file.name == "<stdin>" else file.path.absolute().relative_to(start)
        copy = folder / inside
        if copy.resolve() in inputs or any(copy.exists() and copy.samefile(path) for path in inputs):
            raise UsageError(
                f"--fix {folder}: the copy of {file.name} would be written over a file that is checked"
            )
        copies.append(copy)
    return copies


def _wanted(findings: Iterable[Finding], checks: Collection[str]) -> dict[str, Counter[str]]:
    """Return the number of findings of each check to be repaired in each file."""
    wanted: dict[str, Counter[str]] = {}
    for finding in findings:
        if finding.check in checks:
            for name in {place.rpartition(":")[0] for place in finding.places}:
                wanted.setdefault(name, Counter())[finding.check] += 1
    return wanted


def _repaired(
    file: ReadFile, corpus: Corpus, checks: Collection[str], wanted: Counter[str]
) -> tuple[bytes, list[Change]]:
    """Return the repaired content of a file, and the changes.

    Raises:
        CannotRepair: it needs repairs and is of a form that cannot be repaired; or it cannot be read.
        DataError: it cannot be read.
    """
    if not file.path.is_file():
        raise CannotRepair("files of a folder that is read as a whole are not repaired")
    format = file.format or "conll"
    with open_source(file.path, file.name) as stream:
        content: bytes = stream.read()
    if format not in _FORMS:
        if wanted:
            raise CannotRepair(f"files of the format {format} are not repaired: {_listed(wanted)}")
        return _packed(content, file.path), []
    for finding in file.found:
        if finding.check in ("unreadable", "not-utf-8"):
            raise CannotRepair(f"it cannot be read: {finding.message}")
    content, changes = repair_lines(content, file.name, format, checks)
    part = next((part for part in corpus.parts if part.name == file.part), None)
    meaning = None if part is None or part.scheme is None or not file.examples else _meaning(part)
    if format == "jsonl":
        if content.lstrip()[:1] != b"{" or (file.found and not file.examples):
            if wanted:
                raise CannotRepair(f"it is not one object a line: {_listed(wanted)}")
            return _packed(content, file.path), changes
        content, others = repair_json_lines(
            content, file.examples, file.name, meaning or Meaning(None), checks
        )
    else:
        options = file.options if file.format else ReadingOptions(format="conll", skip_bad=True)
        content, others = repair_columns(content, file.name, options, meaning, checks)
    return _packed(content, file.path), [*changes, *others]


def _meaning(part: Part) -> Meaning:
    is_mixed = part.scheme is LabelScheme.IOB2 and any(example.from_spans for example in part.examples)
    return Meaning(None if is_mixed else part.scheme, part.notation, odd=part.odd)


def _packed(content: bytes, path: Path) -> bytes:
    packed = io.BytesIO()
    writer = PackedWriter(packed, packing_of_file(path))
    writer.write(content)
    writer.close()
    return packed.getvalue()


def _listed(wanted: Counter[str]) -> str:
    return ", ".join(f"{id_} ({count:,})" for id_, count in wanted.items())
