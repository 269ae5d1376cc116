"""Tokens and labels found by type and name, and their values read without loss."""

import datasets
import pytest
from datasets import ClassLabel, Dataset, Features, List, Value

from tagger.errors import DataError, UsageError
from tagger.examples import Example
from tagger.formats.tables.column_choice import Columns
from tagger.sources.column_level import choose_level
from tagger.sources.columns import Advice, names_of_labels, read_examples
from tagger.sources.shapes import columns_in, shape_of_feature
from tagger.sources.tables import saved_table

STRINGS = List(Value("string"))
INTS = List(Value("int64"))
NER = List(ClassLabel(names=["B-PER", "I-PER", "O"]))  # O is not always 0
NER_TAGS = {"tokens": STRINGS, "tags": NER}
TEXT_TAGS = {"tokens": STRINGS, "tags": STRINGS}
UPOS = List(ClassLabel(names=["NOUN", "PRON", "AUX", "_", "VERB"]))


def choose(features, **options):
    columns = columns_in({name: shape_of_feature(feature) for name, feature in Features(features).items()})
    return choose_level(columns, where="data[train]", **options)


def read(rows, features, columns=None, names=None, advice=None):
    columns = columns or Columns("tokens", "tags")
    table = saved_table(Dataset.from_dict(rows, features=Features(features)), "data")
    names = names_of_labels(table, columns.labels, given=names, where="data")
    examples, left_out, num_rows = read_examples(table, columns, names, where="data[train]", advice=advice)
    assert num_rows == len(rows["tokens"])
    return examples, left_out


# --- which columns ---


@pytest.mark.parametrize("labels", [NER, INTS, STRINGS, datasets.LargeList(Value("large_string"))])
def test_the_only_columns_that_fit_are_taken_whatever_their_names(labels):
    columns = choose({"id": Value("string"), "ws": STRINGS, "ys": labels}, tokens="ws")
    assert columns == Columns("ws", "ys")


def test_usual_names_win_over_other_columns_of_fitting_types():
    # the columns of wikiann
    columns = choose({"tokens": STRINGS, "ner_tags": NER, "langs": STRINGS, "spans": STRINGS})
    assert columns == Columns("tokens", "ner_tags")


def test_several_tasks_in_a_table_are_an_error_that_lists_them():
    # the columns of conll2003
    with pytest.raises(DataError) as raised:
        choose(
            {"id": Value("string"), "tokens": STRINGS, "pos_tags": NER, "chunk_tags": NER, "ner_tags": NER}
        )
    assert str(raised.value) == (
        "data[train]: several columns could be meant; choose with label_column='pos_tags' or "
        "label_column='chunk_tags' or label_column='ner_tags'"
    )


def test_a_named_column_settles_it():
    features = {"tokens": STRINGS, "pos_tags": NER, "ner_tags": NER, "doc": Value("int64")}
    assert choose(features, labels="pos_tags", document="doc") == Columns("tokens", "pos_tags", "doc")


def test_several_lists_of_strings_without_a_usual_name_are_an_error():
    with pytest.raises(DataError, match=r"choose with token_column='a' or token_column='b'"):
        choose({"a": STRINGS, "b": STRINGS, "ner_tags": NER})


def test_no_list_of_strings_is_an_error_that_shows_the_columns():
    with pytest.raises(DataError) as raised:
        choose({"text": Value("string"), "ner_tags": NER, "scores": List(Value("float32"))})
    assert str(raised.value) == (
        "data[train]: expected a column that is a list of strings; found: text (string), "
        "ner_tags (list of class labels), scores (list of float32)"
    )


def test_no_labels_is_an_error():
    with pytest.raises(
        DataError, match="expected a column that is a list of class labels, integers or strings"
    ):
        choose({"tokens": STRINGS})


@pytest.mark.parametrize("option", ["tokens", "labels", "document"])
def test_a_misspelt_column_is_a_usage_error_that_shows_the_columns(option):
    named = {"tokens": "token", "labels": "label", "document": "document"}[option]
    with pytest.raises(UsageError, match=f"{named}_column='nope': no such column; found: tokens"):
        choose(NER_TAGS, **{option: "nope"})


