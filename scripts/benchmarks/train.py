"""Compare how fast the recipe trains with other taggers and the bound, and measure its memory at the peak.

    python scripts/benchmarks/train.py en_ewt-ud-train.conllu --sentences 2500      # peers: pip install -e '.[bench]'
    python scripts/benchmarks/train.py en_ewt-ud-train.conllu --threads 2 --peers flair spacy
    python scripts/benchmarks/train.py en_ewt-ud-train.conllu --settings --units 200 128 100 64
    python scripts/benchmarks/train.py --quick --json train.json

Speed is that of the steps of an epoch as :func:`tagger.training.train` runs them, Lightning, optimiser and moving
average included, without what is done once or between epochs (vocabularies, dev scores, checkpoints), and the same for
the others; ``whole run`` counts everything. All train on the same sentences, four of five, and take turns. With the
settings ``same`` they have the same widths as far as they can (words 100, characters 50, 2 x 200, batches of 32, no
wide features); with ``default`` each has its own: ours is the default recipe, flair's are its widths, optimiser and
batches. CRFsuite and spaCy have their own in both. ``--threads`` sets the threads of ours and of torch, so flair's,
too. The bound is what the matrix products of our BiLSTM alone would take, with torch's threads. ``--units`` measures
the default recipe at other sizes, each with its own bound. Memory is the highest resident size of a process of its own
that trains by the default recipe on ``--memory-sentences`` for one epoch; with ``--device cuda`` it is the host's.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

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
    quartiles,
    ratio,
    report,
    speed_rows,
)
from peer import Peer, Training, input_dim
from peers import OURS, Ours, held_out_score, installed_peers, peer_names

from tagger.config import TaggerConfig

_BOUND: Final = "bound: products"
_TITLES: Final = {"same": "the same architecture", "default": "the defaults of each"}


def default_recipe(
    threads: int, device: str, *, num_sentences: int, units: int = TaggerConfig.hidden_dim
) -> Ours:
    """Return this project as its recipe is by default, with the batches of a run of all its epochs.

    Args:
        threads: to compute with.
        device: where.
        num_sentences: that are learned from.
        units: hidden ones of each direction.
    """
    from tagger.training import RunConfig
    from tagger.training.batches import usual_batch_size

    batch_size = usual_batch_size(num_sentences, epochs=RunConfig.epochs)
    return Ours(threads, device, model=TaggerConfig(hidden_dim=units), batch_size=batch_size)


def products_of(ours: Ours, device: str) -> Products:
    """Return the products of training a model as fast as nothing can."""
    return Products(
        input_dim(ours.model),
        ours.model.hidden_dim,
        num_sentences=ours.batch_size,
        training=True,
        device=device,
    )


def measure_speed(
    corpus: Corpus, peers: Sequence[Peer], ours: Ours, *, rounds: int, epochs: int, device: str
) -> list[Row]:
    """Return a row for each peer, the first of which is ours, and one for the bound."""
    num_tokens = sum(len(example.tokens) for example in corpus.train)
    products = products_of(ours, device)
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
        row["score"] = held_out_score(peer.tag, corpus)
    return [*rows]


def measure_sizes(
    corpus: Corpus, sizes: Sequence[Ours], *, rounds: int, epochs: int, device: str
) -> list[Row]:
    """Return a row for each size, which take turns, each right before its bound."""
    num_tokens = sum(len(example.tokens) for example in corpus.train)
    products = [products_of(ours, device) for ours in sizes]
    seconds: list[list[float]] = [[] for _ in sizes]
    bounds: list[list[float]] = [[] for _ in sizes]
    for _ in range(rounds):
        for number, ours in enumerate(sizes):
            seconds[number].append(statistics.median(ours.train(corpus, epochs=epochs).epochs))
            bounds[number].append(products[number].seconds(num_tokens))
    rows: list[Row] = []
    for ours, times, of_products in zip(sizes, seconds, bounds, strict=True):
        fast, middle, slow = quartiles(times)
        low, share, high = quartiles([bound / own for own, bound in zip(times, of_products, strict=True)])
        rows.append(
            {
                "candidate": f"2 x {ours.model.hidden_dim} units",
                "tokens per second": num_tokens / middle,
                "quartiles": [num_tokens / slow, num_tokens / fast],
                "this one's speed / the first's": ratio(seconds[0], times),
                "share of the bound": share,
                "quartiles of that": [low, high],
                "bound, tokens per second": num_tokens / statistics.median(of_products),
                "score": held_out_score(ours.tag, corpus),
            }
        )
    return rows


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
    ours = default_recipe(arguments.threads, arguments.device, num_sentences=len(examples))
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
    parser.add_argument(
        "--settings",
        nargs="*",
        choices=list(_TITLES),
        default=list(_TITLES),
        help="how to train for the comparison: with the same widths, with each one's own, or not (default: both)",
    )
    parser.add_argument(
        "--units",
        type=positive,
        nargs="+",
        default=[],
        metavar="N",
        help="sizes at which the default recipe is measured too, each with its bound, such as 200 128 100 64",
    )
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
    rounds = arguments.rounds or (1 if quick else 3)
    of_training = f"{len(corpus.train):,} sentences of {corpus.name}, epochs: {arguments.epochs}"
    of_training += f", {counted_threads(threads)}"
    tables: dict[str, list[Row]] = {}
    measured: set[str] = set()
    for settings in dict.fromkeys(arguments.settings):
        ours = (
            Ours(threads, device)
            if settings == "same"
            else default_recipe(threads, device, num_sentences=len(corpus.train))
        )
        peers, missing = installed_peers(
            threads, arguments.peers, device=device, ours=ours, by_default=settings == "default"
        )
        measured |= {peer.name for peer in peers[1:]}
        rows = measure_speed(corpus, peers, ours, rounds=rounds, epochs=arguments.epochs, device=device)
        tables[f"Training with {_TITLES[settings]} on {of_training}"] = [
            *rows,
            *({"candidate": name} for name in missing),
        ]
    if arguments.units:
        sizes = [
            default_recipe(threads, device, num_sentences=len(corpus.train), units=units)
            for units in arguments.units
        ]
        tables[f"Training by the default recipe at other sizes, {of_training}"] = measure_sizes(
            corpus, sizes, rounds=rounds, epochs=arguments.epochs, device=device
        )
    tables[f"Peak memory of training, {counted_threads(threads)}"] = measure_memory(
        arguments, arguments.memory_sentences or (500 if quick else 12_500)
    )
    conditions = {
        **machine(threads, ["tagger", "pytorch-lightning", *sorted(measured)]),
        "device": device_name(device),
    }
    report(tables, conditions, arguments)


if __name__ == "__main__":
    main()
