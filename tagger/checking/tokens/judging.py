"""Tokens that look wrong in any context: each distinct one is judged once, and then located in the sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from tagger.checking.corpus import Part
from tagger.checking.findings import Finding
from tagger.text.printable import printable


def found_tokens(
    part: Part, check: str, words: Iterable[str], judge: Callable[[str], str | None]
) -> Iterator[Finding]:
    """Yield a finding for each token that is judged to be wrong, the most frequent ones first.

    Args:
        part: the part of the corpus.
        check: the id of the check.
        words: the tokens to judge.
        judge: returns what is wrong with a token; None if nothing is.
    """
    messages = {word: message for word in words if (message := judge(word)) is not None}
    if not messages:
        return
    places = part.occurrences(messages.keys())
    for word in sorted(messages, key=lambda word: -part.words[word]):
        yield Finding(
            check,
            printable(messages[word]),
            tuple(dict.fromkeys(part.place(sentence, token) for sentence, token in places[word])),
            part.name,
            weight=part.words[word],
            count=part.words[word],
            details={"token": word},
        )


def character_name(char: str) -> str:
    """Return the name of a character in messages.

    >>> character_name("\u200b")
    'U+200B ZERO WIDTH SPACE'
    """
    import unicodedata

    name = unicodedata.name(char, "")
    return f"U+{ord(char):04X}{f' {name}' if name else ''}"
