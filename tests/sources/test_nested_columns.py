"""Columns within columns, and texts with spans beside them, in every kind of table that a dataset is stored in."""

import json
from typing import Any

import pyarrow
import pytest
from datasets import ClassLabel, Dataset, DatasetDict, Features, LargeList, List, Value
from present import present

from tagger.errors import DataError, FormatError, UsageError
from tagger.sources import load_splits

NAMES = ["B-PER", "O", "B-LOC"]  # O is not always 0
DOCUMENTS = [
    {
        "document_id": "nw/1",
        "sentences": [
            {
                "words": ["Ann", "left"],
                "pos_tags": ["NNP", "VBD"],
                "named_entities": ["B-PER", "O"],
                "part": 0,
            },
            {"words": ["Oslo"], "pos_tags": ["NNP"], "named_entities": ["B-LOC"], "part": 0},
        ],
    },
    {"document_id": "nw/2", "sentences": []},
    {
        "document_id": "nw/3",
        "sentences": [{"words": ["Go"], "pos_tags": ["VB"], "named_entities": ["O"], "part": 1}],
    },
]
READ = [
    (("Ann", "left"), ("B-PER", "O"), "nw/1", "0.0"),
    (("Oslo",), ("B-LOC",), "nw/1", "0.1"),
    (("Go",), ("O",), "nw/3", "2.0"),
]
CLASSES = Features(
    {
        "document_id": Value("string"),
        "sentences": List(
            {
                "words": List(Value("string")),
                "pos_tags": List(ClassLabel(names=["NNP", "VBD", "VB"])),
                "named_entities": List(ClassLabel(names=NAMES)),
                "part": Value("int32"),
            }
        ),
    }
)


def write_json(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def write_arrow(path, rows):
    table = Dataset.from_list(rows, features=CLASSES).data.table
    with pyarrow.OSFile(str(path), "wb") as file, pyarrow.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table)


def numbered(rows):
    return [
        {
            **row,
            "sentences": [
                sentence
                | {
                    "named_entities": [NAMES.index(label) for label in sentence["named_entities"]],
                    "pos_tags": [["NNP", "VBD", "VB"].index(tag) for tag in sentence["pos_tags"]],
                }
                for sentence in row["sentences"]
            ],
        }
        for row in rows
    ]


STORES = {
    "parquet": lambda folder: Dataset.from_list(numbered(DOCUMENTS), features=CLASSES).to_parquet(
        folder / "train.parquet"
    ),
    "json": lambda folder: write_json(folder / "train.jsonl", DOCUMENTS),
    "arrow": lambda folder: write_arrow(folder / "train.arrow", numbered(DOCUMENTS)),
    "saved": lambda folder: DatasetDict(
        {"train": Dataset.from_list(numbered(DOCUMENTS), features=CLASSES)}
    ).save_to_disk(folder),
}


@pytest.fixture(params=STORES)
def folder(request, tmp_path):
    STORES[request.param](tmp_path)
    return tmp_path


def read(folder, role="train", **options):
    splits = load_splits(str(folder), **options)
    where = f"{folder}[train]:"
    return splits, [
        (example.tokens, example.labels, example.document, present(example.origin).removeprefix(where))
        for example in splits[role]
    ]


# --- a document a row ---


def test_the_sentences_of_a_row_are_of_its_document(folder):
    options = {"token_column": "sentences.words", "label_column": "sentences.named_entities"}
    splits, found = read(folder, **options)
    assert found == READ
    assert (splits.identity.token_column, splits.identity.label_column) == tuple(options.values())
    assert splits.identity.label_names in ((), tuple(NAMES))
    _, by_name = read(folder, label_column="sentences.named_entities")
    assert by_name == READ


def test_several_tasks_within_a_column_are_an_error_that_gives_their_dotted_names(folder):
    with pytest.raises(DataError) as raised:
        load_splits(str(folder))
    assert str(raised.value) == (
        f"{folder}[train]: several columns could be meant; choose with label_column='sentences.pos_tags' or "
        "label_column='sentences.named_entities'"
    )


def test_without_ids_the_row_is_the_document(tmp_path):
    rows = [{"s": [{"words": ["a"], "tags": ["X"]}, {"words": ["b"], "tags": ["X"]}]}] * 2
    write_json(tmp_path / "train.jsonl", rows)
    assert [document for _, _, document, _ in read(tmp_path)[1]] == ["0", "0", "1", "1"]


