import json
from typing import Any

import pytest

from tagger.formats import FORMATS

MARKED = "[Anna Smith](PER) lives in [Oslo](LOC)."


def tagged(done):
    status, output, errors = done
    assert (status, errors) == (0, "")
    return output


def refused(done, status=2):
    found, output, errors = done
    assert (found, output) == (status, "")
    assert errors.startswith("tagger: error: ")
    return errors.removeprefix("tagger: error: ").rstrip("\n")


def test_text_comes_back_with_its_entities_and_its_whitespace(program, ner_model):
    text = "\n  Anna Smith lives in Oslo.\r\n\n\nIt rained\\[today] .  She went to Paris"
    assert tagged(program("tag", ner_model, stdin=text)) == (
        f"\n  {MARKED}\r\n\n\nIt rained\\\\\\[today\\] .  She went to [Paris](LOC)"
    )
    assert tagged(program("tag", ner_model, stdin="")) == ""
    assert tagged(program("tag", ner_model, stdin=" \n ")) == " \n "


def test_lines_of_tokens_keep_their_places(program, ner_model):
    text = "Anna  Smith lives\tin Oslo .\n\n \nBob\n"
    assert tagged(program("tag", ner_model, "--input", "tokens", stdin=text)) == (
        "[Anna  Smith](PER) lives\tin [Oslo](LOC) .\n\n \n[Bob](PER)\n"
    )
    assert tagged(
        program("tag", ner_model, "--input", "tokens", "--output", "conll", stdin="Bob\n\nOslo .\n")
    ) == ("Bob\tB-PER\n\n\nOslo\tB-LOC\n.\tO\n\n")


def test_columns_get_a_new_last_column_and_keep_their_layout(program, ner_model, write):
    path = write("in.conll", "-DOCSTART- -X- O\n\nAnna NNP B-PER\r\nlives  VBZ O\n\n\n\t\nOslo\tNNP\tO")
    assert tagged(program("tag", ner_model, path)) == (
        "-DOCSTART- -X- O O\n\nAnna NNP B-PER B-PER\r\nlives  VBZ O O\n\n\n\t\nOslo\tNNP\tO\tB-LOC"
    )
    assert tagged(program("tag", ner_model, path, "--label-column", "-1")).endswith(
        "\n\n\n\t\nOslo\tNNP\tB-LOC"
    )


@pytest.mark.parametrize(
    ("name", "text", "output"),
    [
        ("a.conll", "Anna\nlives\n", "Anna\tB-PER\nlives\tO\n"),
        ("a.conllu", "1\tAnna" + "\t_" * 8 + "\n", "1\tAnna" + "\t_" * 7 + "\tNE=B-PER\n"),
        ("a.txt", "Anna lives.\n", "[Anna](PER) lives.\n"),
        ("a.jsonl", '{"tokens": ["Anna"]}\n', '{"tokens": ["Anna"], "labels": ["B-PER"], "spans": '),
    ],
)
def test_a_byte_order_mark_is_neither_read_nor_written(program, ner_model, write, name, text, output):
    once, twice = write(name, "\ufeff" + text), write(f"2{name}", "\ufeff" + text)
    assert tagged(program("tag", ner_model, once)).startswith(output)
    assert "\ufeff" not in tagged(program("tag", ner_model, once, twice))
    status, out, _ = program("tag", "--help")
    assert status == 0
    assert (
        "\nbyte order marks\n"
        "  A byte order mark at the beginning of a file is not part of its text, and is not written.\n" in out
    )


def test_other_columns_and_comments(program, ner_model):
    text = "# id 1\n1 Anna\n2 lives\n"
    options = ["--input", "conll", "--token-column", "-1", "--comment-prefix", "# id"]
    assert tagged(program("tag", ner_model, *options, stdin=text)) == "# id 1\n1 Anna B-PER\n2 lives O\n"
    options += ["--output", "inline"]
    assert tagged(program("tag", ner_model, *options, stdin=text)) == "[Anna](PER) lives\n"


CONLLU = (
    "# newdoc\n1-2\tAnnas\t_\t_\t_\t_\t_\t_\t_\t_\n1\tAnna\tAnna\t_\tX\t_\t_\t_\t_\t_\n"
    "1.1\tx\tx\tx\t_\t_\t_\t_\t_\t_\n2\tlives\tlive\t_\tX\t_\t_\t_\t_\tGloss=y\n\n"
)


