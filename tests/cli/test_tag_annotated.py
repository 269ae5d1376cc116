"""Texts of annotated files are tagged, and the answers written in the formats of annotation tools."""

import gzip
import json

import pytest

TEXTS = ["😀 Anna Smith lives in Oslo.\r\nBob went to Paris today.", "it  rained"]
FOUND = [[[2, 12, "PER"], [22, 26, "LOC"], [29, 32, "PER"], [41, 46, "LOC"]], []]


@pytest.fixture
def doccano(write):
    lines = [
        {"id": 7, "text": TEXTS[0], "label": [[0, 1, "WRONG"]], "batch": 3},
        {"id": 8, "text": TEXTS[1], "label": []},
    ]
    return write("all.jsonl", "\n".join(map(json.dumps, lines)))


def test_an_export_comes_back_in_its_format_with_what_the_model_found(program, ner_model, doccano):
    status, output, _ = program("tag", ner_model, doccano)
    assert status == 0
    assert [json.loads(line) for line in output.splitlines()] == [
        {"text": TEXTS[0], "label": FOUND[0], "batch": 3},
        {"text": TEXTS[1], "label": FOUND[1]},
    ]


def test_offsets_count_what_is_wanted(program, ner_model, doccano):
    _, output, _ = program("tag", ner_model, doccano, "--output-offsets", "utf16")
    assert json.loads(output.splitlines()[0])["label"][0] == [3, 13, "PER"]
    _, output, _ = program("tag", ner_model, doccano, "--output-offsets", "byte")
    assert json.loads(output.splitlines()[0])["label"][0] == [5, 15, "PER"]


def test_probabilities_go_along_where_there_is_a_place_for_them(program, ner_model, doccano):
    status, output, _ = program("tag", ner_model, doccano, "--output", "jsonl", "--probabilities")
    assert status == 0
    spans = json.loads(output.splitlines()[0])["spans"]
    assert [[span["start"], span["end"], span["label"]] for span in spans] == FOUND[0]
    assert all(0 < span["probability"] <= 1 for span in spans)
    status, _, errors = program("tag", ner_model, doccano, "--probabilities")
    assert (status, errors) == (2, "tagger: error: --probabilities has no effect on doccano output\n")


def test_a_running_text_is_one_text_whatever_its_sentences(program, ner_model, write):
    paths = [write("a.txt", TEXTS[0]), write("b.txt", TEXTS[1])]
    status, output, _ = program("tag", ner_model, *paths, "--output", "doccano")
    assert status == 0
    found = [json.loads(line) for line in output.splitlines()]
    assert [item["label"] for item in found] == FOUND
    assert [item["text"].rstrip("\n") for item in found] == TEXTS


def test_columns_become_texts_with_blanks_between_their_tokens(program, ner_model, write):
    path = write("a.conll", "Anna O\nSmith O\nsings O\n\nit O\n")
    status, output, _ = program("tag", ner_model, path, "--output", "doccano")
    assert status == 0
    assert [json.loads(line) for line in output.splitlines()] == [
        {"text": "Anna Smith sings", "label": [[0, 10, "PER"]]},
        {"text": "it", "label": []},
    ]


def test_json_lines_become_texts(program, ner_model):
    lines = [{"text": TEXTS[0]}, {"tokens": ["Anna", "sings"]}]
    stdin = "\n".join(map(json.dumps, lines))
    status, output, _ = program("tag", ner_model, "--input", "jsonl", "--output", "doccano", stdin=stdin)
    assert status == 0
    assert [json.loads(line)["label"] for line in output.splitlines()] == [FOUND[0], [[0, 4, "PER"]]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--output", "doccano", "--nbest", "2"],
            "--nbest has no effect on doccano output; pass --output jsonl",
        ),
        (
            ["--output", "doccano", "--label-column", "x"],
            "--label-column has no effect on doccano output of text input",
        ),
        (
            ["--input", "doccano", "--comment-prefix", "#"],
            "--comment-prefix has no effect on the format doccano",
        ),
    ],
)
def test_options_without_effect_are_refused(program, ner_model, arguments, message):
    status, _, errors = program("tag", ner_model, *arguments)
    assert (status, errors) == (2, f"tagger: error: {message}\n")


