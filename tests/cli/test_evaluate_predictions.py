"""``tagger evaluate`` with predictions of any tool, with two sides, and where tokens differ."""

import csv
import io
import json
import shutil

import pytest

from tagger.api import Tagger

GOLD = "Anna\tB-PER\nSmith\tI-PER\nlives\tO\nin\tO\nOslo\tB-LOC\n.\tO\n\nit\tB-LOC\nrained\tO\n"
PREDICTED = "Anna\tB-PER\nSmith\tO\nlives\tO\nin\tO\nOslo\tB-LOC\n.\tO\n\nit\tO\nrained\tO\n"


@pytest.fixture
def gold(write):
    return write("gold.conll", GOLD)


def scores(output):
    return json.loads(output)


def test_predictions_of_a_file_are_scored_without_a_model(program, gold, write):
    status, output, errors = program(
        "evaluate", "--predictions", write("tool.conll", PREDICTED), gold, "--json"
    )
    assert (status, errors) == (0, "")
    found = scores(output)
    assert (found["correct"], found["predicted"], found["gold"], found["num_tokens"]) == (1, 2, 3, 8)
    assert {row["class"]: row["gold"] for row in found["tables"]["errors"] if row["gold"]} == {
        "right": 1,
        "too short": 1,
        "missed": 1,
    }


def test_gold_and_predicted_labels_may_stand_in_one_file(program, write):
    both = write("both.conll", "Anna B-PER B-PER\nSmith I-PER O\nlives O O\n")
    columns = ["--label-column", "-2", "--predictions-label-column", "-1"]
    status, output, _ = program("evaluate", "--predictions", both, both, *columns, "--json")
    found = scores(output)
    assert (status, found["correct"], found["predicted"], found["gold"]) == (0, 0, 1, 1)


def test_illegal_predictions_are_read_as_conlleval_does_and_counted(program, gold, write):
    tool = write("tool.conll", PREDICTED.replace("B-PER", "I-PER").replace("Smith\tO", "Smith\tB-PER"))
    arguments = ["evaluate", "--predictions", tool, gold, "--predictions-scheme", "iob2", "--json"]
    status, output, errors = program(*arguments)
    assert (status, errors) == (
        0,
        "tagger: note: predicted labels that break the scheme iob2: 1; read as conlleval reads them\n",
    )
    readings = {row["reading"]: row["predicted"] for row in scores(output)["tables"]["readings"]}
    assert readings == {"conlleval": 3, "strict": 2, "boundaries": 3}


def test_gold_types_that_a_model_does_not_know_are_named_where_it_cuts_the_text(program, ner_model, write):
    gold = write("gold.conll", GOLD.replace("it\tB-LOC", "it\tB-ORG"))
    status, _, errors = program("evaluate", ner_model, gold, "--raw")
    assert status == 0
    assert "tagger: note: the model does not know ORG; such gold labels count as not found\n" in errors


