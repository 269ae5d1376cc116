"""Shards: the fixed parts of a training batch, which are computed side by side, a thread each.

What a shard computes depends on its own sentences and its own generator of random numbers alone, and gradients are
added in the order of the shards. So it makes no difference to a single bit how many threads there are, or which of them
is done first. Two threads of Python compute beside each other as long as they are inside torch, which most of a step
is; and unlike two OpenMP threads in one operator, they wait for each other once a step.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Final, TypeVar

import numpy as np
import torch
from torch import Tensor

from tagger.errors import UsageError
from tagger.features import IntArray
from tagger.options import option, usable_cores

_LOG = logging.getLogger(__name__)

USUAL_SHARDS: Final = 2
"""Shards of a batch on the CPU, where nobody has said so."""

T = TypeVar("T")


def number_of_shards(asked: int, device: torch.device, *, num_devices: int) -> int:
    """Return how many shards the batches of a run are cut into.

    Args:
        asked: how many were asked for; 0 for the usual number.
        device: where the run computes.
        num_devices: how many of them there are, of all machines.

    Raises:
        UsageError: if several were asked for where batches stay in one piece.
    """
    if device.type == "cpu" and num_devices == 1:
        return asked or USUAL_SHARDS
    if asked > 1:
        where = f"the device {device.type}" if num_devices == 1 else f"{num_devices} devices"
        raise UsageError(
            f"shards: {asked} have no effect on {where}, where a batch is computed in one; they are for one CPU"
        )
    return 1


def number_of_threads(asked: int, *, shards: int) -> int:
    """Return how many shards are computed at once; note what was asked for in vain.

    Args:
        asked: how many were asked for; 0 for as many as there are cores for.
        shards: of each batch.
    """
    cores = usable_cores()
    if asked > shards:
        _LOG.info(
            "%d threads are more than there are shards: %d (%s sets their number)",
            *(asked, shards, option("shards")),
        )
    elif asked > cores:
        _LOG.info("%d threads are more than the %d cores that this process may use", asked, cores)
    return min(asked or cores, shards)


def cut(members: Sequence[int], lengths: IntArray, *, shards: int) -> list[list[int]]:
    """Return the sentences of each shard of a batch: as many tokens, sentences of similar length together.

    Args:
        members: numbers of the sentences of the batch.
        lengths: tokens of each sentence there is.
        shards: how many to make at most; each has a sentence, and a single one stays the batch as it is.

    >>> cut([0, 1, 2, 3], np.array([2, 9, 3, 8]), shards=2)
    [[1], [3, 2, 0]]
    """
    if shards == 1:
        return [list(members)]
    chosen = np.asarray(members)
    chosen = chosen[np.argsort(-lengths[chosen], kind="stable")]
    upto = np.cumsum(lengths[chosen])
    middles = upto - lengths[chosen] / 2
    ends = np.searchsorted(middles, upto[-1] * np.arange(1, shards) / shards)
    return [part.tolist() for part in np.split(chosen, ends) if len(part)]


def put_sum(parameters: Sequence[Tensor], gradients: Iterable[Sequence[Tensor | None]]) -> None:
    """Make the sum of gradients, those of each shard in turn, the gradient of parameters; None stands for zeros.

    What autograd hands out may belong to two parameters at once, and need not lie in memory as the parameter does, as
    fused optimisers take for granted; the sum is a tensor of its own, like the parameter.
    """
    for parameter, parts in zip(parameters, zip(*gradients, strict=True), strict=True):
        found = [part for part in parts if part is not None]
        parameter.grad = None
        if len(found) == 1:
            parameter.grad = torch.empty_like(parameter).copy_(found[0])
        elif found:
            parameter.grad = torch.add(*found[:2], out=torch.empty_like(parameter))
            for part in found[2:]:
                parameter.grad += part


class ShardThreads:
    """The threads of a run, from entering it as a context to leaving it.

    Args:
        number: how many; the one that calls is one of them.
    """

    def __init__(self, number: int) -> None:
        self._number = number
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> ShardThreads:
        if self._number > 1:
            self._pool = ThreadPoolExecutor(
                self._number - 1,
                thread_name_prefix="tagger-shards",
                initializer=torch.set_num_threads,
                initargs=(1,),  # OpenMP keeps the number for each thread that calls it
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def results(self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        """Return what tasks return, in their order, when all of them are done.

        Raises:
            BaseException: what the first of them raises that fails; no task is running any more then.
        """
        if self._pool is None:
            return [task() for task in tasks]
        futures = [self._pool.submit(task) for task in tasks[1:]]
        try:
            results = {0: tasks[0]()}
            for number in range(len(futures), 0, -1):
                if futures[number - 1].cancel():  # no thread has come to it
                    results[number] = tasks[number]()
            return [
                results[number] if number in results else futures[number - 1].result()
                for number in range(len(tasks))
            ]
        except BaseException:
            wait([future for future in futures if not future.cancel()])
            raise
