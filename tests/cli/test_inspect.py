"""Tests of ``tagger inspect``."""

import json

import pytest
import torch
from tiny_models import tiny_tagger

from tagger import Tagger
from tagger.cli import inspect
from tagger.inspection import VIEWS
from tagger.inspection.page import MAX_OTHERS

TEXT = "Anna lives in Oslo. It rained."
GOLD = "Anna\tB-PER\nlives\tO\nin\tO\nOslo\tB-LOC\n.\tO\n\nit\tO\nrained\tO\n"


@pytest.fixture
def gold(tmp_path):
    path = tmp_path / "gold.conll"
    path.write_text(GOLD)
    return path


def test_a_page_is_written_to_a_file(program, ner_model, tmp_path):
    page = tmp_path / "report.html"
    assert program("inspect", ner_model, TEXT, "-o", page) == (0, "", "")
    written = page.read_text(encoding="utf-8")
    assert written.startswith("<!doctype html>\n")
    assert "7 words in 2 sentences." in written or "8 words in 2 sentences." in written
    assert [view for view in VIEWS if f'<section id="{view}">' in written] == [
        "crf", "context", "occlusion", "gates", "steps", "gradients"
    ]  # fmt: skip
    assert "the view units needs an annotated corpus; pass --corpus FILE" in written


def test_pytorch_computes_with_as_many_threads_as_asked_for(program, ner_model, tmp_path):
    before = torch.get_num_threads()
    try:
        for given, expected in (([], 1), (["--threads", "2"], 2)):
            arguments = ["--views", "crf", "-o", tmp_path / "page.html", *given]
            assert program("inspect", ner_model, TEXT, *arguments)[0] == 0
            assert torch.get_num_threads() == expected
    finally:
        torch.set_num_threads(before)


def test_another_model_s_gradients_stand_beside(program, ner_model, pos_model):
    status, output, errors = program(
        "inspect", ner_model, TEXT, "--views", "gradients", "--against", pos_model
    )
    assert (status, errors) == (0, "")
    assert f"lstm ({pos_model})" in output
    status, output, errors = program("inspect", ner_model, TEXT, "--against", ner_model)
    assert (status, output) == (2, "")
    assert (
        errors
        == f"tagger: error: --against: expected other models than MODEL, each once, found {ner_model} again\n"
    )
    assert inspect._MAX_OTHERS == MAX_OTHERS


def test_an_average_has_no_gradients_to_stand_beside(program, ner_model, tmp_path):
    Tagger.average([tiny_tagger(seed=1), tiny_tagger(seed=2)]).save(tmp_path / "average")
    status, output, errors = program("inspect", ner_model, TEXT, "--against", tmp_path / "average")
    assert (status, output) == (2, "")
    assert errors.startswith(
        f"tagger: error: others: {tmp_path / 'average'} is an average of models; expected one"
    )


def test_a_page_goes_to_standard_output_and_a_text_comes_from_standard_input(program, ner_model):
    status, output, errors = program(
        "inspect", ner_model, "-", "--input", "tokens", "--views", "gates", "--sentence", "2",
        stdin="one  two\n\nthree é four\n",
    )  # fmt: skip
    assert (status, errors) == (0, "")
    assert "The pictures are of sentence 2 of 2" in output
    assert "<title>hidden state" in output
    assert ">é</text>" in output
    assert ">two</text>" not in output


def test_with_a_corpus_there_are_units(program, ner_model, gold):
    status, output, errors = program("inspect", ner_model, TEXT, "--corpus", gold, "--views", "units,context")
    assert (status, errors) == (0, "")
    assert "Corpus: 2 sentences, 7 words." in output
    assert '<th scope="row">PER</th>' in output
    status, output, _ = program(
        "inspect", ner_model, TEXT, "--corpus", "-", "--corpus-format", "jsonl", "--views", "units",
        stdin=json.dumps({"text": "Anna lives here.", "spans": [[0, 4, "PER"]]}),
    )  # fmt: skip
    assert status == 0
    assert "Corpus: 1 sentence, 4 words." in output


