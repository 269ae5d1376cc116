import io
import json
import zipfile

import pytest
from formats.reading_by_options import read_examples

from tagger.errors import FormatError
from tagger.formats.columns.conll import read_conll
from tagger.formats.plausibility import LONG_SENTENCE, checked
from tagger.formats.registry import guess_format

ORDINARY = "EU B-ORG\nrejects O\n\nin O\nthe O\nend O\n\n42 O\n\nno O\nno O\n"


def reported(caplog, text, *, format="conll", **options):
    """Return the warnings about a file, whose sentences are read all the same."""
    caplog.clear()
    assert list(read_examples(io.StringIO(text), format=format, name="x.conll", **options))
    return caplog.messages


def test_an_ordinary_file_is_read_without_a_word(caplog):
    assert reported(caplog, ORDINARY) == []
    assert reported(caplog, "".join(f"w{i} T{i}\n" for i in range(10))) == []
    assert reported(caplog, "Word O\nfor O\nword O\n") == []


def test_an_index_column_read_as_tokens_is_reported(caplog):
    text = "1\tEU\tB-ORG\n2\trejects\tO\n3\tGerman\tO\n\n1\tPeter\tB-PER\n2\tBlackburn\tI-PER\n"
    assert reported(caplog, text) == [
        "x.conll:1: the tokens are numbers in 2 of 2 sentences of several tokens. "
        "As read: 1/B-ORG 2/O 3/O. Choose where the words are with token_column, if these are not words"
    ]
    assert reported(caplog, text, token_column=1) == []


def test_the_column_of_a_document_read_as_tokens_is_reported(caplog):
    text = "bc/cctv/00/cctv_0000_0000 In IN\nbc/cctv/00/cctv_0000_0000 summer NN\n"
    assert reported(caplog, text) == [
        "x.conll:1: all tokens are the same in 1 of 1 sentences of several tokens. As read: "
        "bc/cctv/00/cctv_0000…/IN bc/cctv/00/cctv_0000…/NN. "
        "Choose where the words are with token_column, if these are not words"
    ]


def test_labels_that_are_nearly_all_different_are_reported(caplog):
    text = "".join(f"w{number} 0.{number}\n" for number in range(16)) + "a O\n" * 14
    assert reported(caplog, text) == [
        "x.conll:1: 30 tokens have 17 different labels. As read: w0/0.0 w1/0.1 w2/0.2 w3/0.3 w4/0.4 w5/0.5 … "
        "Choose where the labels are with label_column, if these are not labels"
    ]


