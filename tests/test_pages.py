"""The pages in docs/ that have no tests of their own: every block is run, in order; those that are not run are code."""

import ast
import re
import subprocess

import pytest
from documentation_pages import (
    MARKS,
    ROOT,
    code_blocks,
    folder_with_recipes,
    help_of,
    read_page,
    run_and_look,
    sets_up,
)

from tagger.cli import main as tagger_main
from tagger.training.command import main as recipes_train

OPTION = re.compile(r"(?<![\w-])--[a-z][\w.-]*\w")
COMMANDS = ("tag", "evaluate", "calibrate", "average", "inspect", "check", "convert", "agree", "compare")
DOCS = ROOT / "docs"
OWN_TESTS = {
    "annotation_tools.md",
    "data_quality.md",
    "datasets.md",
    "evaluation.md",
    "integrations.md",
    "teachers.md",
}
PAGES = {
    name: read_page(name)
    for name in sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))
    if not name.startswith("benchmarks/")
}
CODE = {
    name: [
        (needs, block) for _, language, needs, block in code_blocks(page) if language in ("bash", "python")
    ]
    for name, page in PAGES.items()
    if name not in OWN_TESTS
}
RUN = [name for name, blocks in CODE.items() if any(not needs for needs, _ in blocks)]

# What the block in which the key occurs must say.
SAID: dict[str, dict[str, tuple[str, ...]]] = {
    "tour.md": {"tagger check": ("sentences",), "tagger tag": ("[Marie Curie](PER)",)},
    "why.md": {"second best": ("emission", "second best differs at")},
    "how_it_works/lstm.md": {"unit_steps": (" kept ", " written = ")},
    "howto/from_python.md": {"Tagger.load": ("Marie Curie PER 0.",)},
}


# Code that is appended to the block in which the key occurs, in its language.
CHECKS = {
    "howto/from_python.md": {
        "Tagger.load": """
best, *others = tagger.nbest([["Warsaw", "is", "old", "."]], n=3)[0]
assert len(others) == 2 and best.labels == prediction.labels
assert len(prediction.label_probabilities) == 4 and prediction.log_probability < 0
assert tagger.marginals([["Warsaw", "is", "old", "."]])[0].shape == (4, len(tagger.labels))
""",
        "runs/memory": """
from tagger import Tagger
assert Tagger.load("runs/memory/model").tag([["Oslo"]]) == tagger.tag([["Oslo"]])
""",
        "import LinearChainCRF": """
assert emissions.grad.shape == (2, 7, 5) and [len(row) for row in labels] == [7, 7] and scores.shape == (2,)
""",
    },
    "tour.md": {
        "--output jsonl": """
test "$(wc -l <runs/tagged.jsonl)" -eq 2
""",
    },
}


@pytest.mark.parametrize("name", RUN)
@pytest.mark.slow
def test_every_block_of_a_page_runs(name, tmp_path):
    run_and_look(PAGES[name], folder_with_recipes(tmp_path), SAID.get(name, {}), CHECKS.get(name, {}))


@pytest.mark.parametrize("name", PAGES)
def test_blocks_that_are_not_run_are_code_and_say_what_they_need(name):
    for line, language, needs, block in code_blocks(PAGES[name]):
        assert needs or not sets_up(block), f"line {line}: this block needs the mark long"
        if needs and language in ("bash", "python"):
            assert needs in MARKS, f"line {line}"
            if language == "bash":
                subprocess.run(["bash", "-n", "-c", block], check=True)
            else:
                ast.parse(block)


@pytest.mark.slow
def test_options_that_the_pages_name_exist(capsys):
    pages = "".join(PAGES[name] for name, blocks in CODE.items() if blocks)
    assert recipes_train(["--help"]) == 0
    for command in COMMANDS:
        assert tagger_main([command, "--help"]) == 0
    known = set(OPTION.findall(capsys.readouterr().out))
    programs = set(
        re.findall(r"(recipes/\w+\.py|scripts/tag_corpus\.py|scripts/benchmarks/time_by_part\.py)", pages)
    ) - {"recipes/train.py"}
    known |= set(OPTION.findall(help_of(*sorted(programs))))
    of_other_programs = (
        "--apparent-size --cov --gold-preproc --lang --no-compile --optimize --paths.dev --paths.train --pipeline"
        " --system.seed --target"
    )
    others = {"--any.option", "--fast", "--version", *of_other_programs.split()}
    named = set(OPTION.findall(pages))
    assert len(named) > 100
    assert sorted(named - known - others) == []


def test_every_page_is_listed_once():
    trees = re.findall(r"```\{toctree\}\n(.*?)```", PAGES["index.md"], re.DOTALL)
    listed = re.findall(r"^(\w[\w/]*)$", "\n".join(trees), re.MULTILINE)
    pages = [f"{name}.md" for name in listed if not name.startswith("benchmarks")]
    assert sorted(pages) == sorted({*PAGES} - {"index.md"})


def test_names_that_the_pages_teach_are_in_the_reference():
    reference = "".join(page for name, page in PAGES.items() if name.startswith("reference/"))
    documented = set(re.findall(r"^\.\. auto\w+:: [\w.]+\.(\w+)$", reference, re.MULTILINE))
    taught = {
        name
        for page, text in PAGES.items()
        if not page.startswith(("how_it_works/", "changelog", "contributing"))
        for names in re.findall(r"^from tagger[\w.]* import ([\w, ]+)$", text, re.MULTILINE)
        for name in names.split(", ")
    }
    assert len(taught) > 12
    assert sorted(taught - documented) == []
    assert {"load_splits", "output_schema", "WorkerPool"} <= documented