def test_a_column_of_the_wrong_type_is_a_usage_error():
    features = {"id": Value("string"), "tokens": STRINGS, "tags": NER}
    with pytest.raises(UsageError, match="token_column='id': expected list of strings, found string"):
        choose(features, tokens="id")
    with pytest.raises(UsageError, match="label_column='id': expected a list of class labels"):
        choose(features, labels="id")
    with pytest.raises(
        UsageError, match="document_column='tags': expected a single value, found list of class"
    ):
        choose(features, document="tags")


# --- values ---


def test_class_labels_become_their_names():
    examples, left_out = read(
        {"tokens": [["Ann", "Lee", "left"], ["Hi"]], "tags": [[0, 1, 2], [2]]},
        NER_TAGS,
    )
    assert examples == [
        Example(("Ann", "Lee", "left"), ("B-PER", "I-PER", "O"), origin="data[train]:0"),
        Example(("Hi",), ("O",), origin="data[train]:1"),
    ]
    assert not left_out


def test_strings_are_labels_as_they_are():
    # few-nerd has IO labels without prefixes
    examples, _ = read({"tokens": [["Ann", "left"]], "tags": [["person", "O"]]}, TEXT_TAGS)
    assert examples[0].labels == ("person", "O")


def test_integers_take_the_names_given():
    features = {"tokens": STRINGS, "tags": INTS}
    examples, _ = read(
        {"tokens": [["Ann", "left"]], "tags": [[7, 12]]}, features, names={7: "B-PER", 12: "O"}
    )
    assert examples[0].labels == ("B-PER", "O")


def test_integers_without_names_are_an_error_that_says_how_to_name_them():
    rows, features = {"tokens": [["Ann"]], "tags": [[0]]}, {"tokens": STRINGS, "tags": INTS}
    with pytest.raises(DataError) as raised:
        read(rows, features)
    told = "data[train]: column 'tags' holds integers without names. Give the names in their order, "
    assert str(raised.value) == told + "as in label_names=['O', 'B-PER']"
    with pytest.raises(DataError) as raised:
        read(rows, features, advice=Advice(lambda: ["dataset/label.json"]))
    assert str(raised.value) == (
        told + "as in label_names=['O', 'B-PER'], or label_names='dataset/label.json'"
    )


def test_the_document_column_is_kept_as_text():
    examples, _ = read(
        {"tokens": [["a"], ["b"], ["c"]], "tags": [[2], [2], [2]], "doc": [7, 7, None]},
        {"tokens": STRINGS, "tags": NER, "doc": Value("int64")},
        Columns("tokens", "tags", "doc"),
    )
    assert [example.document for example in examples] == ["7", "7", None]


def test_a_saved_torch_format_does_not_change_the_values():
    split = Dataset.from_dict({"tokens": [["a", "b"]], "tags": [[2, 2]]}, features=Features(NER_TAGS))
    table = saved_table(split.with_format("numpy"), "data")
    assert read_examples(table, Columns("tokens", "tags"), {2: "O"}, where="data").examples == [
        Example(("a", "b"), ("O", "O"), origin="data:0")
    ]


def test_tokens_of_any_kind_come_through_unchanged():
    tokens = ["e\u0301", "\u200f", "a b", "\u2028", "\x00", "😀", "x" * 10_000]
    examples, _ = read({"tokens": [tokens], "tags": [[2] * 7]}, NER_TAGS)
    assert examples[0].tokens == tuple(tokens)


def test_empty_sentences_are_left_out_and_counted_and_rows_keep_their_numbers():
    examples, left_out = read({"tokens": [[], ["a"], []], "tags": [[], [2], []]}, NER_TAGS)
    assert [example.origin for example in examples] == ["data[train]:1"]
    assert left_out == {"empty sentences": 2}


# --- rows that are wrong ---


