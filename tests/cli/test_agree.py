"""``tagger agree``: files, people in one file and models, compared with each other."""

import json

import pytest

from tagger.cli import main

ANN = "Anna\tB-PER\nSmith\tI-PER\nlives\tO\nin\tO\nOslo\tB-LOC\n.\tO\n\nit\tO\nrained\tO\n"
BOB = "Anna\tB-PER\nSmith\tO\nlives\tO\nin\tO\nOslo\tB-LOC\n.\tO\n\nit\tO\nrained\tO\n"


@pytest.fixture
def ann(write):
    return write("ann.conll", ANN)


@pytest.fixture
def bob(write):
    return write("bob.conll", BOB)


def found(program, *arguments):
    status, output, errors = program("agree", *arguments, "--json")
    assert status == 0, errors
    return json.loads(output)


def test_two_files_are_compared(program, ann, bob):
    status, output, errors = program("agree", ann, bob)
    assert (status, errors) == (0, "")
    assert output.startswith("2 annotators, 2 sentences\nF1 of spans: 50.00 %\nKrippendorff's alpha")
    assert "Sentences with a conflict: 1 of 2\n" in output
    fields = found(program, ann, bob)
    assert fields["annotators"] == ["ann.conll", "bob.conll"]
    (pair,) = fields["tables"]["pairs"]
    assert (pair["both"], pair["in_first"], pair["in_second"], pair["tokens"]) == (1, 2, 2, 8)


def test_annotators_can_be_given_names(program, ann, bob, write):
    odd = write("x=y.conll", BOB)
    assert found(program, f"first={ann}", f"second={bob}")["annotators"] == ["first", "second"]
    assert found(program, f"first={ann}", odd)["annotators"] == ["first", "x=y.conll"]


