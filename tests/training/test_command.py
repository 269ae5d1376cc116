"""The command recipes/train.py: options, messages, exit statuses, signals, several processes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
import yaml
from tiny_runs import REPOSITORY, SAMPLE
from warm_commands import warm_python

from tagger import Tagger
from tagger.errors import DataError
from tagger.formats import read_examples
from tagger.metrics import score
from tagger.schemes import LabelScheme
from tagger.training import command
from tagger.training.command import main, parse_run_config

TRAIN = REPOSITORY / "recipes" / "train.py"


@pytest.fixture
def recipe(tmp_path):
    """A YAML file with a tiny run on the bundled corpus."""
    data = {}
    for name in ("train", "dev", "test"):
        blocks = (SAMPLE / f"{name}.conll").read_text(encoding="utf-8").split("\n\n")[:100]
        data[name] = str(tmp_path / f"{name}.conll")
        (tmp_path / f"{name}.conll").write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
    model = {"word_dim": 8, "char_dim": 0, "char_filters": 0, "affix_dim": 0, "affixes": [], "hidden_dim": 6}
    model["hash_buckets"] = 5000
    values = {"output": str(tmp_path / "run"), "data": data, "model": model, "epochs": 1, "threads": 1}
    path = tmp_path / "tiny.yaml"
    path.write_text(yaml.safe_dump(values))
    return path


def fails(capsys, arguments):
    """Return the status and the one line that a failing command prints."""
    try:
        status: str | int | None = main([str(argument) for argument in arguments])
    except SystemExit as exit:
        status = exit.code
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    *_, line = err.splitlines()
    assert line.startswith("recipes/train.py: error: ")
    return status, line.removeprefix("recipes/train.py: error: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--epohcs", "3"], "no option --epohcs; did you mean --epochs?"),
        (["--epoch", "3"], "no option --epoch; did you mean --epochs?"),
        (["--model.dropuot", "0.1"], "no option --model.dropuot; did you mean --model.dropout?"),
        (["--epochs", "many"], "--epochs: expected a whole number, found 'many'"),
        (["--epochs", "1.5"], "--epochs: expected a whole number, found '1.5'"),
        (["--epochs", "0"], "epochs: expected 1 or more, found 0"),
        (["--model.dropout", "2"], "model.dropout: expected a probability below 1, found 2"),
        (["--optimizer.momentum", "0.9"], "optimizer.momentum: has no effect with adam"),
        (
            ["--model.wide_features", "false", "--model.wide_dropout", "0.5"],
            "model.wide_dropout: has no effect, since wide_features is off",
        ),
        (["--data.scheme", "iob9"], "data.scheme: unknown label scheme 'iob9'"),
        (
            ["--config", "no_such.yaml"],
            "--config no_such.yaml: expected a YAML file, found none of this name",
        ),
    ],
)
def test_a_wrong_option_is_named_in_one_line_with_status_2(capsys, recipe, arguments, message):
    status, line = fails(capsys, ["--config", recipe, *arguments])
    assert status == 2
    assert message in line


@pytest.mark.parametrize(
    ("yaml_text", "message"),
    [
        ("output: x\nepohcs: 3\n", "epohcs"),
        ("output: x\nmodel: {dropuot: 0.1}\n", "dropuot"),
        ("output: x\noptimizer: {learning_rate: fast}\n", "optimizer.learning_rate"),
        ("output: x\ndata: {dataset: a/b, label_names: [O, NO]}\n", "data.label_names"),
        ("output: [\n", "wrong.yaml:2: expected YAML"),
        ("epochs: 3\n", "output"),
    ],
)
def test_a_wrong_yaml_file_is_a_usage_error_that_names_the_key(capsys, tmp_path, yaml_text, message):
    path = tmp_path / "wrong.yaml"
    path.write_text(yaml_text)
    status, line = fails(capsys, ["--config", path])
    assert status == 2
    assert message in line


@pytest.mark.parametrize(
    ("option", "text", "value"),
    [
        ("label_names", "[O, B-PER]", ["O", "B-PER"]),
        ("label_names", "'O,B-PER'", ["O", "B-PER"]),
        ("label_names", "{O: 0, B-PER: 1}", {"O": 0, "B-PER": 1}),
        ("label_names", "labels.json", "labels.json"),
        ("data_files", "train.jsonl", "train.jsonl"),
        ("data_files", "[a.jsonl, 'b*']", ["a.jsonl", "b*"]),
        ("data_files", "{train: a.json, dev: [b.json, c*]}", {"train": "a.json", "dev": ["b.json", "c*"]}),
    ],
)  # fmt: skip
def test_datasets_are_described_as_the_reader_takes_them(tmp_path, option, text, value):
    path = tmp_path / "of_a_dataset.yaml"
    path.write_text(f"output: x\ndata: {{dataset: a/b, {option}: {text}}}\n")
    in_a_file = parse_run_config(["--config", str(path)])
    typed = text.strip("'")
    on_the_line = parse_run_config(["--output", "x", "--data.dataset", "a/b", f"--data.{option}", typed])
    for config in (in_a_file, on_the_line):
        assert getattr(config.data, option) == value


def test_numbers_in_yaml_and_options_mean_what_they_look_like(tmp_path, recipe):
    (tmp_path / "more.yaml").write_text("optimizer: {learning_rate: 1e-3}\nseed: 5\n")
    files = ["--config", str(recipe), "--config", str(tmp_path / "more.yaml")]
    options = ["--seed", "6", "--data.label_column", "-1", "--loggers", "[]", "--data.dev", "NO"]
    config = parse_run_config([*files, *options])
    assert config.optimizer.learning_rate == 1e-3
    assert config.seed == 6
    assert config.data.label_column == -1
    assert config.loggers == []
    assert config.data.dev == "NO"
    assert config.epochs == 1


def test_columns_are_named_on_the_command_line_and_in_yaml(tmp_path):
    path = tmp_path / "hipe.yaml"
    data = "{train: a.tsv, header: true, token_column: TOKEN, label_column: NE-COARSE-LIT}"
    path.write_text(f"output: x\ndata: {data}\n")
    options = [
        "--data.header",
        "true",
        "--data.token_column",
        "TOKEN",
        "--data.label_column",
        "NE-COARSE-LIT",
    ]
    on_the_line = ["--output", "x", "--data.train", "a.tsv", *options]
    for arguments in (["--config", str(path)], on_the_line):
        found = parse_run_config(arguments).data
        assert (found.header, found.token_column, found.label_column) == (True, "TOKEN", "NE-COARSE-LIT")


def test_of_two_yaml_files_the_later_one_counts(tmp_path):
    for name, text in (("a", "output: x\nepochs: 3\nseed: 3\n"), ("b", "epochs: 4\n")):
        (tmp_path / name).write_text(text)
    config = parse_run_config(["--config", str(tmp_path / "a"), "--config", str(tmp_path / "b")])
    assert (config.output, config.epochs, config.seed) == ("x", 4, 3)


def test_help_lists_every_option_with_its_sentence(capsys):
    assert main(["--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "--optimizer.ema_decay" in text
    assert "Maximum number of passes over the training sentences." in text


def test_vectors_are_options_like_any_other(capsys, recipe, tmp_path):
    (tmp_path / "glove.txt").write_text("the 0.5 1\n")
    options = ["--config", recipe, "--model.vectors", "frozen", "--vectors.path", tmp_path / "glove.txt"]
    config = parse_run_config(
        [str(option) for option in [*options, "--model.vector_dim", "2", "--vectors.half", "true"]]
    )
    assert (config.model.vectors, config.vectors.path, config.vectors.half) == (
        "frozen",
        options[-1].__fspath__(),
        True,
    )
    assert fails(capsys, [*options, "--model.vector_dim", "50"]) == (
        1,
        f"{tmp_path}/glove.txt: expected vectors of 50 values, as configured, found 2. Set vector_dim to 2, or choose "
        "another file.",
    )
    assert fails(capsys, ["--config", recipe, "--vectors.half", "true"]) == (
        2,
        "--vectors.half: has no effect without vectors.path (--help lists the options)",
    )


def test_a_data_error_is_one_line_with_status_1(capsys, recipe, tmp_path):
    bad = tmp_path / "bad.conll"
    bad.write_text("Anna B-PER\nOslo\n")
    status, line = fails(capsys, ["--config", recipe, "--data.train", bad])
    assert status == 1
    assert line.startswith(f"{bad}:2: ")
    assert not (tmp_path / "run").exists()


def test_a_folder_that_cannot_be_written_is_one_line_with_status_1(capsys, recipe, tmp_path):
    status, line = fails(capsys, ["--config", recipe, "--output", recipe / "run"])
    assert status == 1
    assert line == f"{recipe / 'run'}: the run's folder cannot be written: Not a directory"


def test_debug_shows_where_an_error_arose(capsys, recipe, monkeypatch):
    monkeypatch.setattr(command, "train", lambda config: (_ for _ in ()).throw(DataError("x:1: odd")))
    assert main(["--config", str(recipe), "--debug"]) == 1
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert err.endswith("recipes/train.py: error: x:1: odd\n")


def test_ctrl_c_while_the_data_is_read_has_status_130(capsys, recipe, monkeypatch):
    monkeypatch.setattr(command, "train", lambda config: (_ for _ in ()).throw(KeyboardInterrupt))
    assert main(["--config", str(recipe)]) == 130
    assert capsys.readouterr().err == "recipes/train.py: interrupted\n"


def run(recipe, *arguments, python=None, **options):
    """Start the script in a process group of its own."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [python or warm_python(), TRAIN, "--config", recipe, *arguments],
        env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, **options
    )  # fmt: skip


