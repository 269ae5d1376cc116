"""Parquet as people and the datasets library write it, and as we do."""

import datetime
import decimal
import json
import sys
import tracemalloc
from dataclasses import replace

import pytest
from formats.annotated_corpus import CORPUS
from formats.labelled_corpus import SENTENCES
from formats.writing import NO_SEGMENTER, save_as
from present import present

from tagger.errors import DataError, FormatError, MissingExtraError, UsageError
from tagger.formats import (
    FORMATS,
    AnnotatedText,
    CharacterSpan,
    Losses,
    ReadingOptions,
    WritingContext,
    guess_format,
    join_tokens,
    read_items,
)

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")
datasets = pytest.importorskip("datasets")

NAMES = sorted({label for sentence in SENTENCES for label in sentence.labels}, reverse=True)
TOKENS = [list(sentence.tokens) for sentence in SENTENCES]
LABELS = [sentence.labels for sentence in SENTENCES]
INTEGERS = [[NAMES.index(label) for label in labels] for labels in LABELS]


def continuous(case):
    return [(*ranges[0], label) for ranges, label in case.spans if len(ranges) == 1]


TEXTS = [
    AnnotatedText(
        case.text,
        tuple(
            CharacterSpan(start, end, label, probability=0.5 if place % 2 else None)
            for start, end, label in continuous(case)
        ),
        document=f"d{place}",
    )
    for place, case in enumerate(CORPUS)
]


@pytest.fixture
def write(tmp_path):
    def write(columns, schema=None, name="x.parquet", **options):
        path = tmp_path / name
        parquet.write_table(pyarrow.table(columns, schema=schema), path, **options)
        return path

    return write


def read(path, losses=None, labelled=True, **options):
    reading = ReadingOptions(format="parquet", **options)
    losses = Losses(skip_bad=reading.skip_bad) if losses is None else losses
    return list(read_items(path, reading, losses, name="x.parquet", labelled=labelled))


def save(texts, path, **context):
    save_as(FORMATS["parquet"], texts, path, WritingContext(Losses(), NO_SEGMENTER, **context))
    return path


def spans(item):
    return [(span.start, span.end, span.label) for span in item.spans]


# --- as others write it ---


def test_strings_are_read_in_row_groups(write):
    path = write({"id": list(range(len(TOKENS))), "tokens": TOKENS, "ner_tags": LABELS}, row_group_size=7)
    assert guess_format(path) == guess_format(path.rename(path.with_suffix(".x"))) == "parquet"
    path = path.with_suffix(".x")
    examples = read(path)
    assert [list(example.tokens) for example in examples] == TOKENS
    assert [example.labels for example in examples] == LABELS
    assert examples[8].origin == "x.parquet: row 9"
    with path.open("rb") as stream:
        assert [example.labels for example in read(stream)] == LABELS
    assert [(list(example.tokens), example.labels) for example in read(path, labelled=False)] == [
        (tokens, None) for tokens in TOKENS
    ]


def test_class_labels_have_the_names_of_their_own_file(tmp_path):
    for number, names in enumerate((NAMES, NAMES[::-1])):
        features = datasets.Features(
            {
                "tokens": datasets.List(datasets.Value("string")),
                "tags": datasets.List(datasets.ClassLabel(names=names)),
            }
        )
        data = datasets.Dataset.from_dict(
            {"tokens": TOKENS, "tags": [list(labels) for labels in LABELS]}, features
        )
        data.to_parquet(tmp_path / f"{number}.parquet")
    for number in (0, 1):
        assert [example.labels for example in read(tmp_path / f"{number}.parquet")] == LABELS


def test_class_labels_of_older_versions_have_their_names_too(write):
    features = {
        "tags": {"feature": {"names": NAMES, "_type": "ClassLabel"}, "length": -1, "_type": "Sequence"}
    }
    schema = pyarrow.schema(
        [("tokens", pyarrow.list_(pyarrow.string())), ("tags", pyarrow.list_(pyarrow.int64()))],
        metadata={"huggingface": json.dumps({"info": {"features": features}})},
    )
    path = write({"tokens": TOKENS, "tags": INTEGERS}, schema)
    assert [example.labels for example in read(path)] == LABELS


def test_integers_without_names_need_some(write):
    path = write({"tokens": TOKENS, "tags": INTEGERS})
    with pytest.raises(FormatError) as caught:
        read(path)
    assert str(caught.value) == (
        "x.parquet: row 1: 'tags': expected labels, found integers. Give their names in the order of the integers, as "
        "in label_names=['O', 'B-PER', 'I-PER'], or a JSON file of them. To skip and list bad data: skip_bad=True"
    )
    assert [example.labels for example in read(path, label_names=NAMES)] == LABELS
    assert [example.labels for example in read(path, labelled=False)] == [None] * len(TOKENS)


