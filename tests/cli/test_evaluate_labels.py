"""``tagger evaluate``: labels that break their scheme, or are not those of the other side; draws without sense."""

import json

import pytest

GOLD = "Anna\tB-PER\nSmith\tI-PER\nlives\tO\nin\tO\nOslo\tB-LOC\n.\tO\n\nit\tB-LOC\nrained\tO\n"
PREDICTED = "Anna\tB-PER\nSmith\tO\nlives\tO\nin\tO\nOslo\tB-LOC\n.\tO\n\nit\tO\nrained\tO\n"


@pytest.fixture
def gold(write):
    return write("gold.conll", GOLD)


def scores(output):
    return json.loads(output)


# The figures are those that the Perl script conlleval (2004-01-26) printed for these columns:
#   processed 10 tokens with 7 phrases; found: 7 phrases; correct: 4.
#   accuracy: 50.00%; precision: 57.14%; recall: 57.14%; FB1: 57.14
ILLEGAL = "a B-PER\nb I-PER\nc O\nd I-LOC\ne I-ORG\n\nf O\ng B-PER\nh B-PER\ni I-ORG\n\nj B-LOC\n"
ILLEGAL_PREDICTED = (
    "a I-PER\nb I-PER\nc O\nd I-LOC\ne B-LOC\n\nf I-PER\ng B-PER\nh I-PER\ni I-ORG\n\nj I-LOC\n"
)


@pytest.mark.parametrize("raw", [(), ("--raw",)])
def test_gold_labels_that_break_their_scheme_are_scored_as_conlleval_does_where_that_is_asked_for(
    program, write, raw
):
    gold, tool = write("gold.conll", ILLEGAL), write("tool.conll", ILLEGAL_PREDICTED)
    arguments = ["evaluate", "--predictions", tool, gold, "--scheme", "iob2", "--json", *raw]
    status, output, errors = program(*arguments, "--predictions-scheme", "iob2")
    assert (status, output) == (1, "")
    assert f"{gold}:4: label 'I-LOC' at token 4 follows 'O', not allowed in IOB2." in errors
    assert errors.endswith(
        "With --lenient, labels that break the rules of their scheme are read as conlleval reads them.\n"
    )
    status, output, errors = program(*arguments, "--predictions-scheme", "iob2", "--lenient")
    found = scores(output)
    assert (status, found["correct"], found["predicted"], found["gold"]) == (0, 4, 7, 7)
    assert (
        "tagger: labels that break the rules of IOB2, read as conlleval reads them: 3; "
        f"the first: {gold}:4: 'I-LOC'\n"
    ) in errors
    assert errors.count("labels that break the rules") == 1
    if not raw:
        assert found["accuracy"] == 0.5


def test_lenient_reading_finds_the_scheme_by_letters_and_refuses_labels_of_none(program, write, caplog):
    gold, other = write("gold.conll", "a S-X\nb E-X\nc O\n"), write("other.conll", "a S-X\nb Q-X\nc O\n")
    status, output, _ = program("evaluate", "--predictions", gold, gold, "--lenient", "--json")
    assert (status, scores(output)["gold"]) == (0, 2)
    assert "by their letters (E, S) they are read as BIOES" in caplog.text
    status, _, errors = program("evaluate", "--predictions", gold, other, "--lenient")
    assert status == 1
    assert "With --lenient" not in errors


def test_spans_that_cut_tokens_are_scored_by_characters(program, write):
    text = "Anna Smithson lives"
    gold, tool = (
        write(name, json.dumps({"text": text, "spans": spans}) + "\n")
        for name, spans in (("gold.jsonl", [[0, 8, "PER"], [14, 19, "X"]]), ("tool.jsonl", [[0, 8, "PER"]]))
    )
    status, output, errors = program("evaluate", "--predictions", tool, gold, "--raw", "--json")
    assert (status, errors) == (0, "")
    assert (scores(output)["correct"], scores(output)["gold"]) == (1, 2)


def test_spans_are_no_predictions_of_plain_labels(program, write):
    gold, tool = write("gold.conll", "Anna NNP\nleft VBD\n"), write("tool.conll", "Anna B-PER\nleft O\n")
    assert program("evaluate", "--predictions", tool, gold) == (
        1,
        "",
        "tagger: error: expected predictions labelled as the gold labels are (NNP, VBD), found only B-PER, O. Rename "
        "them with tagger convert --map OLD=NEW, or choose other labels.\n",
    )


