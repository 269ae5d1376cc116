r"""Writer of brat folders: a ``.txt`` and an ``.ann`` for each document, and a configuration with the types.

Consecutive texts of a document are written as one file, with a line feed between them. A document without annotations
gets no ``.ann``. Blanks in types, which brat does not support, become ``_``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

from tagger.errors import DataError
from tagger.files import replace_folder
from tagger.formats.annotated import AnnotatedText, CharacterSpan
from tagger.formats.format import WritingContext
from tagger.formats.offsets import OffsetMap
from tagger.formats.tools.document_names import DocumentNames

_LINE_BREAKS: Final = re.compile("[\t\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
"""The characters at which brat ends a line or cell of annotations."""

_CONFIGURABLE: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
"""The types that brat accepts in its configuration; it displays others, but does not offer them."""

_SUFFIXES: Final = (".txt", ".ann", ".conf")
_CONFIGURATION_NAME: Final = "annotation.conf"
_CONFIGURATION: Final = """\
[entities]
{types}
[relations]
# Entities may overlap.
<OVERLAP>\tArg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>

[events]

[attributes]
"""


def save_brat(texts: Iterable[AnnotatedText], path: Path, context: WritingContext) -> None:
    """Write a folder of documents.

    Args:
        texts: the texts, those of a document consecutive; one without an id is a document of its own.
        path: the folder, replaced as a whole if it exists.
        context: the losses, and the unit of offsets if not code points.

    Raises:
        DataError: it cannot be written, or two labels differ only in blanks.
    """

    def fill(folder: Path) -> None:
        names = DocumentNames()
        types = _Types(context)
        for number, (document, parts) in enumerate(_documents(texts), start=1):
            id = f"text-{number:06}" if document is None else document
            name = names.name(id)
            if name != id:
                context.losses.add(
                    "documents whose id is not a valid file name, renamed", f"{id!r} as {name!r}"
                )
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            text, spans = _joined(parts, context)
            _write(target, ".txt", text)
            if spans is not None:
                _write(target, ".ann", "".join(_lines(text, spans, types, context)))
        offered = sorted(type for type in types.written if _CONFIGURABLE.fullmatch(type))
        _write(
            folder / "annotation",
            ".conf",
            _CONFIGURATION.format(types="".join(f"{type}\n" for type in offered)),
        )

    _check_replaceable(path)
    try:
        replace_folder(path.resolve(), fill)
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror or error}") from None


def _check_replaceable(path: Path) -> None:
    """Refuse to replace anything but a brat folder, since its content would be lost."""
    if path.exists() and not path.is_dir():
        raise DataError(f"{path}: expected the name of a folder to write, found a file")
    files = sorted(file.relative_to(path).as_posix() for file in path.rglob("*") if not file.is_dir())
    others = [name for name in files if not name.endswith(_SUFFIXES)]
    if files and (others or _CONFIGURATION_NAME not in files):
        raise DataError(
            f"{path}: expected a new or empty folder, or one with brat files only, which would be replaced, found "
            f"{(others or files)[0]} in it"
        )


class _Types:
    """The types that are written, each for one label.

    Attributes:
        written: the label of each type.
    """

    def __init__(self, context: WritingContext) -> None:
        self.written: dict[str, str] = {}
        self._losses = context.losses

    def of(self, label: str) -> str:
        """Return the type of a label."""
        type = "_".join(label.split())
        if self.written.setdefault(type, label) != label:
            raise DataError(
                f"labels {self.written[type]!r} and {label!r}: expected types that differ when their blanks are "
                f"written as _, as brat needs them, found {type!r} for both. Rename one of them."
            )
        if type != label:
            self._losses.add(
                "spans with blanks in their label, _ written for these", f"{label!r} as {type!r}"
            )
        return type


def _documents(texts: Iterable[AnnotatedText]) -> Iterator[tuple[str | None, list[AnnotatedText]]]:
    for document, parts in groupby(texts, key=lambda text: text.document):
        if document is None:
            yield from ((None, [part]) for part in parts)
        else:
            yield document, list(parts)


def _joined(parts: list[AnnotatedText], context: WritingContext) -> tuple[str, list[CharacterSpan] | None]:
    """Return the text of a document and its spans; None if no part of it is annotated."""
    spans: list[CharacterSpan] | None = None
    place = 0
    bare = [part for part in parts if part.spans is None]
    if bare and len(bare) < len(parts):
        context.losses.add(
            "texts without annotations, written beside annotated ones of their document as texts without spans",
            f"{bare[0].origin or bare[0].document}",
            times=len(bare),
        )
    for part in parts:
        if part.spans is not None:
            spans = (spans or []) + [_moved(span, place) for span in part.spans]
        place += len(part.text) + 1
    return "\n".join(part.text for part in parts), spans


def _moved(span: CharacterSpan, by: int) -> CharacterSpan:
    fragments = tuple((start + by, end + by) for start, end in span.fragments)
    return span._replace(start=span.start + by, end=span.end + by, fragments=fragments)


def _lines(text: str, spans: list[CharacterSpan], types: _Types, context: WritingContext) -> Iterator[str]:
    offsets = OffsetMap(text, context.offsets or "codepoint")
    notes = 0
    for number, span in enumerate(sorted(spans, key=CharacterSpan.order), start=1):
        ranges = ";".join(
            f"{offsets.from_code_points(start)} {offsets.from_code_points(end)}" for start, end in span.ranges
        )
        mention = _LINE_BREAKS.sub(" ", " ".join(text[start:end] for start, end in span.ranges))
        yield f"T{number}\t{types.of(span.label)} {ranges}\t{mention}\n"
        if span.probability is not None:
            notes += 1
            yield f"#{notes}\tAnnotatorNotes T{number}\tprobability={float(span.probability)!r}\n"


def _write(path: Path, suffix: str, text: str) -> None:
    with path.with_name(path.name + suffix).open("w", encoding="utf-8", newline="") as file:
        file.write(text)
