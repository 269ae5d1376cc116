"""150 annotated texts with all that goes wrong in exports: what every reader and writer of a format is tried with.

Emoji, combining marks, CRLF, double blanks, touching, nested, partly overlapping and discontinuous spans. Made from a
few patterns and a seed, so that it is the same everywhere.
"""

import random
from dataclasses import dataclass

PEOPLE = (
    "Zoë Ångström",
    "Jose\u0301 Núñez",
    "राम शर्मा",
    "O'Neill",
    "😀 Smiley",
    "Ана Ivić",
    "李小龍",
    "Dr.  Who",
)
PLACES = ("Oslo", "São Paulo", "Île-de-France", "Nova\u0301ky", "दिल्ली", "New  York", "Łódź", "東京")
ORGANISATIONS = ("ACME", "R&D 🚀 Ltd.", "Müller & Söhne", "U.N.", "Banco do Brasil", "👩‍👩‍👧 Care")
OPENINGS = ("", "“", "😀 ", "e\u0301t\u0301 : ", "  ", "🏳️‍🌈🏳️‍🌈 ", "\tN.B. ", "<b> & ")
ENDS = (".", " !", "… 🎉", ".  ", "\r\n", ".\r\nBye.", " \U0001d11e.", "")


@dataclass(frozen=True)
class Case:
    """An annotated text.

    Attributes:
        text: its characters.
        spans: ``(ranges, label)`` in code points, each with one range or several (discontinuous); sorted.
        tokens: ranges of tokens that no span cuts through.
    """

    text: str
    spans: tuple[tuple[tuple[tuple[int, int], ...], str], ...]
    tokens: tuple[tuple[int, int], ...]

    @property
    def is_flat(self) -> bool:
        """Whether no span is discontinuous and none overlaps another."""
        ends = 0
        for ranges, _ in self.spans:
            if len(ranges) > 1 or ranges[0][0] < ends:
                return False
            ends = ranges[0][1]
        return True


class _Builder:
    def __init__(self):
        self.text = ""
        self.spans = []

    def add(self, text, label=None):
        start = len(self.text)
        self.text += text
        if label:
            self.spans.append((((start, len(self.text)),), label))
        return start, len(self.text)

    def case(self):
        borders = {place for ranges, _ in self.spans for range in ranges for place in range}
        tokens: list[tuple[int, int]] = []
        start = None
        for place, mark in enumerate(self.text + " "):
            if start is not None and (mark in " \t\r\n" or place in borders):
                tokens.append((start, place))
                start = None
            if start is None and mark not in " \t\r\n":
                start = place
        spans = sorted(self.spans, key=lambda span: (span[0][0][0], -span[0][-1][1], span[1]))
        return Case(self.text, tuple(spans), tuple(tokens))


def _plain(build, choose):
    build.add(choose(PEOPLE), "PER")
    build.add(" went to ")
    build.add(choose(PLACES), "LOC")


def _touching(build, choose):
    build.add("from ")
    build.add(choose(PLACES), "LOC")
    build.add(choose(PLACES), "LOC")
    build.add("/")
    build.add(choose(ORGANISATIONS), "ORG")


def _nested(build, choose):
    build.add("the ")
    start, _ = build.add("University of ")
    _, end = build.add(choose(PLACES), "LOC")
    build.spans.append((((start, end),), "ORG"))
    build.add(" in  1999")


def _overlapping(build, choose):
    start, _ = build.add(choose(PEOPLE))
    build.add(" and ")
    middle, end = build.add(choose(PEOPLE))
    build.add(" of ")
    _, last = build.add(choose(ORGANISATIONS))
    build.spans += [(((start, end),), "GROUP"), (((middle, last),), "PER")]


def _discontinuous(build, choose):
    first = build.add("left")
    build.add(" and ")
    second = build.add("right 🫁")
    build.add(" ")
    last = build.add("lung")
    build.spans += [((first, last), "ANATOMY"), (((second[0], last[1]),), "ANATOMY")]
    build.add(" in ")
    build.add(choose(PLACES), "LOC")


def _same_range(build, choose):
    start, end = build.add(choose(PLACES), "LOC")
    build.spans.append((((start, end),), "GPE"))
    build.add(" voted")


def _nothing(build, choose):
    build.add("nothing to  see 🙈 here")


def _lines(build, choose):
    build.add("Line one\r\n")
    build.add(choose(PEOPLE), "PER")
    build.add("\r\n\r\n\tlives in ")
    build.add(choose(PLACES), "LOC")


PATTERNS = (_plain, _touching, _nested, _overlapping, _discontinuous, _same_range, _nothing, _lines)


def make_corpus(number=150, seed=13):
    """Return the texts; every pattern comes again after eight."""
    choose = random.Random(seed).choice
    cases = []
    for place in range(number):
        build = _Builder()
        build.add(choose(OPENINGS))
        PATTERNS[place % len(PATTERNS)](build, choose)
        build.add(choose(ENDS))
        cases.append(build.case())
    return cases


CORPUS = make_corpus()