@pytest.mark.parametrize("large", [False, True])
def test_texts_with_spans_are_read(write, large):
    string, list_ = (
        (pyarrow.large_string(), pyarrow.large_list) if large else (pyarrow.string(), pyarrow.list_)
    )
    span = pyarrow.struct(
        [("value", string), ("start", pyarrow.int32()), ("end", pyarrow.int32()), ("label", string)]
    )
    rows = [
        [{"value": case.text[s:e], "start": s, "end": e, "label": label} for s, e, label in continuous(case)]
        for case in CORPUS
    ]
    schema = pyarrow.schema([("language", string), ("source_text", string), ("privacy_mask", list_(span))])
    path = write(
        {
            "language": ["en"] * len(CORPUS),
            "source_text": [case.text for case in CORPUS],
            "privacy_mask": rows,
        },
        schema,
    )
    items = read(path)
    assert [(item.text, spans(item)) for item in items] == [(case.text, continuous(case)) for case in CORPUS]
    assert (items[1].document, items[1].document_key) == (None, "x.parquet: row 2")
    assert [item.spans for item in read(path, labelled=False)] == [None] * len(CORPUS)


def test_what_nobody_annotated_is_left_out_and_counted_but_tagged(write):
    path = write({"tokens": [["a"], ["b"], ["c"], []], "labels": [None, ["O"], ["X"], []]})
    losses = Losses()
    assert [example.tokens for example in read(path, losses)] == [("b",), ("c",), ()]
    assert losses.count("sentences without annotations, left out") == len(losses) == 1
    assert len(read(path, labelled=False)) == 4

    path = write({"tokens": [["a"], ["b"]], "labels": [[-1], [0]]})
    assert [example.labels for example in read(path, label_names=["O"])] == [("O",)]

    path = save([AnnotatedText("a"), AnnotatedText("b", ())], path)
    losses = Losses()
    assert [item.text for item in read(path, losses)] == ["b"]
    assert losses.count("texts without annotations, left out") == len(losses) == 1
    assert [item.text for item in read(path, labelled=False)] == ["a", "b"]


@pytest.mark.slow
def test_a_table_is_read_in_constant_memory(write):
    path = write({"tokens": [["a"] * 20] * 50_000, "labels": [["O"] * 20] * 50_000}, row_group_size=5000)
    tracemalloc.start()
    assert sum(1 for _ in read_items(path, ReadingOptions(), Losses())) == 50_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8_000_000, "a million references to tokens take 16 MB"


def test_columns_are_chosen_where_several_could_be_meant(write):
    span = [[{"start": 0, "end": 1, "label": "A"}]]
    path = write(
        {"text": ["x"], "spans": span, "tokens": [["y"]], "ner": [["B-B"]], "pos": [["N"]], "doc": ["d"]}
    )
    with pytest.raises(DataError) as caught:
        read(path)
    assert str(caught.value).startswith(
        "x.parquet: texts with spans and tokens with labels could both be meant; choose with "
        "label_column='spans'; found: text (string), spans (list of spans), tokens (list of strings), "
    )
    assert spans(read(path, label_column="spans")[0]) == [(0, 1, "A")]
    assert read(path, label_column="ner", document_column="doc")[0].document == "d"
    assert read(path, label_column="pos")[0].labels == ("N",)
    for options, message in (
        (
            {"token_column": "tokens"},
            "several columns could be meant; choose with label_column='ner' or label_column='pos'",
        ),
        ({"label_column": "nope"}, "label_column='nope': no such column; found: text (string), "),
        (
            {"label_column": "ner", "document_column": "nope"},
            "document_column='nope': no such column; found: text",
        ),
        (
            {"label_column": "spans", "text_column": "nope"},
            "text_column='nope': expected a column of strings; found: ",
        ),
        (
            {"label_column": "ner", "text_column": "text"},
            "text_column='text': expected a column of texts beside one of ",
        ),
    ):
        with pytest.raises((DataError, UsageError)) as refused:
            read(path, **options)
        assert str(refused.value).startswith(f"x.parquet: {message}")


