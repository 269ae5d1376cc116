"""Read the annotated files of a run: segment texts consistently, identify every file, log what is left out."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tagger.examples import Example
from tagger.formats import READING_OPTIONS, Losses, Misaligned, ReadingOptions, check_misfits, read_file
from tagger.text import NamedSegmenter
from tagger.training.config import DataConfig
from tagger.training.cutting import TextCutter, items_of, text_cutter
from tagger.training.files import SplitFile, SplitFiles, find_files

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReadFiles:
    """The content of the files of a run.

    Attributes:
        examples: the sentences of each split. Documents of different files are different documents.
        identity: for each split a description of its files, JSON-ready.
        segmenter: segmenter of the texts; None if there were no texts and none was configured.
    """

    examples: Mapping[str, list[Example]]
    identity: Mapping[str, Any]
    segmenter: NamedSegmenter | None


def read_files(config: DataConfig, segmenter: NamedSegmenter | None) -> ReadFiles:
    """Read the configured files.

    Args:
        config: the files, and how to read them.
        segmenter: for texts; None for rules that fit the training texts.

    Raises:
        DataError: a file cannot be read as configured; names file and line.
        UsageError: an option has no effect on any of them, or a file occurs twice in a split.
    """
    entries = {split: getattr(config, split) for split in ("train", "dev", "test")}
    found = {
        split: find_files(f"data.{split}", given, root=_text(config.root), format=config.format)
        for split, given in entries.items()
        if given is not None
    }
    options = _options(config, (file for files in found.values() for file in files.files))
    cutter = text_cutter(segmenter)
    examples: dict[str, list[Example]] = {}
    identity: dict[str, Any] = {}
    copies = _Copies()
    for split, files in found.items():
        parts = _read(files, options, cutter, taught=split == "train")
        cutter.is_free = False  # other texts, and those to tag, are segmented like the training texts
        examples[split] = _joined(parts)
        identity[split] = _identity(files, parts)
        copies.look(split, parts)
    return ReadFiles(examples, identity, cutter.segmenter if cutter.used or segmenter else None)


def read_earlier_files(
    entries: str | Sequence[str], config: DataConfig, segmenter: NamedSegmenter | None
) -> tuple[list[Example], list[dict[str, Any]]]:
    """Return sentences to replay, read like those of the train split, and a description of their files.

    Raises:
        DataError: as from :func:`read_files`.
        UsageError: as from :func:`read_files`.
    """
    files = find_files("replay", entries, format=config.format)
    cutter = text_cutter(segmenter)
    parts = _read(files, _options(config, files.files), cutter)
    return _joined(parts), [part.identity for part in parts]


@dataclass
class _Part:
    """The content of one file."""

    file: SplitFile
    losses: Losses
    examples: list[Example] = field(default_factory=list)
    misfits: list[Misaligned] = field(default_factory=list)
    identity: dict[str, Any] = field(default_factory=dict)


def _options(config: DataConfig, files: Iterable[SplitFile]) -> dict[str, ReadingOptions]:
    """Return the reading options for the files of each format: those that apply to it.

    An option that applies to none of the formats is kept, and rejected later.
    """
    formats = {file.format for file in files}
    given = {
        name: getattr(config, name)
        for name in READING_OPTIONS
        if getattr(config, name) != getattr(DataConfig, name)
    }
    return {
        format: ReadingOptions(
            format=format,
            **{
                name: value
                for name, value in given.items()
                if format in READING_OPTIONS[name] or not formats & READING_OPTIONS[name].keys()
            },
        )
        for format in formats
    }


def _read(
    files: SplitFiles, options: Mapping[str, ReadingOptions], cutter: TextCutter, *, taught: bool = False
) -> list[_Part]:
    """Return the content of the files of a split; if the cutter is free, texts are segmented to fit most spans."""
    _log_formats(files, options)
    parts = [_read_part(file, options[file.format], cutter, taught) for file in files.files]
    num_misfits = sum(len(part.misfits) for part in parts)
    items = items_of([(file.path, options[file.format]) for file in files.files])
    if num_misfits and cutter.refit(files.label, items):
        parts = [_read_part(file, options[file.format], cutter, taught) for file in files.files]
        num_misfits = sum(len(part.misfits) for part in parts)
    advice = cutter.what_to_do(num_misfits, items) if num_misfits and not parts[0].losses.skip_bad else ""
    for part in parts:
        check_misfits(part.misfits, part.losses, advice)
        part.losses.log(str(part.file.path))
        part.identity = _identity_of_part(part)
    return parts


def _read_part(file: SplitFile, options: ReadingOptions, cutter: TextCutter, taught: bool) -> _Part:
    part = _Part(file, Losses(skip_bad=options.skip_bad))
    part.examples = read_file(
        file.path, options, lambda: cutter, part.misfits.append, part.losses, taught=taught
    )
    return part


def _log_formats(files: SplitFiles, options: Mapping[str, ReadingOptions]) -> None:
    """Log how the files are read, once for each format."""
    by_format: dict[str, list[SplitFile]] = {}
    for file in files.files:
        by_format.setdefault(file.format, []).append(file)
    for format, alike in by_format.items():
        _LOG.info("%s: read as %s", SplitFiles(tuple(alike), ()).label, options[format].description(format))


def _joined(parts: Sequence[_Part]) -> list[Example]:
    """Return the sentences of all files; equal document ids in different files become different."""
    if len(parts) == 1:
        return parts[0].examples
    return [
        example
        if example.document is None
        else replace(example, document=f"{example.document} ({part.file.name})")
        for part in parts
        for example in part.examples
    ]


def _identity_of_part(part: _Part) -> dict[str, Any]:
    identity: dict[str, Any] = {
        "file": part.file.name,
        "sha256": _sha256(part.file.path),
        "sentences": len(part.examples),
    }
    if part.losses:
        identity["left_out"] = {entry["kind"]: entry["count"] for entry in part.losses.to_list()}
    return identity


def _identity(files: SplitFiles, parts: Sequence[_Part]) -> dict[str, Any]:
    """Return a description of the files of a split: names and digests; for several files, also a digest of digests."""
    each = [part.identity for part in parts]
    identity: dict[str, Any] = each[0]
    if len(each) > 1:
        digests = [part["sha256"] for part in each]
        whole = hashlib.sha256("".join(f"{digest}\n" for digest in digests).encode()).hexdigest()
        identity = {
            "files": each,
            "sha256": None if None in digests else whole,
            "sentences": sum(part["sentences"] for part in each),
        }
    return {**identity, "not_read": list(files.left_out)} if files.left_out else identity


class _Copies:
    """Finds files with the same content."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, Path]] = {}

    def look(self, split: str, parts: Sequence[_Part]) -> None:
        """Warn of the files of a split that have occurred before, in it or in another split."""
        for part in parts:
            digest, path = part.identity["sha256"], part.file.path
            if digest is None:
                continue
            earlier, other = self._seen.setdefault(digest, (split, path))
            if other is path:
                continue
            if earlier == split:
                _LOG.warning("data.%s: %s is a copy of %s: its sentences count twice", split, path, other)
                continue
            same = "is" if path == other else f"is a copy of {other},"
            scored = "scores on it flatter" if earlier == "train" else "its scores are not two"
            _LOG.warning("data.%s: %s %s in the %s split too: %s", split, path, same, earlier, scored)


def _text(path: str | Path | None) -> str | None:
    return None if path is None else str(path)


def _sha256(path: Path) -> str | None:
    """Return the digest of a file, or of the names and files in a folder; None for a pipe, which can be read once."""
    if path.is_dir():
        digest = hashlib.sha256()
        for file in sorted(path.rglob("*")):
            if file.is_file():
                digest.update(f"{file.relative_to(path)}\n{_sha256(file)}\n".encode())
        return digest.hexdigest()
    if not path.is_file():
        return None
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
