"""What is imported when, looked at in fresh interpreters; and the public names."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_models import SENTENCES, tiny_tagger

import tagger

PUBLIC = ["Entity", "Example", "Prediction", "Span", "Tagger", "TaggerConfig", "TaggerError", "__version__"]
TRAINING_ONLY = {
    "pytorch_lightning", "lightning", "lightning_fabric", "datasets", "pyarrow", "seqeval", "sklearn", "pandas",
    "scipy", "matplotlib", "jsonargparse", "yaml", "tensorboard", "huggingface_hub", "torchmetrics",
}  # fmt: skip
NOT_FOR_TAGGING = {"torch", *TRAINING_ONLY}


def modules_after(program, *arguments):
    """Top-level modules that a fresh interpreter has loaded after a program."""
    result = subprocess.run(
        [sys.executable, "-c", f"import sys, json\n{program}\nprint(json.dumps(sorted(sys.modules)))", *arguments],
        capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(tagger.__file__).parent.parent), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return {name.partition(".")[0] for name in json.loads(result.stdout)}


def test_import_of_the_package_costs_no_torch_and_no_numpy():
    assert not modules_after("import tagger; tagger.__version__") & {"torch", "numpy", "safetensors", "regex"}


def test_text_and_array_layers_need_no_torch():
    program = (
        "import tagger.schemes, tagger.text, tagger.formats, tagger.examples, tagger.config\n"
        "import tagger.features, tagger.batching, tagger.crf_kernels, tagger.inference.reported_labels, tagger.files\n"
        "from tagger import Entity, Example, Prediction, Span, TaggerConfig, TaggerError"
    )
    assert not modules_after(program) & {"torch", "safetensors", *TRAINING_ONLY}


def test_loading_and_tagging_load_neither_torch_nor_what_training_needs(tmp_path):
    tiny_tagger("bioes").save(tmp_path / "model")
    program = (
        "from tagger import Tagger\n"
        "before = {name.partition('.')[0] for name in sys.modules}\n"
        f"assert not before & {NOT_FOR_TAGGING!r}, before\n"
        "tagger = Tagger.load(sys.argv[1], threads=2)\n"
        f"sentences = {SENTENCES!r}\n"
        "tagger.tag(sentences), tagger.tag(sentences, decode='posterior'), tagger.predict(sentences)\n"
        "tagger.marginals(sentences), tagger.nbest(sentences, 2), tagger.extract('Anna met Bo in Rome.')\n"
        "list(tagger.stream(sentences)), tagger.save(sys.argv[1])"
    )
    modules = modules_after(program, str(tmp_path / "model"))
    assert {"numpy", "tagger"} <= modules
    assert not modules & NOT_FOR_TAGGING


@pytest.mark.parametrize("command", ["--version", "tag", "evaluate"])
def test_commands_load_neither_torch_nor_what_training_needs(tmp_path, command):
    tiny_tagger().save(tmp_path / "model")
    gold = tmp_path / "gold.conll"
    gold.write_text("Anna B-PER\nsings O\n\n", encoding="utf-8")
    arguments = {
        "--version": ["--version"],
        "tag": ["tag", str(tmp_path / "model"), str(gold), "--threads", "2", "-o", str(tmp_path / "tagged")],
        "evaluate": ["evaluate", str(tmp_path / "model"), str(gold), "-o", str(tmp_path / "report")],
    }[command]
    program = (
        "import os\n"
        "from tagger.cli import main\n"
        "stdout = os.dup(1)\n"
        "os.dup2(os.open(os.devnull, os.O_WRONLY), 1)\n"
        "assert main(sys.argv[1:]) == 0\n"
        "os.dup2(stdout, 1)"
    )
    modules = modules_after(program, *arguments)
    assert "tagger" in modules
    assert not modules & NOT_FOR_TAGGING
    assert "numpy" not in modules or command != "--version"


@pytest.mark.parametrize("missing", ["pytorch_lightning", "jsonargparse", "yaml", "seqeval", "torch"])
def test_training_without_its_extra_says_in_one_line_how_to_get_it(missing):
    program = (
        "import importlib.util, runpy, sys\n"
        "find = importlib.util.find_spec\n"
        f"importlib.util.find_spec = lambda name: None if name == {missing!r} else find(name)\n"
        "runpy.run_path(sys.argv[1], run_name='__main__')"
    )
    root = Path(tagger.__file__).parent.parent
    result = subprocess.run(
        [sys.executable, "-c", program, str(root / "recipes" / "train.py")],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (
        f"recipes/train.py: error: Training needs the package {missing!r}. "
        f"Install it with: pip install 'FOLDER[{'torch' if missing == 'torch' else 'train'}]', "
        "FOLDER being the clone of tagger\n"
    )


def test_all_is_what_the_package_offers():
    assert tagger.__all__ == PUBLIC
    assert dir(tagger) == PUBLIC
    for name in PUBLIC:
        assert getattr(tagger, name) is not None


def test_public_names_are_those_of_their_modules():
    from tagger.api import Tagger
    from tagger.config import TaggerConfig
    from tagger.errors import TaggerError
    from tagger.examples import Example
    from tagger.prediction import Prediction
    from tagger.spans import Entity, Span

    for kind in (Tagger, TaggerConfig, TaggerError, Example, Prediction, Entity, Span):
        assert getattr(tagger, kind.__name__) is kind


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError) as error:
        tagger.Tager  # noqa: B018
    assert str(error.value) == "module 'tagger' has no attribute 'Tager'"


@pytest.mark.slow
def test_training_loads_no_scipy_until_somebody_wants_it():
    assert "scipy" not in modules_after("import tagger.training")
    modules_after(
        "import tagger.training, torchmetrics, scipy.signal\n"
        "assert list(scipy.signal.windows.hamming(3).round(2)) == [0.08, 1.0, 0.08]"
    )


@pytest.mark.slow
def test_training_leaves_scipy_as_it_is_where_it_is_loaded():
    modules_after(
        "import scipy.signal as signal, tagger.training\nassert sys.modules['scipy.signal'] is signal"
    )
