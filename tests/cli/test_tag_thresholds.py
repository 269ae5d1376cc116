"""``tagger tag --thresholds``: improbable spans are withheld in every format, and counted."""

import json
import shutil

import pytest
from present import present

from tagger import Tagger
from tagger.storage import store_calibration

SENTENCES = ["Anna Smith lives in Oslo .", "Bob went to Paris today", "It rained in Anna"]
STDIN = "\n".join(SENTENCES) + "\n"


@pytest.fixture
def calibrated(ner_model, tmp_path):
    """A model whose thresholds withhold all places, and no person."""
    folder = tmp_path / "calibrated"
    shutil.copytree(ner_model, folder)
    store_calibration(folder, temperature=3.0)
    store_calibration(folder, thresholds={"LOC": 1.0, "PER": 0.0})
    return str(folder)


@pytest.fixture
def expected(calibrated):
    tagger = Tagger.load(calibrated)
    full = tagger.predict([sentence.split() for sentence in SENTENCES])
    withheld = sum(span.label == "LOC" for prediction in full for span in prediction.spans)
    kept = sum(len(prediction.spans) for prediction in full) - withheld
    assert withheld >= 2
    assert kept >= 2
    message = f"tagger: withheld {withheld} of {withheld + kept} spans: {withheld} of {withheld} LOC, 0 of {kept} PER\n"
    return tagger.predict([sentence.split() for sentence in SENTENCES], thresholds=tagger.thresholds), message


@pytest.mark.parametrize("options", [(), ("--workers", "1"), ("--probabilities",)], ids=" ".join)
def test_withheld_spans_are_o_and_counted_by_type(program, calibrated, expected, options):
    predictions, message = expected
    arguments = ("--input", "tokens", "--output", "jsonl", "--thresholds", *options)
    status, output, errors = program("tag", calibrated, *arguments, stdin=STDIN)
    assert (status, errors) == (0, message)
    for line, prediction in zip(output.splitlines(), predictions, strict=True):
        found = json.loads(line)
        assert found["labels"] == list(prediction.labels)
        assert [span["label"] for span in found["spans"]] == [span.label for span in prediction.spans]
        assert ("probabilities" in found) == ("--probabilities" in options)
        assert not any(label.endswith("LOC") for label in found["labels"])


def test_every_output_format_withholds_them(program, calibrated, expected):
    _, message = expected
    for output in ("conll", "inline", "doccano", "spacy-json"):
        arguments = ("--input", "tokens", "--output", output)
        _, without, _ = program("tag", calibrated, *arguments, stdin=STDIN)
        status, found, errors = program("tag", calibrated, *arguments, "--thresholds", stdin=STDIN)
        assert status == 0
        assert errors.endswith(message)
        assert "LOC" in without
        assert "PER" in found
        assert "LOC" not in found


def test_a_model_without_thresholds_says_how_to_get_some(program, ner_model):
    assert program("tag", ner_model, "--thresholds", stdin="x") == (
        2,
        "",
        f"tagger: error: --thresholds: {ner_model} holds none. Store some first: "
        f"tagger evaluate {ner_model} GOLD --threshold-for recall=0.95 --store\n",
    )


def test_labels_without_spans_have_no_thresholds(program, pos_model):
    assert program("tag", pos_model, "--thresholds", stdin="x") == (
        2, "", "tagger: error: --thresholds has no effect on a model whose labels have no spans\n",
    )  # fmt: skip


def test_the_most_probable_sequences_have_no_thresholds(program, calibrated):
    assert program("tag", calibrated, "--thresholds", "--output", "jsonl", "--nbest", "2", stdin="x") == (
        2,
        "",
        "tagger: error: --thresholds has no effect with --nbest, whose sequences are the most probable ones\n",
    )


def test_of_nothing_nothing_is_withheld(program, calibrated):
    assert program("tag", calibrated, "--thresholds", stdin="") == (
        0, "", "tagger: withheld 0 of 0 spans\n",
    )  # fmt: skip


GOLD = (
    "".join(f"{token}\tO\n" for token in ["Anna", "lives", "in", "Oslo", "."])
    + "\nIt\tO\nis\tO\nOslo\tB-LOC\n"
)


def evaluated(program, model, gold, *options):
    status, output, errors = program("evaluate", model, gold, "--json", *options)
    assert status == 0, errors
    return json.loads(output), errors


