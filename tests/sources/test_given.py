"""Data that a program has in memory: what becomes of each kind of it, and what is refused."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace

import datasets
import pyarrow
import pytest
from datasets import (
    ClassLabel,
    Dataset,
    DatasetDict,
    Features,
    IterableDataset,
    IterableDatasetDict,
    List,
    Value,
)

from tagger.errors import DataError, FormatError, UsageError
from tagger.examples import Example
from tagger.sources import load_splits, streams
from tagger.training import DataConfig, Splits
from tagger.training.given import read_given

pandas = pytest.importorskip("pandas")
np = pytest.importorskip("numpy")

NAMES = ["B-PER", "O"]
ROWS = {"tokens": [["Ann", "left"], ["He", "left"]], "ner_tags": [["B-PER", "O"], ["O", "O"]]}
NUMBERED = {"tokens": ROWS["tokens"], "ner_tags": [[0, 1], [1, 1]]}
FEATURES = Features({"tokens": List(Value("string")), "ner_tags": List(ClassLabel(names=NAMES))})
EXAMPLES = [Example(tuple(t), tuple(n)) for t, n in zip(*ROWS.values(), strict=True)]


def dataset():
    return Dataset.from_dict(NUMBERED, features=FEATURES)


def stream(rows=ROWS, **options):
    def generate():
        for values in zip(*rows.values(), strict=True):
            yield dict(zip(rows, values, strict=True))

    return IterableDataset.from_generator(generate, **options)


def read(given, **options):
    return read_given(given, DataConfig(**options))


def plain(examples):
    return [replace(example, origin=None) for example in examples]


KINDS = {
    "Examples": lambda: EXAMPLES,
    "tuple of Examples": lambda: tuple(EXAMPLES),
    "iterator of Examples": lambda: iter(EXAMPLES),
    "Dataset": dataset,
    "Dataset formatted": lambda: dataset().with_format("numpy"),
    "Dataset of a selection": lambda: dataset().select([1, 0]).select([1, 0]),
    "Dataset of strings": lambda: Dataset.from_dict(ROWS),
    "IterableDataset": lambda: dataset().to_iterable_dataset(),
    "IterableDataset without features": stream,
    "IterableDataset mapped": lambda: stream().map(lambda row: row),
    "pyarrow": lambda: pyarrow.table(ROWS),
    "pyarrow with names": lambda: dataset().data.table,
    "DataFrame": lambda: pandas.DataFrame(ROWS),
    "DataFrame of arrays": lambda: Dataset.from_dict(ROWS).to_pandas(),
    "DataFrame of tuples": lambda: pandas.DataFrame(
        {name: list(map(tuple, of)) for name, of in ROWS.items()}
    ),
    "DataFrame of texts": lambda: pandas.DataFrame({name: list(map(str, of)) for name, of in ROWS.items()}),
    "DataFrame with blanks": lambda: pandas.DataFrame(
        {name: list(map(" ".join, of)) for name, of in ROWS.items()}
    ),
    "DataFrame of tokens": lambda: pandas.DataFrame(
        {
            "Sentence #": [1, None, 2, None],
            "Word": ["Ann", "left", "He", "left"],
            "Tag": ["B-PER", "O", "O", "O"],
        }
    ),
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_kind_of_data_is_read_alike(kind):
    one = read(kind())
    assert plain(one.train) == EXAMPLES
    assert (one.dev, one.test) == ((), ())
    both = read({"train": kind(), "validation": kind()})
    assert (plain(both.train), plain(both.dev), both.test) == (EXAMPLES, EXAMPLES, ())
    splits = read(Splits(train=kind(), test=kind()))
    assert (plain(splits.train), splits.dev, plain(splits.test)) == (EXAMPLES, (), EXAMPLES)


def test_dictionaries_of_the_library_and_what_load_splits_gives(tmp_path):
    given = DatasetDict({"train": dataset(), "validation": dataset(), "test": dataset()})
    assert [plain(part) for part in (read(given).train, read(given).dev, read(given).test)] == [EXAMPLES] * 3
    streamed = IterableDatasetDict({"train": stream(), "test": stream()})
    assert [plain(part) for part in (read(streamed).train, read(streamed).test)] == [EXAMPLES] * 2
    given.save_to_disk(tmp_path)
    assert plain(read(load_splits(str(tmp_path))).dev) == EXAMPLES


def test_splits_of_several_kinds_have_their_own_columns():
    given = Splits(train=dataset(), dev=KINDS["DataFrame of tokens"](), test=EXAMPLES)
    found = read(given)
    assert [plain(part) for part in (found.train, found.dev, found.test)] == [EXAMPLES] * 3


def test_what_was_read_is_told_json_ready():
    data = dataset()
    found = read({"train": data, "dev": stream(), "test": EXAMPLES})
    told = {"sentences": 2, "sha256": hashlib.sha256(repr_of_examples().encode()).hexdigest()}
    assert found.identity == {
        "given": {
            "train": {"type": "datasets.Dataset", "rows": 2, "fingerprint": data._fingerprint, **told},
            "dev": {"type": "datasets.IterableDataset", "rows": 2, **told},
            "test": {"type": "Examples", **told},
        },
        "token_column": "tokens",
        "label_column": "ner_tags",
        "label_names": NAMES,
        "left_out": {},
    }
    assert read(Splits(EXAMPLES, identity={"mine": 1})).identity == {"mine": 1}


def repr_of_examples():
    return "".join(
        repr((tokens, labels, None)) for tokens, labels in ((e.tokens, e.labels) for e in EXAMPLES)
    )


def test_splits_with_the_same_sentences_are_told(caplog):
    read(DatasetDict(train=dataset(), validation=dataset()))
    assert caplog.messages == [
        "splits[validation]: its sentences are those of the train split: scores on it flatter"
    ]
    caplog.clear()
    other = [Example(("x",), ("O",))]
    read({"train": other, "dev": EXAMPLES, "test": dataset()})
    assert caplog.messages == [
        "splits[test]: its sentences are those of the dev split: its scores are not two"
    ]
    caplog.clear()
    read({"train": EXAMPLES, "dev": EXAMPLES[:1], "test": list(reversed(EXAMPLES))})
    assert caplog.messages == []


def test_origins_name_the_split_and_the_row():
    frame = pandas.DataFrame(ROWS, index=["x", "y"])
    assert [example.origin for example in read({"train": frame}).train] == [
        "splits[train]:x",
        "splits[train]:y",
    ]
    assert [example.origin for example in read({"en": dataset()}, splits={"train": "en"}).train] == [
        "splits[en]:0",
        "splits[en]:1",
    ]


# --- options ---


def test_columns_are_chosen_and_labels_named():
    rows = {
        "tokens": NUMBERED["tokens"],
        "pos_tags": [["NNP", "VBD"], ["PRP", "VBD"]],
        "ner_tags": NUMBERED["ner_tags"],
    }
    with pytest.raises(
        DataError, match=r"splits\[train\]: several columns could be meant; choose with label_column='pos"
    ):
        read(Dataset.from_dict(rows))
    assert read(Dataset.from_dict(rows), label_column="pos_tags").train[0].labels == ("NNP", "VBD")
    with pytest.raises(DataError, match=r"column 'ner_tags' holds integers without names. Give the names"):
        read(Dataset.from_dict(rows), label_column="ner_tags")
    found = read(Dataset.from_dict(rows), label_column="ner_tags", label_names=NAMES)
    assert plain(found.train) == EXAMPLES
    with pytest.raises(
        UsageError, match=r"splits: label_names has no effect, column 'ner_tags' \(list of class"
    ):
        read(dataset(), label_names=NAMES)


def test_documents_and_rows_that_are_no_words():
    rows = {
        "doc": ["d", "d"],
        "tokens": [["don't", "do", "n't"], []],
        "upos": [["_", "AUX", "PART"], []],
        "head": [["None", "0", "1"], []],
    }
    found = read(Dataset.from_dict(rows), label_column="upos", document_column="doc")
    assert [(e.tokens, e.labels, e.document) for e in found.train] == [(("do", "n't"), ("AUX", "PART"), "d")]
    assert found.identity["left_out"] == {"train": {"multiword surface forms": 1, "empty sentences": 1}}


@pytest.mark.parametrize(
    ("given", "options", "message"),
    [
        (EXAMPLES, {"label_column": "x"}, "data.label_column: has no effect on Examples"),
        (EXAMPLES, {"skip_bad": True}, "data.skip_bad: has no effect on Examples"),
        (EXAMPLES, {"label_names": NAMES}, "data.label_names: has no effect on Examples"),
        (EXAMPLES, {"splits": {"train": "a"}}, "data.splits: has no effect on a single split; it says which"),
        (Splits(EXAMPLES), {"splits": {"train": "a"}}, "data.splits: has no effect on Splits; it says which"),
        ({"train": EXAMPLES}, {"train": "a"}, "splits: data.train or data.dataset is configured too; expected one"),
        (pandas.DataFrame(ROWS), {"offsets": "byte"}, "offsets has no effect on splits: it holds tokens"),
        (pandas.DataFrame(ROWS), {"sentence_column": "tokens"}, "splits: sentence_column='tokens': has no effect"),
        (pandas.DataFrame(ROWS), {"label_column": "x"}, "splits[train]: label_column='x': no such column; found"),
        (dataset(), {"label_column": 1}, "data.label_column: a dataset's columns have names, found the number 1"),
    ],
)  # fmt: skip
def test_options_without_effect_are_refused(given, options, message):
    with pytest.raises(UsageError) as caught:
        read(given, **options)
    assert str(caught.value).startswith(message)


def test_the_segmenter_that_is_configured_is_that_of_the_model():
    found = read(EXAMPLES, segmenter={"clitics": "split"})
    assert found.segmenter.options()["clitics"] == "split"
    with pytest.raises(UsageError, match=r"data\.segmenter: the splits have a segmenter too"):
        read(Splits(EXAMPLES, segmenter=found.segmenter), segmenter={"clitics": "keep"})


def test_bad_rows_are_skipped_on_request():
    frame = pandas.DataFrame({"tokens": [["a"], ["b", None], ["c"]], "ner_tags": [["O"], ["O", "O"], ["O"]]})
    with pytest.raises(DataError, match=r"splits\[train\]:1: token 1 in column 'tokens' is null"):
        read(frame)
    found = read(frame, skip_bad=True)
    assert [example.tokens for example in found.train] == [("a",), ("c",)]
    assert found.identity["left_out"] == {"train": {"rows that cannot be read, left out as bad": 1}}


# --- what is no data ---


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            ROWS,
            "splits: expected a list of Examples, .* found a dictionary of columns (tokens, ner_tags). Make it a",
        ),
        (
            {"train": ROWS},
            "found a dictionary of columns (tokens, ner_tags). Make it a Dataset: datasets.Dataset.from_d",
        ),
        (
            [{"tokens": ["a"]}],
            "found a list of dictionaries. Make it a Dataset: datasets.Dataset.from_list(...)",
        ),
        ("conll2003", "found 'conll2003'. Names of files and datasets go to data.train or data.dataset"),
        (7, "found int"),
        ({"train": pandas.Series(["a"])}, "found pandas.Series"),
    ],
)
def test_what_is_no_data_is_refused_with_what_to_do(given, message):
    with pytest.raises(UsageError) as caught:
        read(given)
    start, _, end = message.rpartition(".* ")
    assert str(caught.value).startswith(start or "splits")
    assert end in str(caught.value)


def test_names_of_splits_are_those_of_datasets():
    with pytest.raises(
        DataError, match=r"splits: no split has a usual name \(train, validation, test\); found: en"
    ):
        read({"en": dataset()})
    with pytest.raises(DataError, match=r"splits: several splits could be dev: 'dev' or 'validation'"):
        read({"train": dataset(), "dev": dataset(), "validation": dataset()})


def test_a_split_without_sentences_is_refused():
    with pytest.raises(DataError, match=r"splits\[dev\]: expected sentences, found none"):
        read({"train": dataset(), "dev": dataset().select([])})
    with pytest.raises(DataError, match=r"splits\[dev\]: expected sentences, found none"):
        read({"train": dataset(), "dev": []})
    with pytest.raises(DataError, match=r"splits\[train\]: expected rows, found none"):
        read(stream({"tokens": [], "ner_tags": []}))


# --- streams ---


def test_a_stream_is_read_once_and_tells_how_far_it_is(monkeypatch, caplog):
    monkeypatch.setattr(streams, "_EVERY", 2)
    monkeypatch.setattr(streams, "_JUDGED", 1)
    taken = []

    def generate():
        for row in range(5):
            taken.append(row)
            yield {"tokens": [f"w{row}"], "ner_tags": ["O"], "large": "x"}

    with caplog.at_level(logging.INFO, logger="tagger"):
        found = read(IterableDataset.from_generator(generate))
    assert taken == [0, 1, 2, 3, 4]
    assert [example.tokens for example in found.train] == [(f"w{row}",) for row in range(5)]
    assert caplog.messages[:2] == [
        "splits[train]: 2 rows read, with an unknown number to come; all are read before training begins. "
        "Pass the first rows, such as take(n) of an IterableDataset, or a Dataset",
        "splits[train]: 4 rows read",
    ]
    assert [record.levelname for record in caplog.records[:2]] == ["WARNING", "INFO"]


@pytest.mark.parametrize("kind", ["stream", "Examples"])
def test_what_never_ends_is_refused(monkeypatch, kind):
    monkeypatch.setattr(streams, "MOST_ROWS", 10)

    def generate():
        while True:
            yield {"tokens": ["a"], "ner_tags": ["O"]} if kind == "stream" else EXAMPLES[0]

    given = IterableDataset.from_generator(generate) if kind == "stream" else generate()
    with pytest.raises(DataError) as caught:
        read(given)
    assert str(caught.value) == (
        "splits[train]: expected at most 10 rows, found more. Pass the first rows, such as take(n) of an "
        "IterableDataset, or a Dataset"
    )
    monkeypatch.setattr(streams, "MOST_ROWS", 1000)
    monkeypatch.setattr(streams, "MOST_TOKENS", 20)
    with pytest.raises(DataError, match=r"^splits\[train\]: expected at most 20 tokens, found more"):
        read(IterableDataset.from_generator(generate) if kind == "stream" else generate())
    if kind == "stream":
        assert len(read(IterableDataset.from_generator(generate).take(10)).train) == 10


def test_a_later_row_of_another_type_is_refused():
    rows = {"tokens": [["a"]] * 1000 + [[7]], "ner_tags": [["O"]] * 1001}
    with pytest.raises(
        DataError, match=r"column .tokens.: expected list of strings, as in the first rows, found l"
    ):
        read(stream(rows))


# --- data frames ---

KAGGLE = {
    "Sentence #": ["Sentence: 1", np.nan, "Sentence: 2", np.nan],
    "Word": ["None", "NA", "null", "1.0"],
    "POS": ["NN", "NN", "NN", "CD"],
    "Tag": ["B-PER", "O", "O", "O"],
}


def test_words_that_look_like_missing_values_stay_as_they_are():
    found = read(pandas.DataFrame(KAGGLE), label_column="Tag")
    assert [example.tokens for example in found.train] == [("None", "NA"), ("null", "1.0")]
    assert [example.origin for example in found.train] == ["splits[train]:0", "splits[train]:2"]


@pytest.mark.parametrize("missing", [None, np.nan, pandas.NA])
@pytest.mark.parametrize("column", ["Word", "Tag"])
def test_a_missing_cell_is_an_error_with_the_label_of_its_row(column, missing):
    frame = pandas.DataFrame(KAGGLE, index=list("abcd"))
    frame[column] = [*KAGGLE[column][:2], missing, KAGGLE[column][3]]
    with pytest.raises(DataError) as caught:
        read(frame, label_column="Tag")
    assert str(caught.value) == (
        f"splits[train]:c: column {column!r}: expected a string, found a missing value. pandas reads words such as NA "
        "and null as missing ones unless it is told not to: pandas.read_csv(..., keep_default_na=False)"
    )
    found = read(frame, label_column="Tag", skip_bad=True)
    assert [example.tokens for example in found.train] == [("None", "NA")]


@pytest.mark.parametrize("value", [3, 3.5, True, pandas.Timestamp("2021-03-01")])
def test_a_token_that_is_no_string_is_an_error(value):
    frame = pandas.DataFrame(KAGGLE | {"Word": ["a", value, "b", "c"]})
    with pytest.raises(DataError, match=r"splits\[train\]:1: column 'Word': expected a string, found the "):
        read(frame, label_column="Tag")
    assert len(read(frame, label_column="Tag", skip_bad=True).train) == 1
    lists = pandas.DataFrame({"tokens": [["a", value], ["b", "c"]], "ner_tags": [["O", "O"]] * 2})
    with pytest.raises((DataError, UsageError), match=r"splits\[train\]"):
        read(lists)
    with pytest.raises((DataError, UsageError), match=r"splits\[train\]"):
        read(lists, token_column="tokens")


def test_rows_in_which_all_is_missing_end_sentences():
    frame = pandas.DataFrame({"word": ["a", None, "b", "c"], "tag": ["O", None, "O", "O"]})
    assert [example.tokens for example in read(frame).train] == [("a",), ("b", "c")]
    with pytest.raises(FormatError, match=r"the ends of sentences are not marked"):
        read(frame.dropna())


def test_the_column_of_sentence_ids_can_be_named():
    frame = pandas.DataFrame({"n": [1, 1, 2], "word": ["a", "b", "c"], "tag": ["O", "O", "O"]})
    found = read(frame, sentence_column="n")
    assert [example.tokens for example in found.train] == [("a", "b"), ("c",)]
    with pytest.raises(
        FormatError, match=r"splits\[train\]:2: sentence '1' comes again, after other sentences"
    ):
        read(frame.assign(n=[1, 2, 1]), sentence_column="n")


def test_labels_that_are_integers_need_names():
    frame = pandas.DataFrame({"sentence_id": [1, 1, 2], "word": ["a", "b", "c"], "tag": [0, 1, 1]})
    with pytest.raises(DataError, match="column 'tag' holds integers without names"):
        read(frame)
    assert [example.labels for example in read(frame, label_names=NAMES).train] == [("B-PER", "O"), ("O",)]


def test_categories_and_columns_of_arrow_are_read():
    frame = pandas.DataFrame({"sentence_id": [1, 1, 2], "word": ["a", "b", "c"], "tag": ["O", "O", "B-X"]})
    frame = frame.astype({"tag": "category", "word": "string[pyarrow]"})
    assert [example.labels for example in read(frame).train] == [("O", "O"), ("B-X",)]


@pytest.mark.parametrize(
    "spans",
    [
        [(0, 3, "PER"), (9, 13, "LOC")],
        [{"start": 0, "end": 3, "label": "PER"}, {"start": 9, "end": 13, "label": "LOC"}],
        "[(0, 3, 'PER'), (9, 13, 'LOC')]",
        {"start": [0, 9], "end": [3, 13], "label": ["PER", "LOC"]},
    ],
)
def test_texts_with_spans(spans):
    frame = pandas.DataFrame({"id": [7], "text": ["Ann left Oslo."], "entities": [spans]}, index=["row"])
    found = read(frame)
    assert [(e.tokens, e.labels, e.origin) for e in found.train] == [
        (("Ann", "left", "Oslo", "."), ("B-PER", "O", "B-LOC", "O"), "splits[train]:row")
    ]
    assert found.segmenter is not None


def test_texts_are_cut_as_the_spans_of_the_train_split_fit(caplog):
    rows = {"text": ["Oslo's mayor."], "spans": [[{"start": 0, "end": 4, "label": "LOC"}]]}
    with caplog.at_level(logging.INFO, logger="tagger"):
        found = read({"train": Dataset.from_dict(rows), "dev": Dataset.from_dict(rows)})
    assert found.train[0].tokens == found.dev[0].tokens == ("Oslo", "'s", "mayor", ".")
    assert found.segmenter.options()["clitics"] == "split"
    assert caplog.messages[0].startswith(
        "splits[train]: texts are cut with hyphens: split, clitics: split, as their"
    )
    wrong = rows | {"spans": [[{"start": 7, "end": 9, "label": "LOC"}]]}
    with pytest.raises(DataError, match=r"splits\[dev\]:0: the LOC 7-9 'ma' cuts through the token 'mayor'"):
        read({"train": Dataset.from_dict(rows), "dev": Dataset.from_dict(wrong)})


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["a", "a"], r"splits\[train\]: expected different names of columns, found 'a' twice"),
        ([0, 1], r"splits\[train\]: expected columns with names that are strings, found 0"),
    ],
)
def test_columns_without_a_name_of_their_own_are_refused(columns, message):
    with pytest.raises(DataError, match=message):
        read(pandas.DataFrame([["x", "O"]], columns=columns))


def test_the_library_is_only_known_by_its_name():
    class Dataset:  # of another library
        def __len__(self):
            return len(EXAMPLES)

        def __getitem__(self, place):
            return EXAMPLES[place]

    assert plain(read(Dataset()).train) == EXAMPLES
    assert datasets.Dataset is not Dataset


# --- which columns are taken ---


def test_numbers_are_no_tokens_whatever_else_a_table_has():
    frame = pandas.DataFrame({"sentence_id": [1, 1, 2], "word": [0, 1, 0], "tag": ["O", "B-X", "O"]})
    for given in (frame, frame.assign(lemma=["a", "b", "c"])):
        with pytest.raises(
            DataError, match=r"splits\[train\]: expected strings in column 'word', found integers. If"
        ):
            read(given, label_names=["O", "B-X"])
    for given in (Dataset.from_dict({"words": [[0, 1]], "tags": [["O", "B-X"]]}),):
        with pytest.raises(DataError, match="expected strings in column 'words', found integers"):
            read(given, label_names=["O", "B-X"])
    with pytest.raises(DataError, match="expected a column that is a list of class labels"):
        read(Dataset.from_dict({"tokens": [["a"]], "words": [["a"]]}))


def test_integers_beside_tokens_and_labels():
    frame = pandas.DataFrame(
        {
            "sentence_id": [1, 1, 2],
            "doc": [7, 7, 8],
            "n": [4, 4, 5],
            "word": ["a", "b", "c"],
            "tag": ["O", "B-X", "O"],
        }
    ).assign(upos=[1, 2, 3], head=[0, 1, 0])
    for column, ids in (("doc", ("7", "8")), ("n", ("4", "5"))):
        found = read(frame, label_column="tag", document_column=column)
        assert [(e.tokens, e.labels) for e in found.train] == [(("a", "b"), ("O", "B-X")), (("c",), ("O",))]
        assert tuple(example.document for example in found.train) == ids
    found = read(frame, label_column="upos", label_names=["A", "B", "C", "D"])
    assert [example.labels for example in found.train] == [("B", "C"), ("D",)]


@pytest.mark.parametrize("options", [{}, {"token_column": "word", "label_column": "tag"}])
def test_a_column_of_lists_beside_rows_that_are_tokens(options):
    frame = pandas.DataFrame({"sentence_id": [1, 1, 2], "word": ["a", "b", "c"], "tag": ["O", "B-X", "O"]})
    frame = frame.assign(vector=[[1, 2], [3], []], more=[{"x": 1}, None, None])
    assert [example.tokens for example in read(frame, **options).train] == [("a", "b"), ("c",)]
    with pytest.raises(
        DataError, match=r"expected a column that is a list of strings; found: .* word \(string\)"
    ):
        read(frame, label_column="vector")


def test_integers_that_blank_rows_made_floats_are_labels():
    frame = pandas.DataFrame({"word": ["a", None, "b", "c"], "tag": [0, None, 1, 1]})
    with pytest.raises(DataError, match=r"column 'tag' holds integers without names. Give the names"):
        read(frame)
    assert [example.labels for example in read(frame, label_names=NAMES).train] == [("B-PER",), ("O", "O")]
    with pytest.raises(DataError, match=r"found: word \(text\), tag \(float\)"):
        read(frame.assign(tag=[0, None, 1.5, 1]), label_names=NAMES)


def test_what_is_skipped_is_told_as_it_was(caplog):
    frame = pandas.DataFrame(KAGGLE | {"Word": ["a", 3.5, "b", "c"]})
    read(frame, label_column="Tag", skip_bad=True)
    assert any(
        "1: column 'Word': expected a string, found the float '3.5'" in line for line in caplog.messages
    )
    lists = pandas.DataFrame({"tokens": ["a b", None, "c d"], "ner_tags": ["O O", "O O", "O O"]})
    caplog.clear()
    assert len(read(lists, skip_bad=True).train) == 2
    assert any("1: column 'tokens': expected a string, found a missing" in line for line in caplog.messages)


def test_a_missing_document_is_that_of_its_sentence_alone():
    columns = {"sentence_id": [1, None, 2], "word": ["a", "b", "c"], "tag": ["O", "O", "O"]}
    frame = pandas.DataFrame(columns | {"doc": ["d", None, "e"]})
    assert [example.document for example in read(frame, document_column="doc").train] == ["d", "e"]
    frame = pandas.DataFrame(columns | {"doc": ["d", None, None]})
    with pytest.raises(
        DataError,
        match=r"splits\[train\]:2: column 'doc': expected the document of a sentence, found a missing",
    ):
        read(frame, document_column="doc")
    assert [example.tokens for example in read(frame, document_column="doc", skip_bad=True).train] == [
        ("a", "b")
    ]
    frame = pandas.DataFrame(columns | {"doc": [None, None, None]})
    assert [example.document for example in read(frame, document_column="doc").train] == [None, None]


def test_a_transform_that_would_not_be_applied_is_refused():
    with pytest.raises(
        DataError, match=r"splits\[train\]: the transform of set_transform .* Apply it with map"
    ):
        read(dataset().with_transform(lambda rows: rows))


@pytest.mark.parametrize("given", [{}, DatasetDict()])
def test_no_splits_at_all_are_refused(given):
    with pytest.raises(DataError, match=r"^splits: expected a train split, found none$"):
        read(given)
