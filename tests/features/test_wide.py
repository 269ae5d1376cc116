"""WideIndex: against features written as tuples of strings and counted one by one."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_models import SENTENCES

from tagger.errors import DataError
from tagger.features import look_up_rows
from tagger.features.wide import TEMPLATES, WideIndex
from tagger.features.wide_attributes import ATTRIBUTES, word_attributes

WORDS = [
    "the",
    "The",
    "THE",
    "of",
    "1996",
    "1997",
    "Rome",
    "a",
    "",
    "😀",
    "x" * 10_000,
    "\ud800",
    "Anna-Lena",
]


def features_of(sentences, templates=TEMPLATES):
    """Every token's features as tuples of strings, None for what has no string; a list for each sentence."""
    result = []
    for sentence in sentences:
        tokens = []
        for t in range(len(sentence)):
            features = []
            for template in templates:
                strings: list[Any] = []
                for attribute, distance in template:
                    inside = 0 <= t + distance < len(sentence)
                    if inside:
                        strings.append(word_attributes(sentence[t + distance])[ATTRIBUTES.index(attribute)])
                    else:
                        strings.append(("outside",))
                features.append(None if None in strings else (template, *strings))
            tokens.append(features)
        result.append(tokens)
    return result


def rows_of(index, sentences):
    words = sorted({word for sentence in sentences for word in sentence})
    rows = look_up_rows({word: row for row, word in enumerate(words)}, sentences)
    lengths = np.array([len(sentence) for sentence in sentences], dtype=np.int64)
    tokens = np.concatenate([np.zeros(0, dtype=np.int64), *rows])
    return index.rows(index.attributes(words), tokens, lengths)


def check(train, asked, min_count, templates=TEMPLATES):
    """Frequent features have rows, each its own, all others none."""
    index = WideIndex.build(train, min_count=min_count, templates=templates)
    counts = Counter(
        feature
        for tokens in features_of(train, templates)
        for token in tokens
        for feature in token
        if feature
    )
    frequent = {feature for feature, count in counts.items() if count >= min_count}
    assert index.num_rows == 1 + len(frequent)
    row_of: dict[Any, int] = {}
    rows = rows_of(index, asked)
    for sentence, tokens in zip(rows, features_of(asked, templates), strict=True):
        assert not sentence[len(tokens) :].any()
        for found, features in zip(sentence, tokens, strict=False):
            expected = [feature for feature in features if feature in frequent]
            assert np.count_nonzero(found) == len(expected)
            # Single features come before pairs, whatever the order of the templates.
            for row, feature in zip(found[found != 0], sorted(expected, key=len), strict=True):
                assert row_of.setdefault(feature, row) == row
    assert len(set(row_of.values())) == len(row_of)
    assert all(0 < row < index.num_rows for row in row_of.values())
    return row_of


def test_features_of_the_training_sentences_have_rows_of_their_own():
    for min_count in (1, 2, 3):
        row_of = check(SENTENCES, SENTENCES, min_count)
        assert sorted(row_of.values()) == list(range(1, 1 + len(row_of)))


def test_features_of_other_sentences_have_the_rows_of_training():
    asked = [("Anna", "the", "of"), ("New", "York"), (), ("unseen",), ("the",) * 9]
    assert check(SENTENCES, asked, 1)


def test_rows_come_in_the_order_that_is_asked_for():
    index = WideIndex.build(SENTENCES, min_count=1)
    attributes = index.attributes(["Anna", "the", "of"])
    tokens, lengths, order = np.array([0, 1, 2, 1]), np.array([3, 1]), np.array([2, 0, 3, 1])
    in_order = index.rows_by_feature(attributes, tokens, lengths, order=order)
    assert np.array_equal(in_order, index.rows_by_feature(attributes, tokens, lengths)[:, order])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(WORDS), max_size=6), max_size=6),
    st.lists(st.lists(st.sampled_from([*WORDS, "new"]), max_size=6), max_size=4),
    st.integers(1, 3),
)
def test_any_sentences(train, asked, min_count):
    check(train, asked, min_count)


