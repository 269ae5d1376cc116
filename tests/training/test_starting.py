"""Starting from a model: what is kept, grown, frozen and refused."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from present import present
from tiny_runs import TINY_MODEL, modules_made, tiny_config, tiny_splits, write_conll

from tagger import Example, Tagger
from tagger.config import TaggerConfig
from tagger.errors import LabelError, ModelError, UsageError
from tagger.features import Featurizer
from tagger.schemes import LabelScheme
from tagger.storage import store_calibration
from tagger.training import DataConfig, OptimizerConfig, Splits, VectorsConfig, train
from tagger.training.growing import grown_weights

WIDE = replace(TINY_MODEL, wide_features=True, wide_min_count=1)


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A run with wide features, on the first sentences."""
    folder = tmp_path_factory.mktemp("first") / "run"
    splits = tiny_splits()
    train(tiny_config(folder, model=WIDE), splits=Splits(splits.train[:16], splits.dev))
    return folder


def options(first, **others):
    return {"model": TaggerConfig(), "init": first / "model", **others}


def go_on(first, tmp_path, splits=None, **others):
    folder = tmp_path / "second"
    return folder, train(tiny_config(folder, **options(first, **others)), splits=splits or tiny_splits())


def weights_of(folder):
    return Tagger.load(folder / "model").parts.weights


@pytest.mark.slow
def test_vocabularies_grow_and_keep_what_they_had(first, tmp_path):
    old = Tagger.load(first / "model").parts.featurizer
    _, tagger = go_on(first, tmp_path)
    new = tagger.parts.featurizer
    assert set(old.words.items) < set(new.words.items)
    assert set(old.characters.items) <= set(new.characters.items)
    assert present(old.wide).num_rows < present(new.wide).num_rows
    assert tagger.config == replace(Tagger.load(first / "model").config, wide_min_count=2)


def test_a_grown_model_gives_every_sentence_the_scores_it_had(first):
    parts = Tagger.load(first / "model").parts
    further = [["Zyx", "flies", "to", "Qumranet", "."], ["Zyx", "Žižek", "Zyx", "flies", "to"]]
    featurizer = parts.featurizer.grown(parts.config, further)
    assert "zyx" in featurizer.words
    assert present(featurizer.wide).num_rows > present(parts.featurizer.wide).num_rows
    grown = replace(
        parts, featurizer=featurizer, weights=grown_weights(parts, featurizer, parts.labels, LabelScheme.IOB2)
    )
    sentences = [*further, *(example.tokens for example in tiny_splits().dev)]
    for before, after in zip(
        Tagger(parts).marginals(sentences), Tagger(grown).marginals(sentences), strict=True
    ):
        np.testing.assert_allclose(after, before, atol=1e-6)


def test_a_grown_vocabulary_has_the_items_of_both_with_the_higher_count():
    old = Featurizer.build(TINY_MODEL, [["a", "a", "b"]])
    grown = old.grown(TINY_MODEL, [["b", "b", "b", "a", "c"]])
    assert dict(zip(grown.words.items, grown.words.counts, strict=True)) == {"b": 3, "a": 2, "c": 1}


@pytest.mark.slow
def test_with_a_learning_rate_next_to_nothing_old_labels_keep_their_weights_under_new_ids(first, tmp_path):
    still = OptimizerConfig(learning_rate=1e-12, ema_decay=0.0)
    new = Example(("Aspirin", "helps"), ("B-DRUG", "O"))
    splits = Splits([*tiny_splits().train, new], tiny_splits().dev)
    _, tagger = go_on(first, tmp_path, splits, optimizer=still, epochs=1)
    before, after = Tagger.load(first / "model").parts, tagger.parts
    assert before.labels.items[:3] == ("O", "B-LOC", "I-LOC")
    assert after.labels.items[:3] == ("O", "B-DRUG", "I-DRUG")
    for i, label in enumerate(before.labels.items):
        j = after.labels.encode(label)
        np.testing.assert_allclose(
            after.weights["projection.weight"][j], before.weights["projection.weight"][i], atol=1e-6
        )
        for k, other in enumerate(before.labels.items):
            np.testing.assert_allclose(
                after.weights["decoder.transitions"][j, after.labels.encode(other)],
                before.weights["decoder.transitions"][i, k],
                atol=1e-6,
            )
    begins = [i for i, label in enumerate(before.labels.items) if label.startswith("B-")]
    np.testing.assert_allclose(
        after.weights["projection.bias"][1], before.weights["projection.bias"][begins].mean(), atol=1e-6
    )
    assert "DRUG" not in (first / "model" / "vocabulary.json").read_text()


