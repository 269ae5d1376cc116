"""The machine that numbers are measured on: its processor, and how much of it other programs take meanwhile."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path
from typing import Final

_INSTRUCTIONS: Final = ("avx2", "avx512f", "avx512_bf16", "amx_bf16", "asimd", "sve")
"""Those that decide how fast products are, as Linux calls them."""


def processor() -> str:
    """Return the name of the processor, as far as the system tells."""
    names = _of_processor("model name")
    return names[0] if names else platform.processor() or platform.machine()


def instructions() -> list[str]:
    """Return which sets of instructions there are that make products fast; none where the system does not tell."""
    flags = {
        flag for line in (_of_processor("flags") or _of_processor("Features"))[:1] for flag in line.split()
    }
    return [name for name in _INSTRUCTIONS if name in flags]


def _of_processor(key: str) -> list[str]:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    return [line.partition(":")[2].strip() for line in lines if line.partition(":")[0].strip() == key]


class OtherPrograms:
    """What other programs take of the processor from now on."""

    def __init__(self) -> None:
        self._clock = time.monotonic()
        self._before = self._taken()

    def cores(self) -> float | None:
        """Return how many cores they have kept busy, on average, since this was made; None where nobody tells.

        Processes that this one has started are no others once they have ended.
        """
        after = self._taken()
        if after is None or self._before is None:
            return None
        passed = max(time.monotonic() - self._clock, 1e-9)
        return round(max(after - self._before, 0.0) / passed, 2)

    def _taken(self) -> float | None:
        """Return the seconds of the processor that all others took since the system began."""
        path = Path("/proc/stat")
        if not path.exists():
            return None
        user, nice, system, _, _, *others = map(int, path.read_text().split("\n", 1)[0].split()[1:9])
        busy = (user + nice + system + sum(others)) / os.sysconf("SC_CLK_TCK")
        own = os.times()
        return busy - (own.user + own.system + own.children_user + own.children_system)
