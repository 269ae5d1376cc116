"""This project and the taggers it is compared with, under one protocol; each is imported when it is made.

All of them learn the same task from the same sentences: named entities (or other spans), or one label a token.
None of them has pretrained vectors.
"""

from __future__ import annotations

import csv
import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Final

from corpus import Corpus
from crf_features import crf_features
from flair_peer import Flair
from peer import ARCHITECTURE, BATCH_SIZE, Peer, Sentence, Training, iob2

from tagger.config import TaggerConfig
from tagger.metrics import score

OURS: Final = "tagger"
_EPOCHS_AT_MOST: Final = 50


class Ours:
    """This project: the training program of the recipes, and :class:`tagger.Tagger`.

    Args:
        threads: to compute with.
        device: where.
        model: the architecture.
        batch_size: sentences of a batch.
    """

    name = OURS
    enough = 300
    uses_gpu = True

    def __init__(
        self,
        threads: int,
        device: str = "cpu",
        *,
        model: TaggerConfig = ARCHITECTURE,
        batch_size: int = BATCH_SIZE,
    ) -> None:
        self.threads = threads
        self.model = model
        self.batch_size = batch_size
        self._device = device

    def train(self, corpus: Corpus, *, epochs: int) -> Training:
        """Run the program that the recipes run, dev scores and checkpoints included, in a folder of its own."""
        from tagger import Tagger
        from tagger.training import DataConfig, RunConfig, Splits, train

        begin = time.perf_counter()
        with TemporaryDirectory() as folder:
            run = RunConfig(
                output=folder,
                data=DataConfig(unseen_labels="wrong"),  # as few sentences as these may not have all labels
                model=self.model,
                epochs=epochs,
                batch_size=self.batch_size,
                accelerator="gpu" if self._device == "cuda" else "cpu",
                threads=self.threads,
                progress=False,
                overwrite=True,
            )
            trained = train(run, splits=Splits(train=corpus.train, dev=corpus.held_out))
            self.tagger = Tagger(trained.parts, device=self._device, threads=self._tagging_threads)
            whole = time.perf_counter() - begin
            with (Path(folder) / "logs" / "metrics.csv").open(encoding="utf-8", newline="") as log:
                speeds = [row["tokens_per_second"] for row in csv.DictReader(log)]
        num_tokens = sum(len(example.tokens) for example in corpus.train)
        return Training([num_tokens / float(speed) for speed in speeds if speed], whole)

    @property
    def _tagging_threads(self) -> int:
        return self.threads if self._device == "cpu" else 1

    def tag(self, sentences: Sequence[Sentence]) -> list[list[str]]:
        """Return the labels that :meth:`tagger.Tagger.tag` gives."""
        return self.tagger.tag(sentences)

    def save(self, folder: Path) -> None:
        """Write a model folder."""
        self.tagger.save(folder)

    def cold_start(self, folder: Path, sentence: Sentence) -> str:
        """Return a program that prints the labels."""
        return f"""
from tagger import Tagger
tagger = Tagger.load({str(folder)!r}, device={self._device!r}, threads={self._tagging_threads})
print(tagger.tag([{list(sentence)!r}]))"""


class CRFsuite:
    """python-crfsuite, a CRF in C++, with hand-made features: words, shapes and affixes in a window of two."""

    name = "python-crfsuite"
    enough = 50
    uses_gpu = False
    threads = 1  # whatever is asked for

    def __init__(self, threads: int, device: str = "cpu") -> None:
        import pycrfsuite

        self._crfsuite = pycrfsuite

    def train(self, corpus: Corpus, *, epochs: int) -> Training:
        """Train by L-BFGS, whose iterations count as epochs."""
        begin = time.perf_counter()
        trainer = self._crfsuite.Trainer(verbose=False)
        trainer.set_params({"c1": 0.0, "c2": 1.0, "max_iterations": epochs})
        for example in corpus.train:
            trainer.append(crf_features(example.tokens), iob2(example, corpus.scheme))
        with TemporaryDirectory() as folder:
            path = Path(folder) / "model.crfsuite"
            trainer.train(str(path))
            self._model = path.read_bytes()  # kept: the tagger may read from it
        iterations = [float(iteration["time"]) for iteration in trainer.logparser.iterations]
        self._tagger = self._crfsuite.Tagger()
        self._tagger.open_inmemory(self._model)
        return Training(iterations, time.perf_counter() - begin)

    def tag(self, sentences: Sequence[Sentence]) -> list[list[str]]:
        """Return the labels; making the features is a part of the work."""
        return [self._tagger.tag(crf_features(sentence)) for sentence in sentences]

    def save(self, folder: Path) -> None:
        """Write the model's file."""
        (folder / "model.crfsuite").write_bytes(self._model)

    def cold_start(self, folder: Path, sentence: Sentence) -> str:
        """Return a program that prints the labels."""
        return f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import pycrfsuite
