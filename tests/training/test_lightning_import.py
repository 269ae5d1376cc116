"""Tests of tagger/training/lightning_import.py: SciPy stays away until somebody wants it."""

import subprocess
import sys
from pathlib import Path

import pytest

import tagger

pytestmark = pytest.mark.slow  # each test starts a Python that imports Lightning

pytest.importorskip("scipy")

LIGHTNING_IMPORT = str(Path(tagger.__file__).parent / "training" / "lightning_import.py")


# Makes `module` of the file alone: the package would import Lightning.
ALONE = f"""
import sys
from importlib.util import module_from_spec, spec_from_file_location
spec = spec_from_file_location("lightning_import", {LIGHTNING_IMPORT!r})
module = module_from_spec(spec)
spec.loader.exec_module(module)
assert "scipy" not in sys.modules
"""


def run(program):
    """Run a program in a process of its own, and return what it prints."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_training_is_imported_without_scipy():
    assert run("import sys, tagger.training; print('scipy' in sys.modules)") == "False\n"


def test_scipy_that_is_loaded_already_stays():
    program = "import scipy.signal, sys, tagger.training; print(scipy is sys.modules['scipy'])"
    assert run(program) == "True\n"


def test_a_package_that_lightning_imports_gets_scipy(tmp_path):
    """As transformers does, which torchmetrics imports where it is installed."""
    (tmp_path / "pytorch_lightning.py").write_text(
        "import scipy.signal\nassert scipy.signal.hamming is None\nfrom scipy.sparse import csr_matrix\n"
    )
    program = f"""{ALONE}
sys.path.insert(0, {str(tmp_path)!r})
module.import_lightning()
import pytorch_lightning, scipy
print(pytorch_lightning.csr_matrix is scipy.sparse.csr_matrix)
"""
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
    program = f"""{ALONE}
with module._stand_ins():
    import scipy, scipy.signal
    early = scipy
    assert "scipy.version" not in sys.modules and scipy.signal.hamming is None
    {wanted}
import scipy.stats
assert found is not None and scipy.stats.norm.cdf(0) == 0.5 == early.stats.norm.cdf(0)
print(sys.modules["scipy"].__file__ is not None)
"""
    assert run(program) == "True\n"
