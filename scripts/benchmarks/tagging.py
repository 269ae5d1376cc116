"""What tag.py measures of trained taggers in turns: throughput, worker processes, latency."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType

from bound import Products
from corpus import Corpus, pieces, repeated
from measuring import Row, in_turns, percentile, ratio, speed_column, speed_rows, timed
from peer import Peer, input_dim
from peers import OURS, held_out_score

from tagger import Tagger

LATENCY_TOKENS = 20
_BOUND = "bound: products"
_SENTENCES_IN_A_STEP = 128


class Measured:
    """Trained peers, and our models in folders.

    Args:
        corpus: what they learned.
        peers: all of them, ours first.
        model: the folder of our model.
        device: where torch computes.
        others: folders of models of ours of other sizes, by what tells them apart.
    """

    def __init__(
        self,
        corpus: Corpus,
        peers: Sequence[Peer],
        model: Path,
        device: str,
        others: Mapping[str, Path] = MappingProxyType({}),
    ) -> None:
        self.corpus = corpus
        self.peers = peers
        self.model = model
        self.device = device
        self.others = others

    def new(self, model: Path | None = None) -> Tagger:
        """Return our tagger as it is when it has read nothing, or that of another model."""
        threads = self.peers[0].threads if self.device == "cpu" else 1
        return Tagger.load(model or self.model, device=self.device, threads=threads)

    def in_the_middle(self, model: Path | None = None) -> Tagger:
        """Return our tagger, or that of another model, as it is when it has read the training sentences."""
        tagger = self.new(model)
        tagger.tag([example.tokens for example in self.corpus.train])
        return tagger

    def throughput(self, num_sentences: int, *, rounds: int) -> list[Row]:
        """Return the speed of every peer, of ours in its variants, and of the bound."""
        sentences = repeated(self.corpus.held_out, num_sentences)
        num_tokens = sum(map(len, sentences))
        products = self._products()

        def ours(tagger: Callable[[], Tagger], task: str) -> Callable[[], float]:
            def work() -> float:
                method = getattr(tagger(), task)
                return timed(lambda: method(sentences))

            return work

        candidates = {
            OURS: ours(self.in_the_middle, "tag"),
            f"{OURS}, new": ours(self.new, "tag"),
            f"{OURS}, marginals": ours(self.in_the_middle, "marginals"),
            f"{OURS}, predictions": ours(self.in_the_middle, "predict"),
            **{
                f"{OURS}, {name}": ours(partial(self.in_the_middle, model), "tag")
                for name, model in self.others.items()
            },
            _BOUND: lambda: products.seconds(num_tokens),
            **{peer.name: self._tagging(peer, sentences) for peer in self.peers[1:]},
        }
        seconds = in_turns(candidates, rounds=rounds)
        rows = self._rows(seconds, num_tokens, {})
        scores = {peer.name: held_out_score(peer.tag, self.corpus) for peer in self.peers}
        for name, model in self.others.items():
            scores[f"{OURS}, {name}"] = held_out_score(self.new(model).tag, self.corpus)
        return [{**row, "score": scores.get(str(row["candidate"]))} for row in rows]

    def workers(self, num_sentences: int, *, workers: int, rounds: int) -> list[Row]:
        """Return the speed of one process of ours, of several, and of the peers on a long stream."""
        from tagger.workers import WorkerPool

        known = [example.tokens for example in self.corpus.train]
        sentences = repeated(self.corpus.held_out, num_sentences)
        num_tokens = sum(map(len, sentences))
        products = self._products()
        together = f"{OURS}, {workers} workers"

        def alone() -> float:
            tagger = self.in_the_middle()
            return timed(lambda: tagger.tag(sentences))

        def shared() -> float:
            warn = partial(print, file=sys.stderr)
            with WorkerPool(str(self.model), workers=workers, device=self.device, on_death=warn) as pool:
                for _ in range(2 * workers):  # each of them meets the words
                    deque(pool.stream_labels(known), maxlen=0)
                return timed(lambda: list(pool.stream_labels(sentences)))

        candidates = {
            OURS: alone,
            together: shared,
            _BOUND: lambda: products.seconds(num_tokens),
            **{peer.name: self._tagging(peer, sentences) for peer in self.peers[1:]},
        }
        seconds = in_turns(candidates, rounds=rounds, warm_up=0)
        return [*self._rows(seconds, num_tokens, {together: workers})]  # one thread each

    def _products(self) -> Products:
        """Return the bound."""
        config = self.new().config
        return Products(
            input_dim(config),
            config.hidden_dim,
            num_sentences=_SENTENCES_IN_A_STEP,
            training=False,
            device=self.device,
        )

    def _rows(
        self, seconds: dict[str, list[float]], num_tokens: int, threads: dict[str, int]
    ) -> list[dict[str, object]]:
        """Return a row for each candidate; ``threads`` names those of ours that have another number of them."""
        usual = dict.fromkeys(seconds, self.peers[0].threads)
        theirs = {peer.name: peer.threads for peer in self.peers}
        return speed_rows(
            seconds,
            count=num_tokens,
            unit="tokens",
            reference=OURS,
            bound=_BOUND,
            threads={**usual, **theirs, **threads},
        )

    def _tagging(self, peer: Peer, sentences: list[tuple[str, ...]]) -> Callable[[], float]:
        return lambda: timed(lambda: peer.tag(sentences))

    def latency(self, count: int) -> list[Row]:
        """Return how long one sentence takes, asked for alone; the peers take turns sentence by sentence."""
        tagger, predicting = self.in_the_middle(), self.in_the_middle()  # neither learns words from the other
        work: dict[str, Callable[[tuple[str, ...]], object]] = {
            OURS: lambda sentence: tagger.tag([sentence]),
            f"{OURS}, predictions": lambda sentence: predicting.predict([sentence]),
        }
        for peer in self.peers[1:]:
            work[peer.name] = lambda sentence, peer=peer: peer.tag([sentence])  # type: ignore[misc]
        seconds: dict[str, list[float]] = {name: [] for name in work}
        warm_up = 10
        for number, sentence in enumerate(pieces(self.corpus.words, LATENCY_TOKENS, warm_up + count)):
            for name, tag in work.items():
                passed = timed(lambda tag=tag, sentence=sentence: tag(sentence))  # type: ignore[misc]
                if number >= warm_up:
                    seconds[name].append(passed)
        return [
            {
                "candidate": name,
                "p50 ms": 1e3 * percentile(times, 50),
                "p95 ms": 1e3 * percentile(times, 95),
                "p99 ms": 1e3 * percentile(times, 99),
                speed_column(OURS): ratio(times, seconds[OURS]),
            }
            for name, times in seconds.items()
        ]
