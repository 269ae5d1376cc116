"""WorkerPool: several processes with the same model that share the sentences of a stream."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any, Final, TypeVar

from tagger.documents import CONSISTENCY, DOCUMENT_TOKENS, checked_weight
from tagger.errors import ModelError, TaggerError, UsageError
from tagger.inference.lookahead import (
    BATCH_TOKENS,
    BATCHES_PER_LOOKAHEAD,
    CACHE_MEGABYTES,
    NBEST_LOOKAHEAD,
    SHARED_BATCHES,
    Documents,
    Lookahead,
    Sentence,
    Units,
    lookaheads_by_sentences,
    lookaheads_by_tokens,
)
from tagger.options import positive_integer
from tagger.prediction import Prediction
from tagger.schemes import LabelScheme
from tagger.text import NamedSegmenter, get_segmenter
from tagger.workers.messages import to_line, unpack
from tagger.workers.process import Worker, WorkerDied

Result = TypeVar("Result")

_LOOKAHEADS_PER_WORKER: Final = 4


class WorkerPool:
    """Tags streams of sentences in worker processes, each with the model and, by default, one thread.

    Results are those of a :class:`tagger.Tagger`, in the order of the input. Each worker gets one lookahead at a time,
    a number of sentences that are read before their results are due. The number of pending lookaheads is bounded, so
    memory stays constant. If a worker dies, or is killed because it took too long, its lookahead is repeated once; a
    second death raises an error that names the sentences. The pool is a context manager: the processes end with it,
    and at the latest with their parent. This process loads neither the model nor NumPy.

    Args:
        folder: the model folder.
        workers: number of processes.
        threads: threads per process.
        timeout: seconds that a worker may take to load the model, and for each lookahead (some 33,000 tokens
            of sentences that are not very long); infinite to wait for ever.
        device: device to run on; on a GPU every process has its own context and copy of the weights.
        batch_tokens: as in :meth:`tagger.Tagger.load`.
        cache_megabytes: as in :meth:`tagger.Tagger.load`, for each process.
        document_consistency: as in :meth:`tagger.Tagger.load`.
        document_tokens: as in :meth:`tagger.Tagger.load`.
        on_death: called from another thread with a message when a worker has died and its work is repeated.

    Raises:
        ModelError: if the folder is not a model, is damaged, or has a newer format.
        UsageError: if an option is invalid.
        TaggerError: if a worker cannot be started, or dies while it loads the model.
    """

    def __init__(
        self,
        folder: str,
        *,
        workers: int,
        threads: int = 1,
        timeout: float = 1800.0,
        device: str = "cpu",
        batch_tokens: int = BATCH_TOKENS,
        cache_megabytes: int = CACHE_MEGABYTES,
        document_consistency: float = CONSISTENCY,
        document_tokens: int = DOCUMENT_TOKENS,
        on_death: Callable[[str], object],
    ) -> None:
        workers = positive_integer("workers", workers)
        if not timeout > 0:
            raise UsageError(f"timeout: expected more than 0 seconds, found {timeout:g}")
        options = {
            "device": str(device),
            "batch_tokens": positive_integer("batch_tokens", batch_tokens),
            "cache_megabytes": positive_integer("cache_megabytes", cache_megabytes),
            "threads": positive_integer("threads", threads),
            "document_consistency": checked_weight(document_consistency),
            "document_tokens": positive_integer("document_tokens", document_tokens),
        }
        self._folder: Final = folder
        self._batch_tokens: Final = batch_tokens
        self._document_tokens: Final = document_tokens
        self._on_death: Final = on_death
        self._closed: Final = threading.Event()
        self._workers: Final = [Worker(folder, timeout=timeout, options=options) for _ in range(workers)]
        self._idle: Final[SimpleQueue[Worker]] = SimpleQueue()
        # One thread per worker, which waits for its answers.
        self._threads: Final = ThreadPoolExecutor(workers, thread_name_prefix="tagger-worker")
        self._greeting: dict[str, Any] | None = None
        self._segmenter: NamedSegmenter | None = None
        try:
            for worker in self._workers:
                worker.start()
            for worker in self._workers:
                self._greet(worker)
                self._idle.put(worker)
        except WorkerDied as death:
            self.close()
            raise TaggerError(f"{folder}: {death}. {death.advice}") from death.__cause__
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes, even while they are computing."""
        self._closed.set()
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:
            worker.stop()
        self._threads.shutdown()
        for worker in self._workers:
            worker.clear()

    @property
    def process_ids(self) -> tuple[int, ...]:
        """The ids of the running processes."""
        return tuple(number for worker in self._workers if (number := worker.process_id) is not None)

    @property
    def digest(self) -> str | None:
        """As in :class:`tagger.Tagger`."""
        digest: str | None = self._model["digest"]
        return digest

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels the model reports."""
        return tuple(self._model["labels"])

    @property
    def scheme(self) -> LabelScheme:
        """The scheme of the labels: IOB2, or NONE for labels without spans."""
        return LabelScheme(self._model["scheme"])

    @property
    def segmenter(self) -> NamedSegmenter:
        """The segmenter for raw text, as named by the model folder; as in :class:`tagger.Tagger`."""
        if self._segmenter is None:
            stored = self._model["segmenter"]
            self._segmenter = get_segmenter(stored["name"], stored["options"], version=stored["version"])
        return self._segmenter

    @property
    def thresholds(self) -> dict[str, float]:
        """As in :class:`tagger.Tagger`."""
        return dict(self._model["thresholds"])

    @property
    def reads_documents(self) -> bool:
        """As in :class:`tagger.Tagger`."""
        return bool(self._model["reads_documents"])

    def stream_labels(
        self,
        sentences: Iterable[Sentence],
        *,
        documents: Documents | None = None,
        units: Units | None = None,
        decode: str = "viterbi",
    ) -> Iterator[list[str]]:
        """Yield the labels of every sentence, as :meth:`tagger.Tagger.stream_labels` does."""
        lookaheads = self._lookaheads(sentences, documents, units)
        return self._shared(lookaheads, "tag", decode, lambda _, labels: labels)

    def stream(
        self,
        sentences: Iterable[Sentence],
        *,
        documents: Documents | None = None,
        units: Units | None = None,
        decode: str = "viterbi",
        thresholds: Mapping[str, float] | float | None = None,
    ) -> Iterator[Prediction]:
        """Yield a prediction for every sentence, as :meth:`tagger.Tagger.stream` does."""
        lookaheads = self._lookaheads(sentences, documents, units)
        argument = [decode, dict(thresholds) if isinstance(thresholds, Mapping) else thresholds]
        return self._shared(lookaheads, "predict", argument, unpack)

    def stream_nbest(
        self,
        sentences: Iterable[Sentence],
        n: int,
        *,
        documents: Documents | None = None,
        units: Units | None = None,
    ) -> Iterator[list[Prediction]]:
        """Yield up to n label sequences of every sentence, as :meth:`tagger.Tagger.stream_nbest` does."""
        n = positive_integer("n", n)
        lookaheads = lookaheads_by_sentences(
            sentences, documents, size=NBEST_LOOKAHEAD, document_tokens=self._part_tokens, units=units
        )
        return self._shared(
            lookaheads, "nbest", n, lambda tokens, best: [unpack(tokens, packed) for packed in best]
        )

    @property
    def _part_tokens(self) -> int:
        """Maximum tokens of a document part; 0 if the model ignores documents."""
        return self._document_tokens if self.reads_documents else 0

    def _lookaheads(
        self, sentences: Iterable[Sentence], documents: Documents | None, units: Units | None
    ) -> Iterator[Lookahead]:
        return lookaheads_by_tokens(
            sentences,
            documents,
            batch_tokens=self._batch_tokens,
            document_tokens=self._part_tokens,
            # Units are computed from empty caches, which many small lookaheads would have to fill each time.
            batches=SHARED_BATCHES if units is None else BATCHES_PER_LOOKAHEAD,
            units=units,
        )

    def _shared(
        self,
        lookaheads: Iterable[Lookahead],
        method: str,
        argument: str | int | list[Any],
        read: Callable[[tuple[str, ...], Any], Result],
    ) -> Iterator[Result]:
        """Yield the results for all lookaheads, reading a bounded number ahead."""
        pending: deque[Future[list[Result]]] = deque()
        first = 1
        try:
            for lookahead in lookaheads:
                pending.append(self._threads.submit(self._computed, lookahead, first, method, argument, read))
                first += len(lookahead.sentences)
                if len(pending) == _LOOKAHEADS_PER_WORKER * len(self._workers):
                    yield from pending.popleft().result()
            while pending:
                yield from pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()

    def _computed(
        self,
        lookahead: Lookahead,
        first: int,
        method: str,
        argument: str | int | list[Any],
        read: Callable[[tuple[str, ...], Any], Result],
    ) -> list[Result]:
        """Return the results for a lookahead, with one retry; runs in one of the threads."""
        # A lookahead holds whole document parts, so that the worker reconstructs the same parts.
        documents = lookahead.parts if self.reads_documents else None
        request = to_line(
            {
                "method": method,
                "argument": argument,
                "sentences": lookahead.sentences,
                "documents": documents,
                "is_apart": lookahead.is_apart,
            }
        )
        held = f"sentences {first} to {first + len(lookahead.sentences) - 1}"
        worker = self._idle.get()
        try:
            try:
                results = self._ask(worker, request)
            except WorkerDied as death:
                if self._closed.is_set():
                    raise
                self._on_death(f"{death} while it had {held}; another one repeats them")
                results = self._ask(worker, request)
        except WorkerDied as death:
            raise TaggerError(
                f"{held}: {death}, the second one to die while it had them. {death.advice}".rstrip()
            ) from death.__cause__
        finally:
            self._idle.put(worker)
        return [read(tokens, result) for tokens, result in zip(lookahead.sentences, results, strict=True)]

    def _ask(self, worker: Worker, request: bytes) -> list[Any]:
        if worker.process_id is None:
            worker.start()
            self._greet(worker)
        results: list[Any] = worker.ask(request)
        return results

    def _greet(self, worker: Worker) -> None:
        """Receive a new worker's description of its model, which must be the same for all workers."""
        greeting = worker.greeting()
        if self._greeting is None:
            self._greeting = greeting
        elif greeting != self._greeting:
            worker.stop()
            raise ModelError(f"{self._folder}: the model has changed since the first worker loaded it")

    @property
    def _model(self) -> dict[str, Any]:
        assert self._greeting is not None
        return self._greeting
