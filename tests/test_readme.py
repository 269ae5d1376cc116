"""README.md and the recipes' commands: every block of code is run as a reader would, every claim of paths checked."""

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from sources.loopback_hub import serve

from tagger.cli import main as tagger_main
from tagger.training.command import main as recipes_train
from tagger.training.command import parse_run_config

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
RECIPES = sorted((ROOT / "recipes" / "configs").glob("*.yaml"))

RECIPES_README = (ROOT / "recipes" / "README.md").read_text(encoding="utf-8")
OPTION = re.compile(r"(?<![\w-])--[a-z][\w.-]*\w")

# These set up an environment and train for minutes; tests/scripts/test_set_up.py runs them with a stand-in for Python.
SET_UP = ("scripts/quickstart\n", "scripts/test\n")

# What must hold after the block in which the key occurs: code in its language, appended to it.
CHECKS = {
    "--output runs/mine": """
for file in model/model.safetensors model/README.md metrics.json recipe.yaml; do test -s runs/mine/$file; done
""",
    "tagger tag runs/mine": """
test "$(wc -l <runs/tagged.jsonl)" -eq 60
grep -q "Errors in their sentences" runs/evaluation.html
""",
    "Tagger.load": """
assert tagger.tag([["Marie", "Curie", "lived", "in", "Paris", "."]])[0][:2] == ["B-PER", "I-PER"]
assert [entity.text for entity in tagger.extract("Marie Curie was born in Warsaw.")] == ["Marie Curie", "Warsaw"]
assert tagger.marginals([["Warsaw", "is", "old", "."]])[0].shape == (4, len(tagger.labels))
best, *others = tagger.nbest([["Warsaw", "is", "old", "."]], n=3)[0]
assert len(others) == 2 and best.labels == prediction.labels
assert len(prediction.label_probabilities) == 4 and prediction.log_probability < 0
""",
    "runs/memory": """
from tagger import Tagger
assert Tagger.load("runs/memory/model").tag([["Oslo"]]) == tagger.tag([["Oslo"]])
""",
    "unimelb-nlp/wikiann": """
grep -q unimelb-nlp/wikiann runs/wikiann_sv/model/README.md
""",
    "LinearChainCRF": """
assert emissions.grad.shape == (2, 7, 5) and [len(row) for row in labels] == [7, 7] and scores.shape == (2,)
""",
}

# What a block must print.
PRINTED = {
    "--output runs/mine": "test: f1 ",
    "tagger tag runs/mine": "[Marie Curie](PER) was born in [Warsaw](LOC).\n",
    "Tagger.load": "0 11 Marie Curie PER 0.",
    "unimelb-nlp/wikiann": "test: f1 ",
}


def code_blocks(text):
    """Every fenced block: line number, language, code."""
    for found in re.finditer(r"^```(.*)\n((?:.*\n)*?)```$", text, re.MULTILINE):
        yield text[: found.start()].count("\n") + 1, found[1], found[2]


BLOCKS = list(code_blocks(README))