def test_a_sentence_of_thousands_of_tokens_is_reported(caplog):
    text = "EU O\nrejects O\n" * (LONG_SENTENCE // 2)
    assert reported(caplog, text) == []
    assert reported(caplog, "a O\n\n" + text + "it O\n") == [
        "x.conll:3: 1 of 2 sentences have more than 1000 tokens, this one 1001. "
        "As read: EU/O rejects/O EU/O rejects/O EU/O rejects/O … Are blank lines missing?"
    ]
    line = json.dumps({"tokens": ["a"] + ["b"] * LONG_SENTENCE, "labels": ["O"] * (LONG_SENTENCE + 1)})
    (message,) = reported(caplog, line, format="jsonl")
    assert message.endswith("Is it one?")


def test_blank_lines_after_every_row_are_reported(caplog):
    assert reported(caplog, "EU O\n\n" * 10) == []
    assert reported(caplog, "EU O\n\n" * 11) == [
        "x.conll:1: each of the 11 sentences has a single token. As read: EU/O. Is there a blank line after every row?"
    ]


def test_a_header_row_read_as_a_token_is_reported(caplog):
    text = "Word\tPOS\tNER\nEU\tNNP\tB-ORG\n"
    assert reported(caplog, text) == [
        "x.conll:1: the first row looks like the names of the columns. "
        "As read: Word/NER EU/B-ORG. If it is, say so: header=True"
    ]
    assert reported(caplog, text, header=True) == []


def test_comments_read_as_tokens_are_reported(caplog):
    text = "# 1\nEU B-ORG\n\n# 2\nit O\n"
    assert reported(caplog, text) == [
        "x.conll:1: 2 of 2 sentences begin with #. As read: #/1 EU/B-ORG. "
        "If these are comments, name their prefix: comment_prefix='#'"
    ]
    assert reported(caplog, text, comment_prefix="# ") == []


def test_tokens_with_blanks_around_them_are_kept_counted_and_shown(caplog):
    text = "New York\tB-LOC\n EU\tO\n\nit \tO\n"
    message = (
        "x.conll: tokens with blanks around them, which are kept as they are: 2, the first "
        "' EU', token 2 of the sentence at x.conll:1"
    )
    assert reported(caplog, text) == [message]
    row = "1\t EU\t_\tNOUN \t_\t_\t_\t_\t_\t_\n"
    (example,) = read_examples(io.StringIO(row), format="conllu", name="x")
    assert (example.tokens, example.labels) == ((" EU",), ("NOUN",))
    (message,) = reported(caplog, row, format="conllu")
    assert message.startswith(
        "x.conll: tokens with blanks around them, which are kept as they are: 1, the first ' EU'"
    )


def test_records_are_checked_as_they_pass(caplog):
    records = read_conll(io.StringIO("1\n2\n\n"), name="x.conll", label_column=None)
    assert len(list(checked(records, "x.conll", "conll"))) == 1
    assert caplog.messages == [
        "x.conll:1: the tokens are numbers in 1 of 1 sentences of several tokens. "
        "As read: 1 2. Choose where the words are with token_column, if these are not words"
    ]


BRAT = "brat annotations. Say so, with their text beside them: format='brat'"
WEBANNO = "WebAnno TSV. Say so: format='webanno'"
XML = "XML. Convert it to columns"
JSON = "JSON. If it holds sentences or texts, name the format: format='jsonl'"


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("T1\tORG 0 2\tEU\nT2\tMISC 11 17;20 22\tGerman\n", 1, BRAT),
        ("#1\tAnnotatorNotes T1\tsure\nT1\tORG 0 2\tEU\n", 2, BRAT),
        (
            "#FORMAT=WebAnno TSV 3.3\n#T_SP=de.NamedEntity|value\n\n\n#Text=EU\n1-1\t0-2\tEU\tORG\n",
            1,
            WEBANNO,
        ),
        ('<?xml version="1.0" encoding="UTF-8"?>\n<doc>\n', 1, XML),
        ('[{"tokens": ["EU"], "labels": ["B-ORG"]}]\n', 1, JSON),
        ('[["EU", "B-ORG"]]', 1, JSON),
        ('{"tokens": ["EU"], "labels": ["B-ORG"]}\n', 1, JSON),
        ('[\n  {\n    "id": 1\n', 1, JSON),
        ('[\n{"id": 1,\n', 1, JSON),
        ('{\n  "annotations": []\n', 1, JSON),
    ],
)
def test_files_of_other_formats_are_refused_as_columns(text, line, found):
    for options in ({}, {"comment_prefix": "#"}, {"label_column": None}):
        with pytest.raises(FormatError) as caught:
            list(read_conll(io.StringIO(text), name="x.conll", **options))
        assert str(caught.value) == f"x.conll:{line}: expected CoNLL columns, found {found}".format(
            path="x.conll"
        )


@pytest.mark.parametrize("name", ["a.json", "a"])
def test_files_of_other_formats_are_refused_where_the_format_is_guessed(tmp_path, name):
    path = tmp_path / name
    for text, found in (
        ("[\n  {\n", f"{path}:1: expected CoNLL columns, found {JSON}"),
        (
            '[{"body": "EU", "id": 1}]\n',
            f"{path}: expected annotations, found JSON objects with 'body', 'id', which no known format has. If "
            "they hold texts or tokens under such keys, name these (text_column, token_column, label_column) and the "
            "format: format='jsonl'",
        ),
    ):
        path.write_text(text)
        with pytest.raises(FormatError) as caught:
            guess_format(path)
        assert str(caught.value) == found


