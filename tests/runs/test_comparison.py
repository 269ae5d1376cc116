"""Runs side by side: groups by seed, what differs, tests over common seeds, and refusals."""

from __future__ import annotations

import csv
import io
import json
import re
from xml.etree import ElementTree

import pytest
from present import present
from run_folders import scores, write_run

from tagger.errors import UsageError
from tagger.runs.comparison import compare
from tagger.runs.reading import find_runs
from tagger.runs.seed_statistics import paired_test


def compared(tmp_path):
    return compare(find_runs([str(tmp_path)]))


def table(found, name):
    (one,) = [each for each in found.tables if each.name == name]
    return one.to_dicts()


def names(found):
    return [one.name for one in found.tables]


def two_configurations(tmp_path, first=(0.5, 0.6, 0.55), second=(0.53, 0.62, 0.59)):
    for seed, (a, b) in enumerate(zip(first, second, strict=True), start=1):
        write_run(tmp_path / "a" / f"seed_{seed}", seed=seed, dev=a)
        write_run(tmp_path / "b" / f"seed_{seed}", seed=seed, dev=b, options={"epochs": 20})


def test_runs_that_differ_in_their_seed_alone_are_one_configuration(tmp_path):
    for seed, value in ((1, 0.5), (2, 0.6), (3, 0.7)):
        write_run(
            tmp_path / f"seed_{seed}", seed=seed, dev=value, options={"threads": seed, "progress": False}
        )
    found = compared(tmp_path)
    assert names(found) == ["runs", "scores"]
    (row,) = table(found, "scores")
    assert (row["split"], row["configuration"], row["runs"]) == ("dev", "A", 3)
    assert row["mean"] == pytest.approx(0.6)
    assert row["deviation"] == pytest.approx(0.1)
    assert row["low"] == pytest.approx(0.6 - 4.302653 * 0.1 / 3**0.5, abs=1e-6)


def test_a_row_for_each_run(tmp_path):
    write_run(tmp_path / "one", seed=4)
    (row,) = table(compared(tmp_path), "runs")
    assert row == {
        "run": str(tmp_path / "one"),
        "configuration": "A",
        "state": "finished",
        "seed": 4,
        "epochs": 3,
        "best_epoch": 2,
        "dev": 0.5,
        "test": None,
        "parameters": 1234,
        "model_bytes": 100,
        "seconds": 12,
        "tokens_per_second": 1100,
    }


def test_only_the_options_that_differ_are_told_with_the_value_in_each(tmp_path):
    write_run(tmp_path / "a")
    write_run(tmp_path / "b", options={"epochs": 20, "freeze": ["crf"], "threads": 2})
    assert table(compared(tmp_path), "options") == [
        {"name": "epochs", "A": "14", "B": "20"},
        {"name": "freeze", "A": "[]", "B": '["crf"]'},
        {"name": "threads", "A": "0", "B": "2"},
    ]


def test_an_option_that_an_older_version_did_not_have_is_left_empty(tmp_path):
    folder = write_run(tmp_path / "a")
    recipe = folder / "recipe.yaml"
    recipe.write_text(
        "\n".join(line for line in recipe.read_text().splitlines() if not line.startswith("pool:"))
    )
    write_run(tmp_path / "b")
    assert table(compared(tmp_path), "options") == [{"name": "pool", "A": "", "B": "50"}]


@pytest.mark.parametrize(
    ("value", "told"), [(0.0, []), (0.1, [{"name": "model.adversarial", "A": "", "B": "0.1"}])]
)
def test_a_retired_option_counts_only_where_it_had_an_effect(tmp_path, value, told):
    write_run(tmp_path / "a")
    recipe = write_run(tmp_path / "b", seed=2) / "recipe.yaml"
    text = recipe.read_text()
    assert "\nmodel:\n" in text
    recipe.write_text(text.replace("\nmodel:\n", f"\nmodel:\n  adversarial: {value}\n"))
    found = compared(tmp_path)
    assert (table(found, "options") if "options" in names(found) else []) == told


def test_other_training_data_make_another_configuration_and_are_told(tmp_path):
    write_run(tmp_path / "a")
    files = {
        "train": {"file": "more.conll", "sha256": "m" * 64},
        "dev": {"file": "dev.conll", "sha256": "d" * 64},
    }
    more = {"sentences": {"train": 600, "dev": 60, "test": 0}, "data": {"files": files, "scheme": "iob2"}}
    write_run(tmp_path / "b", metrics=more)
    found = compared(tmp_path)
    assert "options" not in names(found)
    assert table(found, "data") == [
        {"name": "files.train.file", "A": "train.conll", "B": "more.conll"},
        {"name": "files.train.sha256", "A": "t" * 12, "B": "m" * 12},
        {"name": "train sentences", "A": "300", "B": "600"},
    ]
    assert [row["configuration"] for row in table(found, "scores")] == ["A", "B"]


