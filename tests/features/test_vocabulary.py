import pytest

from tagger.errors import DataError, LabelError
from tagger.features.vocabulary import PAD_ID, UNK_ID, LabelVocabulary, Vocabulary


def test_ids_go_by_falling_count_then_by_text_behind_padding_and_unknown():
    words = Vocabulary.build(["b", "a", "c", "b", "a", "d"])
    assert (PAD_ID, UNK_ID) == (0, 1)
    assert words.items == ("a", "b", "c", "d")
    assert words.counts == (2, 2, 1, 1)
    assert [words.encode(word) for word in ["a", "b", "c", "d", "unseen", ""]] == [2, 3, 4, 5, 1, 1]
    assert len(words) == 6


def test_order_of_the_counts_does_not_matter():
    assert Vocabulary({"x": 1, "y": 2}) == Vocabulary({"y": 2, "x": 1})
    assert hash(Vocabulary({"x": 1, "y": 2})) == hash(Vocabulary({"y": 2, "x": 1}))
    assert Vocabulary({"x": 1}) != Vocabulary({"x": 2})
    assert Vocabulary({"x": 1}) != ("x",)


def test_min_count_leaves_out_what_is_rarer():
    assert Vocabulary.build("aabbbc", min_count=2).items == ("b", "a")


def test_membership_is_of_items_alone():
    words = Vocabulary({"a": 1})
    assert "a" in words
    assert "b" not in words


def test_empty_vocabulary_knows_padding_and_unknown():
    assert len(Vocabulary({})) == 2
    assert Vocabulary({}).encode("a") == UNK_ID


def test_any_string_is_an_item():
    odd = ["", "\0", "\ud800", "\u2028", "😀", "e\u0301"]
    words = Vocabulary.build(odd)
    assert sorted(words.encode(word) for word in odd) == [2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("counts", "found"),
    [
        ({"a": 0}, "0 for 'a'"),
        ({"a": 2, "b": -1}, "-1 for 'b'"),
        ({"a": True}, "True for 'a'"),
        ({"a": 1.5}, "1.5 for 'a'"),
        ({"a": "1"}, "'1' for 'a'"),
        ({"a": 2**63}, "9223372036854775808 for 'a'"),
        ({5: 1}, "1 for 5"),
        ({None: 1}, "1 for None"),
    ],
)
def test_what_is_no_count_of_a_string_is_refused(counts, found):
    with pytest.raises(DataError) as error:
        Vocabulary(counts)
    assert str(error.value) == f"expected strings with counts from 1 on, found {found}"


def test_labels_keep_their_order_and_have_no_other_ids():
    labels = LabelVocabulary(["O", "B-X", "I-X"])
    assert len(labels) == 3
    assert [labels.encode(label) for label in labels.items] == [0, 1, 2]
    assert labels.decode([2, 0, 1]) == ["I-X", "O", "B-X"]
    assert labels.decode([]) == []
    assert "B-X" in labels
    assert "B-Y" not in labels


def test_labels_are_equal_if_their_order_is():
    assert LabelVocabulary(["A", "B"]) == LabelVocabulary(("A", "B"))
    assert hash(LabelVocabulary(["A", "B"])) == hash(LabelVocabulary(("A", "B")))
    assert LabelVocabulary(["A", "B"]) != LabelVocabulary(["B", "A"])
    assert LabelVocabulary(["A"]) != ("A",)


def test_unknown_label_is_an_error_that_lists_the_known():
    with pytest.raises(LabelError) as error:
        LabelVocabulary(["O", "B-X"]).encode("B-Y")
    assert str(error.value) == "label 'B-Y' is not known; known labels: O, B-X"


def test_as_many_labels_as_the_largest_tag_sets_have_are_taken():
    assert len(LabelVocabulary([str(n) for n in range(5000)])) == 5000


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([], "expected at least one label, found none"),
        (["A", "B", "A"], "expected each label once, found 'A' more than once"),
        ("AB", "expected labels as a list of strings, found 'AB'"),
        (["A", 5], "expected labels as a list of strings, found ['A', 5]"),
        (["A", ""], "expected labels of at least one character, found an empty one"),
        (
            [str(n) for n in range(5001)],
            "expected at most 5,000 different labels, found 5,001. Are these labels?",
        ),
    ],
)
def test_what_is_no_list_of_different_labels_is_refused(items, message):
    with pytest.raises(LabelError) as error:
        LabelVocabulary(items)
    assert str(error.value) == message