def test_lists_of_lists_and_three_levels_are_read_likewise(tmp_path):
    write_json(tmp_path / "train.jsonl", [{"tokens": [["a", "b"], ["c"]], "ner": [["O", "B-X"], ["O"]]}])
    assert read(tmp_path)[1] == [(("a", "b"), ("O", "B-X"), "0", "0.0"), (("c",), ("O",), "0", "0.1")]
    write_json(tmp_path / "train.jsonl", [{"p": [{"s": [{"words": ["a"], "ner": ["O"]}]}]}])
    assert read(tmp_path)[1] == [(("a",), ("O",), "0", "0.0.0")]


def test_a_document_of_unequal_lists_names_the_row(tmp_path):
    rows = [{"tokens": [["a"], ["b"]], "ner": [["O"], ["O"]]}, {"tokens": [["a"], ["b"]], "ner": [["O"]]}]
    write_json(tmp_path / "train.jsonl", rows)
    with pytest.raises(
        FormatError, match=r"\[train\]:1: expected as many lists in column 'ner' as in 'tokens', found 1"
    ):
        load_splits(str(tmp_path))
    splits, found = read(tmp_path, skip_bad=True)
    assert len(found) == 2
    assert splits.identity.left_out == {"train": {"rows that cannot be read, left out as bad": 1}}


def test_a_sentence_that_is_wrong_is_named_by_row_and_sentence(tmp_path):
    write_json(tmp_path / "train.jsonl", [{"tokens": [["a"], ["b"]], "ner": [["O"], ["O", "O"]]}])
    with pytest.raises(DataError, match=r"\[train\]:0\.1: expected one label per token, found 1 tokens"):
        load_splits(str(tmp_path))


def test_words_of_documents_and_labels_of_sentences_do_not_go_together(tmp_path):
    write_json(tmp_path / "train.jsonl", [{"tokens": [["a"]], "ner_tags": ["O"]}])
    with pytest.raises(UsageError) as raised:
        load_splits(str(tmp_path), token_column="tokens", label_column="ner_tags")
    assert str(raised.value) == (
        f"{tmp_path}[train]: token_column='tokens', label_column='ner_tags': expected one label per token, found a "
        "list of lists of strings and a list of strings"
    )


# --- a sentence a row ---


@pytest.mark.parametrize("inner", [List, LargeList])
def test_structs_of_tokens(tmp_path, inner):
    features = Features({"tokens": inner({"text": Value("string"), "tag": ClassLabel(names=NAMES)})})
    rows = [{"tokens": [{"text": "Ann", "tag": 0}, {"text": "left", "tag": 1}]}]
    Dataset.from_list(rows, features=features).to_parquet(tmp_path / "train.parquet")
    splits, found = read(tmp_path)
    assert found == [(("Ann", "left"), ("B-PER", "O"), None, "0")]
    assert splits.identity.label_names == tuple(NAMES)


def test_structs_of_lists(tmp_path):
    rows = [{"annotation": {"tokens": ["Ann"], "tags": ["B-PER"]}, "meta": {"doc": "d"}}]
    write_json(tmp_path / "train.jsonl", rows)
    assert read(tmp_path, document_column="meta.doc")[1] == [(("Ann",), ("B-PER",), "d", "0")]


def test_plain_columns_are_taken_before_those_within_others(tmp_path):
    row = {"parse": [{"word": "x", "tag": "y"}], "tokens": ["Ann"], "ner_tags": ["O"]}
    write_json(tmp_path / "train.jsonl", [row])
    assert read(tmp_path)[1] == [(("Ann",), ("O",), None, "0")]
    assert read(tmp_path, label_column="parse.tag")[1] == [(("x",), ("y",), None, "0")]


def test_several_lists_of_tokens_are_an_error_that_gives_their_names(tmp_path):
    write_json(
        tmp_path / "train.jsonl",
        [{"a": {"words": ["x"], "tags": ["y"]}, "s": [{"words": ["x"], "tags": ["y"]}]}],
    )
    with pytest.raises(
        DataError, match=r"choose with token_column='a.words' or token_column='s.words'; found: a.words"
    ):
        load_splits(str(tmp_path))


def test_mentions_are_not_taken_for_sentences(tmp_path):
    write_json(
        tmp_path / "train.jsonl", [{"source": "Ann left", "mentions": [{"text": "Ann", "label": "PER"}]}]
    )
    with pytest.raises(
        DataError, match=r"expected a column that is a list of strings; found: source \(string\), ment"
    ):
        load_splits(str(tmp_path))


