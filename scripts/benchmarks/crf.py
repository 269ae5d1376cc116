"""Compare the CRF layer with pytorch-crf: loss with all gradients, decoding, peak memory.

    OMP_NUM_THREADS=1 python scripts/benchmarks/crf.py      # needs pytorch-crf: pip install -e '.[bench]'
    OMP_NUM_THREADS=1 python scripts/benchmarks/crf.py --quick --json crf.json

Both layers get the same weights and inputs, and must give the same values before anything is timed. They take turns
within one process, so that whatever else the machine does hits both alike; what counts are the ratios. A time is the
median over the rounds, its spread the quartiles. Peak memory is that of a process of its own for each layer, less
what the same process needs before its first step (read from /proc, so on Linux).

The variable OMP_NUM_THREADS bounds NumPy, --threads bounds torch.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from measuring import (
    Row,
    benchmark_parser,
    in_turns,
    machine,
    memory,
    positive,
    quartiles,
    ratio,
    report,
    timed,
)
from torch import Tensor

from tagger.modules.crf import LinearChainCRF

# (B, T, L): sentences, tokens, labels
SHAPES = ((32, 30, 9), (32, 64, 17), (64, 128, 49))
# One sentence at a time, and one very long one
ALONE = ((1, 20, 17), (1, 20_000, 9))


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
) -> Row:
    """Time both in turns; ours is the median of five, since a round of it is shorter.

    Where pytorch-crf has no such method, its time and the ratio are None.
    """
    candidates = {"ours": lambda: statistics.median(timed(ours) for _ in range(5))}
    if peer is not None:
        candidates["peer"] = lambda: timed(peer)
    seconds = in_turns(candidates, rounds=rounds)
    lower, middle, upper = quartiles(seconds["ours"])
    batch, length, num_labels = case.emissions.shape
    return {
        "task": task,
        "B": batch,
        "T": length,
        "L": num_labels,
        "masked": "some" if masked else "none",
        "ours ms": 1e3 * middle,
        "quartiles": [1e3 * lower, 1e3 * upper],
        "theirs ms": 1e3 * statistics.median(seconds["peer"]) if peer is not None else None,
        "our speed / theirs": ratio(seconds["peer"], seconds["ours"]) if peer is not None else None,
    }


def measure_times(*, rounds: int, long: bool) -> list[Row]:
    found: list[Row] = []
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


def measure_memory(threads: int) -> list[Row]:
    """Return the peak memory of steps of loss and gradients at the largest shape, by layer."""
    peaks = {}
    for layer in ("ours", "peer"):
        command = [sys.executable, __file__, "--memory-of", layer, "--threads", str(threads)]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        peaks[layer] = float(output)
    batch, length, num_labels = SHAPES[-1]
    sizes = {"ours MiB": peaks["ours"], "theirs MiB": peaks["peer"], "ratio": peaks["peer"] / peaks["ours"]}
    return [{"B": batch, "T": length, "L": num_labels, **sizes}]


def print_peak(layer: str) -> None:
    """Print by how many MiB steps of one layer raise the memory of this process at their peak."""
    # the first step, of a small batch, loads what is loaded once
    small, case = make_case((2, 3, 4), masked=False), make_case(SHAPES[-1], masked=False)
    small.loss(layer)
    Path("/proc/self/clear_refs").write_text("5")  # sets the peak back to what is in use
    before = memory("VmRSS")
    for _ in range(3):
        case.loss(layer)
    print((memory("VmHWM") - before) / 2**20)


def main() -> None:
    parser = benchmark_parser(__doc__)
    parser.add_argument("--rounds", type=positive, metavar="N", help="rounds (default: 40; quick: 5)")
    parser.add_argument("--memory-of", choices=("ours", "peer"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.memory_of:
        print_peak(options.memory_of)
        return
    tables = {
        "Time": measure_times(rounds=options.rounds or (5 if options.quick else 40), long=not options.quick),
        "Peak memory of loss and gradients": measure_memory(options.threads),
    }
    report(tables, machine(options.threads, ["tagger", "pytorch-crf"]), options)


if __name__ == "__main__":
    main()
