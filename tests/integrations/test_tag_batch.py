"""TagBatch: the same answers as the tagger gives, in the types of the schema, from every kind of batch."""

import math
import pickle
import shutil
import subprocess
import sys
from itertools import chain, pairwise

import numpy as np
import pytest
from integrations.cluster_texts import make_texts, save_model
from present import present
from tiny_models import tiny_tagger

from tagger import Tagger
from tagger.errors import DataError, ModelError, UsageError
from tagger.text import windows

pyarrow = pytest.importorskip("pyarrow")
pandas = pytest.importorskip("pandas")

from tagger.integrations import tag_batch as module  # noqa: E402
from tagger.integrations.arrow import output_schema  # noqa: E402
from tagger.integrations.tag_batch import TagBatch  # noqa: E402

TEXTS = [
    "Anna met Bo in New York. The EU rejects 𝒳 calls!",
    "",
    None,
    "Rome",
    "  \n in Rome, été\r\n\r\nNew York ",
]
TOKENS = [["Anna", "met", "Bo"], [], None, ["Rome"], ["in", "New", "York"]]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ner") / "model"
    tiny_tagger("bioes").save(folder)
    return folder


@pytest.fixture(scope="module")
def tagger(model):
    return Tagger.load(model)


def expected_of_text(tagger, text, *, probabilities=False):
    """What the tagger says of a text, put together by hand."""
    if text is None:
        return dict.fromkeys(output_schema().names)
    sentences = [sentence for sentence in windows(text, tagger.segmenter) if sentence.spans]
    tokens = [[text[start:end] for start, end in sentence.spans] for sentence in sentences]
    predictions = tagger.predict(tokens, documents=[0] * len(tokens))
    bounds = np.cumsum([0, *map(len, tokens)]).tolist()

    def known(value):
        return pytest.approx(value, abs=1e-5) if probabilities else None

    return {
        "tokens": list(chain(*tokens)),
        "labels": [label for prediction in predictions for label in prediction.labels],
        "probabilities": [
            known(value) for prediction in predictions for value in prediction.label_probabilities
        ] if probabilities else None,
        "sentences": [{"start": start, "end": end} for start, end in pairwise(bounds)],
        "spans": [
            {"start": first + span.start, "end": first + span.end, "label": span.label,
             "probability": known(span.probability)}
            for first, prediction in zip(bounds, predictions, strict=False) for span in prediction.spans
        ],
        "entities": [
            {"start": entity.start, "end": entity.end, "text": entity.text, "label": entity.label,
             "probability": known(entity.probability)}
            for entity in tagger.extract(text)
        ],
    }  # fmt: skip


def as_lists(columns, index=None):
    """Rows of a batch of any kind, without the columns it had before."""
    if isinstance(columns, (pyarrow.Table, pyarrow.RecordBatch)):
        rows = columns.to_pylist()
    elif isinstance(columns, pandas.DataFrame):
        rows = columns.to_dict("records")
    else:
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    names = output_schema().names
    return [{name: row[name] for name in names} for row in rows]


def test_texts_get_what_the_tagger_says_of_each(model, tagger):
    rows = as_lists(TagBatch(model)({"text": TEXTS}))
    assert rows == [expected_of_text(tagger, text) for text in TEXTS]
    assert any(row["entities"] for row in rows if row["entities"] is not None)
    assert len(rows[0]["sentences"]) == 2
    assert rows[1] == {
        "tokens": [],
        "labels": [],
        "probabilities": None,
        "sentences": [],
        "spans": [],
        "entities": [],
    }
    for text, row in zip(TEXTS, rows, strict=True):
        for entity in row["entities"] or ():
            assert present(text)[entity["start"] : entity["end"]] == entity["text"]


def test_probabilities_are_those_of_the_tagger(model, tagger):
    rows = as_lists(TagBatch(model, probabilities=True)({"text": TEXTS}))
    assert rows == [expected_of_text(tagger, text, probabilities=True) for text in TEXTS]
    assert sum(len(row["probabilities"] or ()) for row in rows) > 10


