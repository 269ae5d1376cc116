"""Runners: CRF scores of batches of sentences, computed in NumPy on the CPU or in PyTorch on any device.

Letters: B sentences of a batch, T tokens of the longest, P tokens of all sentences.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import numpy as np

from tagger.batching import EncodedSentences, batches_by_length
from tagger.crf_kernels import PackedScores
from tagger.errors import MissingExtraError, TaggerError, UsageError, is_out_of_memory
from tagger.features import Featurizer, IntArray
from tagger.inference.consistency import DocumentConsistency, Undecided, with_evidence
from tagger.inference.lookahead import Lookahead
from tagger.inference.projection_cache import ProjectionCache
from tagger.inference.reported_labels import ReportedLabels
from tagger.inference.scores import BatchScores
from tagger.inference.word_cache import WordCache
from tagger.network import ChainDecoder, Network, limit_blas_threads, reading_order

if TYPE_CHECKING:
    from tagger.model_parts import ModelParts

Result = TypeVar("Result")

TORCH_DEVICES: Final = (
    *("cpu", "cuda", "hip", "hpu", "ipu", "lazy", "maia", "meta", "mps"),
    *("mtia", "opencl", "opengl", "privateuseone", "vulkan", "xla", "xpu"),
)
"""Device types of PyTorch, to detect misspelt ones even if PyTorch is not installed."""

_SHARE_OF_VECTORS: Final = 1 / 2


class Runner(Protocol):
    """Runs the model over sentences."""

    def scores(self, lookahead: Lookahead) -> Callable[[Sequence[int]], PackedScores]:
        """Return a function from the indices of some of the sentences to their scores.

        Args:
            lookahead: the sentences, whose words are looked up together.
        """
        ...


class NumpyRunner:
    """Runs the network in NumPy, on the CPU.

    Args:
        featurizer: computes the features of words.
        network: the network with its weights.
        decoder: the decoder with the transition scores.
        cache_bytes: memory for the caches of words, which are kept between calls.
    """

    def __init__(
        self, featurizer: Featurizer, network: Network, decoder: ChainDecoder, *, cache_bytes: int
    ) -> None:
        self._wide: Final = featurizer.wide
        self._network: Final = network
        self._decoder: Final = decoder
        self._featurizer: Final = featurizer
        self._cache_bytes: Final = cache_bytes
        self._caches: Final = self._empty_caches()

    def _empty_caches(self) -> tuple[WordCache, ProjectionCache]:
        for_vectors = int(self._cache_bytes * _SHARE_OF_VECTORS)
        return (
            WordCache(self._featurizer, self._network, max_bytes=for_vectors),
            ProjectionCache(self._network, max_bytes=self._cache_bytes - for_vectors),
        )

    def scores(self, lookahead: Lookahead) -> Callable[[Sequence[int]], PackedScores]:
        """Return a function from the numbers of some of the sentences to their scores."""
        word_cache, projections = self._empty_caches() if lookahead.is_apart else self._caches
        words = word_cache.rows(lookahead.sentences)
        if lookahead.is_apart and not self._network.reads_vectors_again and len(words.vectors):
            projections.fill(words, np.concatenate(words.rows))

        def scores_of(members: Sequence[int]) -> PackedScores:
            rows = np.concatenate([words.rows[i] for i in members])
            lengths = np.fromiter((len(words.rows[i]) for i in members), dtype=np.int64, count=len(members))
            order = reading_order(lengths)
            wide = None
            if self._wide is not None:
                wide = self._wide.rows_by_feature(words.attributes, rows, lengths, order=order.tokens)
            rows = rows.take(order.tokens)
            vectors = words.vectors if self._network.reads_vectors_again else None
            if vectors is None:
                projected, places = projections.look_up(words, rows)
            else:
                distinct, places = np.unique(rows, return_inverse=True)
                vectors = vectors.take(distinct, axis=0)
                projected = self._network.project(vectors)
            emissions = self._network.emissions(projected, places, order, vectors=vectors, wide=wide)
            return self._decoder.scores(order.packing, emissions)

        return scores_of


class TorchRunner:
    """Runs the PyTorch model on its device; decoding runs on the CPU.

    Args:
        parts: the model and its parts.
        device: the device to run on.
        decoder: the decoder with the transition scores.

    Raises:
        MissingExtraError: if torch is not installed.
        UsageError: if torch does not know the device or cannot use it here.
    """

    def __init__(self, parts: ModelParts, decoder: ChainDecoder, *, device: str) -> None:
        if not re.fullmatch(rf"({'|'.join(TORCH_DEVICES)})(:[0-9]+)?", device):
            raise UsageError(
                "device: expected 'cpu', or a device of PyTorch such as 'cuda', 'cuda:1', 'mps' or 'xpu', found "
                f"{device!r}"
            )
        if find_spec("torch") is None:
            raise MissingExtraError("torch", f"device: {device!r}: any device but 'cpu'")
        from tagger.model_building import usable_device

        self._featurizer: Final = parts.featurizer
        self._model: Final = parts.model.to(usable_device(device)).eval()
        self._decoder: Final = decoder

    def scores(self, lookahead: Lookahead) -> Callable[[Sequence[int]], PackedScores]:
        """Return a function from the numbers of some of the sentences to their scores."""
        import torch

        from tagger.model import BatchTensors

        encoded = EncodedSentences(self._featurizer, lookahead.sentences)

        def scores_of(members: Sequence[int]) -> PackedScores:
            batch = encoded.batch(members)
            with torch.inference_mode():
                tensors = BatchTensors.of(batch, next(self._model.parameters()).device)
                emissions = self._model.emissions(tensors).numpy(force=True)
            packing = reading_order(batch.lengths).packing
            return self._decoder.scores(packing, packing.pack(emissions))

        return scores_of


class AverageRunner:
    """Runs the members of an average one after another, and averages their emissions.

    Args:
        runners: the runners of the members.
        orders: for each member, its ids of the labels, ``[L]``.
        decoder: the decoder with the averaged transition scores.
    """

    def __init__(self, runners: Sequence[Runner], orders: Sequence[IntArray], decoder: ChainDecoder) -> None:
        self._runners: Final = runners
        self._orders: Final = orders
        self._decoder: Final = decoder

    def scores(self, lookahead: Lookahead) -> Callable[[Sequence[int]], PackedScores]:
        """Return a function from the numbers of some of the sentences to their scores."""
        functions = [runner.scores(lookahead) for runner in self._runners]

        def scores_of(members: Sequence[int]) -> PackedScores:
            found = [function(members) for function in functions]
            total = np.zeros_like(found[0].emissions)
            for scores, order in zip(found, self._orders, strict=True):
                total += scores.emissions.take(order, axis=1)
            total /= len(found)
            return self._decoder.scores(found[0].packing, total)

        return scores_of


def make_runner(parts: ModelParts, device: str, *, cache_bytes: int) -> Runner:
    """Return a runner for a model on a device.

    Args:
        parts: the model and its parts.
        device: ``cpu`` for NumPy, anything else for PyTorch.
        cache_bytes: memory for the caches of words, on the CPU; the members of an average share it.

    Raises:
        UsageError: if torch does not know the device or cannot use it here.
    """
    if parts.others:
        own_bytes = cache_bytes // len(parts.members)
        runners = [make_runner(member, device, cache_bytes=own_bytes) for member in parts.members]
        return AverageRunner(runners, [parts.order_of(member) for member in parts.members], parts.decoder)
    decoder = parts.decoder
    if device != "cpu":
        return TorchRunner(parts, decoder, device=device)
    limit_blas_threads()
    network = Network(parts.config, parts.weights)
    return NumpyRunner(parts.featurizer, network, decoder, cache_bytes=cache_bytes)


def run(
    runner: Runner,
    lookahead: Lookahead,
    ask: Callable[[BatchScores], Sequence[Result]],
    *,
    reported_labels: ReportedLabels,
    batch_tokens: int,
    temperature: float = 1.0,
    consistency: DocumentConsistency | None = None,
    threads: Executor | None = None,
) -> list[Result]:
    """Return a result for every sentence, in order, computed in batches of similar length.

    Batches with words that are repeated in their document are decoded once all batches are computed.

    Args:
        runner: runs the model.
        lookahead: the sentences.
        ask: computes the results for the sentences of a batch.
        reported_labels: maps inner to reported labels.
        batch_tokens: tokens of a batch.
        temperature: temperature of the probabilities. Evidence from documents is computed at temperature 1, so that
            the most probable labels do not depend on it.
        consistency: evidence from other occurrences of a word in its document; none if left out.
        threads: executor to compute batches in parallel; one after another if left out.

    Raises:
        TaggerError: if memory runs out; the message describes the sentences.
    """
    sentences = lookahead.sentences
    lengths: IntArray = np.fromiter(map(len, sentences), dtype=np.int64, count=len(sentences))
    with _enough_memory_for(sentences):
        scores_of = runner.scores(lookahead)

    evidence = None if consistency is None else consistency.evidence(lookahead)

    def asked(members: Sequence[int], scores: PackedScores) -> Sequence[Result]:
        members_sentences = [sentences[i] for i in members]
        return ask(
            BatchScores(members_sentences, scores, reported_labels, members=members, temperature=temperature)
        )

    def compute(members: Sequence[int]) -> tuple[Sequence[Result | None], Undecided | None]:
        with _enough_memory_for([sentences[i] for i in members]):
            scores = scores_of(members)
            batch = None if evidence is None else evidence.gather(members, scores)
            # Sentences that belong to no document do not need the evidence.
            is_asked = batch is None or any(lookahead.parts[i] is None for i in members)
            return asked(members, scores) if is_asked else [None] * len(members), batch

    batches = batches_by_length(lengths, max_tokens=batch_tokens)
    # Threads are of no use for a single batch.
    each = map if threads is None or len(batches) < 2 else threads.map
    results: list[Result | None] = [None] * len(sentences)
    undecided: list[tuple[list[int], Undecided]] = []
    for members, (answers, batch) in zip(batches, each(compute, batches), strict=True):
        if batch is not None:
            undecided.append((members, batch))
        for i, answer in zip(members, answers, strict=True):
            results[i] = answer
    if evidence is not None and undecided:
        additions = evidence.additions()

        def decide(waiting: tuple[list[int], Undecided]) -> Sequence[Result]:
            members, batch = waiting
            with _enough_memory_for([sentences[i] for i in members]):
                return asked(members, with_evidence(batch, additions))

        for (members, _), decided in zip(undecided, each(decide, undecided), strict=True):
            for i, result in zip(members, decided, strict=True):
                if lookahead.parts[i] is not None:
                    results[i] = result
    return results  # type: ignore[return-value]


@contextmanager
def batch_threads(threads: int) -> Iterator[Executor | None]:
    """Provide threads to compute batches, or None for a single one; an error or Ctrl-C cancels pending batches."""
    if threads == 1:
        yield None
        return
    executor = ThreadPoolExecutor(threads, thread_name_prefix="tagger-batches")
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)


@contextmanager
def _enough_memory_for(sentences: Sequence[Sequence[str]]) -> Iterator[None]:
    """Turn an out-of-memory error into one that describes the sentences that caused it."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        longest = max(sentences, key=len)
        beginning = " ".join(longest[:5])[:80]
        if len(sentences) == 1:
            what = f"the sentence that begins {beginning!r} and has {len(longest):,} tokens"
            advice = "Divide it, or ask only for labels, which take less than probabilities"
        else:
            what = f"{len(sentences)} sentences of up to {len(longest):,} tokens, one of which begins {beginning!r}"
            advice = "Compute less at once (batch_tokens, or --batch-tokens)"
        raise TaggerError(f"out of memory with {what}. {advice}, or give the program more memory.") from error