def test_labels_without_spans_have_no_place_among_spans(program, pos_model, doccano):
    status, _, errors = program("tag", pos_model, doccano)
    assert (status, errors) == (
        2,
        "tagger: error: --output doccano has no place for a label for every token; choose another\n",
    )
    status, output, _ = program("tag", pos_model, doccano, "--output", "jsonl")
    assert status == 0
    assert json.loads(output.splitlines()[1]) == {
        "tokens": ["it", "rained"],
        "labels": ["PRON", "VERB"],
        "document": "8",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sentence_id,token\n1,Anna\n,lives\n2,Oslo\n", ["Anna,B-PER", "lives,O", "Oslo,B-LOC"]),
        ("id;text\n7;Anna lives in Oslo.\n", ["Anna,B-PER", "lives,O", "in,O", "Oslo,B-LOC", ".,O"]),
        ("id,body\n7,Anna lives\n", ["Anna,B-PER", "lives,O"]),
        ("id,tokens\n7,\"['Anna', 'lives']\"\n", ["Anna,B-PER", "lives,O"]),
    ],
)
def test_tables_without_labels_are_tagged(program, ner_model, write, text, expected):
    status, output, errors = program("tag", ner_model, write("a.csv", text))
    assert status == 0
    assert ("white space is not" in errors) == ("lives in" in text)
    header, *rows = output.splitlines()
    places = [header.split(",").index(name) for name in ("token", "label")]
    assert [",".join(row.split(",")[place] for place in places) for row in rows if row.strip(",")] == expected


def test_the_name_of_the_output_tells_its_format_and_what_was_written_is_said(
    program, ner_model, doccano, write, tmp_path
):
    for name, format in (("a.csv", "csv"), ("a.conllu", "conllu"), ("a.spacy", "docbin"), ("a", "doccano")):
        status, _, errors = program("tag", ner_model, doccano, "-o", tmp_path / name)
        assert (status, errors.splitlines()[-1]) == (0, f"tagger: {tmp_path / name}: {format}, written")
    status, _, _ = program("tag", ner_model, write("b.txt", "Anna lives."), "-o", tmp_path / "b.conll")
    assert (status, (tmp_path / "b.conll").read_text()) == (0, "Anna\tB-PER\nlives\tO\n.\tO\n\n")


def test_a_table_with_several_columns_of_labels_is_tagged_without_a_look_at_them(program, ner_model, write):
    path = write("a.csv", "Sentence #,Word,POS,Tag\nSentence: 1,Anna,NNP,O\n,lives,VBZ,O\n")
    status, output, _ = program("tag", ner_model, path, "--output", "conll")
    assert (status, output) == (0, "Anna\tB-PER\nlives\tO\n\n")


def test_files_that_are_not_there_are_said_not_to_be(program, ner_model):
    status, _, errors = program("tag", ner_model, "none.tx")
    assert (status, errors) == (1, "tagger: error: none.tx: expected a file, found none of this name\n")


def test_what_cannot_be_read_is_skipped_if_that_is_wanted(program, ner_model, write, caplog):
    path = write("a.jsonl", '{"text": "Anna", "label": [[0, 4, "PER"]]}\n{"text": 5, "label": []}\n')
    status, _, errors = program("tag", ner_model, path)
    assert (status, errors.partition("To skip")[2]) == (1, " and list bad data: --skip-bad\n")
    status, output, _ = program("tag", ner_model, path, "--skip-bad")
    assert (status, len(output.splitlines())) == (0, 1)
    assert caplog.messages[0] == f"{path}: items without a text, left out as bad: 1"
    status, _, errors = program("tag", ner_model, "--input", "conll", "--skip-bad")
    assert (status, errors) == (2, "tagger: error: --skip-bad has no effect on conll input\n")