@pytest.mark.parametrize(
    "column",
    [
        pyarrow.array(TEXTS),
        pyarrow.array(TEXTS, pyarrow.large_string()),
        pyarrow.array(TEXTS, pyarrow.string_view()),
        pyarrow.array(TEXTS).dictionary_encode(),
        pyarrow.array(["before", *TEXTS, "after"]).slice(1, len(TEXTS)),
        pyarrow.chunked_array([TEXTS[:1], [], TEXTS[1:4], TEXTS[4:]], pyarrow.string()),
    ],
    ids=["string", "large_string", "string_view", "dictionary", "sliced", "chunked"],
)
def test_every_arrow_column_of_texts_gives_the_same_rows_and_types(model, tagger, column):
    table = pyarrow.table({"id": pyarrow.array(range(len(TEXTS)), pyarrow.int8()), "text": column})
    found = TagBatch(model)(table)
    assert isinstance(found, pyarrow.Table)
    assert found.schema == pyarrow.schema([*table.schema, *output_schema()])
    assert found.select(["id", "text"]).equals(table)
    assert as_lists(found) == [expected_of_text(tagger, text) for text in TEXTS]
    found.validate(full=True)


@pytest.mark.parametrize("kind", [pyarrow.list_, pyarrow.large_list], ids=["list", "large_list"])
@pytest.mark.parametrize(
    "words",
    [pyarrow.string(), pyarrow.large_string(), pyarrow.dictionary(pyarrow.int32(), pyarrow.string())],
    ids=["string", "large_string", "dictionary"],
)
def test_every_arrow_column_of_tokens_gives_the_same_rows(model, tagger, kind, words):
    column = pyarrow.array([["x"], *TOKENS], kind(words)).slice(1)
    found = TagBatch(model, token_column="words")(pyarrow.table({"words": column}))
    rows = as_lists(found)
    assert [row["tokens"] for row in rows] == TOKENS
    assert [row["labels"] for row in rows] == [
        tagger.tag([tokens])[0] if tokens else tokens for tokens in TOKENS
    ]
    assert [row["sentences"] for row in rows] == [
        None if tokens is None else [{"start": 0, "end": len(tokens)}] for tokens in TOKENS
    ]
    assert all(row["entities"] is None for row in rows)


def test_a_column_of_tokens_named_tokens_is_replaced_by_the_same(model):
    tag = TagBatch(model, token_column="tokens")
    table = pyarrow.table(
        {"tokens": pyarrow.array(TOKENS, pyarrow.large_list(pyarrow.string())), "n": range(5)}
    )
    found = tag(table)
    assert found.column_names == ["n", *output_schema().names]
    assert found["tokens"].to_pylist() == TOKENS
    assert list(tag({"tokens": TOKENS, "n": range(5)})) == ["n", *output_schema().names]


def test_a_record_batch_gives_a_record_batch(model, tagger):
    batch = pyarrow.record_batch({"text": pyarrow.array(["x", *TEXTS]).slice(1)})
    found = TagBatch(model)(batch)
    assert isinstance(found, pyarrow.RecordBatch)
    assert found.schema == pyarrow.schema([*batch.schema, *output_schema()])
    assert as_lists(found) == [expected_of_text(tagger, text) for text in TEXTS]


@pytest.mark.parametrize("type_", [pyarrow.string(), pyarrow.null()])
def test_an_empty_batch_gives_no_rows_with_all_types(model, type_):
    table = pyarrow.table({"text": pyarrow.array([], type_)})
    tag = TagBatch(model)
    for batch in (table, pyarrow.RecordBatch.from_arrays([pyarrow.array([], type_)], ["text"])):
        found = tag(batch)
        assert found.num_rows == 0
        assert found.schema == pyarrow.schema([pyarrow.field("text", type_), *output_schema()])
    assert tag({"text": []}) == {"text": [], **{name: [] for name in output_schema().names}}
    assert list(tag(pandas.DataFrame({"text": []})).columns) == ["text", *output_schema().names]


