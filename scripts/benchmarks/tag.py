"""Measure tagging: throughput, latency, scaling with the number of sentences, memory over a long stream.

    python scripts/benchmarks/tag.py en_ewt-ud-train.conllu --sentences 2500        # peers: pip install -e '.[bench]'
    python scripts/benchmarks/tag.py en_ewt-ud-train.conllu --parts memory --megabytes 1000
    python scripts/benchmarks/tag.py --quick --json tag.json

Throughput is tokens in, labels out, on held-out sentences, with all candidates in turns. Ours is measured as it is in
the middle of a long text: what it keeps of words comes from the training sentences alone, and is made anew in every
round; ``new`` is a tagger that has not met a word yet. The bound is what the matrix products of the BiLSTM alone
would take for every token, so whoever keeps results may outrun it. The models are throw-away ones; their scores on
the held-out sentences are shown. Memory is that of the command ``tagger tag``, read from /proc, so on Linux.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from bound import Products
from corpus import Corpus, add_corpus_arguments, endless, pieces, read_corpus, repeated
from measuring import (
    Row,
    benchmark_parser,
    in_turns,
    machine,
    memory,
    positive,
    positive_number,
    quartiles,
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

from tagger import Example, Tagger

_PARTS = ("throughput", "latency", "scaling", "memory")
_BOUND = "bound: products"
_SENTENCES_IN_A_STEP = 128
_LATENCY_TOKENS = 20
_LONG_SENTENCE = 20_000
_MARKS = (1, 2, 5, 10, 25, 50, 100, 200, 500, 1000, 2000, 5000)
_NEW_WORDS = 0.05


class Measured:
    """Trained peers, and our model in a folder.

    Args:
        corpus: what they learned.
        peers: all of them, ours first.
        model: the folder of our model.
    """

    def __init__(self, corpus: Corpus, peers: Sequence[Peer], model: Path) -> None:
        self.corpus = corpus
        self.peers = peers
        self.model = model

    def in_the_middle(self) -> Tagger:
        """Return our tagger as it is when it has read the training sentences."""
        tagger = Tagger.load(self.model)
        tagger.tag([example.tokens for example in self.corpus.train])
        return tagger

    def throughput(self, num_sentences: int, *, rounds: int) -> list[Row]:
        """Return the speed of every peer, of ours in its variants, and of the bound."""
        sentences = repeated(self.corpus.held_out, num_sentences)
        num_tokens = sum(map(len, sentences))
        products = Products(
            INPUT_DIM, ARCHITECTURE.hidden_dim, num_sentences=_SENTENCES_IN_A_STEP, training=False
        )

        def ours(tagger: Callable[[], Tagger], task: str) -> Callable[[], float]:
            def work() -> float:
                method = getattr(tagger(), task)
                return timed(lambda: method(sentences))

            return work

        def theirs(peer: Peer) -> Callable[[], float]:
            return lambda: timed(lambda: peer.tag(sentences))

        candidates = {
            OURS: ours(self.in_the_middle, "tag"),
            f"{OURS}, new": ours(lambda: Tagger.load(self.model), "tag"),
            f"{OURS}, marginals": ours(self.in_the_middle, "marginals"),
            f"{OURS}, predictions": ours(self.in_the_middle, "predict"),
            _BOUND: lambda: products.seconds(num_tokens),
            **{peer.name: theirs(peer) for peer in self.peers[1:]},
        }
        seconds = in_turns(candidates, rounds=rounds)
        rows = speed_rows(seconds, count=num_tokens, unit="tokens", reference=OURS, bound=_BOUND)
        scores = {peer.name: held_out_score(peer, self.corpus) for peer in self.peers}
        return [{**row, "score": scores.get(str(row["candidate"]))} for row in rows]

    def latency(self, count: int) -> list[Row]:
        """Return how long one sentence takes, asked for alone; the peers take turns sentence by sentence."""
        tagger = self.in_the_middle()
        work: dict[str, Callable[[tuple[str, ...]], object]] = {
            OURS: lambda sentence: tagger.tag([sentence]),
            f"{OURS}, predictions": lambda sentence: tagger.predict([sentence]),
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

    def scaling(self, largest: int) -> list[Row]:
        """Return the time of a token for streams of 1,000 sentences, 10,000, and so on up to the largest."""
        tagger = self.in_the_middle()
        per_token: dict[int, list[float]] = {}
        size = min(1000, largest)
        while size <= largest:
            per_token[size] = [
                _seconds_per_token(tagger, islice(cycle(self.corpus.held_out), size))
                for _ in range(max(1, min(15, 100_000 // size)))
            ]
            size *= 10
        smallest = quartiles(next(iter(per_token.values())))[1]
        rows: list[Row] = []
        for size, times in per_token.items():
            fast, middle, slow = quartiles(times)
            rows.append(
                {
                    "sentences": size,
                    "µs per token": 1e6 * middle,
                    "quartiles": [1e6 * fast, 1e6 * slow],
                    "of the first": middle / smallest,
                }
            )
        return rows

    def long_sentence(self, *, num_tokens: int, rounds: int) -> list[Row]:
        """Return the speed on one endless sentence, and on as many tokens in sentences."""
        tagger = self.in_the_middle()
        whole = pieces(self.corpus.words, num_tokens, 1)
        sentences: list[tuple[str, ...]] = []
        for sentence in cycle(self.corpus.held_out):
            sentences.append(sentence.tokens)
            if sum(map(len, sentences)) >= num_tokens:
                break
        seconds = in_turns(
            {
                "sentences": lambda: timed(lambda: tagger.tag(sentences)),
                "one": lambda: timed(lambda: tagger.tag(whole)),
            },
            rounds=rounds,
        )
        batched = sum(map(len, sentences))
        scaled = [passed * num_tokens / batched for passed in seconds["sentences"]]
        return [
            {
                "tokens": num_tokens,
                "tokens per second": num_tokens / quartiles(seconds["one"])[1],
                "in sentences": num_tokens / quartiles(scaled)[1],
                "share": ratio(scaled, seconds["one"]),
            }
        ]

    def stream_memory(self, megabytes: float, *, threads: int) -> list[Row]:
        """Return the resident memory of ``tagger tag`` along a stream, a twentieth of whose words are new."""
        program = "import sys; from tagger.cli import main; sys.exit(main(sys.argv[1:]))"
        command = [sys.executable, "-c", program, "tag", str(self.model), "--input", "tokens"]
        command += ["--threads", str(threads), "--no-progress"]
        marks = [*(mark for mark in _MARKS if mark < megabytes), megabytes]
        rows: list[Row] = []
        begin = time.perf_counter()
        environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment
        ) as process:
            assert process.stdin is not None
            fed = highest = 0
            for block in _blocks(self.corpus):
                process.stdin.write(block)
                fed += len(block)
                resident = memory("VmRSS", process.pid)
                highest = max(highest, resident)
                if fed >= marks[len(rows)] * 10**6:
                    rows.append(
                        {
                            "MB read": marks[len(rows)],
                            "MiB resident": resident / 2**20,
                            "MiB at most, since the last row": highest / 2**20,
                            "seconds": time.perf_counter() - begin,
                        }
                    )
                    highest = 0
                    if len(rows) == len(marks):
                        break
            process.stdin.close()
            if process.wait() != 0:
                raise RuntimeError(f"tagger tag ended with status {process.returncode}")
        return rows


def _seconds_per_token(tagger: Tagger, examples: Iterable[Example]) -> float:
    """Return the time of a token in one pass over a stream, whose labels are not kept."""
    begin = time.perf_counter()
    num_tokens = sum(map(len, tagger.stream_labels(example.tokens for example in examples)))
    return (time.perf_counter() - begin) / num_tokens


def _percentile(values: Sequence[float], percent: int) -> float:
    """Return the smallest value that is not exceeded by so many percent of all."""
    return sorted(values)[max(0, -(-percent * len(values) // 100) - 1)]


def _blocks(corpus: Corpus) -> Iterator[bytes]:
    """Yield an endless text, some ten thousand characters at a time."""
    lines: list[str] = []
    size = 0
    for sentence in endless(corpus.held_out, new_words=_NEW_WORDS, seed=1):
        lines.append(" ".join(sentence))
        size += len(lines[-1])
        if size > 20_000:
            yield ("\n".join(lines) + "\n").encode("utf-8", "replace")
            lines, size = [], 0


def main() -> None:
    parser = benchmark_parser(__doc__)
    add_corpus_arguments(parser)
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
    parser.add_argument("--rounds", type=positive, metavar="N", help="rounds (default: 7; quick: 2)")
    parser.add_argument(
        "--asked", type=positive, metavar="N", help="sentences asked for alone (default: 500; quick: 50)"
    )
    parser.add_argument(
        "--scale",
        type=positive,
        metavar="N",
        help="sentences of the longest stream (default: 1000000; quick: 1000)",
    )
    parser.add_argument(
        "--megabytes", type=positive_number, metavar="N", help="size of the stream (default: 200; quick: 2)"
    )
    parser.add_argument("--peers", nargs="*", choices=peer_names(), help="compare with these only")
    arguments = parser.parse_args()
    quick, threads = arguments.quick, arguments.threads
    torch.set_num_threads(threads)
    corpus = read_corpus(arguments, sentences=arguments.sentences or (200 if quick else 2500))
    compared = {"throughput", "latency"} & set(arguments.parts)
    peers, missing = installed_peers(threads, arguments.peers if compared else [])
    for peer in peers:
        train_enough(peer, corpus, share=0.2 if quick else 1.0)
    conditions = machine(threads, ["tagger", *(peer.name for peer in peers[1:])])
    tables: dict[str, list[Row]] = {}
    absent: list[Row] = [{"candidate": name} for name in missing]
    with TemporaryDirectory() as folder:
        peers[0].save(Path(folder) / "model")
        measured = Measured(corpus, peers, Path(folder) / "model")
        if "throughput" in arguments.parts:
            count = arguments.tagged or (200 if quick else 2500)
            title = f"Tagging {count:,} held-out sentences of {corpus.name}, {threads} threads"
            rows = measured.throughput(count, rounds=arguments.rounds or (2 if quick else 7))
            tables[title] = [*rows, *absent]
        if "latency" in arguments.parts:
            torch.set_num_threads(1)
            rows = measured.latency(arguments.asked or (50 if quick else 500))
            tables[f"One sentence of {_LATENCY_TOKENS} tokens, 1 thread"] = [*rows, *absent]
            torch.set_num_threads(threads)
        if "scaling" in arguments.parts:
            tables["Streams of more and more sentences"] = measured.scaling(
                arguments.scale or (1000 if quick else 1_000_000)
            )
            tables["One endless sentence"] = measured.long_sentence(
                num_tokens=_LONG_SENTENCE // (10 if quick else 1), rounds=2 if quick else 5
            )
        if "memory" in arguments.parts:
            tables["Memory of tagger tag along a stream"] = measured.stream_memory(
                arguments.megabytes or (2 if quick else 200), threads=threads
            )
    report(tables, conditions, arguments.json)


if __name__ == "__main__":
    main()
