"""Sentences of CoNLL-U compared with the text in their comment ``# text``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tagger.checking.findings import Finding
from tagger.errors import FormatError
from tagger.formats.columns.conllu import read_conllu
from tagger.formats.columns.conllu_surface import SurfaceToken, surface_tokens
from tagger.formats.columns.conllu_text import place_words, space_after
from tagger.formats.columns.records import excerpt
from tagger.text.printable import printable

_TEXT: Final = re.compile(r"#\s*text\s*=\s?(.*)")


def compare_texts(path: Path, name: str, part: str) -> Iterator[Finding]:
    """Yield a finding for each sentence whose tokens, or the blanks between them, differ from its text.

    Args:
        path: path of a CoNLL-U file.
        name: its name in messages.
        part: the part of the corpus that it belongs to.
    """
    for record in read_conllu(path, name=name, label_field=None, on_bad=lambda _: None):
        texts = [match[1] for line in record.lines if (match := _TEXT.fullmatch(line.rstrip("\r\n")))]
        if not record.rows or not texts:
            continue
        try:
            tokens = surface_tokens(record)
        except FormatError:
            continue  # its multiword tokens are misplaced, so its text is unknown
        if found := _difference(texts[0], tokens):
            index, message = found
            yield Finding("text-differs", printable(message), (record.origin(tokens[index].first),), part)


def _difference(text: str, tokens: Sequence[SurfaceToken]) -> tuple[int, str] | None:
    """Return the first token that differs from the text, and what is wrong; None if there is none."""
    placed = place_words([token.form for token in tokens], [f"# text = {text}"], [])
    if placed is None:
        return _first_missing(text, tokens)
    _, ranges = placed
    for index, token in enumerate(tokens[:-1]):
        has_blank = ranges[index][1] < ranges[index + 1][0]
        if "SpacesAfter=" not in token.misc and has_blank != bool(space_after(token.misc)):
            said = "no blank" if has_blank else "a blank"
            there = "has one" if has_blank else "has none"
            return index, f"MISC says that {said} follows {excerpt(token.form)}, and # text {there}"
    return None


def _first_missing(text: str, tokens: Sequence[SurfaceToken]) -> tuple[int, str]:
    place = 0
    for index, token in enumerate(tokens):
        start = place + len(text[place:]) - len(text[place:].lstrip())
        if text.startswith(token.form, place):
            place += len(token.form)
        elif text.startswith(token.form, start):
            place = start + len(token.form)
        else:
            return (
                index,
                f"the token {excerpt(token.form)} is not what # text has there: {excerpt(text[start : start + 40])}",
            )
    return len(tokens) - 1, f"# text continues after the last token: {excerpt(text[place:].strip()[:40])}"
