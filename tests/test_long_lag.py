"""recipes/long_lag.py: the sequences are what they say, by independent automata; the program trains, stops, goes on."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_runs import REPOSITORY

RECIPES = REPOSITORY / "recipes"
# The recipes are programs, not a package: Python finds their neighbours beside them when they are started.
sys.path.insert(0, str(RECIPES))

import long_lag  # noqa: E402
from long_lag_reber import ContinualReber, Reber  # noqa: E402
from long_lag_report import PAPERS, page, percent, table  # noqa: E402
from long_lag_tasks import NO_LABEL, Counting, TemporalOrder, Timing  # noqa: E402
from long_lag_training import Network, Run, Settings, labelled_right, train  # noqa: E402

from tagger.modules.recurrent.cells import CELLS  # noqa: E402

# Reber's grammar as a regular expression, written down from its diagram: what may follow the first X, and the rest.
BEHIND_X = "(?:XT*VP)*(?:S|XT*VV)"
REBER = f"B(?:TS*X{BEHIND_X}|PT*V(?:V|P{BEHIND_X}))E"
EMBEDDED = re.compile(f"B(?:T{REBER}T|P{REBER}P)E")


def random(seed=0):
    return np.random.default_rng(seed)


def rows(batch, symbols):
    """Each sequence as text, without padding."""
    return [
        "".join(symbols[symbol] for symbol in row[:length])
        for row, length in zip(batch.symbols, batch.lengths, strict=True)
    ]


def allowed(batch, labels):
    """Each sequence's sets of allowed labels, in the order of its positions."""
    return [
        [
            "".join(label for label, is_allowed in zip(labels, position, strict=True) if is_allowed)
            for position in row
        ]
        for row in batch.allowed
    ]


@pytest.mark.parametrize(
    ("string", "is_valid"),
    [
        ("BTBTXSETE", True),
        ("BPBPVVEPE", True),
        ("BPBTSSXXTVPSEPE", True),
        ("BPBTXSETE", False),
        ("BTBTXXETE", False),
        ("BTXSE", False),
    ],
)
def test_the_oracle_of_the_embedded_grammar_knows_strings_done_by_hand(string, is_valid):
    assert bool(EMBEDDED.fullmatch(string)) is is_valid


def test_every_embedded_reber_string_is_in_the_language_and_asks_for_the_symbol_that_follows():
    task = Reber()
    batch = task.test_batch(random())
    for text, targets, length in zip(rows(batch, task.labels), batch.targets, batch.lengths, strict=True):
        whole = text[0] + "".join(task.labels[label] for label in targets[:length])
        assert whole[:-1] == text
        assert EMBEDDED.fullmatch(whole)
        assert (targets[length:] == NO_LABEL).all()


def test_the_allowed_symbols_are_those_by_which_the_language_can_go_on():
    task = Reber()
    batch = task.test_batch(random(1))
    continuations: dict[str, set[str]] = {}
    # What follows a prefix in some string of a large sample is allowed, and nothing else is.
    for seed in range(2, 12):
        sample = task.test_batch(random(seed))
        for text, targets in zip(rows(sample, task.labels), sample.targets, strict=True):
            for end in range(1, len(text) + 1):
                continuations.setdefault(text[:end], set()).add(task.labels[targets[end - 1]])
    compared = 0
    for text, sets in zip(rows(batch, task.labels), allowed(batch, task.labels), strict=True):
        for end in range(1, min(len(text), 6) + 1):
            if text[:end] in continuations:
                assert set(sets[end - 1]) == continuations[text[:end]]
                compared += 1
        assert sets[len(text) - 2] == text[1]  # the letter to be remembered
        assert sets[len(text) - 1] == "E"
        assert not any(sets[len(text) :])
    assert compared > 2000


def test_the_letter_to_be_remembered_is_t_or_p_equally_often():
    second = [text[1] for text in rows(Reber().test_batch(random(3)), Reber.labels)]
    assert set(second) == {"T", "P"}
    assert abs(second.count("T") / len(second) - 0.5) < 0.08


