"""Whether the processor has what a precision needs."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import torch

from tagger.errors import UsageError
from tagger.options import option
from tagger.training.config import RunConfig

_FLAGS: Final = frozenset({"avx512_bf16", "amx_bf16", "bf16"})
"""What Linux calls the instructions: two of Intel and AMD, the last of ARM."""
_CPUINFO: Final = Path("/proc/cpuinfo")


def check_precision(config: RunConfig) -> None:
    """Check that a run in bfloat16 on a CPU has one that multiplies in it; others are slower than in single precision.

    Raises:
        UsageError: if it has not.
    """
    on_cpu = config.accelerator == "cpu" or (
        config.accelerator == "auto" and not torch.accelerator.is_available()
    )
    if on_cpu and config.precision.startswith("bf16") and not multiplies_in_bfloat16():
        raise UsageError(
            f"{option('precision')}: {config.precision} needs a processor with instructions for bfloat16 "
            "(avx512_bf16, amx_bf16, or bf16 of ARM), found none of them here; expected 32-true, which is faster"
        )


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
