"""``tagger tag`` and ``evaluate`` on documents: those of the interface, whatever the format and in workers too."""

from __future__ import annotations

import json

import pytest
from tiny_models import tiny_parts

from tagger import Tagger
from tagger.formats import READING_OPTIONS, read_examples
from tagger.metrics import score

PARTS = ("--document-tokens", "8")  # three sentences of A or B have room in one
ALONE = ("--document-consistency", "0")
A = [["Rome", "in"], ["in", "EU", "."], ["Rome", "EU"]]
B = [["EU", "in", "Rome"], ["EU", "."]]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A random one."""
    folder = tmp_path_factory.mktemp("documents") / "model"
    Tagger(tiny_parts("iob2")).save(folder)
    return str(folder)


@pytest.fixture(scope="module")
def plain_model(tmp_path_factory):
    """One whose labels have no spans."""
    folder = tmp_path_factory.mktemp("plain") / "model"
    Tagger(tiny_parts("none", ("NOUN", "VERB"))).save(folder)
    return str(folder)


@pytest.fixture(scope="module")
def tagger(model):
    return Tagger.load(model)


@pytest.fixture
def write(tmp_path):
    def written(name, text):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return written


def conll(*documents):
    """A blank line also after the line that starts a document, as in the corpora."""
    blocks = ["".join("\n" + "".join(f"{t} O\n" for t in tokens) for tokens in each) for each in documents]
    return "".join(f"-DOCSTART- O\n{block}\n" for block in blocks)


def jsonl(sentences, ids, **keys):
    key = keys.get("key", "document")
    rows = [{"tokens": s, "labels": ["O"] * len(s), key: i} for s, i in zip(sentences, ids, strict=True)]
    return "".join(json.dumps(row) + "\n" for row in rows)


def probabilities(program, model, *arguments, **options):
    """The probabilities of the labels of every sentence."""
    arguments = ("tag", model, *arguments, "--output", "jsonl", "--probabilities")
    status, output, errors = program(*arguments, **options)
    assert (status, errors) == (0, "")
    rows = [json.loads(line) for line in output.splitlines()]
    return [row["probabilities"] for row in rows if row["tokens"]]


def expected(tagger, sentences, documents):
    predictions = tagger.predict(sentences, documents=documents)
    return [[round(p, 6) for p in found.label_probabilities] for found in predictions]


def close(found, wanted):
    return found == [pytest.approx(row, abs=2e-6) for row in wanted]


@pytest.mark.parametrize("workers", [(), ("--workers", "2", "--batch-tokens", "1")])
@pytest.mark.slow
def test_documents_are_kept_together_and_those_of_files_apart(program, model, tagger, write, workers):
    files = [write("a.conll", conll(A, B)), write("b.conll", conll(B))]
    found = probabilities(program, model, *files, *workers)
    assert close(found, expected(tagger, [*A, *B, *B], [1] * 3 + [2] * 2 + [3] * 2))
    assert not close(found, expected(tagger, [*A, *B, *B], [1] * 3 + [2] * 4))
    alone = probabilities(program, model, *files, *ALONE, *workers)
    assert close(alone, expected(tagger, [*A, *B, *B], None))
    assert not close(found, alone)


@pytest.mark.parametrize("workers", [(), ("--workers", "2", "--batch-tokens", "1")])
@pytest.mark.slow
def test_weight_and_parts_are_those_of_the_interface(program, model, write, workers):
    path = write("a.conll", conll([*A, *A, *B], B))
    options = ("--document-consistency", "1.5", *PARTS)
    found = probabilities(program, model, path, *options, *workers)
    tagger = Tagger.load(model, document_consistency=1.5, document_tokens=8)
    documents = [1] * 8 + [2] * 2
    assert close(found, expected(tagger, [*A, *A, *B, *B], documents))
    assert not close(
        found, expected(Tagger.load(model, document_consistency=1.5), [*A, *A, *B, *B], documents)
    )
    assert not close(found, expected(Tagger.load(model, document_tokens=8), [*A, *A, *B, *B], documents))


@pytest.mark.parametrize("weight", ["-1", "nan", "inf", "much", "1e39"])
@pytest.mark.parametrize("command", ["tag", "evaluate"])
def test_a_weight_that_is_none_is_refused(program, model, write, command, weight):
    path = write("a.conll", conll(A))
    status, output, errors = program(command, model, path, f"--document-consistency={weight}")
    assert (status, output) == (2, "")
    message = f"argument --document-consistency: expected a number from 0 to 1,000,000, found {weight!r}"
    assert errors == f"tagger {command}: error: {message}; see tagger {command} --help\n"


def test_nbest_lists_are_of_documents_too(program, model, tagger, write):
    path = write("a.jsonl", jsonl(A, ["x"] * 3))
    for workers in ((), ("--workers", "1")):
        status, output, _ = program("tag", model, path, "--nbest", "2", *workers)
        assert status == 0
        best = tagger.nbest(A, 2, documents=["x"] * 3)
        for line, sequences in zip(output.splitlines(), best, strict=True):
            found = [tuple(each["labels"]) for each in json.loads(line)["nbest"]]
            assert found == [each.labels for each in sequences]


def test_json_names_documents_by_a_key(program, model, tagger, write):
    wanted = expected(tagger, A, ["x", "x", "y"])
    assert close(probabilities(program, model, write("a.jsonl", jsonl(A, ["x", "x", "y"]))), wanted)
    path = write("b.jsonl", jsonl(A, ["x", "x", "y"], key="page"))
    assert close(probabilities(program, model, path, "--document-column", "page"), wanted)
    assert close(probabilities(program, model, path), expected(tagger, A, None))


@pytest.mark.parametrize("command", [["tag"], ["tag", "--workers", "1"], ["evaluate"]])
def test_a_key_of_documents_that_no_line_has_is_refused(program, model, write, command):
    path = write("a.jsonl", jsonl(A, ["x", "x", "y"], key="page"))
    status, output, errors = program(*command, model, path, "--document-column", "doc")
    assert (status, len(output.splitlines())) == (1, 0 if command == ["evaluate"] else 3)
    assert errors == (
        f"tagger: error: {path}: expected the id of a document under 'doc' on one line at least, found 'tokens', "
        "'labels', 'page'. Name the key of the document ids, or leave the option out.\n"
    )


def test_running_text_is_one_document_and_a_line_of_tokens_is_alone(program, model, tagger):
    text = "Rome in EU.\n\n\n\nEU in Rome.\n"
    sentences = [["Rome", "in", "EU", "."], ["EU", "in", "Rome", "."]]
    found = probabilities(program, model, stdin=text)
    assert close(found, expected(tagger, sentences, [1, 1]))
    probable = [
        round(span.probability, 6)
        for each in tagger.predict(sentences, documents=[1, 1])
        for span in each.spans
    ]
    assert [round(entity.probability, 6) for entity in tagger.extract(text)] == pytest.approx(probable)
    lines = "".join(" ".join(tokens) + "\n" for tokens in sentences)
    assert close(
        probabilities(program, model, "--input", "tokens", stdin=lines), expected(tagger, sentences, None)
    )


@pytest.mark.parametrize("command", ["tag", "evaluate"])
def test_documents_that_come_again_are_refused_with_file_and_line(program, model, write, command):
    path = write("a.jsonl", jsonl([*A, *B], ["x", "y", "x", None, "z"]))
    status, output, errors = program(command, model, path)
    assert (status, len(output.splitlines())) == (1, 0 if command == "evaluate" else 2)
    assert errors.splitlines()[-1] == (
        f"tagger: error: {path}:3: document 'x' comes again, after other sentences; expected the sentences of a "
        "document side by side. Bring them together, give documents that come again another id, or look at each "
        "sentence alone: --document-consistency 0."
    )
    status, output, _ = program(command, model, path, *ALONE)
    assert status == 0
    assert output


def test_both_scores_are_reported_where_there_are_documents(program, model, tagger, write):
    files = [write("a.conll", conll(A, B)), write("b.conll", conll(B))]
    examples = [example for path in files for example in read_examples(path)]

    def scores(documents):
        labels = tagger.tag([*A, *B, *B], documents=documents)
        return score(examples, labels, "iob2", known_words=tagger.in_vocabulary)

    together, alone = scores([1] * 3 + [2] * 2 + [3] * 2), scores(None)
    assert together != alone
    command = ("evaluate", model, *files, "--scheme", "iob2")
    status, output, _ = program(*command, "--json")
    assert status == 0
    expected = {**together.to_dict(), "sentences_alone": alone.to_dict()}
    assert {name: json.loads(output)[name] for name in expected} == expected
    found = json.loads(program(*command, "--json", *ALONE)[1])
    assert {name: found[name] for name in alone.to_dict()} == alone.to_dict()
    assert "sentences_alone" not in found
    status, output, _ = program(*command)
    assert output.startswith(f"{together.headline()}\n")
    remark = f"\nF1 with each sentence alone, without document consistency: {100 * alone.value:.2f} %\n"
    assert remark in output
    status, output, _ = program(*command, *ALONE)
    assert output.startswith(f"{alone.headline()}\n")
    assert remark not in output


@pytest.mark.parametrize("command", ["tag", "evaluate"])
def test_options_without_effect_are_refused(program, model, plain_model, write, command):
    path = write("a.jsonl", jsonl(A, ["x"] * 3))
    for options in (("--document-consistency", "0.5"), ("--document-column", "page"), PARTS):
        status, output, errors = program(command, plain_model, path, *options)
        assert (status, output) == (2, "")
        assert errors == f"tagger: error: {options[0]} has no effect on a model whose labels have no spans\n"
    for options in (("--document-column", "page"), PARTS):
        status, output, errors = program(command, model, path, *ALONE, *options)
        assert (status, output) == (2, "")
        assert errors == f"tagger: error: {options[0]} has no effect with --document-consistency 0\n"
    text = write("a.conll", conll(A))
    status, output, errors = program(command, model, text, "--document-column", "page")
    assert (status, output) == (2, "")
    what = "conll input" if command == "tag" else "the format conll"
    assert errors == f"tagger: error: --document-column has no effect on {what}\n"


@pytest.mark.parametrize("named", [True, False])
def test_a_column_of_documents_has_an_effect_on_csv_in_any_case(program, model, plain_model, write, named):
    # Sentence 1 of y would else come again, after sentence 2 of x.
    for folder, label, options in ((plain_model, "NOUN", ()), (model, "O", ALONE)):
        rows = "".join(f"{page},{number},EU,{label}\n" for page in "xy" for number in "12")
        path = write("a.csv" if named else "a.txt", f"page,sentence_id,token,label\n{rows}")
        command = ["evaluate", folder, path, "--json", *options, *(() if named else ("--format", "csv"))]
        status, output, _ = program(*command, "--document-column", "page")
        assert status == 0
        assert json.loads(output)["num_sentences"] == 4
        status, output, errors = program(*command)
        assert (status, output) == (1, "")
        assert "sentence '1' comes again" in errors


@pytest.mark.parametrize("command", ["tag", "evaluate"])
def test_the_help_says_what_the_column_is_in_the_formats_that_are_read(program, command):
    status, output, _ = program(command, "--help")
    assert status == 0
    meanings = READING_OPTIONS["document_column"]
    alike = {
        meaning: [format for format in meanings if meanings[format] == meaning]
        for meaning in meanings.values()
    }
    expected = "; ".join(f"{', '.join(formats)}: {meaning}" for meaning, formats in alike.items())
    assert f"--document-column COLUMN {expected} --document-consistency" in " ".join(output.split())
