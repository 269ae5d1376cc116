"""Subject: the model and text that a page inspects, and limits on the pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tagger.api import Tagger
from tagger.examples import Example
from tagger.inspection.unit_names import UnitName
from tagger.schemes import LabelScheme

MAX_WORDS: Final = 40
"""Maximum words of the sentence in pictures."""

MAX_LABELS: Final = 20
"""Maximum labels in pictures."""


@dataclass(frozen=True)
class Corpus:
    """Annotated sentences, and the scheme of their labels."""

    examples: Sequence[Example]
    scheme: LabelScheme


@dataclass(frozen=True)
class Subject:
    """A tagger, the sentences of a text, and the sentence to inspect.

    Attributes:
        tagger: the tagger.
        sentences: the tokens of each sentence, at least one.
        chosen: index of the sentence to inspect, from 0.
        corpus: annotated sentences, for the views that need them.
        others: further models by name, for comparison of gradients.
        unit: the unit to follow step by step; None for the most active one.
    """

    tagger: Tagger
    sentences: Sequence[Sequence[str]]
    chosen: int = 0
    corpus: Corpus | None = None
    others: Mapping[str, Tagger] = field(default_factory=dict)
    unit: UnitName | None = None

    @property
    def tokens(self) -> tuple[str, ...]:
        """The words of the chosen sentence."""
        return tuple(self.sentences[self.chosen])

    @property
    def shown(self) -> range:
        """The positions of the words that pictures show."""
        return range(min(len(self.tokens), MAX_WORDS))

    @property
    def shown_words(self) -> list[str]:
        """The words that pictures show."""
        return [self.tokens[t] for t in self.shown]


def probability(value: float) -> str:
    """Return a probability with two decimals, or an empty string if it rounds to 0.

    >>> probability(0.996), probability(0.25), probability(0.0049)
    ('1.00', '.25', '')
    """
    text = f"{value:.2f}"
    return "" if text == "0.00" else text.removeprefix("0")