def test_the_views_of_the_help_are_those_there_are():
    assert tuple(VIEWS) == inspect.VIEWS
    for view in VIEWS:
        assert f"\n  {view} " in inspect.DESCRIPTION


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["", ], "expected a text of at least one word to look into, found none"),
        ([" \n\t"], "expected a text of at least one word to look into, found none"),
        ([TEXT, "--sentence", "3"], "--sentence: expected 1 to 2, the sentences of the text, found 3"),
        ([TEXT, "--label-column", "1"], "--label-column has no effect without --corpus"),
        ([TEXT, "--scheme", "auto"], "--scheme has no effect without --corpus"),
        ([TEXT, "--views", "units"], "the view units needs an annotated corpus; pass --corpus FILE"),
        ([TEXT, "--views", "crf", "--unit", "forward:0"], "--unit has no effect without the view steps"),
        ([TEXT, "--views", "crf", "--against", "a"], "--against has no effect without the view gradients"),
        ([TEXT, "--against", "a", "./a"], "--against: expected other models than MODEL, each once, found ./a again"),
        ([TEXT, "--against", *"abcdefg"], "--against: expected up to 6 models, found 7"),
        ([TEXT, "--unit", "forward:99"], "unit forward:99: expected a number from 0 to 15, the units of a direction"),
        (["-", "--corpus", "-"], "text and corpus cannot both be standard input"),
        ([TEXT, "--corpus", "-"], "a corpus from standard input has no name to tell its format; pass --corpus-format"),
        (
            [TEXT, "--corpus", "x.conllu", "--token-column", "1"],
            "--token-column has no effect on the format conllu",
        ),
    ],
)  # fmt: skip
def test_wrong_usage_is_status_2(program, ner_model, arguments, message):
    assert program("inspect", ner_model, *arguments) == (2, "", f"tagger: error: {message}\n")


def test_wrong_names_of_views_are_refused(program, ner_model):
    status, output, errors = program("inspect", ner_model, TEXT, "--views", "crf,gate")
    assert (status, output) == (2, "")
    assert errors == (
        "tagger inspect: error: argument --views: expected views among crf, context, occlusion, gates, steps, "
        "gradients, units, found 'gate'; see tagger inspect --help\n"
    )


def test_a_corpus_that_does_not_fit_is_refused_and_no_page_appears(program, ner_model, gold, tmp_path):
    page = tmp_path / "report.html"
    gold.write_text("Anna\tI-PER\n")
    status, _, errors = program("inspect", ner_model, TEXT, "--corpus", gold, "--scheme", "iob2", "-o", page)
    assert status == 1
    assert errors.startswith(f"tagger: error: {gold}:1: ")
    gold.write_text("Anna\tPROPN\nlives\tVERB\n")
    status, _, errors = program("inspect", ner_model, TEXT, "--corpus", gold, "-o", page)
    assert status in (1, 2)
    assert errors.count("\n") == 1
    status, _, errors = program("inspect", ner_model, TEXT, "--corpus", tmp_path / "none.conll", "-o", page)
    assert status == 1
    assert not page.exists()


def test_text_that_is_not_utf8_is_refused(program, ner_model):
    status, output, errors = program("inspect", ner_model, "caf\udce9")
    assert (status, output) == (1, "")
    assert errors.startswith("tagger: error: TEXT:1: ")
    assert program("inspect", ner_model, "-", stdin=b"caf\xe9")[0] == 1


def test_a_model_of_plain_labels_has_a_page(program, pos_model):
    status, output, errors = program("inspect", pos_model, "it rained")
    assert (status, errors) == (0, "")
    assert "<small>VERB " in output


def test_the_name_of_a_file_is_no_text(program, ner_model, tmp_path):
    path = tmp_path / "letter.txt"
    path.write_text("Anna lives in Oslo.")
    status, output, errors = program("inspect", ner_model, path)
    assert (status, output) == (2, "")
    assert errors == (
        f"tagger: error: TEXT: expected the text itself, found the name of a file, {str(path)!r}; pass - and the file "
        "on standard input\n"
    )
