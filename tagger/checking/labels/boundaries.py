"""Spans whose ends look misplaced: half a pair of brackets or quotes, or punctuation where hardly any other has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from tagger.checking.corpus import Corpus, Part
from tagger.checking.findings import Finding
from tagger.schemes import shown
from tagger.spans import Span
from tagger.text.printable import printable

IDS: Final = ("unbalanced-span", "odd-boundary")

_PAIRS: Final = {
    **{"(": ")", "[": "]", "{": "}", "-LRB-": "-RRB-", "-LSB-": "-RSB-", "``": "''"},
    **{"\u201c": "\u201d", "\u00ab": "\u00bb"},
}
_CLOSING: Final = {closing: opening for opening, closing in _PAIRS.items()}
_MARKS: Final = frozenset((",", ";", ":", ".", "-", "--", "\u2013", "\u2014", "/", "|"))
"""Not ! and ?, which belong to many names."""
_MANY_SPANS: Final = 50
_RARELY: Final = 0.01
"""In a type with at least 50 spans, punctuation at an end is odd if no larger share of them has it."""
_ABBREVIATION: Final = 4
"""In characters: a full stop after a word of at most this length often belongs to the word."""


def find(corpus: Corpus) -> Iterator[Finding]:
    """Yield a finding for each of these spans."""
    for part in corpus.parts:
        yield from _unbalanced(part)
    yield from _odd(corpus)


def _unbalanced(part: Part) -> Iterator[Finding]:
    marks = (_PAIRS.keys() | _CLOSING.keys() | {'"'}) & part.words.keys()
    if not marks:
        return
    for number, spans in enumerate(part.spans):
        tokens = part.examples[number].tokens
        if not spans or marks.isdisjoint(tokens):
            continue
        for span in spans:
            if mark := _single(tokens[span.start : span.end]):
                text = " ".join(tokens[span.start : span.end])
                yield Finding(
                    "unbalanced-span",
                    printable(f"the {span.label} {shown(text)} has {shown(mark)} without its partner"),
                    (part.place(number, span.start),),
                    part.name,
                    weight=_has_partner(tokens, span, mark),
                    details={"type": span.label, "text": text, "mark": mark},
                )


def _single(tokens: Sequence[str]) -> str | None:
    """Return the first bracket or quote without a partner among tokens."""
    opened: list[str] = []
    for token in tokens:
        if token in _PAIRS:
            opened.append(token)
        elif token in _CLOSING and (not opened or opened.pop() != _CLOSING[token]):
            return token
    if opened:
        return opened[0]
    # After a number, the mark stands for inches or seconds.
    quotes = [
        place for place, token in enumerate(tokens) if token == '"' and not tokens[place - 1][-1:].isdigit()
    ]
    return '"' if len(quotes) % 2 else None


def _has_partner(tokens: Sequence[str], span: Span, mark: str) -> float:
    """Return 1 if a partner stands directly outside the span, otherwise 0."""
    outside = {*tokens[max(span.start - 1, 0) : span.start], *tokens[span.end : span.end + 1]}
    return float(bool(outside & {_PAIRS.get(mark, mark), _CLOSING.get(mark, mark)}))


def _odd(corpus: Corpus) -> Iterator[Finding]:
    totals = Counter[str]()
    found: dict[tuple[str, str], list[tuple[Part, int, Span]]] = {}
    for part in corpus.parts:
        totals.update(part.types if part.scheme is not None and part.scheme.has_spans else {})
        if _MARKS.isdisjoint(part.words):
            continue
        for number, spans in enumerate(part.spans):
            tokens = part.examples[number].tokens
            for span in spans:
                if tokens[span.start] in _MARKS:
                    found.setdefault((span.label, "begins"), []).append((part, number, span))
                if tokens[span.end - 1] in _MARKS and not _ends_abbreviation(tokens, span):
                    found.setdefault((span.label, "ends"), []).append((part, number, span))
    for (type_, how), places in found.items():
        if totals[type_] < _MANY_SPANS or len(places) > _RARELY * totals[type_]:
            continue
        for part, number, span in places:
            tokens = part.examples[number].tokens
            mark = tokens[span.start if how == "begins" else span.end - 1]
            text = " ".join(tokens[span.start : span.end])
            yield Finding(
                "odd-boundary",
                printable(
                    f"the {type_} {shown(text)} {how} with {shown(mark)}; {len(places)} of {totals[type_]:,} "
                    f"{how[:-1]} with punctuation"
                ),
                (part.place(number, span.start),),
                part.name,
                weight=-len(places) / totals[type_],
                details={"type": type_, "text": text, "mark": mark},
            )


def _ends_abbreviation(tokens: Sequence[str], span: Span) -> bool:
    return (
        tokens[span.end - 1] == "."
        and span.end - span.start > 1
        and len(tokens[span.end - 2]) <= _ABBREVIATION
    )
