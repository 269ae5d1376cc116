"""Training with document context: what it learns, what it reads together, and that it can be resumed."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_runs import TINY_MODEL, tiny_config, tiny_splits

from tagger import Tagger, TaggerConfig
from tagger.errors import DataError, UsageError
from tagger.examples import Example
from tagger.training import DataConfig, OptimizerConfig, Splits, train
from tagger.training import splits as splits_module
from tagger.training.batches import EpochParts, TrainingOrder, in_pieces
from tagger.training.callbacks import EpochReport
from tagger.training.splits import read_splits
from tagger.training.train import TrainingInterrupted

READS_DOCUMENTS = replace(TINY_MODEL, document_context=True, document_tokens=60, block_tokens=12)


def with_documents(examples, *, size, prefix=""):
    """Every ``size`` sentences one document."""
    return [replace(example, document=f"{prefix}{i // size}") for i, example in enumerate(examples)]


def splits_with_documents(**options):
    splits = tiny_splits(**options)
    return Splits(*(with_documents(getattr(splits, name), size=4) for name in ("train", "dev", "test")))


# A task that only other sentences of the document can solve


def ambiguous_names(num_documents, *, seed):
    """Documents that say once who a name is, "mr Kim" or "in Kim", and then use it where nothing tells.

    The sentences stand far apart: another one is longer than a block.
    """
    generator = np.random.default_rng(seed)
    examples = []
    for document in range(num_documents):
        name = f"Name{chr(97 + generator.integers(26))}{chr(97 + generator.integers(26))}"
        kind, cue = (("PER", "mr"), ("LOC", "in"))[generator.integers(2)]
        told = Example((cue, name), ("O", f"B-{kind}"), str(document))
        between = Example(("the",) * 9, ("O",) * 9, str(document))
        asked = Example(("then", name, "won"), ("O", f"B-{kind}", "O"), str(document))
        examples += [told, between, asked] if generator.integers(2) else [asked, between, told]
    return examples


def names_config(folder, **options):
    # Nothing of a name itself: all names are the same unknown word.
    model = replace(
        TINY_MODEL, word_dim=12, char_dim=0, char_filters=0, affix_dim=0, affixes=TaggerConfig.affixes,
        hash_buckets=TaggerConfig.hash_buckets, hidden_dim=12, dropout=0.0, word_dropout=0.0, singleton_dropout=1.0,
        **{"block_tokens": 9, **options} if options else {},
    )  # fmt: skip
    optimizer = OptimizerConfig(learning_rate=0.02, ema_decay=0.0, warmup_steps=0)
    return tiny_config(folder, model=model, optimizer=optimizer, epochs=10, batch_size=16)


def test_what_only_another_sentence_of_the_document_tells_is_learned_with_document_context_alone(tmp_path):
    splits = Splits(ambiguous_names(120, seed=1), ambiguous_names(40, seed=2), ambiguous_names(40, seed=3))
    train(names_config(tmp_path / "with", document_context=True), splits=splits)
    train(names_config(tmp_path / "without"), splits=splits)
    with_context, without = (
        json.loads((tmp_path / name / "metrics.json").read_text())["test"] for name in ("with", "without")
    )
    assert with_context["value"] > 0.99
    # Half of the names are told in their sentence, of the others half are guessed right.
    assert with_context["sentences_alone"]["value"] < 0.85
    assert without["value"] < 0.85
    assert "sentences_alone" not in without


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("documents") / "run"
    config = tiny_config(folder, model=READS_DOCUMENTS, epochs=4, batch_size=6, loggers=["csv"])
    return folder, config, train(config, splits=splits_with_documents())


def test_both_scores_are_in_metrics_and_card(run):
    from tagger.metrics import score

    folder, _, tagger = run
    metrics = json.loads((folder / "metrics.json").read_text())
    examples = splits_with_documents().dev
    sentences = [example.tokens for example in examples]
    predicted = tagger.tag(sentences, documents=[example.document for example in examples])
    assert metrics["dev"]["value"] == score(examples, predicted, tagger.scheme).value
    alone = score(examples, tagger.tag(sentences), tagger.scheme)
    assert metrics["dev"]["sentences_alone"]["value"] == alone.value
    assert metrics["dev"]["sentences_alone"]["num_sentences"] == len(examples)
    assert max(epoch["dev_score"] for epoch in metrics["history"]) == pytest.approx(metrics["dev"]["value"])
    card = (folder / "model" / "README.md").read_text()
    assert f"| dev, sentences read alone | 8 | f1 | {100 * alone.value:.2f} % |" in card


def test_a_run_resumes_bit_for_bit_and_not_with_other_documents(run, tmp_path, monkeypatch):
    whole, config, _ = run
    config = replace(config, output=str(tmp_path / "run"))
    original = EpochReport.on_train_batch_end

    def stop(self, trainer, module, outputs, batch, batch_idx):
        original(self, trainer, module, outputs, batch, batch_idx)
        if trainer.current_epoch == 2 and batch_idx == 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(EpochReport, "on_train_batch_end", stop)
        with pytest.raises(TrainingInterrupted):
            train(config, splits=splits_with_documents())
    splits = splits_with_documents()
    others = Splits(with_documents(splits.train, size=6), splits.dev, splits.test)
    with pytest.raises(UsageError, match="resume: the train or dev split is not the one"):
        train(replace(config, resume=True), splits=others)
    train(replace(config, resume=True), splits=splits)
    weights = [(folder / "model" / "model.safetensors").read_bytes() for folder in (whole, tmp_path / "run")]
    assert weights[0] == weights[1]


def test_a_model_without_document_context_learns_the_same_with_and_without_documents(tmp_path):
    for name, splits in (("with", splits_with_documents()), ("without", tiny_splits())):
        train(tiny_config(tmp_path / name, epochs=1), splits=splits)
    weights = [(tmp_path / name / "model" / "model.safetensors").read_bytes() for name in ("with", "without")]
    assert weights[0] == weights[1]


def test_data_without_documents_is_read_sentence_by_sentence_and_that_is_said(tmp_path, caplog):
    caplog.set_level(logging.INFO, logger="tagger")
    train(tiny_config(tmp_path / "run", model=READS_DOCUMENTS, epochs=1), splits=tiny_splits())
    assert "no document in the train split: each sentence is read alone" in caplog.text
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["dev"]["value"] == metrics["dev"]["sentences_alone"]["value"]


def test_an_epoch_of_sentences_without_documents_has_the_batches_of_a_model_without_document_context():
    lengths = np.random.default_rng(0).integers(1, 30, 200)
    parts = EpochParts(
        lengths, [None] * 200, document_tokens=2048, max_sentences=8, block_tokens=64, split_documents=0.15,
        seed=1,
    )  # fmt: skip
    options = {"batch_size": 8, "batch_tokens": 100, "pool": 3, "seed": 1}
    ours, theirs = TrainingOrder(lengths, parts=parts, **options), TrainingOrder(lengths, **options)
    assert [ours.batches(epoch) for epoch in range(3)] == [theirs.batches(epoch) for epoch in range(3)]


# Which sentences an epoch reads together


def epoch_parts(share, *, seed=1, num_documents=400):
    documents = [i // 3 for i in range(3 * num_documents)]
    return EpochParts(
        np.full(3 * num_documents, 5), documents, document_tokens=100, max_sentences=8, block_tokens=10,
        split_documents=share, seed=seed,
    )  # fmt: skip


def split_documents(parts):
    """The documents of three sentences whose sentences have parts of their own."""
    return {i for i, row in enumerate(parts.reshape(-1, 3)) if len(set(row.tolist())) == 3}


def test_a_share_of_the_documents_is_split_others_in_each_epoch_by_the_seed():
    found = [split_documents(epoch_parts(0.15).of_epoch(epoch)) for epoch in range(4)]
    assert all(35 <= len(documents) <= 85 for documents in found)
    assert len({frozenset(documents) for documents in found}) == 4
    assert found[2] == split_documents(epoch_parts(0.15).of_epoch(2))
    assert found[2] != split_documents(epoch_parts(0.15, seed=2).of_epoch(2))
    assert split_documents(epoch_parts(0.0).of_epoch(0)) == set()
    assert split_documents(epoch_parts(1.0).of_epoch(0)) == set(range(400))


@pytest.mark.parametrize("num_devices", [1, 2])
def test_batches_hold_whole_parts_of_about_as_many_sentences_as_wanted(num_devices):
    parts = epoch_parts(0.15)
    order = TrainingOrder(
        np.full(1200, 5),
        batch_size=10,
        batch_tokens=400,
        pool=4,
        seed=1,
        num_devices=num_devices,
        parts=parts,
    )
    numbers = parts.of_epoch(5)
    batches = [batch for rank in range(num_devices) for batch in order.batches(5, rank)]
    assert set().union(*batches) == set(range(1200))
    sizes = [len(batch) for batch in batches]
    assert 9 <= max(sizes) <= 11
    assert 9 <= np.median(sizes) <= 10
    for batch in batches:
        of_batch = numbers[batch].tolist()
        for number in set(of_batch):
            assert of_batch.count(number) == (numbers == number).sum()  # whole
            first = of_batch.index(number)
            assert set(of_batch[first : first + of_batch.count(number)]) == {number}  # side by side


def test_where_all_documents_are_split_training_is_that_of_sentences_without_documents(tmp_path):
    weights = {}
    for name, splits, share in (
        ("all split", splits_with_documents(), 1.0),
        ("some split", splits_with_documents(), 0.5),
        ("without", tiny_splits(), 0.15),
    ):
        config = tiny_config(
            tmp_path / name, model=READS_DOCUMENTS, epochs=1, split_documents=share,
            data=DataConfig(dev_fraction=0),
        )  # fmt: skip
        train(config, splits=Splits(splits.train))
        weights[name] = (tmp_path / name / "model" / "model.safetensors").read_bytes()
    assert weights["all split"] == weights["without"] != weights["some split"]


@given(sizes=st.lists(st.integers(1, 40), max_size=6), max_sentences=st.integers(1, 12))
def test_long_parts_are_read_in_equal_pieces(sizes, max_sentences):
    parts = np.repeat(np.arange(len(sizes)), sizes)
    pieces = in_pieces(parts, max_sentences=max_sentences)
    assert pieces.tolist() == sorted(pieces.tolist())
    for number, size in enumerate(sizes):
        counts = np.unique(pieces[parts == number], return_counts=True)[1]
        assert len(counts) == -(-size // max_sentences)
        assert max(counts) - min(counts) <= 1
        assert max(counts) <= max_sentences
    assert len(set(pieces.tolist())) == sum(-(-size // max_sentences) for size in sizes)


def test_a_long_document_gives_many_batches(tmp_path):
    parts = EpochParts(
        np.full(300, 2), ["a"] * 300, document_tokens=2048, max_sentences=8, block_tokens=64,
        split_documents=0.0, seed=1,
    )  # fmt: skip
    order = TrainingOrder(np.full(300, 2), batch_size=8, batch_tokens=4096, pool=50, seed=1, parts=parts)
    assert max(map(len, order.batches(0))) <= 8


# What is set aside, learned from, and refused


def test_dev_sentences_set_aside_and_a_share_to_learn_from_are_whole_documents(tmp_path):
    examples = with_documents(tiny_splits().train, size=3)
    data = DataConfig(train_fraction=0.5)
    train(tiny_config(tmp_path / "run", model=READS_DOCUMENTS, data=data, epochs=1), splits=Splits(examples))
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["sentences"]["dev"] == 3  # a tenth of 24 is 2.4
    assert metrics["sentences"]["train"] in (9, 12)


@pytest.mark.parametrize("size", [12, 24])
def test_sentences_are_set_aside_where_documents_are_too_long_to_be_spared(tmp_path, size):
    examples = with_documents(tiny_splits().train, size=size)
    config = tiny_config(tmp_path / "run", model=READS_DOCUMENTS, epochs=1)
    train(config, splits=Splits(examples))
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["sentences"] == {"train": 22, "dev": 2, "test": 0}


def test_documents_that_come_again_are_refused_with_file_and_line(tmp_path):
    examples = [
        Example(("Anna",), ("B-PER",), document, f"a.jsonl:{line}")
        for line, document in enumerate(["x", "y", "x"], start=1)
    ]
    message = (
        r"a\.jsonl:3: document 'x' comes again, after other sentences; expected the sentences of a document side by "
        r"side\. Bring them together, or give documents that come again another id\."
    )
    for splits in (Splits(examples), Splits(examples[:2], examples), Splits(examples[:2], (), examples)):
        config = tiny_config(tmp_path / "run", model=READS_DOCUMENTS, epochs=1)
        with pytest.raises(DataError, match=f"^{message}$"):
            train(config, splits=splits)
    config = tiny_config(tmp_path / "run", epochs=1, data=DataConfig(dev_fraction=0))
    assert isinstance(train(config, splits=Splits(examples)), Tagger)


def test_options_without_effect_are_refused(tmp_path):
    with pytest.raises(
        UsageError, match=r"split_documents: has no effect while model\.document_context is off"
    ):
        tiny_config(tmp_path, split_documents=0.5)
    with pytest.raises(UsageError, match="split_documents: expected a share from 0 to 1, found 2"):
        tiny_config(tmp_path, model=READS_DOCUMENTS, split_documents=2.0)
    for option in ("block_tokens", "document_tokens"):
        with pytest.raises(UsageError, match=f"{option}: has no effect, since document_context is off"):
            replace(TINY_MODEL, **{option: 7})
    with pytest.raises(UsageError, match="block_tokens: has no effect, since document_tokens is smaller"):
        replace(TINY_MODEL, document_context=True, block_tokens=50, document_tokens=40)


# Which column names the documents


def test_documents_are_named_by_a_key_or_by_a_column_of_a_dataset(tmp_path, monkeypatch):
    rows = [{"tokens": ["Bo"], "labels": ["O"], "page": page, "document": "x"} for page in ("a", "a", "b")]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    def documents(**options):
        return [example.document for example in read_splits(DataConfig(train=path, **options)).train]

    assert documents(document_column="page") == ["a", "a", "b"]
    assert documents() == ["x"] * 3
    with pytest.raises(DataError, match="expected the id of a document under 'doc' on one line at least"):
        documents(document_column="doc")
    asked = {}

    def load_splits(dataset, **options):
        asked.update(options)
        raise DataError("seen")

    monkeypatch.setattr(splits_module, "load_splits", load_splits)
    with pytest.raises(DataError, match="seen"):
        read_splits(DataConfig(dataset="a/b", document_column="doc"))
    assert asked["document_column"] == "doc"


def test_a_document_column_without_effect_is_refused(tmp_path):
    with pytest.raises(
        UsageError, match=r"data\.document_column: has no effect without data\.train or data\.dat"
    ):
        DataConfig(document_column="page")
    data = DataConfig(train="a.jsonl", document_column="page")
    with pytest.raises(
        UsageError, match=r"data\.document_column: has no effect while model\.document_context is off"
    ):
        tiny_config(tmp_path, data=data)
    path = tmp_path / "a.conll"
    path.write_text("Bo O\n")
    with pytest.raises(UsageError, match="document_column has no effect on the format conll"):
        read_splits(DataConfig(train=path, document_column="page"))
