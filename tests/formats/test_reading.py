import io
import os
from typing import Any

import pytest
from formats.reading_by_options import read_examples

from tagger.errors import DataError, FormatError, UsageError
from tagger.formats import FORMATS, Losses, Misaligned
from tagger.formats.places import token_origin
from tagger.formats.registry import guess_format

CONLL = "EU B-ORG\nsays O\n"
CONLLU = (
    "# c\n"
    "1-2\tit's\t_\t_\t_\t_\t_\t_\t_\t_\n"
    "1\tit\tit\tPRON\t_\t_\t2\tx\t_\t_\n"
    "2\t's\tbe\tAUX\t_\t_\t0\troot\t_\t_\n"
)
JSONL = '{"tokens": ["EU"], "labels": ["B-ORG"]}\n'


@pytest.fixture
def write(tmp_path):
    def written(name, text):
        path = tmp_path / name
        path.write_text(text, newline="")
        return path

    return written


def segment(text):
    return [[(0, len(text))]]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.conll", "", "conll"),
        ("a.CONLLU", "", "conllu"),
        ("a.conllu.gz", "", "conllu"),
        ("a.jsonl", "", "jsonl"),
        ("eng.train", CONLL, "conll"),
        ("eng.train", "-DOCSTART- -X- O O\n\nEU NNP I-NP I-ORG\n", "conll"),
        ("a.txt", "\n[\tO\n", "conll"),
        ("a.txt", CONLLU, "conllu"),
        ("a.json", JSONL, "jsonl"),
    ],
)
def test_the_format_is_told_by_name_or_content(write, name, text, expected):
    assert guess_format(write(name, text)) == expected


def test_a_format_that_cannot_be_told_is_an_error(write):
    path = write("a.txt", "word\nword\n")
    with pytest.raises(FormatError) as caught:
        guess_format(path)
    assert str(caught.value) == (
        f"{path}: expected annotations, found none of the formats that are read. "
        f"Name the format if it is one: {', '.join(FORMATS)}"
    )


