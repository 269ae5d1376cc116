"""The recipes: every YAML file is valid, says what it trains on, and holds only what differs from defaults."""

from __future__ import annotations

from dataclasses import asdict

import pytest
import yaml
from tiny_runs import REPOSITORY

from tagger.training import RunConfig
from tagger.training.command import parse_run_config

CONFIGS = sorted((REPOSITORY / "recipes" / "configs").glob("*.yaml"))

EXPECTED_NAMES = {
    "conll2000_chunking",
    "conll2003_ner",
    "ewt_pos",
    "ewt_xpos",
    "huang2015_ner",
    "ma_hovy2016_ner",
    "sample_ner",
    "sample_pos",
    "universal_dependencies_pos",
    "wikiann_ner",
    "wikigold_ner",
    "wnut17_ner",
}


def leaves(values, prefix=""):
    for name, value in values.items():
        if isinstance(value, dict) and name in ("data", "model", "optimizer"):
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def test_the_promised_recipes_are_there():
    assert {path.stem for path in CONFIGS} >= EXPECTED_NAMES


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_recipe_is_a_valid_configuration_with_a_folder_of_its_own_name(path):
    config = parse_run_config(["--config", str(path)])
    assert isinstance(config, RunConfig)
    assert config.output == f"runs/{path.stem}"
    assert config.data.train or config.data.dataset


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_recipe_holds_only_what_differs_from_the_defaults(path):
    defaults = dict(leaves(asdict(RunConfig("elsewhere"))))
    given = dict(leaves(yaml.safe_load(path.read_text(encoding="utf-8"))))
    same = [name for name, value in given.items() if repr(value) == repr(defaults[name])]
    same += [
        name for name, value in given.items() if isinstance(value, list) and value == list(defaults[name])
    ]
    assert same == []


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_recipe_says_data_licence_command_and_expected_score(path):
    header = path.read_text(encoding="utf-8").split("output:")[0]
    assert all(line.startswith("#") for line in header.splitlines())
    assert f"# Command   tagger train --config recipes/configs/{path.name}" in header
    for word in ("# Data      ", "# Expected  "):
        assert word in header
    about_data = header.split("# Data")[1].split("# Command")[0].lower()
    assert any(word in about_data for word in ("licence", "cc0", "cc by", "for research")), about_data


@pytest.mark.parametrize(
    "path", [p for p in CONFIGS if p.stem.startswith("sample_")], ids=lambda path: path.stem
)
def test_the_bundled_corpus_is_where_the_sample_recipes_look_for_it(path):
    data = parse_run_config(["--config", str(path)]).data
    for name in (data.train, data.dev, data.test):
        assert isinstance(name, str)
        assert (REPOSITORY / name).is_file()