def test_names_are_the_parts_of_paths_that_differ(program, tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.conll").write_text(ANN)
    paths = tmp_path / "one" / "a.conll", tmp_path / "two" / "a.conll"
    assert found(program, *paths)["annotators"] == ["one/a.conll", "two/a.conll"]


def test_a_model_labels_the_sentences_of_the_files(program, ann, bob, ner_model):
    fields = found(program, ann, bob, f"model={ner_model}")
    assert fields["annotators"] == ["ann.conll", "bob.conll", "model"]
    pairs = {(row["first"], row["second"]): row["f1"] for row in fields["tables"]["pairs"]}
    assert pairs["ann.conll", "model"] == 1.0  # it learned this sentence
    assert pairs["bob.conll", "model"] == 0.5
    first = found(program, f"model={ner_model}", ann)
    assert first["annotators"] == ["model", "ann.conll"]


def test_a_model_of_plain_labels_labels_too(program, pos_model, write):
    tags = write("tags.conll", "it\tPRON\nrained\tNOUN\n")
    fields = found(program, tags, f"model={pos_model}")
    (pair,) = fields["tables"]["pairs"]
    assert (fields["labels"], pair["same"], pair["tokens"]) == ("plain", 1, 2)


def test_all_people_of_one_file_are_annotators(program, tmp_path):
    lines = [
        ("EU rejects", "ann", [[0, 2]]),
        ("in Oslo", "ann", [[3, 7]]),
        ("in Oslo", "bob", []),
        ("EU rejects", "bob", [[0, 2]]),
    ]
    path = tmp_path / "prodigy.jsonl"
    with path.open("w") as file:
        for text, name, spans in lines:
            item = {
                "text": text,
                "spans": [{"start": start, "end": end, "label": "X"} for start, end in spans],
                "answer": "accept",
                "_annotator_id": name,
                "_input_hash": len(text),
            }
            file.write(json.dumps(item) + "\n")
    fields = found(program, path)
    assert fields["annotators"] == ["ann", "bob"]
    (pair,) = fields["tables"]["pairs"]
    assert (pair["both"], pair["in_first"], pair["in_second"], pair["sentences"]) == (1, 2, 1, 2)
    status, _, errors = program("agree", f"one={path}")
    assert status == 2
    assert (
        "expected a file of one annotator to give a name to, found ann, bob. Choose one (--annotator ann)"
        in errors
    )
    status, _, errors = program("agree", path, "--annotator", "ann")
    assert status == 2
    assert "expected two annotators or more, found only prodigy.jsonl" in errors


def test_what_several_people_annotated_in_part_is_compared_where_they_did(program, tmp_path):
    def annotation(email, *spans):
        result = [
            {
                "from_name": "label",
                "to_name": "text",
                "type": "labels",
                "value": {"start": start, "end": end, "text": "EU", "labels": ["ORG"]},
            }
            for start, end in spans
        ]
        return {"completed_by": {"id": 1, "email": email}, "result": result}

    tasks = [
        {
            "id": 1,
            "data": {"text": "EU"},
            "annotations": [annotation("ann", (0, 2)), annotation("bob", (0, 2))],
        },
        {"id": 2, "data": {"text": "EU"}, "annotations": [annotation("bob", (0, 2))]},
        {"id": 3, "data": {"text": "EU now"}, "annotations": [annotation("cy"), annotation("ann", (0, 2))]},
    ]
    path = tmp_path / "project.json"
    path.write_text(json.dumps(tasks))
    status, output, errors = program("agree", path, "--json")
    assert (status, errors) == (0, "")
    pairs = {(row["first"], row["second"]): row["sentences"] for row in json.loads(output)["tables"]["pairs"]}
    assert pairs == {("ann", "bob"): 1, ("ann", "cy"): 1, ("bob", "cy"): 0}


def test_texts_with_spans_are_compared_with_columns(program, ann, write):
    texts = [
        {"text": "Anna Smith lives in Oslo.", "spans": [[0, 10, "PER"], [20, 24, "LOC"]]},
        {"text": "it rained", "spans": []},
    ]
    other = write("other.jsonl", "".join(json.dumps(text) + "\n" for text in texts))
    fields = found(program, ann, other)
    assert (fields["mean_f1"], fields["alpha"], fields["num_conflicts"]) == (1.0, 1.0, 0)


def test_other_texts_are_an_error_that_shows_both(program, ann, write):
    other = write("other.conll", ANN.replace("Oslo", "Rome"))
    status, output, errors = program("agree", ann, other)
    assert (status, output) == (1, "")
    assert "ann.conll:1: 'Oslo.itrained'; " in errors
    assert "other.conll:1: 'Rome.itrained'" in errors


def test_conflicts_become_tasks(program, ann, bob, tmp_path):
    path = tmp_path / "conflicts.json"
    status, _, errors = program("agree", ann, bob, "--conflicts", path, "--output", "label-studio")
    assert status == 0
    assert f"tagger: {path}: label-studio, written; sentences with a conflict: 1\n" in errors
    (task,) = json.loads(path.read_text())
    assert task["data"]["text"] == "Anna Smith lives in Oslo ."
    (annotation,) = task["annotations"]
    assert [region["value"]["text"] for region in annotation["result"]] == ["Oslo"]
    said = {
        one["model_version"]: [region["value"]["text"] for region in one["result"]]
        for one in task["predictions"]
    }
    assert said == {"ann.conll": ["Anna Smith", "Oslo"], "bob.conll": ["Anna", "Oslo"]}


def test_a_page_is_written_as_well(program, ann, bob, tmp_path):
    page = tmp_path / "page.html"
    status, output, _ = program("agree", ann, bob, "--html", page)
    assert status == 0
    assert output.startswith("2 annotators")
    assert "<title>Agreement of ann.conll, bob.conll</title>" in page.read_text()


def test_nothing_is_written_where_annotators_cannot_be_compared(program, ann, write, tmp_path):
    report, page = tmp_path / "report.txt", tmp_path / "page.html"
    other = write("other.conll", ANN.replace("Oslo", "Rome"))
    status, output, _ = program("agree", ann, other, "-o", report, "--html", page)
    assert (status, output) == (1, "")
    assert not report.exists()
    assert not page.exists()


def test_the_majority_can_be_read_back(program, ann, bob, write, tmp_path):
    third = write("cy.conll", ANN)
    path = tmp_path / "majority.conll"
    status, _, errors = program("agree", ann, bob, third, "--majority", path)
    assert status == 0
    assert "conll, written; sentences: 2; spans that have no majority, left out: 1\n" in errors
    assert found(program, f"ann={ann}", f"majority={path}")["mean_f1"] == 1.0


def test_plain_conflicts_become_tasks_of_the_tokens(program, write, tmp_path):
    first, second = write("a.conll", "x\tN\ny\tV\n"), write("b.conll", "x\tN\ny\tN\n")
    path = tmp_path / "tasks.jsonl"
    assert program("agree", first, second, "--conflicts", path, "--output", "prodigy")[0] == 0
    said = {}
    for line in path.read_text().splitlines():
        item = json.loads(line)
        said[item["_annotator_id"]] = [(span["start"], span["label"]) for span in item["spans"]]
    assert said == {"agreed": [(0, "N")], "a.conll": [(0, "N"), (2, "V")], "b.conll": [(0, "N"), (2, "N")]}


def test_options_of_reading_are_for_the_files_that_have_them(program, write):
    columns = write("a.conll", "# comment\nx\tB-X\ny\tO\n")
    lines = write("b.jsonl", '{"tokens": ["x", "y"], "labels": ["B-X", "O"]}\n')
    fields = found(program, columns, lines, "--comment-prefix", "#", "--skip-bad")
    assert fields["mean_f1"] == 1.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ann.conll"], "expected two annotators or more, found only ann.conll"),
        (["x=ann.conll", "x=bob.conll"], "expected annotators of different names, found x twice"),
        (["ann.conll", "ann.conll"], "found ann.conll twice. Give each a name of its own: NAME=PATH"),
        (["=ann.conll", "bob.conll"], "expected NAME=PATH, found '=ann.conll'"),
        (["ann.conll", "bob.conll", "--decode", "posterior"], "--decode has no effect without a model"),
        (["ann.conll", "bob.conll", "--offsets", "byte"], "--offsets has no effect on the format conll"),
        (["ann.conll", "bob.conll", "--json", "--csv"], "--csv has no effect with --json"),
        (["ann.conll", "bob.conll", "--output", "prodigy"], "--output has no effect without --conflicts"),
        (
            ["ann.conll", "bob.conll", "--conflicts", "ann.conll"],
            "--conflicts: expected another file than those",
        ),
        (["ann.conll", "bob.conll", "--conflicts", "-"], "--conflicts: expected the name of a file, found -"),
        (
            ["ann.conll", "bob.conll", "--conflicts", "x.jsonl", "--majority", "x.jsonl"],
            "expected two places for --conflicts and --majority, found x.jsonl for both",
        ),
        (
            ["ann.conll", "bob.conll", "--conflicts", "x.json"],
            "--conflicts: x.json: expected a name that shows",
        ),
        (["-", "-", "--input", "conll"], "expected standard input (-) once"),
        (
            ["ann.conll", "tags.conll"],
            "expected spans of all annotators, as ann.conll has, found plain labels of tags",
        ),
    ],
)
def test_wrong_usage_is_told(program, ann, bob, write, tmp_path, monkeypatch, arguments, message):
    write("tags.conll", "it\tPRON\nrained\tVERB\n")
    monkeypatch.chdir(tmp_path)
    status, output, errors = program("agree", *arguments)
    assert (status, output) == (2, "")
    assert message in errors


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.conll", b"", "empty.conll"),
        ("blank.conll", b"\n\n\n", "blank.conll"),
        ("binary.conll", bytes(range(256)) * 20, "binary.conll"),
        ("nul.conll", b"a\0\tO\n", "nul.conll"),
        ("missing.conll", None, "missing.conll"),
    ],
)
def test_what_cannot_be_read_is_told_by_name(program, ann, tmp_path, name, content, message):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    status, output, errors = program("agree", ann, path)
    assert (status, output) == (1, "")
    assert message in errors
    assert "Traceback" not in errors