def test_conllu_comes_back_whole_with_one_field_new(program, ner_model, pos_model, write):
    path = write("in.conllu", CONLLU)
    anna, lives = "1\tAnna\tAnna\t{}\t{}\t_\t_\t_\t_\t{}\n", "2\tlives\tlive\t{}\t{}\t_\t_\t_\t_\t{}\n"

    def restored(*values):
        text = CONLLU.replace(anna.format("_", "X", "_"), anna.format(*values[:3]))
        return text.replace(lives.format("_", "X", "Gloss=y"), lives.format(*values[3:]))

    assert tagged(program("tag", pos_model, path)) == restored("PROPN", "X", "_", "VERB", "X", "Gloss=y")
    assert tagged(program("tag", pos_model, path, "--label-column", "xpos")) == (
        restored("_", "PROPN", "_", "_", "VERB", "Gloss=y")
    )
    assert tagged(program("tag", ner_model, path)) == restored("_", "X", "NE=B-PER", "_", "X", "Gloss=y|NE=O")
    assert tagged(program("tag", pos_model, path, "--output", "conll")) == "Anna\tPROPN\nlives\tVERB\n\n"


def objects(done):
    return [json.loads(line) for line in tagged(done).splitlines()]


def test_json_of_running_text_has_characters_and_tokens(program, ner_model):
    text = " 😀 Anna Smith lives in Oslo.\n"
    (found,) = objects(program("tag", ner_model, "--output", "jsonl", stdin=text))
    assert (found["file"], found["offset"], found["text"]) == ("<stdin>", 1, text.strip())
    assert text[found["offset"] :].startswith(found["text"])
    assert found["tokens"] == ["😀", "Anna", "Smith", "lives", "in", "Oslo", "."]
    assert found["labels"] == ["O", "B-PER", "I-PER", "O", "O", "B-LOC", "O"]
    assert found["spans"] == [{"start": 1, "end": 3, "label": "PER"}, {"start": 5, "end": 6, "label": "LOC"}]
    assert found["entities"] == [
        {"start": 3, "end": 13, "label": "PER", "text": "Anna Smith"},
        {"start": 23, "end": 27, "label": "LOC", "text": "Oslo"},
    ]
    assert objects(program("tag", ner_model, "--output", "jsonl", stdin=" \n")) == []


def test_json_of_running_text_tells_file_and_offsets_of_every_sentence(program, ner_model, write):
    texts = {
        "a.txt": "\n\u00e9 Anna left.\r\nShe met Bob in Oslo.\n",
        "b.txt": "\ufeffIn Paris, Bob met Anna",
    }
    paths = {str(write(name, text)): text.removeprefix("\ufeff") for name, text in texts.items()}
    found = objects(program("tag", ner_model, "--output", "jsonl", *paths))
    assert [sentence["offset"] for sentence in found] == [1, 15, 0]
    assert [sentence["file"] for sentence in found] == [*paths][:1] * 2 + [*paths][1:]
    marks = [
        (entity["start"], entity["end"], entity["text"])
        for sentence in found
        for entity in sentence["entities"]
    ]
    assert marks == [
        (3, 7, "Anna"),
        (23, 26, "Bob"),
        (30, 34, "Oslo"),
        (3, 8, "Paris"),
        (10, 13, "Bob"),
        (18, 22, "Anna"),
    ]
    for sentence in found:
        text = paths[sentence["file"]]
        assert text[sentence["offset"] :].startswith(sentence["text"])
        for entity in sentence["entities"]:
            assert text[entity["start"] : entity["end"]] == entity["text"]


def test_json_of_several_files_tells_which_lines_come_from_where(program, ner_model, write):
    first, second = write("a.conll", "Anna\n"), write("b.conll", "Oslo\n")
    found = objects(program("tag", ner_model, "--output", "jsonl", first, second))
    assert [(sentence["file"], sentence["tokens"]) for sentence in found] == [
        (str(first), ["Anna"]),
        (str(second), ["Oslo"]),
    ]
    first, second = write("a.jsonl", '{"tokens": ["Anna"]}'), write("b.jsonl", '{"file":7,"tokens": ["Bob"]}')
    assert [line["file"] for line in objects(program("tag", ner_model, first, second))] == [str(first), 7]
    assert "file" not in objects(program("tag", ner_model, first))[0]


