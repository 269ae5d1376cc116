"""``tagger tag --output pipeline``: a line for each text, as a transformers pipeline gives a list for each."""

import json

import pytest

from tagger import Tagger

TEXT = "😀 Anna Smith lives in Oslo.\r\n\r\nBob went to Paris today."


def lines(done):
    status, output, errors = done
    assert (status, errors) == (0, "")
    return [json.loads(line) for line in output.splitlines()]


def test_a_running_text_is_a_line_whatever_its_sentences(program, ner_model):
    (found,) = lines(program("tag", ner_model, "--output", "pipeline", stdin=TEXT))
    assert [list(entry) for entry in found] == [["entity_group", "score", "word", "start", "end"]] * 4
    assert [(entry["word"], entry["entity_group"]) for entry in found] == [
        ("Anna Smith", "PER"), ("Oslo", "LOC"), ("Bob", "PER"), ("Paris", "LOC"),
    ]  # fmt: skip
    for entry, entity in zip(found, Tagger.load(ner_model).extract(TEXT), strict=True):
        assert TEXT[entry["start"] : entry["end"]] == entry["word"]
        assert entry["score"] == pytest.approx(entity.probability, abs=1e-6)


def test_each_file_of_text_is_a_line_also_an_empty_one(program, ner_model, write):
    paths = [write("a.txt", ""), write("b.txt", "Anna"), write("c.txt", " \n"), write("d.txt", "in Oslo")]
    found = lines(program("tag", ner_model, *paths, "--output", "pipeline"))
    assert [[entry["word"] for entry in line] for line in found] == [[], ["Anna"], [], ["Oslo"]]
    assert found[3][0]["start"] == 3
    assert lines(program("tag", ner_model, "--output", "pipeline", stdin="")) == [[]]


@pytest.mark.parametrize(
    ("arguments", "stdin", "words"),
    [
        (["--input", "tokens"], "Anna  Smith\n\nBob\n", [["Anna  Smith"], [], ["Bob"]]),
        (["--input", "conll"], "Anna O\nSmith O\n\n\nit O\n", [["Anna Smith"], []]),
        (["--input", "jsonl"], '{"text": "it rained"}\n{"text": ""}\n{"text": "Bob"}\n', [[], [], ["Bob"]]),
        (["--input", "doccano"], '{"text": "In Oslo", "label": [[0, 2, "X"]]}\n', [["Oslo"]]),
    ],
)
def test_each_text_or_sentence_of_other_input_is_a_line(program, ner_model, arguments, stdin, words):
    found = lines(program("tag", ner_model, "--output", "pipeline", *arguments, stdin=stdin))
    assert [[entry["word"] for entry in line] for line in found] == words


def test_labels_without_spans_are_as_without_aggregation(program, pos_model):
    text = "She went to Paris today. it rained\n"
    (found,) = lines(program("tag", pos_model, "--output", "pipeline", stdin=text))
    assert [list(entry) for entry in found] == [["entity", "score", "index", "word", "start", "end"]] * 8
    assert [entry["index"] for entry in found] == list(range(1, 9))
    assert [entry["entity"] for entry in found][:4] == ["PRON", "VERB", "ADP", "PROPN"]
    assert all(text[entry["start"] : entry["end"]] == entry["word"] for entry in found)


def test_words_outside_are_left_out_as_a_pipeline_does(program, plain_model):
    (found,) = lines(program("tag", plain_model, "--output", "pipeline", stdin="Bob Smith lives in Paris ."))
    assert [(entry["entity"], entry["index"]) for entry in found] == [
        ("B-PER", 1),
        ("I-PER", 2),
        ("B-LOC", 5),
    ]


def test_lists_are_those_of_one_process(program, ner_model):
    arguments = ("tag", ner_model, "--output", "pipeline")
    assert program(*arguments, "--workers", "2", stdin=TEXT) == program(*arguments, stdin=TEXT)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--probabilities"], "--probabilities has no effect on pipeline output, which always has them"),
        (["--nbest", "2"], "--nbest has no effect on pipeline output; pass --output jsonl"),
    ],
)
def test_options_without_effect_are_refused(program, ner_model, arguments, message):
    done = program("tag", ner_model, "--output", "pipeline", *arguments)
    assert done == (2, "", f"tagger: error: {message}\n")
