"""Measure tagging: throughput, latency, scaling with the number of sentences, memory over a long stream.

    python scripts/benchmarks/tag.py en_ewt-ud-train.conllu --sentences 2500        # peers: pip install -e '.[bench]'
    python scripts/benchmarks/tag.py en_ewt-ud-train.conllu --parts memory --megabytes 1000
    python scripts/benchmarks/tag.py --quick --json tag.json

Throughput is tokens in, labels out, on held-out sentences, with all candidates in turns. Ours is measured as it is in
the middle of a long text: what it keeps of words comes from the training sentences alone, and is made again in every
round; ``new`` is a tagger that has not met a word yet. The bound is what the matrix products of the BiLSTM alone
would take for every token, so whoever keeps results may outrun it. The models are throw-away ones, in batches of 32:
ours with the default architecture, and in throughput also with ``--units``; flair's is that of ``train.py`` with the
same widths, smaller than its default; CRFsuite's time includes making the features. Their scores on the held-out
sentences are shown. Worker processes share lookaheads of some two thousand sentences, so their speed, a
part of its own, is that on a long stream; the others compute in one process there too (``--peers python-crfsuite``
leaves out those that would take hours). With ``--device cuda`` labels come back to the host, so nothing is under way
when the clock is read. Memory is that of the command ``tagger tag``, read from /proc, so on Linux.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from corpus import add_corpus_arguments, read_corpus
from devices import add_device_argument, device_name
from measuring import Row, benchmark_parser, counted_threads, machine, positive, positive_number, report
from peers import Ours, installed_peers, peer_names, train_enough
from streams import long_sentence, scaling, stream_memory, tag_command
from tagging import LATENCY_TOKENS, Measured

from tagger.config import TaggerConfig

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
    "units": ("throughput",),
}
"""Where an option has an effect."""
_LONG_SENTENCE = 20_000


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
    parser.add_argument(
        "--units",
        type=positive,
        nargs="+",
        metavar="N",
        help="sizes of ours in throughput, besides the default one (default: 64)",
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
    peers, missing = installed_peers(
        threads,
        arguments.peers if compared else [],
        device=device,
        ours=Ours(threads, device, model=TaggerConfig()),
    )
    sizes = {}
    if "throughput" in arguments.parts:
        for units in dict.fromkeys(arguments.units or [64]):
            sizes[f"2 x {units} units"] = Ours(threads, device, model=TaggerConfig(hidden_dim=units))
    for peer in (*peers, *sizes.values()):
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
        others = {}
        for name, ours in sizes.items():
            others[name] = Path(folder) / name.replace(" ", "-")
            ours.save(others[name])
        measured = Measured(corpus, peers, Path(folder) / "model", device, others)
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
            tables[f"One sentence of {LATENCY_TOKENS} tokens, 1 thread"] = [*rows, *absent]
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
                tag_command(measured.model, threads=threads, device=device),
                {**os.environ, "OMP_NUM_THREADS": str(threads)},
                corpus,
                megabytes=arguments.megabytes or (2 if quick else 200),
                name="tagger tag",
            )
    report(tables, conditions, arguments)


if __name__ == "__main__":
    main()
