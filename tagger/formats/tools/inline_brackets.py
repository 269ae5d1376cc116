r"""Reader and writer of lines of text with entities in brackets, ``[Anna Smith](PER) lives in [Oslo](LOC)``.

The rules are those of ``texts.inline``: in the text ``\``, ``[`` and ``]`` are escaped by a backslash, and within a
label ``\`` and ``)``. Each line is a text, without its end; an open bracket continues in the next line. Blank lines are
skipped. A text with line breaks is written unchanged, and so read back as several texts; that is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import regex

from tagger.errors import FormatError
from tagger.formats.annotated import AnnotatedText, CharacterSpan
from tagger.formats.columns.records import excerpt
from tagger.formats.format import Format, Holds, ReadingContext, WritingContext
from tagger.formats.head import Head
from tagger.formats.lines import Source, read_lines
from tagger.formats.texts.inline import format_inline

_MOST_LINES: Final = 100
"""The most lines within the brackets of one entity."""

_ESCAPED: Final = regex.compile(r"\\(.)", regex.DOTALL)
_PIECE: Final = regex.compile(
    r"(?P<plain>(?:\\[\\\[\]]|[^\\\[\]])++)"
    r"|\[(?P<mention>(?:\\[\\\[\]]|[^\\\[\]])*+)\]\((?P<label>(?:\\[\\)]|[^\\)])*+)\)",
    regex.DOTALL,
)
_ENTITY: Final = regex.compile(r"\[(?:\\.|[^\\\[\]])+\]\((.+?)\)")
_LIKE_LABEL: Final = regex.compile(r"[\p{L}_][\w -]*")
_PROBED_LINES: Final = 50
_BRACKET: Final = regex.compile(r"\\.|([\[\]])", regex.DOTALL)


def parse_inline(marked: str, where: str) -> tuple[str, tuple[CharacterSpan, ...]]:
    r"""Parse a text with marked spans: the inverse of ``format_inline``.

    >>> parse_inline("in [Oslo](LOC) \\[sic\\]", "x")[0]
    'in Oslo [sic]'

    Args:
        marked: a text with entities in brackets.
        where: ``file:line``, for messages.

    Raises:
        FormatError: a bracket or backslash is neither escaped nor part of an entity, or an entity lacks text or label.
    """
    pieces: list[str] = []
    spans: list[CharacterSpan] = []
    place = length = 0
    while place < len(marked):
        match = _PIECE.match(marked, place)
        if match is None:
            raise FormatError(
                f"{where}: expected [text](LABEL), or a backslash before each bracket and backslash of the text, found "
                f"{excerpt(marked[place:])} in column {place + 1}"
            )
        piece = _ESCAPED.sub(r"\1", match["mention"] if match["plain"] is None else match["plain"])
        if match["plain"] is None:
            label = _ESCAPED.sub(r"\1", match["label"]).strip()
            if not piece or not label:
                raise FormatError(
                    f"{where}: expected [text](LABEL), found {excerpt(match[0])} in column {place + 1}"
                )
            spans.append(CharacterSpan(length, length + len(piece), label))
        pieces.append(piece)
        length += len(piece)
        place = match.end()
    return "".join(pieces), tuple(spans)


def _read(source: Source, context: ReadingContext) -> Iterator[AnnotatedText]:
    for number, marked in _texts(read_lines(source, name=context.name)):
        where = f"{context.name}:{number}"
        try:
            text, spans = parse_inline(marked, where)
        except FormatError as error:
            if context.labelled:
                context.losses.bad("texts whose brackets cannot be read", str(error))
                continue
            text, spans = marked, ()
        yield AnnotatedText(text, spans if context.labelled else None, origin=where)


def _texts(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield the lines without their ends, joined across open brackets, each with the number of the first."""
    held: list[str] = []
    is_open = False
    for number, line in enumerate(lines, start=1):
        if not held and not line.strip():
            continue
        held.append(line)
        # Each line can be judged alone: a backslash at its end escapes its own line break.
        brackets = [match[1] for match in _BRACKET.finditer(line) if match[1]]
        is_open = brackets[-1] == "[" if brackets else is_open
        if is_open and len(held) < _MOST_LINES:
            continue
        yield number - len(held) + 1, "".join(held).removesuffix("\n").removesuffix("\r")
        held, is_open = [], False
    if held:
        yield number - len(held) + 1, "".join(held).removesuffix("\n").removesuffix("\r")


def _write(texts: Iterable[AnnotatedText], context: WritingContext) -> Iterator[str]:
    for text in texts:
        spans = sorted(text.spans or (), key=CharacterSpan.order)
        if "\n" in text.text:
            context.losses.add(
                "texts with line breaks, which are read back as several texts",
                text.origin or excerpt(text.text),
            )
        yield format_inline(text.text, [(span.start, span.end, span.label) for span in spans]) + "\n"


def looks_bracketed(head: Head) -> bool:
    """Return whether a text file has entities in brackets, none of which could be a link."""
    lines = [line for line in head.lines if line.strip()][:_PROBED_LINES]
    found = [match[1] for line in lines for match in _ENTITY.finditer(line)]
    with_entities = sum(_ENTITY.search(line) is not None for line in lines)
    is_markdown = head.path.suffix.lower() in (".md", ".markdown")
    return not is_markdown and 2 * with_entities >= len(lines) > 0 and all(map(_LIKE_LABEL.fullmatch, found))


INLINE: Final = Format(
    name="inline",
    title="text with entities in brackets",
    read=_read,
    recognises=lambda head: False,  # Markdown links look the same
    write=_write,
    holds=Holds(),
)
