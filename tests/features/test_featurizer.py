import numpy as np
import pytest
from tiny_models import SENTENCES, tiny_config, tiny_vectors

from tagger.errors import DataError
from tagger.features import Featurizer, encode_sentences, normalize_word
from tagger.features.spelling import CASINGS
from tagger.features.vocabulary import UNK_ID, Vocabulary
from tagger.vectors import VectorTable

FIELDS = ("words", "characters", "casings", "shapes", "affixes", "vectors")
ODD = ("", "x" * 10_000, "😀", "שלום", "a\0b", "\x07", "\ud800", "\u2028", "e\u0301", " ", "İ", "ß", "٣")


def featurizer(**options):
    return Featurizer.build(tiny_config(**options), SENTENCES)


@pytest.mark.parametrize(
    ("word", "lowercase", "fold_digits", "expected"),
    [
        ("Route66", True, True, "route00"),
        ("Route66", True, False, "route66"),
        ("Route66", False, True, "Route00"),
        ("Route66", False, False, "Route66"),
        ("0123456789", True, True, "0000000000"),
        ("٣", True, True, "٣"),  # ASCII digits alone
        ("ΌΔΟΣ", True, True, "όδος"),
        ("", True, True, ""),
    ],
)
def test_words_are_normalised(word, lowercase, fold_digits, expected):
    assert normalize_word(word, tiny_config(lowercase=lowercase, fold_digits=fold_digits)) == expected


def test_vocabularies_come_from_the_sentences():
    made = Featurizer.build(tiny_config(), [["Aa", "aa", "A1"], ["b", "2"], []])
    # normalised: aa aa a0 b 0
    assert made.words == Vocabulary({"aa": 2, "a0": 1, "b": 1, "0": 1})
    # as written, without what occurs once: A twice, a three times
    assert made.characters == Vocabulary({"a": 3, "A": 2})
    assert made.in_vocabulary("AA")
    assert made.in_vocabulary("A7")
    assert not made.in_vocabulary("ab")


def test_features_of_words_by_hand():
    made = Featurizer.build(
        tiny_config(max_chars=4, shape_dim=2, affixes=("prefix2", "suffix1"), hash_buckets=100),
        [["aa", "bb", "aa", "ab"]],
    )  # words aa 2, ab 3, bb 4; characters a 2, b 3
    ids = made.encode(["AA", "babb?", "", "bb"])
    assert ids.words.tolist() == [2, UNK_ID, UNK_ID, 4]
    assert ids.characters.tolist() == [[1, 1, 0, 0], [3, 2, 3, 1], [0, 0, 0, 0], [3, 3, 0, 0]]
    assert [CASINGS[i] for i in ids.casings] == ["upper", "lower", "no_letters", "lower"]
    # crc32 of the lower-cased affix modulo 100, the second column 100 further on; "aa" has 126491095 (by gzip)
    assert ids.affixes.tolist() == [[95, 107], [80, 140], [0, 100], [46, 181]]
    assert ids.shapes.tolist() == [35, 44, 0, 23]  # of X, x?, the empty shape, x
    assert {getattr(ids, name).dtype for name in FIELDS[:-1]} == {np.dtype(np.int64)}


def test_a_word_shorter_than_an_affix_is_its_own_affix():
    ids = featurizer(affixes=("prefix3", "suffix3"), hash_buckets=1000).encode(["ab", "AB"])
    assert ids.affixes[0, 1] - ids.affixes[0, 0] == 1000
    assert (ids.affixes[0] == ids.affixes[1]).all()


