"""The rank of this process among those that train together, from environment variables."""

from __future__ import annotations

import os
from typing import Final

import pytorch_lightning as pl
from lightning_fabric.plugins.environments.lightning import LightningEnvironment

from tagger.errors import UsageError
from tagger.options import option
from tagger.training.config import RunConfig

_OF_DEVICES: Final = ("LOCAL_RANK",)
_OF_MACHINES: Final = ("NODE_RANK", "GROUP_RANK")
_OF_ALL: Final = ("RANK", "SLURM_PROCID")
_WHERE: Final = ("MASTER_ADDR", "MASTER_PORT", "NODE_RANK")


def is_main_process() -> bool:
    """Return whether this process is the one that writes the run's files (the first device of the first machine)."""
    return all(os.environ.get(name) in (None, "", "0") for name in (*_OF_DEVICES, *_OF_MACHINES, *_OF_ALL))


def check_ranks(config: RunConfig) -> None:
    """Check that the ranks in the environment exist in the run.

    Raises:
        UsageError: if one does not; the process would train and write nothing.
    """
    numbers = {**dict.fromkeys(_OF_DEVICES, config.devices), **dict.fromkeys(_OF_MACHINES, config.num_nodes)}
    numbers.update(dict.fromkeys(_OF_ALL, config.devices * config.num_nodes))
    for name, number in numbers.items():
        value = os.environ.get(name, "") or "0"
        if not (value.isascii() and value.isdigit() and int(value) < number):
            raise UsageError(
                f"{option('num_nodes')}: expected {name} in the environment to be from 0 to {number - 1}, the rank of "
                f"this process with {config.devices} on each of {config.num_nodes} machines, found {value!r}; "
                "unset it to train on this machine alone"
            )


def check_meeting_place(trainer: pl.Trainer) -> None:
    """Check that machines started without a scheduler can find each other; they would wait for half an hour.

    Raises:
        UsageError: if they cannot.
    """
    environment = getattr(trainer.strategy, "cluster_environment", None)
    missing = [name for name in _WHERE if name not in os.environ]
    if trainer.num_nodes > 1 and isinstance(environment, LightningEnvironment) and missing:
        raise UsageError(
            f"{option('num_nodes')}: expected {', '.join(_WHERE)} in the environment of each machine, found no "
            f"{missing[0]}; set address and a free port of the first machine, and the number of this one, from 0"
        )