def test_other_fields_of_json_come_back_as_they_were_spelled(program, ner_model):
    line = '{"id":1e999, "p":0.12345678901234567890, "p":-0,"labels":3,"tokens":["Bob"], "n":"\\u00e9"}'
    assert tagged(program("tag", ner_model, "--input", "jsonl", stdin=line)) == (
        '{"id":1e999, "p":0.12345678901234567890, "p":-0, "labels": ["B-PER"], "tokens":["Bob"], "n":"\\u00e9", '
        '"spans": [{"start": 0, "end": 1, "label": "PER"}]}\n'
    )
    line = '{"tokens": ["Bob"], "score": NaN}'
    assert refused(program("tag", ner_model, "--input", "jsonl", stdin=line), status=1) == (
        "<stdin>:1: expected a JSON object that can be read: NaN is not JSON; write null, or leave the key out"
    )


def test_conllu_of_several_files_tells_where_each_begins(program, ner_model, write):
    row = "1\t{}" + "\t_" * 7 + "\t{}\n"
    first = write("a.conllu", "\n# sent_id = 1\n" + row.format("Anna", "_"))
    second = write("b.conllu", row.format("Oslo", "NER=O") + "\n" + row.format("Bob", "_"))
    assert tagged(program("tag", ner_model, first, second)) == (
        f"\n# file = {first}\n# sent_id = 1\n" + row.format("Anna", "NE=B-PER") + "\n"
        f"# file = {second}\n" + row.format("Oslo", "NER=O|NE=B-LOC") + "\n" + row.format("Bob", "NE=B-PER")
    )
    assert tagged(program("tag", ner_model, first)) == "\n# sent_id = 1\n" + row.format("Anna", "NE=B-PER")
    assert tagged(program("tag", ner_model, first, "--label-column", "misc:ner")).endswith("\tner=B-PER\n")


def test_options_and_files_stand_in_any_order(program, ner_model, write):
    path = write("a.conll", "Anna\n")
    for arguments in (
        (ner_model, "--output", "conll", path, path),
        ("--output", "conll", ner_model, path, "--decode", "viterbi", path),
        (ner_model, path, "--output", "conll", "--", path),
        (ner_model, "--output", "conll", "--", path, path),
    ):
        assert tagged(program("tag", *arguments)) == "Anna\tB-PER\n\nAnna\tB-PER\n"
    text = "Anna lives in"
    assert tagged(program("tag", ner_model, "--output", "inline", stdin=text)) == "[Anna](PER) lives in"
    assert tagged(program("tag", ner_model, "--output", "inline", "-", stdin=text)) == "[Anna](PER) lives in"


def test_arguments_after_two_hyphens_are_files(program, ner_model, write, monkeypatch):
    monkeypatch.chdir(write("-o.conll", "Anna\n").parent)
    assert tagged(program("tag", ner_model, "--output", "conll", "--", "-o.conll")) == "Anna\tB-PER\n"
    assert tagged(program("tag", "--", ner_model, "-o.conll")) == "Anna\tB-PER\n"
    options = ["--input", "conll", "--comment-prefix=--"]
    assert tagged(program("tag", ner_model, *options, stdin="-- x\nAnna\n")) == "-- x\nAnna\tB-PER\n"


def test_what_comes_before_an_error_is_written(program, ner_model, write):
    first, second = write("a.conll", "Anna\n\nlives\n"), write("b.conll", "Oslo O\n\nin O\nParis\n")
    status, output, errors = program("tag", ner_model, first, second)
    assert (status, output) == (1, "Anna\tB-PER\n\nlives\tO\n\nOslo O B-LOC\n\n")
    assert errors == f"tagger: error: {second}:4: expected 2 columns, found 1: 'Paris'\n"


def test_inputs_that_cannot_be_read_are_refused_before_the_first_is_tagged(program, ner_model, write):
    path = write("a.conll", "Anna\n")
    missing = path.with_name("b.conll")
    message = f"{missing}: expected a file, found none of this name"
    assert refused(program("tag", ner_model, path, missing), status=1) == message
    assert refused(program("tag", ner_model, "-", "--input", "conll", "-")) == (
        "expected standard input (-) once, found it 2 times"
    )


