"""recipes/pretrain_vectors.py: what it reads, hands to gensim, writes and refuses; gensim itself where there is one."""

from __future__ import annotations

import gzip
import importlib.util
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from present import present
from tiny_runs import REPOSITORY, SAMPLE

from tagger.vectors import read_vectors

_SPEC = present(
    importlib.util.spec_from_file_location("pretrain_vectors", REPOSITORY / "recipes" / "pretrain_vectors.py")
)
recipe = importlib.util.module_from_spec(_SPEC)
sys.modules["pretrain_vectors"] = recipe  # for its dataclass
present(_SPEC.loader).exec_module(recipe)


class Word2Vec:
    """Stands for gensim's: every word gets its number and its count."""

    last: Word2Vec

    def __init__(self, **options):
        self.options = options
        self.wv: Any = []
        Word2Vec.last = self

    def build_vocab(self, sentences):
        self.sentences = list(sentences)
        counts: dict[str, int] = {}
        for word in (word for sentence in self.sentences for word in sentence):
            counts[word] = counts.get(word, 0) + 1
        kept = [word for word, count in counts.items() if count >= self.options["min_count"]]
        vectors = np.array([[i, counts[word]] for i, word in enumerate(kept)], dtype=np.float64)

        class Vectors(SimpleNamespace):
            def __len__(self):
                return len(self.index_to_key)

        self.wv = Vectors(index_to_key=kept, vectors=vectors)

    def train(self, sentences, **options):
        assert list(sentences) == self.sentences
        self.training = options


@pytest.fixture
def gensim(monkeypatch):
    monkeypatch.setattr(recipe, "_word2vec", lambda: Word2Vec)


def run(*arguments):
    return recipe.main([str(argument) for argument in arguments])


def fails(capsys, *arguments):
    try:
        status = run(*arguments)
    except SystemExit as exit:
        status = exit.code
    out, err = capsys.readouterr()
    assert out == ""
    return status, err.splitlines()[-1].removeprefix("recipes/pretrain_vectors.py: error: ")


@pytest.mark.usefixtures("gensim")
def test_running_text_is_cut_into_sentences_and_words(tmp_path):
    (tmp_path / "a.txt").write_text("Anna met Bo. They met in Rome, in 1987.\n\nIt rained!\n")
    (tmp_path / "b.txt.gz").write_bytes(gzip.compress(b"Anna left.\n"))
    output = tmp_path / "new" / "mine.npy"
    assert (
        run(tmp_path / "a.txt", tmp_path / "b.txt.gz", "--output", output, "--dim", 2, "--min-count", 2) == 0
    )
    assert Word2Vec.last.sentences == [
        ["Anna", "met", "Bo", "."],
        ["They", "met", "in", "Rome", ",", "in", "1987", "."],
        ["It", "rained", "!"],
        ["Anna", "left", "."],
    ]
    assert Word2Vec.last.options == {
        "vector_size": 2, "window": 5, "min_count": 2, "negative": 5, "sg": 1, "workers": 1, "seed": 1
    }  # fmt: skip
    assert Word2Vec.last.training == {"total_examples": 4, "epochs": 5}
    vectors = read_vectors(output, dim=2)
    assert vectors.words == ["Anna", "met", ".", "in"]
    assert vectors.vectors.tolist() == [[0, 2], [1, 2], [2, 3], [3, 2]]
    assert sorted(path.name for path in output.parent.iterdir()) == ["mine.npy", "mine.words.txt"]


@pytest.mark.usefixtures("gensim")
def test_tokens_are_taken_as_they_are_or_normalised(tmp_path):
    options = ("--output", tmp_path / "v.npy", "--dim", 2, "--min-count", 1, "--overwrite")
    assert run(SAMPLE / "dev.conll", *options) == 0
    cased = {word for sentence in Word2Vec.last.sentences for word in sentence}
    assert any(word != word.lower() for word in cased)
    assert run(SAMPLE / "dev.conll", *options, "--lowercase", "--fold-digits") == 0
    folded = {word for sentence in Word2Vec.last.sentences for word in sentence}
    assert folded == {recipe.fold_digits(word.lower()) for word in cased}
    (tmp_path / "lines").write_text("one word\n\na b . c\n")
    assert run(tmp_path / "lines", "--input", "tokens", *options) == 0
    assert Word2Vec.last.sentences == [["one", "word"], ["a", "b", ".", "c"]]


@pytest.mark.usefixtures("gensim")
def test_what_cannot_be_trained_is_said_in_one_line(capsys, tmp_path):
    text = tmp_path / "a.txt"
    text.write_text("All words differ here.\n")
    output = tmp_path / "v.npy"
    assert fails(capsys, text, "--output", output) == (
        1,
        "expected words that occur 3 times, found none among 5; pass more text, or a smaller --min-count",
    )
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert fails(capsys, tmp_path / "none.txt", "--output", output)[0] == 1
    (tmp_path / "a.jsonl").write_text('{"tokens": ["a\\nb"]}\n')
    assert fails(capsys, tmp_path / "a.jsonl", "--output", output) == (
        1,
        f"{tmp_path}/a.jsonl:1: expected words that fit on a line, found 'a\\nb'",
    )


@pytest.mark.usefixtures("gensim")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--dim", "0"], "--dim: expected 1 or more, found 0"),
        (["--min-count", "-1"], "--min-count: expected 1 or more, found -1"),
        (["--output", "v.txt"], "--output: expected a name that ends in .npy, found v.txt"),
        (["--epoch", "3"], "unrecognized arguments: --epoch 3"),
    ],
)
def test_wrong_options_are_named(arguments, message, capsys, tmp_path):
    (tmp_path / "a.txt").write_text("a\n")
    assert fails(capsys, tmp_path / "a.txt", "--output", tmp_path / "v.npy", *arguments) == (2, message)


@pytest.mark.usefixtures("gensim")
def test_vectors_that_are_there_are_not_replaced_unasked(capsys, tmp_path):
    (tmp_path / "a.txt").write_text("a a a\n")
    output = tmp_path / "v.npy"
    output.write_bytes(b"mine")
    assert fails(capsys, tmp_path / "a.txt", "--output", output) == (
        2,
        f"--output: {output} is there already; choose another name, or pass --overwrite",
    )
    assert output.read_bytes() == b"mine"
    assert run(tmp_path / "a.txt", "--output", output, "--overwrite") == 0
    assert read_vectors(output).words == ["a"]


def test_without_gensim_the_extra_is_named_before_anything_is_read(capsys, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "gensim.models", None)
    status, message = fails(capsys, tmp_path / "none.txt", "--output", tmp_path / "v.npy")
    assert status == 1
    assert message.startswith(
        "Training vectors needs the package 'gensim'. Install it with: pip install 'FOLDER["
    )


def test_the_real_gensim_gives_the_same_vectors_every_time(tmp_path):
    pytest.importorskip("gensim", reason="the extra vectors is not installed")
    options = ["--dim", "10", "--min-count", "2", "--epochs", "2"]
    for name in ("one", "other"):
        assert run(SAMPLE / "train.conll", "--output", tmp_path / f"{name}.npy", *options) == 0
    one, other = (read_vectors(tmp_path / f"{name}.npy", dim=10) for name in ("one", "other"))
    assert one.words == other.words
    np.testing.assert_array_equal(one.vectors, other.vectors)
    assert len(one.words) > 200
    assert np.isfinite(one.vectors).all()
