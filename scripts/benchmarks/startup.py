"""Measure cold starts: how long a new process takes to import the package, and to its first label.

    python scripts/benchmarks/startup.py                # peers: pip install -e '.[bench]'
    python scripts/benchmarks/startup.py --quick --json startup.json

Every program is a process of its own, measured from its start to its end, and the programs take turns. ``alone`` is
what is left when the time of an empty Python program is taken away; it is put in relation to that of ``import torch``.
The models are throw-away ones, in folders of their own.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from corpus import Corpus, add_corpus_arguments, pieces, read_corpus
from measuring import Row, benchmark_parser, in_turns, machine, positive, quartiles, report, timed
from peers import OURS, Peer, installed_peers, peer_names, train_enough

_EMPTY, _TORCH = "python", "import torch"


def programs(peers: list[Peer], corpus: Corpus, folder: Path) -> dict[str, list[str]]:
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
    commands[f"{OURS}: first label, command line"] = ["-c", program, "tag", str(folder / OURS), str(text)]
    return commands


def measure(commands: dict[str, list[str]], *, rounds: int, warm_up: int, threads: int) -> list[Row]:
    """Return how long each program takes."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}

    def work(command: list[str]) -> Callable[[], float]:
        return lambda: timed(
            lambda: subprocess.run(
                [sys.executable, *command], check=True, capture_output=True, env=environment
            )
        )

    seconds = in_turns(
        {name: work(command) for name, command in commands.items()}, rounds=rounds, warm_up=warm_up
    )
    rows: list[Row] = []
    for name, times in seconds.items():
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
    parser.add_argument("--rounds", type=positive, metavar="N", help="rounds (default: 15; quick: 2)")
    parser.add_argument("--peers", nargs="*", choices=peer_names(), help="compare with these only")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    corpus = read_corpus(arguments, sentences=200)
    peers, missing = installed_peers(arguments.threads, arguments.peers)
    for peer in peers:
        train_enough(peer, corpus, share=0.1)
    with TemporaryDirectory() as folder:
        rows = measure(
            programs(peers, corpus, Path(folder)),
            rounds=arguments.rounds or (2 if arguments.quick else 15),
            warm_up=0 if arguments.quick else 1,
            threads=arguments.threads,
        )
    conditions = machine(arguments.threads, ["tagger", *(peer.name for peer in peers[1:])])
    rows += [{"program": name} for name in missing]
    report({"Cold starts": rows}, conditions, arguments.json)


if __name__ == "__main__":
    main()