@pytest.mark.slow
def test_results_go_to_stdout_and_nothing_but_our_messages_to_stderr(recipe, tmp_path):
    process = run(recipe, "--loggers", '["csv", "tensorboard"]')
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert out.startswith("dev: f1 ")
    assert "weighted avg" in out
    assert out.endswith(f"model: {tmp_path / 'run' / 'model'}\n")
    lines = err.splitlines()
    as_read = [line for line in lines if ": read as conll " in line or line.startswith("as read (")]
    counts = [line for line in lines if line.startswith(("train: ", "dev: ", "test: "))]
    assert len(as_read) >= 4
    assert counts[0].startswith("train: 100 sentences, ")
    scheme, sizes, batches, epoch, saved = (line for line in lines if line not in (*as_read, *counts))
    assert scheme == "label scheme of the data: iob2 (found; --data.scheme sets it)"
    assert batches == "batches of up to 8 sentences (--batch_size sets it)"
    assert sizes.startswith("100 training sentences, ")
    assert epoch.startswith("epoch 1/1, train loss ")
    assert saved == f"saved to {tmp_path / 'run' / 'model'}"


def until_epoch_ends(process, epochs):
    """Read messages until so many epochs are done, and then let the next one begin."""
    for line in process.stderr:
        epochs -= line.startswith("epoch ")
        if not epochs:
            break
    time.sleep(0.05)


