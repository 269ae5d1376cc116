"""Measure how fast the recipe trains, beside other taggers and the bound, and what memory it takes at its peak.

    python scripts/benchmarks/train.py en_ewt-ud-train.conllu --sentences 2500      # peers: pip install -e '.[bench]'
    python scripts/benchmarks/train.py --quick --json train.json

Speed is that of the steps of an epoch as :func:`tagger.training.train` runs them, Lightning, optimiser and moving
average included, without what is done once or between epochs (vocabularies, dev scores, checkpoints), and the same
for the others; ``whole run`` counts everything. All train on the same sentences, four of five, with the same widths
as far as they have them, and take turns. The bound is what the matrix products of the BiLSTM alone would take. Memory
is the highest resident size of a process of its own that trains on ``--memory-sentences`` for one epoch; with
``--device cuda`` it is the host's.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys

import torch
from bound import Products
from corpus import Corpus, add_corpus_arguments, read_corpus, repeated_examples
from devices import add_device_argument, device_name
from measuring import (
    Row,
    benchmark_parser,
    counted_threads,
    machine,
    memory,
    positive,
    report,
    speed_rows,
)
from peers import (
    ARCHITECTURE,
    BATCH_SIZE,
    INPUT_DIM,
    OURS,
    Ours,
    Peer,
    Training,
    held_out_score,
    installed_peers,
    peer_names,
)

_BOUND = "bound: products"


def measure_speed(corpus: Corpus, peers: list[Peer], *, rounds: int, epochs: int, device: str) -> list[Row]:
    """Return a row for each peer, and one for the bound."""
    num_tokens = sum(len(example.tokens) for example in corpus.train)
    products = Products(
        INPUT_DIM, ARCHITECTURE.hidden_dim, num_sentences=BATCH_SIZE, training=True, device=device
    )
    seconds: dict[str, list[float]] = {peer.name: [] for peer in peers}
    seconds[_BOUND] = []
    trainings: dict[str, list[Training]] = {peer.name: [] for peer in peers}
    products.seconds(num_tokens)
    for _ in range(rounds):
        for peer in peers:
            trainings[peer.name].append(peer.train(corpus, epochs=epochs))
            seconds[peer.name].append(statistics.median(trainings[peer.name][-1].epochs))
        seconds[_BOUND].append(products.seconds(num_tokens))
    threads = {peer.name: peer.threads for peer in peers} | {_BOUND: peers[0].threads}
    rows = speed_rows(seconds, count=num_tokens, unit="tokens", reference=OURS, bound=_BOUND, threads=threads)
    for row, peer in zip(rows, peers, strict=False):  # the bound is last
        whole = statistics.median(training.whole for training in trainings[peer.name])
        done = statistics.median(len(training.epochs) for training in trainings[peer.name])
        row["whole run, tokens per second"] = done * num_tokens / whole
        row["score"] = held_out_score(peer, corpus)
    return [*rows]


def measure_memory(arguments: argparse.Namespace, sentences: int) -> list[Row]:
    """Return the memory of a process that trains, as one row."""
    command = [sys.executable, __file__, str(arguments.path), "--memory-of", str(sentences)]
    command += ["--threads", str(arguments.threads), "--device", arguments.device]
    if arguments.label_column is not None:
        command += [f"--label-column={arguments.label_column}"]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    before, peak = (int(number) / 2**20 for number in output.split())
    return [{"sentences": sentences, "MiB before": before, "MiB at the peak": peak}]


def print_memory(arguments: argparse.Namespace) -> None:
    """Train in this process, and print its bytes before it and at its peak."""
    import tagger.training  # noqa: F401  (what is imported is not what training needs)

    corpus = read_corpus(arguments)
    examples = repeated_examples(corpus.train + corpus.held_out, arguments.memory_of)
    before = memory("VmRSS")
    ours = Ours(arguments.threads, arguments.device)
    ours.train(Corpus(corpus.name, examples, corpus.held_out, corpus.scheme), epochs=1)
    print(before, memory("VmHWM"))


def main() -> None:
    parser = benchmark_parser(__doc__)
    add_corpus_arguments(parser)
    add_device_argument(parser)
    parser.add_argument(
        "--sentences",
        type=positive,
        metavar="N",
        help="sentences read of the file (default: 2500; quick: 200)",
    )
    parser.add_argument("--epochs", type=positive, default=2, help="epochs of each training (default: 2)")
    parser.add_argument("--rounds", type=positive, metavar="N", help="rounds (default: 3; quick: 1)")
    parser.add_argument("--peers", nargs="*", choices=peer_names(), help="compare with these only")
    parser.add_argument(
        "--memory-sentences",
        type=positive,
        metavar="N",
        help="sentences to train on while memory is measured (default: 12500; quick: 500)",
    )
    parser.add_argument("--memory-of", type=positive, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    if arguments.memory_of:
        print_memory(arguments)
        return
    quick = arguments.quick
    corpus = read_corpus(arguments, sentences=arguments.sentences or (200 if quick else 2500))
    threads, device = arguments.threads, arguments.device
    peers, missing = installed_peers(threads, arguments.peers, device=device)
    title = (
        f"Training on {len(corpus.train):,} sentences of {corpus.name}, {arguments.epochs} epochs, "
        f"{counted_threads(threads)}"
    )
    conditions = {
        **machine(threads, ["tagger", "pytorch-lightning", *(peer.name for peer in peers[1:])]),
        "device": device_name(device),
    }
    rounds = arguments.rounds or (1 if quick else 3)
    tables = {
        title: [
            *measure_speed(corpus, peers, rounds=rounds, epochs=arguments.epochs, device=device),
            *({"candidate": name} for name in missing),
        ],
        f"Peak memory of training, {counted_threads(threads)}": measure_memory(
            arguments, arguments.memory_sentences or (500 if quick else 12_500)
        ),
    }
    report(tables, conditions, arguments)


if __name__ == "__main__":
    main()
