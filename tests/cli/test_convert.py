import json
import signal
import subprocess
import sys
import time

import pytest

CONLL = "Anna B-PER\nSmith I-PER\nsaw O\nOslo B-LOC\n\nit O\nrained O\n"
TEXTS = [
    {"text": "Anna saw Oslo.", "label": [[0, 4, "PER"], [9, 13, "LOC"]]},
    {"text": "the University of Oslo", "label": [[4, 22, "ORG"], [18, 22, "LOC"]]},
]


@pytest.fixture
def write(tmp_path):
    def written(name, text):
        path = tmp_path / name
        path.write_text(text)
        return path

    return written


def lines(items):
    return "".join(json.dumps(item) + "\n" for item in items)


def test_what_was_read_lost_and_written_is_said(program, write, tmp_path):
    source, out = write("in.jsonl", lines(TEXTS)), tmp_path / "out.conll"
    status, output, errors = program("convert", source, out, "--map", "ORG=organisation")
    assert (status, output) == (0, "")
    assert errors.splitlines() == [
        f"tagger: {source}: doccano (recognised by its content): 2 texts, 4 spans: LOC 2, PER 1, ORG 1",
        f"tagger: {source}: texts of which tokens are kept, and white space is not: 1; the first: {source}:1",
        f"tagger: {source}: spans of the type ORG, renamed to organisation: 1; the first: {source}:2: the ORG 4-22",
        f"tagger: {source}: spans that overlap another one, left out: 1; the first: {source}:2: the LOC 18-22 'Oslo' "
        "overlaps the span before it",
        "tagger: texts are cut into tokens: hyphens split, clitics keep, which most spans fit",
        f"tagger: {out}: conll, written: 2 texts, 8 tokens, 3 spans: PER 1, LOC 1, organisation 1",
    ]
    assert "Oslo\tB-LOC\n.\tO\n" in out.read_text()


def test_standard_input_goes_to_standard_output(program):
    status, output, errors = program("convert", "-", "-", "--output", "jsonl", "--drop", "LOC", stdin=CONLL)
    assert status == 0
    assert [json.loads(line) for line in output.splitlines()] == [
        {"tokens": ["Anna", "Smith", "saw", "Oslo"], "labels": ["B-PER", "I-PER", "O", "O"]},
        {"tokens": ["it", "rained"], "labels": ["O", "O"]},
    ]
    assert errors.startswith(
        "tagger: <stdin>: conll (recognised by its content), scheme iob2: 2 texts, 6 tokens, 2 spans: "
    )
    assert errors.endswith("standard output: jsonl, written: 2 texts, 6 tokens, 1 span: PER 1\n")


def test_the_report_lists_places(program, write, tmp_path):
    source, report = write("in.jsonl", lines(TEXTS)), tmp_path / "report.json"
    assert program("convert", source, tmp_path / "out.csv", "--report", report)[0] == 0
    fields = json.loads(report.read_text())
    assert fields["inputs"][0]["losses"][1] == {
        "kind": "spans that overlap another one, left out",
        "count": 1,
        "places": [f"{source}:2: the LOC 18-22 'Oslo' overlaps the span before it"],
    }
    assert fields["written"][str(tmp_path / "out.csv")]["spans"] == {"PER": 1, "LOC": 1, "ORG": 1}


def test_a_split_makes_a_folder_of_files(program, write, tmp_path):
    items = [{"text": f"{chr(0x4E00 + number)} saw Oslo", "label": [[6, 10, "LOC"]]} for number in range(10)]
    source, out = write("in.jsonl", lines([*items, items[0]])), tmp_path / "out"
    arguments = ("convert", source, out, "--output", "conll", "--split", "train=0.8,dev=0.1,test=0.1")
    status, _, errors = program(*arguments, "--seed", "3")
    assert status == 0
    assert {path.name: path.read_text().count("Oslo") for path in out.iterdir()} == {
        "train.conll": 9,
        "dev.conll": 1,
        "test.conll": 1,
    }
    assert (
        "tagger: 11 documents, of which 1 are near-copies of others: 1 groups of copies are each kept in one part\n"
    ) in errors
    first = {path.name: path.read_bytes() for path in out.iterdir()}
    assert program(*arguments, "--seed", "3")[0] == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == first
    (out / "notes").write_text("")
    assert program(*arguments)[:2] == (1, "")
    assert program(*arguments, "--overwrite")[0] == 0