SKIP = ". To skip and list bad data: skip_bad=True"


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"tokens": [["a", "b"], ["c"]], "labels": [["O"], ["O"]]},
            "x.parquet: row 1: expected one label per token, found 2 in 'tokens' and 1 in 'labels'",
        ),
        (
            {"tokens": [["a"], ["c"]], "labels": [[" "], ["O"]]},
            "x.parquet: row 1: expected a label at place 0 in 'labels', found nothing",
        ),
        (
            {"tokens": [[None], ["c"]], "labels": [["O"], ["O"]]},
            "x.parquet: row 1: expected strings in 'tokens', found null",
        ),
        (
            {"tokens": [[""], ["c"]], "labels": [["O"], ["O"]]},
            "x.parquet: row 1: token 0 is '', expected more than white space",
        ),
        (
            {"text": [None, "c"], "spans": [[{"start": 0, "end": 1, "label": "X"}], []]},
            "x.parquet: row 1: expected a text in 'text', found null",
        ),
        (
            {"text": ["a", "c"], "spans": [[{"start": 0, "end": 2, "label": "X"}], []]},
            "x.parquet: row 1: expected 0 <= start < end <= 1 for the X, counted in code points, found 0-2. If the "
            "offsets count something else, say so: offsets",
        ),
        (
            {"text": ["a", "c"], "spans": [[{"start": 0, "end": 1, "label": 1}], []]},
            "x.parquet: row 1: 'spans': expected labels, found integers. Give their names in the order of the "
            "integers, as in label_names=['O', 'B-PER', 'I-PER'], or a JSON file of them",
        ),
    ],
)
def test_what_is_wrong_is_an_error_that_can_be_skipped(write, columns, message):
    path = write(columns)
    with pytest.raises(FormatError) as caught:
        read(path)
    assert str(caught.value) == message + SKIP
    losses = Losses(skip_bad=True)
    items = read(path, losses)
    assert items[-1].tokens == ("c",) if "tokens" in columns else items[-1].text == "c"
    assert len(losses) == 1


SPAN = {"start": 0, "end": 1, "label": "X"}
TIME = datetime.datetime(2020, 1, 2)
DAMAGED = pyarrow.array([b"a\xff", b"b"]).view(pyarrow.string())
TIMES = pyarrow.array([2**62, 0], pyarrow.timestamp("ms"))
LATE = pyarrow.ListArray.from_arrays(
    [0, 1, 2], pyarrow.StructArray.from_arrays([TIMES, [0, 1], [1, 1]], ["label", "start", "end"])
)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"text": ["a"], "spans": [[{**SPAN, "label": b"X"}]]},
            "x.parquet: row 1: expected a label for the span 0-1, found the object \"b'X'\"",
        ),
        (
            {"text": ["a"], "spans": [[{**SPAN, "label": TIME}]]},
            'x.parquet: row 1: expected a label for the span 0-1, found the object "datetime.datetime(2020, 1, 2, 0, '
            '0)"',
        ),
        (
            {"text": ["a"], "spans": [[{**SPAN, "start": TIME}]]},
            "x.parquet: row 1: expected whole numbers as start and end of the X, found the object "
            '"datetime.datetime(2020, 1, 2, 0, 0)" and the number 1',
        ),
        (
            {"text": ["a"], "spans": [[{**SPAN, "probability": "high"}]]},
            'x.parquet: row 1: expected a number from 0 to 1 as the probability of the X, found the string "high"',
        ),
        (
            {"text": ["a"], "spans": [[{**SPAN, "probability": decimal.Decimal("1.5")}]]},
            "x.parquet: row 1: expected a number from 0 to 1 as the probability of the X, found the number 1.5",
        ),
        (
            {"text": DAMAGED, "spans": [[SPAN], []]},
            "x.parquet: row 1: expected text in UTF-8, found byte 0xff in 'text'",
        ),
        (
            {"tokens": pyarrow.ListArray.from_arrays([0, 1, 2], DAMAGED), "labels": [["O"], ["O"]]},
            "x.parquet: row 1: expected text in UTF-8, found byte 0xff in 'tokens'",
        ),
        (
            {"text": ["a", "b"], "spans": LATE},
            "x.parquet: row 1: expected values that can be read, found one that cannot (Python int too large to "
            "convert to C int) in 'spans'",
        ),
    ],
)
def test_values_of_other_kinds_are_errors_that_can_be_skipped(write, columns, message):
    path = write(columns)
    with pytest.raises(FormatError) as caught:
        read(path)
    assert str(caught.value) == message + SKIP
    losses = Losses(skip_bad=True)
    read(path, losses)
    assert len(losses) >= 1
    if DAMAGED not in columns.values() and "tokens" not in columns:
        assert [item.text for item in read(path, labelled=False)] == columns["text"]


