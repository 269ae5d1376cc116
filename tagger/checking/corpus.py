"""Corpus: annotated sentences in parts, such as train and test, as input of the checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Final, Literal, TypeAlias

from tagger.checking.findings import MOST_PLACES, Finding
from tagger.checking.numbered import NumberedCorpus, numbered_corpus
from tagger.examples import Example
from tagger.formats.places import Places
from tagger.schemes import LabelScheme, Notation, labels_to_spans
from tagger.spans import Span

Role: TypeAlias = Literal["train", "dev", "test"]
ROLES: Final[tuple[Role, ...]] = ("train", "dev", "test")


@dataclass(frozen=True)
class Part:
    """A part of a corpus: the files, or the split, of one argument.

    Attributes:
        name: its name: unique among the parts, and printable.
        role: train, dev or test; None if unknown.
        examples: its sentences as read, with labels as written in their files; None for unlabelled ones. ``origin`` is
            where each begins.
        scheme: of the labels, read in the way of conlleval; None if no sentence has labels, or the scheme is unknown
            (which is a finding).
        notation: how labels are written.
        labels: of each sentence, in the usual notation of the scheme; not always legal. One sequence for each of
            ``examples``, empty for unlabelled sentences; empty altogether if ``scheme`` is None.
        why: the reason for the scheme, in one sentence.
        odd: labels that cannot belong to the scheme, as written, and what each is read as.
        files: the files it was read from, in order; empty for datasets on the Hub.
        places: finds the positions of tokens in files.
    """

    name: str
    role: Role | None
    examples: Sequence[Example]
    scheme: LabelScheme | None = None
    notation: Notation = field(default_factory=Notation)
    labels: Sequence[Sequence[str]] = ()
    why: str = ""
    odd: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    places: Places = field(default_factory=Places, repr=False, compare=False)

    @cached_property
    def spans(self) -> list[list[Span]]:
        """The spans of each sentence, read in the way of conlleval; all empty if labels have none."""
        if self.scheme is None or not self.scheme.has_spans:
            return [[] for _ in self.examples]
        return [labels_to_spans(labels, self.scheme) for labels in self.labels]

    @cached_property
    def words(self) -> Counter[str]:
        """The number of occurrences of each token."""
        return Counter(chain.from_iterable(example.tokens for example in self.examples))

    @cached_property
    def unusual_words(self) -> list[str]:
        """The tokens with a space or anything but printable ASCII."""
        return [word for word in self.words if not (word.isascii() and word.isprintable()) or " " in word]

    @cached_property
    def types(self) -> Counter[str]:
        """The number of spans of each type; for plain labels, the number of tokens."""
        if self.scheme is not None and not self.scheme.has_spans:
            return Counter(chain.from_iterable(self.labels))
        return Counter(span.label for spans in self.spans for span in spans)

    def place(self, sentence: int, token: int = 0) -> str:
        """Return ``file:line`` of a token; this reads the file, so call it only for tokens to show."""
        return self.places.of(self.examples[sentence], token)

    def occurrences(self, words: Set[str], most: int = MOST_PLACES) -> dict[str, list[tuple[int, int]]]:
        """Return the first occurrences of tokens, each as indices of sentence and token.

        Args:
            words: the tokens.
            most: maximum number of occurrences of each.
        """
        found: dict[str, list[tuple[int, int]]] = {}
        missing = set(words)
        for number, example in enumerate(self.examples):
            if missing.isdisjoint(example.tokens):
                continue
            for position, token in enumerate(example.tokens):
                if token in missing:
                    places = found.setdefault(token, [])
                    places.append((number, position))
                    if len(places) == most:
                        missing.discard(token)
        return found


@dataclass(frozen=True)
class Corpus:
    """Parts that belong together.

    Attributes:
        parts: in the order in which they were given.
        found: findings while they were read.
    """

    parts: tuple[Part, ...]
    found: tuple[Finding, ...] = ()

    def of_role(self, *roles: Role) -> Iterator[Part]:
        """Yield the parts with any of the roles."""
        return (part for part in self.parts if part.role in roles)

    @cached_property
    def numbered(self) -> NumberedCorpus:
        """All sentences as integer arrays, for checks that compare many of them."""
        return numbered_corpus(self.parts)