from crf_features import crf_features
tagger = pycrfsuite.Tagger()
tagger.open({str(folder / "model.crfsuite")!r})
print(tagger.tag(crf_features({list(sentence)!r})))"""


class SpaCy:
    """spaCy's entity recognizer, or its tagger, on its own CNN, with the settings of ``nlp.add_pipe``."""

    name = "spacy"
    enough = 150
    uses_gpu = False  # not without cupy, which the extra does not bring
    threads = 1  # whatever is asked for

    def __init__(self, threads: int, device: str = "cpu") -> None:
        import spacy

        self._spacy = spacy

    def train(self, corpus: Corpus, *, epochs: int) -> Training:
        """Train the component by ``nlp.update``, as spaCy's own program does."""
        from spacy.tokens import Doc
        from spacy.training import Example as SpacyExample
        from spacy.util import minibatch

        begin = time.perf_counter()
        self._has_spans = corpus.scheme.has_spans
        nlp = self._spacy.blank("en")
        nlp.add_pipe("ner" if self._has_spans else "tagger")
        examples = []
        for example in corpus.train:
            words = list(example.tokens)
            gold = {"ents" if self._has_spans else "tags": iob2(example, corpus.scheme)}
            examples.append(SpacyExample(Doc(nlp.vocab, words=words), Doc(nlp.vocab, words=words, **gold)))
        optimizer = nlp.initialize(lambda: examples)
        generator = random.Random(1)
        seconds = []
        for _ in range(epochs):
            start = time.perf_counter()
            generator.shuffle(examples)
            for batch in minibatch(examples, BATCH_SIZE):
                nlp.update(batch, drop=0.1, sgd=optimizer)
            seconds.append(time.perf_counter() - start)
        self._nlp = nlp
        return Training(seconds, time.perf_counter() - begin)

    def tag(self, sentences: Sequence[Sentence]) -> list[list[str]]:
        """Return the labels of documents that are made from the tokens."""
        from spacy.tokens import Doc

        docs = self._nlp.pipe(Doc(self._nlp.vocab, words=list(sentence)) for sentence in sentences)
        if not self._has_spans:
            return [[token.tag_ for token in doc] for doc in docs]
        return [
            [f"{token.ent_iob_}-{token.ent_type_}" if token.ent_type_ else "O" for token in doc]
            for doc in docs
        ]

    def save(self, folder: Path) -> None:
        """Write the pipeline."""
        self._nlp.to_disk(folder)

    def cold_start(self, folder: Path, sentence: Sentence) -> str:
        """Return a program that prints the labels."""
        return f"""
import spacy
from spacy.tokens import Doc
nlp = spacy.load({str(folder)!r})
print([(token.ent_type_, token.tag_) for token in nlp(Doc(nlp.vocab, words={list(sentence)!r}))])"""


_PEERS: Final[Mapping[str, type[CRFsuite] | type[SpaCy] | type[Flair]]] = MappingProxyType(
    {peer.name: peer for peer in (CRFsuite, SpaCy, Flair)}
)

# flair wants older versions of what the trainer reads datasets with, so it has an extra and an environment of its own.
_EXTRAS: Final = MappingProxyType(dict.fromkeys(_PEERS, "bench") | {Flair.name: "bench-flair"})


def installed_peers(
    threads: int,
    names: Sequence[str] | None = None,
    *,
    device: str = "cpu",
    ours: Ours | None = None,
    by_default: bool = False,
) -> tuple[list[Peer], list[str]]:
    """Return this project and those it is compared with, and what a table says of those that are left out.

    Args:
        threads: what they compute with, as far as it can be set.
        names: which to compare with; all if left out.
        device: where they compute, cpu or cuda.
        ours: this project; with the architecture that flair can have if left out.
        by_default: whether flair has the settings that are its own, as the others always have.
    """
    peers: list[Peer] = [ours or Ours(threads, device)]
    missing = []
    for name, make in _PEERS.items():
        if names is not None and name not in names:
            continue
        if device != "cpu" and not make.uses_gpu:
            missing.append(f"{name} (left out: computes on the processor only)")
            continue
        try:
            peers.append(
                Flair(threads, device, by_default=by_default) if make is Flair else make(threads, device)
            )
        except ImportError:
            missing.append(f"{name} (not installed: extra {_EXTRAS[name]})")
    return peers, missing


def peer_names() -> list[str]:
    """Return what may be compared with."""
    return list(_PEERS)


def train_enough(peer: Peer, corpus: Corpus, *, share: float = 1.0) -> Training:
    """Train a peer until its model is fit to be measured.

    Args:
        peer: whom.
        corpus: what it learns.
        share: of the steps that are enough; less is quicker, and the model worse.
    """
    steps = 1 if isinstance(peer, CRFsuite) else len(corpus.train) / BATCH_SIZE
    epochs = min(peer.enough / steps, _EPOCHS_AT_MOST)
    return peer.train(corpus, epochs=math.ceil(share * epochs))


def held_out_score(tag: Callable[[Sequence[Sentence]], Sequence[Sequence[str]]], corpus: Corpus) -> float:
    """Return the F1 of spans, or the accuracy, of who tags the held-out sentences, in percent."""
    predicted = tag([example.tokens for example in corpus.held_out])
    return 100 * score(corpus.held_out, predicted, corpus.scheme).value