def test_label_sets_with_nothing_in_common_are_refused(program, ann, write):
    other = write("other.conll", ANN.replace("PER", "Person").replace("LOC", "Place"))
    status, _, errors = program("agree", ann, other)
    assert status == 1
    assert "found only LOC, PER in ann.conll, Person, Place in other.conll" in errors


def test_types_that_one_alone_uses_are_told(program, ann, write):
    other = write("other.conll", BOB.replace("LOC", "GPE"))
    status, _, errors = program("agree", ann, other)
    assert status == 0
    assert "tagger: note: only ann.conll uses LOC\n" in errors
    assert "tagger: note: only other.conll uses GPE\n" in errors


def test_a_model_of_spans_is_no_annotator_of_plain_labels(program, ner_model, write):
    tags = write("tags.conll", "it\tPRON\nrained\tVERB\n")
    status, _, errors = program("agree", tags, f"model={ner_model}")
    assert status in (1, 2)
    assert "Traceback" not in errors
    assert "tags.conll" in errors


def test_models_alone_have_nothing_to_label(program, ner_model):
    status, _, errors = program("agree", f"a={ner_model}", f"b={ner_model}")
    assert status == 2
    assert "expected at least one annotated file, whose sentences models are to label, found none" in errors


def test_the_same_seed_draws_the_same(program, ann, bob):
    one = program("agree", ann, bob, "--seed", 3, "--draws", 50, "--json")
    assert one == program("agree", ann, bob, "--seed", 3, "--draws", 50, "--json")


def test_help_shows_examples(capsys):
    assert main(["agree", "--help"]) == 0
    assert "tagger agree ann.conll bob.conll\n" in capsys.readouterr().out


def test_columns_of_one_file_are_annotators(tmp_path, capsys):
    both = tmp_path / "both.conll"
    both.write_text("Oslo B-LOC B-LOC\nBob B-PER B-LOC\n", encoding="utf-8")
    assert main(["agree", f"{both}:1", f"bob={both}:2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["annotators"] == ["both.conll:1", "bob"]
    (pair,) = found["tables"]["pairs"]
    assert (pair["both"], pair["in_first"], pair["in_second"]) == (1, 2, 2)
    assert main(["agree", f"{both}:1", f"{both}:2", "--majority", str(both)]) == 2
    assert "expected another file than those that are read" in capsys.readouterr().err
    texts = tmp_path / "texts.jsonl"
    texts.write_text('{"text": "Oslo", "label": [[0, 4, "LOC"]]}\n', encoding="utf-8")
    assert main(["agree", f"{texts}:2", str(both)]) == 2
    assert "expected no column of labels, since the format doccano has none" in capsys.readouterr().err