def test_rows_after_one_that_cannot_be_read_are_read(write):
    losses = Losses(skip_bad=True)
    (item,) = read(write({"text": DAMAGED, "spans": [[SPAN], [SPAN]]}), losses)
    assert (item.text, item.origin, spans(item)) == ("b", "x.parquet: row 2", [(0, 1, "X")])
    assert list(losses.lines()) == [
        "rows that cannot be read, left out as bad: 1",
        "  x.parquet: row 1: expected text in UTF-8, found byte 0xff in 'text'",
    ]


def test_a_probability_may_be_a_decimal(write):
    (item,) = read(write({"text": ["a"], "spans": [[{**SPAN, "probability": decimal.Decimal("0.5")}]]}))
    assert item.spans == (CharacterSpan(0, 1, "X", (), 0.5),)


def test_a_damaged_file_is_no_table(tmp_path, write):
    path = write({"tokens": TOKENS, "labels": LABELS})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(FormatError) as caught:
        read(path)
    assert str(caught.value).startswith("x.parquet: expected a whole Parquet file, found a damaged one: ")
    with pytest.raises(DataError) as missing:
        read(tmp_path / "nowhere.parquet")
    assert str(missing.value) == "x.parquet: expected a file, found none of this name"


# --- as we write it ---


def test_texts_that_are_written_are_read_again(tmp_path):
    items = read(save(TEXTS, tmp_path / "a.parquet"))
    assert [(item.text, item.document) for item in items] == [(text.text, text.document) for text in TEXTS]
    assert [item.spans for item in items] == [
        tuple(sorted(present(text.spans), key=lambda span: (span.start, -span.end, span.label)))
        for text in TEXTS
    ]


def test_offsets_are_written_in_other_units(tmp_path):
    path = save(
        [AnnotatedText("😀 Oslo", (CharacterSpan(2, 6, "LOC"),))], tmp_path / "a.parquet", offsets="utf16"
    )
    assert parquet.read_table(path).to_pylist()[0]["spans"] == [
        {"start": 3, "end": 7, "label": "LOC", "probability": None}
    ]


def test_labels_that_are_written_are_read_again(tmp_path):
    texts = [
        AnnotatedText("a b", None, ((0, 1), (2, 3)), (0,), ("X", "Y"), (0.5, 1.0), document="d"),
        AnnotatedText("c", None, ((0, 1),), (0,), ("X",)),
    ]
    path = save(texts, tmp_path / "a.parquet")
    assert parquet.read_table(path).to_pylist() == [
        {"tokens": ["a", "b"], "labels": ["X", "Y"], "probabilities": [0.5, 1.0], "document": "d"},
        {"tokens": ["c"], "labels": ["X"], "probabilities": None, "document": None},
    ]
    text, example = read(path)
    assert text == replace(texts[0], origin="x.parquet: row 1")
    assert (example.tokens, example.labels, example.document) == (("c",), ("X",), None)


def test_types_are_the_same_whatever_there_is_to_write(tmp_path):
    schemas = [
        parquet.read_schema(save(texts, tmp_path / "a.parquet"))
        for texts in ([], [AnnotatedText("a", ())] * 1500, [AnnotatedText("a")], TEXTS)
    ]
    assert all(schema.equals(schemas[0], check_metadata=True) for schema in schemas)
    assert str(schemas[0].field("spans").type) == (
        "list<element: struct<start: int64, end: int64, label: string, probability: double>>"
    )


def test_the_datasets_library_opens_what_is_written(tmp_path):
    save(TEXTS, tmp_path / "a.parquet")
    save([AnnotatedText("nothing", ())] * 1500, tmp_path / "b.parquet")
    data = datasets.load_dataset(
        "parquet",
        data_files={"train": str(tmp_path / "a.parquet"), "test": str(tmp_path / "b.parquet")},
        cache_dir=str(tmp_path / "cache"),
    )
    assert data["train"]["text"][:] == [case.text for case in CORPUS]
    found = [
        [(span["start"], span["end"], span["label"]) for span in row] for row in data["train"]["spans"][:]
    ]
    assert [sorted(row) for row in found] == [sorted(continuous(case)) for case in CORPUS]
    assert data["test"]["spans"][:] == [[]] * 1500


