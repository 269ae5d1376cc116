"""Trains up to the first step, in a process of its own, and prints as JSON what that took: the child of first_step.py.

    python scripts/benchmarks/one_step.py OUTPUT OPTION=VALUE ...

The options are those of ``DataConfig``. Seconds count from the call of ``train``, with its imports done.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from measuring import memory

from tagger.training import DataConfig, RunConfig, train
from tagger.training.module import TaggerModule


def main() -> None:
    output, *options = sys.argv[1:]
    config = RunConfig(
        data=DataConfig(**dict(option.split("=", 1) for option in options)),  # type: ignore[arg-type]
        output=Path(output),
        progress=False,
        threads=1,
    )
    before = memory("VmRSS")
    clock, processor = time.perf_counter(), time.process_time()

    def stop(*_: Any) -> None:
        taken = {
            "clock": time.perf_counter() - clock,
            "processor": time.process_time() - processor,
            "before": before / 2**20,
            "peak": memory("VmHWM") / 2**20,
        }
        print(json.dumps(taken), flush=True)
        os._exit(0)  # what tears a run down is not measured

    TaggerModule.training_step = stop  # type: ignore[assignment]
    train(config)


if __name__ == "__main__":
    main()