def test_plain_labels_are_no_predictions_of_spans(program, gold, write):
    tool = write("tool.conll", PREDICTED)
    status, _, errors = program("evaluate", "--predictions", tool, gold, "--predictions-scheme", "none")
    assert status == 2
    assert errors.startswith(
        "tagger: error: expected predictions that are spans, as the gold labels are, found plain"
    )


def test_predicted_types_that_are_written_otherwise_are_refused_and_others_mentioned(program, gold, write):
    lower = write("lower.conll", PREDICTED.replace("PER", "per").replace("LOC", "Loc"))
    status, _, errors = program("evaluate", "--predictions", lower, gold)
    assert (status, errors) == (
        1,
        "tagger: error: expected predictions labelled as the gold labels are (LOC, PER), found only Loc, per. Rename "
        "them with tagger convert --map OLD=NEW, or choose other labels.\n",
    )
    other = write("other.conll", PREDICTED.replace("PER", "A").replace("LOC", "A"))
    status, output, errors = program("evaluate", "--predictions", other, gold, "--json")
    assert (status, scores(output)["f1"]) == (0, 0)
    assert errors == "tagger: note: the gold labels have no A; such predictions count as wrong\n"


def test_a_model_that_reads_no_documents_has_no_score_without_them(program, pos_model, write):
    lines = [{"tokens": ["it", "rained"], "labels": ["PRON", "VERB"], "document": name} for name in "ab"]
    gold = write("gold.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    status, output, _ = program("evaluate", pos_model, gold, "--by", "document")
    assert status == 0
    assert "over 2 documents" in output
    assert "document consistency" not in output


@pytest.mark.parametrize(
    ("draws", "message"),
    [
        ("0", "expected a whole number of 1 or more, found '0'"),
        ("1000000000", "expected 1,000,000 at most, found"),
    ],
)
def test_a_number_of_draws_without_sense_is_refused(program, gold, draws, message):
    status, _, errors = program("evaluate", "--predictions", gold, gold, "--draws", draws)
    assert status == 2
    assert message in errors


@pytest.mark.parametrize(
    ("train", "found"),
    [
        ("Anna NNP\nleft VBD\n", "NNP, VBD"),
        ("Anna B-person\nleft O\n", "person"),
        ("Anna O\nleft O\n", "O"),
    ],
)
def test_training_data_of_other_labels_are_refused(program, gold, write, train, found):
    status, output, errors = program(
        "evaluate", "--predictions", gold, gold, "--train", write("train.conll", train)
    )
    assert (status, output, errors) == (
        1,
        "",
        f"tagger: error: --train: expected labels that are also gold labels (LOC, PER), found only {found}. "
        "All files are read from the same column, with the same options.\n",
    )


def test_predictions_that_fit_another_scheme_by_chance_are_mentioned(program, gold, write):
    tool = write("tool.conll", PREDICTED.replace("B-", "I-"))
    status, output, errors = program("evaluate", "--predictions", tool, gold, "--json")
    assert (status, errors) == (
        0,
        "tagger: note: gold labels are read as iob2, predicted ones as iob1, whose rules they keep; if they are meant "
        "as iob2: --predictions-scheme iob2\n",
    )
    strict = {row["reading"]: row["predicted"] for row in scores(output)["tables"]["readings"]}["strict"]
    assert strict == 2
    output, errors = program(
        "evaluate", "--predictions", tool, gold, "--json", "--predictions-scheme", "iob2"
    )[1:]
    strict = {row["reading"]: row["predicted"] for row in scores(output)["tables"]["readings"]}["strict"]
    assert strict == 0
    assert "are read as" not in errors


def test_plain_labels_of_another_set_are_refused_by_characters_too(program, pos_model, write):
    gold = write("gold.conll", "it PRP\nrained VBD\n")
    status, output, errors = program("evaluate", pos_model, gold, "--raw")
    assert (status, output) == (1, "")
    assert errors.endswith(
        "found only PRP, VBD. Rename them with tagger convert --map OLD=NEW, or choose other labels.\n"
    )
    tool = write("tool.conll", "it PRON\nrai NOUN\nned VERB\n")
    status, output, errors = program("evaluate", "--predictions", tool, gold)
    assert (status, output) == (1, "")
    assert (
        "expected predictions labelled as the gold labels are (PRP, VBD), found only NOUN, PRON, VERB."
        in errors
    )
