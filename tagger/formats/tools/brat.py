r"""Reader of brat: texts with their annotations in ``a.txt`` and ``a.ann``, in nested folders.

Each line of an ``.ann`` file is an annotation, whose first character is its kind::

    T1	ORG 0 2	EU                        an entity: type, offsets, its characters
    T2	SITE 0 4;19 23	left lung         a discontinuous entity
    E1	Attack:T3 Target:T1               an event; T3 is its trigger
    #1	AnnotatorNotes T1	sure          a note

Offsets count code points of the file, including carriage returns and the byte order mark. The characters are repeated
with blanks for line breaks.

Entities are read. Relations, events, attributes, normalisations, notes and equivalences are counted; so are the
triggers of events, which have the type of the event and are not entities. An empty ``.ann`` means a text without
entities (brat creates one for each text that it shows, so read a project when it is finished; a warning counts them); a
text without an ``.ann`` is not annotated, and left out. The id of a document is its path within the folder, without the
suffix. Hidden files are ignored.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tagger.errors import DataError, UsageError
from tagger.formats.annotated import AnnotatedText, CharacterSpan
from tagger.formats.claims import Claim, ClaimChecker
from tagger.formats.columns.records import excerpt
from tagger.formats.empty_texts import EmptyTexts
from tagger.formats.format import Format, Holds, ReadingContext
from tagger.formats.head import Head
from tagger.formats.lines import Source, join_lines, open_source, read_lines, read_text
from tagger.formats.losses import Losses
from tagger.formats.plausibility import BRAT_LINE
from tagger.formats.tools.brat_writing import save_brat

_PAIR: Final = r"-?\d{1,18} -?\d{1,18}"
_ENTITY: Final = re.compile(rf"(T[^\t ]+)\t(\S+) ({_PAIR}(?:;{_PAIR})*)\t(.*)", re.DOTALL)
_TRIGGER: Final = re.compile(r"E[^\t]+\t[^\s:]+:(T[^\s]+)")
_PROBABILITY: Final = re.compile(r"#[^\t]*\tAnnotatorNotes (T[^\t ]+)\tprobability=(\d(?:\.\d+)?(?:e-\d+)?)")
_UNFINISHED: Final = "If some are open, move their .ann files away."
_OTHERS: Final = {
    "R": "relations",
    "E": "events",
    "A": "attributes",
    "M": "attributes",
    "N": "normalisations",
    "#": "notes",
    "*": "equivalences",
}


@dataclass
class _Annotations:
    """The entities of one ``.ann`` file."""

    claims: dict[str, Claim] = field(default_factory=dict)
    triggers: set[str] = field(default_factory=set)
    probabilities: dict[str, float] = field(default_factory=dict)


def _read(source: Source, context: ReadingContext) -> Iterator[AnnotatedText]:
    if not isinstance(source, (str, os.PathLike)):
        raise UsageError("brat keeps a text in two files; expected the path of a folder or of one of them")
    losses = context.losses
    empty = EmptyTexts(context.name, _UNFINISHED)
    checker = ClaimChecker(context.name, context.options.offsets or "auto", BRAT.offsets, losses)
    for base, name, document in _documents(Path(source), context.name):
        text_path, claims_path = (base.with_name(base.name + suffix) for suffix in (".txt", ".ann"))
        if not text_path.is_file():
            if context.labelled:
                losses.bad(
                    "annotations without their text",
                    f"{name}.ann: expected its text in {base.name}.txt beside it, found no such file",
                )
            continue
        spans: tuple[CharacterSpan, ...] | None = None
        if context.labelled and not claims_path.is_file():
            losses.add("texts without annotations (no .ann beside the .txt), left out", f"{name}.txt")
            continue
        text = _read_whole(text_path, f"{name}.txt")
        if context.labelled:
            spans = checker.spans(text, _claims(claims_path, f"{name}.ann", losses), f"{name}.ann")
        empty.add(spans)
        yield AnnotatedText(
            text, spans, document=document, origin=f"{name}.txt" if spans is None else f"{name}.ann"
        )
    empty.report()


def _documents(path: Path, name: str) -> Iterator[tuple[Path, str, str]]:
    """Yield the path of each document without its suffix, its name in messages, and the document's id."""
    if not path.is_dir():
        if path.suffix not in (".ann", ".txt"):
            raise DataError(f"{name}: expected a folder, or a file whose name ends with .ann or .txt")
        if not path.exists():
            raise DataError(f"{name}: expected a file or folder, found none of this name")
        yield (
            path.with_suffix(""),
            name[: -len(path.suffix)] if name.endswith(path.suffix) else name,
            path.stem,
        )
        return
    try:
        files = [file.relative_to(path) for file in path.rglob("*") if file.is_file()]
    except OSError as error:
        raise DataError(f"{name}: cannot be read: {error.strerror}") from None
    bases = {
        file.with_suffix("")
        for file in files
        if file.suffix in (".ann", ".txt") and not any(part.startswith(".") for part in file.parts)
    }
    for base in sorted(bases, key=lambda base: base.parts):
        yield path / base, f"{name}/{base.as_posix()}", base.as_posix()


