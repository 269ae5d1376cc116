"""Words and sentences that are too long, sentences that are empty, and sentences that look like several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from tagger.checking.corpus import Corpus, Part
from tagger.checking.findings import Finding
from tagger.checking.tokens.judging import found_tokens
from tagger.formats.plausibility import LONG_SENTENCE
from tagger.schemes import shown
from tagger.text.printable import printable

IDS: Final = ("monstrous-word", "monstrous-sentence", "long-sentence", "empty-sentence", "joined-sentences")

_LONG_WORD: Final = 100
"""In characters. The longest words of the usual corpora have 60, apart from addresses."""
_FEW_KINDS: Final = 3
"""Words of at most this many distinct characters are drawn lines."""
_LONGEST_LINE: Final = 1000
"""In characters; anything longer is not a drawn line."""
_LONG: Final = 200
_TIMES: Final = 4
"""A sentence is long if it has more than 200 tokens, and more than 4 times as many as 99 % of the others."""
_ENDS: Final = frozenset((".", "?", "!"))
_MANY_SENTENCES: Final = 200
_RARELY: Final = 0.01
"""If at most this share of the sentences contains an end of a sentence, those look like several."""


def find(corpus: Corpus) -> Iterator[Finding]:
    """Yield a finding for each of these words and sentences."""
    for part in corpus.parts:
        long = (word for word in part.words if len(word) > _LONG_WORD)
        yield from found_tokens(part, "monstrous-word", long, _judge)
        yield from _sentences(part)
        yield from _joined(part)


def _judge(token: str) -> str | None:
    is_drawn = len(token) <= _LONGEST_LINE and len(set(token)) <= _FEW_KINDS
    if "://" in token or token.lower().startswith("www.") or is_drawn:
        return None
    return f"a word of {len(token):,} characters: {shown(token)}"


def _sentences(part: Part) -> Iterator[Finding]:
    lengths = [len(example.tokens) for example in part.examples]
    usual = sorted(lengths)[int(0.99 * (len(lengths) - 1))] if lengths else 0
    for number, length in enumerate(lengths):
        if length == 0:
            yield Finding("empty-sentence", "a sentence without tokens", (part.place(number),), part.name)
        elif length > LONG_SENTENCE:
            message = f"a sentence of {length:,} tokens: {_beginning(part, number)}"
            yield Finding("monstrous-sentence", message, (part.place(number),), part.name, weight=length)
        elif length > max(_LONG, _TIMES * usual):
            message = f"a sentence of {length:,} tokens, where 99 % have {usual} at most: {_beginning(part, number)}"
            yield Finding("long-sentence", message, (part.place(number),), part.name, weight=length)


def _joined(part: Part) -> Iterator[Finding]:
    """Yield a finding for each sentence that contains an end of a sentence, if hardly any other does."""
    if len(part.examples) < _MANY_SENTENCES or _ENDS.isdisjoint(part.words):
        return
    found = [
        (number, position)
        for number, example in enumerate(part.examples)
        if not _ENDS.isdisjoint(example.tokens[1:-1]) and (position := _inner_end(example.tokens)) is not None
    ]
    if len(found) > _RARELY * len(part.examples):
        return
    for number, position in found:
        tokens = part.examples[number].tokens
        around = " ".join(tokens[max(0, position - 3) : position + 4])
        yield Finding(
            "joined-sentences",
            printable(
                f"a sentence that seems to end inside, as {len(found)} of {len(part.examples):,} do: {around!r}"
            ),
            (part.place(number, position),),
            part.name,
        )


def _inner_end(tokens: Sequence[str]) -> int | None:
    """Return where a sentence ends within another: after a lower-case word, before a capitalised one."""
    for position in range(2, len(tokens) - 3):
        if tokens[position] in _ENDS and tokens[position - 1].islower() and len(tokens[position - 1]) > 3:
            after = tokens[position + 1]
            if after[:1].isupper() and after[1:].islower() and tokens[position + 2].islower():
                return position
    return None


def _beginning(part: Part, number: int) -> str:
    return printable(shown(" ".join(part.examples[number].tokens[:20])))