@pytest.mark.parametrize(
    "templates",
    [
        [(("word", 0),)],
        [(("word", -1), ("shape", 9))],
        [(("lower", 1), ("suffix2", -3)), (("lower", 0),), (("lower", 0), ("lower", 0)), (("shape", -9),)],
    ],
    ids=["single", "pair", "mixed"],
)
def test_any_templates(templates):
    check(SENTENCES, [*SENTENCES, ("the", "unseen")], 1, templates)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(WORDS), max_size=4), min_size=1, max_size=6),
    st.lists(st.lists(st.sampled_from(WORDS), max_size=4), max_size=6),
    st.integers(1, 3),
)
def test_a_grown_index_finds_what_it_found_and_the_frequent_features_of_further_sentences(
    first, further, min_count
):
    index = WideIndex.build(first, min_count=min_count)
    grown = index.grown(further, min_count=min_count)
    new_row_of = index.rows_in(grown)
    counts = Counter(
        feature for tokens in features_of(further) for token in tokens for feature in token if feature
    )
    sentences = [*first, *further]
    before, after = rows_of(index, sentences), rows_of(grown, sentences)
    for old, new, tokens in zip(before, after, features_of(sentences), strict=True):
        np.testing.assert_array_equal(new[old != 0], new_row_of[old[old != 0]])
        for position, features in enumerate(tokens):
            known = np.count_nonzero(new[position])
            expected = {feature for feature in features if feature and counts[feature] >= min_count}
            assert known >= len(expected)
    assert len(set(new_row_of.tolist())) == index.num_rows
    twice = grown.grown(further, min_count=min_count)
    np.testing.assert_array_equal(twice.keys, grown.keys)


def test_many_pairs_are_all_found_and_no_others():
    generator = np.random.default_rng(0)
    train = [tuple(f"w{i}" for i in generator.integers(0, 300, 20)) for _ in range(300)]
    asked = [tuple(f"w{i}" for i in generator.integers(0, 320, 20)) for _ in range(50)]
    check(train, asked, 1, [(("word", 0), ("word", 1)), (("word", -1), ("word", 0))])


def test_features_depend_on_the_own_sentence_alone():
    index = WideIndex.build(SENTENCES, min_count=1)
    together = rows_of(index, [*SENTENCES, (), ("of",)])
    for sentence, rows in zip([*SENTENCES, (), ("of",)], together, strict=True):
        np.testing.assert_array_equal(rows_of(index, [sentence])[0], rows[: len(sentence)])


def test_the_index_does_not_depend_on_the_order_of_the_sentences():
    one, other = (WideIndex.build(sentences, min_count=1) for sentences in (SENTENCES, SENTENCES[::-1]))
    assert one.strings == other.strings
    np.testing.assert_array_equal(one.keys, other.keys)


def test_three_arguments_are_all_there_is_to_it():
    made = WideIndex.build(SENTENCES, min_count=1)
    again = WideIndex(made.strings, made.templates, made.keys)
    np.testing.assert_array_equal(rows_of(again, SENTENCES), rows_of(made, SENTENCES))


def test_no_sentences_give_no_features():
    index = WideIndex.build([], min_count=2)
    assert index.num_rows == 1
    assert rows_of(index, SENTENCES).max() == 0
    for sentences, shape in (([], (0, 0)), ([()], (1, 0)), ([(), ("a",)], (2, 1))):
        assert rows_of(index, sentences).shape == (*shape, len(TEMPLATES))


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Route66", ("Route66", "route00", "Xxd", "r", "ro", "rou", "rout", "0", "00", "e00", "te00")),
        ("the", ("the", "the", "x", "t", "th", None, None, "e", "he", None, None)),
        ("", ("", "", "", None, None, None, None, None, None, None, None)),
        ("é", ("é", "é", "x", None, None, None, None, None, None, None, None)),
    ],
)
def test_attributes_of_words(word, expected):
    assert word_attributes(word) == expected


def test_the_shape_of_a_monstrous_word_is_that_of_its_ends():
    assert word_attributes("A" + "b-" * 100_000 + "9")[2] == "Xx-" + "x-" * 18 + "d"


def test_strings_seen_too_seldom_have_no_id():
    index = WideIndex.build([("Anna", "anna"), ("Bo",)], min_count=2)
    ids = dict(zip(ATTRIBUTES, index.attributes(["Anna"])[0].tolist(), strict=True))
    assert {attribute for attribute, number in ids.items() if number} == {
        "lower", *(f"{end}{length}" for end in ("prefix", "suffix") for length in (1, 2, 3)),
        "shape",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (np.zeros((1, 1), dtype=np.int64), "expected keys as whole numbers from 0 on, in one row"),
        (np.array([1 << 62]), "a key of template 16 has an id beyond its 2"),
    ],
)
def test_keys_that_do_not_fit_are_refused(keys, message):
    strings: dict[str, list[str]] = {attribute: [] for attribute in ATTRIBUTES}
    with pytest.raises(DataError) as error:
        WideIndex(strings, TEMPLATES, keys | (5 << 29))
    assert str(error.value) == f"wide features: {message}"
