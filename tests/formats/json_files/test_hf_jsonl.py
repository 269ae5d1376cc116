"""Sentences as people export them from datasets: labels under usual names, as integers, in lines or a list."""

import io
import json

import pytest
from formats.labelled_corpus import SENTENCES

from tagger.errors import DataError, FormatError, UsageError
from tagger.formats import Losses, ReadingOptions, guess_format, read_examples, read_items
from tagger.formats.tables.label_names import parse_label_names
from tagger.training import DataConfig

NAMES = sorted({label for sentence in SENTENCES for label in sentence.labels}, reverse=True)
LABELS = [sentence.labels for sentence in SENTENCES]


def read(text, losses=None, labelled=True, **options):
    reading = ReadingOptions(format="jsonl", **options)
    losses = Losses(skip_bad=reading.skip_bad) if losses is None else losses
    return list(read_items(io.BytesIO(text.encode()), reading, losses, name="x.jsonl", labelled=labelled))


def export(key, *, integers, as_list):
    items = [
        {
            "id": str(place),
            "tokens": sentence.tokens,
            key: [NAMES.index(label) if integers else label for label in sentence.labels],
        }
        for place, sentence in enumerate(SENTENCES)
    ]
    return json.dumps(items, indent=1) if as_list else "".join(json.dumps(item) + "\n" for item in items)


@pytest.mark.parametrize("key", ["labels", "ner_tags", "tags", "NER_Tags"])
@pytest.mark.parametrize("as_list", [True, False])
@pytest.mark.parametrize(
    "names",
    [
        None,
        NAMES,
        {name: place for place, name in enumerate(NAMES)},
        {str(place): name for place, name in enumerate(NAMES)},
    ],
    ids=["strings", "list", "label2id", "id2label"],
)
def test_labels_of_every_form_are_read(tmp_path, key, as_list, names):
    text = export(key, integers=names is not None, as_list=as_list)
    path = tmp_path / ("a.json" if as_list else "a.jsonl")
    path.write_text(text)
    assert guess_format(path) == "jsonl"
    examples = read(text, label_names=names)
    assert [example.tokens for example in examples] == [sentence.tokens for sentence in SENTENCES]
    assert [example.labels for example in examples] == LABELS
    assert examples[1].origin == ("x.jsonl: item 2" if as_list else "x.jsonl:2")
    if names is not None:
        (tmp_path / "names.json").write_text(json.dumps(names))
        examples = list(read_examples(path, ReadingOptions(label_names=str(tmp_path / "names.json"))))
        assert [example.labels for example in examples] == LABELS


def test_labels_are_not_looked_at_where_they_are_not_wanted():
    text = json.dumps({"tokens": ["a"], "ner_tags": [3], "pos_tags": [1]})
    [example] = read(text, labelled=False)
    assert (example.tokens, example.labels) == (("a",), None)


SKIP = ". To skip and list bad data: skip_bad=True"
GIVE = (
    "expected labels, found integers. Give their names in the order of the integers, as in "
    "label_names=['O', 'B-PER', 'I-PER'], or a JSON file of them"
)


@pytest.mark.parametrize(
    ("lines", "options", "message"),
    [
        ([{"tokens": ["a"], "ner_tags": [3]}], {}, f"x.jsonl:1: 'ner_tags': {GIVE}"),
        (
            [{"tokens": ["a", "b"], "tags": [0, 2]}],
            {"label_names": ["O", "B-X"]},
            "x.jsonl:1: 'tags': expected integers that have a name (0: O, 1: B-X), found 2 at place 1. Give all names "
            "with label_names",
        ),
        (
            [{"tokens": ["a"], "tags": [-1]}],
            {"label_names": ["O"]},
            "x.jsonl:1: 'tags': expected integers that have a name (0: O), found -1 at place 0. Give all names with "
            "label_names",
        ),
        (
            [{"tokens": ["a"], "ner_tags": ["O"], "pos_tags": ["X"]}],
            {},
            "x.jsonl:1: several keys could hold the labels; choose with label_column='ner_tags' or "
            "label_column='pos_tags'",
        ),
        (
            [{"tokens": ["a"], "ner_tags": ["O"]}, {"tokens": ["a"], "pos_tags": ["X"]}],
            {},
            "x.jsonl:2: expected a list of strings under 'ner_tags', found 'tokens', 'pos_tags'",
        ),
        (
            [{"tokens": ["a"], "ner_tags": [0, 0]}],
            {"label_names": ["O"]},
            "x.jsonl:1: expected one label per token, found 1 under 'tokens' and 2 under 'ner_tags'",
        ),
        (
            [{"tokens": ["a", "b"], "ner_tags": [0, "O"]}],
            {"label_names": ["O"]},
            "x.jsonl:1: expected a list of strings under 'ner_tags', found the number 0 at place 0",
        ),
    ],
)
def test_what_is_wrong_is_an_error_that_can_be_skipped(lines, options, message):
    text = "".join(json.dumps(line) + "\n" for line in lines)
    with pytest.raises(FormatError) as caught:
        read(text, **options)
    assert str(caught.value) == message + SKIP
    losses = Losses(skip_bad=True)
    assert len(read(text, losses, **options)) == len(lines) - 1
    assert losses.count("lines that cannot be read, left out as bad") == 1


@pytest.mark.parametrize(
    ("names", "kind", "message"),
    [
        (
            ["O", "O"],
            UsageError,
            "label_names: expected different names, ['O', 'B-PER', ...] or {'O': 0, ...}, found ['O', 'O']",
        ),
        (
            {"²": "O"},
            UsageError,
            "label_names: expected different names, ['O', 'B-PER', ...] or {'O': 0, ...}, found {'²': 'O'}",
        ),
        (
            "nowhere.json",
            DataError,
            "label_names='nowhere.json': nowhere.json cannot be read: No such file or directory",
        ),
    ],
)
def test_names_that_are_none_are_refused(names, kind, message):
    with pytest.raises(kind) as caught:
        read('{"tokens": ["a"], "tags": [0]}', label_names=names)
    assert str(caught.value) == message


def test_names_have_no_effect_on_formats_without_integers():
    with pytest.raises(UsageError) as caught:
        read_items(io.StringIO(), ReadingOptions(format="conll", label_names=["O"]), Losses())
    assert str(caught.value) == "label_names has no effect on the format conll"


NAMES_TYPED = [
    ("O,B-PER", ["O", "B-PER"]),
    ("O, B-PER", ["O", "B-PER"]),
    (",".join(["B-PER"] * 100), ["B-PER"] * 100),
    ('["O", "B-A,B"]', ["O", "B-A,B"]),
    ('{"O": 0}', {"O": 0}),
    ("label.json", "label.json"),
    ("O,B/label.json", "O,B/label.json"),
    ("here,there", "here,there"),
]


@pytest.mark.parametrize(("text", "names"), NAMES_TYPED)
def test_names_are_typed_alike_in_all_commands(tmp_path, monkeypatch, text, names):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here,there").write_text("[]")
    assert parse_label_names(text) == names
    assert DataConfig(train="a.jsonl", label_names=text).label_names == names
    assert DataConfig(dataset="a", label_names=text).label_names == names


def test_names_that_begin_like_json_and_are_none_are_refused():
    with pytest.raises(UsageError) as caught:
        DataConfig(train="a.jsonl", label_names='["O",')
    assert str(caught.value) == (
        "data.label_names: expected names, or JSON, found '[\"O\",': Expecting value: line 1 column 6 (char 5)"
    )


def test_files_are_trained_on_by_the_names_of_their_integers():
    assert DataConfig(train="a.jsonl", label_names=["O"]).label_names == ["O"]
