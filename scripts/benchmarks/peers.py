"""This project and the taggers it is compared with, under one protocol; each is imported when it is made.

All of them learn the same task from the same sentences: named entities (or other spans), or one label a token.
None of them has pretrained vectors.
"""

from __future__ import annotations

import csv
import logging
import math
import random
import sys
import time
import warnings
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any, Final, Protocol

from corpus import Corpus
from crf_features import crf_features
from devices import wait_for

from tagger.config import TaggerConfig
from tagger.examples import Example
from tagger.metrics import score
from tagger.schemes import LabelScheme, convert_labels, labels_to_spans

ARCHITECTURE: Final = TaggerConfig(
    char_filters=50, casing_dim=0, affixes=(), affix_dim=0, wide_features=False
)
"""Words 100 and characters 50 wide, one BiLSTM of 2 x 200, a CRF: what flair can be given too."""
INPUT_DIM: Final = ARCHITECTURE.word_dim + ARCHITECTURE.char_filters
OURS: Final = "tagger"
BATCH_SIZE: Final = 32
_EPOCHS_AT_MOST: Final = 50

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


class Ours:
    """This project: the training program of the recipes, and :class:`tagger.Tagger`."""

    name = OURS
    enough = 300
    uses_gpu = True

    def __init__(self, threads: int, device: str = "cpu") -> None:
        self.threads = threads
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
                model=ARCHITECTURE,
                epochs=epochs,
                batch_size=BATCH_SIZE,
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


class Flair:
    """flair's SequenceTagger: embeddings of words, a character LSTM, one BiLSTM, a CRF, of our widths."""

    name = "flair"
    enough = 150
    uses_gpu = True

    def __init__(self, threads: int, device: str = "cpu") -> None:
        import torch

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # those of what it imports
            import flair
        logging.getLogger("flair").setLevel(logging.ERROR)
        flair.device = torch.device(device)  # it would take a GPU wherever there is one
        self._flair = flair
        self._device = device
        self.threads = threads  # torch's, which is told

    def train(self, corpus: Corpus, *, epochs: int) -> Training:
        """Train by flair's own trainer, with Adam and without a dev split."""
        import torch
        from flair.data import Corpus as FlairCorpus
        from flair.data import Dictionary
        from flair.datasets import FlairDatapointDataset
        from flair.embeddings import CharacterEmbeddings, OneHotEmbeddings, StackedEmbeddings
        from flair.models import SequenceTagger
        from flair.trainers import ModelTrainer
        from flair.trainers.plugins import TrainerPlugin

        class Clock(TrainerPlugin):  # type: ignore[misc]
            """Notes when epochs begin, and when the last of their steps is done."""

            def __init__(self) -> None:
                super().__init__()
                self.begins: list[float] = []
                self.ends: list[float] = []

            @TrainerPlugin.hook  # type: ignore[untyped-decorator]
            def before_training_epoch(self, **_: object) -> None:
                self.begins.append(time.perf_counter())

            @TrainerPlugin.hook  # type: ignore[untyped-decorator]
            def after_training_epoch(self, **_: object) -> None:
                wait_for(device)
                self.ends.append(time.perf_counter())

        device = self._device
        begin = time.perf_counter()
        self._flair.set_seed(1)
        sentences = [self._labelled(example, corpus.scheme) for example in corpus.train]
        data = FlairCorpus(
            train=FlairDatapointDataset(sentences), sample_missing_splits=False, name="throw-away"
        )
        characters = Dictionary()
        for char in sorted({char for example in corpus.train for token in example.tokens for char in token}):
            characters.add_item(char)
        words = OneHotEmbeddings.from_corpus(data, embedding_length=ARCHITECTURE.word_dim, min_freq=1)
        half = ARCHITECTURE.char_filters // 2
        self._tagger = SequenceTagger(
            StackedEmbeddings([words, CharacterEmbeddings(characters, half, half)]),
            data.make_label_dictionary("label", add_unk=False),
            "label",
            hidden_size=ARCHITECTURE.hidden_dim,
            reproject_embeddings=False,
        )
        clock = Clock()
        with TemporaryDirectory() as folder, redirect_stdout(sys.stderr), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ModelTrainer(self._tagger, data).train(
                folder,
                learning_rate=2e-3,
                optimizer=torch.optim.Adam,
                mini_batch_size=BATCH_SIZE,
                max_epochs=epochs,
                embeddings_storage_mode="none",
                save_final_model=False,
                create_file_logs=False,
                create_loss_file=False,
                plugins=[clock],
            )
        seconds = [end - start for start, end in zip(clock.begins, clock.ends, strict=True)]
        return Training(seconds, time.perf_counter() - begin)

    def _labelled(self, example: Example, scheme: LabelScheme) -> Any:
        """Return a sentence of flair's, with its labels."""
        sentence = self._flair.data.Sentence(list(example.tokens))
        labels = example.labels or ()
        if scheme.has_spans:
            for span in labels_to_spans(labels, scheme):
                sentence[span.start : span.end].add_label("label", span.label)
        else:
            for token, label in zip(sentence, labels, strict=True):
                token.add_label("label", label)
        return sentence

    def tag(self, sentences: Sequence[Sentence]) -> list[list[str]]:
        """Return the labels of sentences that are made from the tokens."""
        tagged = [self._flair.data.Sentence(list(sentence)) for sentence in sentences]
        self._tagger.predict(tagged)
        if not self._tagger.predict_spans:
            return [[token.get_label("label").value for token in sentence] for sentence in tagged]
        result = []
        for sentence in tagged:
            labels = ["O"] * len(sentence)
            for span in sentence.get_spans("label"):
                for token in span:
                    labels[token.idx - 1] = f"{'B' if token is span[0] else 'I'}-{span.tag}"
            result.append(labels)
        return result

    def save(self, folder: Path) -> None:
        """Write the model's file."""
        self._tagger.save(folder / "model.pt")

    def cold_start(self, folder: Path, sentence: Sentence) -> str:
        """Return a program that prints the labels."""
        return f"""
import flair, torch
flair.device = torch.device({self._device!r})
from flair.data import Sentence
from flair.models import SequenceTagger
tagger = SequenceTagger.load({str(folder / "model.pt")!r})
sentence = Sentence({list(sentence)!r})
tagger.predict(sentence)
print(sentence.to_tagged_string())"""


