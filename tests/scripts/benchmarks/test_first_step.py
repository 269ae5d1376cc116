"""The way to the first step of two versions, this one standing in for both; never how long or large it was."""

import json
import sys
from collections import Counter
from itertools import islice

import pytest

from tagger.examples import Example

SENTENCES = [
    Example(("Oslo", "is", "it"), ("B-LOC", "O", "O")),
    Example(("it", "is", "Bo"), ("O", "O", "B-PER")),
]


def test_a_corpus_grows_by_variants_of_the_words_it_has_once(script):
    first_step = script("first_step")
    grown = list(first_step.growing(SENTENCES, 401))
    assert grown[:2] == SENTENCES
    assert len(grown) == 401
    assert all(example.labels == SENTENCES[number % 2].labels for number, example in enumerate(grown))
    counts = Counter(token for example in grown for token in example.tokens)
    assert counts["is"] == 401
    variants = {word for word in counts if word.startswith("Oslo")}
    assert 10 < len(variants) < 100
    assert counts["Oslo"] == max(counts[word] for word in variants)


def test_the_same_corpus_grows_in_the_same_way(script):
    growing = script("first_step").growing
    assert list(growing(SENTENCES, 50)) == list(islice(growing(SENTENCES, 60), 50))
    assert list(growing(SENTENCES, 50)) != list(growing(SENTENCES, 50, seed=2))


def test_parquet_holds_integers_with_names(script, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    pytest.importorskip("datasets")
    path = tmp_path / "train.parquet"
    assert script("first_step").write_parquet(SENTENCES, 2, path) == (6, 4)
    table = parquet.read_table(path)
    assert table["tokens"].to_pylist() == [["Oslo", "is", "it"], ["it", "is", "Bo"]]
    assert table["ner_tags"].to_pylist() == [[0, 2, 2], [2, 2, 1]]
    features = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
    assert features["ner_tags"]["feature"]["names"] == ["B-LOC", "B-PER", "O"]


@pytest.mark.slow
def test_both_versions_are_measured_by_both_ways(script, monkeypatch, tmp_path, capsys):
    pytest.importorskip("datasets")
    corpus, out = tmp_path / "corpus.conll", tmp_path / "out.json"
    corpus.write_text("Oslo B-LOC\nis O\nit O\n\nit O\nis O\nBo B-PER\n", encoding="utf-8")
    first_step = script("first_step")
    monkeypatch.setattr(first_step, "extract", lambda commit, folder: folder.symlink_to(first_step.ROOT))
    monkeypatch.setattr(first_step, "check_source", lambda source: None)
    options = ["--sentences", "40", "--rounds", "1", "--commit", "abc", "--json", str(out)]
    monkeypatch.setattr(sys, "argv", ["first_step.py", str(corpus), *options])
    first_step.main()
    contents = json.loads(out.read_text(encoding="utf-8"))
    assert contents["machine"]["baseline"] == "abc"
    assert [title.split(",")[0] for title in contents["tables"]] == ["data.dataset", "data.train"]
    for rows in contents["tables"].values():
        assert [row["version"] for row in rows] == ["baseline", "tagger"]
        for row in rows:
            assert 0 < row["before, MiB"] <= row["memory, MiB"]
            assert row["processor, s"] > 0
        assert [rows[0][f"{measure}: ratio"] for measure in ("processor", "clock", "peak")] == [1, 1, 1]
    assert "data.train" in capsys.readouterr().out


@pytest.mark.slow
def test_a_run_that_fails_is_shown(script, tmp_path):
    first_step = script("first_step")
    with pytest.raises(SystemExit, match=r"nowhere\.parquet: no such file"):
        first_step.run(first_step.ROOT, tmp_path / "run", ["train=nowhere.parquet"])