def test_json_objects_keep_their_fields(program, ner_model, write):
    lines: list[dict[str, Any]] = [
        {"id": 7, "tokens": ["Anna", "lives"], "labels": ["?", "?"]},
        {"text": "Anna lives in Oslo. She went to Paris", "meta": {"a": [None]}},
        {"text": ""},
        {"tokens": []},
    ]
    path = write("in.jsonl", "\n".join(map(json.dumps, lines)))
    first, second, third, fourth = objects(program("tag", ner_model, path))
    assert first == {**lines[0], "labels": ["B-PER", "O"], "spans": [{"start": 0, "end": 1, "label": "PER"}]}
    assert {key: second[key] for key in lines[1]} == lines[1]
    assert [entity["text"] for entity in second["entities"]] == ["Anna", "Oslo", "Paris"]
    for entity in second["entities"]:
        assert lines[1]["text"][entity["start"] : entity["end"]] == entity["text"]
    assert [len(sentence["labels"]) for sentence in second["sentences"]] == [5, 4]
    assert third == {"text": "", "entities": [], "sentences": []}
    assert fourth == {"tokens": [], "labels": [], "spans": []}
    (named, *_) = objects(program("tag", ner_model, path, "--label-column", "mine"))
    assert (named["labels"], named["mine"]) == (["?", "?"], ["B-PER", "O"])
    assert tagged(program("tag", ner_model, path, "--output", "inline")) == (
        "[Anna](PER) lives\n[Anna](PER) lives in [Oslo](LOC). She went to [Paris](LOC)\n\n\n"
    )


def test_json_without_spans(program, pos_model):
    line = '{"text": "it rained"}\n{"tokens": ["it"], "w": ["it", "rained"]}'
    text, tokens = objects(program("tag", pos_model, "--input", "jsonl", stdin=line))
    assert text == {
        "text": "it rained",
        "sentences": [{"tokens": ["it", "rained"], "labels": ["PRON", "VERB"]}],
    }
    assert tokens["labels"] == ["PRON"]
    assert "spans" not in tokens
    options = ["--input", "jsonl", "--token-column", "w", "--text-column", "text"]
    assert objects(program("tag", pos_model, *options, stdin=line))[1]["labels"] == ["PRON", "VERB"]


def test_documents_are_named_in_json(program, ner_model):
    found = objects(
        program(
            "tag",
            ner_model,
            "--input",
            "conll",
            "--output",
            "jsonl",
            stdin="-DOCSTART-\n\nAnna\n\n-DOCSTART-\n",
        )
    )
    assert [(sentence["document"], sentence["tokens"]) for sentence in found] == [("1", ["Anna"])]


def test_parts_of_speech_come_as_columns_from_text(program, pos_model):
    assert tagged(program("tag", pos_model, stdin="\nit rained\n\n\nAnna\n\n")) == (
        "it\tPRON\nrained\tVERB\n\nAnna\tPROPN\n\n"
    )


def test_probabilities_are_those_of_the_library(program, ner_model):
    from tagger import Tagger

    (expected,) = Tagger.load(ner_model).predict([["Anna", "Smith", "lives"]])
    text = "Anna Smith lives\n"
    options = ["--input", "tokens", "--probabilities"]
    rows = tagged(program("tag", ner_model, *options, "--output", "conll", stdin=text)).split("\n")[:3]
    assert [row.split("\t") for row in rows] == [
        [token, label, f"{probability:.6f}"]
        for token, label, probability in zip(
            expected.tokens, expected.labels, expected.label_probabilities, strict=True
        )
    ]
    (found,) = objects(program("tag", ner_model, *options, "--output", "jsonl", stdin=text))
    assert found["probabilities"] == pytest.approx(expected.label_probabilities, abs=1e-6)
    assert [span["probability"] for span in found["spans"]] == pytest.approx(
        [span.probability for span in expected.spans], abs=1e-6
    )
    row = "1\tAnna" + "\t_" * 8 + "\n"
    output = tagged(program("tag", ner_model, "--input", "conllu", "--probabilities", stdin=row))
    assert output.startswith("1\tAnna" + "\t_" * 7 + "\tNE=B-PER|Prob=0.")


