"""Everything that is found of annotators, and its forms."""

import csv
import io
import json

import pytest
from agreement_cases import annotator, corpus
from present import present

from tagger.agreement.agreement import find_agreement
from tagger.errors import DataError
from tagger.evaluation.drawing import Drawing

ANN = annotator("ann", "Anna/B-PER Smith/I-PER met/O Bob/B-PER", "in/O Oslo/B-LOC", "EU/B-ORG")
BOB = annotator("bob", "Anna/B-PER Smith/I-PER met/O Bob/O", "in/O Oslo/B-LOC", "EU/B-LOC")
CY = annotator("cy", "Anna/B-PER Smith/I-PER met/O Bob/B-PER", "in/B-LOC Oslo/I-LOC", "EU/B-LOC")


def rows(agreement, table):
    (found,) = (one for one in agreement.tables if one.name == table)
    return found.to_dicts()


def test_each_two_are_a_pair():
    found = find_agreement(corpus(ANN, BOB, CY))
    pairs = {
        (row["first"], row["second"]): (row["both"], row["in_first"], row["in_second"])
        for row in rows(found, "pairs")
    }
    assert pairs == {("ann", "bob"): (2, 4, 3), ("ann", "cy"): (2, 4, 4), ("bob", "cy"): (2, 3, 4)}
    assert found.mean == pytest.approx((4 / 7 + 4 / 8 + 4 / 7) / 3)


def test_types_are_summed_up_over_pairs():
    found = find_agreement(corpus(ANN, BOB, CY))
    assert [(row["type"], row["both"], row["spans"]) for row in rows(found, "types")] == [
        ("LOC", 2, 10),
        ("ORG", 0, 2),
        ("PER", 4, 10),
    ]
    of_pairs = [row for row in rows(found, "types_of_pairs") if row["type"] == "PER"]
    assert [(row["both"], row["in_first"], row["in_second"]) for row in of_pairs] == [
        (1, 2, 1),
        (2, 2, 2),
        (1, 1, 2),
    ]


def test_kinds_of_disagreement_are_told_for_each_pair():
    found = find_agreement(corpus(ANN, CY))
    kinds = {row["kind"]: (row["in_first"], row["in_second"]) for row in rows(found, "disagreements")}
    assert kinds == {"same": (2, 2), "other type": (1, 1), "second longer": (1, 1)}


def test_confusions_are_the_same_in_either_order():
    for order in ((ANN, BOB, CY), (CY, BOB, ANN)):
        found = find_agreement(corpus(*order))
        assert rows(found, "confusions") == [{"label": "LOC", "other": "ORG", "count": 2, "share": 1.0}]


def test_each_annotator_is_compared_with_the_majority_of_the_others():
    found = find_agreement(corpus(ANN, BOB, CY))
    by_name = {row["annotator"]: row for row in rows(found, "annotators")}
    # Of ann: what bob and cy both say, Anna Smith and EU as LOC, against her 4 spans, of which 1 is there
    assert by_name["ann"]["majority_f1"] == pytest.approx(2 * 1 / (4 + 2))
    # Of bob: Anna Smith and Bob against his 3 spans
    assert by_name["bob"]["majority_f1"] == pytest.approx(2 * 1 / (3 + 2))
    # Of cy: Anna Smith and Oslo against his 4
    assert by_name["cy"]["majority_f1"] == pytest.approx(2 * 1 / (4 + 2))
    assert [row["spans"] for row in by_name.values()] == [4, 3, 4]


def test_two_annotators_have_no_majority_of_others():
    (row, _) = rows(find_agreement(corpus(ANN, BOB)), "annotators")
    assert row == {"annotator": "ann", "sentences": 3, "missing": 0, "spans": 4}


def test_sentences_with_a_conflict_are_counted():
    found = find_agreement(corpus(ANN, BOB))
    assert (found.num_conflicts, found.num_compared) == (2, 3)
    missing = annotator("cy", "in/O Oslo/B-LOC")
    found = find_agreement(corpus(missing, annotator("d", "in/O Oslo/B-LOC", "alone/O")))
    assert (found.num_conflicts, found.num_compared) == (0, 1)
    assert found.remarks() == ["Sentences that only one annotator has, which are not compared: 1"]