def write_wikiann(root):
    """A few sentences as the Hub has them: a configuration per language, a Parquet file per split."""
    from datasets import ClassLabel, Dataset, Features, List, Value

    names = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"]
    features = Features(
        {
            "tokens": List(Value("string")),
            "ner_tags": List(ClassLabel(names=names)),
            "langs": List(Value("string")),
            "spans": List(Value("string")),
        }
    )
    repository = root / "unimelb-nlp" / "wikiann" / "main"
    (repository / "sv").mkdir(parents=True)
    configuration = "configs:\n- config_name: sv\n  data_files:\n"
    for split in ("train", "validation", "test"):
        columns = {
            "tokens": [["Ada", "bor", "i", "Lund"], ["Volvo", "AB", "ligger", "där"]] * 4,
            "ner_tags": [[1, 0, 0, 5], [3, 4, 0, 0]] * 4,
            "langs": [["sv"] * 4] * 8,
            "spans": [["PER: Ada", "LOC: Lund"], ["ORG: Volvo AB"]] * 4,
        }
        Dataset.from_dict(columns, features=features).to_parquet(
            repository / "sv" / f"{split}-00000-of-00001.parquet"
        )
        configuration += f"  - split: {split}\n    path: sv/{split}-*\n"
    (repository / "README.md").write_text(f"---\n{configuration}---\n")


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """Runs a program in a reader's clone, where the results of earlier blocks lie, with a Hub within reach."""
    clone, home, hub = (tmp_path_factory.mktemp(name) for name in ("clone", "home", "hub"))
    shutil.copytree(ROOT / "recipes", clone / "recipes")
    write_wikiann(hub)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "PYTHON"))}
    with serve(hub) as (_, address):
        environment = {
            **kept,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "OMP_NUM_THREADS": "1",
            "HF_ENDPOINT": address,
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_UPDATE_DOWNLOAD_COUNTS": "0",  # the library counts elsewhere than at the Hub
        }

        def run(*command):
            return subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                cwd=clone,
                env=environment,
                capture_output=True,
                text=True,
                timeout=400,
            )

        yield run


@pytest.mark.parametrize(
    ("language", "code"),
    [
        pytest.param(language, code, id=f"line-{line}")
        for line, language, code in BLOCKS
        if code not in SET_UP and language != "text"
    ],
)
def test_a_block_of_the_readme_runs(reader, language, code):
    """The blocks build on each other: run alone, one may lack the files of those before."""
    program = {"bash": ["bash", "-euo", "pipefail", "-c"], "python": ["python", "-c"]}[language]
    done = reader(*program, code + "".join(check for key, check in CHECKS.items() if key in code))
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    for key, text in PRINTED.items():
        if key in code:
            assert text in done.stdout


def test_the_readme_has_the_blocks_that_are_checked():
    codes = [code for _, _, code in BLOCKS]
    for wanted in (*SET_UP, *CHECKS, *PRINTED):
        assert any(wanted in code for code in codes), wanted


def test_the_sentence_that_the_readme_shows_is_that_of_quickstart():
    (shown,) = [code for _, language, code in BLOCKS if language == "text"]
    sentence = re.sub(r"\[([^]]+)\]\([A-Z]+\)", r"\1", shown).strip()
    assert sentence != shown.strip()
    assert f'sentence="{sentence}"' in (ROOT / "scripts" / "quickstart").read_text(encoding="utf-8")


