from argparse import Namespace
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from types import ModuleType

import pytest

from tagger import Example
from tagger.schemes import LabelScheme


@pytest.fixture(scope="module")
def corpus(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("corpus")


def test_holds_out_every_fifth_sentence(corpus: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "data.conll"
    path.write_text("".join(f"w{i}\tDET\tB-X\n\n" for i in range(11)), encoding="utf-8")
    read = corpus.read_corpus(Namespace(path=path, label_column=None))
    assert (read.name, read.scheme) == ("data.conll", LabelScheme.IOB2)
    assert [example.tokens[0] for example in read.held_out] == ["w4", "w9"]
    assert [example.tokens[0] for example in read.train] == [f"w{i}" for i in (0, 1, 2, 3, 5, 6, 7, 8, 10)]
    assert read.words == ["w4", "w9"]
    fewer = corpus.read_corpus(Namespace(path=path, label_column="1"), sentences=5)
    assert (len(fewer.train), len(fewer.held_out), fewer.scheme) == (4, 1, LabelScheme.NONE)


def test_repeats_sentences_and_cuts_running_words(corpus: ModuleType) -> None:
    examples = [Example(("a", "b")), Example(("c",))]
    assert corpus.repeated(examples, 3) == [("a", "b"), ("c",), ("a", "b")]
    assert corpus.pieces(["a", "b", "c"], 2, 3) == [("a", "b"), ("c", "a"), ("b", "c")]


def test_an_endless_text_has_ever_new_words(corpus: ModuleType) -> None:
    examples = [Example(("a",) * 10)]
    words = [word for line in islice(corpus.endless(examples, new_words=0.2, seed=1), 1000) for word in line]
    new = [word for word in words if word != "a"]
    assert len(words) == 10_000
    assert len(new) == len(set(new))
    assert 1800 < len(new) < 2200
    assert next(corpus.endless(examples, new_words=0, seed=1)) == ["a"] * 10
