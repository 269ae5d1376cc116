"""Adam for large embedding tables: updates only the rows that a batch reads, with the results of ordinary Adam.

A step of Adam also moves the rows without a gradient, by their remaining momentum, and a moving average follows them:
nearly all of a table is read and written for the sake of a few hundred rows. But the effect of steps without a gradient
on a row is known in advance. Let the row be up to date at step s, with first and second moment m and v, weight w and
average a, and have no gradient until step n. With rates r_i (the learning rates, corrected for bias) and decays d_i of
the average, it is then

    moments     m β1^(n-s)       v β2^(n-s)
    weight      w - u T          u = m / (sqrt(v) + ε),   T(n) = T(n-1) + r_n (β1 / sqrt(β2))^(n-s),   T(s) = 0
    average     a D + w (1-D) - u G                       D(n) = d_n D(n-1),                           D(s) = 1
                                                          G(n) = d_n G(n-1) + (1-d_n) T(n),            G(s) = 0

so that five numbers for each s, the same for all rows, bring a row up to date when it is next read. (Adam adds its ε to
a sqrt(v) that shrinks by half a thousandth per step. Here both shrink, which matters only for gradients as small as ε.)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.optim.adam import adam

CAPACITY: Final = 1000
"""Steps after which all rows are brought up to date, so that memory does not grow with the length of an epoch."""
_CHUNK: Final = 4096


class RowwiseAdam(torch.optim.Adam):
    """Adam, on the CPU, that updates the rows of embedding tables only when their modules read them.

    In a training forward pass a module reads copies of its rows, which receive the gradient. Call :meth:`catch_up`
    before a table is used in any other way, such as saving, and :meth:`release` at the end. State and state dictionary
    are those of :class:`torch.optim.Adam`.

    Args:
        parameters: the parameters to optimise, including the tables.
        embeddings: the modules of the tables; without a maximum norm and scaling by frequency.
        lr: learning rate.
    """

    def __init__(
        self, parameters: Sequence[nn.Parameter], embeddings: Sequence[nn.Embedding], *, lr: float
    ) -> None:
        super().__init__(parameters, lr=lr, fused=True)
        self._steps_without_gradient = _StepsWithoutGradient(*self.defaults["betas"])
        self._tables = [_Table(embedding.weight, embedding.padding_idx) for embedding in embeddings]
        self._embeddings = embeddings
        self._decay: Callable[[int], float] = lambda step: 0.0
        for embedding, table in zip(embeddings, self._tables, strict=True):
            self.state[table.weight] = {
                "step": torch.tensor(0.0),
                "exp_avg": torch.zeros_like(table.weight),
                "exp_avg_sq": torch.zeros_like(table.weight),
            }
            # Not a hook, which would run after the rows were also read in the ordinary way.
            embedding.forward = partial(self._forward, embedding, table)  # type: ignore[method-assign]

    def keep_averages(self, averages: Mapping[Tensor, Tensor], decay: Callable[[int], float]) -> None:
        """Keep a moving average of each table from now on.

        Args:
            averages: the average of each table, of the same shape and up to date; updated in place.
            decay: function from a step, counted from 1, to the decay of the average.
        """
        for table in self._tables:
            table.average = averages[table.weight]
        self._decay = decay

    @property
    def tables(self) -> list[Tensor]:
        """The weights that are updated by rows."""
        return [table.weight for table in self._tables]

    @property
    def rows_read(self) -> list[Tensor]:
        """The copies of rows read in the forward pass, which have a gradient after the backward pass."""
        return [table.read.weight for table in self._tables if table.read is not None]

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Take a step.

        Args:
            closure: computes the gradients; its result is returned.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        super().step()  # skips the tables, which have no gradient of their own
        group = self.param_groups[0]
        beta1, beta2 = group["betas"]
        step = self._step() + 1
        decay = self._decay(step)
        self._steps_without_gradient.append(
            group["lr"] * math.sqrt(1 - beta2**step) / (1 - beta1**step), decay
        )
        for table in self._tables:
            if table.read is None:
                self.state[table.weight]["step"] += 1
        self._update([(table, table.read) for table in self._tables if table.read is not None], 1 - decay)
        if self._steps_without_gradient.count == CAPACITY:
            self.catch_up()
        return loss

    @torch.no_grad()
    def catch_up(self) -> None:
        """Bring all rows of all tables and of their averages up to date."""
        if self._steps_without_gradient.count:
            for table in self._tables:
                for first in range(0, len(table.weight), _CHUNK):
                    rows = torch.arange(first, min(first + _CHUNK, len(table.weight)))
                    self._write(table, self._up_to_date(table, rows))
                table.seen.zero_()
            self._steps_without_gradient.clear()

    def release(self) -> None:
        """Restore the forward methods of the modules."""
        for embedding in self._embeddings:
            vars(embedding).pop("forward", None)

    def _step(self) -> int:
        return int(self.state[self._tables[0].weight]["step"])

    def _forward(self, embedding: nn.Embedding, table: _Table, ids: Tensor) -> Tensor:
        """Replace the forward method of an embedding."""
        if embedding.training and torch.is_grad_enabled():
            return self._read(table, ids)
        return type(embedding).forward(embedding, ids)

    def _read(self, table: _Table, ids: Tensor) -> Tensor:
        """Return the rows of some ids, of any shape, for a training forward pass."""
        if table.read is not None:
            raise RuntimeError("an embedding was read twice before a step; its gradients would be lost")
        # The caller may have made them distinct already.
        distinct = ids.dim() == 1 and table.padding_id is None and bool((ids[1:] > ids[:-1]).all())
        rows, inverse = (ids, None) if distinct else torch.unique(ids, return_inverse=True)
        with torch.no_grad():
            table.read = self._up_to_date(table, rows)
        weight = table.read.weight.requires_grad_()
        if inverse is None:
            return weight
        without_gradient = None
        if table.padding_id is not None and (rows == table.padding_id).any():
            without_gradient = int(torch.searchsorted(rows, table.padding_id))
        return nn.functional.embedding(inverse, weight, without_gradient)

    def _up_to_date(self, table: _Table, rows: Tensor) -> _Rows:
        """Return R rows of a table after the steps that had no gradient for them."""
        state = self.state[table.weight]
        weight, first, second = (
            tensor.index_select(0, rows) for tensor in (table.weight, state["exp_avg"], state["exp_avg_sq"])
        )
        average = None if table.average is None else table.average.index_select(0, rows)
        if self._steps_without_gradient.count:
            group = self.param_groups[0]
            epsilon = group["eps"] * math.sqrt(1 - group["betas"][1] ** self._step())
            factors = self._steps_without_gradient.since(table.seen.index_select(0, rows)).to(weight.dtype)
            of_first, of_second, shift, kept, average_shift = factors.unsqueeze(2).unbind(1)  # [R, 1] each
            change = first / second.sqrt().add_(epsilon)
            if average is not None:
                average.lerp_(weight, 1 - kept).addcmul_(change, average_shift, value=-1)
            weight.addcmul_(change, shift, value=-1)
            first *= of_first
            second *= of_second
        return _Rows(rows, weight, first, second, average)

    def _update(self, reads: Sequence[tuple[_Table, _Rows]], weight_of_new: float) -> None:
        """Apply Adam to the rows that were read, and write them."""
        group = self.param_groups[0]
        beta1, beta2 = group["betas"]
        weights = [read.weight.detach() for _, read in reads]
        gradients = [
            torch.zeros_like(read.weight) if read.weight.grad is None else read.weight.grad
            for _, read in reads
        ]
        adam(
            weights,
            gradients,
            [read.first for _, read in reads],
            [read.second for _, read in reads],
            [],
            [self.state[table.weight]["step"] for table, _ in reads],
            fused=True,
            amsgrad=False,
            beta1=beta1,
            beta2=beta2,
            lr=group["lr"],
            weight_decay=0.0,
            eps=group["eps"],
            maximize=False,
        )
        for table, read in reads:
            if read.average is not None:
                read.average.lerp_(read.weight, weight_of_new)
            self._write(table, read)
            table.read = None

    def _write(self, table: _Table, rows: _Rows) -> None:
        state = self.state[table.weight]
        table.weight.index_copy_(0, rows.ids, rows.weight.detach())
        state["exp_avg"].index_copy_(0, rows.ids, rows.first)
        state["exp_avg_sq"].index_copy_(0, rows.ids, rows.second)
        if table.average is not None and rows.average is not None:
            table.average.index_copy_(0, rows.ids, rows.average)
        table.seen.index_fill_(0, rows.ids, self._steps_without_gradient.count)


class _Rows(NamedTuple):
    """Copies of R rows of a table, of their moments and of their average; ``[R, D]``, the ids ``[R]``."""

    ids: Tensor
    weight: Tensor
    first: Tensor
    second: Tensor
    average: Tensor | None


class _Table:
    """An embedding table of V rows.

    Attributes:
        weight: ``[V, D]``.
        padding_id: id of a row that gets no gradient, or None.
        average: its moving average, ``[V, D]``, or None.
        seen: index in :class:`_StepsWithoutGradient` of the step at which a row was last updated, ``[V]``.
        read: the rows read in the forward pass.
    """

    def __init__(self, weight: Tensor, padding_id: int | None) -> None:
        self.weight = weight
        self.padding_id = padding_id
        self.average: Tensor | None = None
        self.seen = torch.zeros(len(weight), dtype=torch.int64)
        self.read: _Rows | None = None


class _StepsWithoutGradient:
    """The five numbers in the docstring of this module, for each of the last steps s.

    Args:
        beta1: decay of the first moment.
        beta2: decay of the second moment.

    Attributes:
        count: steps since the beginning, or since :meth:`clear`.
    """

    def __init__(self, beta1: float, beta2: float) -> None:
        self._beta1 = beta1
        self._beta2 = beta2
        self._factors = torch.empty(CAPACITY + 1, 5, dtype=torch.float64)  # β1^(n-s), β2^(n-s), T, D, G
        self.clear()

    def clear(self) -> None:
        """Start over, when all rows are up to date."""
        self._factors[:] = torch.tensor([1.0, 1.0, 0.0, 1.0, 0.0])
        self.count = 0

    def append(self, rate: float, decay: float) -> None:
        """Add a step.

        Args:
            rate: r_n.
            decay: d_n.
        """
        self.count += 1
        of_first, of_second, shift, kept, average_shift = self._factors[: self.count].T
        of_first *= self._beta1
        of_second *= self._beta2
        shift.addcdiv_(of_first, of_second.sqrt(), value=rate)
        kept *= decay
        average_shift.lerp_(shift, 1 - decay)

    def since(self, steps: Tensor) -> Tensor:
        """Return the five numbers, ``[R, 5]``, for rows last updated at these steps, ``[R]``."""
        return self._factors.index_select(0, steps)