def test_two_configurations_are_tested_over_their_common_seeds(tmp_path):
    two_configurations(tmp_path)
    write_run(tmp_path / "a" / "seed_4", seed=4, dev=0.9)
    (row,) = table(compared(tmp_path), "tests")
    expected = paired_test([0.5, 0.6, 0.55], [0.53, 0.62, 0.59])
    assert (row["split"], row["difference"], row["pairs"]) == ("dev", "B - A", 3)
    assert row["mean"] == pytest.approx(0.03)
    assert (row["t"], row["t_p"]) == (pytest.approx(expected.t), pytest.approx(expected.t_p))
    assert row["permutation_p"] == 0.25


def test_why_nothing_is_tested_is_told(tmp_path):
    write_run(tmp_path / "a", seed=1)
    write_run(tmp_path / "b", seed=2, options={"epochs": 20})
    assert any("fewer than two seeds or folds in common" in note for note in compared(tmp_path).notes)
    write_run(tmp_path / "c", seed=2, options={"epochs": 20})
    assert any(
        "several runs of a configuration have the same seed and" in note for note in compared(tmp_path).notes
    )
    write_run(tmp_path / "d", seed=2, options={"epochs": 30})
    found = compared(tmp_path)
    assert "tests" not in names(found)
    assert "tested are two configurations, not more" in found.notes


def test_shares_of_a_learning_curve_are_a_configuration_each(tmp_path):
    for share, count in ((0.25, 75), (0.5, 150)):
        for seed in (1, 2):
            said = f"{share} of 300 training sentences ({count + seed}), drawn by document with seed {seed}"
            write_run(
                tmp_path / f"share_{share}" / f"seed_{seed}", seed=seed, metrics={"data": {"train": said}}
            )
    found = compared(tmp_path)
    assert [(row["configuration"], row["runs"]) for row in table(found, "scores")] == [("A", 2), ("B", 2)]


def test_folds_are_one_configuration_each_with_a_dev_split_of_its_own(tmp_path):
    for fold in (1, 2, 3):
        data = {
            "held_out": f"fold {fold} of 3 by sentence, of train and dev, seed 1",
            "dev": f"{20 + fold} of the training sentences, set aside by seed 1",
        }
        gold = scores(0.5, gold={"LOC": 10 + fold, "PER": 5}, sentences=20 + fold)
        write_run(tmp_path / f"fold_{fold}", metrics={"data": data, "dev": gold})
    found = compared(tmp_path)
    assert [(row["configuration"], row["runs"]) for row in table(found, "scores")] == [("A", 3)]
    assert any(note.startswith("A: each run has a dev split of its own") for note in found.notes)


def test_cross_validations_of_the_same_folds_are_compared_fold_by_fold(tmp_path):
    for name, epochs, gain in (("a", 14, 0), ("b", 20, 0.02)):
        for fold in (1, 2, 3):
            data = {
                "held_out": f"fold {fold} of 3 by sentence, of train and dev, seed 1",
                "dev": f"{20 + fold} of the training sentences, set aside by seed 1",
            }
            gold = scores(0.5 + fold / 50 + gain, gold={"LOC": 10 + fold, "PER": 5}, sentences=20 + fold)
            write_run(
                tmp_path / name / f"fold_{fold}",
                metrics={"data": data, "dev": gold},
                options={"epochs": epochs},
            )
    # The files that folds were made of are not those of their dev splits.
    path = tmp_path / "b" / "fold_1" / "metrics.json"
    metrics = json.loads(path.read_text())
    path.write_text(
        json.dumps({**metrics, "data": {**metrics["data"], "files": {"dev": {"sha256": "e" * 64}}}})
    )
    found = compared(tmp_path)
    assert not any("taken for the same" in note for note in found.notes)
    path.write_text(json.dumps(metrics))
    found = compared(tmp_path)
    assert [row["runs"] for row in table(found, "scores")] == [3, 3]
    (row,) = table(found, "tests")
    assert (row["pairs"], row["mean"]) == (3, pytest.approx(0.02))
    assert any(
        "are trained on largely the same sentences: intervals of their scores are too" in n
        for n in found.notes
    )


