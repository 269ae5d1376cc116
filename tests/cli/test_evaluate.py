import json

import pytest

from tagger.formats import FORMATS

GOLD = "Anna\tB-PER\nSmith\tI-PER\nlives\tO\nin\tO\nOslo\tB-LOC\n.\tO\n\nit\tB-LOC\nrained\tO\n"
TASK = {"id": 1, "data": {"text": "Oslo"}, "annotations": []}


def test_scores_of_spans_as_json(program, ner_model, write):
    status, output, errors = program("evaluate", ner_model, write("gold.conll", GOLD), "--json")
    assert status == 0
    assert errors.startswith("tagger: 2 sentences, 8 tokens, ")
    scores = json.loads(output)
    assert (scores["correct"], scores["predicted"], scores["gold"]) == (2, 2, 3)
    assert scores["f1"] == pytest.approx(2 * 2 / (2 + 3))


def test_scores_of_spans_as_text(program, ner_model, write):
    status, output, _ = program("evaluate", ner_model, write("gold.conll", GOLD))
    assert status == 0
    assert output.startswith("F1 80.00 %: 2 of 2 predicted spans are right, 2 of 3 gold spans are found\n")


def test_a_csv_file_scores_as_the_same_rows_in_columns_do(program, ner_model, write):
    rows = [
        "Sentence: 1,Anna,NNP,B-PER",
        ",Smith,NNP,I-PER",
        ",lives,VBZ,O",
        ",in,IN,O",
        ",Oslo,NNP,B-LOC",
        ",.,.,O",
    ]
    rows += ["Sentence: 2,it,PRP,B-LOC", ",rained,VBD,O"]
    gold = write("gold.csv", "".join(f"{row}\n" for row in ["Sentence #,Word,POS,Tag", *rows]))
    status, output, errors = program("evaluate", ner_model, gold, "--label-column", "Tag", "--json")
    assert status == 0, errors
    in_columns = program("evaluate", ner_model, write("gold.conll", GOLD), "--json")[1]
    assert json.loads(output)["f1"] == json.loads(in_columns)["f1"]
    status, _, errors = program("evaluate", ner_model, gold)
    assert (status, errors) == (
        1,
        f"tagger: error: {gold}: several columns could be meant; choose with --label-column POS or "
        "--label-column Tag\n",
    )


def test_the_table_of_seqeval(program, ner_model, write):
    pytest.importorskip("seqeval")
    status, output, _ = program("evaluate", ner_model, write("gold.conll", GOLD), "--seqeval")
    assert status == 0
    assert [line.split() for line in output.splitlines() if "micro" in line] == [
        ["micro", "avg", "1.0000", "0.6667", "0.8000", "3"]
    ]


def test_accuracy_of_plain_labels_and_the_words_never_seen(program, pos_model, write):
    gold = write("gold.conll", "it PRON x\nrained NOUN x\n\nzebras VERB x\n")
    status, output, _ = program("evaluate", pos_model, gold, "--label-column", "1", "--json")
    assert status == 0
    scores = json.loads(output)
    assert scores["metric"] == "accuracy"
    assert scores["accuracy"] == pytest.approx(scores["correct"] / 3)
    assert scores["unknown"]["num_tokens"] == 1


def test_several_files_of_several_formats_are_one_corpus(program, ner_model, write):
    first = write("gold.conll", GOLD)
    second = write("gold.jsonl", json.dumps({"text": "Anna lives.", "spans": [[0, 4, "PER"]]}))
    status, output, _ = program(
        "evaluate", ner_model, first, second, "--json", "-o", first.with_name("scores")
    )
    assert (status, output) == (0, "")
    assert json.loads(first.with_name("scores").read_text())["gold"] == 4


@pytest.mark.parametrize("scheme", ["auto", "iob1"])
def test_texts_with_spans_are_scored_with_labels_of_another_scheme(program, ner_model, write, scheme):
    tokens = write(
        "a.conll", "Anna I-PER\nSmith I-PER\nlives O\nin O\nOslo I-LOC\n\nOslo I-LOC\nParis B-LOC\n"
    )
    texts = write(
        "b.jsonl", '{"text": "Anna Smith lives in Oslo .", "spans": [[0, 10, "PER"], [20, 24, "LOC"]]}\n'
    )
    status, output, errors = program("evaluate", ner_model, tokens, texts, "--json", "--scheme", scheme)
    assert (status, errors.count("error")) == (0, 0)
    assert json.loads(output)["gold"] == 6