def test_continual_streams_are_whole_strings_one_after_another():
    task = ContinualReber()
    batch = task.validation_batch(random(4))
    assert (batch.lengths == 1000).all()
    for text, targets, sets in zip(
        rows(batch, task.labels), batch.targets, allowed(batch, task.labels), strict=True
    ):
        assert text[1:] + task.labels[targets[-1]] == "".join(task.labels[label] for label in targets)
        strings = list(EMBEDDED.finditer(text))
        assert "".join(match[0] for match in strings) == text[: strings[-1].end()]
        assert len(text) - strings[-1].end() < 60
        assert all(len(choices) in (1, 2) for choices in sets)
        assert all(sets[match.end() - 1] == "B" for match in strings)


@pytest.mark.parametrize("lag", [1, 10, 100])
def test_in_temporal_order_the_last_mark_lies_exactly_the_lag_before_the_label(lag):
    task = TemporalOrder(lag)
    batch = task.test_batch(random(5))
    for text, targets in zip(rows(batch, task.symbols), batch.targets, strict=True):
        assert re.fullmatch("B[abcd]{0,9}[XY][abcd]{0,9}[XY][abcd]*E", text)
        assert len(text) - 1 - max(text.rfind("X"), text.rfind("Y")) == lag
        marks = "".join(symbol for symbol in text if symbol in "XY")
        assert targets[len(text) - 1] == ["XX", "XY", "YX", "YY"].index(marks)
        assert (np.delete(targets, len(text) - 1) == NO_LABEL).all()
    counts = np.bincount(batch.targets[batch.targets != NO_LABEL], minlength=4)
    assert counts.sum() == len(batch.lengths)
    assert (abs(counts / counts.sum() - 0.25) < 0.05).all()
    assert (batch.allowed.sum(axis=2) == (batch.targets != NO_LABEL)).all()


def test_counting_asks_for_the_number_of_bs_that_matches_the_as():
    batch = Counting().strings(np.array([1, 3]))
    assert rows(batch, Counting.symbols) == ["Sab", "Saaabbb"]
    assert allowed(batch, Counting.labels) == [
        ["a", "ab", "T", "", "", "", ""],
        ["a", "ab", "ab", "ab", "b", "b", "T"],
    ]
    assert batch.targets.tolist() == [[1, 2, 3, -1, -1, -1, -1], [1, 1, 1, 2, 2, 2, 3]]


def test_counting_trains_on_ten_and_tests_on_a_hundred():
    trained = rows(Counting().training_batch(random()), Counting.symbols)
    assert {text.count("a") for text in trained} == set(range(1, 11))
    tested = rows(Counting().test_batch(random()), Counting.symbols)
    assert [text.count("a") for text in tested] == list(range(1, 101))
    right = np.ones((100, 5), dtype=bool)
    right[30, 2] = right[60, 1] = False
    assert Counting().figures(right) == {"longest_n": 30.0}
    assert Counting().solved(right)
    right[19, 0] = False
    assert not Counting().solved(right)


def test_timing_asks_for_a_spike_at_every_multiple_of_the_period_after_the_signal():
    batch = Timing(period=3).training_batch(random(6))
    assert len(set(batch.symbols.argmax(axis=1))) > 5
    for symbols, targets, length in zip(batch.symbols, batch.targets, batch.lengths, strict=True):
        (start,) = symbols.nonzero()[0]
        assert length == start + 4 * 3 + 1
        assert targets[start:length].tolist() == [0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1]
        assert (targets[:start] == NO_LABEL).all()
        assert (targets[length:] == NO_LABEL).all()


def test_a_position_is_right_where_all_allowed_labels_beat_all_others():
    batch = Counting().strings(np.array([1]))
    scores = np.array([[[0, 3, 1, 1], [0, 2, 3, 1], [0, 1, 1, 2.0]]])
    assert labelled_right(scores, batch).tolist() == [[True, True, True]]
    scores[0, 1] = [0, 2, 3, 2]  # T ties with a
    assert labelled_right(scores, batch).tolist() == [[True, False, True]]


def test_an_error_free_stretch_ends_at_the_first_error():
    right = np.ones((2, 10_000), dtype=bool)
    right[1, 400] = False
    assert ContinualReber().figures(right) == {"error_free": (10_000 + 400) / 2}
    assert not ContinualReber().solved(right)


