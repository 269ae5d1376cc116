"""Peer: a tagger that benchmarks train and use under one protocol, and the architecture that they all can have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from corpus import Corpus

from tagger.config import TaggerConfig
from tagger.examples import Example
from tagger.network.shapes import weight_shapes
from tagger.schemes import LabelScheme, convert_labels

ARCHITECTURE: Final = TaggerConfig(
    char_filters=50, casing_dim=0, affixes=(), affix_dim=0, hidden_dim=200, wide_features=False
)
"""Words 100 and characters 50 wide, one BiLSTM of 2 x 200, a CRF: what flair can be given too."""
BATCH_SIZE: Final = 32
"""Sentences of a batch, of all who have batches, where the architecture is the same."""

Sentence = Sequence[str]


@dataclass(frozen=True)
class Training:
    """How long training took.

    Attributes:
        epochs: seconds of the steps of each epoch.
        whole: seconds of everything, from the sentences to a model that tags.
    """

    epochs: list[float]
    whole: float


class Peer(Protocol):
    """A tagger that can be trained and used."""

    name: str
    enough: int
    """Steps of 32 sentences (CRFsuite: of all sentences) after which its throw-away model is no broken one."""
    uses_gpu: bool
    """Whether it can compute on a CUDA device."""
    threads: int
    """It computes with."""

    def train(self, corpus: Corpus, *, epochs: int) -> Training:
        """Learn from scratch from ``corpus.train``; what is learned is a throw-away model."""

    def tag(self, sentences: Sequence[Sentence]) -> list[list[str]]:
        """Return one label per token: IOB2 for labels with spans."""

    def save(self, folder: Path) -> None:
        """Write the model to an empty folder."""

    def cold_start(self, folder: Path, sentence: Sentence) -> str:
        """Return the Python program that loads the model of a folder and tags one sentence."""


def input_dim(model: TaggerConfig) -> int:
    """Return the width of what the first recurrent layer reads."""
    shapes = weight_shapes(model, num_words=1, num_characters=1, num_labels=1)
    return next(shape[-1] for name, shape in shapes.items() if name.endswith("input_weights"))


def iob2(example: Example, scheme: LabelScheme) -> list[str]:
    """Return the labels, in IOB2 where they have spans."""
    labels = example.labels or ()
    return list(convert_labels(labels, scheme, LabelScheme.IOB2) if scheme.has_spans else labels)