def test_metadata_of_a_schema_stay(model):
    table = pyarrow.table({"text": ["Rome"]}).replace_schema_metadata({"a": "b"})
    assert TagBatch(model)(table).schema.metadata == {b"a": b"b"}


@pytest.mark.parametrize("dtype", [object, "str", "string"])
def test_a_data_frame_keeps_its_index_and_missing_values_have_no_answer(model, tagger, dtype):
    texts = [*TEXTS[:2], math.nan, pandas.NA, None, *TEXTS[3:]]
    frame = pandas.DataFrame(
        {"text": pandas.Series(texts, dtype=dtype, index=[3, 3, 1, 9, 8, 0, 7]), "n": range(7)}
    )
    before = frame.copy(deep=True)
    found = TagBatch(model)(frame)
    pandas.testing.assert_frame_equal(frame, before)
    pandas.testing.assert_frame_equal(found[["text", "n"]], before)
    assert list(found.columns) == ["text", "n", *output_schema().names]
    texts = [text if isinstance(text, str) else None for text in texts]
    assert as_lists(found) == [expected_of_text(tagger, text) for text in texts]


def test_a_mapping_of_numpy_arrays_is_a_batch(model, tagger):
    found = TagBatch(model)({"text": np.array(TEXTS, dtype=object), "n": np.arange(5)})
    assert found["n"].tolist() == [0, 1, 2, 3, 4]
    assert as_lists(found) == [expected_of_text(tagger, text) for text in TEXTS]
    words = np.array([np.array(["Anna", "met"]), np.array([], dtype=str)], dtype=object)
    rows = as_lists(TagBatch(model, token_column="words")({"words": words}))
    assert [row["labels"] for row in rows] == tagger.tag([["Anna", "met"], []])


def test_rows_do_not_depend_on_their_batch(model):
    tag = TagBatch(model)
    texts = [text for text in TEXTS if text] * 2
    one_by_one = [as_lists(tag({"text": [text]}))[0] for text in texts]
    assert as_lists(tag({"text": texts})) == one_by_one


def test_labels_without_spans_have_no_spans(tmp_path):
    tagger = tiny_tagger("none", ("NOUN", "VERB"))
    tagger.save(tmp_path / "model")
    found = TagBatch(tmp_path / "model")(pyarrow.table({"text": TEXTS}))
    assert found.schema == pyarrow.schema([pyarrow.field("text", pyarrow.string()), *output_schema()])
    rows = as_lists(found)
    assert {label for row in rows for label in row["labels"] or ()} <= {"NOUN", "VERB"}
    assert all(row["spans"] is None and row["entities"] is None for row in rows)
    assert [row["sentences"] is None for row in rows] == [text is None for text in TEXTS]
    with pytest.raises(UsageError, match="have no spans, which are what thresholds withhold"):
        TagBatch(tmp_path / "model", thresholds=0.5)


def test_thresholds_withhold_what_is_less_probable(model, tagger):
    texts = [text for text in TEXTS if text]
    sure = [[entity for entity in tagger.extract(text) if entity.probability >= 0.5] for text in texts]
    rows = as_lists(TagBatch(model, thresholds=0.5)({"text": texts}))
    assert [[(entity["start"], entity["label"]) for entity in row["entities"]] for row in rows] == [
        [(entity.start, entity.label) for entity in entities] for entities in sure
    ]
    assert 0 < sum(map(len, sure)) < sum(len(tagger.extract(text)) for text in texts)
    assert all(entity["probability"] is None for row in rows for entity in row["entities"])
    only_people = as_lists(TagBatch(model, thresholds={"LOC": 1.0})({"text": texts}))
    assert {entity["label"] for row in only_people for entity in row["entities"]} == {"PER"}


