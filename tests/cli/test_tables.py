"""Tables and files of shared tasks through the commands."""

import json

import pytest

from tagger.training import DataConfig

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")


def test_parquet_is_evaluated_by_the_names_that_are_given(program, ner_model, tmp_path):
    path = tmp_path / "a.parquet"
    parquet.write_table(pyarrow.table({"tokens": [["Anna", "lives"]], "ner_tags": [[1, 0]]}), path)
    status, output, _ = program("evaluate", ner_model, path, "--label-names", "O,B-PER", "--json")
    assert (status, json.loads(output)["num_tokens"]) == (0, 2)


def test_csv_of_texts_is_evaluated(program, ner_model, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text,spans\nAnna lives here.,\"[(0, 4, 'PER')]\"\n")
    status, output, _ = program("evaluate", ner_model, path, "--json")
    assert (status, json.loads(output)["num_tokens"]) == (0, 4)


def test_a_column_of_sentence_ids_is_named_in_all_commands(program, ner_model, tmp_path):
    path, out = tmp_path / "a.csv", tmp_path / "a.conll"
    path.write_text("Satz;Token;Etikett\n1;Anna;B-PER\n;lives;O\n2;here;O\n")
    status, _, errors = program("evaluate", ner_model, path)
    assert (status, errors) == (
        1,
        f"tagger: error: {path}: several columns could be meant; choose with --label-column Satz or --label-column "
        "Etikett\n",
    )
    status, _, errors = program("convert", path, out, "--label-column", "Etikett")
    assert status == 1
    assert errors.endswith(
        "the ends of sentences are not marked. Leave a row between them blank, or name the column of their ids with "
        "--sentence-column, or call it 'sentence_id' in the header row\n"
    )
    status, output, _ = program("evaluate", ner_model, path, "--sentence-column", "Satz", "--json")
    assert (status, json.loads(output)["num_tokens"]) == (0, 3)
    assert program("convert", path, out, "--sentence-column", "Satz")[0] == 0
    assert out.read_text() == "Anna\tB-PER\nlives\tO\n\nhere\tO\n\n"
    status, output, _ = program("tag", ner_model, path, "--sentence-column", "Satz", "--output", "jsonl")
    assert (status, [json.loads(line)["tokens"] for line in output.splitlines()]) == (
        0,
        [["Anna", "lives"], ["here"]],
    )
    status, _, errors = program("tag", ner_model, out, "--sentence-column", "Satz")
    assert (status, errors) == (2, "tagger: error: --sentence-column has no effect on conll input\n")


def test_a_column_of_sentence_ids_is_named_in_training():
    assert DataConfig(train="a.csv", sentence_column="Satz").sentence_column == "Satz"
