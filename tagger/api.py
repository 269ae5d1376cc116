"""Tagger: load a model, label sentences, save the model.

Letters: T tokens of a sentence, L labels.
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

    Created by :meth:`load` or by :func:`tagger.training.train`. A prediction depends only on its own sentence, or its
    own document, not on the rest of the call: labels exactly, probabilities up to float32 rounding (about 2e-6).
    Results come in the order of the input; the input is never changed. If the model was calibrated (``tagger
    calibrate``), probabilities are those at the temperature stored in the model folder.

    Methods that take sentences also take ``documents``: for each sentence the id of its document, or None for a
    sentence that stands alone, as all do if ``documents`` is left out. If labels have spans, other occurrences of a
    word in its document then count as evidence for its label (:mod:`tagger.inference.consistency`). The sentences of a
    document must be contiguous; a document that reappears after another one, or a number of ids other than the number
    of sentences, is a :class:`~tagger.errors.DataError`.

    On the CPU the model runs in NumPy; on any other device in PyTorch, which is imported only then.

    A tagger is immutable. Threads can share it, and a forked process can keep using it; copies and pickles hold the
    model and the options, and start with empty caches. Two taggers are equal only if they are the same object.

    Args:
        parts: the model: architecture, vocabularies, weights.
        device: where the model runs.
        batch_tokens: tokens computed at once; more need more memory.
        cache_megabytes: memory for word vectors and LSTM input projections, which are kept from call to call since
            words repeat. CPU only.
        threads: batches computed in parallel; more than one pays off for many sentences in one call. CPU only.
        document_consistency: weight of other occurrences of a word in its document; 0 for none. Documents then have no
            effect, nor have they if labels have no spans.
        document_tokens: tokens of a document that are considered together; a longer document is split into parts of
            whole sentences.

    Raises:
        MissingExtraError: if the device is not the CPU and torch is not installed.
        UsageError: if an option is invalid.
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
            folder: path of the folder, such as ``runs/ner/model``; never a name to download.
            device: as for the class.
            batch_tokens: as for the class.
            cache_megabytes: as for the class.
            threads: as for the class.
            document_consistency: as for the class.
            document_tokens: as for the class.

        Raises:
            MissingExtraError: if the device is not the CPU and torch is not installed.
            ModelError: if the folder is not a model, is damaged, or has a newer format.
            UsageError: if an option is invalid.
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
            card: text of the model card, ``README.md``; if left out, the card of the folder that the model was read
                from, or of its training run.
            weights: precision to store them in: ``float32``, or ``float16`` for half the size; if left out, that of the
                folder that the model was read from.

        Raises:
            ModelError: if the folder holds anything else, cannot be written, or a weight is too large for float16.
            UsageError: if ``weights`` has any other value.
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
        """Read a model from the Hugging Face Hub, downloading it into the cache of the Hub's library if necessary.

        The model is checked as by :meth:`load`. ``HF_TOKEN``, ``HF_HOME`` and ``HF_HUB_OFFLINE`` have the same meaning
        as for that library.

        Args:
            name: of the repository, such as ``org/name``; never a folder, which :meth:`load` reads.
            revision: branch, tag or full commit hash; the main branch if left out. Only a commit always means the same
                model.
            token: for a private or gated model; the one of ``HF_TOKEN`` or ``hf auth login`` if left out, none if
                False.
            cache_folder: cache to use instead of the library's.
            device: as for the class.
            batch_tokens: as for the class.
            cache_megabytes: as for the class.
            threads: as for the class.
            document_consistency: as for the class.
            document_tokens: as for the class.

        Raises:
            HubError: if there is no such model, no access to it, or no answer from the Hub and no copy in the cache.
            MissingExtraError: if huggingface_hub is not installed, or the device is not the CPU and torch is not.
            ModelError: if the model is damaged, or has a newer format.
            UsageError: if ``name`` is not the name of a repository, or an option is invalid.
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
        """Upload the model to the Hugging Face Hub in one commit, and return the URL of the commit.

        The repository is created if it does not exist. Files of an earlier model that this one does not have are
        deleted in the same commit; all other files stay. The model card gets metadata for the Hub: the scores of the
        training run, and the license and languages given here.

        Args:
            name: of the repository, such as ``org/name``.
            private: whether a new repository is private; the account's default if left out. An existing one must
                already be private if this is True.
            revision: branch to write to, created from main if there is none; main if left out.
            token: with write access; the one of ``HF_TOKEN`` or ``hf auth login`` if left out.
            commit_message: first line of the commit.
            license: of the model, by the Hub's identifier, such as ``mit``; not stated if left out.
            language: of the texts it is for, as an ISO 639 code, such as ``en``, or several; not stated if left out.

        Raises:
            HubError: if the Hub refuses or does not answer, or the repository is public where it must be private.
            MissingExtraError: if huggingface_hub is not installed.
            ModelError: if the model cannot be written, or the metadata of its card cannot be read.
            UsageError: if ``name`` is not the name of a repository, or an option is invalid.
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
        """Return one tagger on the mean of the scores of several: again a CRF, and exact (:mod:`tagger.averages`).

        It takes the time and the memory of all of them, and uses the device and the options of the first. It has no
        temperature and no thresholds, since those of its members apply to their own probabilities.

        Args:
            taggers: 2 to 16 single models, with the same labels, scheme and segmenter. Architectures, vocabularies and
                vectors may differ.

        Raises:
            UsageError: if there are too few or too many, or they differ in labels, scheme or segmenter.
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
        """The architecture; for an average, that of its first member."""
        return self._parts.config

    @property
    def thresholds(self) -> dict[str, float]:
        """The thresholds on span probabilities stored in the model folder, by type, for :meth:`predict`.

        Empty unless ``tagger evaluate --store`` has stored some.
        """
        return dict(self._parts.thresholds)

    @property
    def reads_documents(self) -> bool:
        """Whether predictions depend on the other sentences of a document, so that ``documents`` has an effect."""
        return self._consistency is not None

    @property
    def parts(self) -> ModelParts:
        """The architecture, vocabularies and weights, for inspection (:mod:`tagger.inspection`); do not change them."""
        return self._parts

    def in_vocabulary(self, word: str) -> bool:
        """Return whether a word, normalised, occurred in training; for an average, in that of any member."""
        return any(member.featurizer.in_vocabulary(word) for member in self._parts.members)

    def tag(
        self,
        sentences: Iterable[Sentence],
        *,
        documents: Documents | None = None,
        decode: Decode = "viterbi",
    ) -> list[list[str]]:
        """Return one label per token for every sentence.

        Args:
            sentences: tokens of each sentence; an empty sentence gives an empty list.
            documents: id of the document of each sentence, or None.
            decode: ``viterbi`` for the most probable sequence, ``posterior`` for the legal sequence with the highest
                expected number of correct labels, counted in the model's internal scheme.
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
        """Return labels, spans and exact probabilities for every sentence, as a list.

        Args:
            sentences: tokens of each sentence.
            documents: as in :meth:`tag`.
            decode: as in :meth:`tag`.
            thresholds: minimum span probability by type, such as :attr:`thresholds`, or one for all types; less
                probable spans are withheld, and their tokens are O. Nothing is withheld if left out.

        Raises:
            UsageError: if a threshold is for an unknown type or is not a probability, or labels have no spans.
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

        Some hundred thousand tokens are read ahead, so that sentences of similar length are computed together.

        Args:
            sentences: as in :meth:`predict`.
            documents: as in :meth:`predict`; no document may span two units.
            units: for each sentence the number of its unit, contiguous. The sentences of a unit are computed together,
                apart from all others, so that results do not depend in a single bit on other units or earlier calls.
                None if the last bits of probabilities do not matter.
            decode: as in :meth:`tag`.
            thresholds: as in :meth:`predict`.
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
        """Yield the emissions of every sentence, ``[T, L]`` in nats.

        Columns are the internal labels (``parts.labels``). The contribution of documents is included; the temperature
        is not applied.
        """
        return self._in_batches(sentences, documents, lambda scores: scores.emissions())

    def nbest(
        self, sentences: Iterable[Sentence], n: int, *, documents: Documents | None = None
    ) -> list[list[Prediction]]:
        """Return the n most probable label sequences of every sentence, best first.

        Fewer than n if fewer are legal; an empty sentence has one, the empty sequence.
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
        """Yield the results of :meth:`nbest`, in order and in constant memory; ``units`` as in :meth:`stream`."""
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
        """Return the log-probabilities that given tokens have given labels, a tuple for each sentence.

        Natural logarithms of exact marginal probabilities: the labels of all other tokens are summed out. Minus
        infinity for the impossible, such as a label that the tagger does not report.

        Args:
            sentences: tokens of each sentence.
            stretches: for each sentence, label sequences with the index of their first token.
            documents: as in :meth:`tag`.

        Raises:
            DataError: if a stretch is empty or does not lie within its sentence, or stretches are given for more or
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
        """Return the probability of each given span, such as those of the gold data, whatever is predicted.

        Args:
            sentences: tokens of each sentence.
            spans: of each sentence; their own probabilities are ignored. They may overlap.
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

        The text is one document, split into sentences as by ``tagger tag``.

        Args:
            text: any text.
            lines: ``join`` if sentences can continue across line breaks, ``split`` if not; if left out, as the model
                was trained.
            decode: as in :meth:`tag`.
            thresholds: as in :meth:`predict`.

        Raises:
            DataError: if the segmenter is a plug-in that violates its contract (see ``tagger.text.windows``).
            UsageError: if the model's labels have no spans (part of speech), ``lines`` has another value, or the
                model's segmenter has no such option.
            TypeError: if the text is not a string.
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
        """A checksum of the saved model, different for models that predict differently; None if never saved."""
        return self._parts.digest

    @property
    def segmenter(self) -> NamedSegmenter:
        """The segmenter named in the model folder, which splits raw text into sentences and tokens.

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
        """Yield the result of ``ask`` for every sentence, with a bounded read-ahead."""
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
