"""Tables and files of shared tasks through the commands."""

import json

import pytest

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
