"""Checks of the machine: accelerators, instructions for bfloat16, cores for threads."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

import torch

from tagger.errors import UsageError
from tagger.options import option, usable_cores
from tagger.training.config import RunConfig

_LOG: Final = logging.getLogger(__name__)
_MOST_THREADS: Final = 2
_FLAGS: Final = frozenset({"avx512_bf16", "amx_bf16", "bf16"})
"""Linux's names of the instructions: two of Intel and AMD, the last of ARM."""
_CPUINFO: Final = Path("/proc/cpuinfo")


def check_precision(config: RunConfig) -> None:
    """Check that the CPU of a run in bfloat16 multiplies in it; others are slower than in single precision.

    Raises:
        UsageError: if it does not.
    """
    on_cpu = config.accelerator == "cpu" or (
        config.accelerator == "auto" and not torch.accelerator.is_available()
    )
    if on_cpu and config.precision.startswith("bf16") and not multiplies_in_bfloat16():
        raise UsageError(
            f"{option('precision')}: {config.precision} needs a processor with instructions for bfloat16 "
            "(avx512_bf16, amx_bf16, or bf16 of ARM), found none of them here; expected 32-true, which is faster"
        )


def check_accelerator(config: RunConfig) -> None:
    """Check that the requested accelerator is available, before data are read; Lightning checks the rest.

    Raises:
        UsageError: if it is not available.
    """
    wanted = {
        "gpu": ("CUDA", "MPS"),
        "cuda": ("CUDA",),
        "mps": ("MPS",),
    }.get(config.accelerator, ())
    there = {"CUDA": torch.cuda.is_available(), "MPS": torch.backends.mps.is_available()}
    if wanted and not any(there[name] for name in wanted):
        raise UsageError(
            f"{option('accelerator')}: {config.accelerator} needs a device that PyTorch can use by "
            f"{' or '.join(wanted)}, found none; expected cpu or auto"
        )


def number_of_threads(config: RunConfig) -> int:
    """Return the number of threads of a run on the CPU, 1 or 2; log a request for more than is useful."""
    asked, cores = config.threads, usable_cores()
    if asked > _MOST_THREADS:
        _LOG.info("%s: %d are more than there is work for: %d", option("threads"), asked, _MOST_THREADS)
    elif asked > cores:
        _LOG.info(
            "%s: %d are more than the cores that this process may use: %d", option("threads"), asked, cores
        )
    return min(asked or cores // config.devices or 1, _MOST_THREADS)


def multiplies_in_bfloat16() -> bool:
    """Return whether this processor has instructions for products of bfloat16."""
    try:
        lines = _CPUINFO.read_text(encoding="utf-8", errors="replace").lower().splitlines()
    except OSError:  # not Linux
        checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
        return any(getattr(torch.cpu, check, bool)() for check in checks)
    described = (line.partition(":") for line in lines)
    return any(
        name.strip() in ("flags", "features") and not _FLAGS.isdisjoint(flags.split())
        for name, _, flags in described
    )
