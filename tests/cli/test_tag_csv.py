"""``tagger tag --output csv``: a token a row, with its place in the text, as pandas and other programs read it."""

import csv
import io

import pytest

TEXT = 'Anna said: "NA, null",\r\n=1+1; @SUM(A1) 😀 in\nOslo.\n\n-2 nan None'


def rows_of(output):
    return list(csv.DictReader(io.StringIO(output, newline="")))


def test_tokens_of_a_text_say_where_they_are(program, ner_model, write):
    path = write("a.txt", TEXT)
    status, output, errors = program("tag", ner_model, path, "--output", "csv", "--probabilities")
    assert status == 0, errors
    rows = rows_of(output)
    assert list(rows[0]) == ["sentence_id", "document", "token", "label", "probability", "start", "end"]
    assert [row["token"] for row in rows] == [TEXT[int(row["start"]) : int(row["end"])] for row in rows]
    assert "".join(row["token"] for row in rows) == "".join(TEXT.split())
    assert {row["token"] for row in rows} >= {'"', "NA", "null", ",", "😀", "Oslo", "nan", "None"}
    assert {row["document"] for row in rows} == {str(path)}
    assert [row["label"] for row in rows if row["token"] in ("Anna", "Oslo")] == ["B-PER", "B-LOC"]
    assert all((row["probability"] != "") == (row["label"] != "O") for row in rows)


def test_nothing_is_altered_that_a_spreadsheet_would_take_for_a_formula(program, ner_model):
    tokens = ["=1+1", "@SUM(A1)", "+1", "-1", '="x"', "a,b", '"', "'", "\x1b[31m", "=cmd|'/c'!A1"]
    _, output, _ = program("tag", ner_model, "--input", "tokens", "--output", "csv", stdin=" ".join(tokens))
    assert [row["token"] for row in rows_of(output)] == tokens


def test_sentences_of_tokens_have_no_places(program, ner_model):
    _, output, _ = program("tag", ner_model, "--input", "conll", "--output", "csv", stdin="Anna O\nsings O\n")
    assert output.startswith("sentence_id,document,token,label,probability\n")


def test_pandas_reads_every_token(program, ner_model, write, tmp_path):
    pandas = pytest.importorskip("pandas")
    path = tmp_path / "out.csv"
    assert program("tag", ner_model, write("a.txt", TEXT), "-o", path)[0] == 0
    frame = pandas.read_csv(path, keep_default_na=False)
    assert frame["token"].tolist() == [TEXT[s:e] for s, e in zip(frame["start"], frame["end"], strict=True)]
    _, out, _ = program("tag", "--help")
    assert "read_csv(FILE, keep_default_na=False)" in out


def test_it_is_read_again_without_a_question(program, ner_model, write, tmp_path):
    path = tmp_path / "out.csv"
    assert program("tag", ner_model, write("a.txt", TEXT), "-o", path)[0] == 0
    status, _, errors = program("convert", path, tmp_path / "out.conll")
    assert status == 0, errors
    labels = [line.split()[1] for line in (tmp_path / "out.conll").read_text().splitlines() if "\t" in line]
    assert [row["label"] for row in rows_of(path.read_text())] == labels[-len(rows_of(path.read_text())) :]
    gold = write("gold.conll", "Anna B-PER\nsings O\n")
    predicted = tmp_path / "p.csv"
    text = write("t.txt", "Anna  sings\n")
    assert program("tag", ner_model, text, "-o", predicted)[0] == 0
    status, output, errors = program("evaluate", "--predictions", predicted, gold)
    assert status == 0, errors
    assert output.startswith("F1 100.00 %")
