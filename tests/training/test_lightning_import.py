"""Tests of tagger/training/lightning_import.py: SciPy stays away until somebody wants it."""

import subprocess
import sys

import pytest

pytest.importorskip("scipy")


def run(program):
    """Run a program in a process of its own, and return what it prints."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_training_is_imported_without_scipy():
    assert run("import sys, tagger.training; print('scipy' in sys.modules)") == "False\n"


def test_lightning_is_imported_once_more_where_it_or_scipy_is_there_already():
    program = (
        "import scipy.signal, sys, tagger.training, pytorch_lightning; print(scipy is sys.modules['scipy'])"
    )
    assert run(program) == "True\n"


@pytest.mark.parametrize(
    "wanted",
    [
        "from scipy.sparse import csr_matrix as found",
        "import scipy.stats; found = scipy.stats.norm",
        "import scipy; found = scipy.__version__",
        "from scipy import stats as found",
        "import scipy.signal; found = scipy.signal.lfilter",
        "from scipy.signal import lfilter as found",
    ],
)
def test_whoever_wants_scipy_while_lightning_is_imported_gets_it(wanted):
    program = f"""
import sys
from tagger.training.lightning_import import _stand_ins
for name in [name for name in sys.modules if name.split(".")[0] == "scipy"]:
    del sys.modules[name]
with _stand_ins():
    import scipy, scipy.signal
    early = scipy
    assert "scipy.version" not in sys.modules and scipy.signal.hamming is None
    {wanted}
import scipy.stats
assert found is not None and scipy.stats.norm.cdf(0) == 0.5 == early.stats.norm.cdf(0)
print(sys.modules["scipy"].__file__ is not None)
"""
    assert run(program) == "True\n"