_PEERS: Final[Mapping[str, type[CRFsuite] | type[SpaCy] | type[Flair]]] = MappingProxyType(
    {peer.name: peer for peer in (CRFsuite, SpaCy, Flair)}
)

# flair wants older versions of what the trainer reads datasets with, so it has an extra and an environment of its own.
_EXTRAS: Final = MappingProxyType(dict.fromkeys(_PEERS, "bench") | {Flair.name: "bench-flair"})


def installed_peers(
    threads: int, names: Sequence[str] | None = None, *, device: str = "cpu"
) -> tuple[list[Peer], list[str]]:
    """Return this project and those it is compared with, and what a table says of those that are left out.

    Args:
        threads: what they compute with, as far as they can be told.
        names: which to compare with; all if left out.
        device: where they compute, cpu or cuda.
    """
    peers: list[Peer] = [Ours(threads, device)]
    missing = []
    for name, make in _PEERS.items():
        if names is not None and name not in names:
            continue
        if device != "cpu" and not make.uses_gpu:
            missing.append(f"{name} (left out: computes on the processor only)")
            continue
        try:
            peers.append(make(threads, device))
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


def iob2(example: Example, scheme: LabelScheme) -> list[str]:
    """Return the labels, in IOB2 where they have spans."""
    labels = example.labels or ()
    return list(convert_labels(labels, scheme, LabelScheme.IOB2) if scheme.has_spans else labels)


def held_out_score(peer: Peer, corpus: Corpus) -> float:
    """Return a trained peer's F1 of spans, or accuracy, on the held-out sentences, in percent."""
    predicted = peer.tag([example.tokens for example in corpus.held_out])
    return 100 * score(corpus.held_out, predicted, corpus.scheme).value
