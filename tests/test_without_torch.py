"""Where torch is not installed, tagging on the CPU works, and all that needs torch says so in one line."""

from pathlib import Path

import pytest
from tiny_models import tiny_tagger
from without_torch import WithoutTorch, run_python

pytestmark = pytest.mark.slow  # each test starts a program

ROOT = Path(__file__).parents[1]
INSTALL = "needs the package 'torch'. Install it with: pip install 'FOLDER[torch]', FOLDER being the clone of tagger"
TEXT = "Anna met Bo in New York. The EU rejects German calls.\n\nNot in Rome!\n"
GOLD = "Anna B-PER\nmet O\nBo B-PER\n\nin O\nRome B-LOC\n\n"


@pytest.fixture
def alone(tmp_path):
    (tmp_path / "hiding").mkdir()
    return WithoutTorch(tmp_path / "hiding")


@pytest.fixture
def model(tmp_path):
    tiny_tagger().save(tmp_path / "model")
    return tmp_path / "model"


def test_the_package_that_is_tested_is_the_one_that_is_meant(alone):
    program = "import tagger; print(tagger.__file__)"
    assert alone.run("-c", program) == (0, f"{alone.package / '__init__.py'}\n", "")


def test_hidden_modules_look_not_installed_and_are_noted(alone):
    program = (
        "from importlib.util import find_spec\n"
        "try: import torch.nn\n"
        "except ModuleNotFoundError as error: print(error.name, find_spec('torch'))"
    )
    assert alone.run("-c", program) == (0, "torch None\n", "")
    assert alone.asked_for == ["torch", "torch"]


@pytest.mark.parametrize(
    "options",
    [
        ["--output", "jsonl", "--probabilities"],
        ["--output", "jsonl", "--nbest", "2", "--threads", "2"],
        ["--workers", "2"],
    ],
)
def test_tag_without_torch_gives_the_same(alone, model, options):
    command = ("-m", "tagger", "tag", model, *options)
    status, output, errors = alone.run(*command, stdin=TEXT)
    # On a single core it is mentioned that there is no second one.
    assert (status, [line for line in errors.splitlines() if "than the one core" not in line]) == (0, [])
    assert "Anna" in output
    assert output == run_python(*command, stdin=TEXT)[1]
    assert alone.asked_for == []


def test_evaluate_without_torch_gives_the_same(alone, model, tmp_path):
    gold = tmp_path / "gold.conll"
    gold.write_text(GOLD, encoding="utf-8")
    status, output, _ = alone.run("-m", "tagger", "evaluate", model, gold)
    assert status == 0
    assert output == run_python("-m", "tagger", "evaluate", model, gold)[1]
    assert alone.asked_for == []


def test_python_without_torch_gives_the_same(alone, model):
    program = (
        "import sys; from tagger import Tagger\n"
        "tagger = Tagger.load(sys.argv[1], threads=2)\n"
        "words = [['Anna', 'met', 'Bo'], [], ['in', 'Rome']] * 40\n"
        "print(tagger.tag(words), tagger.predict(words), tagger.nbest(words, 2), tagger.extract('Anna met Bo.'))\n"
        "print([rows.tolist() for rows in tagger.marginals(words)])\n"
        "import pickle; print(pickle.loads(pickle.dumps(tagger)).predict(words) == tagger.predict(words))"
    )
    status, output, errors = alone.run("-c", program, model)
    assert (status, errors) == (0, "")
    assert output == run_python("-c", program, model)[1]
    assert alone.asked_for == []


@pytest.mark.parametrize("options", [["--device", "cuda:1"], ["--device", "mps", "--workers", "1"]])
def test_another_device_is_one_line(alone, model, options):
    found = alone.run("-m", "tagger", "tag", model, *options, stdin=TEXT)
    assert found == (1, "", f"tagger: error: device: {options[1]!r}: any device but 'cpu' {INSTALL}\n")


@pytest.mark.parametrize("options", [["--device", "cdua"], ["--device", "cuda:x", "--workers", "1"]])
def test_a_device_that_no_torch_would_know_is_wrong_usage(alone, model, options):
    found = alone.run("-m", "tagger", "tag", model, *options, stdin=TEXT)
    expected = "'cpu', or a device of PyTorch such as 'cuda', 'cuda:1', 'mps' or 'xpu'"
    assert found == (2, "", f"tagger: error: device: expected {expected}, found {options[1]!r}\n")


def test_inspect_is_one_line(alone, model):
    found = alone.run("-m", "tagger", "inspect", model, TEXT)
    assert found == (1, "", f"tagger: error: Looking inside a model {INSTALL}\n")