def test_predictions_in_another_scheme_and_format_are_the_same(program, gold, write):
    lines = [
        {
            "tokens": ["Anna", "Smith", "lives", "in", "Oslo", "."],
            "labels": ["S-PER", "O", "O", "O", "S-LOC", "O"],
        },
        {"tokens": ["it", "rained"], "labels": ["O", "O"]},
    ]
    tool = write("tool.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    status, output, errors = program("evaluate", "--predictions", tool, gold, "--json")
    assert (status, errors) == (0, "")
    other = program("evaluate", "--predictions", write("tool.conll", PREDICTED), gold, "--json")[1]
    assert scores(output) == scores(other)


def test_several_files_of_predictions_are_one(program, gold, write):
    first, second = PREDICTED.split("\n\n")
    files = [write("1.conll", first + "\n"), write("2.conll", second)]
    arguments = [part for file in files for part in ("--predictions", file)]
    status, output, _ = program("evaluate", *arguments, gold, "--json")
    assert (status, scores(output)["correct"], scores(output)["num_sentences"]) == (0, 1, 2)


def test_our_own_predictions_come_back_with_their_probabilities(program, ner_model, gold, tmp_path):
    tagged = tmp_path / "tagged.jsonl"
    program("tag", ner_model, gold, "--output", "jsonl", "--probabilities", "-o", tagged)
    from_file = scores(program("evaluate", "--predictions", tagged, gold, "--json")[1])
    from_model = scores(program("evaluate", ner_model, gold, "--json")[1])
    assert from_file["tables"]["types"] == from_model["tables"]["types"]
    for name in ("calibration", "thresholds"):
        assert [list(row) for row in from_file["tables"][name]] == [
            list(row) for row in from_model["tables"][name]
        ]
    pairs = zip(from_file["tables"]["calibration"], from_model["tables"]["calibration"], strict=True)
    for mine, theirs in pairs:  # files have six digits
        assert mine["ece"] == pytest.approx(theirs["ece"], abs=1e-5)


def test_two_sides_are_compared_with_each_other(program, ner_model, gold, write):
    tool = write("tool.conll", PREDICTED)
    status, output, _ = program("evaluate", ner_model, gold, "--against", tool, "--json", "--draws", "100")
    found = scores(output)
    difference = {row["score"]: row for row in found["tables"]["difference"]}
    assert status == 0
    assert difference["f1"]["first"] == found["f1"] == pytest.approx(0.8)
    assert (difference["f1"]["second"], difference["f1 of LOC"]["difference"]) == (pytest.approx(0.4), 0)
    assert [one["origin"] for one in found["differing_sentences"]] == [f"{gold}:1"]
    report = program("evaluate", "--predictions", tool, gold, "--against", ner_model)[1]
    assert f"First: {tool}; second: {ner_model}\n" in report
    assert f"{gold}:1  second  [Anna Smith](PER) lives in [Oslo](LOC) .\n" in report


def test_the_same_seed_draws_the_same_and_another_one_another(program, write):
    gold, tool = write("gold.conll", f"{GOLD}\n" * 9), write("tool.conll", f"{PREDICTED}\n" * 9)

    def interval(*arguments):
        output = program("evaluate", "--predictions", tool, gold, "--json", "--draws", "30", *arguments)[1]
        return scores(output)["interval"]

    assert interval("--seed", "5") == interval("--seed", "5")
    assert len({tuple(interval("--seed", str(seed)).values()) for seed in range(6)}) > 1


def test_documents_are_drawn_whole(program, write):
    text = "-DOCSTART- O\n\n" + GOLD.replace("\t", " ")
    gold = write("gold.conll", f"{text}\n{text}")
    tool = write("tool.conll", f"{text}\n{text}".replace("Smith I-PER", "Smith O"))
    arguments = ["evaluate", "--predictions", tool, gold, "--draws", "50"]
    assert "by bootstrap over 2 documents (50 draws)" in program(*arguments, "--by", "document")[1]
    assert "by bootstrap over 4 sentences (50 draws)" in program(*arguments)[1]
    alone = write("alone.conll", GOLD)
    assert program("evaluate", "--predictions", alone, alone, "--by", "document") == (
        1,
        "",
        "tagger: error: expected sentences of documents to draw from, found none. Draw sentences: --by sentence\n",
    )


def test_every_figure_is_a_row_of_csv(program, gold, write, tmp_path):
    tool = write("tool.conll", PREDICTED)
    out = tmp_path / "scores.csv"
    status, output, _ = program("evaluate", "--predictions", tool, gold, "--csv", "-o", out)
    rows = list(csv.reader(io.StringIO(out.read_text())))
    assert (status, output, rows[0]) == (0, "", ["table", "row", "column", "value"])
    assert ["types", "micro average", "recall", "0.3333333333333333"] in rows


def test_other_tokens_are_compared_by_characters(program, gold, write):
    words = [
        ("AnnaSmith", "B-PER"),
        ("lives", "O"),
        ("in", "O"),
        ("Os", "B-LOC"),
        ("lo.", "I-LOC"),
        ("it", "O"),
    ]
    tool = write("tool.conll", "".join(f"{word}\t{label}\n" for word, label in [*words, ("rained", "O")]))
    status, output, errors = program("evaluate", "--predictions", tool, gold, "--json")
    assert (status, errors) == (
        0,
        "tagger: note: predictions and gold labels have other tokens; they are compared by characters\n",
    )
    found = scores(output)
    assert (found["correct"], found["predicted"], found["gold"]) == (1, 2, 3)
    assert {row["of"]: row["correct"] for row in found["tables"]["segmentation"]} == {
        "tokens": 4,
        "sentences": 0,
        "words": 4,
    }
    assert {row["class"]: row["predicted"] for row in found["tables"]["errors"] if row["predicted"]} == {
        "right": 1,
        "too long": 1,
    }


def test_the_same_tokens_are_compared_by_characters_if_that_is_wanted(program, gold, write):
    tool = write("tool.conll", PREDICTED)
    status, output, _ = program("evaluate", "--predictions", tool, gold, "--raw", "--json")
    found = scores(output)
    assert (status, found["correct"]) == (0, 1)
    assert [row["f1"] for row in found["tables"]["segmentation"]] == [1.0, 1.0, 1.0]


def test_another_text_is_refused_with_the_first_difference(program, gold, write):
    status, _, errors = program(
        "evaluate", "--predictions", write("tool.conll", PREDICTED.replace("Oslo", "Olso")), gold
    )
    assert status == 1
    assert f"{gold}:1" in errors
    assert "'slo.itrained'" in errors
    assert "'lso.itrained'" in errors


def test_a_model_finds_tokens_itself_in_raw_text(program, ner_model, pos_model, write):
    texts = write(
        "gold.jsonl", json.dumps({"text": "Anna Smith lives in Oslo.", "spans": [[0, 10, "PER"]]}) + "\n"
    )
    status, output, _ = program("evaluate", ner_model, texts, "--raw", "--json")
    assert (status, scores(output)["correct"]) == (0, 1)
    treebank = write(
        "gold.conllu",
        "# text = it rained\n1\tit\t_\tPRON\t_\t_\t_\t_\t_\t_\n2\trained\t_\tVERB\t_\t_\t_\t_\t_\t_\n\n",
    )
    status, output, _ = program("evaluate", pos_model, treebank, "--raw", "--json")
    rows = {row["of"]: row for row in scores(output)["tables"]["segmentation"]}
    assert (status, rows["labels"]["f1"], rows["sentences"]["f1"]) == (0, 1.0, 1.0)
    assert program("evaluate", pos_model, treebank, "--raw", "--train", treebank) == (
        2,
        "",
        "tagger: error: --train has no effect on labels without spans where tokens differ\n",
    )


def test_slices_by_training_data_and_by_columns(program, ner_model, write):
    gold = write("gold.conll", "Anna\tnews\tB-PER\nBerta\tnews\tB-PER\n\nOslo\tweb\tB-LOC\n")
    train = write("train.conll", "Anna\tnews\tB-PER\n\nOslo\tweb\tB-PER\n")
    status, output, _ = program("evaluate", ner_model, gold, "--train", train, "--slice", "1", "--json")
    tables = scores(output)["tables"]
    assert status == 0
    assert {row["value"]: row["gold"] for row in tables["slice_column_1"]} == {"news": 2, "web": 1}
    assert sorted(row["gold"] for row in tables["slice_seen"]) == [1, 1, 1]


def test_the_page_is_written_beside_the_report(program, ner_model, gold, tmp_path):
    page = tmp_path / "page.html"
    status, output, _ = program("evaluate", ner_model, gold, "--html", page)
    assert (status, output.startswith("F1 80.00 %")) == (0, True)
    text = page.read_text()
    assert text.startswith("<!doctype html>")
    assert "<script" not in text


@pytest.mark.parametrize(("page", "report"), [("x.html", "./x.html"), ("-", "-")])
def test_page_and_report_go_to_two_places(program, gold, tmp_path, monkeypatch, page, report):
    monkeypatch.chdir(tmp_path)
    status, output, errors = program("evaluate", "--predictions", gold, gold, "--html", page, "-o", report)
    place = "standard output" if page == "-" else page
    assert (status, output) == (2, "")
    assert errors == (
        f"tagger: error: expected two places for page and report, found {place} for both. Write one of them "
        "elsewhere, with --html or --output-file.\n"
    )
    assert not (tmp_path / "x.html").exists()


@pytest.mark.parametrize("option", ["--html", "-o"])
def test_a_place_that_cannot_be_written_is_refused_before_the_work(
    program, ner_model, gold, tmp_path, option
):
    status, output, errors = program("evaluate", ner_model, gold, option, tmp_path / "none" / "x")
    assert (status, output) == (1, "")
    # Nothing was tagged: its summary would stand before the error.
    assert (
        errors == f"tagger: error: {tmp_path / 'none' / 'x'}: cannot be written: No such file or directory\n"
    )


def test_thresholds_are_stored_and_applied(program, ner_model, gold, tmp_path):
    model = tmp_path / "model"
    shutil.copytree(ner_model, model)
    arguments = ["evaluate", model, gold, "--threshold-for", "precision=1"]
    status, output, _ = program(*arguments, "--json")
    rows = {row["type"]: row for row in scores(output)["tables"]["threshold_for"]}
    assert (status, list(rows)) == (0, ["all types", "LOC", "PER"])
    assert Tagger.load(model).thresholds == {}
    status, _, errors = program(*arguments, "--store")
    assert status == 0
    assert f"tagger: {model}: thresholds stored: LOC " in errors
    assert Tagger.load(model).thresholds == pytest.approx(
        {kind: rows[kind]["threshold"] for kind in ("LOC", "PER")}, abs=1e-4
    )


def test_types_that_get_no_threshold_are_named(program, ner_model, write, tmp_path):
    model = tmp_path / "model"
    shutil.copytree(ner_model, model)
    gold = write("gold.conll", GOLD.replace("B-LOC", "O"))
    arguments = ["evaluate", model, gold, "--threshold-for", "precision=1", "--store"]
    status, _, errors = program(*arguments)
    assert status == 0
    assert (
        "tagger: note: LOC: precision=1 is not reached, or not known; no threshold is stored, so that none of these "
        "spans is withheld\n"
    ) in errors
    assert list(Tagger.load(model).thresholds) == ["PER"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--store"], "--store has no effect without --threshold-for"),
        (["--predictions-scheme", "iob2"], "--predictions-scheme has no effect without predictions"),
        (["--seqeval", "--draws", "5"], "--draws has no effect with --seqeval"),
        (["--seqeval", "--html", "x"], "--html has no effect with --seqeval"),
        (["--csv", "--json"], "--csv has no effect with --json"),
    ],
)
def test_options_without_effect_are_refused(program, ner_model, gold, arguments, message):
    assert program("evaluate", ner_model, gold, *arguments) == (2, "", f"tagger: error: {message}\n")


