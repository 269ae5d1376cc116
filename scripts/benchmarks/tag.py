"""Measure tagging: throughput, latency, scaling with the number of sentences, memory over a long stream.

    python scripts/benchmarks/tag.py en_ewt-ud-train.conllu --sentences 2500        # peers: pip install -e '.[bench]'
    python scripts/benchmarks/tag.py en_ewt-ud-train.conllu --parts memory --megabytes 1000
    python scripts/benchmarks/tag.py --quick --json tag.json

Throughput is tokens in, labels out, on held-out sentences, with all candidates in turns. Ours is measured as it is in
the middle of a long text: what it keeps of words comes from the training sentences alone, and is made anew in every
round; ``new`` is a tagger that has not met a word yet. The bound is what the matrix products of the BiLSTM alone
would take for every token, so whoever keeps results may outrun it. The models are throw-away ones; their scores on
the held-out sentences are shown. Worker processes share windows of some thousand sentences, so their speed, a part of
its own, is that on a long stream; the others compute in one process there too (``--peers python-crfsuite`` leaves
out those that would take hours). With ``--device cuda`` labels come back to the host, so nothing is under way when
the clock is read. Memory is that of the command ``tagger tag``, read from /proc, so on Linux.
"""

from __future__ import annotations

import argparse
import sys
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from bound import Products
from corpus import Corpus, add_corpus_arguments, pieces, read_corpus, repeated
from devices import add_device_argument, device_name
from measuring import (
    Row,
    benchmark_parser,
    counted_threads,
    in_turns,
    machine,
    positive,
    positive_number,
    ratio,
    report,
    speed_rows,
    timed,
)
from peers import (
    ARCHITECTURE,
    INPUT_DIM,
    OURS,
    Peer,
    held_out_score,
    installed_peers,
    peer_names,
    train_enough,
)
from streams import long_sentence, scaling, stream_memory

from tagger import Tagger

_PARTS = ("throughput", "workers", "latency", "scaling", "memory")
_PARTS_OF_OPTIONS = {
    "tagged": ("throughput",),
    "streamed": ("workers",),
    "workers": ("workers",),
    "rounds": ("throughput", "workers", "scaling"),
    "asked": ("latency",),
    "scale": ("scaling",),
    "megabytes": ("memory",),
    "peers": ("throughput", "workers", "latency"),
}
"""Where an option has an effect."""
_BOUND = "bound: products"
_SENTENCES_IN_A_STEP = 128
_LATENCY_TOKENS = 20
_LONG_SENTENCE = 20_000