def test_differing_lengths_name_split_and_row():
    with pytest.raises(DataError) as raised:
        read({"tokens": [["a"], ["b", "c"]], "tags": [[2], [2]]}, NER_TAGS)
    assert str(raised.value) == (
        "data[train]:1: expected one label per token, found 2 tokens in column 'tokens' and 1 labels in "
        "column 'tags'"
    )


@pytest.mark.parametrize(
    ("tags", "problem"),
    [
        ([[2, None]], "token 1 in column 'tags': expected one of 0, 1, 2, found None"),
        ([[-1, -1]], "token 0 in column 'tags': expected one of 0, 1, 2, found -1"),
        ([[2, -100]], "token 1 in column 'tags': expected one of 0, 1, 2, found -100"),
        ([None], "column 'tags' is null"),
    ],
)
def test_missing_labels_name_split_row_and_token(tags, problem):
    names = {0: "B-PER", 1: "I-PER", 2: "O"}
    rows, features = {"tokens": [["a", "b"]], "tags": tags}, {"tokens": STRINGS, "tags": INTS}
    with pytest.raises(DataError) as raised:
        read(rows, features, names=names)
    assert str(raised.value) == f"data[train]:0: {problem}."
    with pytest.raises(DataError) as raised:
        read(rows, features, names=names, advice=Advice(other_splits={"train": "train_en"}))
    assert str(raised.value) == (
        f"data[train]:0: {problem}. If this split has no labels, read the others: splits={{'train': 'train_en'}}"
    )


def test_a_null_among_labels_that_are_strings_is_an_error():
    with pytest.raises(DataError, match="token 1 in column 'tags': expected a label, found None"):
        read({"tokens": [["a", "b"]], "tags": [["O", None]]}, TEXT_TAGS)


def test_a_null_token_is_an_error():
    with pytest.raises(DataError, match=r"data\[train\]:0: token 1 in column 'tokens' is null"):
        read({"tokens": [["a", None]], "tags": [[2, 2]]}, NER_TAGS)


# --- Universal Dependencies ---

# "I don't" with its multiword row, then an empty node, as the tables made from CoNLL-U files hold them.
UD_ROWS = {
    "tokens": [["I", "don't", "do", "n't", "left"], ["Go"]],
    "upos": [[1, 3, 2, 2, 4], [4]],
    "xpos": [["PRP", None, "VBP", "RB", "VBN"], ["VB"]],
    "head": [["3", "None", "0", "3", "None"], ["0"]],
}
UD = {"tokens": STRINGS, "upos": UPOS, "xpos": STRINGS, "head": STRINGS}


@pytest.mark.parametrize(
    ("column", "labels"), [("upos", ("PRON", "AUX", "AUX")), ("xpos", ("PRP", "VBP", "RB"))]
)
def test_rows_that_are_no_words_are_left_out_and_counted(column, labels):
    examples, left_out = read(UD_ROWS, UD, Columns("tokens", column))
    assert examples[0] == Example(("I", "do", "n't"), labels, origin="data[train]:0")
    assert left_out == {"multiword surface forms": 1, "empty nodes": 1}


def test_tags_that_are_strings_tell_multiword_rows_too():
    rows = {"tokens": [["du", "de", "le"]], "upos": [["_", "ADP", "DET"]]}
    examples, left_out = read(rows, {"tokens": STRINGS, "upos": STRINGS}, Columns("tokens", "upos"))
    assert (examples[0].tokens, examples[0].labels) == (("de", "le"), ("ADP", "DET"))
    assert left_out == {"multiword surface forms": 1}


def test_a_treebank_without_heads_keeps_its_words():
    rows = {"tokens": [["Go", "on"]], "upos": [["VERB", "ADP"]], "head": [["None", "None"]]}
    features = {"tokens": STRINGS, "upos": STRINGS, "head": STRINGS}
    examples, left_out = read(rows, features, Columns("tokens", "upos"))
    assert examples[0].tokens == ("Go", "on")
    assert not left_out


def test_an_underscore_is_a_label_like_any_other_outside_treebanks():
    examples, left_out = read({"tokens": [["a", "b"]], "tags": [["_", "X"]]}, TEXT_TAGS)
    assert examples[0].labels == ("_", "X")
    assert not left_out
