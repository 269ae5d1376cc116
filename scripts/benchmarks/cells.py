"""Compare how fast each recurrent cell trains, and tags on the CPU, with torch's own LSTM.

    python scripts/benchmarks/cells.py                # every cell at B 32, T 32; then the shapes of sentences in use
    python scripts/benchmarks/cells.py --threads 1 --json cells.json

All candidates of a table take turns within one process, so that whatever else the machine does hits them alike; what
counts are the ratios. A time is the median over the rounds, its spread the quartiles. Training is forward and
backward, without an optimiser, in PyTorch. Tagging is forward: ours in NumPy, on one thread, with all input projections
computed, of which a tagger looks most up; torch's in inference mode.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from measuring import Row, benchmark_parser, in_turns, machine, quartiles, ratio, report, timed
from torch import Tensor, nn

from tagger.config import TaggerConfig
from tagger.modules.recurrent import RecurrentEncoder
from tagger.modules.recurrent.cells import CELLS
from tagger.network import Weights, limit_blas_threads, reading_order
from tagger.network.stack import FrozenStack

INPUT_DIM, HIDDEN_DIM = 150, 200
DROPOUT = ", recurrent dropout"

Reader = Callable[[Tensor, Tensor], object]
"""From inputs ``[B, T, D]`` and lengths ``[B]`` to the hidden states."""


class Candidate(NamedTuple):
    """An encoder.

    Attributes:
        module: what is trained.
        trains: its forward pass in training.
        tags: its forward pass in tagging.
    """

    module: nn.Module
    trains: Callable[[Tensor, Tensor], Tensor]
    tags: Reader


def torch_padded() -> Candidate:
    """Return torch's LSTM on padded sentences, whose backward direction starts in the padding."""
    lstm = nn.LSTM(INPUT_DIM, HIDDEN_DIM, bidirectional=True, batch_first=True)

    def read(inputs: Tensor, lengths: Tensor) -> Tensor:
        states: Tensor = lstm(inputs)[0]
        return states

    return Candidate(lstm, read, read)


def torch_packed() -> Candidate:
    """Return torch's LSTM on packed sentences."""
    lstm = nn.LSTM(INPUT_DIM, HIDDEN_DIM, bidirectional=True, batch_first=True)

    def read(inputs: Tensor, lengths: Tensor) -> Tensor:
        packed = nn.utils.rnn.pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
        return nn.utils.rnn.pad_packed_sequence(lstm(packed)[0], batch_first=True)[0]

    return Candidate(lstm, read, read)


def encoder(cell: str, *, recurrent_dropout: float = 0.0, cells_per_block: int = 1) -> Candidate:
    """Return ours: a module, and the network in NumPy with its weights."""
    module = RecurrentEncoder(
        INPUT_DIM,
        HIDDEN_DIM,
        cell=cell,
        recurrent_dropout=recurrent_dropout,
        cells_per_block=cells_per_block,
    )
    config = TaggerConfig(cell=cell, hidden_dim=HIDDEN_DIM, cells_per_block=cells_per_block)
    weights = {name: weight.numpy(force=True) for name, weight in module.state_dict().items()}
    stack = FrozenStack(Weights(weights), config)

    def tag(inputs: Tensor, lengths: Tensor) -> object:
        order = reading_order(lengths.numpy())
        vectors = inputs.detach().numpy().reshape(-1, INPUT_DIM).take(order.tokens, axis=0)
        return stack.run(stack.project(vectors), np.arange(len(vectors)), order)

    return Candidate(module, module, tag)


def seconds_of_pass(candidate: Candidate, inputs: Tensor, lengths: Tensor, *, training: bool) -> float:
    """Return the seconds of one pass."""
    candidate.module.train(training)
    candidate.module.zero_grad(set_to_none=True)
    if training:
        return timed(lambda: torch.autograd.backward(candidate.trains(inputs, lengths).sum()))
    with torch.inference_mode():
        return timed(lambda: candidate.tags(inputs, lengths))


def compare(candidates: dict[str, Candidate], *, shape: tuple[int, int], rounds: int) -> list[Row]:
    """Return both modes of each candidate at one shape ``(B, T)``; the first is put in relation to the others."""
    num_sentences, num_tokens = shape
    # The layer below the encoder is trained too, so its gradient is part of the work.
    inputs = torch.randn(num_sentences, num_tokens, INPUT_DIM, requires_grad=True)
    lengths = torch.full((num_sentences,), num_tokens)
    rows: list[Row] = []
    for training in (True, False):
        work = {
            name: partial(seconds_of_pass, candidate, inputs, lengths, training=training)
            for name, candidate in candidates.items()
            if training or not name.endswith(DROPOUT)
        }
        seconds = in_turns(work, rounds=rounds)
        first = seconds[next(iter(candidates))]
        for name, times in seconds.items():
            fast, middle, slow = quartiles(times)
            count = num_sentences * num_tokens
            rows.append(
                {
                    "B": num_sentences,
                    "T": num_tokens,
                    "mode": "training" if training else "tagging",
                    "candidate": name,
                    "tokens per second": count / middle,
                    "quartiles": [count / slow, count / fast],
                    "this one's speed / the first's": ratio(first, times),
                }
            )
    return rows


def measure(*, quick: bool) -> dict[str, list[Row]]:
    """Return all tables; a quick run takes seconds and shows that everything works, no more."""
    torch.manual_seed(0)
    cells = {name: encoder(name) for name in sorted(CELLS, key=lambda name: name != "lstm")}
    cells[f"lstm{DROPOUT}"] = encoder("lstm", recurrent_dropout=0.2)
    cells[f"gru{DROPOUT}"] = encoder("gru", recurrent_dropout=0.2)
    cells[f"rnn{DROPOUT}"] = encoder("rnn", recurrent_dropout=0.2)
    cells["lstm, 4 cells per block"] = encoder("lstm", cells_per_block=4)
    tables = {"Cells": compare(cells, shape=(32, 32), rounds=2 if quick else 30)}

    lstms = {
        "nn.LSTM padded": torch_padded(),
        "nn.LSTM packed": torch_packed(),
        "tagger lstm": encoder("lstm"),
    }
    shapes = [(32, 20), (64, 30), (1, 20), (1, 20_000)]
    tables["LSTM"] = []
    for shape in shapes[:-1] if quick else shapes:
        rounds = 2 if quick else max(5, min(200, 60_000 // (shape[0] * shape[1])))
        tables["LSTM"] += compare(lstms, shape=shape, rounds=rounds)
    return tables


def main() -> None:
    """Read the command line, measure, and print."""
    arguments = benchmark_parser(__doc__, threads=2).parse_args()
    torch.set_num_threads(arguments.threads)
    limit_blas_threads()
    conditions = {**machine(arguments.threads), "input_dim": INPUT_DIM, "hidden_dim": HIDDEN_DIM}
    report(measure(quick=arguments.quick), conditions, arguments)


if __name__ == "__main__":
    main()