@pytest.mark.parametrize("option", [["--decode", "posterior"], ["--threads", "2"]])
def test_options_of_models_have_no_effect_on_files(program, gold, option):
    assert program("evaluate", "--predictions", gold, gold, *option) == (
        2,
        "",
        f"tagger: error: {option[0]} has no effect without a model\n",
    )


def test_a_model_alone_is_not_enough(program, ner_model):
    assert program("evaluate", ner_model) == (
        2,
        "",
        f"tagger: error: expected a model and annotated files, found only {ner_model!r}. With --predictions FILE no "
        "model is needed.\n",
    )


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("f1=0.9", "expected a target such as recall=0.95, of precision or recall, found 'f1=0.9'"),
        (
            "recall=95",
            "recall: expected a number above 0 and up to 1, found '95'. A share, not per cent: recall=0.95.",
        ),
    ],
)
def test_a_target_that_is_none_is_explained(program, ner_model, gold, target, message):
    assert program("evaluate", ner_model, gold, "--threshold-for", target) == (
        2,
        "",
        f"tagger: error: --threshold-for: {message}\n",
    )


def test_gold_and_predictions_of_different_kinds_are_refused(program, gold, write):
    tool = write(
        "tool.conll", "".join(f"{line.split()[0]}\tNOUN\n" if line else "\n" for line in GOLD.split("\n"))
    )
    status, _, errors = program("evaluate", "--predictions", tool, gold)
    assert (status, errors) == (
        2,
        "tagger: error: expected predictions that are spans, as the gold labels are, found plain labels. Choose the "
        "labels with --predictions-label-column, or name their scheme with --predictions-scheme.\n",
    )


# The figures are those that the Perl script conlleval (2004-01-26) printed for these columns:
#   processed 10 tokens with 7 phrases; found: 7 phrases; correct: 4.
#   accuracy: 50.00%; precision: 57.14%; recall: 57.14%; FB1: 57.14
ILLEGAL = "a B-PER\nb I-PER\nc O\nd I-LOC\ne I-ORG\n\nf O\ng B-PER\nh B-PER\ni I-ORG\n\nj B-LOC\n"
ILLEGAL_PREDICTED = (
    "a I-PER\nb I-PER\nc O\nd I-LOC\ne B-LOC\n\nf I-PER\ng B-PER\nh I-PER\ni I-ORG\n\nj I-LOC\n"
)


def test_what_cannot_be_read_is_known_before_the_model_tags(program, ner_model, gold, tmp_path):
    missing = tmp_path / "none.conll"
    status, output, errors = program("evaluate", ner_model, gold, "--train", missing)
    assert (status, output, errors.count("\n")) == (1, "", 1)
    assert errors.startswith(f"tagger: error: {missing}: ")
    status, output, errors = program("evaluate", ner_model, gold, "--slice", "7")
    assert (status != 0, output, errors.count("\n")) == (True, "", 1)
