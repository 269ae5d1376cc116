"""Train one cell on one task of recipes/long_lag.py until it is solved, and test it.

Letters: B sequences of a batch, T positions of the longest, H hidden units, L labels.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import torch
from long_lag_tasks import NO_LABEL, Batch, Task
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from tagger.modules.recurrent import RecurrentEncoder
from tagger.modules.recurrent.layer import RecurrentLayer
from tagger.modules.recurrent.scan import scan

GATE_BIASES: Final = ("chrono", "default")
GRADIENTS: Final = ("full", "one_step")

_EVALUATE_EVERY: Final = 50
_NUM_WINDOWS: Final = 50
_POLISHING: Final = 0.1

# Each purpose has its own random stream.
_TRAINING, _VALIDATION, _TEST = range(3)


@dataclass(frozen=True)
class Settings:
    """The settings shared by all runs of a table.

    Attributes:
        hidden_dim: hidden units H; None for the task's default.
        learning_rate: of Adam; see :func:`train`.
        max_gradient_norm: the norm that gradients are clipped to.
        gate_bias: ``chrono`` (see :func:`set_gate_bias`) or ``default``, that of the layer: 1 for forget gates.
        gradient: ``full``, through all steps, or ``one_step``: cut after each step (Elman 1990), so that memory is
            never learned, only kept by chance.
        step_limit: maximum number of training batches, if below the task's; None for the task's default.
    """

    hidden_dim: int | None = None
    learning_rate: float = 0.01
    max_gradient_norm: float = 1.0
    gate_bias: str = "chrono"
    gradient: str = "full"
    step_limit: int | None = None


@dataclass(frozen=True)
class Run:
    """The result of one cell on one task with one seed.

    Attributes:
        task: name of the task.
        lag: its lag, None if it has no such option.
        cell: name of the cell.
        seed: of the weights and the training data; the test is the same for all seeds.
        solved: whether it passed the test, see :meth:`Task.solved`.
        steps: training batches seen when a solved run first passed the validation that ended it, all if none did;
            None if unsolved.
        trained: total number of training batches.
        accuracy: share of the required labels that are correct in the test.
        sequences: share of the test sequences that are correct throughout.
        seconds: processor time.
        figures: further figures of the task, by name.
        curves: values along the test streams of an endless task, by name, one for each of 50 parts: ``accuracy``; for
            the LSTM family also ``cell_mean`` and ``cell_max``, of the absolute cell states.
    """

    task: str
    lag: int | None
    cell: str
    seed: int
    solved: bool
    steps: int | None
    trained: int
    accuracy: float
    sequences: float
    seconds: float
    figures: Mapping[str, float] = field(default_factory=dict)
    curves: Mapping[str, list[float]] = field(default_factory=dict)


class Network(nn.Module):
    """One unidirectional recurrent layer over symbols, and a linear map to the labels."""

    def __init__(self, task: Task, cell: str, settings: Settings) -> None:
        super().__init__()
        self.num_symbols = task.num_symbols
        self.encoder = RecurrentEncoder(
            task.num_symbols, settings.hidden_dim or task.hidden_dim, cell=cell, bidirectional=False
        )
        self.readout = nn.Linear(self.encoder.output_dim, len(task.labels))
        if settings.gate_bias == "chrono":
            set_gate_bias(self.encoder.layers[0], task.span)

    def forward(self, batch: Batch) -> Tensor:
        """Return a score for each label, ``[B, T, L]``."""
        scores: Tensor = self.readout(self.encoder(*self._inputs(batch)))
        return scores

    def trace(self, batch: Batch) -> tuple[Tensor, Tensor | None]:
        """Return the scores, and for the LSTM family the cell states, ``[B, T, H]``."""
        (layer,) = self.encoder.trace(*self._inputs(batch))
        scores: Tensor = self.readout(layer["forward"]["hidden"])
        return scores, layer["forward"].get("cell")

    def forward_one_step(self, batch: Batch) -> Tensor:
        """Return the same scores as :meth:`forward`, with the gradient cut before each step."""
        inputs, lengths = self._inputs(batch)
        layer = self.encoder.layers[0]
        (traced,) = self.encoder.trace(inputs, lengths)
        states = [traced["forward"][name] for name in ("hidden", "cell")[: layer.cell.num_states]]
        before = tuple(functional.pad(state, (0, 0, 1, -1)).flatten(0, 1).unsqueeze(0) for state in states)
        own = {name: parameter.unsqueeze(1) for name, parameter in layer.own.items()}
        # All steps in parallel, as one step of B T sentences.
        products = (inputs.flatten(0, 1) @ layer.input_weights[0].T)[None, None]
        from_input = layer.cell.prepare(products, layer.bias[:, None, None, :], own)
        hidden = scan(layer.cell, from_input, layer.recurrent_weights, before, own)
        scores: Tensor = self.readout(hidden.view(*batch.symbols.shape, -1))
        return scores

    def _inputs(self, batch: Batch) -> tuple[Tensor, Tensor]:
        symbols = functional.one_hot(torch.from_numpy(batch.symbols), self.num_symbols)
        return symbols.to(self.readout.weight.dtype), torch.from_numpy(batch.lengths)


@torch.no_grad()
def set_gate_bias(layer: RecurrentLayer, span: int) -> None:
    """Initialise a layer to remember for about as long as a task requires, after Tallec & Ollivier 2018 ("chrono").

    With u drawn uniformly from 1 to ``span`` - 1, gates that keep the old state (forget; update of the GRU) start with
    bias log u, and gates that write (input) with -log u. Memories then decay over u steps. In the paper both gates of a
    unit have the same u; here each draws its own. The rule is the same for all cells, applied to the gates they have;
    the plain recurrent network has none.
    """
    for name, bias in zip(layer.cell.blocks, torch.split(layer.bias, layer.cell.widths, dim=1), strict=True):
        log_u = torch.empty_like(bias).uniform_(1.0, max(2.0, span - 1.0)).log()
        if name in ("forget", "update"):
            bias.copy_(log_u)
        elif name == "input":
            bias.copy_(-log_u)


def train(task: Task, cell: str, seed: int, settings: Settings) -> Run:
    """Train a new network until it passes two validations in a row, or for as long as the task allows, and test it.

    Between the two it is trained at a tenth of the learning rate; if it fails the second, at the full rate again.
    """
    started = time.process_time()
    max_steps = min(task.max_steps, settings.step_limit or task.max_steps)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = Network(task, cell, settings)
    training, validation = (np.random.default_rng([seed, use]) for use in (_TRAINING, _VALIDATION))
    parameters = list(network.parameters())
    optimizer = torch.optim.Adam(parameters, lr=settings.learning_rate)
    forward = network.forward_one_step if settings.gradient == "one_step" else network.forward
    passed_at: int | None = None
    for step in range(1, max_steps + 1):
        batch = task.training_batch(training)
        targets = torch.from_numpy(batch.targets)
        loss = functional.cross_entropy(
            forward(batch).flatten(0, 1), targets.flatten(), ignore_index=NO_LABEL
        )
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(parameters, settings.max_gradient_norm)
        optimizer.step()
        if step % _EVALUATE_EVERY == 0:
            seen = task.validation_batch(validation)
            with torch.no_grad():
                right = labelled_right(network(seen).numpy(), seen)
            if bool(right.all()) and passed_at is not None:
                break
            passed_at = step if right.all() else None
            # After a passed validation the network is refined with small steps.
            optimizer.param_groups[0]["lr"] = settings.learning_rate * (
                1.0 if passed_at is None else _POLISHING
            )
    return _tested(network, task, cell, seed, trained=step, passed_at=passed_at, started=started)


def labelled_right(scores: NDArray[np.floating], batch: Batch) -> NDArray[np.bool_]:
    """Return where every allowed label scores higher than any other, ``[B, T]``; True if no label is required."""
    worst_allowed = np.where(batch.allowed, scores, np.inf).min(axis=2)
    best_other = np.where(batch.allowed, -np.inf, scores).max(axis=2)
    right: NDArray[np.bool_] = (worst_allowed > best_other) | (batch.targets == NO_LABEL)
    return right


@torch.no_grad()
def _tested(
    network: Network, task: Task, cell: str, seed: int, *, trained: int, passed_at: int | None, started: float
) -> Run:
    batch = task.test_batch(np.random.default_rng([0, _TEST]))
    curves: dict[str, list[float]] = {}
    if task.endless:
        scores, cells = network.trace(batch)
        right = labelled_right(scores.numpy(), batch)
        curves["accuracy"] = _along(right.mean(axis=0), np.mean)
        if cells is not None:
            sizes = cells.abs().numpy()
            curves["cell_mean"] = _along(sizes.mean(axis=(0, 2)), np.mean)
            curves["cell_max"] = _along(sizes.max(axis=(0, 2)), np.max)
    else:
        right = labelled_right(network(batch).numpy(), batch)
    asked = batch.targets != NO_LABEL
    sequences = float(right.all(axis=1).mean())
    solved = task.solved(right)
    return Run(
        task=task.name,
        lag=task.lag,
        cell=cell,
        seed=seed,
        solved=solved,
        steps=(passed_at or trained) if solved else None,
        trained=trained,
        accuracy=float(right[asked].mean()),
        sequences=sequences,
        seconds=time.process_time() - started,
        figures=task.figures(right),
        curves=curves,
    )


def _along(
    values: NDArray[np.floating], summary: Callable[[NDArray[np.floating]], np.floating]
) -> list[float]:
    """Return one number for each of 50 parts of ``[T]``."""
    return [float(summary(stretch)) for stretch in np.array_split(values, _NUM_WINDOWS)]
