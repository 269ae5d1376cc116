"""Measure cold starts: how long a new process takes to import the package, and to its first label.

    python scripts/benchmarks/startup.py                # peers: pip install -e '.[bench]'
    python scripts/benchmarks/startup.py --quick --json startup.json

Every program is a process of its own, measured from its start to its end, and the programs take turns. ``alone`` is
what is left when the time of an empty Python program is taken away; it is put in relation to that of ``import torch``.
The models are throw-away ones, in folders of their own. Some peers import so much that on a busy machine they take half
a minute: one that takes longer than ``--limit`` is reported as such, and not measured.
"""

from __future__ import annotations

import math
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from corpus import Corpus, add_corpus_arguments, pieces, read_corpus
from devices import add_device_argument, device_name
from measuring import (
    Row,
    benchmark_parser,
    counted_threads,
    in_turns,
    machine,
    positive,
    positive_number,
    quartiles,
    report,
    timed,
)
from peer import Peer
from peers import OURS, installed_peers, peer_names, train_enough

_EMPTY, _TORCH = "python", "import torch"


def programs(peers: list[Peer], corpus: Corpus, folder: Path, device: str) -> dict[str, list[str]]:
    """Return the command line of every program."""
    (sentence,) = pieces(corpus.words, 20, 1)
    commands = {
        _EMPTY: ["-c", "pass"],
        _TORCH: ["-c", "import torch"],
        "import tagger": ["-c", "import tagger"],
    }
    for peer in peers:
        own = folder / peer.name
        own.mkdir()
        peer.save(own)
        commands[f"{peer.name}: first label"] = ["-c", peer.cold_start(own, sentence)]
    text = folder / "text.txt"
    text.write_text(" ".join(sentence) + "\n", encoding="utf-8")
    program = "import sys; from tagger.cli import main; sys.exit(main(sys.argv[1:]))"
    command = ["-c", program, "tag", str(folder / OURS), str(text), "--device", device]
    commands[f"{OURS}: first label, command line"] = command
    return commands


def measure(
    commands: dict[str, list[str]], *, rounds: int, warm_up: int, threads: int, limit: float
) -> list[Row]:
    """Return how long each program takes; one that once takes longer than the limit is not started again."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    too_slow: set[str] = set()

    def work(name: str) -> Callable[[], float]:
        command = [sys.executable, *commands[name]]
        start = partial(
            subprocess.run, command, check=True, capture_output=True, env=environment, timeout=limit
        )

        def once() -> float:
            if name not in too_slow:
                try:
                    return timed(start)
                except subprocess.TimeoutExpired:
                    too_slow.add(name)
            return math.inf

        return once

    seconds = in_turns({name: work(name) for name in commands}, rounds=rounds, warm_up=warm_up)
    for name in (_EMPTY, _TORCH):
        if name in too_slow:
            raise SystemExit(f"{name} takes longer than {limit:g} s, and all else is measured against it")
    rows: list[Row] = []
    for name, times in seconds.items():
        if name in too_slow:
            rows.append({"program": f"{name} (longer than {limit:g} s)"})
            continue
        fast, middle, slow = quartiles(times)
        alone = [own - empty for own, empty in zip(times, seconds[_EMPTY], strict=True)]
        torch_alone = [own - empty for own, empty in zip(seconds[_TORCH], seconds[_EMPTY], strict=True)]
        rows.append(
            {
                "program": name,
                "seconds": middle,
                "quartiles": [fast, slow],
                "alone": statistics.median(alone),
                "of import torch": statistics.median(
                    own / other for own, other in zip(alone, torch_alone, strict=True)
                ),
            }
        )
    return rows


def main() -> None:
    parser = benchmark_parser(__doc__)
    add_corpus_arguments(parser)
    add_device_argument(parser)
    parser.add_argument("--rounds", type=positive, metavar="N", help="rounds (default: 7; quick: 2)")
    parser.add_argument(
        "--limit",
        type=positive_number,
        default=120,
        metavar="SECONDS",
        help="longest that a program may take (default: 120)",
    )
    parser.add_argument("--peers", nargs="*", choices=peer_names(), help="compare with these only")
    arguments = parser.parse_args()
    threads, device = arguments.threads, arguments.device
    torch.set_num_threads(threads)
    corpus = read_corpus(arguments, sentences=200)
    peers, missing = installed_peers(threads, arguments.peers, device=device)
    for peer in peers:
        train_enough(peer, corpus, share=0.1)
    with TemporaryDirectory() as folder:
        rows = measure(
            programs(peers, corpus, Path(folder), device),
            rounds=arguments.rounds or (2 if arguments.quick else 7),
            warm_up=0 if arguments.quick else 1,
            threads=threads,
            limit=arguments.limit,
        )
    conditions = {
        **machine(threads, ["tagger", *(peer.name for peer in peers[1:])]),
        "device": device_name(device),
    }
    rows += [{"program": name} for name in missing]
    report({f"Cold starts, {counted_threads(threads)}": rows}, conditions, arguments)


if __name__ == "__main__":
    main()
