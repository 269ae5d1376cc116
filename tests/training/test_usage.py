"""Wrong options of a run are named with what may have been meant; wrong keys of YAML files with file and line."""

from __future__ import annotations

import pytest

from tagger.errors import UsageError
from tagger.training.command import parse_run_config
from tagger.training.usage import check_arguments


def refused(capsys, arguments):
    """What a wrong command line is told."""
    with pytest.raises(SystemExit) as caught:
        parse_run_config([str(argument) for argument in arguments], program="tagger train")
    assert caught.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("tagger train: error: ")
    assert line.endswith(" (--help lists the options)")
    return line.removeprefix("tagger train: error: ").removesuffix(" (--help lists the options)")


@pytest.mark.parametrize(
    ("option", "meant"),
    [
        ("--epoch", "--epochs"),
        ("--train", "--data.train"),
        ("--learning-rate", "--optimizer.learning_rate"),
        ("--lr", "--optimizer.learning_rate"),
        ("--batch-size", "--batch_size"),
        ("--data.label-column", "--data.label_column"),
        ("--model.dropuot", "--model.dropout"),
        ("--optimiser.name", "--optimizer.name"),
        ("--data.epochs", "--epochs"),
        ("--scheme", "--data.scheme or --model.scheme"),
        ("-output", "--output"),
        ("--Seed", "--seed"),
    ],
)
def test_an_option_that_does_not_exist_is_told_which_may_be_meant(option, meant):
    with pytest.raises(UsageError) as caught:
        check_arguments([option, "3"])
    assert str(caught.value) == f"no option {option}; did you mean {meant}?"


