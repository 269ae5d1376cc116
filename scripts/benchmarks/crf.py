"""Measure the CRF layer beside pytorch-crf: loss with all gradients, decoding, peak memory.

    OMP_NUM_THREADS=1 python scripts/benchmarks/crf.py      # needs pytorch-crf: pip install -e '.[bench]'
    OMP_NUM_THREADS=1 python scripts/benchmarks/crf.py --quick --json

Both layers get the same weights and inputs, and must give the same values before anything is timed. They take turns
within one process, so that whatever else the machine does hits both alike; what counts are the ratios. A time is the
median over the rounds, its spread the quartiles. Peak memory is that of a process of its own for each layer, less
what the same process needs before its first step (read from /proc, so on Linux).

The variable OMP_NUM_THREADS bounds NumPy, --threads bounds torch.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tagger.modules.crf import LinearChainCRF

# (B, T, L): sentences, tokens, labels
SHAPES = ((32, 30, 9), (32, 64, 17), (64, 128, 49))
# One sentence at a time, and one very long one
ALONE = ((1, 20, 17), (1, 20_000, 9))


@dataclass(frozen=True)
class Measurement:
    """One comparison.

    Attributes:
        task: "loss and gradients", "decode", "marginals", or "decode and marginals".
        shape: sentences, tokens, labels.
        masked: whether lengths vary between half and all of the tokens.
        milliseconds: our median time.
        quartiles: of our time, in milliseconds.
        peer_milliseconds: the median time of pytorch-crf; None where it has no such method.
        ratio: median over the rounds of its time by ours, above 1 is faster than pytorch-crf; None likewise.
    """

    task: str
    shape: tuple[int, int, int]
    masked: bool
    milliseconds: float
    quartiles: tuple[float, float]
    peer_milliseconds: float | None
    ratio: float | None


@dataclass(frozen=True)
class Case:
    """Both layers with the same weights, and a batch for them."""

    ours: LinearChainCRF
    peer: Any
    emissions: Tensor
    labels: Tensor
    mask: Tensor

    def loss(self, layer: str) -> Tensor:
        """Return the mean loss of one layer, with all gradients computed."""
        for tensor in (self.emissions, *self.ours.parameters(), *self.peer.parameters()):
            tensor.grad = None
        loss: Tensor
        if layer == "ours":
            loss = self.ours(self.emissions, self.labels, self.mask).mean()
        else:
            loss = -self.peer(self.emissions, self.labels, self.mask, reduction="mean")
        torch.autograd.backward(loss)
        return loss.detach()

    def decode(self, layer: str) -> list[list[int]]:
        """Return the best labels by one layer."""
        with torch.no_grad():
            decoded: list[list[int]] = (self.ours if layer == "ours" else self.peer).decode(
                self.emissions, self.mask
            )
            return decoded

    def marginals(self) -> Tensor:
        """Return our marginals."""
        with torch.no_grad():
            return self.ours.marginals(self.emissions, self.mask)

    def tag(self) -> tuple[Tensor, Tensor]:
        """Return what tagging with probabilities needs from the layer."""
        with torch.no_grad():
            return self.ours.viterbi_decode(self.emissions, self.mask)[0], self.marginals()

    def check(self) -> None:
        """Raise unless both give the same loss and gradients, and equally good labels."""
        results = []
        for name, layer in (("ours", self.ours), ("peer", self.peer)):
            loss = self.loss(name)
            tensors = (self.emissions, layer.transitions, layer.start_transitions, layer.end_transitions)
            results.append([loss, *(tensor.grad for tensor in tensors)])
        for found, expected in zip(*results, strict=True):
            torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)
        # of labellings that are equal up to rounding, each may find another one
        exact = LinearChainCRF(self.ours.num_labels).double()
        exact.load_state_dict(self.ours.state_dict())
        scores = []
        for name in ("ours", "peer"):
            labels = torch.zeros_like(self.labels)
            labels[self.mask] = torch.tensor([label for row in self.decode(name) for label in row])
            scores.append(exact.score(self.emissions.double(), labels, self.mask))
        torch.testing.assert_close(*scores, rtol=0, atol=1e-3)


def make_case(shape: tuple[int, int, int], *, masked: bool) -> Case:
    try:
        from torchcrf import CRF
    except ImportError:
        sys.exit("the benchmark needs pytorch-crf: pip install -e '.[bench]'")
    torch.manual_seed(0)
    batch, length, num_labels = shape
    peer = CRF(num_labels, batch_first=True)
    with torch.no_grad():
        for parameter in peer.parameters():
            parameter.normal_()
    ours = LinearChainCRF(num_labels)
    ours.load_state_dict(peer.state_dict())
    lengths = torch.randint(length // 2, length + 1, (batch, 1)) if masked else torch.full((batch, 1), length)
    lengths[0] = length
    return Case(
        ours=ours,
        peer=peer,
        emissions=(torch.randn(shape) * 3).requires_grad_(),
        labels=torch.randint(num_labels, (batch, length)),
        mask=torch.arange(length) < lengths,
    )


def compare(
    task: str,
    case: Case,
    ours: Callable[[], object],
    peer: Callable[[], object] | None,
    *,
    masked: bool,
    rounds: int,
) -> Measurement:
    """Time both in turns; ours more often, since a round of it is shorter."""
    own_times, peer_times, ratios = [], [], []
    ours()
    for _ in range(rounds):
        own = [seconds(ours) for _ in range(5)]
        own_times += own
        if peer is not None:
            peer_times.append(seconds(peer))
            ratios.append(peer_times[-1] / statistics.median(own))
    lower, middle, upper = statistics.quantiles(own_times, n=4)
    batch, length, num_labels = case.emissions.shape
    return Measurement(
        task=task,
        shape=(batch, length, num_labels),
        masked=masked,
        milliseconds=1e3 * middle,
        quartiles=(1e3 * lower, 1e3 * upper),
        peer_milliseconds=1e3 * statistics.median(peer_times) if peer_times else None,
        ratio=statistics.median(ratios) if ratios else None,
    )


def seconds(function: Callable[[], object]) -> float:
    begin = time.perf_counter()
    function()
    return time.perf_counter() - begin


def measure_times(*, rounds: int, long: bool) -> list[Measurement]:
    found = []
    for shape in (*SHAPES, *(ALONE if long else ALONE[:1])):
        for masked in (False, True) if shape[0] > 1 else (False,):
            case = make_case(shape, masked=masked)
            count = 3 if shape[1] > 1_000 else rounds
            if shape[1] <= 1_000:
                case.check()
            tasks: tuple[tuple[str, Callable[[], object], Callable[[], object] | None], ...] = (
                ("loss and gradients", partial(case.loss, "ours"), partial(case.loss, "peer")),
                ("decode", partial(case.decode, "ours"), partial(case.decode, "peer")),
                ("marginals", case.marginals, None),
                ("decode and marginals", case.tag, None),
            )
            for task, ours, peer in tasks:
                found.append(compare(task, case, ours, peer, masked=masked, rounds=count))
    return found


def measure_memory(threads: int) -> dict[str, float]:
    """Return the peak memory of one step of loss and gradients at the largest shape, in MiB, by layer."""
    peaks = {}
    for layer in ("ours", "peer"):
        command = [sys.executable, __file__, "--memory-of", layer, "--threads", str(threads)]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        peaks[layer] = float(output)
    return peaks


def print_peak(layer: str) -> None:
    """Print by how many MiB steps of one layer raise the memory of this process at their peak."""
    # the first step, of a small batch, loads what is loaded once
    small, case = make_case((2, 3, 4), masked=False), make_case(SHAPES[-1], masked=False)
    small.loss(layer)
    Path("/proc/self/clear_refs").write_text("5")  # sets the peak back to what is in use
    before = kibibytes("VmRSS")
    for _ in range(3):
        case.loss(layer)
    print((kibibytes("VmHWM") - before) / 1024)


def kibibytes(name: str) -> int:
    """Return a number from the status of this process; Linux only."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def print_tables(times: list[Measurement], peaks: dict[str, float]) -> None:
    columns = (
        f"{'B':>3} {'T':>6} {'L':>3} {'mask':>5} {'ours ms':>9} {'quartiles':>17} {'theirs':>9} {'ratio':>6}"
    )
    print(f"{'task':22} {columns}")
    for row in times:
        batch, length, num_labels = row.shape
        spread = f"{row.quartiles[0]:.3f} .. {row.quartiles[1]:.3f}"
        theirs = f"{row.peer_milliseconds:9.2f} {row.ratio:6.1f}" if row.peer_milliseconds is not None else ""
        mask = "some" if row.masked else "none"
        print(
            f"{row.task:22} {batch:3} {length:6} {num_labels:3} {mask:>5} {row.milliseconds:9.3f} {spread:>17} {theirs}"
        )
    print(
        f"peak memory of loss and gradients at {SHAPES[-1]}: ours {peaks['ours']:.1f} MiB, "
        f"pytorch-crf {peaks['peer']:.1f} MiB, ratio {peaks['peer'] / peaks['ours']:.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--quick", action="store_true", help="5 rounds and no very long sentence")
    parser.add_argument("--rounds", type=int, default=40, help="rounds of each comparison (default: 40)")
    parser.add_argument("--threads", type=int, default=1, help="threads of torch (default: 1)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--memory-of", choices=("ours", "peer"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.memory_of:
        print_peak(options.memory_of)
        return
    times = measure_times(rounds=5 if options.quick else options.rounds, long=not options.quick)
    peaks = measure_memory(options.threads)
    if options.json:
        machine = {"torch": torch.__version__, "threads": options.threads}
        print(
            json.dumps(
                {"machine": machine, "times": [asdict(row) for row in times], "peak_mib": peaks}, indent=2
            )
        )
    else:
        print_tables(times, peaks)


if __name__ == "__main__":
    main()
