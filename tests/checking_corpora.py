"""Small corpora for tests of checks: a sentence a line, a word and its label with a slash between."""

from __future__ import annotations

from tagger.checking.corpus import ROLES, Corpus, Part
from tagger.examples import Example
from tagger.schemes import LabelScheme


def part_of(name: str, text: str, *, scheme: str = "iob2", document: str | None = None) -> Part:
    """Return a part; its sentences have the places ``name:1``, ``name:2``, ..."""
    examples: list[Example] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        pairs = [cell.rpartition("/")[::2] if "/" in cell else (cell, "O") for cell in line.split()]
        tokens, labels = zip(*pairs, strict=True)
        examples.append(Example(tokens, labels, document, f"{name}:{len(examples) + 1}"))
    role = next((role for role in ROLES if name.startswith(role)), None)
    labels_of = [example.labels or () for example in examples]
    return Part(name, role, examples, LabelScheme.parse(scheme), labels=labels_of)


def corpus_of(*, scheme: str = "iob2", **parts: str) -> Corpus:
    """Return a corpus of parts by their names, whose roles are the beginnings of these."""
    return Corpus(tuple(part_of(name, text, scheme=scheme) for name, text in parts.items()))