def test_options_that_the_readmes_name_exist(capsys):
    assert recipes_train(["--help"]) == 0
    for command in ("check", "tag", "evaluate", "agree", "calibrate", "convert", "compare"):
        assert tagger_main([command, "--help"]) == 0
    known = set(OPTION.findall(capsys.readouterr().out))
    recipes = (
        *("recipes/seeds.py", "recipes/cross_validate.py"),
        *("recipes/label_errors.py", "recipes/learning_curve.py"),
        *("recipes/long_lag.py", "recipes/pretrain_vectors.py"),
    )
    for program in (*recipes, "scripts/benchmarks/tag.py", "scripts/benchmarks/against_baseline.py"):
        command = [sys.executable, str(ROOT / program), "--help"]
        known |= set(
            OPTION.findall(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        )
    named = set(OPTION.findall(README + RECIPES_README)) - {"--any.option"}
    assert len(named) > 10
    assert sorted(named - known) == []


# --- what README says about files ---


def test_files_that_the_readmes_name_exist():
    for text, folder in ((README, ROOT), (RECIPES_README, ROOT / "recipes")):
        prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
        links = [link.split("#")[0] for link in re.findall(r"\]\(([^)]+)\)", prose) if "://" not in link]
        assert links
        assert [link for link in links if not (folder / link).exists()] == []
    named = re.findall(r"`((?:scripts|recipes)/[\w./]+)`", README)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def table_rows():
    """The files of each row of README's table, as paths from the root."""
    rows = re.findall(r"^\| (`.*?) \|", README, re.MULTILINE)
    starts = ("tagger/", "recipes/")
    return [
        [name if name.startswith(starts) else f"tagger/{name}" for name in re.findall(r"`([^`]+)`", row)]
        for row in rows
    ]


def row_of(path, rows):
    """The number of the row that names a file, or the innermost folder around it."""
    matches = [
        (len(name), number)
        for number, names in enumerate(rows)
        for name in names
        if path == name or (name.endswith("/") and path.startswith(name))
    ]
    assert matches, f"{path} is in no row of README's table"
    return max(matches)[1]


def imported_files(path):
    """The files of the package that a file imports, at any depth of its code."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("tagger"):
            continue
        for name in node.names:
            for module in (f"{node.module}.{name.name}", str(node.module)):
                file, package = module.replace(".", "/") + ".py", module.replace(".", "/") + "/__init__.py"
                existing = [candidate for candidate in (file, package) if (ROOT / candidate).exists()]
                if existing:
                    yield existing[0]
                    break


def test_files_of_the_table_exist():
    assert [name for row in table_rows() for name in row if not (ROOT / name).exists()] == []


def files_of(module):
    """The file or files by which a module may be known."""
    path = module.replace(".", "/")
    return {f"{path}.py", f"{path}/__init__.py"}


def imported_on_first_use():
    """What files import of rows below on first use: pairs that the import contract lists one by one."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = next(
        contract for contract in settings["tool"]["importlinter"]["contracts"] if contract["type"] == "layers"
    )
    pairs = [line.split(" -> ") for line in layers["ignore_imports"]]
    return {(one, other) for left, right in pairs for one in files_of(left) for other in files_of(right)}


def test_files_import_only_from_rows_above_or_their_own():
    rows, on_first_use = table_rows(), imported_on_first_use()
    public_names = "tagger/__init__.py"
    for path in sorted((ROOT / "tagger").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name != public_names:
            below = [
                other
                for other in imported_files(path)
                if other != public_names
                and row_of(other, rows) > row_of(name, rows)
                and (name, other) not in on_first_use
            ]
            assert below == [], name


# --- the recipes ---


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_gives_the_command_that_runs_it(path, monkeypatch):
    monkeypatch.chdir(ROOT)
    header = re.match(r"(?:#.*\n)+", path.read_text(encoding="utf-8"))
    (line,) = re.findall(r"^# Command   tagger train (.+)$", header[0], re.MULTILINE)
    command = shlex.split(line)
    assert command[:2] == ["--config", f"recipes/configs/{path.name}"]
    config = parse_run_config(command)
    assert config.output == f"runs/{path.stem}"
    # What the header proposes beside the command.
    for option, value in re.findall(r"(--data\.\w+) (\w+)\.", header[0]):
        parse_run_config([*command, option, value])


def test_the_recipes_of_the_readme_are_those_that_exist():
    text = (ROOT / "recipes" / "README.md").read_text(encoding="utf-8")
    described = [
        name for names in re.findall(r"^\*\*(.+?)\*\*", text, re.MULTILINE) for name in names.split(", ")
    ]
    assert sorted(described) == [path.stem for path in RECIPES]


def test_the_command_of_the_recipes_readme_can_be_read(monkeypatch):
    monkeypatch.chdir(ROOT)
    (command,) = re.findall(r"`tagger train (.+?) \[", RECIPES_README)
    parse_run_config(shlex.split(command.replace("NAME", "sample_ner")))


def test_the_sample_recipes_name_the_counts_of_the_corpus():
    splits = [ROOT / "recipes" / "sample" / f"{split}.conll" for split in ("train", "dev", "test")]
    counts = [str(len(path.read_text(encoding="utf-8").strip().split("\n\n"))) for path in splits]
    for name in ("sample_ner", "sample_pos"):
        assert " / ".join(counts) in (ROOT / "recipes" / "configs" / f"{name}.yaml").read_text(
            encoding="utf-8"
        )