@pytest.mark.parametrize(
    ("cell", "block", "sign"),
    [
        ("lstm", "forget", 1),
        ("lstm", "input", -1),
        ("lstm_no_forget", "input", -1),
        ("lstm_coupled", "input", -1),
        ("gru", "update", 1),
    ],
)
def test_gates_start_to_remember_for_as_long_as_the_task_asks(cell, block, sign):
    network = Network(TemporalOrder(90), cell, Settings(hidden_dim=200))
    layer = network.encoder.layers[0]
    biases = dict(zip(layer.cell.blocks, torch.split(layer.bias, layer.cell.widths, dim=1), strict=True))
    spans = (sign * biases.pop(block)).exp()
    assert 1 <= spans.min() < 5
    assert 94 < spans.max() <= 99
    assert all(not bias.any() for name, bias in biases.items() if name not in ("forget", "input"))


def test_the_layers_own_bias_is_left_alone_on_request():
    network = Network(TemporalOrder(90), "lstm", Settings(gate_bias="default"))
    assert set(network.encoder.layers[0].bias.unique().tolist()) == {0.0, 1.0}


@pytest.mark.parametrize("cell", list(CELLS))
def test_with_a_gradient_of_one_step_the_scores_are_the_same(cell):
    task = TemporalOrder(3)
    network = Network(task, cell, Settings(hidden_dim=6))
    batch = task.training_batch(random())
    asked = batch.targets != NO_LABEL
    torch.testing.assert_close(network.forward_one_step(batch)[asked], network(batch)[asked])


def test_a_gradient_of_one_step_is_that_of_a_loop_that_cuts_it():
    task = TemporalOrder(3)
    network = Network(task, "rnn", Settings(hidden_dim=6)).double()
    layer, batch = network.encoder.layers[0], task.training_batch(random())
    hidden, scores = torch.zeros(len(batch.symbols), 6, dtype=torch.float64), []
    for symbols in batch.symbols.T:
        read = torch.eye(task.num_symbols, dtype=torch.float64)[torch.from_numpy(symbols)]
        hidden = torch.tanh(
            read @ layer.input_weights[0].T + layer.bias[0] + hidden.detach() @ layer.recurrent_weights[0].T
        )
        scores.append(network.readout(hidden))
    asked = torch.from_numpy(batch.targets != NO_LABEL)
    parameters = list(network.parameters())
    expected = torch.autograd.grad(torch.stack(scores, dim=1)[asked].square().sum(), parameters)
    found = torch.autograd.grad(network.forward_one_step(batch)[asked].square().sum(), parameters)
    torch.testing.assert_close(found, expected)


@pytest.mark.slow
def test_a_small_task_is_learned_and_the_same_seed_gives_the_same_run():
    task = TemporalOrder(2)
    first, second = (train(task, "lstm", 1, Settings(step_limit=400)) for _ in range(2))
    assert first.solved
    assert first.accuracy == first.sequences >= 0.99
    assert first.steps == first.trained - 50
    assert replace(first, seconds=0) == replace(second, seconds=0)


FAST = ["--tasks", "anbn", "temporal_order", "--cells", "rnn", "lstm_peephole", "--quick", "--max-steps", "5"]


def test_a_run_writes_its_files_and_no_others(tmp_path, capsys):
    output = tmp_path / "deep" / "runs"
    assert long_lag.main([*FAST, "--output", str(output)]) == 0
    assert sorted(path.name for path in output.iterdir()) == [
        "report.html",
        "results.json",
        "runs.jsonl",
        "table.md",
    ]
    results = json.loads((output / "results.json").read_text())
    assert [(run["task"], run["lag"], run["cell"], run["seed"]) for run in results["runs"]] == [
        ("temporal_order", 10, "rnn", 1),
        ("temporal_order", 10, "lstm_peephole", 1),
        ("anbn", None, "rnn", 1),
        ("anbn", None, "lstm_peephole", 1),
    ]
    assert results["settings"]["step_limit"] == 5
    assert results["seconds"] == pytest.approx(sum(run["seconds"] for run in results["runs"]))
    assert "| cell | order, lag 10 | aⁿbⁿ |" in (output / "table.md").read_text()
    assert capsys.readouterr().out.count("not solved in 5 steps") == 4


@pytest.mark.slow
def test_the_quick_run_solves_something(tmp_path, capsys):
    assert long_lag.main(["--quick", "--cells", "lstm", "--output", str(tmp_path)]) == 0
    (run,) = json.loads((tmp_path / "results.json").read_text())["runs"]
    assert (run["task"], run["lag"], run["seed"], run["solved"]) == ("temporal_order", 10, 1, True)


