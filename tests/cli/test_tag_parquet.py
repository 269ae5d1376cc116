"""``tagger tag -o x.parquet``: the one schema, whatever the input; Parquet input keeps its columns."""

import json

import pytest

from tagger import Tagger

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

TEXT = "😀 Anna Smith lives in Oslo.\r\n\r\nBob went to Paris today."
PLACES = ["file", "document", "offset", "text"]


@pytest.fixture
def tagged(program, tmp_path):
    """Tags into a Parquet file; returns its rows."""

    def run(model, *arguments, stdin="", name="out.parquet"):
        path = tmp_path / name
        status, output, errors = program("tag", model, *arguments, "-o", path, stdin=stdin)
        assert (status, output) == (0, "")
        assert errors.endswith(f"tagger: {path}: parquet, written\n")  # datasets shows progress before
        return parquet.read_table(path)

    return run


@pytest.fixture
def columns(tmp_path):
    """Writes columns as a Parquet file."""

    def write(values, name="in.parquet", schema=None, **options):
        path = tmp_path / name
        table = values if isinstance(values, pyarrow.Table) else pyarrow.table(values, schema=schema)
        parquet.write_table(table, path, **options)
        return path

    return write


def test_a_running_text_is_a_row_for_each_sentence(tagged, ner_model, write):
    path = write("a.txt", TEXT)
    table = tagged(ner_model, path, "--probabilities")
    from tagger.integrations.arrow import output_schema

    assert table.schema.names == [*PLACES, *output_schema().names]
    assert [table.schema.field(name).type for name in output_schema().names] == output_schema().types
    rows = table.to_pylist()
    assert [(row["file"], row["document"], row["offset"], row["text"]) for row in rows] == [
        (str(path), str(path), 0, "😀 Anna Smith lives in Oslo."),
        (str(path), str(path), 31, "Bob went to Paris today."),
    ]
    found = [(row["offset"] + e["start"], row["offset"] + e["end"], e["text"], e["label"], e["probability"])
             for row in rows for e in row["entities"]]  # fmt: skip
    assert found == [
        (entity.start, entity.end, entity.text, entity.label, entity.probability)
        for entity in Tagger.load(ner_model).extract(TEXT)
    ]
    assert all(row["text"][e["start"] : e["end"]] == e["text"] for row in rows for e in row["entities"])
    assert rows[1]["tokens"] == ["Bob", "went", "to", "Paris", "today", "."]
    assert rows[1]["labels"] == ["B-PER", "O", "O", "B-LOC", "O", "O"]
    assert rows[1]["sentences"] == [{"start": 0, "end": 6}]


@pytest.mark.parametrize(
    ("name", "content", "texts", "tokens"),
    [
        ("a.conll", "Anna O\nsings O\n\n\nBob O\n", [None, None], [["Anna", "sings"], ["Bob"]]),
        ("a.jsonl", '{"text": "Bob. Bob."}\n{"tokens": ["Bob"]}\n', ["Bob. Bob.", None], [["Bob", "."] * 2, ["Bob"]]),
        ("b.jsonl", '{"text": "Bob.", "label": [[0, 1, "X"]]}\n', ["Bob."], [["Bob", "."]]),
        ("a.csv", "sentence_id,token\n1,Anna\n1,sings\n", [None], [["Anna", "sings"]]),
    ],
)  # fmt: skip
def test_other_input_is_a_row_for_each_text_or_sentence(
    tagged, ner_model, write, name, content, texts, tokens
):
    rows = tagged(ner_model, write(name, content)).to_pylist()
    assert [row["text"] for row in rows] == texts
    assert [row["tokens"] for row in rows] == tokens
    assert [row["entities"] is None for row in rows] == [text is None for text in texts]
    assert all(row["probabilities"] is None and row["offset"] is None for row in rows)
    if name == "a.jsonl":
        assert rows[0]["sentences"] == [{"start": 0, "end": 2}, {"start": 2, "end": 4}]


def test_labels_without_spans_have_none(tagged, pos_model):
    (row,) = tagged(pos_model, stdin="it rained\n").to_pylist()
    assert (row["labels"], row["spans"], row["entities"]) == (["PRON", "VERB"], None, None)
    assert row["file"] == "<stdin>"


def test_types_are_the_same_whatever_is_found_first(tagged, ner_model):
    table = tagged(
        ner_model, "--input", "tokens", stdin="it rained\n" * 1500 + "Anna sings\n", name="a.parquet"
    )
    other = tagged(ner_model, "--probabilities", stdin=TEXT, name="b.parquet")
    assert table.schema.equals(other.schema)
    pandas = pytest.importorskip("pandas")
    frame = pandas.concat([table.to_pandas(), other.to_pandas()])
    assert list(frame["spans"].iloc[1500]) == [{"start": 0, "end": 1, "label": "PER", "probability": None}]
    assert all(len(spans) == 0 for spans in frame["spans"].iloc[:1500])