def test_entities_alone_first_leave_types_as_they_are(tmp_path):
    tagger = save_model(tmp_path / "model")
    texts = make_texts(tagger, without=1500, others=100)
    tag = TagBatch(tmp_path / "model")
    batches = [tag(pyarrow.table({"text": texts[start : start + 100]})) for start in range(0, 1600, 100)]
    assert all(batch.schema == batches[0].schema for batch in batches)
    assert [any(batch["entities"].to_pylist()) for batch in batches] == [False] * 15 + [True]
    together = pyarrow.concat_tables(batches)
    assert together.num_rows == 1600
    assert together.schema.field("entities").type == output_schema().field("entities").type


def test_a_prefix_stands_before_the_new_names(model):
    found = TagBatch(model, prefix="ner_")({"text": ["Rome"], "labels": [1], "tokens": [2]})
    assert list(found) == ["text", "labels", "tokens", *(f"ner_{name}" for name in output_schema().names)]
    assert found["ner_tokens"] == [["Rome"]]
    assert found["tokens"] == [2]


def test_the_schema_is_known_before_a_batch(model):
    table = pyarrow.table({"text": TEXTS, "n": range(5)})
    tag = TagBatch(model)
    assert tag.schema(table.schema) == tag(table).schema
    of_tokens = TagBatch(model, token_column="tokens")
    table = pyarrow.table({"tokens": TOKENS, "n": range(5)})
    assert of_tokens.schema(table.schema) == of_tokens(table).schema


@pytest.mark.parametrize(
    ("options", "batch", "message"),
    [
        ({}, {"id": [1]}, "text_column: expected a column 'text', found: id"),
        ({"token_column": "words"}, {}, "token_column: expected a column 'words', found: none"),
        ({}, {"text": ["a"], "labels": [1]}, "expected no column 'labels', the name of a column of answers, found one; "
         "pass prefix='tagger_'"),
        ({}, {"text": ["a", b"b"]}, "row 2 of the batch: expected a text in 'text', found \"b'b'\""),
        ({}, {"text": ["a", ["b"]]}, "row 2 of the batch: expected a text in 'text', found"),
        ({}, {"text": "Rome"}, "column 'text': expected the values of all rows, found 'Rome'"),
        ({}, {"text": 3}, "column 'text': expected the values of all rows, found '3'"),
        ({}, {"text": ["", "a\ud800"]}, "row 2 of the batch: expected Unicode text in 'text', found half a surrogate "
         r"pair, '\\ud800', at character 1"),
        ({"token_column": "w"}, {"w": [["a", "\udc00"]]}, "row 1 of the batch: expected Unicode text in 'w'"),
        ({"token_column": "w"}, {"w": ["abc"]}, "row 1 of the batch: expected a list of tokens in 'w', found 'abc'"),
        ({"token_column": "w"}, {"w": [3]}, "row 1 of the batch: expected a list of tokens in 'w', found '3'"),
        ({"token_column": "w"}, {"w": [[], ["a", None]]}, "row 2 of the batch: expected tokens as strings in 'w'"),
    ],
)  # fmt: skip
def test_bad_batches_say_what_is_wrong_and_where(model, options, batch, message):
    with pytest.raises(DataError, match=message.replace("(", r"\(")):
        TagBatch(model, **options)(batch)


def test_a_name_twice_is_refused_where_it_matters(model):
    tag = TagBatch(model)
    arrays = [pyarrow.array(["Rome"])] * 3
    with pytest.raises(DataError, match="expected one column 'text', found 2"):
        tag(pyarrow.table(arrays, names=["text", "text", "x"]))
    with pytest.raises(DataError, match="expected one column 'text', found 2"):
        tag(pandas.DataFrame([["a", "b"]], columns=["text", "text"]))
    found = tag(pyarrow.table(arrays, names=["x", "text", "x"]))
    assert found.column_names[:3] == ["x", "text", "x"]


def test_strings_that_are_not_utf8_are_refused(model):
    bytes_ = pyarrow.array([b"a\xff"])
    column = pyarrow.Array.from_buffers(pyarrow.string(), 1, bytes_.buffers())
    with pytest.raises(DataError, match="column 'text': expected strings in UTF-8"):
        TagBatch(model)(pyarrow.table({"text": column}))


