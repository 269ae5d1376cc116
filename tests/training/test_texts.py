"""Options that are texts arrive as typed on the command line and as quoted in YAML; recipe.yaml repeats a run."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tiny_runs import SAMPLE, TINY_MODEL, tiny_config

from tagger.config import TaggerConfig
from tagger.training import DataConfig, RunConfig, VectorsConfig, train
from tagger.training.command import main, parse_run_config
from tagger.training.run_folder import RunFolder
from tagger.training.texts import to_yaml

ODD = (
    *(
        "#",
        "# a",
        "~",
        "null",
        "no",
        "Yes",
        "true",
        "1e3",
        "1_000",
        "0x1f",
        "1:30",
        ":",
        "a: b",
        "- a",
        "-",
        "-x",
        "{",
    ),
    *(
        "[",
        "]",
        "@",
        "`",
        "%",
        "&a",
        "*a",
        "!",
        "|",
        ">",
        "'",
        '"',
        "'a'",
        '"a"',
        "?",
        "=",
        "<<",
        ".",
        "..",
        "",
        " ",
    ),
    *(
        " a ",
        "\ta",
        "a #b",
        "2020-01-01",
        ".inf",
        "nan",
        "---",
        "...",
        "\\n",
        "a\nb",
        "\x85",
        "\u2028",
        "\ufeff",
        "é",
    ),
    *("😀", "\x07", "\ud800", "/etc/hostname", "train", "text_23_", "[a, b]", "{a: b}", "{}", "[]"),
)
TEXTS = st.one_of(
    st.sampled_from(ODD), st.text(max_size=8), st.text(st.characters(codec="utf-8"), max_size=8)
)
NAMES = st.one_of(st.integers(-3, 30), TEXTS)
DICTIONARIES = st.dictionaries(TEXTS, TEXTS, min_size=1, max_size=2)
# Without shrinking, which takes minutes here.
SHORT = settings(deadline=None, max_examples=25, phases=[Phase.explicit, Phase.generate])


def optional(strategy):
    return st.one_of(st.none(), strategy)


NO_JSON = TEXTS.filter(lambda text: not text.lstrip().startswith(("[", "{")))
OF_FILES = st.fixed_dictionaries(
    {"train": TEXTS.filter(bool)},
    optional={
        **dict.fromkeys(("dev", "test", "root", "text_column", "comment_prefix", "document_column"), TEXTS),
        **{name: optional(NAMES) for name in ("token_column", "label_column")},
        "segmenter": optional(st.just({"hyphens": "keep", "lines": "split"})),
    },
)
OF_DATASETS = st.fixed_dictionaries(
    {"dataset": TEXTS.filter(bool)},
    optional={
        **{name: optional(TEXTS) for name in ("dataset_name", "revision", "data_dir", "document_column")},
        "data_files": st.one_of(
            TEXTS, st.lists(TEXTS), st.dictionaries(TEXTS, st.one_of(TEXTS, st.lists(TEXTS)), max_size=2)
        ),
        "splits": optional(st.dictionaries(TEXTS, TEXTS, max_size=2)),
        "label_names": st.one_of(NO_JSON, st.lists(TEXTS), st.dictionaries(TEXTS, st.integers(), max_size=2)),
        "label_column": optional(NAMES),
    },
)
VECTORS = st.fixed_dictionaries(
    {"path": TEXTS}, optional={"member": optional(TEXTS), "words": optional(TEXTS)}
)


@st.composite
def configurations(draw):
    vectors = draw(st.one_of(st.just({}), VECTORS))
    model: dict[str, Any] = {"affixes": tuple(draw(st.permutations(["prefix1", "suffix2"])))}
    if vectors:
        model |= {"vectors": "tuned", "vector_dim": 3}
    return RunConfig(
        draw(TEXTS.filter(bool)),
        DataConfig(**draw(st.one_of(OF_FILES, OF_DATASETS))),
        TaggerConfig(**model),
        VectorsConfig(**vectors),
        accelerator=draw(TEXTS),
        loggers=draw(st.sampled_from([[], ["csv"], ["csv", "tensorboard"]])),
        epochs=draw(st.integers(1, 9)),
    )


@SHORT
@given(config=configurations())
@pytest.mark.slow
def test_a_recipe_is_read_as_the_configuration_it_was_written_from(tmp_path_factory, config):
    path = tmp_path_factory.mktemp("recipe") / "recipe.yaml"
    path.write_text(to_yaml({**asdict(config), "model": config.model.to_dict()}), encoding="utf-8")
    assert parse_run_config(["--config", str(path)]) == config


def differing(config, default, prefix=""):
    """The options of a configuration that are not the default's, by their dotted names."""
    for name, value in config.items():
        if isinstance(default.get(name), dict) and isinstance(value, dict):
            yield from differing(value, default[name], f"{prefix}{name}.")
        elif value != default.get(name):
            yield f"{prefix}{name}", value


