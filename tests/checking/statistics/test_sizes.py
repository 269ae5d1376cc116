import numpy as np
import pytest
from checking_corpora import corpus_of, part_of

from tagger.checking.corpus import Corpus
from tagger.checking.statistics.sizes import find, half_interval, tables


def test_parts_are_counted() -> None:
    corpus = Corpus((part_of("train", "a b c\nd", document="1"), part_of("test", "e " * 120)))

    parts, lengths = tables(corpus)
    assert parts.to_dicts() == [
        {
            "part": "train", "role": "train", "scheme": "IOB2", "sentences": 2, "tokens": 4, "documents": 1,
            "median_length": 1, "length_95": 3, "longest": 3,
        },
        {
            "part": "test", "role": "test", "scheme": "IOB2", "sentences": 1, "tokens": 120, "documents": None,
            "median_length": 120, "length_95": 120, "longest": 120,
        },
    ]  # fmt: skip
    assert lengths.rows == (("train", "1 to 5", 2, 1.0), ("test", "101 and more", 1, 1.0))


def test_few_spans_make_a_small_part() -> None:
    few = corpus_of(train="a/B-X", test="a/B-X\n" * 400)
    many = corpus_of(train="a/B-X", test="a/B-X\n" * 420)

    [finding] = find(few)
    assert finding.check == "small-part"
    assert (
        finding.message
        == "400 spans in test: an F1 of 80 % on them has a 95 % interval of ±3.0 points at best"
    )
    assert list(find(many)) == []


def test_few_tokens_with_plain_labels_make_a_small_part() -> None:
    [finding] = find(corpus_of(dev="a/X b/Y", scheme="none"))

    assert finding.message.startswith(
        "2 tokens in dev: an accuracy of 95 % on them has a 95 % interval of ±30.2 points"
    )


def test_the_interval_is_that_of_drawn_scores() -> None:
    generator = np.random.default_rng(1)
    # 500 gold spans, each found with 0.8, and as many wrong ones as are missed on average
    found = generator.binomial(500, 0.8, size=200_000)
    wrong = generator.poisson(100, size=200_000)
    f1 = 2 * found / (500 + found + wrong)
    assert half_interval(500, has_spans=True) == pytest.approx(1.96 * f1.std(), rel=0.1)


def test_nothing_has_no_tables() -> None:
    assert list(tables(Corpus(()))) == []
    assert [table.rows for table in tables(corpus_of(train=""))][1] == ()