def test_what_else_an_object_holds_is_counted(program, ner_model, write, tmp_path):
    path = write("a.jsonl", '{"id": 1, "text": "Anna"}\n{"text": "Bob"}\n')
    status, _, errors = program("tag", ner_model, path, "-o", tmp_path / "a.parquet")
    assert (status, errors.splitlines()[0]) == (
        0,
        "tagger: objects with more than is read of them, which is not written (--output jsonl keeps it): 1; the "
        f"first: {path}:1: id",
    )


def test_parquet_input_keeps_its_columns_order_and_metadata(tagged, ner_model, columns):
    schema = pyarrow.schema(
        [pyarrow.field("id", pyarrow.int16(), metadata={"unit": "none"}), ("text", pyarrow.large_string()),
         ("nested", pyarrow.list_(pyarrow.struct([("x", pyarrow.decimal128(5, 2))])))],
        metadata={"mine": "yes"},
    )  # fmt: skip
    values = {"id": list(range(2500)), "text": ["Anna sings.", "it rained"] * 1250,
              "nested": [[{"x": None}], None] * 1250}  # fmt: skip
    path = columns(values, schema=schema, row_group_size=700)
    table = tagged(ner_model, path)
    assert table.select(["id", "text", "nested"]).equals(parquet.read_table(path))
    assert table.schema.field("id").metadata == {b"unit": b"none"}
    assert table.schema.metadata == {b"mine": b"yes"}
    assert [len(found) for found in table["entities"].to_pylist()] == [1, 0] * 1250


def test_tokens_are_not_written_twice(tagged, ner_model, columns):
    path = columns({"tokens": [["Anna", "sings"], [], ["it"]], "ner_tags": [[1, 0], [], [0]]})
    table = tagged(ner_model, path)
    assert table.schema.names == [
        "tokens",
        "ner_tags",
        "labels",
        "probabilities",
        "sentences",
        "spans",
        "entities",
    ]
    assert table["labels"].to_pylist() == [["B-PER", "O"], [], ["O"]]


def test_class_labels_of_datasets_stay(tagged, ner_model, tmp_path):
    datasets = pytest.importorskip("datasets")
    features = datasets.Features(
        {
            "tokens": datasets.List(datasets.Value("string")),
            "ner_tags": datasets.List(datasets.ClassLabel(names=["O", "B-PER"])),
        }
    )
    path = tmp_path / "in.parquet"
    datasets.Dataset.from_dict({"tokens": [["Anna"]], "ner_tags": [[1]]}, features=features).to_parquet(path)
    tagged(ner_model, path)
    read = datasets.Dataset.from_parquet(str(tmp_path / "out.parquet"), cache_dir=str(tmp_path / "cache"))
    assert read.features["ner_tags"] == features["ner_tags"]
    assert read[0]["labels"] == ["B-PER"]


def test_an_index_of_pandas_stays(tagged, ner_model, tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"text": ["Anna", "Bob"]}, index=pandas.Index(["x", "y"], name="key"))
    frame.to_parquet(tmp_path / "in.parquet")
    tagged(ner_model, tmp_path / "in.parquet")
    read = pandas.read_parquet(tmp_path / "out.parquet")
    assert read.index.equals(frame.index)
    assert read["text"].tolist() == ["Anna", "Bob"]


def test_several_inputs_name_their_file_unless_they_do_already(tagged, ner_model, columns):
    one, two = columns({"text": ["Anna"]}, "1.parquet"), columns({"text": ["Bob", "it"]}, "2.parquet")
    table = tagged(ner_model, one, two)
    assert table["file"].to_pylist() == [str(one), str(two), str(two)]
    columns({"text": ["Anna"], "file": ["f"]}, "1.parquet")
    columns({"text": ["Bob"], "file": ["g"]}, "2.parquet")
    assert tagged(ner_model, one, two, "--overwrite")["file"].to_pylist() == ["f", "g"]


def test_rows_that_cannot_be_read_have_no_answer(program, ner_model, columns, tmp_path):
    path = columns({"id": [1, 2, 3], "text": ["Anna", None, "Bob"]})
    status, _, errors = program("tag", ner_model, path, "-o", tmp_path / "out.parquet")
    assert status == 1
    assert "row 2: expected a text in 'text', found null" in errors
    assert not (tmp_path / "out.parquet").exists()
    status, _, errors = program("tag", ner_model, path, "--skip-bad", "-o", tmp_path / "out.parquet")
    assert status == 0
    rows = parquet.read_table(tmp_path / "out.parquet").to_pylist()
    assert [row["id"] for row in rows] == [1, 2, 3]
    assert [row["labels"] for row in rows] == [["B-PER"], None, ["B-PER"]]