@SHORT
@given(config=configurations(), joined=st.booleans())
def test_the_command_line_gives_the_configuration_that_was_typed(config, joined):
    # None is what is left out, and digits are numbers: neither is a text on the command line.
    columns = ("token_column", "label_column")
    numbers = {name: getattr(config.data, name) for name in columns}
    typed = {
        name: int(value) if isinstance(value, str) and value.removeprefix("-").isascii() and
        value.removeprefix("-").isdigit() else value
        for name, value in numbers.items()
    }  # fmt: skip
    config = replace(config, data=replace(config.data, **typed))
    arguments: list[str] = []
    for name, value in differing(asdict(config), asdict(RunConfig("\0"))):
        text = value if isinstance(value, str) else yaml_of(value)
        is_option = text.startswith("--") or joined
        arguments += [f"--{name}={text}"] if is_option else [f"--{name}", text]
    # A text that has the form of a list or mapping is one, where the option takes it.
    for name in ("train", "dev", "test", "data_files", "label_names"):
        value = getattr(config.data, name)
        if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
            return
    assert parse_run_config(arguments) == config


def yaml_of(value):
    if isinstance(value, (bool, int)):
        return str(value).lower()
    value = list(value) if isinstance(value, tuple) else value
    return yaml.safe_dump(value, default_flow_style=True, default_style='"', width=10**6)


@pytest.mark.parametrize("text", ODD)
def test_a_text_is_what_was_typed_and_what_was_quoted(tmp_path, text):
    names = ("comment_prefix", "root", "text_column", "label_column")
    options = [argument for name in names for argument in (f"--data.{name}={text}",)]
    path = tmp_path / "a.yaml"
    path.write_text(to_yaml({"output": "x", "data": {"train": "t", **dict.fromkeys(names, text)}}), "utf-8")
    for arguments in (["--output", "x", "--data.train", "t", *options], ["--config", str(path)]):
        assert parse_run_config(arguments).data == DataConfig(train="t", **dict.fromkeys(names, text))


@pytest.mark.parametrize(
    ("typed", "column"), [("0", 0), ("-1", -1), ("007", 7), ("1e3", "1e3"), ("pos", "pos"), ("+1", "+1")]
)
def test_digits_are_a_number_on_the_command_line(typed, column):
    assert parse_run_config(["--output", "x", "--data.train", "t", "--data.label_column", typed]).data == (
        DataConfig(train="t", label_column=column)
    )


@pytest.mark.parametrize(
    ("written", "column"),
    [("0", 0), ("-1", -1), ("'0'", "0"), ('"-1"', "-1"), ("null", None), ("~", None), ("'null'", "null")],
)
def test_quoted_digits_in_yaml_are_a_name_and_null_is_none(tmp_path, written, column):
    path = tmp_path / "a.yaml"
    path.write_text(f"output: x\ndata: {{train: t, label_column: {written}}}\n")
    assert parse_run_config(["--config", str(path)]).data == DataConfig(train="t", label_column=column)


def test_later_files_and_options_count_as_they_stand(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("output: x\ndata: {train: t, comment_prefix: '%', root: '~'}\n")
    after = parse_run_config(["--config", str(path), "--data.comment_prefix", "#"]).data
    before = parse_run_config(["--data.comment_prefix", "#", "--config", str(path)]).data
    assert (after.comment_prefix, before.comment_prefix, after.root) == ("#", "%", "~")


def test_lists_and_mappings_on_the_command_line_hold_texts_too():
    options = ["--output", "x", "--data.dataset", "d", "--data.label_names", "[O, NO, 3]"]
    options += ["--data.splits", "{train: on, dev: null}", "--data.splits.test", "#"]
    data = parse_run_config(options).data
    assert data.label_names == ["O", "NO", "3"]
    assert data.splits == {"train": "on", "dev": "null", "test": "#"}


def test_a_file_of_the_name_given_is_not_read_in_its_place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.jsonl").write_text("line\n")
    assert parse_run_config(
        ["--output", "x", "--data.dataset", "d", "--data.data_files", "a.jsonl"]
    ).data == (DataConfig(dataset="d", data_files="a.jsonl"))


def test_messages_show_what_was_typed(capsys):
    with pytest.raises(SystemExit):
        parse_run_config(["--output", "x", "--loggers", "csv"])
    assert capsys.readouterr().err == (
        "recipes/train.py: error: --loggers: expected a list of names, found 'csv'. Write a list: [csv] "
        "(--help lists the options)\n"
    )


def test_the_configuration_is_printed_as_it_would_be_written(capsys):
    assert main(["--output", "#", "--data.train", "no", "--data.dev", "a.conll", "--print_config"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert 'output: "#"' in lines
    assert '  train: "no"' in lines
    assert "  dev: a.conll" in lines


@pytest.mark.slow
def test_a_recipe_repeats_its_run(tmp_path, capsys):
    text = "".join(f"{line}\n" for line in (SAMPLE / "train.conll").read_text("utf-8").split("\n\n")[:30])
    (tmp_path / "train.conll").write_text(text.replace("\n\n", "\n\n# a comment\n"), encoding="utf-8")
    data = DataConfig(train="train.conll", root=tmp_path, comment_prefix="#")
    first = tiny_config(tmp_path / "1", data=data, epochs=1, model=TINY_MODEL)
    train(first)
    folder = RunFolder(first.output)
    again = ["--config", str(folder.recipe), "--output", str(tmp_path / "2")]
    assert parse_run_config(again) == replace(first, output=str(tmp_path / "2"))
    assert main(again) == 0
    weights = "model/model.safetensors"
    assert (tmp_path / "2" / weights).read_bytes() == (tmp_path / "1" / weights).read_bytes()