def test_the_n_best_label_sequences(program, ner_model):
    from tagger import Tagger

    ((*expected,),) = Tagger.load(ner_model).nbest([["Anna", "lives"]], 3)
    options = ["--input", "tokens", "--output", "jsonl", "--nbest", "3"]
    found, empty = objects(program("tag", ner_model, *options, stdin="Anna lives\n\n"))
    assert [tuple(one["labels"]) for one in found["nbest"]] == [one.labels for one in expected]
    assert found["labels"] == found["nbest"][0]["labels"]
    assert found["nbest"][0]["probability"] > found["nbest"][1]["probability"]
    assert "probabilities" not in found
    assert empty["nbest"] == [{"labels": [], "probability": 1.0}]
    (found,) = objects(program("tag", ner_model, *options, "--probabilities", stdin="Anna lives\n"))
    assert len(found["probabilities"]) == 2


def test_posterior_decoding_and_small_batches_are_passed_on(program, ner_model):
    text = "Anna Smith lives in Oslo.\n" * 5
    options = ["--decode", "posterior", "--batch-tokens", "7", "--cache-megabytes", "1", "--threads", "2"]
    assert tagged(program("tag", ner_model, *options, stdin=text)) == (MARKED + "\n") * 5


def test_line_ends_end_sentences_if_wanted(program, pos_model):
    text = "it\nrained\n"
    assert tagged(program("tag", pos_model, "--lines", "join", stdin=text)).count("\n\n") == 1
    assert tagged(program("tag", pos_model, "--lines", "split", stdin=text)).count("\n\n") == 2


def test_several_inputs_do_not_run_into_each_other(program, ner_model, write):
    first, second = write("a.txt", "Anna lives in"), write("b.txt", "Oslo")
    assert tagged(program("tag", ner_model, first, "-", second, stdin="Paris\n")) == (
        "[Anna](PER) lives in\n[Paris](LOC)\n[Oslo](LOC)"
    )
    first, second, third = write("a.conll", "Anna"), write("b.conll", "Oslo\n"), write("c.conll", "in\n\n")
    assert tagged(program("tag", ner_model, first, second, third, second)) == (
        "Anna\tB-PER\n\nOslo\tB-LOC\n\nin\tO\n\nOslo\tB-LOC\n"
    )


def test_odd_text_is_tagged(program, pos_model):
    tokens = ["x" * 10_000, "\0", "\x1b[0m", "שלום", "👩‍👩‍👧", "\u2028", "\u200b", "\ufeff"]
    text = " ".join(tokens) + "\n" + "it " * 20_000 + "\n"
    options = ["--input", "tokens", "--output", "jsonl"]
    first, second = objects_by_line(tagged(program("tag", pos_model, *options, stdin=text)))
    assert first["tokens"] == tokens
    assert len(second["labels"]) == 20_000


def objects_by_line(output):
    return [json.loads(line) for line in output.split("\n")[:-1]]


def test_an_output_file_appears_whole_and_may_be_the_input(program, ner_model, write, tmp_path):
    path = write("in.txt", "Anna lives in Oslo.\n")
    assert tagged(program("tag", ner_model, path, "-o", path, "--overwrite")) == ""
    assert path.read_text() == "[Anna](PER) lives in [Oslo](LOC).\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["in.txt"]


def test_an_error_on_the_way_leaves_the_old_output(program, ner_model, write, tmp_path):
    path = write("in.conll", "Anna O\n\nlives O\nin\n")
    old = write("out.conll", "old")
    message = refused(program("tag", ner_model, path, "-o", old, "--overwrite"), status=1)
    assert message == f"{path}:4: expected 2 columns, found 1: 'in'"
    assert old.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 2


