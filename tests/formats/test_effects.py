import json

import pytest

from tagger.errors import UsageError
from tagger.formats import Losses, ReadingOptions, read_items

TOKENS = [{"tokens": ["Anna", "sings"], "labels": ["B-PER", "O"]}, {"tokens": ["x"], "labels": ["O"]}]
TEXTS = [{"text": "Anna sings", "spans": [[0, 4, "PER"]]}]
INTEGERS = [{"tokens": ["Anna", "sings"], "labels": [1, 0]}]
FILES = {
    "tokens.jsonl": "".join(json.dumps(item) + "\n" for item in TOKENS),
    "texts.jsonl": "".join(json.dumps(item) + "\n" for item in TEXTS),
    "integers.jsonl": "".join(json.dumps(item) + "\n" for item in INTEGERS),
    "tokens.csv": "token,label\nAnna,B-PER\nsings,O\n\nx,O\n",
    "texts.csv": "text,spans\nAnna sings,\"[[0, 4, 'PER']]\"\n",
}


def read(folder, name, **options):
    (folder / name).write_text(FILES[name])
    return list(read_items(folder / name, ReadingOptions(**options), Losses(), name=name))


@pytest.mark.parametrize(
    ("name", "option", "value", "why"),
    [
        ("tokens.jsonl", "offsets", "byte", "it holds tokens, and no texts"),
        ("tokens.jsonl", "text_column", "body", "it holds tokens, and no texts"),
        ("tokens.csv", "offsets", "utf16", "it holds tokens, and no texts"),
        ("texts.jsonl", "token_column", "words", "it holds texts, and no tokens"),
    ],
)
def test_options_without_an_effect_on_what_a_file_holds_are_refused(tmp_path, name, option, value, why):
    with pytest.raises(UsageError) as caught:
        read(tmp_path, name, **{option: value})
    assert str(caught.value) == f"{option} has no effect on {name}: {why}"


@pytest.mark.parametrize(
    ("name", "where", "label"),
    [
        ("tokens.jsonl", "tokens.jsonl:1", "'B-PER'"),
        ("tokens.csv", "tokens.csv:2", "'B-PER'"),
        ("texts.jsonl", "texts.jsonl:1", "'PER'"),
        ("texts.csv", "texts.csv:2", "'PER'"),
    ],
)
def test_names_of_integers_are_refused_where_labels_are_none(tmp_path, name, where, label):
    with pytest.raises(UsageError) as caught:
        read(tmp_path, name, label_names=["O", "B-LOC"])
    assert str(caught.value) == (
        f"{where}: label_names: expected labels that are integers, found {label}, which is none of the names"
    )


def test_options_that_have_an_effect_are_not(tmp_path):
    (example,) = read(tmp_path, "integers.jsonl", label_names=["O", " B-PER "], token_column="tokens")
    assert example.labels == ("B-PER", "O")
    (text,) = read(tmp_path, "texts.jsonl", offsets="byte", text_column="text")
    assert [span.label for span in text.spans] == ["PER"]
    (text,) = read(tmp_path, "texts.csv", offsets="codepoint", text_column="text")
    assert [span.label for span in text.spans] == ["PER"]