def _claims(path: Path, name: str, losses: Losses) -> list[Claim]:
    """Return the entities of a file, counting the rest."""
    found = _Annotations()
    for number, line in enumerate(read_lines(path, name=name), start=1):
        if line.strip():
            _add(line.rstrip("\r\n"), f"{name}:{number}", found, losses)
    triggers = found.triggers & found.claims.keys()
    if triggers:
        first = next(claim.where for id, claim in found.claims.items() if id in triggers)
        losses.add("triggers of events, left out", first or name, times=len(triggers))
    return [
        claim._replace(probability=found.probabilities.get(id))
        for id, claim in found.claims.items()
        if id not in triggers
    ]


def _add(line: str, where: str, found: _Annotations, losses: Losses) -> None:
    """Parse a line and add its content."""
    if line[0] == "T":
        match = _ENTITY.fullmatch(line)
        if match is None:
            losses.bad(
                "lines that are not annotations",
                f"{where}: expected an entity, as 'T1<tab>TYPE 0 4<tab>text' (with 0 4;10 15 for two fragments), found "
                f"{excerpt(line)}",
            )
            return
        id, label, offsets, mention = match.groups()
        if id in found.claims:
            losses.bad(
                "entities whose id has come before",
                f"{where}: expected a new id, found {id}, as in {found.claims[id].where}",
            )
            return
        ranges = [tuple(map(int, pair.split(" "))) for pair in offsets.split(";")]
        found.claims[id] = Claim([(start, end) for start, end in ranges], label, mention, where=where)
        return
    if (match := _PROBABILITY.fullmatch(line)) and float(match[2]) <= 1:
        found.probabilities[match[1]] = float(match[2])
        return
    if line[0] not in _OTHERS:
        losses.bad(
            "lines that are not annotations",
            f"{where}: expected an annotation of brat, beginning with one of T R E A M N # *, found {excerpt(line)}",
        )
        return
    if match := _TRIGGER.match(line):
        found.triggers.add(match[1])
    losses.add(f"{_OTHERS[line[0]]}, not read", f"{where}: {excerpt(line)}")


def _read_whole(path: Path, name: str) -> str:
    """Return a text with its byte order mark, which brat includes in offsets."""
    text = join_lines(read_text(path, name=name), name, "Split it into several texts.")
    with open_source(path, name) as stream:
        is_marked = stream.read(3) == codecs.BOM_UTF8
    return "\ufeff" + text if is_marked else text


def _recognises(head: Head) -> bool:
    if head.names:  # texts without annotations are a project not yet annotated
        return any(name.endswith(".ann") for name in head.names) or all(
            name.endswith(".txt") for name in head.names
        )
    if head.path.suffix == ".txt" and head.path.with_suffix(".ann").is_file():
        return True
    return any(map(BRAT_LINE.match, head.lines))


BRAT: Final = Format(
    name="brat",
    title="brat",
    read=_read,
    recognises=_recognises,
    suffixes=(".ann",),
    save=save_brat,
    holds=Holds(overlaps=True, discontinuous=True, probabilities=True, documents=True),
)