@pytest.mark.slow
def test_frozen_parts_stay_bit_for_bit_and_the_others_learn(first, tmp_path):
    folder, tagger = go_on(first, tmp_path, freeze=["encoder", "words", "wide"], epochs=2)
    old, new = weights_of(first), weights_of(folder)
    for name in old:
        is_frozen = name.startswith(("encoder.", "word_features.word_embedding", "wide."))
        assert np.array_equal(old[name], new[name]) == is_frozen, name
    assert tagger.parts.featurizer.words == Tagger.load(first / "model").parts.featurizer.words
    assert json.loads((folder / "metrics.json").read_text())["data"]["started_from"]["frozen"] == [
        "encoder", "words", "wide"
    ]  # fmt: skip


@pytest.mark.slow
def test_all_before_the_encoder_can_be_frozen(first, tmp_path):
    parts = ["words", "characters", "casing", "affixes"]
    folder, _ = go_on(first, tmp_path, freeze=parts, epochs=1)
    name = "word_features.char_cnn.convolution.weight"
    assert np.array_equal(weights_of(first)[name], weights_of(folder)[name])


@pytest.mark.slow
def test_an_interrupted_run_from_a_model_is_resumed_with_the_same_result(first, tmp_path, monkeypatch):
    from training.test_resume import interrupted

    whole, _ = go_on(first, tmp_path)
    folder = tmp_path / "cut"
    config = tiny_config(folder, **options(first))
    interrupted(monkeypatch, folder, after=1, config=config)
    train(replace(config, resume=True), splits=tiny_splits())
    for name, array in weights_of(whole).items():
        assert np.array_equal(array, weights_of(folder)[name]), name


@pytest.mark.slow
def test_resuming_from_another_model_is_an_error(first, tmp_path, monkeypatch):
    from training.test_resume import interrupted

    other, _ = go_on(first, tmp_path)
    folder = tmp_path / "cut"
    config = tiny_config(folder, **options(first))
    interrupted(monkeypatch, folder, after=1, config=config)
    with pytest.raises(
        UsageError, match=r"resume: the model to start from is not the one that the run in .* was begun"
    ):
        train(replace(config, resume=True, init=other / "model"), splits=tiny_splits())


@pytest.mark.slow
def test_what_the_run_started_from_is_in_its_metrics_and_card(first, tmp_path):
    folder, _ = go_on(first, tmp_path)
    origin = json.loads((folder / "metrics.json").read_text())["data"]["started_from"]
    assert origin["folder"] == "model"
    assert origin["config_sha256"] == Tagger.load(first / "model").parts.digest
    assert 0 <= origin["dev"] <= 1
    assert origin["config_sha256"] in (folder / "model" / "README.md").read_text()
    assert str(tmp_path) not in (folder / "model" / "README.md").read_text()


def plain(*labels):
    return Splits([Example((f"word{i}",), (label,)) for i, label in enumerate(labels)] * 2)