CUT = "in O\nAnna B-PER\n\nSmith I-PER\nlives O\n\nit O\n"
ADVICE = " the end of a sentence cuts a span; to join two sentences that a span crosses: --join-sentences."


@pytest.mark.parametrize("arguments", [(), ("--scheme", "iob2")])
def test_sentences_that_end_within_a_span_are_joined_if_that_is_wanted(program, ner_model, write, arguments):
    gold = write("gold.conll", CUT)
    status, _, errors = program("evaluate", ner_model, gold, *arguments)
    assert status == 1
    assert errors.startswith(f"tagger: error: {gold}:4: label 'I-PER' at token 1 ")
    assert f"{ADVICE} With --lenient, " in errors
    status, output, errors = program("evaluate", ner_model, gold, "--join-sentences", "--json", *arguments)
    assert (status, json.loads(output)["gold"]) == (0, 1)
    assert errors.startswith(
        f"tagger: sentences joined to the one before, which ends within a span: 1; the first: {gold}:4\n"
    )
    assert "tagger: 2 sentences, 5 tokens, " in errors


def test_joining_is_refused_where_labels_do_not_tell_where(program, ner_model, write):
    gold = write("gold.conll", "Anna I-PER\n\nSmith I-PER\nBob B-PER\n")
    assert program("evaluate", ner_model, gold, "--join-sentences") == (
        2,
        "",
        f"tagger: error: --join-sentences has no effect on {gold}: its labels are IOB1, which does not tell where the "
        "end of a sentence cuts a span\n",
    )


def test_standard_input_needs_a_format(program, ner_model):
    status, output, _ = program("evaluate", ner_model, "-", "--format", "conll", "--json", stdin=GOLD)
    assert (status, json.loads(output)["gold"]) == (0, 3)
    status, _, errors = program("evaluate", ner_model, "-", stdin=GOLD)
    assert status == 2
    assert errors == (
        f"tagger: error: the format of a stream cannot be guessed; name it: {', '.join(FORMATS)}\n"
    )


def test_gold_labels_may_be_in_any_scheme(program, ner_model, write):
    gold = write("gold.conll", GOLD.replace("B-", "I-"))
    for scheme in ("auto", "iob1"):
        status, output, _ = program("evaluate", ner_model, gold, "--json", "--scheme", scheme)
        assert (status, json.loads(output)["gold"]) == (0, 3)


def test_labels_that_break_the_scheme_are_named_with_their_line(program, ner_model, write):
    gold = write("gold.conll", GOLD.replace("Oslo\tB-", "Oslo\tI-"))
    status, _, errors = program("evaluate", ner_model, gold, "--scheme", "iob2")
    assert status == 1
    assert errors.startswith(
        f"tagger: error: {gold}:5: label 'I-LOC' at token 5 follows 'O', not allowed in IOB2."
    )


def test_labels_that_fit_no_scheme_are_named_with_their_file(program, ner_model, write):
    gold = write("gold.conll", "Anna B-PER\nx PER\ny O\n")
    status, _, errors = program("evaluate", ner_model, gold)
    assert status == 1
    assert errors.startswith(f"tagger: error: {gold}:2: label 'PER' ")


def test_types_the_model_does_not_know_are_mentioned(program, ner_model, write):
    status, output, errors = program(
        "evaluate", ner_model, write("gold.conll", "Anna B-PER\nEU B-ORG\n"), "--json"
    )
    assert (status, json.loads(output)["gold"]) == (0, 2)
    assert errors.splitlines()[0] == (
        "tagger: note: the model does not know ORG; such gold labels count as not found"
    )


@pytest.mark.parametrize(
    ("rewritten", "said"),
    [
        (lambda text: text.replace("-", "_"), "'B_TYPE' and 'O', and read as 'B-TYPE' and 'O'"),
        (
            lambda text: text.replace("B-", "b-").replace("I-", "i-").replace("\tO\n", "\to\n"),
            "'b-TYPE' and 'o', and read as 'B-TYPE' and 'O'",
        ),
        (lambda text: text.replace("\tO\n", "\t0\n"), "'B-TYPE' and '0', and read as 'B-TYPE' and 'O'"),
        (
            lambda text: (
                text.replace("\tO\n", "\t*\n")
                .replace("B-PER", "(PER*")
                .replace("I-PER", "*)")
                .replace("B-LOC", "(LOC*)")
            ),
            "'(TYPE*', '*' and '*)', and read as 'B-TYPE', 'O' and 'I-TYPE'",
        ),
    ],
)
def test_gold_labels_may_be_written_in_other_ways(program, ner_model, write, rewritten, said):
    gold = write("gold.conll", rewritten(GOLD))
    status, output, errors = program("evaluate", ner_model, gold, "--json")
    scores = json.loads(output)
    assert (status, scores["correct"], scores["predicted"], scores["gold"]) == (0, 2, 2, 3)
    assert errors.splitlines()[0] == f"tagger: note: labels are written {said}"