def test_a_run_that_is_not_finished_is_in_no_share_of_a_learning_curve(tmp_path):
    for share in ("0.25", "0.5"):
        said = f"{share} of 300 training sentences (75), drawn by document with seed 1"
        write_run(tmp_path / f"share_{share}" / "seed_1", metrics={"data": {"train": said}})
    write_run(tmp_path / "share_0.5" / "seed_2", seed=2, is_finished=False)
    write_run(tmp_path / "share_0.5" / "seed_3", seed=3, is_finished=False)
    assert [row["configuration"] for row in table(compared(tmp_path), "runs")] == ["A", "B", "C", "C"]


def test_dev_splits_set_aside_by_seed_are_compared_seed_by_seed(tmp_path):
    for name, epochs in (("a", 14), ("b", 20)):
        for seed in (1, 2):
            own = {"data": {"dev": f"60 of the training sentences, set aside by seed {seed}"}}
            gold = scores(0.5 + seed / 10, gold={"LOC": 30 + seed, "PER": 20})
            write_run(
                tmp_path / name / str(seed),
                seed=seed,
                metrics={**own, "dev": gold},
                options={"epochs": epochs},
            )
    found = compared(tmp_path)
    assert [row["runs"] for row in table(found, "scores")] == [2, 2]
    assert table(found, "tests")[0]["pairs"] == 2


def test_runs_of_spans_and_of_labels_are_not_compared(tmp_path):
    write_run(tmp_path / "a")
    labels = {"value": 0.9, "labels": {"NOUN": {"gold": 10}}, "num_sentences": 60, "num_tokens": 900}
    write_run(tmp_path / "b", metrics={"metric": "accuracy", "dev": labels})
    with pytest.raises(UsageError) as error:
        compared(tmp_path)
    assert str(error.value) == (
        f"runs of different tasks cannot be compared: {tmp_path / 'a'} finds spans (f1), "
        f"{tmp_path / 'b'} finds labels of tokens (accuracy)"
    )


def test_runs_with_other_labels_are_not_compared(tmp_path):
    write_run(tmp_path / "a")
    write_run(tmp_path / "b", metrics={"dev": scores(0.5, gold={"gene": 20, "protein": 30})})
    with pytest.raises(UsageError) as error:
        compared(tmp_path)
    assert str(error.value) == (
        f"runs with other labels cannot be compared: {tmp_path / 'a'} has LOC, PER, {tmp_path / 'b'} has gene, protein"
    )


def test_scores_on_other_dev_splits_are_not_compared(tmp_path):
    write_run(tmp_path / "a")
    write_run(tmp_path / "b", options={"epochs": 20}, metrics={"dev": scores(0.5, sentences=70)})
    with pytest.raises(UsageError) as error:
        compared(tmp_path)
    assert str(error.value) == (
        f"scores of other data cannot be compared: dev is 60 sentences, 900 tokens (LOC, PER) for {tmp_path / 'a'}, "
        f"70 sentences, 900 tokens (LOC, PER) for {tmp_path / 'b'}. Compare runs with the same dev or test split"
    )


def test_where_test_splits_are_the_same_they_alone_are_compared(tmp_path):
    write_run(tmp_path / "a", metrics={"test": scores(0.4, sentences=99)})
    other = {"dev": scores(0.5, sentences=70), "test": scores(0.6, sentences=99)}
    write_run(tmp_path / "b", options={"epochs": 20}, metrics=other)
    found = compared(tmp_path)
    assert [(row["split"], row["mean"]) for row in table(found, "scores")] == [("test", 0.4), ("test", 0.6)]
    assert [row["dev"] for row in table(found, "runs")] == [None, None]
    assert any(note.startswith("not compared: dev is 60 sentences") for note in found.notes)


def test_a_dev_split_in_another_file_is_the_same_if_its_gold_labels_are_and_that_is_told(tmp_path):
    write_run(tmp_path / "a")
    data = {"files": {"train": {"sha256": "t" * 64}, "dev": {"file": "dev.jsonl", "sha256": "e" * 64}}}
    write_run(tmp_path / "b", metrics={"data": data})
    found = compared(tmp_path)
    assert len(table(found, "scores")) == 2
    assert any("dev: read from files of other content" in note for note in found.notes)


def test_unfinished_and_damaged_runs_are_shown_as_such(tmp_path):
    write_run(tmp_path / "a", seed=1)
    write_run(tmp_path / "b", seed=2, is_finished=False)
    (write_run(tmp_path / "c") / "metrics.json").write_text("{")
    found = compared(tmp_path)
    assert [(row["configuration"], row["state"]) for row in table(found, "runs")] == [
        ("A", "finished"), ("A", "unfinished"), ("", "damaged")
    ]  # fmt: skip
    assert table(found, "scores")[0]["runs"] == 1
    assert any("b: not finished" in note for note in found.notes)
    assert any("c: damaged, left out: " in note for note in found.notes)
    assert "damaged" in found.report()