@pytest.mark.slow
def test_a_cell_has_one_colour_in_all_charts(tmp_path):
    command = [*FAST, "--tasks", "temporal_order", "continual_reber", "--output", str(tmp_path)]
    assert long_lag.main(command) == 0
    report = (tmp_path / "report.html").read_text()
    for cell, color in (("rnn", 0), ("lstm_peephole", [*CELLS].index("lstm_peephole"))):
        keys = re.findall(rf'<path class="line (c\d)" d="M0 6H24"/></svg>{cell}</span>', report)
        assert len(keys) >= 2
        assert set(keys) == {f"c{color}"}


def test_a_second_command_adds_what_is_missing_and_keeps_the_rest(tmp_path, capsys):
    command = [*FAST, "--output", str(tmp_path)]
    assert long_lag.main(command) == 0
    before = (tmp_path / "runs.jsonl").read_text()
    capsys.readouterr()
    assert long_lag.main([*command, "--seeds", "1", "2"]) == 0
    assert capsys.readouterr().out.count("seed 2") == 4
    after = (tmp_path / "runs.jsonl").read_text()
    assert after.startswith(before)
    assert after.count("\n") == 8
    assert len(json.loads((tmp_path / "results.json").read_text())["runs"]) == 8


@pytest.mark.slow
def test_a_killed_program_goes_on_where_it_was(tmp_path):
    seeds = range(1, 301)
    command = [
        sys.executable,
        str(RECIPES / "long_lag.py"),
        "--output",
        str(tmp_path),
        "--quick",
        "--max-steps",
        "5",
    ]
    command += ["--tasks", "anbn", "--cells", "rnn", "--seeds", *map(str, seeds)]
    record = tmp_path / "runs.jsonl"
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 240
        while not (record.exists() and "\n" in record.read_text()) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    finished = record.read_text()
    finished = finished[: finished.rfind("\n") + 1]
    num_finished = finished.count("\n")
    assert 1 <= num_finished < len(seeds)
    with record.open("a") as file:
        file.write('{"task": "anbn", "la')  # torn by the kill
    # In this process, with training replaced: what counts is which runs are asked for.
    asked = []

    def trained(task, cell, seed, settings):
        asked.append(seed)
        return Run(task.name, task.lag, cell, seed, False, None, 1, 0.5, 0.0, 0.0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(long_lag, "train", trained)
        assert long_lag.main(command[2:]) == 0
    assert asked == list(seeds)[num_finished:]
    assert record.read_text().startswith(finished)
    assert [json.loads(line)["seed"] for line in record.read_text().splitlines()] == list(seeds)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--tasks", "sorting"],
            "unknown task 'sorting'; the tasks are: reber, continual_reber, temporal_order, anbn, timing",
        ),
        (
            ["--cells", "lstn"],
            "unknown cell 'lstn'; the cells are: rnn, lstm, lstm_no_forget, lstm_peephole, lstm_coupled, "
            "lstm_layer_norm, gru",
        ),
        (
            ["--tasks", "reber", "--lags", "30"],
            "--lags apply only to temporal_order, which is not among --tasks",
        ),
        (["--lags", "0"], "--lags: expected at least 1, found 0"),
        (["--seeds", "-1"], "--seeds: expected 0 or more, found -1"),
        (["--threads", "0"], "--threads: expected at least 1, found 0"),
        (["--hidden-dim", "0"], "--hidden-dim: expected at least 1, found 0"),
        (["--learning-rate", "nan"], "--learning-rate: expected a number above 0, found nan"),
    ],
)
def test_an_option_without_meaning_is_an_error_that_names_it(arguments, message, tmp_path, capsys):
    assert long_lag.main(["--output", str(tmp_path / "runs"), *arguments]) == 2
    assert capsys.readouterr().err == f"recipes/long_lag.py: error: {message}\n"
    assert not (tmp_path / "runs").exists()


