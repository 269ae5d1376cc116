r"""The surface tokens of CoNLL-U sentences, in which a multiword token ("du", in a row ``3-4``) is one token.

The white space between sentences follows the file: none after ``SpaceAfter=No``, that of ``SpacesAfter``, one blank
otherwise; ``# newpar`` and ``# newdoc`` begin a paragraph, after a blank line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from tagger.errors import FormatError
from tagger.formats.columns.conllu_text import place_words, space_after
from tagger.formats.columns.records import ColumnRecord, excerpt

_RANGE: Final = re.compile(r"([0-9]+)-([0-9]+)")
_TEXT: Final = re.compile(r"#\s*text\s*=\s?(.*)")
_PARAGRAPH: Final = re.compile(r"#\s*new(?:par|doc)\b")


class SurfaceToken(NamedTuple):
    """A token of the text.

    Attributes:
        form: its characters.
        first: index of its first word in the sentence.
        after: index just past its last word.
        is_multiword: whether it has its own row, above those of its words.
        misc: its MISC cell.
    """

    form: str
    first: int
    after: int
    is_multiword: bool
    misc: str


@dataclass(frozen=True, slots=True)
class Surface:
    """The surface text of a sentence.

    Attributes:
        text: its text.
        is_told: whether the file specifies its blanks, in ``# text`` or MISC; otherwise one blank separates tokens.
        space_after: white space after it.
        begins_paragraph: whether a paragraph begins with it.
    """

    text: str
    is_told: bool
    space_after: str
    begins_paragraph: bool


def surface_tokens(record: ColumnRecord) -> tuple[SurfaceToken, ...]:
    """Return the surface tokens of the sentence of a record, which together cover all its words.

    Args:
        record: a sentence from ``read_conllu``.

    Raises:
        FormatError: a multiword token is not directly before its words, or shares words with another one.
    """
    tokens: list[SurfaceToken] = []
    is_word = set(record.rows)
    covered = next_word = 0  # past the last multiword token; the word of the next row
    for index, line in enumerate(record.lines):
        id, _, rest = line.partition("\t")
        if index in is_word:
            if next_word >= covered:
                cells = rest.split("\t")
                tokens.append(
                    SurfaceToken(cells[0], next_word, next_word + 1, False, cells[8].rstrip("\r\n"))
                )
            next_word += 1
        elif "-" in id and (match := _RANGE.fullmatch(id)):
            first, after, cells = int(match[1]) - 1, int(match[2]), rest.split("\t")
            is_there = first < after <= len(is_word) and cells[0]
            if first != next_word or first < covered or not is_there:
                raise FormatError(_misplaced(record, index, next_word, line))
            tokens.append(SurfaceToken(cells[0], first, after, True, cells[8].rstrip("\r\n")))
            covered = after
    return tuple(tokens)


def read_surface(record: ColumnRecord) -> Surface:
    """Return the surface text of the sentence of a record.

    Args:
        record: a sentence from ``read_conllu``.

    Raises:
        FormatError: as from :func:`surface_tokens`.
    """
    tokens = surface_tokens(record)
    forms, miscs = [token.form for token in tokens], [token.misc for token in tokens]
    found = place_words(forms, record.lines, miscs)
    assert found is not None, "MISC is given"
    texts = [match[1].rstrip("\r\n") for line in record.lines if (match := _TEXT.match(line))]
    return Surface(
        found[0],
        any("Space" in misc for misc in miscs) or found[0] in texts,
        space_after(miscs[-1]),
        any(_PARAGRAPH.match(line) for line in record.lines[: record.rows[0]]),
    )


def _misplaced(record: ColumnRecord, index: int, next_word: int, line: str) -> str:
    num_words = len(record.rows)
    return (
        f"{record.name}:{record.first_line + index}: expected a multiword token with a form and an id that begins with "
        f"{next_word + 1}, that of the word after it, and ends with one of the {num_words} words of its sentence; no "
        f"word of it in another one. Found {excerpt(line.rstrip())}"
    )


def join_surfaces(surfaces: Sequence[Surface]) -> str:
    """Join the texts of consecutive sentences.

    Args:
        surfaces: the sentences of a document, or of a file without documents.
    """
    pieces: list[str] = []
    for before, surface in zip((None, *surfaces), surfaces, strict=False):
        if before is not None:
            pieces.append("\n\n" if surface.begins_paragraph else before.space_after)
        pieces.append(surface.text)
    return "".join(pieces)