def test_an_option_like_no_other_has_no_suggestion():
    with pytest.raises(UsageError, match=r"^no option --zzz$"):
        check_arguments(["--zzz=3"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--epochs", "three"], "--epochs: expected a whole number, found 'three'"),
        (["--epochs=1.5"], "--epochs: expected a whole number, found '1.5'"),
        (["--optimizer.learning_rate", "fast"], "--optimizer.learning_rate: expected a number, found 'fast'"),
        (["--overwrite", "maybe"], "--overwrite: expected true or false, found 'maybe'"),
        (["--loggers", "csv"], "--loggers: expected a list of names, found 'csv'. Write a list: [csv]"),
        (
            ["--data.label_names.O", "zero"],
            "--data.label_names.O: expected a list of names, a dictionary of names to whole numbers or a name, "
            "found {'O': 'zero'}",
        ),
        (["--epochs", "1e3"], "--epochs: expected a whole number, found '1e3'"),
        (["--output", "x", "--epochs", "0"], "--epochs: expected 1 or more, found 0"),
        (["--output=x", "--model.hidden_dim=-3"], "--model.hidden_dim: expected 1 or more, found -3"),
        (["--output=x", "--model", "{hidden_dim: -3}"], "--model: model.hidden_dim: expected 1 or more, found -3"),
        (["--output=x", "--resume=true", "--overwrite", "true"],
         "--resume and --overwrite: expected one of them, found both"),
        (["--model", "{hiden_dim: 5}"], "--model: no option model.hiden_dim; did you mean model.hidden_dim?"),
        (["--data", "{train: a, train: b}"],
         "--data: expected each option once, found data.train twice. Keep one of them"),
        (["--data.label_names", "{O: 0, O: 1}"],
         "--data.label_names: expected each option once, found data.label_names.O twice. Keep one of them"),
        (["--data", "none.yaml"], "--data none.yaml: expected a YAML file, found none of this name"),
        (["--epochs"], "--epochs: expected a value after it, found nothing"),
        (["--data.train", "--epochs", "3"], "--data.train: expected a value after it, found nothing"),
        (
            ["--overwrite", "--epochs", "3"],
            "--overwrite: expected true or false after it, found nothing. Write --overwrite true",
        ),
        (["a.conll"], "expected an option, found a.conll. To train on a file, pass --data.train a.conll"),
        (["my corpus"], "expected an option, found my corpus. To train on a file, pass --data.train 'my corpus'"),
        (["ner.yaml"], "expected an option, found ner.yaml. Options in a YAML file: --config ner.yaml"),
        (
            ["--data.dev", "a.conll", "b.conll"],
            "--data.dev takes one value, found another one after it: b.conll. For several files write a list, "
            "--data.dev '[a.conll, b.conll]', or a pattern in quotes, --data.dev 'corpus/*.conll'",
        ),
        (
            ["--data", "a.conll"],
            "--data: expected options, as data: {NAME: VALUE} in YAML, found a.conll. Did you mean --data.train?",
        ),
        (["--epochs", "3"], "--output: expected a folder for the results of the run, found none. "
                            "Pass --output runs/mine"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_command_line_is_one_plain_sentence(capsys, arguments, message):
    assert refused(capsys, arguments) == message


def test_values_may_begin_with_a_hyphen_and_lists_be_added_to():
    arguments = ["--output", "-x", "--data.train+", "-a", "--data.train+", "b", "--data.label_column", "-1"]
    config = parse_run_config([*arguments, "--loggers+", "tensorboard"])
    assert (config.output, config.data.train, config.data.label_column) == ("-x", ["-a", "b"], -1)
    assert config.loggers == ["csv", "tensorboard"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("output: x\n\nepohcs: 3\n", ":3: no option epohcs; did you mean epochs?"),
        (
            "output: x\nmodel:\n  adversarial: 0.0\n",
            ":3: no option model.adversarial any more: it gained nothing; delete it",
        ),
        ("output: x\nmodel:\n  dropuot: 0.1\n", ":3: no option model.dropuot; did you mean model.dropout?"),
        ("output: x\ntrain: a.conll\n", ":2: no option train; did you mean data.train?"),
        (
            "output: x\ndata: a.conll\n",
            ":2: data: expected options, as data: {NAME: VALUE} in YAML, found a.conll. Did you mean data.train?",
        ),
        ("output: x\nepochs: three\n", ":2: epochs: expected a whole number, found 'three'"),
        ("a: [\n", ":2: expected YAML, found while parsing a flow node: expected the node content, but found "
                   "'<stream end>'"),
        ("output: x\nmodel: {hidden_dim: -3}\n", ":2: model.hidden_dim: expected 1 or more, found -3"),
        ("output: x\nepochs: 1\nepochs: 2\n",
         ":3: expected each option once, found epochs also in line 2. Keep one of them"),
        ("output: x\ndata: {train: a}\ndata.train: b\n",
         ":3: expected each option once, found data.train also in line 2. Keep one of them"),
        ("data: {label_names: {O: 0, O: 1}}\n",
         ":1: expected each option once, found data.label_names.O twice. Keep one of them"),
        ("output: x\n? [a, b]\n: 3\n", ":2: expected the name of an option, found a list"),
        ("data: [a.conll]\n",
         ":1: data: expected options, as data: {NAME: VALUE} in YAML, found a list. Did you mean data.train?"),
        ("- a\n", ": expected options, such as 'epochs: 3', found none"),
        ("", ": expected options, such as 'epochs: 3', found none"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_yaml_file_is_told_with_its_name(capsys, tmp_path, text, message):
    path = tmp_path / "wrong.yaml"
    path.write_text(text, encoding="utf-8")
    assert refused(capsys, ["--config", path]) == f"{path}{message}"


def test_the_second_of_two_yaml_files_is_named_where_it_is_wrong(capsys, tmp_path):
    for name, value in (("a.yaml", "3"), ("b.yaml", "many")):
        (tmp_path / name).write_text(f"output: x\nepochs: {value}\n", encoding="utf-8")
    files = ["--config", tmp_path / "a.yaml", "--config", tmp_path / "b.yaml"]
    assert refused(capsys, files) == f"{tmp_path / 'b.yaml'}:2: epochs: expected a whole number, found 'many'"


def test_a_yaml_file_that_is_not_there_or_no_text_is_told(capsys, tmp_path):
    (tmp_path / "sample.yaml").write_text("output: x\n", encoding="utf-8")
    (tmp_path / "recipe.yaml").write_bytes(b"\xff\xfe\x00")
    assert refused(capsys, ["--config", tmp_path / "sampel.yaml"]) == (
        f"--config {tmp_path / 'sampel.yaml'}: expected a YAML file, found none of this name; "
        f"did you mean {tmp_path / 'sample.yaml'}?"
    )
    assert refused(capsys, ["--config", tmp_path]) == (
        f"--config {tmp_path}: expected a YAML file, found a folder. To repeat the run in it, pass "
        f"--config {tmp_path / 'recipe.yaml'}"
    )
    assert refused(capsys, ["--config", tmp_path / "recipe.yaml"]) == (
        f"{tmp_path / 'recipe.yaml'}: expected a YAML file, found no text in UTF-8"
    )


def test_options_in_the_place_of_a_yaml_file_are_checked_too(capsys):
    assert parse_run_config(["--config", "output: x"]).output == "x"
    assert refused(capsys, ["--config", "{output: x, sede: 3}"]) == (
        "--config:1: no option sede; did you mean seed?"
    )


def test_a_section_may_be_a_file_of_its_own_which_is_checked_too(capsys, tmp_path):
    (tmp_path / "run.yaml").write_text("output: x\nmodel: small.yaml\n", encoding="utf-8")
    small = tmp_path / "small.yaml"
    small.write_text("char_dim: 7\nhidden_dim: 5\n", encoding="utf-8")
    assert parse_run_config(["--config", str(tmp_path / "run.yaml")]).model.hidden_dim == 5
    assert parse_run_config(["--output", "x", "--model", str(small)]).model.hidden_dim == 5
    small.write_text("char_dim: 7\nhidden_dim: 0\n", encoding="utf-8")
    wrong = f"{small}:2: model.hidden_dim: expected 1 or more, found 0"
    assert refused(capsys, ["--config", tmp_path / "run.yaml"]) == wrong
    assert refused(capsys, ["--output", "x", "--model", small]) == wrong
    small.write_text("char_dim: 7\nhiden_dim: 5\n", encoding="utf-8")
    assert refused(capsys, ["--config", tmp_path / "run.yaml"]) == (
        f"{small}:2: no option model.hiden_dim; did you mean model.hidden_dim?"
    )
    small.unlink()
    assert refused(capsys, ["--config", tmp_path / "run.yaml"]) == (
        f"{tmp_path / 'run.yaml'}:2: model small.yaml: expected a YAML file, found none of this name"
    )