@pytest.mark.parametrize(
    ("others", "message"),
    [
        ({"freeze": ["encodr"]},
         "freeze: 'encodr': there is no such part. Parts of {first}/model: words, characters, casing, "
         "affixes, encoder, projection, crf, wide"),
        ({"freeze": ["vectors"]},
         "freeze: 'vectors': the model has none. Parts of {first}/model: words, characters, casing, "
         "affixes, encoder, projection, crf, wide"),
        ({"freeze": ["words", "characters", "casing", "affixes", "encoder", "projection", "crf", "wide"]},
         "freeze: nothing would be left to learn; expected fewer than all parts"),
        ({"model": replace(WIDE, hidden_dim=7)},
         "model.hidden_dim: expected 6, as {first}/model has it, found 7. A run that starts from a model keeps its "
         "architecture; leave the option out"),
        ({"model": replace(TaggerConfig(), scheme="bioes")},
         "model.scheme: expected iob2, as {first}/model has it, found bioes. A run that starts from a model keeps its "
         "architecture; leave the option out"),
    ],
)  # fmt: skip
def test_what_does_not_fit_the_model_is_a_usage_error(first, tmp_path, others, message):
    with pytest.raises(UsageError) as caught:
        go_on(first, tmp_path, **others)
    assert str(caught.value) == message.format(first=first)


def test_vectors_beside_a_model_to_start_from_are_an_error(first, tmp_path):
    (tmp_path / "vectors.txt").write_text("a 1 2\n")
    model = replace(TINY_MODEL, vectors="frozen", vector_dim=2)
    with pytest.raises(UsageError, match=r"^vectors\.path: has no effect with init"):
        go_on(first, tmp_path, model=model, vectors=VectorsConfig(path=tmp_path / "vectors.txt"))


def test_new_labels_with_a_frozen_projection_are_an_error(first, tmp_path):
    splits = Splits([*tiny_splits().train, Example(("x",), ("B-DRUG",))], tiny_splits().dev)
    with pytest.raises(UsageError, match="freeze: crf: cannot stay as it is, since the labels change"):
        go_on(first, tmp_path, splits, freeze=["crf"])


@pytest.mark.slow
def test_labels_can_be_kept_or_replaced(first, tmp_path):
    splits = Splits([Example(("Rome", "x"), ("B-LOC", "B-DRUG"))] * 4, [Example(("Rome",), ("B-LOC",))])
    with pytest.raises(LabelError) as caught:
        go_on(first, tmp_path, splits, init_labels="keep")
    assert str(caught.value) == (
        f"the data to learn from has types that the model lacks: DRUG; {first}/model has the types LOC, MISC, ORG, "
        "PER. "
        "Pass init_labels='extend' to add them"
    )
    _, tagger = go_on(first, tmp_path, splits, init_labels="replace", epochs=1)
    assert tagger.labels == ("O", "B-DRUG", "I-DRUG", "B-LOC", "I-LOC")


@pytest.mark.slow
def test_a_dev_label_that_only_the_model_knows_is_known(first, tmp_path):
    splits = Splits(
        [Example(("Rome", "x"), ("B-LOC", "O"))] * 4, [Example(("Oslo", "Anna"), ("B-LOC", "B-PER"))]
    )
    _, tagger = go_on(first, tmp_path, splits, epochs=1)
    assert "B-PER" in tagger.labels


@pytest.mark.slow
def test_plain_labels_for_a_model_of_spans_are_an_error(first, tmp_path):
    data = DataConfig(dev_fraction=0)
    with pytest.raises(LabelError) as caught:
        go_on(first, tmp_path, plain("NOUN", "VERB"), data=data)
    assert str(caught.value) == (
        f"the training data has plain labels, {first}/model has labels of spans (iob2). Pass init_labels='replace' to "
        "learn the data's labels alone"
    )
    _, tagger = go_on(first, tmp_path, plain("NOUN", "VERB"), data=data, init_labels="replace")
    assert tagger.labels == ("NOUN", "VERB")


@pytest.mark.slow
def test_plain_labels_of_which_the_model_has_none_are_an_error_unless_replaced(tmp_path):
    data = DataConfig(dev_fraction=0)
    train(tiny_config(tmp_path / "first", data=data), splits=plain("NOUN", "VERB"))
    with pytest.raises(LabelError) as caught:
        go_on(tmp_path / "first", tmp_path, plain("NN", "VB"), data=data)
    assert str(caught.value) == (
        f"none of the labels to learn is one of the model's: NN, VB; {tmp_path}/first/model has the "
        "labels NOUN, VERB. Pass init_labels='replace' to learn the data's labels alone"
    )
    _, tagger = go_on(tmp_path / "first", tmp_path, plain("NN", "VB"), data=data, init_labels="replace")
    assert tagger.labels == ("NN", "VB")