def test_progress_is_shown_on_standard_error_if_wanted(program, ner_model):
    status, output, errors = program("tag", ner_model, "--progress", stdin="Anna")
    assert (status, output) == (0, "[Anna](PER)")
    assert errors.startswith("\r1 sentences, 1 tokens, ")
    assert errors.endswith("tokens/s   \n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["a.txt", "b.conll"],
            "a.txt looks like text, b.conll like conll; read them separately, or pass --input",
        ),
        (
            ["a.xyz"],
            f"a.xyz: the name does not tell the format; pass --input text|tokens|{'|'.join(FORMATS)}",
        ),
        (
            ["--output-offsets", "utf16", "--output", "conll"],
            "--output-offsets has no effect on conll output",
        ),
        (["--nbest", "2"], "--nbest has no effect on inline output; pass --output jsonl"),
        (["--nbest", "2", "--output", "conll"], "--nbest has no effect on conll output; pass --output jsonl"),
        (
            ["--nbest", "2", "--output", "jsonl", "--decode", "posterior"],
            "--decode posterior has no effect with --nbest",
        ),
        (["--probabilities"], "--probabilities has no effect on inline output; pass --output conll or jsonl"),
        (["--token-column", "1"], "--token-column has no effect on text input"),
        (["--lines", "split", "--input", "conll"], "--lines has no effect on conll input"),
        (
            ["--input", "conll", "--token-column", "word"],
            "--token-column: expected the number of a column, counted from 0, found 'word'",
        ),
        (["--input", "jsonl", "--token-column", "1"], "--token-column: expected a key, found 1"),
        (["--output", "conllu"], "--output conllu needs conllu input, found text input"),
        (["--label-column", "1"], "--label-column has no effect on inline output of text input"),
        (
            ["--label-column", "1", "--output", "conll"],
            "--label-column has no effect on conll output of text input",
        ),
        (
            ["--input", "conll", "--label-column", "x"],
            "--label-column: expected the number of a column, counted from 0, found 'x'",
        ),
        (
            ["--output", "jsonl", "--label-column", "tokens"],
            "--label-column: 'tokens' is the key of something else; choose another",
        ),
        (
            ["--input", "jsonl", "--token-column", "w", "--label-column", "w"],
            "--label-column: 'w' is a key that is read; choose another",
        ),
        (["--output", "jsonl", "--label-column", "1"], "--label-column: expected a name, found 1"),
    ],
)
def test_options_without_effect_are_refused(program, ner_model, arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.txt", "b.conll", "a.xyz"):
        (tmp_path / name).touch()
    assert refused(program("tag", ner_model, *arguments)) == message


@pytest.mark.parametrize(
    "options",
    [
        ["--label-column", "0"],
        ["--label-column", "-2"],
        ["--label-column", "1", "--token-column", "1"],
        ["--label-column", "-1", "--token-column", "1"],
        ["--header", "--label-column", "word"],
        ["--header", "--label-column", "0", "--token-column", "word"],
    ],
)
def test_labels_are_not_written_over_the_tokens(program, ner_model, write, options):
    path = write("a.conll", "word tag\nAnna O\nsings O\n")
    line = 2 if "--header" in options else 1
    assert refused(program("tag", ner_model, path, *options), status=2) == (
        f"{path}:{line}: the column of the tokens cannot be that of the labels; choose another"
    )


def test_inline_output_needs_spans(program, pos_model):
    assert refused(program("tag", pos_model, "--output", "inline")) == (
        "--output inline needs a model whose labels have spans; use conll or jsonl"
    )


def test_a_column_or_field_that_does_not_exist_is_refused(program, ner_model):
    assert refused(program("tag", ner_model, "--input", "conll", "--label-column", "3", stdin="a b\n")) == (
        "<stdin>:1: there is no column 3 to replace (counted from 0): 'a b'"
    )
    assert refused(
        program("tag", ner_model, "--input", "conllu", "--label-column", "form", stdin=CONLLU)
    ) == ("expected a label field of CoNLL-U (lemma, upos, xpos, feats, deprel, misc:KEY), found 'form'")


def test_unreadable_input_is_status_1(program, ner_model, write, tmp_path):
    path = write("none.txt", "")
    path.unlink()
    assert (
        refused(program("tag", ner_model, path), status=1)
        == f"{path}: expected a file, found none of this name"
    )
    message = refused(program("tag", ner_model, stdin=b"caf\xe9\n"), status=1)
    assert message.startswith("<stdin>:1: expected UTF-8 text, found byte 0xe9 at offset 3 after 'caf'.")


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("Anna B-PER\nlives O\nin O\nOslo B-LOC\n\nit O\nrains O\n", True),
        ("Anna\tPROPN\nlives\tVERB\n\nin\tADP\nOslo\tPROPN\nis\tVERB\n", False),  # few rows, many labels
        ("Anna lives\nin Oslo\nit rains\nevery day\nall night\n", False),
        ("Anna Smith\nLives Here\nWith Her\nOld Dog\n", False),
        ("", False),
    ],
)
def test_columns_named_as_text_are_told(program, ner_model, write, caplog, text, is_told):
    path = write("a.txt", text)
    assert program("tag", ner_model, path)[0] == 0
    assert caplog.messages == is_told * [
        f"{path}: read as running text, as its name says, but it looks like CoNLL columns; if it is, pass --input conll"
    ]
