"""Tokens that are not in Unicode's normal form NFC, so that words that look the same differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final
from unicodedata import is_normalized, normalize

from tagger.checking.corpus import Corpus
from tagger.checking.findings import Finding
from tagger.checking.tokens.judging import found_tokens

IDS: Final = ("not-nfc",)


def find(corpus: Corpus) -> Iterator[Finding]:
    """Yield a finding for each of these tokens, which says whether the same word also occurs in NFC."""
    counts = Counter[str]()
    for part in corpus.parts:
        counts.update(part.words)

    def judge(token: str) -> str | None:
        if is_normalized("NFC", token):
            return None
        composed = normalize("NFC", token)
        others = f", which also occurs, {counts[composed]:,} times: two words" if composed in counts else ""
        return f"{token!a} is {composed!a} in NFC{others}"

    for part in corpus.parts:
        yield from found_tokens(part, "not-nfc", part.unusual_words, judge)