def test_a_folder_that_is_no_model_is_an_error_that_names_it(first, tmp_path):
    with pytest.raises(ModelError, match=str(tmp_path / "none")):
        train(tiny_config(tmp_path / "run", init=tmp_path / "none"), splits=tiny_splits())
    with pytest.raises(ModelError, match="model"):
        train(tiny_config(tmp_path / "run", init=first), splits=tiny_splits())


@pytest.mark.slow
def test_the_segmenter_is_the_models(first, tmp_path):
    _, tagger = go_on(first, tmp_path, epochs=1)
    assert tagger.parts.segmenter == Tagger.load(first / "model").parts.segmenter


@pytest.mark.slow
def test_replay_mixes_earlier_sentences_into_every_epoch(first, tmp_path, monkeypatch):
    splits = tiny_splits()
    new = Splits(splits.train[16:20], splits.dev, replay=splits.train[:16])
    made = modules_made(monkeypatch)
    go_on(first, tmp_path, new, replay_ratio=2.0, batch_size=4)
    assert made[0]._epoch_starts == [0, 3, 6, 9]  # 4 new and 8 earlier ones in batches of 4
    from tagger.training.data import prepare

    prepared = prepare(new, DataConfig(), inner_scheme="iob2", seed=1)
    assert [example.tokens for example in prepared.learned[4:]] == [
        example.tokens for example in splits.train[:16]
    ]


@pytest.mark.slow
def test_earlier_sentences_come_from_files_too_and_their_names_are_kept(first, tmp_path):
    write_conll(tmp_path / "old.conll", "Oslo B-LOC\n\nAnna B-PER\n")
    folder, _ = go_on(first, tmp_path, replay=[tmp_path / "*.conll"], epochs=1)
    replay = json.loads((folder / "metrics.json").read_text())["data"]["replay"]
    assert [(each["file"], each["sentences"]) for each in replay] == [("old.conll", 2)]


@pytest.mark.parametrize(
    ("options", "splits", "message"),
    [
        ({"replay": ["old.conll"]}, {}, r"^replay: has no effect without init$"),
        ({"freeze": ["encoder"]}, {}, r"^freeze: has no effect without init$"),
        ({"init_labels": "keep"}, {}, r"^init_labels: has no effect without init$"),
        ({}, {"replay": [Example(("a",), ("O",))]}, r"^splits: replay has no effect without init$"),
    ],
)
def test_what_belongs_to_a_model_to_start_from_is_an_error_without_one(tmp_path, options, splits, message):
    with pytest.raises(UsageError, match=message):
        train(tiny_config(tmp_path / "run", **options), splits=replace(tiny_splits(), **splits))


def test_a_ratio_without_earlier_sentences_is_an_error(first, tmp_path):
    with pytest.raises(UsageError, match=r"^replay_ratio: has no effect without replay$"):
        go_on(first, tmp_path, replay_ratio=2.0)


@pytest.mark.parametrize(
    "options",
    [
        {"scheme": "bioes"},
        {"scheme": "io"},
        {"decoder": "softmax"},
        {"bidirectional": False},
        {"cell": "gru", "num_layers": 2},
    ],
    ids=str,
)
@pytest.mark.slow
def test_every_kind_of_model_can_be_gone_on_from(tmp_path, options):
    model = replace(WIDE, **options)
    splits = tiny_splits()
    train(
        tiny_config(tmp_path / "first", model=model, epochs=1), splits=Splits(splits.train[:16], splits.dev)
    )
    new = Splits([*splits.train, Example(("x",), ("B-DRUG",))], splits.dev)
    folder, tagger = go_on(tmp_path / "first", tmp_path, new, epochs=1)
    assert (tagger.config.scheme, tagger.config.cell) == (
        options.get("scheme", "iob2"),
        options.get("cell", "lstm"),
    )
    assert {label[2:] for label in tagger.labels} - {""} >= {"DRUG", "PER"}
    if "decoder" in options:
        assert not weights_of(folder)["decoder.transitions"].any()


