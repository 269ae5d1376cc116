"""Random texts of all that Unicode has: what a tool that counts bytes, units, lines or glyphs would stumble over."""

from __future__ import annotations

import random

_PIECES = (
    *("Anna", "Smith", "Oslo", "New York", "the EU", "McCoy", "1996", "in", "rejects", "of", ".", "!", "Route66."),
    *(" ", " ", " ", "  ", "\t", "\n", "\r\n", "\n\n", "\r", "\xa0", "\u3000", "\u2028", "\u2029", "\x85", "\x0b"),
    *("😀", "👩\u200d👩\u200d👧", "🏴\U000e0067\U000e0062\U000e007f", "🇳🇴", "𝔘𝔫𝔦", "𠀋", "\U0010fffd"),
    *("e\u0301", "a\u0308\u0323", "\u0301", "क्षि", "한", "한국", "ﬁ", "ǅ", "ß", "İ", "ς"),
    *("שלום", "עולם", "مرحبا", "می‌خواهم", "\u202eevil\u202c", "\u2067x\u2069", "\u200f", "\u200b", "\u00ad"),
    *("\x01", "\x07", "\x1b[31m", "\x7f", "\x9f", "\ufeff", "\ufffe", "\ufdd0", "\x1c", "\x1d", "\x1e", "\x1f"),
    *("<b>", "</mark>", "&amp;", "&", '"', "'", "\\", "[", "](", ")", "]", ",", ";", "=1+1", "@x", "{}", "#", "|"),
)  # fmt: skip


def random_texts(count: int, *, seed: int) -> list[str]:
    """Texts of 1 to 7 pieces, none of them blank; no NUL, and no half of a surrogate pair."""
    generator = random.Random(seed)
    texts: list[str] = []
    while len(texts) < count:
        pieces = [
            generator.choice(_PIECES) if generator.random() < 0.9 else _any_character(generator)
            for _ in range(generator.randint(1, 7))
        ]
        if (text := "".join(pieces)).strip():
            texts.append(text)
    return texts


def _any_character(generator: random.Random) -> str:
    code = generator.choice((generator.randrange(1, 0xD800), generator.randrange(0xE000, 0x110000)))
    return chr(code)