def test_a_plain_column_wins_over_one_within_others_of_the_same_name(tmp_path):
    write_json(tmp_path / "train.jsonl", [{"a": {"words": ["x"]}, "a.words": ["plain"], "tags": ["O"]}])
    assert read(tmp_path, token_column="a.words")[1][0][0] == ("plain",)


# --- texts with spans ---

TEXT = "Ann left Oslo."
SPANS = {
    "structs": [{"start": 0, "end": 3, "label": "PER"}, {"start": 9, "end": 13, "label": "LOC"}],
    "other keys": [
        {"start_offset": 0, "end_offset": 3, "entity_type": "PER", "text": "Ann"},
        {"start_offset": 9, "end_offset": 13, "entity_type": "LOC", "text": "Oslo"},
    ],
    "struct of lists": {"start": [0, 9], "end": [3, 13], "label": ["PER", "LOC"]},
}
LABELS = ("B-PER", "O", "B-LOC", "O")


@pytest.mark.parametrize("spans", SPANS.values(), ids=SPANS)
@pytest.mark.parametrize("store", ["parquet", "json"])
def test_texts_with_spans_are_cut(tmp_path, spans, store):
    rows = [{"id": "7", "text": TEXT, "entities": spans}]
    if store == "json":
        write_json(tmp_path / "train.jsonl", rows)
    else:
        Dataset.from_list(rows).to_parquet(tmp_path / "train.parquet")
    splits, found = read(tmp_path)
    assert found == [(("Ann", "left", "Oslo", "."), LABELS, f"{tmp_path}[train]:0", "0")]
    assert (splits.identity.token_column, splits.identity.label_column) == ("text", "entities")


def test_triples_in_json_and_in_csv(tmp_path):
    write_json(tmp_path / "train.jsonl", [{"text": TEXT, "label": [[0, 3, "PER"], [9, 13, "LOC"]]}])
    assert read(tmp_path)[1][0][1] == LABELS
    (tmp_path / "train.jsonl").unlink()
    (tmp_path / "train.csv").write_text(f"text,spans\n{TEXT},\"[(0, 3, 'PER'), (9, 13, 'LOC')]\"\n")
    assert read(tmp_path)[1][0][1] == LABELS


LABEL = ClassLabel(names=["LOC", "PER"])


@pytest.mark.parametrize(
    ("features", "value"),
    [
        (
            List({"start": Value("int32"), "end": Value("int32"), "label": LABEL}),
            [{"start": 0, "end": 3, "label": 1}, {"start": 9, "end": 13, "label": 0}],
        ),
        (
            {"start": List(Value("int32")), "end": List(Value("int32")), "label": List(LABEL)},
            {"start": [0, 9], "end": [3, 13], "label": [1, 0]},
        ),
    ],
)
def test_names_of_labels_within_spans(tmp_path, features, value):
    features = Features({"text": Value("string"), "entities": features})
    Dataset.from_list([{"text": TEXT, "entities": value}], features=features).to_parquet(
        tmp_path / "train.parquet"
    )
    assert read(tmp_path)[1][0][1] == LABELS
    with pytest.raises(UsageError, match="label_names has no effect, column 'entities'"):
        load_splits(str(tmp_path), label_names=["PER", "LOC"])


def test_integers_in_spans_have_the_names_that_are_given(tmp_path):
    rows = [
        {"text": TEXT, "entities": [{"start": 0, "end": 3, "label": 1}, {"start": 9, "end": 13, "label": 0}]}
    ]
    write_json(tmp_path / "train.jsonl", rows)
    assert read(tmp_path, label_names=["LOC", "PER"])[1][0][1] == LABELS
    with pytest.raises(FormatError, match="expected labels, found integers"):
        load_splits(str(tmp_path))
    write_json(tmp_path / "train.jsonl", [{"text": TEXT, "entities": SPANS["structs"]}])
    with pytest.raises(UsageError, match=r"label_names: expected labels that are integers, found 'PER'"):
        load_splits(str(tmp_path), label_names=["A", "B"])


def test_spans_that_do_not_fit_are_refused_or_left_out(tmp_path):
    rows = [
        {
            "text": TEXT,
            "entities": [{"start": 0, "end": 2, "label": "PER"}, {"start": 9, "end": 13, "label": "LOC"}],
        }
    ]
    write_json(tmp_path / "train.jsonl", rows)
    with pytest.raises(DataError, match=r"\[train\]:0: the PER 0-2 'An' cuts through the token 'Ann'"):
        load_splits(str(tmp_path))
    splits, found = read(tmp_path, skip_bad=True)
    assert found[0][1] == ("O", "O", "B-LOC", "O")
    assert splits.identity.left_out == {"train": {"spans that cut through a token, left out as bad": 1}}


