r"""Reader of WebAnno TSV 3.2 and 3.3, exported by WebAnno and INCEpTION: one token per row, layers in columns.

::

    #FORMAT=WebAnno TSV 3.3
    #T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value

    #Text=Zoë likes New York
    1-1	0-3	Zoë	*	PER
    1-2	4-9	likes	_	_
    1-3	10-13	New	*[1]	LOC[1]
    1-4	14-18	York	*[1]|*[2]	LOC[1]|CITY[2]
    1-4.1	14-16	Yo	_	_

Rows with the same number in brackets are one annotation; ``|`` separates several in a row; ``_`` means no annotation,
``*`` one without a value: the latter are counted and left out. Rows with a dot are parts of the previous token. Offsets
count UTF-16 units. The name of a layer without features is its label.

Relations, chains, slots and other layers are counted and not read. The head names only layers with annotations, so a
file whose head names none is not annotated, and is left out. The characters between sentences are not in the file; they
are read as blanks.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tagger.errors import FormatError, UsageError
from tagger.formats.annotated import AnnotatedText, Range
from tagger.formats.claims import Claim, ClaimChecker
from tagger.formats.columns.records import excerpt
from tagger.formats.format import Format, ReadingContext
from tagger.formats.head import Head
from tagger.formats.lines import Source, read_lines
from tagger.formats.losses import Losses
from tagger.formats.offsets import UNIT_NAMES, OffsetUnit
from tagger.formats.plausibility import WEBANNO_LINE
from tagger.formats.tools.webanno_layers import Column, choose_column, read_columns
from tagger.formats.tools.webanno_rows import Row, Sentence, put_together, read_sentences, unescape
from tagger.options import argument

_LOG: Final = logging.getLogger(__name__)

_FORMAT: Final = re.compile(r"#FORMAT=WebAnno TSV (\d+\.\d+)")
_VERSIONS: Final = ("3.2", "3.3")
_PARTS: Final = re.compile(r"(?:[^\\|]|\\.)+", re.DOTALL)
_LINKS: Final = re.compile(r"(?:[^\\|;]|\\.)+", re.DOTALL)
_VALUE: Final = re.compile(r"((?:[^\\\[\]]|\\.)*)(?:\[(\d+)\])?", re.DOTALL)
_NOTHING: Final = "_"
_NO_VALUE: Final = "*"


def _read(source: Source, context: ReadingContext) -> Iterator[AnnotatedText]:
    if isinstance(source, (str, os.PathLike)) and Path(source).is_dir():
        folder = Path(source)
        layers: dict[Column, str] = {}
        for path in sorted(folder.rglob("*.tsv")):
            place = path.relative_to(folder)
            document = place.with_suffix("").as_posix()
            yield from _document(path, context, f"{context.name}/{place.as_posix()}", document, layers)
    else:
        yield from _document(source, context, context.name, Path(context.name).stem, {})


def _document(
    source: Source, context: ReadingContext, name: str, document: str, layers: dict[Column, str]
) -> Iterator[AnnotatedText]:
    """Yield the text of a file, if it is annotated or annotations are not read.

    Args:
        source: the file.
        context: the options and losses.
        name: what messages call it.
        document: its id.
        layers: the label column of earlier files, with the first of these files; updated.
    """
    losses = context.losses
    lines = (
        (number, line.rstrip("\r\n")) for number, line in enumerate(read_lines(source, name=name), start=1)
    )
    columns = _read_head(lines, name)
    chosen: int | None = None
    if context.labelled:
        if not any(column.kind == "span" for column in columns):
            losses.add("documents without a layer of spans, left out", name)
            return
        chosen = choose_column(columns, context.options.label_column, name)
        layers.setdefault(columns[chosen], name)
        if len(layers) > 1:
            (first, place), (other, _) = layers.items()
            raise UsageError(
                f"{name}: expected labels of one layer in all files, found {other.name} after {first.name} in {place}. "
                f"Choose one: {argument('data.label_column', other.name)}"
            )
    try:
        sentences = list(read_sentences(lines, name, len(columns)))
        text, tokens, starts, unit = _text(sentences, context, name)
    except FormatError as error:
        losses.bad("documents whose text cannot be put together", str(error))
        return
    spans = None
    if chosen is not None:
        rows = [row for sentence in sentences for row in sentence.rows]
        checker = ClaimChecker(name, unit, unit, losses)
        spans = checker.spans(text, _claims(rows, columns[chosen], chosen, losses), name)
        _count_others(rows, columns, chosen, losses)
    yield AnnotatedText(text, spans, tokens, starts, document=document, origin=name)


def _read_head(lines: Iterator[tuple[int, str]], name: str) -> list[Column]:
    """Return the columns declared in the lines up to the first blank one."""
    columns: list[Column] = []
    for number, line in lines:
        if number == 1:
            version = _FORMAT.match(line)
            if version is None:
                raise FormatError(f"{name}:1: expected '#FORMAT=WebAnno TSV 3.3', found {excerpt(line)}")
            if version[1] not in _VERSIONS:
                raise FormatError(
                    f"{name}:1: expected version {' or '.join(_VERSIONS)} of WebAnno TSV, found {version[1]}. Export "
                    "it in the newer form, or as UIMA CAS."
                )
            continue
        if not line:
            return columns
        declared = read_columns(line)
        if declared is None:
            raise FormatError(
                f"{name}:{number}: expected layers (#T_SP=, #T_CH=, #T_RL=) and an empty line after them, found "
                f"{excerpt(line)}"
            )
        columns += declared
    return columns


def _text(
    sentences: list[Sentence], context: ReadingContext, name: str
) -> tuple[str, tuple[Range, ...], tuple[int, ...], OffsetUnit]:
    """Return the text, its tokens, the first of each sentence, and the unit of offsets."""
    if context.options.offsets is not None:
        return *put_together(sentences, context.options.offsets), context.options.offsets
    try:
        return *put_together(sentences, "utf16"), "utf16"
    except FormatError as error:
        others: tuple[OffsetUnit, ...] = ("codepoint", "byte")
        for unit in others:
            try:
                found = put_together(sentences, unit)
            except FormatError:
                continue
            _LOG.info(
                "%s: offsets count %s, detected from the tokens (%s sets it)",
                name,
                UNIT_NAMES[unit],
                argument("data.offsets", unit),
            )
            return *found, unit
        raise error


def _claims(rows: list[Row], column: Column, place: int, losses: Losses) -> list[Claim]:
    """Return the annotations of a column, in the order of their first rows."""
    claims: list[Claim] = []
    numbered: dict[str, int] = {}
    last_tokens: dict[str, int] = {}
    for row in rows:
        for part in _PARTS.findall(row.values[place]):
            if part == _NOTHING:
                continue
            value = _VALUE.fullmatch(part)
            if value is None:
                losses.bad(
                    "values that cannot be read",
                    f"{row.where}: expected a value of {column.name} with its brackets escaped, as in 'LOC[1]', found "
                    f"{excerpt(part)}",
                )
                continue
            label = column.short_layer if not column.feature else unescape(value[1])
            if value[1] in (_NO_VALUE, _NOTHING) and column.feature:
                label = ""
            id = value[2]
            if id is None or id not in numbered:
                if id is not None:
                    numbered[id] = len(claims)
                    last_tokens[id] = row.token
                claims.append(Claim([(row.begin, row.end)], label, where=row.where))
                continue
            claim = claims[numbered[id]]
            if claim.label != label or row.token - last_tokens[id] > 1:
                losses.bad(
                    "annotations whose rows do not belong together",
                    f"{row.where}: expected rows one after another with one value for the annotation [{id}], which "
                    f"begins at {claim.where} with {claim.label!r}, found {label!r}",
                )
                continue
            last_tokens[id] = row.token
            (start, end), *_ = claim.ranges
            claims[numbered[id]] = claim._replace(ranges=[(min(start, row.begin), max(end, row.end))])
    return [claim for claim in claims if _says_something(claim, column, losses)]


def _says_something(claim: Claim, column: Column, losses: Losses) -> bool:
    """Return whether an annotation has a value and characters; count it if not."""
    (start, end), *_ = claim.ranges
    if not claim.label:
        losses.add(f"annotations without a value of {column.name}, left out", str(claim.where))
    elif start == end:
        losses.add("annotations of no characters, left out", f"{claim.where}: {claim.label}")
    return bool(claim.label) and start < end


def _count_others(rows: list[Row], columns: list[Column], chosen: int, losses: Losses) -> None:
    """Count the annotations in other columns, each once."""
    counted: set[tuple[str, str]] = set()
    for number, column in enumerate(columns):
        layer = (column.kind, column.layer)
        if number == chosen or (column.is_slot and not column.is_role):
            continue
        is_value = column.kind == "span" and column.layer == columns[chosen].layer
        if column.is_slot:
            kind = f"links of {column.short_layer}, not read"
        elif is_value:
            kind = f"values of {column.name}, not read"
        elif layer not in counted:
            kind = f"annotations of the {column.kind} layer {column.short_layer}, not read"
            counted.add(layer)
        else:
            continue
        places: list[str] = []
        seen: set[str] = set()
        for row in rows:
            for part in (_LINKS if column.is_slot else _PARTS).findall(row.values[number]):
                value = _VALUE.fullmatch(part)
                id = value[2] if value is not None and column.kind == "span" else None
                if part == _NOTHING or (id and id in seen) or (is_value and part.startswith(_NO_VALUE)):
                    continue
                places.append(row.where)
                seen.add(id or "")
        if places:
            losses.add(kind, places[0], times=len(places))


def _recognises(head: Head) -> bool:
    return bool(head.lines) and WEBANNO_LINE.match(head.lines[0]) is not None


WEBANNO: Final = Format(
    name="webanno",
    title="WebAnno TSV",
    read=_read,
    recognises=_recognises,
    offsets="utf16",
)
