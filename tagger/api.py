"""Tagger: load a model, label sentences, save it again.

Letters: B sentences, T tokens of the longest, L labels.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from tagger.averages import average_parts
from tagger.config import TaggerConfig
from tagger.documents import CONSISTENCY, DOCUMENT_TOKENS
from tagger.errors import DataError, UsageError
from tagger.inference.consistency import DocumentConsistency
from tagger.inference.description import describe
from tagger.inference.lookahead import (
    BATCH_TOKENS,
    CACHE_MEGABYTES,
    NBEST_LOOKAHEAD,
    Documents,
    Lookahead,
    Sentence,
    Units,
    lookaheads_by_sentences,
    lookaheads_by_tokens,
)
from tagger.inference.reported_labels import ReportedLabels
from tagger.inference.runner import batch_threads, make_runner, run
from tagger.inference.scores import BatchScores, Decode, checked_decode
from tagger.inference.stretches import stretch_of_span, stretches_of
from tagger.inference.tagging_options import checked_options
from tagger.inference.withholding import checked_thresholds
from tagger.model_parts import ModelParts
from tagger.options import positive_integer
from tagger.prediction import Entities, Predictions, Stretch, entities
from tagger.prediction import Prediction as Prediction
from tagger.schemes import LabelScheme
from tagger.spans import Span
from tagger.storage import load_model, save_model
from tagger.text import Lines, NamedSegmenter, get_segmenter, windows, with_lines

Result = TypeVar("Result")
_Ask = Callable[[BatchScores], Sequence[Result]]


class Tagger:
    """A trained model, ready to label sentences.

    Made by :meth:`load` or by :func:`tagger.training.train`. A prediction depends on its own sentence alone, or on its
    own document, not on what else is in the call: its labels, and its probabilities but for rounding in float32 (some
    2e-6). Results come in the order of the input; the input is never changed. Probabilities are those at the
    temperature that the model folder holds, if it was calibrated (``tagger calibrate``).

    Methods that take sentences take ``documents`` too: for each sentence the id of its document, or None for a sentence
    alone, as all are if ``documents`` is left out. Where labels have spans, other occurrences of a word in its document
    are then evidence of what it is (:mod:`tagger.inference.consistency`). The sentences of a document stand side by
    side: one that comes again after others is a :class:`~tagger.errors.DataError`, and so are more or fewer documents
    than sentences.

    On the CPU the model runs in NumPy; on another device in PyTorch, which is then imported.

    A tagger is a value that never changes. Threads may share it; a forked process may go on with it; a copy and what
    was pickled hold the model and the options, and begin with empty caches. Two of them are equal if they are one.

    Args:
        parts: the model and what belongs to it.
        device: where the model runs.
        batch_tokens: tokens that are computed at once; more takes more memory.
        cache_megabytes: memory for what is kept of words from call to call, since words repeat: their vectors and their
            LSTM input projections. On the CPU.
        threads: batches that are computed side by side; more than one pays for many sentences at once. On the CPU.
        document_consistency: how much other occurrences of a word in its document count; 0 for not at all. Documents
            are then of no concern, as they are where labels have no spans.
        document_tokens: tokens of a document that are looked at together; of a longer one a part of whole sentences at
            a time.

    Raises:
        MissingExtraError: if the device is not the CPU and torch is not installed.
        UsageError: if an option makes no sense here.
    """

    def __init__(
        self,
        parts: ModelParts,
        *,
        device: str = "cpu",
        batch_tokens: int = BATCH_TOKENS,
        cache_megabytes: int = CACHE_MEGABYTES,
        threads: int = 1,
        document_consistency: float = CONSISTENCY,
        document_tokens: int = DOCUMENT_TOKENS,
    ) -> None:
        self._parts: Final = parts
        self._options: Final = checked_options(
            device=device,
            batch_tokens=batch_tokens,
            cache_megabytes=cache_megabytes,
            threads=threads,
            document_consistency=document_consistency,
            document_tokens=document_tokens,
        )
        weight = self._options["document_consistency"]
        scheme = LabelScheme.parse(parts.config.scheme)
        self._reported_labels: Final = ReportedLabels(parts.labels.items, scheme)
        self._consistency: Final = (
            DocumentConsistency(parts.labels.items, scheme, weight=weight)
            if weight > 0 and scheme.has_spans
            else None
        )
        self._part_tokens: Final = self._options["document_tokens"] if self._consistency else 0
        cache_bytes = self._options["cache_megabytes"] * 2**20
        self._runner: Final = make_runner(parts, self._options["device"], cache_bytes=cache_bytes)
        self._segmenter: NamedSegmenter | None = None

    @classmethod
    def load(
        cls,
        folder: str | Path,
        *,
        device: str = "cpu",
        batch_tokens: int = BATCH_TOKENS,
        cache_megabytes: int = CACHE_MEGABYTES,
        threads: int = 1,
        document_consistency: float = CONSISTENCY,
        document_tokens: int = DOCUMENT_TOKENS,
    ) -> Tagger:
        """Read a model folder.

        Args:
            folder: the folder itself, such as ``runs/ner/model``; never a name to download.
            device: as for the class.
            batch_tokens: likewise.
            cache_megabytes: likewise.
            threads: likewise.
            document_consistency: likewise.
            document_tokens: likewise.

        Raises:
            MissingExtraError: if the device is not the CPU and torch is not installed.
            ModelError: if the folder is no model, is damaged, or is of a newer format.
            UsageError: if an option makes no sense here.
        """
        return cls(
            load_model(Path(folder)),
            device=device,
            batch_tokens=batch_tokens,
            cache_megabytes=cache_megabytes,
            threads=threads,
            document_consistency=document_consistency,
            document_tokens=document_tokens,
        )

    def save(self, folder: str | Path, *, card: str | None = None, weights: str | None = None) -> None:
        """Write the model to a folder; a model already there is replaced in one step.

        Args:
            folder: absent, empty, or a model folder.
            card: the text of the model card, ``README.md``; if left out, that of the folder that the model was read
                from, or of its training run.
            weights: how to store them: ``float32``, or ``float16`` for half the size; if left out, as the folder did
                that the model was read from.

        Raises:
            ModelError: if the folder holds something else, or cannot be written, or a weight is too large for float16.
            UsageError: if ``weights`` is something else.
        """
        save_model(self._parts, Path(folder), card=card, stored_as=weights)

    @classmethod
    def from_pretrained(
        cls,
        name: str,
        *,
        revision: str | None = None,
        token: str | bool | None = None,
        cache_folder: str | os.PathLike[str] | None = None,
        device: str = "cpu",
        batch_tokens: int = BATCH_TOKENS,
        cache_megabytes: int = CACHE_MEGABYTES,
        threads: int = 1,
        document_consistency: float = CONSISTENCY,
        document_tokens: int = DOCUMENT_TOKENS,
    ) -> Tagger:
        """Read a model of the Hugging Face Hub, downloaded into the cache of the Hub's library if it is not there yet.

        What is read is checked as :meth:`load` checks it. ``HF_TOKEN``, ``HF_HOME`` and ``HF_HUB_OFFLINE`` mean what
        they mean to the library.

        Args:
            name: of the repository, such as ``org/name``; never a folder, which :meth:`load` reads.
            revision: branch, tag or whole commit; the main branch if left out. Only a commit is always the same model.
            token: for a private or gated model; that of ``HF_TOKEN`` or ``hf auth login`` if left out, none if False.
            cache_folder: in place of the library's own.
            device: as for the class.
            batch_tokens: likewise.
            cache_megabytes: likewise.
            threads: likewise.
            document_consistency: likewise.
            document_tokens: likewise.

        Raises:
            HubError: if there is no such model, no access to it, or no answer from the Hub and no copy in the cache.
            MissingExtraError: if huggingface_hub is not installed; or torch, and the device is not the CPU.
            ModelError: if the model is damaged, or is of a newer format.
            UsageError: if it is no name of a repository, or an option makes no sense here.
        """
        from tagger.integrations.hub import pull_model

        return cls(
            pull_model(name, revision=revision, token=token, cache_folder=cache_folder),
            device=device,
            batch_tokens=batch_tokens,
            cache_megabytes=cache_megabytes,
            threads=threads,
            document_consistency=document_consistency,
            document_tokens=document_tokens,
        )

    def push_to_hub(
        self,
        name: str,
        *,
        private: bool | None = None,
        revision: str | None = None,
        token: str | bool | None = None,
        commit_message: str = "Push a tagger model",
        license: str | None = None,
        language: str | Sequence[str] | None = None,
    ) -> str:
        """Write the model to the Hugging Face Hub, in one commit, and return the commit's address.

        The repository is made if there is none. Of one that is there, files of an earlier model that this one does not
        have are deleted in the same commit; all else stays. The model card gets metadata that the Hub reads: the scores
        of the training run, and what is given here.

        Args:
            name: of the repository, such as ``org/name``.
            private: whether a new repository is private; as the account has it if left out. One that is there must be
                so already.
            revision: branch to write to, made from main if there is none; main if left out.
            token: with the right to write; that of ``HF_TOKEN`` or ``hf auth login`` if left out.
            commit_message: first line of the commit.
            license: of the model, as the Hub abbreviates it, such as ``mit``; not said if left out.
            language: of the texts it is for, by ISO 639 code, such as ``en``, or several; not said if left out.

        Raises:
            HubError: if the Hub refuses or does not answer, or the repository is public where it must be private.
            MissingExtraError: if huggingface_hub is not installed.
            ModelError: if the model cannot be written, or the metadata of its card cannot be read.
            UsageError: if it is no name of a repository, or an option makes no sense.
        """
        from tagger.integrations.hub import push_model

        return push_model(
            self,
            name,
            private=private,
            revision=revision,
            token=token,
            commit_message=commit_message,
            license=license,
            language=language,
        )

    @classmethod
    def average(cls, taggers: Iterable[Tagger]) -> Tagger:
        """Return one tagger on the mean of the scores of several: a CRF like each of them, as exact (tagger.averages).

        It takes the time and the memory of all of them, runs as the first one does (device and other options), and has
        no temperature or thresholds: those of its members are of their own probabilities.

        Args:
            taggers: 2 to 16 single models, with the same labels, scheme and segmenter. Architectures, vocabularies and
                vectors may differ.

        Raises:
            UsageError: if they are no such models.
        """
        members = list(taggers)
        for number, member in enumerate(members, start=1):
            if not isinstance(member, Tagger):
                raise UsageError(
                    f"average: expected taggers, found the {type(member).__name__} number {number}"
                )
        parts = average_parts([member.parts for member in members])
        from tagger.integrations.average_card import average_card

        tagger = cls(parts, **members[0]._options)
        return cls(replace(parts, card=average_card(tagger).encode()), **members[0]._options)

    def __repr__(self) -> str:
        return f"<Tagger: {describe(self._parts, self.labels, self._options['device'])}>"

    def __getstate__(self) -> dict[str, Any]:
        return {"parts": self._parts, **self._options}

    def __setstate__(self, state: dict[str, Any]) -> None:
        Tagger.__init__(self, **state)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels the tagger reports, in the order of :meth:`marginals`."""
        return self._reported_labels.labels

    @property
    def scheme(self) -> LabelScheme:
        """The scheme of the reported labels: IOB2, or NONE for labels without spans."""
        return self._reported_labels.scheme

    @property
    def config(self) -> TaggerConfig:
        """The architecture; of an average that of its first member."""
        return self._parts.config

    @property
    def thresholds(self) -> dict[str, float]:
        """The thresholds of the probability of spans that the model folder holds, by type, for :meth:`predict`.

        None unless ``tagger evaluate --store`` has stored some.
        """
        return dict(self._parts.thresholds)

    @property
    def reads_documents(self) -> bool:
        """Whether an answer depends on the other sentences of its document, so that ``documents`` matter."""
        return self._consistency is not None

    @property
    def parts(self) -> ModelParts:
        """The network and what belongs to it, to look inside (:mod:`tagger.inspection`); not to be changed."""
        return self._parts

    def in_vocabulary(self, word: str) -> bool:
        """Return whether a word, as the model normalises it, occurred in training, of an average that of any member."""
        return any(member.featurizer.in_vocabulary(word) for member in self._parts.members)

    def tag(
        self,
        sentences: Iterable[Sentence],
        *,
        documents: Documents | None = None,
        decode: Decode = "viterbi",
    ) -> list[list[str]]:
        """Return one label per token of every sentence.

        Args:
            sentences: tokens of each sentence; an empty sentence gives an empty list.
            documents: id of the document of each sentence, or None.
            decode: ``viterbi`` for the most probable sequence, ``posterior`` for the legal sequence with the most
                labels expected right, counted in the scheme the model works with inside.
        """
        return list(self.stream_labels(sentences, documents=documents, decode=decode))

    def predict(
        self,
        sentences: Iterable[Sentence],
        *,
        documents: Documents | None = None,
        decode: Decode = "viterbi",
        thresholds: Mapping[str, float] | float | None = None,
    ) -> Predictions:
        """Return labels, spans and exact probabilities of every sentence, as a list.

        Args:
            sentences: tokens of each sentence.
            documents: as in :meth:`tag`.
            decode: as in :meth:`tag`.
            thresholds: of the probability of spans, by type, such as :attr:`thresholds`, or one for all types: less
                probable ones are withheld, their tokens are O. None is if left out.

        Raises:
            UsageError: if there is a threshold for no such type, or that is no probability; or labels have no spans.
        """
        predictions = self.stream(sentences, documents=documents, decode=decode, thresholds=thresholds)
        return Predictions(predictions, has_spans=self.scheme.has_spans)

    def stream(
        self,
        sentences: Iterable[Sentence],
        *,
        documents: Documents | None = None,
        units: Units | None = None,
        decode: Decode = "viterbi",
        thresholds: Mapping[str, float] | float | None = None,
    ) -> Iterator[Prediction]:
        """Yield a prediction for every sentence, in order and in constant memory.

        Sentences are read some hundred thousand tokens ahead, so that those of similar length are computed
        together. Arguments are those of :meth:`predict`, and these:

        Args:
            sentences: as there.
            documents: as there; no document lies in two units.
            units: the number of each sentence's unit, the same for sentences side by side that are computed together,
                and apart from all others: not a bit of an answer then depends on other units, or on what was computed
                before. None where the last bits of probabilities are of no concern.
            decode: as there.
            thresholds: as there.
        """
        decode = checked_decode(decode)
        if thresholds is not None:
            thresholds = checked_thresholds(thresholds, self._parts.types)
        return self._in_batches(
            sentences, documents, lambda scores: scores.predictions(decode, thresholds), units
        )

    def stream_labels(
        self,
        sentences: Iterable[Sentence],
        *,
        documents: Documents | None = None,
        units: Units | None = None,
        decode: Decode = "viterbi",
    ) -> Iterator[list[str]]:
        """Yield the labels of every sentence, like :meth:`stream` but without the cost of probabilities."""
        decode = checked_decode(decode)
        return self._in_batches(sentences, documents, lambda scores: scores.labels(decode), units)

    def marginals(
        self, sentences: Iterable[Sentence], *, documents: Documents | None = None
    ) -> list[NDArray[np.floating]]:
        """Return the probability of every label at every token, a ``[T, L]`` array per sentence.

        Columns are in the order of :attr:`labels`; rows sum to 1.
        """
        return list(self._in_batches(sentences, documents, lambda scores: scores.marginals()))

    def stream_emissions(
        self, sentences: Iterable[Sentence], *, documents: Documents | None = None
    ) -> Iterator[NDArray[np.floating]]:
        """Yield the scores of labels at the tokens of every sentence, ``[T, L]`` in nats, from which all else follows.

        They are those of the labels the model works with inside (``parts.labels``), with what documents add, and not
        divided by the temperature.
        """
        return self._in_batches(sentences, documents, lambda scores: scores.emissions())

    def nbest(
        self, sentences: Iterable[Sentence], n: int, *, documents: Documents | None = None
    ) -> list[list[Prediction]]:
        """Return up to n different label sequences of every sentence, the most probable first.

        Fewer than n where fewer are legal; an empty sentence has one, the empty sequence.
        """
        return list(self.stream_nbest(sentences, n, documents=documents))

    def stream_nbest(
        self,
        sentences: Iterable[Sentence],
        n: int,
        *,
        documents: Documents | None = None,
        units: Units | None = None,
    ) -> Iterator[list[Prediction]]:
        """Yield what :meth:`nbest` returns, in order and in constant memory; units as in :meth:`stream`."""
        n = positive_integer("n", n)
        lookaheads = lookaheads_by_sentences(
            sentences, documents, size=NBEST_LOOKAHEAD, document_tokens=self._part_tokens, units=units
        )
        return self._read(lookaheads, lambda scores: scores.nbest(n))

    def log_probabilities(
        self,
        sentences: Iterable[Sentence],
        stretches: Iterable[Sequence[Stretch]],
        *,
        documents: Documents | None = None,
    ) -> list[tuple[float, ...]]:
        """Return how probable it is that tokens have given labels: natural logarithms, for each sentence a tuple.

        The probability is exact, and that of the labels of these tokens alone, whatever those around them are. What
        is impossible, such as a label that the tagger does not report, has minus infinity.

        Args:
            sentences: tokens of each sentence.
            stretches: for each sentence the labels that are asked for, with the number of their first token.
            documents: as in :meth:`tag`.

        Raises:
            DataError: if a stretch is empty or does not lie within its sentence, or if there are stretches for more or
                fewer sentences than there are.
        """
        remaining = enumerate(stretches)
        lookaheads = lookaheads_by_tokens(
            sentences,
            documents,
            batch_tokens=self._options["batch_tokens"],
            document_tokens=self._part_tokens,
        )
        found: list[tuple[float, ...]] = []
        for lookahead in lookaheads:
            of_sentences = stretches_of(lookahead, remaining)
            found += self._read([lookahead], partial(BatchScores.log_probabilities, stretches=of_sentences))
        if next(remaining, None) is not None:
            raise DataError(
                f"expected stretches for each of {len(found)} sentences, found them for more of these"
            )
        return found

    def span_probabilities(
        self,
        sentences: Iterable[Sentence],
        spans: Iterable[Iterable[Span]],
        *,
        documents: Documents | None = None,
    ) -> list[tuple[float, ...]]:
        """Return the probability of exactly each of given spans, such as those of the data, whatever is predicted.

        Args:
            sentences: tokens of each sentence.
            spans: of each sentence; their own probabilities are not read. They need not go together.
            documents: as in :meth:`tag`.

        Raises:
            DataError: as from :meth:`log_probabilities`.
            UsageError: if the model's labels have no spans (part of speech).
        """
        if not self.scheme.has_spans:
            raise UsageError("span_probabilities: this model's labels have no spans; use log_probabilities()")
        stretches = ([stretch_of_span(span) for span in of_sentence] for of_sentence in spans)
        found = self.log_probabilities(sentences, stretches, documents=documents)
        return [tuple(map(math.exp, values)) for values in found]

    def extract(
        self,
        text: str,
        *,
        lines: Lines | None = None,
        decode: Decode = "viterbi",
        thresholds: Mapping[str, float] | float | None = None,
    ) -> Entities:
        """Return the entities in raw text, with character offsets: ``text[entity.start:entity.end] == entity.text``.

        The text is one document, cut into sentences as ``tagger tag`` cuts it.

        Args:
            text: any text.
            lines: whether sentences go on over the end of a line, ``join`` or ``split``; if left out, as the model was
                made.
            decode: as in :meth:`tag`.
            thresholds: as in :meth:`predict`.

        Raises:
            DataError: if the segmenter is a plug-in that breaks its promises (see ``tagger.text.windows``).
            UsageError: if the model's labels have no spans (part of speech); or lines are neither, or the model's
                segmenter has no such option.
            TypeError: if the text is no string.
        """
        if not self.scheme.has_spans:
            raise UsageError("extract: this model's labels have no spans; use tag() or predict() on tokens")
        if not isinstance(text, str):
            raise TypeError(f"expected text as one string, found {type(text).__name__}; tag() reads tokens")
        segmenter = with_lines(self.segmenter, lines)
        sentences = [sentence.spans for sentence in windows(text, segmenter) if sentence.spans]
        tokens = [[text[start:end] for start, end in sentence] for sentence in sentences]
        documents = [0] * len(tokens)
        predictions = self.stream(tokens, documents=documents, decode=decode, thresholds=thresholds)
        return Entities(entities(text, sentences, predictions), text=text)

    @property
    def digest(self) -> str | None:
        """What tells the model from all others that answer differently; None for one that was never saved."""
        return self._parts.digest

    @property
    def segmenter(self) -> NamedSegmenter:
        """What splits raw text into sentences and words, as the model folder names it.

        Raises:
            UsageError: if this version does not know it; a plug-in must be registered first.
        """
        if self._segmenter is None:
            stored = self._parts.segmenter
            self._segmenter = get_segmenter(stored["name"], stored["options"], version=stored["version"])
        return self._segmenter

    def _in_batches(
        self,
        sentences: Iterable[Sentence],
        documents: Documents | None,
        ask: _Ask[Result],
        units: Units | None = None,
    ) -> Iterator[Result]:
        """Yield what ``ask`` makes of every sentence, reading a bounded number of sentences ahead."""
        lookaheads = lookaheads_by_tokens(
            sentences,
            documents,
            batch_tokens=self._options["batch_tokens"],
            document_tokens=self._part_tokens,
            units=units,
        )
        return self._read(lookaheads, ask)

    def _read(self, lookaheads: Iterable[Lookahead], ask: _Ask[Result]) -> Iterator[Result]:
        with batch_threads(self._options["threads"]) as threads:
            for lookahead in lookaheads:
                yield from run(
                    self._runner,
                    lookahead,
                    ask,
                    reported_labels=self._reported_labels,
                    batch_tokens=self._options["batch_tokens"],
                    temperature=self._parts.temperature,
                    consistency=self._consistency,
                    threads=threads,
                )