def test_offsets_and_sentences_that_spans_cross(tmp_path):
    text = "\U0001f600 Ann. Oslo."
    rows = [{"text": text, "spans": [{"start": 3, "end": 12, "label": "X"}]}]
    write_json(tmp_path / "train.jsonl", rows)
    _, found = read(tmp_path, offsets="utf16", join_sentences=True)
    assert [labels for _, labels, _, _ in found][-1].count("B-X") == 1


def test_tokens_with_labels_win_over_texts_unless_these_are_named(tmp_path):
    write_json(
        tmp_path / "train.jsonl",
        [{"tokens": ["a"], "ner_tags": ["O"], "text": TEXT, "spans": SPANS["structs"]}],
    )
    assert read(tmp_path)[1][0][0] == ("a",)
    assert read(tmp_path, text_column="text")[1][0][1] == LABELS
    assert read(tmp_path, label_column="spans")[1][0][1] == LABELS


def test_passages_make_a_text(tmp_path):
    row: dict[str, Any] = {
        "document_id": "8",
        "passages": [
            {"id": "1", "type": "title", "text": ["Ann left Oslo."], "offsets": [[0, 14]]},
            {"id": "2", "type": "abstract", "text": ["She left."], "offsets": [[15, 24]]},
        ],
        "entities": [
            {"id": "3", "type": "PER", "text": ["Ann"], "offsets": [[0, 3]], "normalized": []},
            {"id": "4", "type": "PER", "text": ["She"], "offsets": [[15, 18]], "normalized": []},
        ],
    }
    Dataset.from_list([row]).to_parquet(tmp_path / "train.parquet")
    assert read(tmp_path)[1] == [
        (("Ann", "left", "Oslo", "."), ("B-PER", "O", "O", "O"), "8", "0"),
        (("She", "left", "."), ("B-PER", "O", "O"), "8", "0"),
    ]
    row["passages"][1]["offsets"] = [[14, 30]]
    write_json(tmp_path / "other.jsonl", [row])
    with pytest.raises(FormatError, match=r"expected 9 characters from 14 or later on, found 14-30"):
        load_splits(str(tmp_path / "other.jsonl"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"offsets": "utf16"}, "offsets has no effect on .*: it holds tokens, and no texts"),
        (
            {"text_column": "tokens"},
            "text_column='tokens': expected a column of texts beside one of lists of spans",
        ),
        (
            {"sentence_column": "tokens"},
            "sentence_column='tokens': has no effect where a row is a sentence or a text",
        ),
    ],
)
def test_options_of_other_tables_are_refused(tmp_path, options, message):
    write_json(tmp_path / "train.jsonl", [{"tokens": ["a"], "ner_tags": ["O"]}])
    with pytest.raises(UsageError, match=message):
        load_splits(str(tmp_path), **options)


def test_rows_that_are_wrong_are_left_out_if_bad_ones_are_skipped(tmp_path, caplog):
    rows: list[dict[str, Any]] = [{"tokens": [f"w{row}"], "ner_tags": ["O"]} for row in range(20)]
    rows[3] = {"tokens": ["a", "b"], "ner_tags": ["O"]}
    rows[17] = {"tokens": None, "ner_tags": ["O"]}
    write_json(tmp_path / "train.jsonl", rows)
    splits, found = read(tmp_path, skip_bad=True)
    assert [origin for _, _, _, origin in found] == [str(row) for row in range(20) if row not in (3, 17)]
    assert splits.identity.left_out == {"train": {"rows that cannot be read, left out as bad": 2}}
    assert any(
        "[train]:3: expected one label per token, found 2 tokens" in message for message in caplog.messages
    )


def test_the_column_of_sentence_ids_of_a_csv_file(tmp_path):
    (tmp_path / "train.csv").write_text("no,word,tag\n1,Ann,B-PER\n1,left,O\n2,Oslo,B-LOC\n")
    assert [tokens for tokens, *_ in read(tmp_path, sentence_column="no", label_column="tag")[1]] == [
        ("Ann", "left"),
        ("Oslo",),
    ]
    with pytest.raises(UsageError, match="sentence_column='nr': no such column"):
        load_splits(str(tmp_path), sentence_column="nr")
