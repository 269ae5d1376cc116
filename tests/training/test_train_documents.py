"""Training on documents: both scores are reported, and what is set aside are whole documents."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from tiny_runs import tiny_config, tiny_splits

from tagger import Tagger
from tagger.errors import DataError, UsageError
from tagger.examples import Example
from tagger.metrics import score
from tagger.options import options_of_command_line
from tagger.training import DataConfig, Splits, train
from tagger.training import splits as splits_module
from tagger.training.data import prepare
from tagger.training.splits import read_splits


def with_documents(examples, *, size):
    """Every ``size`` sentences one document."""
    return [replace(example, document=str(i // size)) for i, example in enumerate(examples)]


def splits_with_documents():
    splits = tiny_splits()
    return Splits(*(with_documents(getattr(splits, name), size=4) for name in ("train", "dev", "test")))


def metrics_of(folder):
    return json.loads((folder / "metrics.json").read_text())


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("documents") / "run"
    return folder, train(tiny_config(folder, epochs=2), splits=splits_with_documents())


def test_both_scores_are_in_metrics_and_card(run):
    folder, tagger = run
    metrics, examples = metrics_of(folder), splits_with_documents().dev
    sentences = [example.tokens for example in examples]
    together = tagger.tag(sentences, documents=[example.document for example in examples])
    alone = score(examples, tagger.tag(sentences), tagger.scheme)
    assert metrics["dev"]["value"] == score(examples, together, tagger.scheme).value
    assert metrics["dev"]["sentences_alone"]["value"] == alone.value
    assert metrics["dev"]["sentences_alone"]["num_sentences"] == len(examples)
    # While it trains, sentences are scored alone.
    assert max(epoch["dev_score"] for epoch in metrics["history"]) == pytest.approx(alone.value)
    card = (folder / "model" / "README.md").read_text()
    assert f"| dev, each sentence alone | 8 | f1 | {100 * alone.value:.2f} % |" in card
    assert '"document_consistency": 0.6' in card


@pytest.mark.slow
def test_without_documents_or_a_weight_for_them_there_is_one_score(tmp_path):
    for name, options, splits in (
        ("without", {}, tiny_splits()),
        ("off", {"document_consistency": 0.0}, splits_with_documents()),
    ):
        tagger = train(tiny_config(tmp_path / name, epochs=1, **options), splits=splits)
        assert tagger.reads_documents is (name == "without")
        assert "sentences_alone" not in metrics_of(tmp_path / name)["dev"]


@pytest.mark.slow
def test_the_weight_is_that_of_the_tagger_that_scores(tmp_path, run):
    splits = splits_with_documents()
    config = tiny_config(tmp_path / "run", epochs=2, document_consistency=40.0)
    tagger = train(config, splits=splits)
    sentences = [example.tokens for example in splits.dev]
    documents = [example.document for example in splits.dev]
    found = tagger.marginals(sentences, documents=documents)
    strong = Tagger.load(tmp_path / "run" / "model", document_consistency=40.0)
    for one, other in zip(found, strong.marginals(sentences, documents=documents), strict=True):
        assert (one == other).all()
    usual = run[1].marginals(sentences, documents=documents)
    assert any((one != other).any() for one, other in zip(found, usual, strict=True))


@pytest.mark.slow
def test_the_weights_are_those_of_training_without_documents(tmp_path, run):
    train(tiny_config(tmp_path / "run", epochs=2), splits=tiny_splits())
    weights = [(folder / "model" / "model.safetensors").read_bytes() for folder in (run[0], tmp_path / "run")]
    assert weights[0] == weights[1]


# What is set aside, and refused


def test_dev_sentences_set_aside_are_whole_documents(tmp_path):
    examples = with_documents(tiny_splits().train, size=3)
    train(tiny_config(tmp_path / "run", epochs=1), splits=Splits(examples))
    assert metrics_of(tmp_path / "run")["sentences"]["dev"] == 3  # a tenth of 24 is 2.4


@pytest.mark.parametrize("size", [12, 24])
@pytest.mark.slow
def test_sentences_are_set_aside_where_documents_are_too_long_to_be_spared(tmp_path, size):
    examples = with_documents(tiny_splits().train, size=size)
    train(tiny_config(tmp_path / "run", epochs=1), splits=Splits(examples))
    assert metrics_of(tmp_path / "run")["sentences"] == {"train": 22, "dev": 2, "test": 0}


def test_documents_that_come_again_are_refused_with_file_and_line(tmp_path):
    examples = [
        Example(("Anna",), ("B-PER",), document, f"a.jsonl:{line}")
        for line, document in enumerate(["x", "y", "x"], start=1)
    ]
    message = (
        r"a\.jsonl:3: document 'x' comes again, after other sentences; expected the sentences of a document side by "
        r"side\. Bring them together, give documents that come again another id, or look at each sentence alone: "
        r"document_consistency=0\."
    )
    for splits in (Splits(examples), Splits(examples[:2], examples), Splits(examples[:2], (), examples)):
        with pytest.raises(DataError, match=f"^{message}$"):
            train(tiny_config(tmp_path / "run", epochs=1), splits=splits)


@pytest.mark.slow
def test_train_documents_may_come_again_where_no_dev_split_is_set_aside(tmp_path):
    def write(name, documents):
        path = tmp_path / name
        rows = [{"tokens": ["Anna"], "labels": ["B-PER"], "document": document} for document in documents]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path

    train_path, dev_path = write("train.jsonl", "abab"), write("dev.jsonl", "aab")
    data = DataConfig(train=train_path, dev=dev_path)
    assert train(tiny_config(tmp_path / "dev", epochs=1, data=data)).reads_documents
    data = DataConfig(train=train_path, dev_fraction=0)
    assert train(tiny_config(tmp_path / "no-dev", epochs=1, data=data)).reads_documents
    with (
        options_of_command_line(),
        pytest.raises(DataError, match=r"train\.jsonl:3: .* alone: --document_consistency 0\.$"),
    ):
        train(tiny_config(tmp_path / "set-aside", epochs=1, data=DataConfig(train=train_path)))


@pytest.mark.parametrize("options", [{"document_consistency": 0.0}, {"scheme": "none"}], ids=str)
def test_documents_may_come_again_where_they_do_not_matter(tmp_path, options):
    examples = [Example(("Anna",), ("B-PER",), document) for document in ("x", "y", "x")]
    data = DataConfig(dev_fraction=0, scheme=options.pop("scheme", "auto"))
    config = tiny_config(tmp_path / "run", epochs=1, data=data, **options)
    assert not train(config, splits=Splits(examples)).reads_documents


@pytest.mark.parametrize("weight", [-0.5, float("nan"), 1e39])
def test_a_weight_that_is_none_is_refused(tmp_path, weight):
    with pytest.raises(
        UsageError, match="document_consistency: expected a number from 0 to 1,000,000, found"
    ):
        tiny_config(tmp_path, document_consistency=weight)


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
    given = Splits([Example(("Bo",), ("O",))])
    with pytest.raises(UsageError, match=r"^data\.document_column: has no effect on Examples$"):
        train(tiny_config(tmp_path / "run", data=DataConfig(document_column="page")), splits=given)
    path = tmp_path / "a.conll"
    path.write_text("Bo O\n")
    with pytest.raises(UsageError, match="document_column has no effect on the format conll"):
        read_splits(DataConfig(train=path, document_column="page"))


def test_options_about_documents_without_effect_on_the_labels_are_refused(tmp_path):
    def run(labels, **options):
        train(
            tiny_config(tmp_path / "run", epochs=1, **options), splits=Splits([Example(("a", "b"), labels)])
        )

    for weight in (0.0, 0.5):
        with pytest.raises(
            UsageError, match=r"^document_consistency: has no effect on labels without spans$"
        ):
            run(("NOUN", "VERB"), document_consistency=weight)


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
@pytest.mark.slow
def test_a_document_column_where_documents_do_not_matter_has_an_effect_on_csv_alone(tmp_path, name):
    path = tmp_path / name

    def run(labels, **options):
        if name == "a.csv":
            # Were it not for the column of documents, sentence 1 of y would come again, after sentence 2 of x.
            places = zip(("x,1", "x,2", "y,1", "y,2"), labels, strict=True)
            lines = [f"{place},w,{label}\n" for place, label in places]
            path.write_text("".join(["page,sentence_id,token,label\n", *lines]))
        else:
            pages = zip("xxyy", labels, strict=True)
            objects = [{"tokens": ["w"], "labels": [label], "page": page} for page, label in pages]
            path.write_text("".join(json.dumps(each) + "\n" for each in objects))
        data = DataConfig(train=path, document_column="page", dev_fraction=0)
        folder = tmp_path / f"run-{labels[0]}"
        return train(tiny_config(folder, epochs=1, data=data, **options)).reads_documents

    plain: tuple[list[str], dict[str, float], str] = (["NOUN", "VERB"] * 2, {}, "on labels without spans")
    alone = (["B-PER", "O"] * 2, {"document_consistency": 0.0}, "with document_consistency=0")
    for labels, options, why in (plain, alone):
        if name == "a.csv":
            assert not run(labels, **options)
            continue
        with pytest.raises(UsageError, match=f"^data.document_column: has no effect {why}$"):
            run(labels, **options)


def test_a_document_column_of_a_dataset_has_no_effect_on_plain_labels():
    config = DataConfig(dataset="a/b", document_column="doc")
    splits = Splits([Example(("a", "b"), ("NOUN", "VERB"))])
    with pytest.raises(UsageError, match=r"^data\.document_column: has no effect on labels without spans$"):
        prepare(splits, config, inner_scheme="auto", seed=1)