def test_tokens_that_look_like_the_beginning_of_another_format_are_tokens():
    for text in ("[\tO\n{\tO\n", "[1] O\n", "{} O\n", "T1\tORG\n", "[ O\n[ O\n", "<?xml O\n"):
        (example,) = read_examples(io.StringIO(text), format="conll")
        assert len(example.tokens) == text.count("\n")
    for text in ("[1]\nEU\n", "[\nEU\n", "[\n[\n", "{\n{\n", "{\n}\n", "[]\n", "{}\n"):
        (record,) = read_conll(io.StringIO(text), label_column=None)
        assert len(record.example.tokens) == text.count("\n")


PROSE = "Anna lives in Oslo.\nBob works in Rome.\n"


@pytest.mark.parametrize(
    ("name", "text", "format"),
    [
        ("a", "EU B-ORG\nsays O\n", "conll"),
        ("a", "EU NNP I-ORG\nsays VBZ O\n. . O\n", "conll"),
        ("a", "say VB\n, ,\n'' ''\n", "conll"),
        ("a", "EU\tloc\n", "conll"),
        ("a", "<PER>Zoë</PER> lives\nin <LOC>Oslo</LOC>\n", "inline-tags"),
        ("a.conll", "<b>Oslo</b>\tB-LOC\n", "conll"),
        ("a.csv", "text,spans\n<b>Oslo</b> is,[]\n", "csv"),
        ("a.txt", "[Anna Smith](PER) lives\nin [New York](LOC), [sic]\n", "inline"),
        ("a.txt", "[a link](https://example.org) here\nand [one](b.html)\n", None),
        ("a.md", "[Anna Smith](PER) lives\n", None),
        ("a", PROSE, None),
        ("a.html", "<p>Zoë</p>\n<b>x</b>\n", None),
        ("a", "<!DOCTYPE html>\n<b>x</b>\n<i>y</i>\n", None),
        ("a.md", "<kbd>x</kbd> and\n", None),
    ],
)
def test_files_whose_name_tells_nothing_are_what_they_look_like_or_nothing(tmp_path, name, text, format):
    path = tmp_path / name
    path.write_text(text)
    if format is not None:
        assert guess_format(path) == format
        return
    with pytest.raises(FormatError, match="expected annotations, found none of the formats that are read"):
        guess_format(path)


def test_a_text_with_brats_annotations_beside_it_is_brats(tmp_path):
    (tmp_path / "a.txt").write_text(PROSE)
    (tmp_path / "a.ann").write_text("")
    assert guess_format(tmp_path / "a.txt") == "brat"


@pytest.mark.parametrize(
    ("name", "member", "found"),
    [
        ("a.xlsx", "xl/workbook.xml", "a spreadsheet. Save the sheet as CSV (UTF-8)"),
        ("a", "xl/workbook.xml", "a spreadsheet. Save the sheet as CSV (UTF-8)"),
        ("a.zip", "brat/a.txt", "a zip archive. Unpack it, and pass what is in it"),
    ],
)
def test_archives_are_refused_with_what_to_do(tmp_path, name, member, found):
    path = tmp_path / name
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, "x")
    with pytest.raises(FormatError) as caught:
        guess_format(path)
    assert str(caught.value) == f"{path}: expected annotations, found {found}"


@pytest.mark.parametrize(
    ("text", "format"),
    [
        ('[{"data": {"text": "a"}}, {"data": {"text": "b"}}]', "label-studio"),
        ('{"text": "a", "label": []}\n{"text": "b", "label": []}\n', "doccano"),
        ('{"text": "good film", "label": 1}\n', "jsonl"),
        ('{"text": "good film", "entities": 5}\n', "jsonl"),
        ('{"text": "good film"}\n', "jsonl"),
    ],
)
def test_files_that_hold_no_annotation_yet_are_recognised(tmp_path, text, format):
    path = tmp_path / "a.jsonl"
    path.write_text(text)
    assert guess_format(path) == format
