"""Words in which a letter is replaced by one of another script that looks the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tagger.checking.corpus import Corpus
from tagger.checking.findings import Finding
from tagger.checking.tokens.judging import character_name, found_tokens
from tagger.schemes import shown

IDS: Final = ("mixed-scripts",)

# Pairs that look the same in most fonts, the Latin letter first.
_CYRILLIC: Final = dict(
    zip(
        "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0406\u0408\u0405",
        "aeopcyxijsABEKMHOPCTXIJS",
        strict=True,
    )
)
_GREEK: Final = dict(
    zip(
        "\u03bf\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7",
        "oABEZHIKMNOPTYX",
        strict=True,
    )
)
_LETTERS: Final = re.compile(r"[^\W\d_]{3,}")
_FOREIGN: Final = re.compile("[\u0370-\u03ff\u0400-\u04ff]")


def find(corpus: Corpus) -> Iterator[Finding]:
    """Yield a finding for each of these tokens."""
    for part in corpus.parts:
        yield from found_tokens(
            part, "mixed-scripts", (word for word in part.unusual_words if _FOREIGN.search(word)), _judge
        )


def _judge(token: str) -> str | None:
    for run in _LETTERS.findall(token):
        for others, first, last, script in (
            (_CYRILLIC, "\u0400", "\u04ff", "Cyrillic"),
            (_GREEK, "\u0370", "\u03ff", "Greek"),
        ):
            latin = [char for char in run if char.isascii()]
            foreign = [char for char in run if first <= char <= last]
            if not latin or not foreign or len(latin) + len(foreign) < len(run):
                continue
            few = foreign if len(foreign) <= len(latin) else latin
            if all(char in (others if few is foreign else others.values()) for char in few):
                names = ", ".join(character_name(char) for char in dict.fromkeys(few))
                rest = "Latin" if few is foreign else script
                return (
                    f"{shown(token)} has {names} among {rest} letters, which looks the same as one of these"
                )
    return None
