"""The model card: what it says of labels, data and scores; and its metadata, which the Hub's own library reads."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from huggingface_hub import EvalResult, ModelCard
from integrations.card_facts import facts_of
from present import present
from tiny_runs import tiny_config, tiny_splits, write_conll

from tagger import Example, Tagger
from tagger.evaluation.certainty import bootstrap, f1
from tagger.integrations.hub_card import hub_card
from tagger.training import DataConfig, Splits, train
from tagger.training.card_metadata import card_head
from tagger.training.data import prepare
from tagger.training.training_set import label_examples, training_set


def run(folder, **options):
    tagger = train(tiny_config(folder / "run", **options))
    return tagger, json.loads((folder / "run" / "metrics.json").read_text())


@pytest.fixture(scope="module")
def of_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    first, second = "Anna B-PER\nSmith I-PER\nleft O\nOslo B-LOC\n\n", "Bob B-PER\nleft O\nOslo B-LOC\n\n"
    text = first + second + "Anna B-PER\nSmith I-PER\nsang O\n\n"
    for name in ("train", "dev", "test"):
        write_conll(folder / f"{name}.conll", text)
    data = DataConfig(**{name: folder / f"{name}.conll" for name in ("train", "dev", "test")})
    return folder, *run(folder, data=data)


def test_the_card_shows_how_much_of_each_label_was_learned_from_with_examples(of_files):
    card = of_files[1].parts.card.decode()
    section = card[card.index("## Training set") : card.index("## Scores")]
    assert section == (
        "## Training set\n\n3 sentences, 10 tokens, 6 different words.\n\n"
        "| label | number | most frequent in the training data |\n|---|---|---|\n"
        "| `LOC` | 2 | `Oslo` |\n| `PER` | 3 | `Anna Smith`, `Bob` |\n\n"
    )


def test_no_examples_are_shown_if_none_are_wanted(tmp_path):
    tagger = train(tiny_config(tmp_path / "run", epochs=1, card_examples=0), splits=tiny_splits())
    card = present(tagger.parts.card).decode()
    section = card[card.index("## Training set") : card.index("## Scores")]
    assert "| label | number |\n|---|---|\n" in section
    assert re.search(r"\| `LOC` \| \d+ \|\n", section)


def test_labels_of_words_have_examples_too(tmp_path):
    tagger = train(tiny_config(tmp_path / "run", epochs=1), splits=tiny_splits(column=1))
    assert re.search(r"\| `PUNCT` \| \d+ \| `\.`", present(tagger.parts.card).decode())


def test_the_figures_of_the_training_set_are_in_the_metrics(of_files):
    assert of_files[2]["training_set"] == {
        "sentences": 3,
        "tokens": 10,
        "different_words": 6,
        "spans": {"LOC": 2, "PER": 3},
    }


def test_the_most_frequent_phrases_come_first_and_long_ones_not_at_all():
    examples = [
        Example(("a", "B", "c" * 61), ("B-X", "B-X", "B-Y")),
        Example(("B", "c"), ("B-X", "I-X"), document="1"),
        Example(("B", "O"), ("B-X", "O"), document="1"),
    ]
    data = prepare(Splits(examples, examples, ()), DataConfig(), inner_scheme="bioes", seed=1)
    assert label_examples(data, 2) == {"X": ["B", "a"]}
    assert label_examples(data, 9) == {"X": ["B", "a", "B c"]}
    assert training_set(data)["documents"] == 1


def test_the_interval_of_the_score_is_that_of_the_bootstrap_over_sentences(of_files):
    folder, tagger, metrics = of_files
    found = metrics["test"]["interval"]
    sentences = [["Anna", "Smith", "left", "Oslo"], ["Bob", "left", "Oslo"], ["Anna", "Smith", "sang"]]
    gold = [{(0, 2, "PER"), (3, 4, "LOC")}, {(0, 1, "PER"), (2, 3, "LOC")}, {(0, 2, "PER")}]
    counts = []
    for spans, prediction in zip(gold, tagger.predict(sentences), strict=True):
        predicted = {(span.start, span.end, span.label) for span in prediction.spans}
        counts.append([len(spans & predicted), len(predicted), len(spans)])
    assert (found["low"], found["high"]) == pytest.approx(tuple(bootstrap(np.array(counts), f1)))
    assert (found["over"], found["draws"]) == ("sentence", 2000)
    low, high = 100 * found["low"], 100 * found["high"]
    row = f"{100 * metrics['test']['value']:.2f} % | {low:.2f} to {high:.2f} % (bootstrap over sentences) |"
    assert row in (folder / "run/model/README.md").read_text()


def test_the_hubs_library_reads_the_scores_from_the_card(of_files):
    folder, _, metrics = of_files
    card = ModelCard.load(folder / "run/model/README.md")
    names = {"f1": "F1", "precision": "Precision", "recall": "Recall"}
    assert card.data.eval_results == [
        EvalResult(
            task_type="token-classification",
            task_name="Token Classification",
            dataset_type=f"{split}.conll",
            dataset_name=f"{split}.conll",
            dataset_split=split,
            dataset_revision=metrics["data"]["files"][split]["sha256"],
            metric_type=name,
            metric_name=f"{names[name]} ({split} split)",
            metric_value=metrics[split][name],
        )
        for split in ("dev", "test")
        for name in names
    ]
    assert all(type(result.metric_value) is float for result in card.data.eval_results)
    assert card.data.library_name == "tagger"
    assert card.data.metrics == ["f1", "precision", "recall"]


def test_the_card_for_the_hub_has_the_same_scores_under_the_name_of_the_repository(of_files):
    folder, tagger, _ = of_files
    own = ModelCard.load(folder / "run/model/README.md")
    card = ModelCard(hub_card(tagger, "org/name", license="cc-by-4.0", language=["en", "de"]))
    assert facts_of(card).eval_results == facts_of(own).eval_results
    assert facts_of(card).model_name == "name"
    assert (facts_of(card).license, facts_of(card).language) == ("cc-by-4.0", ["en", "de"])
    assert facts_of(card).tags == ["tagger", "token-classification"]
    assert 'tagger = Tagger.from_pretrained("org/name")' in card.text
    assert "this/folder" not in card.text
    assert card.text.replace('from_pretrained("org/name")', 'load("this/folder")') == own.text


def test_a_card_from_the_hub_is_pushed_elsewhere_under_the_other_name(of_files):
    tagger = of_files[1]
    first = hub_card(tagger, "org/first", license="mit")
    again = Tagger(replace(tagger.parts, card=first.encode()))
    second = hub_card(again, "org/second")
    assert second == first.replace("org/first", "org/second").replace("name: first", "name: second")
    assert "license: mit" in second


def test_metadata_of_a_dataset_of_the_hub_name_its_configuration_splits_and_commit():
    scores = {"accuracy": 0.75}
    data = {
        "dataset": "org/data",
        "name": "en",
        "commit": "c" * 40,
        "splits": {"train": "train", "test": "test_a"},
        "dev": "8 of the training sentences, set aside by seed 1",
    }
    head = card_head({"metric": "accuracy", "data": data, "dev": scores, "test": scores})
    dev, test = present(facts_of(ModelCard(head)).eval_results)
    assert (dev.dataset_type, dev.dataset_config, dev.dataset_split) == ("org/data", "en", "validation")
    assert (test.dataset_split, test.dataset_revision) == ("test_a", "c" * 40)
    assert (test.metric_type, test.metric_value) == ("accuracy", 0.75)
    assert facts_of(ModelCard(head)).datasets == ["org/data"]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ({"files": {"train": {"file": "a.conll", "sha256": "1"}}, "dev": "8 of them"}, "a.conll"),
        ({"files": {"dev": {"files": [{"file": "a"}, {"file": "b"}], "sha256": None}}}, "a, b"),
        ({"files": {"dev": {"files": [{"file": "x/a"}, {"file": "y/a"}]}}}, "x/a, y/a"),
        (
            {"files": {"dev": {"files": [{"file": f"{number:03}"} for number in range(1000)]}}},
            ", ".join(f"{number:03}" for number in range(20)) + " and 980 more",
        ),
        ({"dataset": "/home/somebody/corpus", "commit": None, "splits": {}}, "corpus"),
        ({"given": {"dev": {"type": "pandas.DataFrame", "rows": 3}}}, "pandas.DataFrame"),
        ({}, "unnamed"),
        ({"files": "mine", "dataset": 3, "splits": "x"}, "3"),
    ],
)
def test_other_data_are_called_what_they_are_called_and_no_folder_is_told(data, name):
    head = card_head({"metric": "accuracy", "data": data, "dev": {"accuracy": 0.5}})
    [result] = present(facts_of(ModelCard(head)).eval_results)
    assert result.dataset_name == name
    assert "somebody" not in head


HOSTILE = "a: [b\n---\n# <script>alert(1)</script> 'x' \"y\" | {z} \u202e\x1b"


def test_hostile_names_stay_names(of_files):
    data = {"files": {"dev": {"file": HOSTILE, "sha256": "1"}}}
    head = card_head({"metric": "accuracy", "data": data, "dev": {"accuracy": 0.5}})
    card = ModelCard(head + "# Text\n")
    assert card.text == "# Text\n"
    assert present(facts_of(card).eval_results)[0].dataset_name == (
        r"script> 'x' " + '"y" | {z} ' + r"\u202e\x1b"
    )
    for option in ({"license": HOSTILE}, {"language": HOSTILE}, {"language": ["en", "a b"]}, {"license": ""}):
        with pytest.raises(ValueError, match="expected a short name, such as"):
            hub_card(of_files[1], "org/name", **option)


def test_a_hostile_label_stays_in_its_cell(tmp_path):
    examples = [Example(("x|y`<b>", "z"), ("B-<i>|`", "O"))] * 3
    tagger = train(tiny_config(tmp_path / "run", epochs=1), splits=Splits(examples, examples[:1], ()))
    row = r"| `` <i>\|` `` | 3 | ``x\|y`<b>`` |"
    assert row in present(tagger.parts.card).decode().split("\n")
