import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parents[3] / "scripts" / "benchmarks"


@pytest.fixture(scope="session")
def script() -> Iterator[Callable[[str], ModuleType]]:
    """Import a benchmark, or what benchmarks share, as a benchmark that is run does."""
    known = dict(sys.modules)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        yield _import
    for name in [name for name, module in sys.modules.items() if _is_benchmark(module)]:
        del sys.modules[name]
        if name in known:
            sys.modules[name] = known[name]


def _import(name: str) -> ModuleType:
    if name in sys.modules and not _is_benchmark(sys.modules[name]):
        del sys.modules[name]  # a recipe of the same name
    return importlib.import_module(name)


def _is_benchmark(module: ModuleType) -> bool:
    return str(getattr(module, "__file__", None) or "").startswith(str(BENCHMARKS))