class Measured:
    """Trained peers, and our model in a folder.

    Args:
        corpus: what they learned.
        peers: all of them, ours first.
        model: the folder of our model.
        device: where torch computes.
    """

    def __init__(self, corpus: Corpus, peers: Sequence[Peer], model: Path, device: str) -> None:
        self.corpus = corpus
        self.peers = peers
        self.model = model
        self.device = device

    def new(self) -> Tagger:
        """Return our tagger as it is when it has read nothing."""
        return Tagger.load(self.model, device=self.device)

    def in_the_middle(self) -> Tagger:
        """Return our tagger as it is when it has read the training sentences."""
        tagger = self.new()
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
            _BOUND: lambda: products.seconds(num_tokens),
            **{peer.name: self._tagging(peer, sentences) for peer in self.peers[1:]},
        }
        seconds = in_turns(candidates, rounds=rounds)
        rows = self._rows(seconds, num_tokens, {})
        scores = {peer.name: held_out_score(peer, self.corpus) for peer in self.peers}
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
        return Products(
            INPUT_DIM,
            ARCHITECTURE.hidden_dim,
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
        for number, sentence in enumerate(pieces(self.corpus.words, _LATENCY_TOKENS, warm_up + count)):
            for name, tag in work.items():
                passed = timed(lambda tag=tag, sentence=sentence: tag(sentence))  # type: ignore[misc]
                if number >= warm_up:
                    seconds[name].append(passed)
        return [
            {
                "candidate": name,
                "p50 ms": 1e3 * _percentile(times, 50),
                "p95 ms": 1e3 * _percentile(times, 95),
                "p99 ms": 1e3 * _percentile(times, 99),
                f"{OURS} is faster by": ratio(times, seconds[OURS]),
            }
            for name, times in seconds.items()
        ]


def _percentile(values: Sequence[float], percent: int) -> float:
    """Return the smallest value that is not exceeded by so many percent of all."""
    return sorted(values)[max(0, -(-percent * len(values) // 100) - 1)]


def check_effects(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Refuse options of parts that are not measured."""
    for option, parts in _PARTS_OF_OPTIONS.items():
        if getattr(arguments, option) is not None and not set(parts) & set(arguments.parts):
            parser.error(f"--{option} has no effect without --parts {_alternatives(parts)}")


def _alternatives(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def _parser() -> argparse.ArgumentParser:
    parser = benchmark_parser(__doc__)
    add_corpus_arguments(parser)
    add_device_argument(parser)
    parser.add_argument(
        "--parts", nargs="+", choices=_PARTS, default=list(_PARTS), help="what to measure (default: all)"
    )
    parser.add_argument(
        "--sentences",
        type=positive,
        metavar="N",
        help="sentences read of the file (default: 2500; quick: 200)",
    )
    parser.add_argument(
        "--tagged", type=positive, metavar="N", help="sentences tagged at once (default: 2500; quick: 200)"
    )
    parser.add_argument(
        "--streamed",
        type=positive,
        metavar="N",
        help="sentences that workers share (default: 60000; quick: 500)",
    )
    parser.add_argument("--workers", type=positive, metavar="N", help="processes (default: 2)")
    parser.add_argument(
        "--rounds",
        type=positive,
        metavar="N",
        help="rounds (default: throughput 7, workers 3, one endless sentence 5; quick: 2, 1, 2)",
    )
    parser.add_argument(
        "--asked", type=positive, metavar="N", help="sentences asked for alone (default: 500; quick: 50)"
    )
    parser.add_argument(
        "--scale",
        type=positive,
        nargs="+",
        metavar="N",
        help="sentences of the streams (default: 1000 10000 100000 1000000; quick: 1000)",
    )
    parser.add_argument(
        "--megabytes", type=positive_number, metavar="N", help="size of the stream (default: 200; quick: 2)"
    )
    parser.add_argument("--peers", nargs="*", choices=peer_names(), help="compare with these only")
    return parser


def main() -> None:
    parser = _parser()
    arguments = parser.parse_args()
    check_effects(parser, arguments)
    quick, rounds, threads, device = arguments.quick, arguments.rounds, arguments.threads, arguments.device
    torch.set_num_threads(threads)
    corpus = read_corpus(arguments, sentences=arguments.sentences or (200 if quick else 2500))
    compared = set(_PARTS_OF_OPTIONS["peers"]) & set(arguments.parts)
    peers, missing = installed_peers(threads, arguments.peers if compared else [], device=device)
    for peer in peers:
        train_enough(peer, corpus, share=0.2 if quick else 1.0)
    conditions = {
        **machine(threads, ["tagger", *(peer.name for peer in peers[1:])]),
        "device": device_name(device),
    }
    with_threads = counted_threads(threads)
    tables: dict[str, list[Row]] = {}
    absent: list[Row] = [{"candidate": name} for name in missing]
    with TemporaryDirectory() as folder:
        peers[0].save(Path(folder) / "model")
        measured = Measured(corpus, peers, Path(folder) / "model", device)
        if "throughput" in arguments.parts:
            count = arguments.tagged or (200 if quick else 2500)
            title = f"Tagging {count:,} held-out sentences of {corpus.name}, {with_threads}"
            tables[title] = [*measured.throughput(count, rounds=rounds or (2 if quick else 7)), *absent]
        if "workers" in arguments.parts:
            count = arguments.streamed or (500 if quick else 60_000)
            rows = measured.workers(
                count, workers=arguments.workers or 2, rounds=rounds or (1 if quick else 3)
            )
            tables[f"Tagging a stream of {count:,} sentences"] = [*rows, *absent]
        if "latency" in arguments.parts:
            torch.set_num_threads(1)
            rows = measured.latency(arguments.asked or (50 if quick else 500))
            tables[f"One sentence of {_LATENCY_TOKENS} tokens, 1 thread"] = [*rows, *absent]
            torch.set_num_threads(threads)
        if "scaling" in arguments.parts:
            tables[f"Streams of more and more sentences, {with_threads}"] = scaling(
                measured.in_the_middle(),
                corpus,
                sizes=arguments.scale or ([1000] if quick else [1000, 10_000, 100_000, 1_000_000]),
            )
            tables[f"One endless sentence, {with_threads}"] = long_sentence(
                measured.in_the_middle(),
                corpus,
                num_tokens=_LONG_SENTENCE // (10 if quick else 1),
                rounds=rounds or (2 if quick else 5),
            )
        if "memory" in arguments.parts:
            tables[f"Memory of tagger tag along a stream, {with_threads}"] = stream_memory(
                measured.model,
                corpus,
                megabytes=arguments.megabytes or (2 if quick else 200),
                threads=threads,
                device=device,
            )
    report(tables, conditions, arguments.json)


if __name__ == "__main__":
    main()