@pytest.mark.parametrize(
    ("statement", "subject"),
    [
        ("import tagger.modules.crf", "tagger.modules"),
        ("from tagger.modules.crf import LinearChainCRF", "tagger.modules"),
        ("import tagger.inspection", "Looking inside a model"),
        ("from tagger import Tagger; Tagger.load(sys.argv[1]).parts.model", "The PyTorch model"),
        (
            "from tagger import Tagger; Tagger.load(sys.argv[1], device='cuda')",
            "device: 'cuda': any device but 'cpu'",
        ),
    ],
)
def test_what_needs_torch_is_an_import_error_that_names_the_extra(alone, model, statement, subject):
    program = f"import sys\ntry:\n  {statement}\nexcept ImportError as error:\n  print(error)"
    assert alone.run("-c", program, model) == (0, f"{subject} {INSTALL}\n", "")


@pytest.mark.parametrize("recipe", ["train", "seeds", "cross_validate", "long_lag"])
def test_recipes_are_one_line(alone, recipe):
    status, output, errors = alone.run(ROOT / "recipes" / f"{recipe}.py")
    missing = ("torch", "torch") if recipe == "long_lag" else ("pytorch_lightning", "train")
    assert (status, output) == (1, "")
    assert errors == (
        f"recipes/{recipe}.py: error: Training needs the package {missing[0]!r}. "
        f"Install it with: pip install 'FOLDER[{missing[1]}]', FOLDER being the clone of tagger\n"
    )


@pytest.mark.parametrize("arguments", [[], ["--help"], ["--data.train", "a.conll", "--debug"]])
def test_train_is_one_line_and_help_lists_it(alone, arguments):
    status, output, errors = alone.run("-m", "tagger", "train", *arguments)
    assert (status, output) == (1, "")
    assert errors.splitlines()[-1] == (
        "tagger train: error: Training needs the package 'pytorch_lightning'. "
        "Install it with: pip install 'FOLDER[train]', FOLDER being the clone of tagger"
    )
    assert ("Traceback" in errors) == ("--debug" in arguments)
    asked_for = alone.asked_for
    status, output, errors = alone.run("-m", "tagger", "--help")
    assert (status, errors) == (0, "")
    assert "train a model" in output
    assert alone.asked_for == asked_for


def test_seqeval_is_one_line(alone, model, tmp_path):
    gold = tmp_path / "gold.conll"
    gold.write_text(GOLD, encoding="utf-8")
    status, output, errors = alone.run("-m", "tagger", "evaluate", model, gold, "--seqeval")
    assert (status, output) == (1, "")
    assert errors.endswith(
        "tagger: error: The report needs the package 'seqeval'. "
        "Install it with: pip install 'FOLDER[train]', FOLDER being the clone of tagger\n"
    )


def test_convert_needs_no_library_but_for_three_formats(alone, tmp_path):
    gold = tmp_path / "gold.conll"
    gold.write_text(GOLD, encoding="utf-8")
    written = [
        *("jsonl", "conllu", "csv", "doccano", "label-studio", "prodigy", "brat", "spacy-json", "gliner"),
        *("privacy-mask", "inline"),
    ]
    for format in written:
        there, back = tmp_path / f"there-{format}", tmp_path / f"{format}.conll"
        status, _, errors = alone.run("-m", "tagger", "convert", gold, there, "--output", format)
        assert status == 0, errors
        status, _, errors = alone.run("-m", "tagger", "convert", there, back, "--input", format)
        assert status == 0, errors
        assert "Rome\tB-LOC\n" in back.read_text(encoding="utf-8")
    assert alone.asked_for == []


@pytest.mark.parametrize(
    ("name", "content", "subject", "module", "extra"),
    [
        ("a.spacy", "", "The format docbin", "spacy", "spacy"),
        ("a.parquet", "", "The format parquet", "pyarrow", "parquet"),
        ("a.xmi", '<xmi:XMI xmlns:xmi="http://www.omg.org/XMI"/>', "The format cas", "cassis", "cas"),
    ],
)
def test_formats_that_need_a_library_are_one_line(alone, tmp_path, name, content, subject, module, extra):
    gold, path = tmp_path / "gold.conll", tmp_path / name
    gold.write_text(GOLD, encoding="utf-8")
    command = [gold, path]
    if content:
        path.write_text(content, encoding="utf-8")
        (tmp_path / "TypeSystem.xml").write_text("<typeSystemDescription/>", encoding="utf-8")
        command = [path, tmp_path / "out.jsonl"]
    status, output, errors = alone.run("-m", "tagger", "convert", *command)
    assert (status, output) == (1, "")
    assert errors == (
        f"tagger: error: {subject} needs the package {module!r}. Install it with: pip install 'FOLDER[{extra}]', "
        "FOLDER being the clone of tagger\n"
    )