def test_an_output_that_cannot_be_made_or_read_is_an_error(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert long_lag.main([*FAST, "--output", str(tmp_path / "file" / "runs")]) == 2
    assert capsys.readouterr().err == (
        f"recipes/long_lag.py: error: --output: {tmp_path}/file/runs cannot be made: Not a directory\n"
    )
    (tmp_path / "runs.jsonl").write_bytes(b"\xff\n")
    assert long_lag.main([*FAST, "--output", str(tmp_path)]) == 2
    message = capsys.readouterr().err
    assert message.startswith(
        f"recipes/long_lag.py: error: {tmp_path}/runs.jsonl: cannot be read: 'utf-8' codec"
    )
    assert message.endswith(". Choose another --output\n")


def test_runs_with_other_settings_are_not_mixed_in(tmp_path, capsys):
    assert long_lag.main([*FAST, "--output", str(tmp_path)]) == 0
    before = (tmp_path / "runs.jsonl").read_text()
    assert long_lag.main([*FAST, "--output", str(tmp_path), "--learning-rate", "0.1"]) == 2
    assert capsys.readouterr().err == (
        f"recipes/long_lag.py: error: {tmp_path}/runs.jsonl: holds runs with other settings (learning_rate was 0.01, "
        "now 0.1). Choose another --output, or delete the file\n"
    )
    assert (tmp_path / "runs.jsonl").read_text() == before


@pytest.mark.parametrize("text", ['{"epoch": 3}\n', "notes", '{"task": "anbn"}\n', "[]\n"])
def test_a_record_of_something_else_is_refused_and_left_alone(text, tmp_path, capsys):
    (tmp_path / "runs.jsonl").write_text(text)
    assert long_lag.main([*FAST, "--output", str(tmp_path)]) == 2
    assert "runs.jsonl:1: not a run of this program. Choose another --output" in capsys.readouterr().err
    assert (tmp_path / "runs.jsonl").read_text() == text


def run_of(cell, seed, *, task="anbn", lag=None, steps=None, accuracy=0.5, **rest):
    return Run(task, lag, cell, seed, steps is not None, steps, 900, accuracy, 0.5, 2.0, **rest)


def test_the_table_counts_solved_seeds_and_gives_the_median_steps():
    runs = [run_of("lstm", seed, steps=steps, accuracy=1.0) for seed, steps in ((1, 100), (2, 300), (3, 150))]
    runs += [run_of("rnn", 1, accuracy=0.25), run_of("rnn", 2, accuracy=0.75)]
    runs += [run_of("rnn", 1, task="temporal_order", lag=30, steps=50, accuracy=1.0)]
    lines = table(runs).splitlines()
    assert lines[0] == "| cell | aⁿbⁿ | order, lag 30 |"
    assert lines[2] == "| `rnn` | 0/2 · 50.0 % | 1/1 · 50 |"
    assert lines[3] == "| `lstm` | 3/3 · 150 | – |"
    assert f"- `anbn`: {PAPERS['anbn']}" in lines


def test_a_percentage_says_a_hundred_only_if_nothing_is_missing():
    assert [percent(share) for share in (0.25, 0.99999, 1.0)] == ["25.0 %", "99.9 %", "100 %"]


def test_every_task_stands_beside_what_its_paper_reports():
    assert set(PAPERS) == set(long_lag.TASKS)


def test_the_page_needs_nothing_else_and_shows_the_growth_of_the_cell_state():
    growing = {
        "accuracy": [0.9] * 50,
        "cell_mean": [float(i + 1) for i in range(50)],
        "cell_max": [99.0] * 50,
    }
    runs = [run_of("lstm_no_forget", 1, task="continual_reber", curves=growing, figures={"error_free": 37.0})]
    runs += [run_of("gru", 1, task="continual_reber", curves={"accuracy": [1.0] * 50}, steps=50)]
    runs += [run_of("gru", 1, task="temporal_order", lag=lag, steps=50, accuracy=1.0) for lag in (10, 100)]
    html = page(runs, {"gate_bias": "chrono", "hidden_dim": None})
    HTMLParser().feed(html)
    assert html.startswith("<!doctype html>")
    assert not re.search(r"<script|https?:|src=|@import|url\(", html)
    assert html.count('class="chart"') == 4
    for text in (
        "mean |c| over units",
        "37",
        "gate bias chrono, hidden dim as the task sets it",
        "1/1 · 50",
    ):
        assert text in html


def test_stopped_by_ctrl_c_it_says_how_to_go_on(tmp_path, capsys, monkeypatch):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(long_lag, "train", interrupted)
    assert long_lag.main(["--output", str(tmp_path)]) == 130
    assert capsys.readouterr().err == "recipes/long_lag.py: stopped; the same command continues from here\n"
    assert list(Path(tmp_path).iterdir()) == []
