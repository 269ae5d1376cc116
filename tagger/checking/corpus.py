"""Corpus: annotated sentences in parts, such as train and test, as the checks look at them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal, TypeAlias

from tagger.checking.findings import Finding
from tagger.examples import Example
from tagger.formats.places import token_origin
from tagger.schemes import LabelScheme, Notation, labels_to_spans
from tagger.spans import Span

Role: TypeAlias = Literal["train", "dev", "test"]
ROLES: Final[tuple[Role, ...]] = ("train", "dev", "test")


@dataclass(frozen=True)
class Part:
    """A part of a corpus: the files, or the split, of one argument.

    Attributes:
        name: what it is called: unique among the parts, and printable.
        role: what it is for; None where nothing tells.
        examples: its sentences as read, with labels as their files have them; unlabelled ones have None.
            ``origin`` says where each begins.
        scheme: of the labels, once they are read as conlleval reads them; None where no sentence has labels, or
            nothing tells what scheme they are in (a finding says so).
        notation: how labels are written.
        labels: of each sentence, in the usual notation of the scheme; not always legal. One sequence for each of
            ``examples``, empty for unlabelled sentences; empty altogether where ``scheme`` is None.
        why: why it is that scheme, in one sentence.
        texts: of each sentence, the text that its file says it is cut from, where it has both a text and tokens
            (CoNLL-U's ``# text``); None elsewhere, and empty altogether where there are none.
        files: the files it was read from, in order; empty for what is on the Hub.
    """

    name: str
    role: Role | None
    examples: Sequence[Example]
    scheme: LabelScheme | None = None
    notation: Notation = field(default_factory=Notation)
    labels: Sequence[Sequence[str]] = ()
    why: str = ""
    texts: Sequence[str | None] = ()
    files: tuple[str, ...] = ()

    @cached_property
    def spans(self) -> list[list[Span]]:
        """The spans of each sentence, read as conlleval reads them; all empty where labels have none."""
        if self.scheme is None or not self.scheme.has_spans:
            return [[] for _ in self.examples]
        return [labels_to_spans(labels, self.scheme) for labels in self.labels]

    def place(self, sentence: int, token: int = 0) -> str:
        """Return ``file:line`` of a token; looks into the file again, so ask only for what is shown."""
        return token_origin(self.examples[sentence], token)


@dataclass(frozen=True)
class Corpus:
    """Parts that belong together.

    Attributes:
        parts: in the order in which they were given.
        found: what was found while they were read.
    """

    parts: tuple[Part, ...]
    found: tuple[Finding, ...] = ()

    def of_role(self, *roles: Role) -> Iterator[Part]:
        """Yield the parts of any of some roles."""
        return (part for part in self.parts if part.role in roles)
