"""Folders and patterns as inputs of ``tagger tag``, a folder of outputs, and what is kept of what is there."""

import json
import os

import pytest

TEXT = "Anna lives in Oslo.\n"
MARKED = "[Anna](PER) lives in [Oslo](LOC).\n"


@pytest.fixture
def texts(tmp_path):
    """A folder of texts, some of them in folders, with files that are none beside them."""
    folder = tmp_path / "texts"
    for name, text in (
        ("b.txt", "Bob Smith.\n"), ("B.txt", "it rained"), ("sub/a.txt", TEXT), ("é.txt", ""), ("sub/c.txt", "In Oslo"),
        (".hidden.txt", "x"), ("old.txt~", "x"), (".git/d.txt", "x"), ("e.txt.part", "x"),
    ):  # fmt: skip
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "loop").symlink_to(folder)
    return folder


def files_of(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()
    }


def names(output):
    return list(dict.fromkeys(json.loads(line)["file"] for line in output.splitlines()))


def test_a_folder_stands_for_its_files_in_the_order_of_their_bytes(program, ner_model, texts, caplog):
    caplog.set_level("INFO")
    status, output, _ = program("tag", ner_model, texts, "--output", "jsonl")
    assert status == 0
    assert names(output) == [str(texts / name) for name in ("B.txt", "b.txt", "sub/a.txt", "sub/c.txt")]
    assert caplog.messages == [
        f"{texts}: hidden and temporary files, links to folders, and what is in the output are left out: 5; the first: "
        f"{texts / '.git'}"
    ]
    assert (
        program("tag", ner_model, texts)[1] == "it rained\n[Bob Smith](PER).\n" + MARKED + "In [Oslo](LOC)\n"
    )


def test_a_pattern_stands_for_files_and_none_is_read_twice(program, ner_model, texts, caplog):
    caplog.set_level("INFO")
    status, output, _ = program("tag", ner_model, texts / "**" / "*.txt", texts / "sub", "--output", "jsonl")
    assert (status, names(output)) == (
        0, [str(texts / name) for name in ("B.txt", "b.txt", "sub/a.txt", "sub/c.txt")],
    )  # fmt: skip
    assert caplog.messages == ["files that inputs stand for more than once, read once: 2"]
    (texts / "[x].txt").write_text("Anna")  # a name is no pattern
    assert program("tag", ner_model, texts / "[x].txt")[1] == "[Anna](PER)"


def test_where_there_are_no_files_is_said(program, ner_model, tmp_path):
    (tmp_path / "empty").mkdir()
    for given, message in (
        (tmp_path / "empty", f"{tmp_path / 'empty'}: expected files in this folder, found none"),
        (
            tmp_path / "*.txt",
            f"{tmp_path / '*.txt'}: expected files that this pattern stands for, found none",
        ),
        (tmp_path / "none", f"{tmp_path / 'none'}: expected a file, found none of this name"),
    ):
        assert program("tag", ner_model, given) == (1, "", f"tagger: error: {message}\n")


def test_what_cannot_be_read_in_a_folder_is_named(program, ner_model, texts):
    (texts / "sub" / "b.txt").write_bytes(b"\xff\x00")
    status, _, errors = program("tag", ner_model, texts, "--output", "jsonl")
    assert (
        status,
        errors.startswith(f"tagger: error: {texts / 'sub' / 'b.txt'}:1: expected UTF-8 text"),
    ) == (1, True)
    (texts / "sub" / "b.txt").rename(texts / "sub" / "b.png")
    status, _, errors = program("tag", ner_model, texts)
    assert (
        status,
        errors.startswith(f"tagger: error: {texts / 'sub' / 'b.png'}: the name does not tell"),
    ) == (2, True)


@pytest.mark.parametrize("workers", [[], ["--workers", "1"]])
def test_each_file_of_a_folder_becomes_one_where_it_lies(program, ner_model, texts, tmp_path, workers):
    status, output, errors = program(
        "tag", ner_model, texts, "--output", "inline", "-o", f"{tmp_path / 'new' / 'out'}/", *workers
    )
    assert (status, output, errors) == (0, "", "")
    assert files_of(tmp_path / "new" / "out") == {
        "B.txt": "it rained", "b.txt": "[Bob Smith](PER).\n", "sub/a.txt": MARKED, "sub/c.txt": "In [Oslo](LOC)",
        "é.txt": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "ending"),
    [("jsonl", ".jsonl"), ("conll", ".conll"), ("html", ".html"), ("pipeline", ".jsonl"), ("csv", ".csv"),
     ("docbin", ".spacy"), ("label-studio", ".json"), ("doccano", ".jsonl")],
)  # fmt: skip
def test_each_file_is_what_it_would_be_alone(program, ner_model, texts, tmp_path, kind, ending):
    if kind == "docbin":
        pytest.importorskip("spacy")
    out = tmp_path / "out"
    out.mkdir()
    assert program("tag", ner_model, texts, "--output", kind, "-o", out)[0] == 0
    assert sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()) == sorted(
        f"{name}{ending}" for name in ("B", "b", "sub/a", "sub/c", "é")
    )
    if ending != ".spacy":
        alone = tmp_path / f"alone{ending}"
        program("tag", ner_model, texts / "sub" / "a.txt", "--output", kind, "-o", alone)
        assert (out / "sub" / f"a{ending}").read_bytes() == alone.read_bytes()