def test_alpha_counts_what_is_missing_as_missing():
    # By hand: tokens x (X X) and y (X -): one pairable token with one label, which is not defined
    found = find_agreement(corpus(annotator("a", "x/B-X", "y/B-X"), annotator("b", "x/B-X")))
    assert found.alpha.value is None
    assert (
        "Krippendorff's alpha: not defined, since only one label is used or no token twice" in found.report()
    )
    # x: B-X O, z: O O of two; n = 4, O 3, B-X 1; disagreement 2; 1 - 3 * 2 / (16 - 9 - 1)
    found = find_agreement(corpus(annotator("a", "x/B-X", "y/B-X", "z/O"), annotator("b", "x/O", "z/O")))
    assert found.alpha.value == pytest.approx(0.0, abs=1e-12)


def test_plain_labels_have_accuracy_and_confusions():
    first = annotator("a", "x/N y/V", "z/N", has_spans=False)
    second = annotator("b", "x/N y/N", "z/N", has_spans=False)
    third = annotator("c", "x/N y/V", "z/V", has_spans=False)
    found = find_agreement(corpus(first, second, third))
    assert [(row["accuracy"], row["same"], row["tokens"]) for row in rows(found, "pairs")] == [
        (2 / 3, 2, 3),
        (2 / 3, 2, 3),
        (1 / 3, 1, 3),
    ]
    assert rows(found, "confusions") == [{"label": "N", "other": "V", "count": 4, "share": 1.0}]
    assert [row["majority_accuracy"] for row in rows(found, "annotators")] == [1.0, 0.5, 0.5]
    assert found.to_dict()["mean_accuracy"] == pytest.approx(5 / 9)
    assert "share of tokens with the same label, mean of 3 pairs: 55.56 %" in found.report()


def test_what_is_not_defined_is_null_and_never_nan():
    found = find_agreement(corpus(annotator("a", "x/O"), annotator("b", "x/O")))
    fields = json.loads(found.to_json(), parse_constant=pytest.fail)
    assert (fields["alpha"], fields["alpha_interval"], fields["mean_f1"]) == (None, None, None)
    (pair,) = fields["tables"]["pairs"]
    assert [
        pair[name] for name in ("f1", "low", "high", "boundaries", "kappa", "kappa_low", "kappa_marked")
    ] == [None] * 7
    assert "nan" not in found.report().lower()


def test_json_has_the_documented_keys():
    fields = json.loads(find_agreement(corpus(ANN, BOB, CY)).to_json())
    assert list(fields) == [
        *(
            "annotators",
            "labels",
            "num_sentences",
            "num_compared",
            "num_conflicts",
            "num_cut",
            "num_tokens_apart",
        ),
        *("mean_f1", "alpha", "alpha_interval", "tables"),
    ]
    assert list(fields["tables"]) == [
        *("pairs", "types", "types_of_pairs", "disagreements", "confusions", "annotators"),
    ]


def test_csv_has_a_row_for_every_figure():
    found = find_agreement(corpus(ANN, BOB))
    table = list(csv.reader(io.StringIO(found.to_csv())))
    assert table[0] == ["table", "row", "column", "value"]
    assert ["overall", "", "num_conflicts", "2"] in table
    assert ["pairs", "ann / bob", "both", "2"] in table
    assert ["alpha_interval", "", "low", str(present(found.alpha.interval).low)] in table


def test_whole_documents_can_be_drawn():
    first = annotator("a", ("1", "x/B-X"), ("1", "y/O"), ("2", "z/O"))
    second = annotator("b", ("1", "x/B-X"), ("1", "y/B-X"), ("2", "z/O"))
    found = find_agreement(corpus(first, second), Drawing(by="document"))
    assert found.drawn == "2 documents (2,000 draws)"
    with pytest.raises(DataError, match="expected sentences of documents to draw from, found none"):
        find_agreement(corpus(ANN, BOB), Drawing(by="document"))


def test_the_order_of_annotators_changes_no_figure_of_all():
    forward, backward = find_agreement(corpus(ANN, BOB, CY)), find_agreement(corpus(CY, ANN, BOB))
    assert forward.alpha.value == pytest.approx(backward.alpha.value, abs=1e-12)
    assert forward.mean == pytest.approx(backward.mean)
    assert forward.num_conflicts == backward.num_conflicts
    assert rows(forward, "types") == rows(backward, "types")


def test_hostile_names_stay_on_their_line():
    odd = annotator("bad\x1b[31m\nname", "Anna/B-PER Smith/I-PER met/O Bob/O", "in/O Oslo/B-LOC", "EU/B-LOC")
    report = find_agreement(corpus(ANN, odd)).report()
    assert "\x1b" not in report