@pytest.mark.parametrize(
    ("signals", "status"),
    [
        ([signal.SIGINT, signal.SIGINT], 130),
        ([signal.SIGTERM], 143),
        ([signal.SIGHUP, signal.SIGTERM], 129),
        ([signal.SIGKILL], -9),
    ],
    ids=["ctrl-c twice", "terminated", "terminal closed", "killed"],
)
@pytest.mark.slow
def test_a_stopped_run_keeps_its_last_checkpoint_and_is_resumed(recipe, tmp_path, signals, status):
    arguments = ["--epochs", "3", "--batch_size", "1"]
    process = run(recipe, *arguments)
    until_epoch_ends(process, 1)
    last = tmp_path / "run" / "checkpoints" / "last.ckpt"
    while not last.exists() and process.poll() is None:
        time.sleep(0.01)  # the epoch is reported before its checkpoint is written
    for number in signals:
        os.killpg(process.pid, number)
        time.sleep(0.02)
    out, err = process.communicate(timeout=120)
    assert process.returncode == status
    assert out == ""
    assert "Traceback" not in err
    if status > 0:
        assert err.splitlines()[-1] == (
            f"recipes/train.py: interrupted; {last} is kept. Go on with the same command and --resume true"
        )
    assert main(["--config", str(recipe), *arguments, "--resume", "true"]) == 0
    assert json.loads((tmp_path / "run" / "metrics.json").read_text())["epochs_trained"] == 3