def test_what_is_bad_stops_the_conversion_or_is_skipped(program, write, tmp_path):
    items = [*TEXTS, {"text": "Oslo", "label": [[0, 9, "LOC"]]}]
    source, out = write("in.jsonl", lines(items)), tmp_path / "out.jsonl"
    status, _, errors = program("convert", source, out)
    assert status == 1
    assert errors == (
        f"tagger: error: {source}:3: expected 0 <= start < end <= 4 for the LOC, counted in code points, found 0-9. If "
        "the offsets count something else, say so: --offsets. To skip and list bad data: "
        "--skip-bad\n"
    )
    assert not out.exists()
    status, _, errors = program("convert", source, out, "--skip-bad")
    assert status == 0
    assert f"tagger: {source}: spans that are not ranges of their text, left out as bad: 1\n" in errors
    assert len(out.read_text().splitlines()) == 3


def test_labels_that_are_no_spans_are_named_as_options_are(program, write, tmp_path):
    source = write("in.conll", "it PRON\nrained VERB\n")
    status, _, errors = program("convert", source, tmp_path / "out", "--output", "doccano")
    assert status == 2
    assert errors.startswith(
        f"tagger: error: {source}:1: expected spans, since doccano has no place for a label of each"
    )
    assert errors.endswith("or, if they are spans, name their scheme: --scheme\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-", "-", "out.jsonl"], "expected standard input (-) once, found it several times"),
        (["in.conll", "out.jsonl", "--seed", "1"], "--seed has no effect without --split"),
        (["in.conll", "out.xyz"], "out.xyz: expected a name that shows the format; name one with --output: "),
        (["in.conll", "-"], "the output: expected a name that shows the format; name one with --output: "),
        (
            ["in.conll", "out.jsonl", "--map", "A=B", "--map", "A=C"],
            "--map: expected one new name for A, ",
        ),
        (
            ["in.conll", "out.jsonl", "--keep", "A", "--drop", "B"],
            "expected types to keep or types to drop, ",
        ),
        (
            ["in.conll", "out.jsonl", "--map", "PERS=PER"],
            "--map: expected types that occur, found PERS; ",
        ),
        (
            ["in.conll", "out.conll", "--output-offsets", "byte"],
            "--output-offsets has no effect on the format conll",
        ),
        (
            ["in.conll", "out", "--split", "a=1,b=1", "--output", "csv"],
            "--split: expected shares that make 1, ",
        ),
        (["in.conll", "out.jsonl", "--text-column", "x"], "--text-column has no effect on the format conll"),
    ],
)
def test_wrong_usage_is_refused(program, write, tmp_path, monkeypatch, arguments, message):
    write("in.conll", CONLL)
    monkeypatch.chdir(tmp_path)
    status, output, errors = program("convert", *arguments)
    assert (status, output) == (2, "")
    assert errors.startswith(f"tagger: error: {message}")
    assert [path.name for path in tmp_path.iterdir()] == ["in.conll"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a", "b", "--map", "A"], "argument --map: expected OLD=NEW, found 'A'"),
        (
            ["a", "b", "--drop", "A,,B"],
            "argument --drop: expected types with commas between them, found 'A,,B'",
        ),
        (["a", "b", "--seed", "-1"], "argument --seed: expected a whole number of 0 or more, found '-1'"),
        (["a"], "the following arguments are required: "),
    ],
)
def test_arguments_that_cannot_be_read_are_refused(program, arguments, message):
    status, _, errors = program("convert", *arguments)
    assert status == 2
    assert message in errors


def test_progress_counts_texts_and_characters(program, write, tmp_path):
    status, _, errors = program("convert", write("in.conll", CONLL), tmp_path / "out.jsonl", "--progress")
    assert status == 0
    assert "\r2 texts, 28 characters, " in errors


