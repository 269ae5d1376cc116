"""WindowReader: what the network says of the sentences of a window, computed in batches of similar length.

Letters: B sentences of a batch, N tokens of them all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeVar

import numpy as np
import torch

from tagger.batching import batches_by_length, batches_of_parts, pad
from tagger.document_layout import lay_out
from tagger.errors import TaggerError, is_out_of_memory
from tagger.features import IntArray
from tagger.gate_cache import GateCache
from tagger.modules.document_context import DocumentTensors
from tagger.projection import LabelProjection
from tagger.scoring import BatchScores
from tagger.sentence_windows import Window
from tagger.storage import ModelParts
from tagger.word_cache import CachedWords, WordCache

Result = TypeVar("Result")


class WindowReader:
    """Reads windows with a network that is in evaluation mode, on its device.

    Args:
        parts: the network and what belongs to it.
        projection: from inner to reported labels.
        device: where the network is.
        batch_tokens: padded tokens that are computed at once.
        cache_words: distinct words whose vectors are kept from window to window.
        encoder_dtype: a lower precision for the products of the encoder alone; none if None.
    """

    def __init__(
        self,
        parts: ModelParts,
        projection: LabelProjection,
        *,
        device: torch.device,
        batch_tokens: int,
        cache_words: int,
        encoder_dtype: torch.dtype | None,
    ) -> None:
        self._config: Final = parts.config
        self._model: Final = parts.model
        self._wide: Final = parts.featurizer.wide
        self._words: Final = WordCache(parts.featurizer, parts.model.word_features, max_words=cache_words)
        self._gates: Final = GateCache(parts.model.encoder)
        self._projection: Final = projection
        self._device: Final = device
        self._batch_tokens: Final = batch_tokens
        self._encoder_dtype: Final = encoder_dtype

    def read(self, window: Window, ask: Callable[[BatchScores], Sequence[Result]]) -> list[Result]:
        """Return a result for every sentence, in order.

        Args:
            window: the sentences.
            ask: makes the results for the sentences of a batch.

        Raises:
            TaggerError: memory runs out; says which sentences are to blame.
        """
        words = self._words.rows(window.sentences)
        results: list[Result | None] = [None] * len(window.sentences)
        lengths = np.fromiter(map(len, window.sentences), dtype=np.int64, count=len(window.sentences))
        parts = np.array(window.parts, dtype=np.int64)
        for members in self._batches(lengths, parts):
            sentences = [window.sentences[i] for i in members]
            with torch.inference_mode(), _enough_memory_for(sentences):
                emissions = self._emissions(words, members, lengths[members], parts[members])
                scores = BatchScores(sentences, emissions, self._model.decoder, self._projection)
                for i, result in zip(members, ask(scores), strict=True):
                    results[i] = result
        return results  # type: ignore[return-value]

    def _emissions(
        self, words: CachedWords, members: Sequence[int], lengths: IntArray, parts: IntArray
    ) -> torch.Tensor:
        """Return the emissions of a batch, ``[B, T, L]``.

        Args:
            words: those of the window.
            members: numbers of the sentences in the window, ``[B]``.
            lengths: their tokens, ``[B]``.
            parts: numbers of their parts, ``[B]``.
        """
        rows = np.concatenate([words.rows[i] for i in members])
        forms = words.forms[rows]
        wide = None
        if self._wide is not None:
            wide = self._tensor(self._wide.rows(words.attributes, rows, lengths))
        gates = None
        if self._looks_up(lengths):
            gates, rows = self._gates.look_up(words, rows)
        documents = self._documents(rows, forms, lengths, parts)
        word_index = documents.word_index if documents else self._tensor(pad(rows, lengths))
        read_at_once = documents.lengths if documents else self._tensor(lengths)
        dtype = self._encoder_dtype
        if gates is None:
            return self._model.read(
                words.vectors, word_index, read_at_once, wide=wide, documents=documents, encoder_dtype=dtype
            )
        return self._model.read_gates(
            gates, word_index, read_at_once, wide=wide, documents=documents, encoder_dtype=dtype
        )

    def _looks_up(self, lengths: IntArray) -> bool:
        """Return whether the encoder should look up what words give to its gates, for sentences of so many tokens."""
        if self._encoder_dtype is not None:
            # In lower precision the two ways differ visibly, and an answer must not hang on what else is asked for.
            return self._model.encoder.looks_up(num_sentences=math.inf)
        tokens, longest = int(lengths.sum()), int(lengths.max(initial=1))
        if self._config.document_context:
            longest = max(longest, self._config.block_tokens)
        return self._model.encoder.looks_up(num_sentences=tokens / longest)

    def _batches(self, lengths: IntArray, parts: IntArray) -> list[list[int]]:
        """Return which sentences of a window are computed together."""
        if not self._config.document_context:
            return batches_by_length(lengths, max_tokens=self._batch_tokens)
        return batches_of_parts(
            lengths, parts, block_tokens=self._config.block_tokens, max_tokens=self._batch_tokens
        )

    def _documents(
        self, rows: IntArray, forms: IntArray, lengths: IntArray, parts: IntArray
    ) -> DocumentTensors | None:
        """Return how the sentences of a batch stand in documents, for a model with document context.

        Args:
            rows: what the network knows the words of all tokens by, ``[N]``.
            forms: of all tokens, ``[N]``.
            lengths: tokens of each sentence, ``[B]``.
            parts: number of the part of each sentence, ``[B]``.
        """
        if not self._config.document_context:
            return None
        layout = lay_out(rows, forms, lengths, parts, block_tokens=self._config.block_tokens)
        return DocumentTensors.of(layout, self._device)

    def _tensor(self, array: IntArray) -> torch.Tensor:
        return torch.from_numpy(array).to(self._device)


@contextmanager
def _enough_memory_for(sentences: Sequence[Sequence[str]]) -> Iterator[None]:
    """Turn an error for want of memory into one that says which sentences took it."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        longest = max(sentences, key=len)
        beginning = " ".join(longest[:5])[:80]
        if len(sentences) == 1:
            what = f"the sentence that begins {beginning!r} and has {len(longest):,} tokens"
            advice = "Divide it, or ask for labels alone, which take less than probabilities"
        else:
            what = f"{len(sentences)} sentences of up to {len(longest):,} tokens, one of which begins {beginning!r}"
            advice = "Compute less at once (batch_tokens, or --batch-tokens)"
        raise TaggerError(f"out of memory with {what}. {advice}, or give the program more memory.") from error
