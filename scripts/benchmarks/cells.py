"""Measure how fast each recurrent cell trains and reads, beside torch's own LSTM.

    python scripts/benchmarks/cells.py                # every cell at B 32, T 32; then the shapes of sentences in use
    python scripts/benchmarks/cells.py --threads 1 --json

All candidates of a table take turns within one process, so that whatever else the machine does hits them alike; what
counts are the ratios. A time is the median over the rounds, its spread the quartiles. Training is forward and
backward, without an optimiser; reading is forward in inference mode.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn

from tagger.modules.cells import CELLS
from tagger.modules.recurrent import RecurrentEncoder

INPUT_DIM, HIDDEN_DIM = 150, 200

Reader = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Measurement:
    """One row of a table.

    Attributes:
        table: what was compared.
        candidate: whose time it is.
        mode: "training" or "reading".
        num_sentences: B.
        num_tokens: T; every sentence has that many.
        tokens_per_second: at the median time.
        quartiles: tokens per second at the upper and the lower quartile of time.
        ratio: median over the rounds of the first candidate's time by this one's: above 1 is faster than the first.
    """

    table: str
    candidate: str
    mode: str
    num_sentences: int
    num_tokens: int
    tokens_per_second: float
    quartiles: tuple[float, float]
    ratio: float


def torch_padded() -> tuple[Reader, nn.Module]:
    """Return torch's LSTM on padded sentences, whose backward direction starts in the padding."""
    lstm = nn.LSTM(INPUT_DIM, HIDDEN_DIM, bidirectional=True, batch_first=True)
    return lambda inputs, lengths: lstm(inputs)[0], lstm


def torch_packed() -> tuple[Reader, nn.Module]:
    """Return torch's LSTM on packed sentences."""
    lstm = nn.LSTM(INPUT_DIM, HIDDEN_DIM, bidirectional=True, batch_first=True)

    def read(inputs: Tensor, lengths: Tensor) -> Tensor:
        packed = nn.utils.rnn.pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
        return nn.utils.rnn.pad_packed_sequence(lstm(packed)[0], batch_first=True)[0]

    return read, lstm


def encoder(
    cell: str, *, recurrent_dropout: float = 0.0, cells_per_block: int = 1
) -> tuple[Reader, nn.Module]:
    """Return ours."""
    module = RecurrentEncoder(
        INPUT_DIM,
        HIDDEN_DIM,
        cell=cell,
        recurrent_dropout=recurrent_dropout,
        cells_per_block=cells_per_block,
    )
    return module, module


def timed(reader: Reader, module: nn.Module, inputs: Tensor, lengths: Tensor, *, training: bool) -> float:
    """Return the seconds of one pass."""
    module.train(training)
    module.zero_grad(set_to_none=True)
    start = time.perf_counter()
    if training:
        torch.autograd.backward(reader(inputs, lengths).sum())
    else:
        with torch.inference_mode():
            reader(inputs, lengths)
    return time.perf_counter() - start


def compare(
    table: str,
    candidates: dict[str, tuple[Reader, nn.Module]],
    *,
    shape: tuple[int, int],
    rounds: int,
) -> list[Measurement]:
    """Return both modes of each candidate at one shape ``(B, T)``; ratios are to the first candidate."""
    num_sentences, num_tokens = shape
    # The layer below the encoder is trained too, so its gradient is part of the work.
    inputs = torch.randn(num_sentences, num_tokens, INPUT_DIM, requires_grad=True)
    lengths = torch.full((num_sentences,), num_tokens)
    measurements = []
    for training in (True, False):
        seconds: dict[str, list[float]] = {name: [] for name in candidates}
        for number in range(rounds + 1):
            for name, (reader, module) in candidates.items():
                passed = timed(reader, module, inputs, lengths, training=training)
                if number:  # the first round is warm-up
                    seconds[name].append(passed)
        first = seconds[next(iter(candidates))]
        for name, times in seconds.items():
            slow, fast = spread(times)
            count = num_sentences * num_tokens
            measurements.append(
                Measurement(
                    table=table,
                    candidate=name,
                    mode="training" if training else "reading",
                    num_sentences=num_sentences,
                    num_tokens=num_tokens,
                    tokens_per_second=count / statistics.median(times),
                    quartiles=(count / slow, count / fast),
                    ratio=statistics.median(base / own for base, own in zip(first, times, strict=True)),
                )
            )
    return measurements


def spread(times: Sequence[float]) -> tuple[float, float]:
    """Return the upper and the lower quartile."""
    lower, _, upper = statistics.quantiles(times, n=4, method="inclusive")
    return upper, lower


def measure(*, quick: bool) -> list[Measurement]:
    """Return all tables; a quick run takes seconds and shows that everything works, no more."""
    torch.manual_seed(0)
    cells = {name: encoder(name) for name in sorted(CELLS, key=lambda name: name != "lstm")}
    cells["lstm, recurrent dropout"] = encoder("lstm", recurrent_dropout=0.2)
    cells["gru, recurrent dropout"] = encoder("gru", recurrent_dropout=0.2)
    cells["rnn, recurrent dropout"] = encoder("rnn", recurrent_dropout=0.2)
    cells["lstm, 4 cells per block"] = encoder("lstm", cells_per_block=4)
    measurements = compare("cells", cells, shape=(32, 32), rounds=2 if quick else 30)

    lstms = {
        "nn.LSTM padded": torch_padded(),
        "nn.LSTM packed": torch_packed(),
        "tagger lstm": encoder("lstm"),
    }
    shapes = [(32, 20), (64, 30), (1, 20), (1, 20_000)]
    for shape in shapes[:-1] if quick else shapes:
        rounds = 2 if quick else max(5, min(200, 60_000 // (shape[0] * shape[1])))
        measurements += compare("lstm", lstms, shape=shape, rounds=rounds)
    return measurements


def show(measurements: Sequence[Measurement]) -> None:
    """Print the measurements as one table."""
    print(f"{'B':>4} {'T':>6}  {'mode':8}  {'candidate':24} {'tokens/s':>9} {'quartiles':>19} {'ratio':>6}")
    for row in measurements:
        quartiles = f"{row.quartiles[0]:,.0f} to {row.quartiles[1]:,.0f}"
        print(
            f"{row.num_sentences:>4} {row.num_tokens:>6}  {row.mode:8}  {row.candidate:24} "
            f"{row.tokens_per_second:>9,.0f} {quartiles:>19} {row.ratio:>6.2f}"
        )


def main() -> None:
    """Read the command line, measure, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0], allow_abbrev=False)
    parser.add_argument("--threads", type=int, default=2, help="torch's threads (default: 2)")
    parser.add_argument("--quick", action="store_true", help="a few rounds, without the long sentence")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    measurements = measure(quick=arguments.quick)
    if arguments.json:
        conditions = {
            "threads": arguments.threads,
            "torch": torch.__version__,
            "machine": platform.processor() or platform.machine(),
            "input_dim": INPUT_DIM,
            "hidden_dim": HIDDEN_DIM,
        }
        print(
            json.dumps(
                {"conditions": conditions, "measurements": [asdict(row) for row in measurements]}, indent=1
            )
        )
    else:
        show(measurements)


if __name__ == "__main__":
    main()