@pytest.mark.parametrize(
    ("output", "report", "message"),
    [
        (
            "out.jsonl",
            "in.conll",
            "--report in.conll: expected a file of its own, found one that is an input",
        ),
        (
            "out.jsonl",
            "hard.conll",
            "--report hard.conll: expected a file of its own, found one that is an input",
        ),
        ("out.jsonl", "out.jsonl", "--report out.jsonl: expected a file of its own, found one that is OUT"),
        (
            "out.jsonl",
            "soft/out.jsonl",
            "--report soft/out.jsonl: expected a file of its own, found one that is OUT",
        ),
        (
            "out",
            "out/report.json",
            "--report out/report.json: expected a file of its own, found one that is in OUT",
        ),
        ("-", "-", "--report -: expected standard output for one thing, found OUT there as well"),
    ],
)
def test_a_report_replaces_nothing_that_is_read_or_written(
    program, write, tmp_path, monkeypatch, output, report, message
):
    (tmp_path / "hard.conll").hardlink_to(write("in.conll", CONLL))
    (tmp_path / "soft").symlink_to(".")
    monkeypatch.chdir(tmp_path)
    format = "brat" if output == "out" else "jsonl"
    assert program("convert", "in.conll", output, "--output", format, "--report", report) == (
        2,
        "",
        f"tagger: error: {message}\n",
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hard.conll", "in.conll", "soft"]
    assert (tmp_path / "in.conll").read_text() == CONLL


def test_a_report_is_not_put_among_the_files_of_an_input(program, write, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert program("convert", write("in.conll", CONLL), "brat", "--output", "brat")[0] == 0
    for report in ("brat/1.ann", "brat"):
        status, _, errors = program("convert", "brat", "out.jsonl", "--report", report)
        place = "in " if "/" in report else ""
        assert (status, errors) == (
            2,
            f"tagger: error: --report {report}: expected a file of its own, found one that is {place}an input\n",
        )
    assert not (tmp_path / "out.jsonl").exists()


def test_a_report_that_cannot_be_written_is_refused_before_the_output_is(
    program, write, tmp_path, monkeypatch
):
    write("in.conll", CONLL)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    for report, message in (
        ("none/report.json", f"none/report.json: cannot be written: there is no folder {tmp_path / 'none'}"),
        ("folder", "folder: expected the name of a file to write, found a directory"),
    ):
        assert program("convert", "in.conll", "out.jsonl", "--report", report) == (
            1,
            "",
            f"tagger: error: {message}\n",
        )
        assert not (tmp_path / "out.jsonl").exists()


def test_a_report_goes_to_standard_output_or_nowhere(program, write, tmp_path):
    source = write("in.conll", CONLL)
    status, output, _ = program("convert", source, tmp_path / "out.jsonl", "--report", "-")
    assert (status, json.loads(output)["format"]) == (0, "jsonl")
    assert program("convert", source, "/dev/null", "--output", "jsonl", "--report", "/dev/null")[0] == 0


ROWS = "it\nrained\n\nAnna\nSmith\nlives\nin\nOslo\n.\n\nit\nrained\n"


@pytest.mark.parametrize("output", ["jsonl", "conllu", "csv", "parquet"])
def test_what_a_model_found_stays_a_prediction_whatever_its_probabilities_go_through(
    program, ner_model, write, tmp_path, output
):
    rows = ROWS if output != "conllu" else _conllu(ROWS)
    source = write("in.conllu" if output == "conllu" else "in.conll", rows)
    tagged = tmp_path / f"tagged.{output}"
    kind = ["--probabilities", "--output", output, "-o", tagged]
    assert program("tag", ner_model, source, *kind)[0] == 0
    entities = ["--label-column", "misc:NE"] if output == "conllu" else []
    status, _, errors = program(
        "convert", tagged, tmp_path / "out.json", "--output", "label-studio", *entities
    )
    assert status == 0
    tasks = json.loads((tmp_path / "out.json").read_text())
    assert [task.keys() for task in tasks] == [{"data", "predictions"}] * 3
    found = [task["predictions"][0] for task in tasks]
    regions = [[region["value"]["labels"] for region in one["result"]] for one in found]
    assert regions == [[], [["PER"], ["LOC"]], []]
    scores = [region["score"] for region in found[1]["result"]]
    assert all(0 < score <= 1 for score in scores)
    assert found[1]["score"] == min(scores)
    assert "probabilities, not" not in errors
    status, _, _ = program("convert", tagged, tmp_path / "out.jsonl", "--output", "prodigy", *entities)
    assert status == 0
    items = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [item.get("answer") for item in items] == [None] * 3
    assert [span["score"] for span in items[1]["spans"]] == scores


def _conllu(rows):
    sentences = [sentence.split("\n") for sentence in rows.rstrip("\n").split("\n\n")]
    return "".join(
        "".join(f"{n}\t{word}" + "\t_" * 8 + "\n" for n, word in enumerate(words, start=1)) + "\n"
        for words in sentences
    )


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("format", ["jsonl", "brat"])
@pytest.mark.slow
def test_what_is_stopped_in_the_middle_leaves_the_output_as_it_was(write, tmp_path, format, sent, status):
    source = write("in.jsonl", lines(TEXTS * (100_000 if format == "jsonl" else 20_000)))
    folder = tmp_path / "folder"
    folder.mkdir()
    out = folder / "out"
    if format == "brat":
        out.mkdir()
        for name in ("1.txt", "1.ann", "annotation.conf"):
            (out / name).write_text(name)
    else:
        out.write_text("old")
    before = {path: path.is_dir() or path.read_text() for path in folder.rglob("*")}
    with subprocess.Popen(
        [sys.executable, "-m", "tagger", "convert", source, out, "--output", format],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(
            signal.SIGINT, signal.default_int_handler
        ),  # though run in the background
    ) as process:
        ends = time.monotonic() + 60
        while len(list(folder.iterdir())) == 1 and process.poll() is None and time.monotonic() < ends:
            time.sleep(0.01)
        time.sleep(0.2)  # some of it is written
        process.send_signal(sent)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == status, errors
    assert "Traceback" not in errors
    assert {path: path.is_dir() or path.read_text() for path in folder.rglob("*")} == before