def test_a_pipe_is_not_read_to_guess(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(
        UsageError, match="the format of a stream cannot be guessed; name it: conll, conllu, jsonl, csv, "
    ):
        guess_format(tmp_path / "pipe")


def test_examples_of_every_format(write):
    assert [e.labels for e in read_examples(write("a.conll", CONLL))] == [("B-ORG", "O")]
    assert [e.labels for e in read_examples(write("a.conllu", CONLLU))] == [("PRON", "AUX")]
    assert [e.labels for e in read_examples(write("a.conllu", CONLLU), label_column="deprel")] == [
        ("x", "root")
    ]
    assert [e.labels for e in read_examples(write("a.jsonl", JSONL))] == [("B-ORG",)]
    stream = io.StringIO("B-ORG x EU\n")
    (example,) = read_examples(stream, format="conll", name="in", token_column=2, label_column=0)
    assert (example.tokens, example.labels, example.origin) == (("EU",), ("B-ORG",), "in:1")


def test_jsonl_options_reach_the_reader():
    line = '{"w": ["EU"], "t": ["B-ORG"], "d": 1}'
    options: dict[str, Any] = {"token_column": "w", "label_column": "t", "document_column": "d"}
    (example,) = read_examples(io.StringIO(line), format="jsonl", **options)
    assert (example.tokens, example.labels, example.document) == (("EU",), ("B-ORG",), "1")
    misfits: list[Misaligned] = []
    line = '{"body": "EU", "spans": [[0, 1, "X"]]}'
    options = {"text_column": "body", "segmenter": segment, "on_misaligned": misfits.append}
    (example,) = read_examples(io.StringIO(line), format="jsonl", **options)
    assert (example.labels, len(misfits)) == (("O",), 1)


def test_comments_reach_the_column_reader():
    (example,) = read_examples(io.StringIO("# id\n" + CONLL), format="conll", comment_prefix="# ")
    assert example.tokens == ("EU", "says")


def test_a_file_without_sentences_is_an_error(write):
    for name, text in (
        ("a.conll", ""),
        ("b.conll", "\n\n"),
        ("c.conll", "-DOCSTART- O\n"),
        ("d.jsonl", "\n"),
    ):
        path = write(name, text)
        with pytest.raises(DataError) as caught:
            list(read_examples(path))
        assert str(caught.value) == f"{path}: expected at least one sentence, found none"
    path = write("a.txt", "\n \n")
    with pytest.raises(DataError, match=r"a\.txt: expected at least one sentence, found none"):
        guess_format(path)
    with pytest.raises(DataError, match=r"none\.conll: expected a file, found none of this name"):
        list(read_examples("none.conll"))


def test_empty_sentences_of_json_are_sentences():
    assert len(list(read_examples(io.StringIO('{"tokens": [], "labels": []}'), format="jsonl"))) == 1


@pytest.mark.parametrize(
    ("format", "options", "message"),
    [
        ("xml", {}, f"format: expected auto, {', '.join(FORMATS)}, found 'xml'"),
        ("auto", {}, f"the format of a stream cannot be guessed; name it: {', '.join(FORMATS)}"),
        ("conll", {"text_column": "x"}, "text_column has no effect on the format conll"),
        ("conllu", {"token_column": 1}, "token_column has no effect on the format conllu"),
        ("jsonl", {"comment_prefix": "#"}, "comment_prefix has no effect on the format jsonl"),
        ("jsonl", {"header": True}, "header has no effect on the format jsonl"),
        ("conllu", {"header": True}, "header has no effect on the format conllu"),
        (
            "conll",
            {"label_column": "ner"},
            "label_column: expected the number of a column, counted from 0, found 'ner'. "
            "If the first row holds the names of the columns, say so: header=True",
        ),
        (
            "conll",
            {"token_column": True},
            "token_column: expected the number of a column, counted from 0, found True",
        ),
        ("conll", {"comment_prefix": ""}, "comment_prefix must not be empty: every line would be a comment"),
        (
            "conllu",
            {"label_column": "form"},
            "expected a label field of CoNLL-U (lemma, upos, xpos, feats, deprel, misc:KEY), found 'form'",
        ),
        (
            "conllu",
            {"label_column": 3},
            "label_column: expected a name, found 3; columns have numbers in the format conll only",
        ),
        (
            "jsonl",
            {"token_column": 0},
            "token_column: expected a name, found 0; columns have numbers in the format conll only",
        ),
    ],
)
def test_options_without_meaning_are_refused_before_anything_is_read(format, options, message):
    with pytest.raises(UsageError) as caught:
        read_examples(io.StringIO(""), format=format, **options)
    assert str(caught.value) == message


def test_every_token_of_a_file_can_be_found_again(write):
    path = write("a.conll", "\n" + CONLL)
    (example,) = read_examples(path)
    assert [token_origin(example, index) for index in (0, 1)] == [f"{path}:2", f"{path}:3"]
    path = write("a.conllu", CONLLU.replace("\n2\t", "\n1.1\tx" + "\t_" * 8 + "\n2\t") + "\n" + CONLLU)
    first, second = read_examples(path)
    assert [token_origin(first, index) for index in (0, 1)] == [f"{path}:3", f"{path}:5"]
    assert [token_origin(second, index) for index in (0, 1)] == [f"{path}:9", f"{path}:10"]
    path = write("a.jsonl", JSONL)
    (example,) = read_examples(path)
    assert token_origin(example, 0) == f"{path}:1"


def test_every_token_is_found_again_between_comments_and_under_a_header_row(write):
    path = write("a.conll", "W\tL\n# c\n1\tEU\tX\n# EU\n\n".replace("W\t", "I\tW\t") + "1\tit\tX\n# it\n\n")
    options = {"header": True, "comment_prefix": "# ", "token_column": "W"}
    examples = list(read_examples(path, **options))
    assert [token_origin(example, 0) for example in examples] == [f"{path}:3", f"{path}:6"]
    path = write("b.conll", "# c\nEU\tO\n# EU\nsays\tO\n# c c\n# it\nit\tO\n")
    (example,) = read_examples(path, comment_prefix="# ")
    assert [token_origin(example, index) for index in range(3)] == [f"{path}:2", f"{path}:4", f"{path}:7"]


def test_where_a_file_cannot_be_looked_into_the_sentence_is_named(write):
    (example,) = read_examples(io.StringIO(CONLL), format="conll", name="<stdin>")
    assert token_origin(example, 1) == "<stdin>:1"
    (example,) = read_examples(io.StringIO(CONLL), format="conll", name="gone.conllu")
    assert token_origin(example, 1) == "gone.conllu:1"


def test_a_file_of_which_all_was_left_out_says_what(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('[{"data": {"text": "Oslo"}, "annotations": []}]')
    for losses in (None, Losses()):
        with pytest.raises(DataError) as caught:
            list(read_examples(path, losses=losses))
        assert str(caught.value) == (
            f"{path}: expected at least one sentence, found none: tasks that nobody annotated, left out: 1; the "
            f"first: {path}: item 1"
        )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.conll", "Oslo B-LOC\n\nOslo B-LOC\n"),
        ("a.conllu", 2 * "# text = Oslo\n1\tOslo\t_\tPROPN\t_\t_\t0\troot\t_\t_\n\n"),
    ],
)
def test_words_and_labels_that_come_again_are_kept_once(write, name, text):
    first, second = read_examples(write(name, text))
    assert first.tokens[0] is second.tokens[0]
    assert first.labels[0] is second.labels[0]