def test_texts_that_nobody_annotated_yet_are_tagged(program, ner_model, tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.txt").write_text("Anna lives.")
    status, _, _ = program("tag", ner_model, folder, "--input", "brat", "-o", tmp_path / "out")
    assert (status, (tmp_path / "out" / "a.ann").read_text()) == (0, "T1\tPER 0 4\tAnna\n")


@pytest.mark.parametrize(
    ("text", "title", "name"),
    [
        ("<PER>Anna</PER> lives\n", "text with inline tags", "inline-tags"),
        ("[Anna](PER) lives\n", "text with entities in brackets", "inline"),
    ],
)
def test_marked_text_that_is_named_as_running_text_is_told(
    program, ner_model, write, caplog, text, title, name
):
    path = write("a.txt", text)
    status, *_ = program("tag", ner_model, path)
    assert status == 0
    assert caplog.messages == [
        f"{path}: read as running text, as its name says, but it looks like {title}; if it is, pass --input {name}"
    ]


def test_predictions_go_back_to_their_project(program, ner_model, write, caplog):
    region = {"start": 0, "end": 4, "text": "Anna", "labels": ["PER"]}
    result = [{"from_name": "ner", "to_name": "content", "type": "labels", "value": region}]
    tasks = [{"id": 7, "data": {"content": "Anna lives"}, "annotations": [{"id": 1, "result": result}]}]
    status, output, errors = program("tag", ner_model, write("project.json", json.dumps(tasks)))
    assert (status, errors, caplog.messages) == (0, "", [])
    (task,) = json.loads(output)
    assert (task["id"], task["data"]) == (7, {"content": "Anna lives"})
    (found,) = task["predictions"][0]["result"]
    assert (found["from_name"], found["to_name"], found["value"]) == ("ner", "content", region)
    assert program("tag", ner_model, write("a.txt", "Anna lives"), "--output", "label-studio")[0] == 0
    assert caplog.messages == [
        "these tasks are for a project of Label Studio with the labelling configuration <View><Labels "
        'name="label" toName="text"><Label value="PER"/></Labels><Text name="text" value="$text"/></View>'
    ]


@pytest.mark.parametrize(
    ("line", "format"),
    [
        ({"tokens": ["Anna", "sings"], "document": "d"}, "gliner"),
        ({"text": "Anna sings.", "document": "d"}, "gliner"),
    ],
)
def test_what_is_lost_of_texts_is_told_with_their_place(program, ner_model, write, line, format):
    text = json.dumps(line) + "\n"
    for arguments, name in ((("-",), "<stdin>"), ((write("a.jsonl", text),), None)):
        name = name or str(arguments[0])
        status, _, errors = program(
            "tag", ner_model, *arguments, "--input", "jsonl", "--output", format, stdin=text
        )
        assert status == 0
        assert f"tagger: texts whose document's id is not written: 1; the first: {name}:1: d\n" in errors


def test_probabilities_are_predictions_in_label_studio_after_a_conversion(
    program, ner_model, write, tmp_path
):
    tagged, tasks = tmp_path / "tagged.jsonl", tmp_path / "tasks.json"
    source = write("a.jsonl", json.dumps({"text": TEXTS[0]}) + "\n")
    assert program("tag", ner_model, source, "--output", "jsonl", "--probabilities", "-o", tagged)[0] == 0
    assert program("convert", tagged, tasks, "--output", "label-studio")[0] == 0
    (task,) = json.loads(tasks.read_text())
    assert (task["data"]["text"], "annotations" in task) == (TEXTS[0], False)
    (prediction,) = task["predictions"]
    values = [region["value"] for region in prediction["result"]]
    assert [[value["start"], value["end"], *value["labels"]] for value in values] == FOUND[0]
    entities = json.loads(tagged.read_text())["entities"]
    assert [region["score"] for region in prediction["result"]] == [
        entity["probability"] for entity in entities
    ]
    assert prediction["score"] == min(entity["probability"] for entity in entities)


def test_an_output_whose_name_says_so_is_packed(program, ner_model, doccano, tmp_path):
    status, _, _ = program("tag", ner_model, doccano, "-o", tmp_path / "a.jsonl.gz")
    assert status == 0
    with gzip.open(tmp_path / "a.jsonl.gz", "rt") as file:
        assert [json.loads(line)["label"] for line in file] == FOUND