def test_gold_types_that_differ_from_the_models_in_their_writing_alone_are_refused(
    program, ner_model, plain_model, write
):
    gold = write("gold.conll", GOLD.replace("PER", "per").replace("LOC", "Loc"))
    status, output, errors = program("evaluate", ner_model, gold)
    assert (status, output) == (1, "")
    assert errors == (
        "tagger: error: expected gold labels that the model knows (LOC, PER), found only Loc, per. "
        "Rename them with tagger convert --map OLD=NEW, or choose other labels.\n"
    )
    gold = write("gold.conll", GOLD.replace("-", "_"))
    status, output, errors = program("evaluate", plain_model, gold)
    assert (status, output) == (1, "")
    assert errors == (
        "tagger: error: expected gold labels that the model knows (B-LOC, B-PER, I-LOC, I-PER), found only B_LOC, "
        "B_PER, I_PER. Rename them with tagger convert --map OLD=NEW, or choose other labels.\n"
    )
    status, output, _ = program("evaluate", plain_model, gold, "--scheme", "iob2", "--json")
    assert (status, json.loads(output)["correct"]) == (0, 2)


def test_labels_of_the_wrong_kind_are_refused(program, ner_model, pos_model, write):
    status, _, errors = program("evaluate", ner_model, write("gold.conll", "it PRON\nrained VERB\n"))
    assert (status, errors) == (
        2,
        "tagger: error: expected gold labels that are spans, as the model's are, found plain labels (PRON, VERB). "
        "Choose the labels with --label-column, or name their scheme with --scheme.\n",
    )
    gold = write("gold.conll", GOLD)
    status, _, errors = program("evaluate", pos_model, gold, "--scheme", "iob2")
    assert (status, errors) == (
        2,
        "tagger: error: expected gold labels that are plain labels, as the model's are, "
        "found spans (B-LOC, B-PER, I-PER, O). "
        "Choose the labels with --label-column, or name their scheme with --scheme.\n",
    )


def test_span_labels_learned_as_plain_ones_are_scored_as_spans_if_their_scheme_is_named(
    program, plain_model, write
):
    gold = write("gold.conll", GOLD)
    scores = {}
    for scheme in ("auto", "iob2"):
        status, output, _ = program("evaluate", plain_model, gold, "--json", "--scheme", scheme)
        assert status == 0
        scores[scheme] = json.loads(output)
    assert scores["auto"]["metric"] == "accuracy"
    assert (scores["iob2"]["correct"], scores["iob2"]["gold"]) == (2, 3)


def test_spans_that_do_not_fit_stop_it_or_are_listed(program, ner_model, write):
    gold = write("gold.jsonl", json.dumps({"text": "Anna lives.", "spans": [[0, 4, "PER"], [5, 7, "LOC"]]}))
    status, _, errors = program("evaluate", ner_model, gold)
    assert status == 1
    assert errors == (
        f"tagger: error: {gold}:1: the LOC 5-7 'li' cuts through the token 'lives'. "
        "Correct the spans, or pass --skip-bad to go on without them.\n"
    )
    status, output, errors = program("evaluate", ner_model, gold, "--skip-bad", "--json")
    assert (status, json.loads(output)["gold"]) == (0, 1)
    assert errors.splitlines()[:2] == [
        "tagger: spans that cut through a token, left out as bad: 1",
        f"tagger:   {gold}:1: the LOC 5-7 'li' cuts through the token 'lives'",
    ]


