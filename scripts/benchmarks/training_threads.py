"""Measure training steps by one thread and by two.

    OMP_NUM_THREADS=1 python scripts/benchmarks/training_threads.py en_ewt-ud-train.conllu
    OMP_NUM_THREADS=1 python scripts/benchmarks/training_threads.py en_ewt-ud-train.conllu --busy 2
    OMP_NUM_THREADS=1 python scripts/benchmarks/training_threads.py --quick --clock processor

Steps are those of :func:`tagger.training.train`, optimiser and moving average included, with what Lightning does around
them. Both train for an epoch in turns, on the same sentences; numbers are medians over the rounds with quartiles,
and ratios those of each round. ``--busy`` has as many other processes keep the cores busy all the while. With ``--clock
processor`` seconds are those of the processor, of all threads together: what the work costs, on a busy machine too, but
not what a second thread gains.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from unittest import mock

from corpus import add_corpus_arguments, read_corpus
from measuring import Row, benchmark_parser, machine, positive, quartiles, ratio, report

from tagger.config import TaggerConfig
from tagger.examples import Example
from tagger.training import DataConfig, RunConfig, Splits, train
from tagger.training.callbacks import EpochReport

WAYS: Final = {
    "1 thread": {"threads": 1},
    "2 threads": {"threads": 2},
}
CLOCKS: Final = {"wall": time.perf_counter, "processor": time.process_time}
"""What is measured, and by which clock."""


def seconds_of_epoch(
    examples: Sequence[Example], *, units: int, batch_size: int, clock: str, **options: Any
) -> float:
    """Return what the steps of one epoch take."""
    read, seen = CLOCKS[clock], []
    begin, end = EpochReport.on_train_epoch_start, EpochReport.on_train_batch_end

    def started(*arguments: Any) -> None:
        begin(*arguments)
        seen.append(read())

    def ended(*arguments: Any) -> None:
        end(*arguments)
        seen.append(read())

    with (
        TemporaryDirectory() as folder,
        mock.patch.object(EpochReport, "on_train_epoch_start", started),
        mock.patch.object(EpochReport, "on_train_batch_end", ended),
    ):
        config = RunConfig(
            output=Path(folder) / "run",
            data=DataConfig(dev_fraction=0),
            model=replace(TaggerConfig(), hidden_dim=units),
            epochs=1,
            batch_size=batch_size,
            loggers=[],
            card_examples=0,
            progress=False,
            **options,
        )
        train(config, splits=Splits(list(examples)))
    return seen[-1] - seen[0]


def measure(
    examples: Sequence[Example], *, units: int, batch_size: int, rounds: int, clock: str
) -> list[Row]:
    """Return a row for each way."""
    num_tokens = sum(len(example.tokens) for example in examples)
    seconds: dict[str, list[float]] = {way: [] for way in WAYS}
    for number in range(1 + rounds):
        for way, options in WAYS.items():
            passed = seconds_of_epoch(examples, units=units, batch_size=batch_size, clock=clock, **options)
            if number:  # the first one warms up
                seconds[way].append(passed)
    rows: list[Row] = []
    for way, own in seconds.items():
        fast, middle, slow = quartiles(own)
        rows.append(
            {
                "way": way,
                "tokens per second": num_tokens / middle,
                "quartiles": [num_tokens / slow, num_tokens / fast],
                "best": num_tokens / min(own),
                "as fast as 1 thread": ratio(seconds["1 thread"], own),
                "µs per token": statistics.median(own) / num_tokens * 1e6,
            }
        )
    return rows


@contextmanager
def neighbours(number: int) -> Iterator[None]:
    """Keep processes busy as long as the block lasts."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(number)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


def main() -> None:
    parser = benchmark_parser(__doc__, threads=None)
    add_corpus_arguments(parser)
    parser.add_argument(
        "--sentences", type=positive, metavar="N", help="sentences to train on (default: 1000; quick: 100)"
    )
    parser.add_argument("--units", type=positive, nargs="+", default=[128, 200], help="of the encoder")
    parser.add_argument("--batch-sizes", type=positive, nargs="+", default=[9, 32], help="sentences")
    parser.add_argument("--rounds", type=positive, metavar="N", help="rounds (default: 7; quick: 1)")
    parser.add_argument(
        "--busy", type=int, default=0, metavar="N", help="other processes that compute all the while"
    )
    parser.add_argument("--clock", choices=CLOCKS, default="wall", help="of what seconds are")
    arguments = parser.parse_args()
    corpus = read_corpus(arguments, sentences=arguments.sentences or (100 if arguments.quick else 1000))
    examples = corpus.train
    with neighbours(arguments.busy):
        tables = {
            f"{units} units, batches of {batch_size}, {len(examples)} sentences of {corpus.name}": measure(
                examples,
                units=units,
                batch_size=batch_size,
                rounds=arguments.rounds or (1 if arguments.quick else 7),
                clock=arguments.clock,
            )
            for units in arguments.units
            for batch_size in arguments.batch_sizes
        }
    conditions = {
        **machine(1, ["tagger", "pytorch-lightning"]),
        "clock": arguments.clock,
        "busy": arguments.busy,
    }
    del conditions["threads"]
    report(tables, conditions, arguments)


if __name__ == "__main__":
    main()