def test_columns_of_the_same_names_are_refused_with_advice_that_works(
    program, tagged, ner_model, columns, tmp_path
):
    path = columns({"text": ["Anna"], "labels": [[1]], "spans": [1]})
    status, _, errors = program("tag", ner_model, path, "-o", tmp_path / "x.parquet")
    assert (status, errors) == (
        1,
        f"tagger: error: {path}: expected no column 'labels', the name of a column of answers, found another column of "
        "this name. Give these other names: --column-prefix tagger_\n",
    )
    table = tagged(ner_model, path, "--column-prefix", "tagger_")
    assert table.schema.names[:4] == ["text", "labels", "spans", "tagger_tokens"]
    assert table["tagger_labels"].to_pylist() == [["B-PER"]]
    path = columns({"text": ["Anna sings"], "tokens": [["Anna"]]})
    status, _, errors = program("tag", ner_model, path, "--text-column", "text", "-o", tmp_path / "x.parquet")
    assert status == 1
    assert "row 1: expected no column 'tokens', the name of a column of answers, found other tokens" in errors
    assert not (tmp_path / "x.parquet").exists()


def test_inputs_of_different_columns_are_refused(program, ner_model, columns, tmp_path):
    one = columns({"text": ["Anna"]}, "1.parquet")
    two = columns({"text": ["Bob"], "n": [1]}, "2.parquet")
    status, _, errors = program("tag", ner_model, one, two, "-o", tmp_path / "x.parquet")
    assert (status, errors) == (
        1,
        f"tagger: error: {two}: expected the columns of {one}, text (string), found text (string), n (int64). Tag "
        "files with different columns one by one\n",
    )


def test_what_is_written_is_read_without_a_question(program, tagged, ner_model, write, tmp_path):
    gold = write("gold.conll", "Anna B-PER\nsings O\n\nin O\nOslo B-LOC\n")
    tagged(ner_model, gold, "--probabilities", name="tokens.parquet")
    tagged(ner_model, write("a.txt", TEXT), "--probabilities", name="text.parquet")
    status, output, _ = program("evaluate", "--predictions", tmp_path / "tokens.parquet", gold)
    assert status == 0
    assert output.startswith("F1 100.00 %: 2 of 2 predicted spans are right, 2 of 2 gold spans are found\n")
    for name in ("tokens", "text"):
        status, _, _ = program("check", tmp_path / f"{name}.parquet")
        assert status == 0
        status, _, errors = program("convert", tmp_path / f"{name}.parquet", tmp_path / f"{name}.jsonl")
        assert status == 0, errors
    found = [json.loads(line) for line in (tmp_path / "text.jsonl").read_text().splitlines()]
    entities = Tagger.load(ner_model).extract(TEXT)
    assert [span["text"] for item in found for span in item["spans"]] == [entity.text for entity in entities]
    assert [s["probability"] for i in found for s in i["spans"]] == [e.probability for e in entities]
    found = [json.loads(line) for line in (tmp_path / "tokens.jsonl").read_text().splitlines()]
    assert [item["labels"] for item in found] == [["B-PER", "O"], ["O", "B-LOC"]]
    # ... and tagged again
    again = tagged(
        ner_model, tmp_path / "text.parquet", "--column-prefix", "new_", "--probabilities", name="3.parquet"
    )
    assert again["new_entities"].to_pylist() == again["entities"].to_pylist()


def test_workers_write_the_same_bytes(program, ner_model, tmp_path):
    written = []
    for number, options in enumerate([(), ("--workers", "2")]):
        path = tmp_path / f"{number}.parquet"
        status, _, _ = program("tag", ner_model, "-o", path, *options, stdin=TEXT * 20)
        assert status == 0
        written.append(path.read_bytes())
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--output", "parquet"], "--output parquet is no text for standard output; name a file with -o"),
        (["--output", "jsonl", "--column-prefix", "x"], "--column-prefix has no effect on jsonl output"),
        (["-o", "x.parquet", "--label-column", "x"], "--label-column has no effect on parquet output of text input"),
        (["-o", "x.parquet", "--nbest", "2"], "--nbest has no effect on parquet output; pass --output jsonl"),
        (["--input", "parquet", "-o", "x.parquet"], "-: expected a file, whose other columns are read after its texts, "
         "found a stream; save it first, or pass --output jsonl"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_before_the_model_is_loaded(program, arguments, message):
    assert program("tag", "no-model", *arguments) == (2, "", f"tagger: error: {message}\n")


def test_a_full_disk_is_said(program, ner_model):
    status, _, errors = program(
        "tag", ner_model, "--output", "parquet", "-o", "/dev/full", stdin="Anna sings. " * 9
    )
    assert (status, errors) == (1, "tagger: error: /dev/full: cannot be written: No space left on device\n")


def test_half_a_surrogate_pair_is_said_and_the_old_file_stays(program, ner_model, write):
    output = write("old.parquet", "old")
    path = write("a.jsonl", '{"tokens": ["Anna", "\\ud800"]}\n')
    status, _, errors = program("tag", ner_model, path, "--overwrite", "-o", output)
    assert status == 1
    assert "surrogate" in errors
    assert output.read_text() == "old"