def test_all_spans_that_do_not_fit_are_counted(program, ner_model, write):
    texts = [
        {"text": "Oslo's fish.", "spans": [[0, 4, "LOC"]]},
        {"text": "Anna's.", "spans": [[0, 4, "PER"]]},
    ]
    gold = write("gold.jsonl", "\n".join(map(json.dumps, texts)))
    found = (
        f"{gold}:1: the LOC 0-4 'Oslo' cuts through the token \"Oslo's\"; 1 other span does not fit either. "
    )
    status, _, errors = program("evaluate", ner_model, gold)
    assert (status, errors) == (
        1,
        f"tagger: error: {found}Correct the spans, or pass --skip-bad to go on without them.\n",
    )
    status, _, errors = program("inspect", ner_model, "Anna sings.", "--corpus", gold)
    assert (status, errors) == (
        1,
        f"tagger: error: {found}Correct the spans, or pass --skip-bad to go on without them.\n",
    )
    arguments = ["Anna sings.", "--corpus", gold, "--skip-bad", "--views", "crf"]
    status, page, errors = program("inspect", ner_model, *arguments)
    assert status == 0
    assert page.startswith("<!doctype html>")
    assert errors.splitlines()[0].partition(": ")[2] == ("spans that cut through a token, left out as bad: 2")
    assert len(errors.splitlines()) == 3


def test_lines_that_an_annotator_did_not_accept_are_not_scored(program, ner_model, write):
    line = {"tokens": ["Anna"], "labels": ["B-PER"]}
    gold = write(
        "gold.jsonl", "\n".join(json.dumps({**line, "answer": answer}) for answer in ("reject", "accept"))
    )
    status, output, errors = program("evaluate", ner_model, gold, "--json")
    assert (status, json.loads(output)["gold"]) == (0, 1)
    assert (
        errors.splitlines()[0] == f"tagger: lines with the answer 'reject', left out: 1; the first: {gold}:1"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--text-column", "x"], "--text-column has no effect on the format conll"),
        (["--trim-entities"], "--trim-entities has no effect on the format conll"),
        (["--json", "--seqeval"], "--seqeval has no effect with --json"),
        (
            ["--label-column", "x"],
            "label_column: expected the number of a column, counted from 0, found 'x'. "
            "If the first row holds the names of the columns, say so: --header",
        ),
    ],
)
def test_options_without_effect_are_refused(program, ner_model, write, arguments, message):
    status, output, errors = program("evaluate", ner_model, write("gold.conll", GOLD), *arguments)
    assert (status, output, errors) == (2, "", f"tagger: error: {message}\n")


def test_sentences_that_cannot_be_read_are_not_scored_if_they_are_skipped(program, ner_model, write):
    gold = write("gold.conll", f"{GOLD.rstrip()}\n\nit\tO\nrained\n")
    status, _, errors = program("evaluate", ner_model, gold)
    assert (status, errors) == (
        1,
        f"tagger: error: {gold}:{gold.read_text().count(chr(10))}: expected 2 columns, found 1: 'rained'. "
        "To skip and list bad data: --skip-bad\n",
    )
    status, output, errors = program("evaluate", ner_model, gold, "--skip-bad", "--json")
    alone = program("evaluate", ner_model, write("alone.conll", GOLD), "--json")[1]
    assert (status, json.loads(output)["num_tokens"]) == (0, json.loads(alone)["num_tokens"])
    assert "sentences that cannot be read, left out as bad: 1" in errors


def test_files_without_sentences_are_refused(program, ner_model, write):
    for name in ("gold.conll", "gold.txt"):
        gold = write(name, "")
        status, _, errors = program("evaluate", ner_model, gold)
        assert (status, errors) == (1, f"tagger: error: {gold}: expected at least one sentence, found none\n")


def test_files_are_evaluated_by_the_names_of_their_integers(program, ner_model, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"tokens": ["Anna", "lives"], "ner_tags": [1, 0]}) + "\n")
    status, output, _ = program("evaluate", ner_model, path, "--label-names", "O,B-PER", "--json")
    assert (status, json.loads(output)["num_tokens"]) == (0, 2)
    status, _, errors = program("evaluate", ner_model, path)
    assert (status, errors) == (
        1,
        f"tagger: error: {path}:1: 'ner_tags': expected labels, found integers. Give their names in the order of the "
        """integers, as in --label-names '["O", "B-PER", "I-PER"]', or a JSON file of them. To skip and list """
        "bad data: --skip-bad\n",
    )


def test_a_file_in_which_nobody_annotated_anything_says_why_it_has_no_sentence(program, ner_model, write):
    done = write("a.json", json.dumps([{"data": {"text": "Oslo"}, "annotations": [{"result": []}]}, TASK]))
    open_ = write("b.json", json.dumps([TASK, TASK]))
    status, _, errors = program("evaluate", ner_model, done, open_)
    assert (status, errors) == (
        1,
        f"tagger: error: {open_}: expected at least one sentence, found none: tasks that nobody annotated, left out: "
        f"2; the first: {open_}: item 1\n",
    )