def test_rows_of_affix_columns_never_overlap():
    made = featurizer(affixes=("prefix1", "prefix2", "suffix9"), hash_buckets=7)
    affixes = made.encode([f"word{i}" for i in range(200)]).affixes
    for column in range(3):
        assert set(affixes[:, column] // 7) == {column}


@pytest.mark.parametrize(
    ("options", "empty"),
    [
        ({"char_dim": 0, "char_filters": 0}, "characters"),
        ({"casing_dim": 0}, "casings"),
        ({"shape_dim": 0}, "shapes"),
    ],
)
def test_ids_of_a_feature_left_out_are_zeros(options, empty):
    ids = featurizer(**options).encode(["Anna", "in", "1996"])
    assert not getattr(ids, empty).any()


def test_without_affixes_there_are_no_columns():
    assert featurizer(affix_dim=0, shape_dim=3).encode(["Anna"]).affixes.shape == (1, 0)


def test_any_string_has_features_that_do_not_depend_on_its_neighbours():
    made = featurizer(shape_dim=2)
    together = made.encode(ODD)
    for row, word in enumerate(ODD):
        alone, beside = made.encode([word]), together.take(np.array([row]))
        for name in FIELDS:
            assert getattr(alone, name).tolist() == getattr(beside, name).tolist()


def test_sentences_give_every_word_the_features_of_the_featurizer():
    made = featurizer(shape_dim=2)
    for sentences in ([("The", "of"), ()], [("of", "The", "of", "new")], [ODD], [()], []):
        rows, features = encode_sentences(made, sentences)
        assert [len(row) for row in rows] == [len(sentence) for sentence in sentences]
        for row, sentence in zip(rows, sentences, strict=True):
            expected = made.encode(sentence)
            for name in FIELDS:
                assert getattr(features, name)[row].tolist() == getattr(expected, name).tolist()


def test_sentences_encode_a_word_once(monkeypatch):
    made = featurizer()
    asked = []
    encode = made.encode

    def noted(words):
        asked.extend(words)
        return encode(words)

    monkeypatch.setattr(made, "encode", noted)
    encode_sentences(made, [("a", "b", "a"), ("c", "b")])
    assert asked == ["a", "b", "c"]


def test_take_drops_columns_that_are_padding_for_all():
    made = featurizer(max_chars=10)
    ids = made.encode(["a", "abc", "abcdefghijkl", ""])
    assert ids.take(np.array([0, 1])).characters.shape == (2, 3)
    assert ids.take(np.array([2, 0])).characters.shape == (2, 10)
    assert ids.take(np.array([3])).characters.tolist() == [[0]]
    assert made.encode(["ab", "a"]).characters.shape == (2, 2)
    none = ids.take(np.zeros(0, dtype=np.int64))
    assert none.characters.shape == (0, 1)
    assert ids.take(np.array([1])).words.tolist() == [ids.words[1]]


def test_words_come_with_their_pretrained_vectors_in_their_own_spelling():
    table = VectorTable.build(["The", "the", "0000"], np.arange(1, 7, dtype=np.float32).reshape(3, 2))
    config = tiny_config(vectors="frozen", vector_dim=2)
    made = Featurizer.build(config, SENTENCES, vectors=table)
    assert made.vectors is table
    ids = made.encode(["The", "the", "THE", "1996", "of"])
    assert ids.words[0] == ids.words[1] == ids.words[2] != UNK_ID
    assert ids.vectors.tolist() == [[1, 2], [3, 4], [3, 4], [5, 6], [0, 0]]
    assert ids.take(np.array([3, 0])).vectors.tolist() == [[5, 6], [1, 2]]


def test_without_pretrained_vectors_theirs_have_no_values():
    assert featurizer().encode(["The", "of"]).vectors.shape == (2, 0)


@pytest.mark.parametrize(
    ("options", "dim", "message"),
    [
        ({}, 3, "vectors: expected none as configured (vector_dim), found vectors of 3 values"),
        (
            {"vectors": "frozen", "vector_dim": 2},
            3,
            "vectors: expected 2 values as configured (vector_dim), found vectors of 3 values",
        ),
        (
            {"vectors": "frozen", "vector_dim": 2},
            0,
            "vectors: expected 2 values as configured (vector_dim), found no vectors",
        ),
    ],
)
def test_vectors_that_are_not_the_configured_ones_are_refused(options, dim, message):
    with pytest.raises(DataError) as error:
        Featurizer.build(tiny_config(**options), SENTENCES, vectors=tiny_vectors(dim))
    assert str(error.value) == message
