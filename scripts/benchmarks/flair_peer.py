"""flair as a peer: its BiLSTM-CRF, of our widths or as it is by default."""

from __future__ import annotations

import logging
import sys
import time
import warnings
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from corpus import Corpus
from devices import wait_for
from peer import ARCHITECTURE, BATCH_SIZE, Sentence, Training

from tagger.examples import Example
from tagger.schemes import LabelScheme, labels_to_spans


class Flair:
    """flair's SequenceTagger: embeddings of words, a character LSTM, one BiLSTM, a CRF.

    Args:
        threads: those of torch, which are reported.
        device: where it computes.
        by_default: whether widths, optimiser and batches are its own (300 and 50, 2 x 256; SGD, 32 sentences), with
            its trained projection of the embeddings, instead of :data:`ARCHITECTURE`. Either way words and characters
            are those of the corpus: what it would download is pretrained.
    """

    name = "flair"
    enough = 150
    uses_gpu = True

    def __init__(self, threads: int, device: str = "cpu", *, by_default: bool = False) -> None:
        import torch

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # those of what it imports
            import flair
        logging.getLogger("flair").setLevel(logging.ERROR)
        flair.device = torch.device(device)  # it would take a GPU wherever there is one
        self._flair = flair
        self._device = device
        self.threads = threads
        self._by_default = by_default

    def train(self, corpus: Corpus, *, epochs: int) -> Training:
        """Train by flair's own trainer without a dev split, where the architecture is ours with Adam."""
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
        widths, of_tagger, of_trainer = self._options()
        words = OneHotEmbeddings.from_corpus(data, min_freq=1, **widths["words"])
        self._tagger = SequenceTagger(
            StackedEmbeddings([words, CharacterEmbeddings(characters, **widths["characters"])]),
            data.make_label_dictionary("label", add_unk=False),
            "label",
            **of_tagger,
        )
        clock = Clock()
        with TemporaryDirectory() as folder, redirect_stdout(sys.stderr), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ModelTrainer(self._tagger, data).train(
                folder,
                max_epochs=epochs,
                save_final_model=False,
                create_file_logs=False,
                create_loss_file=False,
                plugins=[clock],
                **of_trainer,
            )
        seconds = [end - start for start, end in zip(clock.begins, clock.ends, strict=True)]
        return Training(seconds, time.perf_counter() - begin)

    def _options(self) -> tuple[dict[str, dict[str, int]], dict[str, Any], dict[str, Any]]:
        """Return those of its embeddings, of its tagger and of its trainer; none where they are its own."""
        import torch

        if self._by_default:
            return {"words": {}, "characters": {}}, {}, {}
        half = ARCHITECTURE.char_filters // 2
        return (
            {
                "words": {"embedding_length": ARCHITECTURE.word_dim},
                "characters": {"char_embedding_dim": half, "hidden_size_char": half},
            },
            {"hidden_size": ARCHITECTURE.hidden_dim, "reproject_embeddings": False},
            {
                "learning_rate": 2e-3,
                "optimizer": torch.optim.Adam,
                "mini_batch_size": BATCH_SIZE,
                "embeddings_storage_mode": "none",
            },
        )

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
