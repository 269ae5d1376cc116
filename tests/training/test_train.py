"""train: what it returns, writes, scores and leaves alone."""

from __future__ import annotations

import csv
import json
import logging
import random
import sys
import warnings
from dataclasses import replace
from typing import Any

import datasets
import numpy as np
import pytest
import safetensors.torch
import torch
import yaml
from present import present
from seqeval.metrics import classification_report, f1_score
from tiny_runs import SAMPLE, TINY_MODEL, modules_made, sentences, tiny_config, tiny_splits

from tagger import Tagger
from tagger.errors import TaggerError, UsageError
from tagger.examples import Example
from tagger.storage import load_model
from tagger.training import DataConfig, OptimizerConfig, RunConfig, Splits, processor, train
from tagger.training.command import parse_run_config
from tagger.training.curves import curves_page


def weights(folder):
    return (folder / "model" / "model.safetensors").read_bytes()


def metrics_of(folder):
    return json.loads((folder / "metrics.json").read_text(encoding="utf-8"))


def files_of(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def tokens_of(examples):
    return [example.tokens for example in examples]


RUN_FILES = [
    "checkpoints/best.ckpt",
    "checkpoints/last.ckpt",
    "curves.html",
    "metrics.json",
    "model/README.md",
    "model/config.json",
    "model/model.safetensors",
    "model/vocabulary.json",
    "recipe.yaml",
]


@pytest.fixture(scope="module")
def ner_run(tmp_path_factory):
    """A run on spans that learns something: enough epochs at a high learning rate."""
    folder = tmp_path_factory.mktemp("ner") / "run"
    optimizer = OptimizerConfig(learning_rate=0.02, ema_decay=0.5)
    model = replace(TINY_MODEL, dropout=0.0, word_dropout=0.0, singleton_dropout=0.0, hidden_dim=16)
    config = tiny_config(folder, epochs=12, batch_size=4, model=model, optimizer=optimizer)
    return folder, config, train(config, splits=easy_splits())


def easy_splits():
    """Splits that overlap, so that there is something right to count."""
    examples = sentences("train", 24)
    return Splits(examples, examples[:10], [*examples[6:14], *sentences("test", 4)])


def test_the_saved_folder_reloads_to_the_same_numbers(ner_run):
    folder, _, tagger = ner_run
    # Both meet every word for the first time: what is kept of words may change the last bits of a sum.
    reloaded, tagger = Tagger.load(folder / "model"), Tagger(tagger.parts)
    sample = tokens_of(sentences("test", 20))
    assert reloaded.tag(sample) == tagger.tag(sample)
    assert reloaded.predict(sample) == tagger.predict(sample)
    for ours, theirs in zip(reloaded.marginals(sample), tagger.marginals(sample), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_run_writes_exactly_these_files(ner_run):
    assert files_of(ner_run[0]) == RUN_FILES


def test_the_scores_in_metrics_are_those_of_an_independent_recount(ner_run):
    folder, _, tagger = ner_run
    metrics = metrics_of(folder)
    assert metrics["metric"] == "f1"
    for split, examples in (("dev", easy_splits().dev), ("test", easy_splits().test)):
        gold = [list(example.labels) for example in examples]
        predicted = tagger.tag(tokens_of(examples))
        scores = metrics[split]
        assert scores["value"] == pytest.approx(f1_score(gold, predicted))
        assert scores["num_sentences"] == len(examples)
        assert scores["num_tokens"] == sum(map(len, gold))
        pairs = [pair for rows in zip(gold, predicted, strict=True) for pair in zip(*rows, strict=True)]
        right = sum(left == right for left, right in pairs)
        assert scores["accuracy"] == pytest.approx(right / len(pairs))
        table, footer = scores["report"].rsplit("\n\n", 1)
        assert table == classification_report(gold, predicted, digits=4, zero_division=0).rstrip()
        accuracy, unknown = footer.splitlines()
        assert accuracy.startswith("tokens with the right label: ")
        assert accuracy.endswith(f" % ({right} of {len(pairs)})")
        assert unknown.startswith("gold spans with a word unknown in training that are found: ")
    assert metrics["dev"]["value"] > 0  # or all of the above compared zeros


def test_the_recall_of_unknown_words_is_that_of_an_independent_recount(ner_run):
    folder, _, tagger = ner_run
    seen = {token.lower() for example in easy_splits().train for token in example.tokens}
    known = {"".join("0" if c.isdigit() else c for c in token) for token in seen}
    spans = 0
    for example in easy_splits().test:
        for prediction in tagger.predict([example.tokens]):
            assert prediction.tokens == example.tokens
        i = 0
        while i < len(example.labels):
            end = i + 1
            if example.labels[i].startswith("B-"):
                while end < len(example.labels) and example.labels[end].startswith("I-"):
                    end += 1
                words = ["".join("0" if c.isdigit() else c for c in w.lower()) for w in example.tokens[i:end]]
                spans += any(word not in known for word in words)
            i = end
    assert metrics_of(folder)["test"]["unknown"]["gold"] == spans


def test_metrics_say_what_led_to_the_scores(ner_run):
    folder, config, _ = ner_run
    metrics = metrics_of(folder)
    assert metrics["seed"] == config.seed
    assert metrics["epochs"] == metrics["epochs_trained"] == 12
    assert 1 <= metrics["best_epoch"] <= 12
    assert metrics["sentences"] == {"train": 24, "dev": 10, "test": 12}
    stored = safetensors.torch.load(weights(folder))
    assert metrics["parameters"] == sum(a.numel() for a in stored.values() if a.is_floating_point())
    assert metrics["versions"]["torch"] == torch.__version__


def test_the_card_tells_labels_scores_and_seed(ner_run):
    folder, _, _ = ner_run
    card = (folder / "model" / "README.md").read_text(encoding="utf-8")
    metrics = metrics_of(folder)
    assert "Labels (iob2): `O`, `B-LOC`" in card
    assert f"| test | 12 | f1 | {100 * metrics['test']['value']:.2f} % |" in card
    assert (
        f"One run with seed 1. The dev split chose the weights (epoch {metrics['best_epoch']} of 12), "
        "so its score flatters. The test split was scored once." in card
    )
    assert '"learning_rate": 0.02,' in card
    assert f'"train_and_dev_sha256": "{metrics["data"]["train_and_dev_sha256"]}"' in card


def test_the_tagger_of_a_run_is_saved_elsewhere_with_its_card(ner_run, tmp_path):
    folder, _, tagger = ner_run
    tagger.save(tmp_path / "model")
    assert (tmp_path / "model" / "README.md").read_bytes() == (folder / "model" / "README.md").read_bytes()


@pytest.mark.slow
def test_the_weights_saved_are_the_moving_average_at_the_epoch_of_the_best_dev_score(tmp_path):
    """A second training loop, by hand: plain SGD, no dropout, our own average, our own choice."""
    model = replace(TINY_MODEL, dropout=0.0, word_dropout=0.0, singleton_dropout=0.0)
    optimizer = OptimizerConfig(
        name="sgd", learning_rate=0.05, schedule="constant", warmup_steps=0, clip_norm=1.0, ema_decay=0.3
    )
    splits = tiny_splits()
    splits = Splits(splits.train[:8], splits.dev)
    config = tiny_config(tmp_path / "run", model=model, optimizer=optimizer, epochs=6, batch_size=8)
    train(config, splits=splits)

    by_epoch, norms = oracle_weights(tmp_path, config, splits, ema_decay=0.3)
    gold = [list(example.labels) for example in splits.dev]
    scores = []
    for state in by_epoch:
        parts = load_model(tmp_path / "run" / "model")
        tagger = Tagger(replace(parts, weights={name: state[name].numpy() for name in parts.weights}))
        scores.append(f1_score(gold, tagger.tag(tokens_of(splits.dev)), zero_division=0))
    best = scores.index(max(scores))
    assert metrics_of(tmp_path / "run")["best_epoch"] == best + 1
    saved = safetensors.torch.load(weights(tmp_path / "run"))
    assert all("allowed" in name for name in by_epoch[best].keys() - saved.keys())
    for name, found in saved.items():
        torch.testing.assert_close(found, by_epoch[best][name], rtol=1e-4, atol=1e-6)
    history = metrics_of(tmp_path / "run")["history"]
    assert [epoch["epoch"] for epoch in history] == [1, 2, 3, 4, 5, 6]
    assert [epoch["dev_score"] for epoch in history] == pytest.approx(scores)
    assert [epoch["gradient_norm"] for epoch in history] == pytest.approx(norms, rel=1e-4)
    assert [epoch["clipped_steps"] for epoch in history] == [1.0] * 6
    assert min(norms) > 1.0


def oracle_weights(tmp_path, config, splits, *, ema_decay):
    """Averaged weights after each epoch and its gradient's norm, without Lightning; one batch is one epoch."""
    from tagger.batching import assemble
    from tagger.features import encode_sentences
    from tagger.model import BatchTensors

    start = tiny_config(
        tmp_path / "start",
        model=config.model,
        optimizer=replace(config.optimizer, learning_rate=1e-30, ema_decay=0.0),
        epochs=1,
    )
    train(start, splits=splits)
    parts = load_model(tmp_path / "start" / "model")  # as good as untrained
    model = parts.model.train()
    rows, features = encode_sentences(parts.featurizer, tokens_of(splits.train))
    labels = [np.array([parts.labels.encode(label) for label in e.labels]) for e in splits.train]
    batch = BatchTensors.of(assemble(rows, features, labels))
    average, result, norms = None, [], []
    for step in range(config.epochs):
        model.zero_grad()
        model.loss(batch).backward()
        parameters = list(model.parameters())
        gradients = [present(p.grad) for p in parameters]
        norm = torch.sqrt(sum(((grad**2).sum() for grad in gradients), torch.zeros(())))
        norms.append(norm.item())
        with torch.no_grad():
            for p, grad in zip(parameters, gradients, strict=True):
                scale = min(1.0, (config.optimizer.clip_norm / norm).item())
                p.sub_(config.optimizer.learning_rate * grad * scale)
        state = {name: value.clone() for name, value in model.state_dict().items()}
        decay = min(ema_decay, (1 + step) / (10 + step))
        average = (
            state if average is None else {n: decay * average[n] + (1 - decay) * v for n, v in state.items()}
        )
        result.append(average)
    return result, norms


@pytest.mark.slow
def test_without_a_dev_split_the_weights_of_the_last_epoch_are_saved(tmp_path):
    splits = Splits(tiny_splits().train)
    data = DataConfig(dev_fraction=0)
    train(tiny_config(tmp_path / "run", data=data, epochs=2), splits=splits)
    checkpoint = torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=True)
    saved = safetensors.torch.load(weights(tmp_path / "run"))
    assert all(torch.equal(saved[n], checkpoint["state_dict"][f"model.{n}"]) for n in saved)
    assert not (tmp_path / "run" / "checkpoints" / "best.ckpt").exists()
    metrics = metrics_of(tmp_path / "run")
    assert metrics["best_epoch"] is None
    assert "dev" not in metrics
    assert "test" not in metrics
    card = (tmp_path / "run" / "model" / "README.md").read_text(encoding="utf-8")
    assert (
        "One run with seed 1. Without a dev split: the weights are those of the last epoch. "
        "There was no test split." in card
    )


@pytest.mark.slow
def test_a_run_that_learns_from_dev_too_is_one_on_both_splits_for_all_epochs(tmp_path):
    splits = tiny_splits()
    both = [*splits.train, *splits.dev]
    train(tiny_config(tmp_path / "1", data=DataConfig(merge_dev=True)), splits=splits)
    train(tiny_config(tmp_path / "2", data=DataConfig(dev_fraction=0)), splits=Splits(both, (), splits.test))
    assert weights(tmp_path / "1") == weights(tmp_path / "2")
    metrics = json.loads((tmp_path / "1" / "metrics.json").read_text())
    assert metrics["sentences"] == {"train": 32, "dev": 0, "test": 8}
    assert (metrics["epochs_trained"], metrics["best_epoch"]) == (3, None)
    assert metrics["data"]["train"] == "24 sentences of the train split and all 8 of the dev split"
    card = (tmp_path / "1" / "model" / "README.md").read_text()
    assert "The dev split was used for training too: the weights are those of the last epoch" in card


@pytest.mark.slow
def test_a_seed_decides_every_bit(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        torch.manual_seed(hash(name) % 1000)  # what came before must not matter
        train(tiny_config(tmp_path / name, seed=seed, epochs=2), splits=tiny_splits())
    assert weights(tmp_path / "a") == weights(tmp_path / "b") != weights(tmp_path / "c")


@pytest.mark.slow
def test_nothing_global_is_changed_and_nothing_is_warned_of_or_printed(tmp_path, capfd):
    torch.manual_seed(7)
    before = (
        torch.get_rng_state(),
        random.getstate(),
        np.random.get_state(legacy=False)["state"]["key"].tolist(),
    )
    threads = torch.get_num_threads()
    dtype = torch.get_default_dtype()
    splits = tiny_splits()
    copy = tiny_splits()
    level = logging.getLogger("pytorch_lightning").level
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        train(
            tiny_config(tmp_path / "run", epochs=1, threads=threads + 1, loggers=["csv", "tensorboard"]),
            splits=splits,
        )
    ours = [w for w in caught if "tagger" in w.filename or "lightning" in w.filename]
    assert [str(w.message) for w in ours] == []
    assert torch.equal(torch.get_rng_state(), before[0])
    assert random.getstate() == before[1]
    assert np.random.get_state(legacy=False)["state"]["key"].tolist() == before[2]
    assert torch.get_num_threads() == threads
    assert torch.get_default_dtype() == dtype
    assert splits == copy
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger("pytorch_lightning").level == level


@pytest.mark.slow
def test_files_and_examples_in_memory_train_the_same_model_and_the_recipe_repeats_it(tmp_path):
    small = {}
    for name in ("train", "dev", "test"):
        small[name] = tmp_path / f"{name}.conll"
        blocks = (SAMPLE / small[name].name).read_text(encoding="utf-8").split("\n\n")[:20]
        small[name].write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
    data = DataConfig(**small, label_column=2, unseen_labels="wrong")
    train(tiny_config(tmp_path / "files", data=data, epochs=1), splits=None)

    recipe = yaml.safe_load((tmp_path / "files" / "recipe.yaml").read_text(encoding="utf-8"))
    assert recipe["model"]["scheme"] == "auto"
    assert not {"resume", "overwrite"} & set(recipe)
    config = parse_run_config(
        ["--config", str(tmp_path / "files" / "recipe.yaml"), "--output", str(tmp_path / "again")]
    )
    train(config)
    assert weights(tmp_path / "again") == weights(tmp_path / "files")

    splits = Splits(sentences("train", 20), sentences("dev", 20), sentences("test", 20))
    memory = tiny_config(tmp_path / "memory", data=DataConfig(unseen_labels="wrong"), epochs=1)
    train(memory, splits=splits)
    assert weights(tmp_path / "memory") == weights(tmp_path / "files")


def test_parts_of_speech_are_scored_by_accuracy(tmp_path):
    splits = tiny_splits(column=1)
    tagger = train(
        tiny_config(tmp_path / "run", epochs=2, data=DataConfig(unseen_labels="wrong")), splits=splits
    )
    metrics = metrics_of(tmp_path / "run")
    gold = [label for example in splits.test for label in example.labels]
    predicted = [label for labels in tagger.tag(tokens_of(splits.test)) for label in labels]
    right = sum(left == right for left, right in zip(gold, predicted, strict=True))
    assert metrics["metric"] == "accuracy"
    assert metrics["test"]["value"] == right / len(gold)
    assert metrics["test"]["report"].startswith(f"Accuracy {100 * right / len(gold):.2f} % ({right} of ")
    assert "Words unknown in training: " in metrics["test"]["report"]


def in_scheme(examples, table):
    return [replace(e, labels=tuple(table(list(e.labels)))) for e in examples]


@pytest.mark.parametrize("scheme", ["iob1", "bioes", "io"])
@pytest.mark.slow
def test_data_in_any_scheme_trains_and_reports_iob2(tmp_path, scheme):
    from tagger.schemes import LabelScheme, convert_labels

    def converted(labels):
        return convert_labels(labels, LabelScheme.IOB2, LabelScheme.parse(scheme))

    splits = tiny_splits()
    splits = Splits(in_scheme(splits.train, converted), in_scheme(splits.dev, converted))
    tagger = train(tiny_config(tmp_path / "run", epochs=1, data=DataConfig(scheme=scheme)), splits=splits)
    assert str(tagger.scheme) == "iob2"
    assert {label[:2] for label in tagger.labels} == {"O", "B-", "I-"}
    assert metrics_of(tmp_path / "run")["metric"] == "f1"


@pytest.mark.parametrize("scheme", ["bioes", "io", "none"])
def test_every_inner_scheme_trains_and_is_scored(tmp_path, scheme):
    config = tiny_config(tmp_path / "run", epochs=1, model=replace(TINY_MODEL, scheme=scheme))
    tagger = train(config, splits=tiny_splits())
    assert str(tagger.scheme) == ("none" if scheme == "none" else "iob2")
    assert tagger.config.scheme == scheme
    assert "micro avg" in metrics_of(tmp_path / "run")["test"]["report"]


@pytest.mark.slow
def test_empty_sentences_stay_in_their_place_in_dev_and_test(tmp_path):
    splits = tiny_splits()
    empty = Example((), ())
    train(tiny_config(tmp_path / "full", epochs=2), splits=splits)
    holey = Splits(
        [empty, *splits.train, empty], [empty, *splits.dev], [splits.test[0], empty, *splits.test[1:]]
    )
    train(tiny_config(tmp_path / "holey", epochs=2), splits=holey)
    full, other = metrics_of(tmp_path / "full"), metrics_of(tmp_path / "holey")
    assert weights(tmp_path / "full") == weights(tmp_path / "holey")
    assert full["test"]["correct"] == other["test"]["correct"]
    assert full["test"]["accuracy"] == other["test"]["accuracy"]
    assert other["test"]["num_sentences"] == full["test"]["num_sentences"] + 1


def test_one_sentence_is_enough_and_has_no_dev_split(tmp_path):
    one = Splits(sentences("train", 1))
    tagger = train(tiny_config(tmp_path / "run", epochs=1), splits=one)
    assert len(tagger.tag([["Hello"]])[0]) == 1
    with pytest.raises(UsageError, match="patience: has no effect without a dev split"):
        train(tiny_config(tmp_path / "patient", epochs=1, patience=1), splits=one)
    assert not (tmp_path / "patient").exists()


@pytest.mark.slow
def test_long_sentences_and_words_are_trained_on_whole(tmp_path):
    long = Example(("w",) * 20_000, ("O",) * 19_999 + ("B-LOC",))
    wide = Example(("x" * 10_000, "\U0001f600", "\u0645\u0631\u062d\u0628\u0627"), ("B-LOC", "O", "O"))
    data = DataConfig(dev_fraction=0)
    tagger = train(
        tiny_config(tmp_path / "run", epochs=1, data=data), splits=Splits([long, wide], (), [long, wide])
    )
    assert metrics_of(tmp_path / "run")["test"]["num_tokens"] == 20_003
    assert [len(labels) for labels in tagger.tag([long.tokens, wide.tokens])] == [20_000, 3]


@pytest.mark.slow
def test_patience_ends_a_run_whose_dev_score_does_not_rise(tmp_path):
    frozen = OptimizerConfig(learning_rate=1e-12)
    train(tiny_config(tmp_path / "run", epochs=9, patience=2, optimizer=frozen), splits=tiny_splits())
    metrics = metrics_of(tmp_path / "run")
    assert (metrics["best_epoch"], metrics["epochs_trained"], metrics["epochs"]) == (1, 3, 9)


OPTIONS: dict[str, dict[str, Any]] = {
    "name": {"optimizer": OptimizerConfig(name="nadam")},
    "momentum": {"optimizer": OptimizerConfig(name="sgd", momentum=0.9)},
    "schedule": {"optimizer": OptimizerConfig(schedule="constant")},
    "warmup_steps": {"optimizer": OptimizerConfig(warmup_steps=0)},
    "clip_norm": {"optimizer": OptimizerConfig(clip_norm=0.01)},
    "no clip_norm": {"optimizer": OptimizerConfig(clip_norm=0.0)},
    "ema_decay": {"optimizer": OptimizerConfig(ema_decay=0.0)},
    "batch_size": {"batch_size": 3},
    "batch_tokens": {"batch_tokens": 40},
    "pool": {"pool": 1},
    "precision 64": {"precision": "64-true"},
    "precision bf16": {"precision": "bf16-mixed"},
}


@pytest.mark.slow
def test_every_option_changes_the_weights(tmp_path, monkeypatch):
    """Each alone against the run with defaults, and all of them against each other."""
    monkeypatch.setattr(processor, "multiplies_in_bfloat16", lambda: True)
    found = {}
    data = DataConfig(dev_fraction=0)
    for name, options in {"defaults": {}, **OPTIONS}.items():
        folder = tmp_path / name
        tagger = train(
            tiny_config(folder, data=data, epochs=4, **{"batch_size": 4, **options}),
            splits=Splits(tiny_splits().train),
        )
        found[name] = weights(folder)
        assert {array.dtype for array in tagger.parts.weights.values()} == {np.dtype(np.float32)}
    assert len(set(found.values())) == len(found)


@pytest.mark.slow
def test_the_size_of_batches_is_settled_by_the_data_and_told(tmp_path, caplog):
    caplog.set_level(logging.INFO, logger="tagger")
    found = {}
    for batch_size in (0, 8, 9):
        folder = tmp_path / str(batch_size)
        train(tiny_config(folder, epochs=1, batch_size=batch_size), splits=tiny_splits())
        found[batch_size] = weights(folder)
    assert found[0] == found[8] != found[9]
    assert [r.message for r in caplog.records if "batches of" in r.message] == [
        "batches of up to 8 sentences (batch_size=... sets it)"
    ]
    assert '"batch_size": 8' in (tmp_path / "0" / "model" / "README.md").read_text(encoding="utf-8")
    recipe = yaml.safe_load((tmp_path / "0" / "recipe.yaml").read_text(encoding="utf-8"))
    assert recipe.get("batch_size", 0) == 0  # as it was asked for


@pytest.mark.slow
def test_64_bits_reload_to_the_same_numbers(tmp_path):
    tagger = train(tiny_config(tmp_path / "run", epochs=1, precision="64-true"), splits=tiny_splits())
    sample = tokens_of(tiny_splits().test)
    reloaded, fresh = Tagger.load(tmp_path / "run" / "model"), Tagger(tagger.parts)
    for ours, theirs in zip(reloaded.marginals(sample), fresh.marginals(sample), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_decode_decides_how_splits_are_scored(tmp_path, monkeypatch):
    asked = []
    original = Tagger.stream_labels

    def noted(self, sentences, *, documents=None, decode="viterbi"):
        asked.append(decode)
        return original(self, sentences, decode=decode)

    monkeypatch.setattr(Tagger, "stream_labels", noted)
    train(tiny_config(tmp_path / "run", epochs=1, decode="posterior"), splits=tiny_splits())
    assert asked == ["posterior"] * 4  # for the span bias without and with it, and the scores of dev and test


def test_loggers_write_csv_and_tensorboard(tmp_path):
    config = tiny_config(tmp_path / "run", epochs=2, loggers=["csv", "tensorboard"], accelerator="auto")
    train(config, splits=tiny_splits())
    logged = [name for name in files_of(tmp_path / "run") if name.startswith("logs/")]
    events, *others = logged
    assert events.startswith("logs/events.out.tfevents")
    assert others == ["logs/hparams.yaml", "logs/metrics.csv"]
    with (tmp_path / "run" / "logs" / "metrics.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    names = (
        "clipped_steps,dev_score,epoch,gradient_norm,gradient_norm_max,learning_rate,nonfinite_steps,step,"
    )
    assert ",".join(header) == names + "tokens_per_second,train_loss"
    assert [row[header.index("step")] for row in rows] == ["2", "5"]  # 24 sentences are 3 steps
    history = metrics_of(tmp_path / "run")["history"]
    for name in ("gradient_norm", "gradient_norm_max", "clipped_steps", "train_loss", "dev_score"):
        logged = [float(row[header.index(name)]) for row in rows if row[header.index(name)]]
        assert logged == pytest.approx([epoch[name] for epoch in history])


@pytest.mark.slow
def test_the_history_has_each_epochs_norms_and_mean_learning_rate_and_is_drawn(tmp_path):
    rates = OptimizerConfig(learning_rate=0.01, warmup_steps=0, clip_norm=0.0)
    train(tiny_config(tmp_path / "run", epochs=2, optimizer=rates), splits=tiny_splits())
    history = metrics_of(tmp_path / "run")["history"]
    # 24 sentences are 3 steps an epoch: of 6 the first 3 are at 6/6, 5/6, 4/6 of the rate
    assert [epoch["learning_rate"] for epoch in history] == pytest.approx([0.01 * 5 / 6, 0.01 * 2 / 6])
    for epoch in history:
        assert 0 < epoch["gradient_norm"] <= epoch["gradient_norm_max"]
        assert epoch["nonfinite_steps"] == 0
        assert "clipped_steps" not in epoch
    page = (tmp_path / "run" / "curves.html").read_text(encoding="utf-8")
    assert page == curves_page(history, metric="f1", clip_norm=0.0)


def test_a_run_that_diverges_is_an_error_and_writes_no_model(tmp_path):
    wild = OptimizerConfig(name="sgd", learning_rate=1e30, clip_norm=0.0, warmup_steps=0, ema_decay=0.0)
    with pytest.raises(TaggerError, match=r"^epoch \d: training has diverged: .* Lower the learning rate"):
        train(tiny_config(tmp_path / "run", optimizer=wild), splits=tiny_splits())
    assert not (tmp_path / "run" / "model").exists()


@pytest.mark.parametrize("options", [{"accelerator": "abacus"}, {"accelerator": "tpu"}])
def test_a_machine_without_the_accelerator_is_a_usage_error_and_nothing_is_written(tmp_path, options):
    with pytest.raises(UsageError, match="accelerator, devices, num_nodes or precision: "):
        train(tiny_config(tmp_path / "run", **options), splits=tiny_splits())
    assert not (tmp_path / "run").exists()


def test_examples_and_configured_data_together_are_a_usage_error(tmp_path):
    config = RunConfig(str(tmp_path / "run"), data=DataConfig(train="train.conll"))
    with pytest.raises(UsageError, match=r"splits: data\.train or data\.dataset is configured too"):
        train(config, splits=tiny_splits())


def test_a_precision_that_the_device_does_not_have_is_not_replaced(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    config = tiny_config(tmp_path / "run", accelerator="auto", precision="16-mixed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Lightning's own word on what it would take instead
        with pytest.raises(UsageError) as error:
            train(config, splits=tiny_splits())
    assert str(error.value) == "precision: 16-mixed is not available on this device, expected bf16-mixed"


@pytest.mark.slow
def test_the_model_keeps_nothing_of_the_optimizer(tmp_path, monkeypatch):
    modules = modules_made(monkeypatch)
    train(tiny_config(tmp_path / "run"), splits=tiny_splits())
    (module,) = modules
    assert not present(module.model.word_features.word_embedding)._forward_hooks


def test_what_is_no_configuration_or_no_splits_is_named(tmp_path):
    cases: tuple[tuple[tuple[Any, ...], str], ...] = (
        (({"output": "a"},), "config: expected a RunConfig, found dict"),
        (
            (tiny_config(tmp_path / "a"), 7),
            "splits[train]: expected a list of Examples, a Dataset or IterableDataset",
        ),
    )
    for arguments, message in cases:
        with pytest.raises(UsageError) as error:
            train(arguments[0], splits=(*arguments, None)[1])
        assert str(error.value).startswith(message)


@pytest.mark.slow
def test_a_dataset_and_its_examples_train_the_same_model(tmp_path):
    splits = tiny_splits()
    given = datasets.DatasetDict(
        {
            name: datasets.Dataset.from_dict(
                {"tokens": [list(e.tokens) for e in part], "ner_tags": [list(e.labels) for e in part]}
            )
            for name, part in (("train", splits.train), ("validation", splits.dev), ("test", splits.test))
        }
    )
    train(tiny_config(tmp_path / "examples", epochs=1), splits=splits)
    train(tiny_config(tmp_path / "dataset", epochs=1), splits=given)
    assert weights(tmp_path / "dataset") == weights(tmp_path / "examples")
    metrics = json.loads((tmp_path / "dataset" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["data"]["given"]["dev"]["rows"] == len(splits.dev)
    assert (metrics["data"]["token_column"], metrics["data"]["label_column"]) == ("tokens", "ner_tags")


@pytest.mark.parametrize(("enough", "shares"), [(2, True), (3, False)])
@pytest.mark.slow
def test_batches_of_long_runs_share_their_dropout(monkeypatch, tmp_path, enough, shares):
    monkeypatch.setattr(sys.modules["tagger.training.train"], "ENOUGH_STEPS", enough)
    examples = sentences("train", 8)
    made = modules_made(monkeypatch)
    train(tiny_config(tmp_path / "run", epochs=2, batch_size=8), splits=Splits(examples, examples[:2], []))
    (module,) = made
    assert module.model.shares_dropout is shares