def test_texts_with_spans_and_with_labels_are_not_mixed_and_nothing_is_written(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(b"old")
    texts = [AnnotatedText("a", ()), AnnotatedText("c", None, ((0, 1),), (0,), ("X",), origin="x:2")]
    with pytest.raises(DataError) as caught:
        save(texts, path)
    assert str(caught.value) == (
        "x:2: expected spans as in the first text, found labels of tokens; write JSON Lines instead"
    )
    assert [file.name for file in tmp_path.iterdir()] == ["a.parquet"]
    assert path.read_bytes() == b"old"


# --- without pyarrow ---


def test_without_pyarrow_the_extra_is_named(tmp_path, monkeypatch):
    path = save(TEXTS, tmp_path / "a.parquet")
    for module in ("parquet", "parquet_writing"):
        monkeypatch.delitem(sys.modules, f"tagger.formats_extra.{module}")
        monkeypatch.delattr(f"tagger.formats_extra.{module}")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert guess_format(path) == "parquet"
    for act in (read, lambda path: save(TEXTS, path)):
        with pytest.raises(MissingExtraError) as caught:
            act(path)
        assert str(caught.value) == (
            "The format parquet needs the package 'pyarrow'. Install it with: pip install 'FOLDER[parquet]', FOLDER "
            "being the clone of tagger"
        )


def sentence(*rows, **more):
    """A sentence of tokens alone with spans of single tokens."""
    text, ranges = join_tokens([token for token, _ in rows])
    spans = tuple(
        CharacterSpan(*place, label, probability=0.5 if label == "LOC" else None)
        for place, (_, label) in zip(ranges, rows, strict=True)
        if label
    )
    return AnnotatedText(text, spans, tuple(ranges), (0,) if ranges else (), **more)


def test_sentences_that_are_tokens_alone_are_written_as_tokens_and_labels(tmp_path):
    texts = [sentence(("e-mail", ""), ("Oslo", "LOC"), document="d"), sentence(), sentence(("Ann", "PER"))]
    path = save(texts, tmp_path / "a.parquet")
    assert parquet.read_table(path).to_pylist() == [
        {
            "tokens": ["e-mail", "Oslo"],
            "labels": ["O", "B-LOC"],
            "probabilities": [None, 0.5],
            "document": "d",
        },
        {"tokens": [], "labels": [], "probabilities": None, "document": None},
        {"tokens": ["Ann"], "labels": ["B-PER"], "probabilities": None, "document": None},
    ]
    with pytest.raises(DataError) as caught:
        save([*texts, *[sentence()] * 10_000, AnnotatedText("Hi, Oslo", (), origin="x:9")], path)
    assert str(caught.value) == (
        "x:9: expected labels of tokens as in the first text, found spans; write JSON Lines instead"
    )


def test_tokens_of_sentences_whose_spans_overlap_are_counted(tmp_path):
    nested = AnnotatedText(
        "New York Times",
        (CharacterSpan(0, 14, "ORG"), CharacterSpan(0, 8, "LOC")),
        ((0, 3), (4, 8), (9, 14)),
        (0,),
        origin="x:2",
    )
    losses = Losses()
    path = tmp_path / "a.parquet"
    save_as(
        FORMATS["parquet"], [sentence(("Ann", "PER")), nested], path, WritingContext(losses, NO_SEGMENTER)
    )
    assert [len(item.spans) for item in read(path)] == [1, 2]
    assert list(losses.lines()) == ["sentences whose tokens are not written: 2; the first: Ann"]


def test_columns_that_are_not_read_are_counted_when_all_is_to_be_carried_over(write):
    path = write({"tokens": [["a"], ["b"]], "labels": [["X"], ["Y"]], "author": ["me", "you"]})
    losses = Losses()
    list(read_items(path, ReadingOptions(), losses, name="x.parquet", whole=True))
    assert list(losses.lines()) == ["cells of the column 'author', not read: 2; the first: x.parquet: row 1"]


@pytest.mark.parametrize(
    "columns",
    [
        {"doc": ["d"], "sentences": [[{"words": ["a"], "tags": ["O"]}]]},
        {"annotation": [{"words": ["a"], "tags": ["O"]}]},
        {"words": [[["a"], ["b"]]], "tags": [[["O"], ["O"]]]},
    ],
)
@pytest.mark.parametrize("options", [{}, {"token_column": "sentences.words"}])
def test_columns_within_others_are_told_to_be_read_as_a_dataset(tmp_path, columns, options):
    parquet.write_table(pyarrow.table(columns), tmp_path / "nested.parquet")
    path = tmp_path / "nested.parquet"
    with pytest.raises((DataError, UsageError)) as raised:
        list(read_items(path, ReadingOptions(format="parquet", **options), Losses()))
    advice = ". Nested columns are read only from datasets, in training: DataConfig("
    assert str(raised.value).endswith(f"{advice}dataset={str(path)!r})")