@pytest.mark.parametrize("options", [(), ("--raw",)], ids=["tokens", "raw"])
def test_evaluate_scores_what_is_not_withheld(program, calibrated, write, options):
    gold = write("gold.conll", GOLD)
    without, note = evaluated(program, calibrated, gold, *options)
    assert (
        f"tagger: note: {calibrated} holds thresholds (LOC 1, PER 0), which are not applied; pass --thresholds"
        in note
    )
    found, errors = evaluated(program, calibrated, gold, "--thresholds", *options)
    types = {row["type"]: row["predicted"] for row in without["tables"]["types"]}
    kept = {row["type"]: row["predicted"] for row in found["tables"]["types"]}
    assert types["LOC"] > 0
    assert kept["LOC"] == 0
    assert kept.get("PER", 0) == types.get("PER", 0)
    assert f"tagger: {calibrated}: withheld {types['LOC']} of {without['predicted']} spans: " in errors
    assert "which are not applied" not in errors


def test_evaluate_says_what_thresholds_leave_of_each_sentence_alone(program, calibrated, write):
    gold = write("gold.conll", f"-DOCSTART-\tO\n\n{GOLD}")
    without, _ = evaluated(program, calibrated, gold)
    found, _ = evaluated(program, calibrated, gold, "--thresholds")
    assert without["sentences_alone"]["predicted"] > found["sentences_alone"]["predicted"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ("--threshold-for", "recall=0.5"),
            "--threshold-for has no effect with --thresholds; choose thresholds among all spans",
        ),
        (
            ("--against", "{ner_model}"),
            "--thresholds: {ner_model} holds none. Store some first: "
            "tagger evaluate {ner_model} GOLD --threshold-for recall=0.95 --store",
        ),
    ],
    ids=["chosen", "none"],
)
def test_evaluate_refuses_thresholds_that_would_have_no_effect(
    program, calibrated, ner_model, write, options, message
):
    options = [option.format(ner_model=ner_model) for option in options]
    status, _, errors = program("evaluate", calibrated, write("gold.conll", GOLD), "--thresholds", *options)
    assert (status, errors.splitlines()[-1]) == (2, f"tagger: error: {message.format(ner_model=ner_model)}")


def test_evaluate_refuses_thresholds_without_a_model(program, write):
    gold = write("gold.conll", GOLD)
    status, _, errors = program("evaluate", "--predictions", gold, gold, "--thresholds")
    assert (status, errors) == (2, "tagger: error: --thresholds has no effect without a model\n")


@pytest.mark.parametrize("options", [(), ("--workers", "1"), ("--probabilities",)], ids=" ".join)
def test_spans_below_a_probability_are_withheld_whatever_their_type(program, calibrated, options):
    tagger = Tagger.load(calibrated)
    tokens = [sentence.split() for sentence in SENTENCES]
    full = [span for prediction in tagger.predict(tokens) for span in prediction.spans]
    bound = sorted(present(span.probability) for span in full)[2]
    sure = [span.label for span in full if present(span.probability) >= bound]
    kept = {kind: sure.count(kind) for kind in ("LOC", "PER")}
    all_ = {kind: sum(span.label == kind for span in full) for kind in ("LOC", "PER")}
    assert len(full) - sum(kept.values()) == 2
    arguments = ("--input", "tokens", "--output", "jsonl", "--min-probability", repr(bound), *options)
    status, output, errors = program("tag", calibrated, *arguments, stdin=STDIN)
    assert status == 0
    found = [json.loads(line) for line in output.splitlines()]
    assert [line["labels"] for line in found] == [
        list(prediction.labels) for prediction in tagger.predict(tokens, thresholds=bound)
    ]
    counts = ", ".join(f"{all_[kind] - kept[kind]} of {all_[kind]} {kind}" for kind in sorted(all_))
    assert errors == f"tagger: withheld 2 of {len(full)} spans: {counts}\n"


def test_a_probability_below_which_to_withhold_is_refused_where_it_means_nothing(
    program, calibrated, pos_model
):
    for arguments, message in [
        (
            (calibrated, "--min-probability", "0.5", "--thresholds"),
            "--min-probability is one threshold for all types, --thresholds are those of the model; pass one of the "
            "two",
        ),
        (
            (pos_model, "--min-probability", "0.5"),
            "--min-probability has no effect on a model whose labels have no spans",
        ),
        (
            (calibrated, "--output", "jsonl", "--min-probability", "0", "--nbest", "2"),
            "--min-probability has no effect with --nbest, whose sequences are the most probable ones",
        ),
        (
            (calibrated, "--min-probability", "50"),
            "--min-probability: expected a number from 0 to 1, found '50'",
        ),
        (
            (calibrated, "--min-probability", "nan"),
            "--min-probability: expected a number from 0 to 1, found 'nan'",
        ),
    ]:
        status, output, errors = program("tag", *arguments, stdin=STDIN)
        assert (status, output) == (2, "")
        assert message in errors