def test_runs_of_which_none_is_finished_are_shown(tmp_path):
    write_run(tmp_path / "a", is_finished=False)
    write_run(tmp_path / "b", is_finished=False, options={"epochs": 20})
    found = compared(tmp_path)
    assert names(found) == ["runs", "options"]
    assert found.to_html().count('class="line c1"') >= 1
    json.loads(found.to_json(), parse_constant=pytest.fail)


def test_runs_of_which_all_are_damaged_are_an_error(tmp_path):
    (write_run(tmp_path / "a") / "metrics.json").write_text("{")
    with pytest.raises(
        UsageError, match=r"no run that can be read: .*metrics.json: expected the metrics of a run"
    ):
        compared(tmp_path)


def test_a_run_without_a_dev_split_is_compared_by_its_test_score(tmp_path):
    write_run(tmp_path / "a", dev=None, metrics={"test": scores(0.4)})
    write_run(tmp_path / "b", metrics={"test": scores(0.6)}, options={"epochs": 20})
    found = compared(tmp_path)
    assert [(row["split"], row["configuration"]) for row in table(found, "scores")] == [
        ("dev", "B"), ("test", "A"), ("test", "B")
    ]  # fmt: skip


def test_json_holds_every_table_and_the_epochs(tmp_path):
    two_configurations(tmp_path)
    found = compared(tmp_path)
    record = json.loads(found.to_json(), parse_constant=pytest.fail)
    assert list(record) == ["metric", "runs", "scores", "tests", "options", "notes"]
    assert record["runs"][0]["history"] == [
        {"epoch": 1, "train_loss": 4.0, "dev_score": 0.3},
        {"epoch": 2, "train_loss": 2.0, "dev_score": 0.5},
        {"epoch": 3, "train_loss": pytest.approx(4 / 3), "dev_score": 0.4},
    ]
    assert record["options"] == [{"name": "epochs", "A": "14", "B": "20"}]


def test_csv_holds_every_figure_and_what_differs(tmp_path):
    two_configurations(tmp_path)
    rows = [tuple(row) for row in csv.reader(io.StringIO(compared(tmp_path).to_csv()))]
    assert rows[0] == ("table", "row", "column", "value")
    assert ("options", "epochs", "B", "20") in rows
    assert ("scores", "dev / A", "runs", "3") in rows
    assert ("tests", "dev / B - A", "pairs", "3") in rows


def test_the_page_has_a_line_for_each_run_with_a_dot_on_its_best_epoch(tmp_path):
    write_run(tmp_path / "a", dev_scores=(0.1, 0.4, 0.2))
    write_run(tmp_path / "b", options={"epochs": 20}, dev_scores=(0.1, 0.2, 0.3, 0.5))
    page = compared(tmp_path).to_html()
    root = ElementTree.fromstring(page.removeprefix("<!doctype html>\n"))
    for chart in [svg for svg in root.iter("svg") if svg.get("role") == "img"][:2]:
        lines = [re.findall(r"[ML](\S+) (\S+)", present(path.get("d"))) for path in chart.iter("path")]
        assert [len(line) for line in lines] == [3, 4]
        assert [(dot.get("cx"), dot.get("cy")) for dot in chart.iter("circle")] == [lines[0][1], lines[1][3]]
    assert not re.search(r"<script|<link|src=|https?:", page)


def test_more_runs_than_colours_are_drawn_in_several_pictures_on_the_same_axes(tmp_path):
    for seed in range(9):
        write_run(tmp_path / f"seed_{seed}", seed=seed, dev_scores=(0.1 * seed, 0.5))
    root = ElementTree.fromstring(compared(tmp_path).to_html().removeprefix("<!doctype html>\n"))
    first, second = [svg for svg in root.iter("svg") if svg.get("role") == "img"][:2]
    assert [len([*chart.iter("path")]) for chart in (first, second)] == [7, 2]
    labels = [[text.text for text in chart.iter("text")] for chart in (first, second)]
    assert labels[0] == labels[1]


def test_hostile_names_stay_text(tmp_path):
    write_run(tmp_path / "<script>alert(1)<b>", options={"decode": "<img src=x>"})
    write_run(tmp_path / "b")
    page = compared(tmp_path).to_html()
    assert "<script" not in page
    assert "<img" not in page
    ElementTree.fromstring(page.removeprefix("<!doctype html>\n"))