def test_what_is_no_batch_is_refused(model):
    with pytest.raises(
        TypeError, match="expected a batch as an Arrow table, a data frame or a mapping, found list"
    ):
        TagBatch(model)(["Rome"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"text_column": "a", "token_column": "b"}, "expected text_column or token_column, found both"),
        ({"text_column": 3}, "text_column: expected a string, found 3"),
        ({"prefix": None}, "prefix: expected a string, found None"),
        ({"decode": "greedy"}, "greedy"),
        ({"thresholds": {"ORG": 0.5}}, "thresholds: expected types of spans"),
        ({"batch_tokens": 0}, "batch_tokens: expected a whole number of 1 or more, found 0"),
        ({"threads": 0}, "threads"),
    ],
)
def test_options_without_sense_are_refused_before_any_batch(model, options, message):
    with pytest.raises(UsageError, match=message):
        TagBatch(model, **options)


def test_a_folder_that_is_no_model_is_refused_at_once(tmp_path):
    with pytest.raises(ModelError, match="expected a model folder"):
        TagBatch(tmp_path / "none")


def test_a_pickle_holds_no_model_and_gives_the_same_answers_in_a_new_process(model):
    tag = TagBatch(model, probabilities=True, thresholds={"PER": 0.1})
    pickled = pickle.dumps(tag)
    assert len(pickled) < 2000
    assert pickle.dumps(TagBatch(model, probabilities=True, thresholds={"PER": 0.1})) == pickled
    program = (
        "import pickle, sys\n"
        "tag = pickle.loads(sys.stdin.buffer.read())\n"
        "from tagger.integrations import tag_batch\n"
        "assert not tag_batch._taggers\n"
        "found = tag({'text': ['Anna met Bo in New York.']})\n"
        "assert len(tag_batch._taggers) == 1\n"
        "sys.stdout.buffer.write(pickle.dumps(found))"
    )
    done = subprocess.run([sys.executable, "-c", program], input=pickled, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert pickle.loads(done.stdout) == tag({"text": ["Anna met Bo in New York."]})


def test_state_stays_as_it_is_however_often_it_is_called(model):
    tag = TagBatch(model)
    before = pickle.dumps(tag)
    tag({"text": TEXTS})
    assert pickle.dumps(tag) == before


def test_relative_paths_are_kept_as_they_were_meant(model, monkeypatch, tmp_path):
    monkeypatch.chdir(model.parent)
    tag = TagBatch("model")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "_taggers", {})
    assert tag({"text": ["Rome"]})["tokens"] == [["Rome"]]


def test_a_process_loads_a_model_once_for_all_that_want_the_same(model, monkeypatch):
    loaded = []
    load = Tagger.load

    def noted(*args, **rest):
        loaded.append(1)
        return load(*args, **rest)

    monkeypatch.setattr(Tagger, "load", noted)
    monkeypatch.setattr(module, "_taggers", {})
    tag = TagBatch(model)
    assert len(loaded) == 1
    for again in (tag, pickle.loads(pickle.dumps(tag))):
        again({"text": ["Rome"]})
    assert len(loaded) == 1


def test_a_model_that_changed_is_refused_by_what_was_made_before(tmp_path, monkeypatch):
    folder = tmp_path / "model"
    tiny_tagger(seed=1).save(folder)
    old = TagBatch(folder)
    digest = old._digest
    shutil.rmtree(folder)
    tiny_tagger(seed=2).save(folder)
    old({"text": ["Rome"]})  # this process still has it
    new = TagBatch(folder)
    assert new._digest != digest
    assert pickle.dumps(new) != pickle.dumps(old)
    new({"text": ["Rome"]})
    with pytest.raises(ModelError, match="the model has changed since this TagBatch was made"):
        old({"text": ["Rome"]})
    assert [key[1] for key in module._taggers if key[0] == str(folder)] == [new._digest]


def test_importable_from_the_package():
    import tagger.integrations

    assert tagger.integrations.TagBatch is TagBatch
    with pytest.raises(AttributeError, match="no attribute 'Tag'"):
        tagger.integrations.Tag  # noqa: B018
