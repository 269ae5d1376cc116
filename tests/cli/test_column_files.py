"""Column files as shared tasks publish them: trained on, tagged and scored, and written back as they were."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from present import present
from tiny_runs import tiny_config

from tagger.formats import ReadingOptions, guess_format, read_examples
from tagger.training import DataConfig, train

SENTENCES = [
    [("Anna", "B-PER"), ("lives", "O"), ("in", "O"), ("Oslo", "B-LOC"), (".", "O")],
    [("In", "O"), ("Paris", "B-LOC"), (",", "O"), ("Bob", "B-PER"), ("met", "O"), ("#", "O")],
    [("Oslo", "B-LOC"), ("saw", "O"), ("Bob", "B-PER")],
    [("It", "O"), ("rained", "O")],
] * 4


def germeval():
    """An index column, outer and inner labels, the source before each sentence, and once a trailing tab."""
    parts = []
    for place, sentence in enumerate(SENTENCES):
        rows = [f"{number}\t{token}\t{label}\tO\n" for number, (token, label) in enumerate(sentence, start=1)]
        if place == 1:
            rows[-1] = rows[-1].replace("\n", "\t\n")
        parts.append("".join([f"#\thttp://de.wikipedia.org/wiki/{place} [2009-10-17]\n", *rows, "\n"]))
    return "".join(parts)


def hipe():
    """A header row, and comments between the rows."""
    parts = ["TOKEN\tNE-COARSE-LIT\tNE-COARSE-METO\tMISC\n# language = de\n\n"]
    for place, sentence in enumerate(SENTENCES):
        rows = [f"{token}\t{label}\tO\t_\n" for token, label in sentence]
        parts.append("".join([f"# document_id = {place}\n", rows[0], "# line = 2\n", *rows[1:], "\n"]))
    return "".join(parts)


def conll2012():
    """Columns divided by runs of spaces, one more for every predicate of a sentence, and lines about the document."""
    parts = ["#begin document (bc/cctv/00/cctv_0000); part 000\n"]
    for place, sentence in enumerate(SENTENCES):
        predicates = "   *" * (place % 3)
        for number, (token, label) in enumerate(sentence):
            name = "*" if label == "O" else f"({label.removeprefix('B-')}*)"
            columns = ["bc/cctv/00/cctv_0000", "0", str(number), token, "XX", "*", "-", "-", "-", "-", name]
            parts.append("   ".join(columns) + predicates + "   -\n")
        parts.append("\n")
    return "".join([*parts, "#end document\n"])


CASES: dict[str, tuple[Callable[[], str], str, dict[str, Any]]] = {
    "germeval": (germeval, "a.tsv", {"token_column": 1, "label_column": 2, "comment_prefix": "#"}),
    "hipe": (
        hipe,
        "a.tsv",
        {"token_column": "TOKEN", "label_column": "NE-COARSE-LIT", "comment_prefix": "# ", "header": True},
    ),
    "conll2012": (
        conll2012,
        "a.v4_gold_conll",
        {"token_column": 3, "label_column": 10, "comment_prefix": "#"},
    ),
}


def flags(options):
    given = []
    for name, value in options.items():
        flag = f"--{name.replace('_', '-')}"
        given += [flag] if value is True else [flag, str(value)]
    return given


@pytest.mark.parametrize("case", CASES)
def test_files_of_shared_tasks_are_learned_from_and_written_back(case, tmp_path, program, caplog):
    make, name, options = CASES[case]
    path = tmp_path / name
    path.write_text(make())
    data = DataConfig(train=path, dev=path, format="conll", **options)
    tagger = train(tiny_config(tmp_path / "run", data=data, epochs=1))
    assert sorted(tagger.labels) == ["B-LOC", "B-PER", "I-LOC", "I-PER", "O"]

    model = tmp_path / "run" / "model"
    reading = {name: value for name, value in options.items() if name != "label_column"}
    status, output, _ = program("tag", model, path, "--input", "conll", *flags(reading))
    assert status == 0
    expected = tagger.tag([[token for token, _ in sentence] for sentence in SENTENCES])
    labels = iter([label for sentence in expected for label in sentence])
    for old, new in zip(path.read_text().splitlines(), output.splitlines(), strict=True):
        if not old or old.startswith(options["comment_prefix"]):
            assert new == old
        elif old.startswith("TOKEN"):
            assert new == f"{old}\tPREDICTED"
        else:
            body = old.rstrip("\t")
            divider = "\t" if "\t" in old else " "
            assert new == f"{body}{divider}{next(labels)}{old[len(body) :]}"
    assert next(labels, None) is None

    where = ["--label-column", options["label_column"], "-o", tmp_path / "replaced.tsv"]
    status, *_ = program("tag", model, path, "--input", "conll", *flags(reading), *where)
    assert status == 0
    replaced = read_examples(tmp_path / "replaced.tsv", ReadingOptions(format="conll", **options))
    assert [list(present(example.labels)) for example in replaced] == expected
    status, output, _ = program("evaluate", model, path, "--format", "conll", *flags(options), "--json")
    assert (status, json.loads(output)["num_tokens"]) == (0, 64)
    told = [message for message in caplog.messages if str(path) in message]
    assert told == [f"data.dev: {path} is in the train split too: scores on it flatter"]  # which is so here


@pytest.mark.parametrize("case", CASES)
def test_files_of_shared_tasks_are_recognised_and_scored_without_options(case, tmp_path, program, ner_model):
    make, name, _ = CASES[case]
    path = tmp_path / name
    path.write_text(make())
    assert guess_format(path) == case
    status, output, _ = program("evaluate", ner_model, path, "--json")
    assert (status, json.loads(output)["num_tokens"]) == (0, 64)


def test_suspicious_input_is_reported_by_every_command(program, ner_model, tmp_path, caplog):
    path = tmp_path / "a.conll"
    path.write_text("1\tAnna\tB-PER\n2\tlives\tO\n")
    shown = "in 1 of 1 sentences of several tokens. As read: 1{} 2{}. Choose where the words are with --token-column"
    for arguments, labels in (
        (("tag", ner_model, path), ("", "")),
        (("evaluate", ner_model, path), ("/B-PER", "/O")),
        (("inspect", ner_model, "Anna", "--corpus", path, "--views", "units"), ("/B-PER", "/O")),
    ):
        caplog.clear()
        program(*arguments)
        assert any(shown.format(*labels) in message for message in caplog.messages)


def test_a_header_row_is_named_for_one_input(program, ner_model, tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("TOKEN\tNER\nAnna\tO\nlives\tO\n")
    status, output, _ = program("tag", ner_model, path, "--header", "--label-column", "NER")
    assert (status, output) == (0, "TOKEN\tNER\nAnna\tB-PER\nlives\tO\n")
    status, output, _ = program("tag", ner_model, path, path, "--header", "--output", "inline")
    assert (status, output) == (0, "[Anna](PER) lives\n" * 2)
    for arguments, message in (
        (
            [path, path, "--header"],
            "--header: expected one input, lest header rows stand between sentences; tag one by one, or to a folder "
            "(-o FOLDER/)",
        ),
        ([path, "--input", "text", "--header"], "--header has no effect on text input"),
        (
            [path, "--token-column", "TOKEN"],
            "--token-column: expected the number of a column, counted from 0, found 'TOKEN'",
        ),
        (
            [path, "--label-column", "NER"],
            "--label-column: expected the number of a column, counted from 0, found 'NER'",
        ),
    ):
        status, output, errors = program("tag", ner_model, *arguments)
        assert (status, output, errors) == (2, "", f"tagger: error: {message}\n")


def test_the_corpus_of_inspect_may_have_a_header_row_and_comments(program, ner_model, tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("TOKEN\tNER\n# id\nAnna\tB-PER\nlives\tO\n")
    options = ["--views", "context", "--corpus", path]
    named = ["--header", "--comment-prefix", "# ", "--label-column", "NER"]
    status, output, _ = program("inspect", ner_model, "Anna", *options, *named)
    assert (status, output.startswith("<!doctype html>")) == (0, True)
    status, _, errors = program("inspect", ner_model, "Anna", *options)
    assert (status, errors) == (
        1,
        f"tagger: error: {path}:1: label 'NER' is neither O nor a letter and a type such as B-PER, but others are; "
        "mend it, or pass --scheme none to read all labels as they are.\n",
    )
    status, _, errors = program("inspect", ner_model, "Anna", "--header")
    assert (status, errors) == (2, "tagger: error: --header has no effect without --corpus\n")


def test_a_document_start_among_the_tokens_cannot_be_written_as_columns(program, ner_model):
    status, output, errors = program(
        "tag", ner_model, "--input", "tokens", "--output", "conll", stdin="a -DOCSTART-\n"
    )
    assert (status, output, errors) == (
        1,
        "",
        "tagger: error: token 1: a first column cannot hold '-DOCSTART-', which would start a document; "
        "write JSON Lines instead\n",
    )