@pytest.mark.slow
def test_two_devices_train_together_and_write_once(recipe, tmp_path):
    process = run(recipe, "--devices", "2", "--epochs", "2", python=sys.executable)
    out, err = process.communicate(timeout=180)
    assert process.returncode == 0, err
    assert out.count("test: f1 ") == 1
    assert err.count("epoch 2/2") == 1
    assert err.count("saved to ") == 1
    assert "Traceback" not in err
    assert "Warning" not in err
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["epochs_trained"] == 2
    assert [epoch["epoch"] for epoch in metrics["history"]] == [1, 2]


@pytest.mark.slow
def test_two_machines_train_together_and_the_first_writes(recipe, tmp_path, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
    monkeypatch.setenv("MASTER_PORT", str(port))
    machines = []
    for rank in range(2):
        monkeypatch.setenv("NODE_RANK", str(rank))
        machines.append(run(recipe, "--num_nodes", "2", "--epochs", "2", python=sys.executable))
    (out, err), (other_out, other_err) = (process.communicate(timeout=240) for process in machines)
    assert [process.returncode for process in machines] == [0, 0], err + other_err
    assert out.count("test: f1 ") == 1
    assert err.count("saved to ") == 1
    assert "saved to" not in other_err
    assert "f1" not in other_out
    assert "Traceback" not in err + other_err
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert [epoch["epoch"] for epoch in metrics["history"]] == [1, 2]
    # The score after the best epoch, of the whole dev split, is that of the saved model in one process.
    tagger = Tagger.load(tmp_path / "run" / "model", document_consistency=0)
    examples = list(read_examples(tmp_path / "dev.conll"))
    predicted = tagger.tag([example.tokens for example in examples])
    value = score(examples, predicted, LabelScheme.IOB2, predicted_scheme=LabelScheme.IOB2).value
    best = metrics["history"][metrics["best_epoch"] - 1]
    assert value == pytest.approx(best["dev_score"], abs=1e-6)
    assert value > 0


@pytest.mark.slow
def test_closed_streams_end_no_run(recipe, tmp_path):
    command = f"'{sys.executable}' '{TRAIN}' --config '{recipe}' --loggers '[]'"
    done = subprocess.run(["bash", "-c", f"{command} <&- 2>&-"], capture_output=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.endswith(f"\nmodel: {tmp_path}/run/model\n".encode())
    done = subprocess.run(
        ["bash", "-c", f"{command} --overwrite true <&- >&-"], capture_output=True, timeout=300
    )
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    *_, saved, line = done.stderr.decode().splitlines()
    assert saved == f"saved to {tmp_path}/run/model"
    assert line == "recipes/train.py: error: standard output: cannot be written: Bad file descriptor"


@pytest.mark.slow
def test_help_that_nobody_reads_is_status_141():
    command = f"'{sys.executable}' '{TRAIN}' --help | (exec <&-; sleep 0.1); exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=300)
    assert (done.returncode, done.stderr) == (141, b"")
