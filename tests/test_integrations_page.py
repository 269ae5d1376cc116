"""docs/integrations.md: blocks are run, in order, but for those that need a cluster or the network: these are code."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from documentation_pages import (
    code_blocks,
    folder_with_recipes,
    help_of,
    options_named,
    read_page,
    run_and_look,
)
from sources.loopback_hub import serve

from tagger.cli import main as tagger_main
from tagger.cli.output_choice import ANNOTATED, FOR_READERS
from tagger.cli.outputs import KINDS

PAGE = read_page("integrations.md")

# What a block must say, on standard output or standard error.
SAID = {
    "--output inline": ("[Oslo](LOC)", '"word": "Oslo", "start": 23, "end": 27'),
    "--resume": ("all is there already",),
    'prefix="ner_"': ("Warsaw None", "'labels'"),
    "datasets.Features": ("'entities'] 100",),
    "spacy.blank": ("('Marie Curie', 'PER')", "Warsaw 0."),
    "to_dataframe()": ("Warsaw", "token"),
}


@pytest.mark.slow
def test_every_block_of_the_page_does_what_it_says(tmp_path):
    folder = folder_with_recipes(tmp_path)
    run_and_look(PAGE, folder, SAID)
    runs = folder / "runs"
    assert "Oslo" in (runs / "b.html").read_text(encoding="utf-8")
    assert sorted(path.name for path in (runs / "tagged").iterdir()) == ["a.jsonl", "b.jsonl"]
    assert (runs / "all.jsonl.gz").read_bytes().startswith(b"\x1f\x8b")
    assert (runs / "texts.parquet").read_bytes().startswith(b"PAR1")


def test_blocks_that_are_not_run_are_code():
    others = [(language, needs, block) for _, language, needs, block in code_blocks(PAGE) if needs]
    for language, _, block in others:
        if language == "bash":
            subprocess.run(["bash", "-n", "-c", block], check=True)
        else:
            compile(block, "block", "exec")
    assert [needs for _, needs, _ in others] == [
        "network",
        "cluster",
        "cluster",
        "cluster",
        "network",
        "network",
    ]


def test_every_output_of_tag_stands_in_the_table():
    table = PAGE[PAGE.index("| `--output` |") : PAGE.index("`--probabilities` adds")]
    cells = [row.split(" | ")[0] for row in table.strip().split("\n")[2:]]
    named = re.findall(r"`([\w-]+)`", " ".join(cells))
    assert sorted(named) == sorted({*KINDS, *FOR_READERS, *ANNOTATED} - {"auto"})


@pytest.mark.slow
def test_options_that_the_page_names_exist(capsys):
    for command in ("tag", "convert"):
        assert tagger_main([command, "--help"]) == 0
    known = capsys.readouterr().out + help_of("scripts/tag_corpus.py", "recipes/train.py")
    named = options_named(re.sub(r"(python -m spacy|pip|ray start) .*$", "", PAGE, flags=re.MULTILINE))
    assert len(named) > 10
    others = {"--no-deps", "--address"}  # of pip; of the script and Ray
    assert sorted(named - others - set(re.findall(r"--[a-z][\w-]*\w", known))) == []
    assert "--address" in known


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


@pytest.mark.slow
def test_the_block_on_a_dataset_of_the_hub_runs(tmp_path):
    hub = tmp_path / "hub"
    write_wikiann(hub)
    (block,) = [block for _, _, needs, block in code_blocks(PAGE) if "unimelb-nlp/wikiann" in block]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "PYTHON"))}
    with serve(hub) as (_, address):
        environment = {
            **kept,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "OMP_NUM_THREADS": "1",
            "HF_ENDPOINT": address,
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_UPDATE_DOWNLOAD_COUNTS": "0",  # the library counts elsewhere than at the Hub
        }
        done = subprocess.run(
            ["bash", "-c", block], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
        )
    assert done.returncode == 0, done.stderr
    assert "test: f1 " in done.stdout
    assert "unimelb-nlp/wikiann" in (tmp_path / "runs/wikiann_sv/model/README.md").read_text()