@pytest.mark.parametrize("before", ["iob2", "bioes", "io"])
@pytest.mark.parametrize("after", ["iob2", "bioes", "io"])
@pytest.mark.slow
def test_labels_are_replaced_whatever_the_schemes(tmp_path, before, after):
    splits = tiny_splits()
    config = tiny_config(tmp_path / "first", model=replace(TINY_MODEL, scheme=before), epochs=1)
    train(config, splits=splits)
    model = replace(TaggerConfig(), scheme=after)
    _, tagger = go_on(tmp_path / "first", tmp_path, splits, init_labels="replace", model=model, epochs=1)
    assert tagger.config.scheme == after


@pytest.mark.slow
def test_a_model_in_half_precision_is_gone_on_from_in_single(first, tmp_path):
    train(tiny_config(tmp_path / "half", weights="float16", epochs=1), splits=tiny_splits())
    _, tagger = go_on(tmp_path / "half", tmp_path, epochs=1)
    assert tagger.parts.stored_as == "float32"


@pytest.mark.slow
def test_how_it_is_trained_is_configured_and_the_rest_is_the_models(first, tmp_path, caplog):
    model = replace(WIDE, dropout=0.2)
    train(tiny_config(tmp_path / "first", model=model, epochs=1), splits=tiny_splits())
    with caplog.at_level("INFO", "tagger"):
        _, tagger = go_on(tmp_path / "first", tmp_path, epochs=1)
    assert (tagger.config.dropout, tagger.config.hidden_dim) == (0.5, 6)
    assert any(
        "unlike the defaults: word_dim 8, char_dim 4," in record.getMessage() for record in caplog.records
    )


@pytest.mark.slow
def test_the_transitions_of_a_softmax_model_are_no_part_to_freeze(tmp_path):
    train(
        tiny_config(tmp_path / "first", model=replace(TINY_MODEL, decoder="softmax"), epochs=1),
        splits=tiny_splits(),
    )
    with pytest.raises(UsageError, match=r"^freeze: 'crf': the model has none"):
        go_on(tmp_path / "first", tmp_path, freeze=["crf"])
    with pytest.raises(UsageError, match=r"^freeze: nothing would be left to learn"):
        go_on(
            tmp_path / "first",
            tmp_path,
            freeze=["words", "characters", "casing", "affixes", "encoder", "projection"],
        )


def test_a_model_in_the_runs_own_folder_is_refused(first):
    with pytest.raises(UsageError, match=r"^init: .* lies in the run's own folder"):
        train(tiny_config(first, init=first / "model", overwrite=True), splits=tiny_splits())


def test_at_least_one_earlier_sentence_is_in_an_epoch(first, tmp_path, monkeypatch):
    splits = tiny_splits()
    made = modules_made(monkeypatch)
    new = Splits(splits.train[16:20], splits.dev, replay=splits.train[:16])
    go_on(first, tmp_path, new, replay_ratio=0.01, batch_size=1, epochs=2)
    assert made[0]._epoch_starts == [0, 5, 10]


def test_a_calibrated_model_is_trained_on_at_temperature_1_without_thresholds(tmp_path, first):
    shutil.copytree(first, tmp_path / "first")
    types = Tagger.load(tmp_path / "first" / "model").parts.types
    store_calibration(tmp_path / "first" / "model", temperature=2.0)
    store_calibration(tmp_path / "first" / "model", thresholds={types[0]: 0.5})
    folder, _ = go_on(tmp_path / "first", tmp_path, epochs=1)
    parts = Tagger.load(folder / "model").parts
    assert (parts.temperature, parts.thresholds) == (1.0, {})
    assert "## Calibration" not in (folder / "model" / "README.md").read_text()