def test_outputs_keep_the_names_of_inputs_of_their_format(program, ner_model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("x/a.tsv", "x/b.bio", "y/b.bio"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("Anna O\n")
    assert program("tag", ner_model, "x", "-o", "out/")[0] == 0
    assert files_of(tmp_path / "out") == {"a.tsv": "Anna O B-PER\n", "b.bio": "Anna O B-PER\n"}
    assert program("tag", ner_model, "x/a.tsv", "-o", "out/", "--output", "jsonl")[0] == 0
    assert set(files_of(tmp_path / "out")) == {"a.tsv", "b.bio", "a.jsonl"}
    assert program("tag", ner_model, "[xy]/b.bio", "-o", "both/")[0] == 0
    assert set(files_of(tmp_path / "both")) == {"x/b.bio", "y/b.bio"}
    assert program("tag", ner_model, "x/b.bio", "y/b.bio", "-o", "third/") == (
        2,
        "",
        "tagger: error: x/b.bio and y/b.bio would both become third/b.bio. Tag them separately; or pass their folder, "
        "or a pattern in quotes, so that they keep their own folders\n",
    )


def test_a_folder_of_outputs_needs_a_format_and_a_place_of_its_own(program, ner_model, texts, tmp_path):
    status, _, errors = program("tag", ner_model, texts, "-o", f"{tmp_path / 'out'}/")
    assert (status, "Name one: --output inline, or another" in errors) == (2, True)
    status, _, errors = program("tag", ner_model, texts, "--output", "jsonl", "-o", texts)
    assert (status, "expected an output that is none of the folders that are read" in errors) == (2, True)
    for _ in range(2):  # what is in it is not read the next time
        done = program("tag", ner_model, texts, "--output", "jsonl", "-o", f"{texts}/out/", "--overwrite")
        assert done[0] == 0
    assert len(files_of(texts / "out")) == 5
    assert program("tag", ner_model, texts / "b.txt", "--output", "jsonl", "-o", f"{texts / 'B.txt'}/")[
        2
    ] == (
        f"tagger: error: {texts / 'B.txt'}/: expected a folder for the outputs, found a file. Name another\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["texts"]


def test_what_is_there_is_kept_before_the_model_is_loaded(program, ner_model, write, tmp_path):
    source, old = write("a.txt", TEXT), write("old.jsonl", "old")
    message = f"tagger: error: {old}: there already, and kept. Name another output, or have it replaced: --overwrite\n"
    assert program("tag", "no-model", source, "-o", old) == (2, "", message)
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.jsonl").write_text("old")
    (out / "b.jsonl").write_text("old")
    both = [source, write("b.txt", TEXT), "--output", "jsonl", "-o", out]
    assert program("tag", "no-model", *both) == (
        2, "", f"tagger: error: {out / 'a.jsonl'} and 1 more: there already, and kept. Name another output, or have it "
        "replaced: --overwrite\n",
    )  # fmt: skip
    assert set(files_of(tmp_path).values()) == {"old", TEXT}
    assert program("tag", ner_model, *both, "--overwrite") == (0, "", "")
    assert "old" not in files_of(out).values()
    assert program("tag", ner_model, source, "-o", old, "--overwrite") == (0, "", "")
    assert program("tag", ner_model, source, "-o", tmp_path / "new", "--overwrite") == (0, "", "")
    assert program("tag", ner_model, source, "-o", os.devnull)[0] == 0
    brat = tmp_path / "brat"
    for more, status in (([], 0), ([], 2), (["--overwrite"], 0)):
        assert program("tag", ner_model, source, "--output", "brat", "-o", brat, *more)[0] == status


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--overwrite"], "--overwrite has no effect on standard output; name a file or folder with -o"),
        (["--resume"], "--resume has no effect on standard output; name a file or folder with -o"),
        (
            ["--resume", "--overwrite", "-o", "x"],
            "--resume continues an unfinished run, --overwrite replaces it; pass one of the two",
        ),
    ],
)
def test_options_without_effect_are_refused(program, ner_model, arguments, message):
    assert program("tag", ner_model, *arguments) == (2, "", f"tagger: error: {message}\n")


@pytest.mark.parametrize(
    "output", ["csv", "jsonl", "html", "pipeline", "parquet", "docbin", "doccano", "label-studio"]
)
def test_names_that_are_no_utf_8_are_written_with_escapes(program, ner_model, tmp_path, output):
    folder = tmp_path / "texts"
    folder.mkdir()
    try:
        (folder / os.fsdecode(b"caf\xe9<b>\n[1].txt")).write_text(TEXT)
    except OSError:
        pytest.skip("this file system has no such names")
    status, _, errors = program("tag", ner_model, folder, "--output", output, "-o", tmp_path / "out")
    assert (status, "error" in errors) == (0, False)
    written = (tmp_path / "out").read_bytes()
    if output in ("csv", "jsonl"):
        assert b"caf\\xe9<b>" in written.replace(b"\\\\", b"\\")
    assert b"<b>\n" not in written or output != "html"
