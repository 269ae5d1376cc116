import csv
import io
import json

import pytest

from tagger.evaluation.comparison import compare
from tagger.evaluation.drawing import Drawing
from tagger.evaluation.evaluation import evaluate, with_other
from tagger.evaluation.marked import marked_sentence
from tagger.evaluation.results import Column, ResultTable
from tagger.examples import Example
from tagger.schemes import LabelScheme

GOLD = [
    Example(("Anna", "Smith", "left"), ("B-PER", "I-PER", "O"), origin="dev.conll:1"),
    Example(("Oslo", "[sic]"), ("B-LOC", "O"), origin="dev.conll:5"),
]
FEW = Drawing(draws=50)


def spans(*predicted):
    return compare(GOLD, [labels.split() for labels in predicted], LabelScheme.IOB2, LabelScheme.IOB2)


def test_everything_is_in_the_json():
    found = evaluate(spans("B-PER O O", "B-LOC O"), drawing=FEW)
    fields = json.loads(found.to_json())
    assert (fields["f1"], fields["correct"], fields["gold"]) == (0.5, 1, 2)
    assert fields["interval"]["low"] <= 0.5 <= fields["interval"]["high"]
    names = (
        "types",
        "readings",
        "partial",
        "partial_types",
        "errors",
        "errors_gold_types",
        "confusion",
        "confusions",
    )
    assert {*names, "slice_length", "slice_position"} <= fields["tables"].keys()
    assert [row["f1"] for row in fields["tables"]["readings"]] == [0.5, 0.5, 0.5]
    by_class = {row["class"]: row for row in fields["tables"]["errors"]}
    assert (by_class["right"]["gold"], by_class["too short"]["predicted"]) == (1, 1)


def test_the_csv_has_a_row_for_each_figure():
    found = evaluate(spans("B-PER O O", "B-LOC O"), drawing=FEW)
    rows = list(csv.reader(io.StringIO(found.to_csv())))
    assert rows[0] == ["table", "row", "column", "value"]
    assert ["overall", "", "accuracy", "0.8"] in rows
    assert ["overall", "", "num_sentences", "2"] in rows
    assert [row[2] for row in rows if row[0] == "interval"] == ["low", "high"]
    assert ["types", "LOC", "f1", "1.0"] in rows
    assert ["errors", "too short", "gold", "1"] in rows
    assert {len(row) for row in rows} == {4}


def test_the_report_leaves_the_largest_tables_out():
    found = evaluate(spans("B-PER O O", "B-LOC O"), drawing=FEW)
    report = found.with_more(
        ResultTable("more", "More", (Column("name", "text"),), (("x",),)), remarks=["A remark."]
    ).report()
    assert report.startswith(
        "F1 50.00 %: 1 of 2 predicted spans are right, 1 of 2 gold spans are found\n95 % interval: "
    )
    assert "\nA remark.\n" in report
    assert report.endswith(
        "\nMore\nname\nx\n\nOnly in JSON, in CSV and on the HTML page: Partial overlap, by type; "
        "Confusion of types of spans: gold by row, predicted by column."
    )
    assert ("Partial overlap\n" in report, "Partial overlap, by type\n" in report) == (True, False)


def test_what_was_asked_for_comes_first_in_the_report():
    column = (Column("name", "text"),)
    asked = [ResultTable(name, name.upper(), column, (("x",),)) for name in ("difference", "threshold_for")]
    found = evaluate(spans("B-PER O O", "B-LOC O"), drawing=FEW).with_more(*asked)
    titles = [block.split("\n")[0] for block in found.report().split("\n\n")[1:]]
    assert titles[:4] == ["Spans by type", "DIFFERENCE", "THRESHOLD_FOR", "Other readings of all spans"]


def test_the_report_has_ten_thresholds_and_the_other_forms_all():
    rows = tuple((str(number),) for number in range(1, 51))
    found = evaluate(spans("B-PER O O", "B-LOC O"), drawing=FEW)
    found = found.with_more(ResultTable("thresholds", "Thresholds", (Column("step", "text"),), rows))
    shown = found.report().split("Thresholds\nstep\n")[1].split("\n\n")[0].split("\n")
    assert shown == ["1", "6", "11", "17", "22", "28", "33", "39", "44", "50"]
    assert len(found.to_dict()["tables"]["thresholds"]) == 50


def test_the_page_begins_with_every_line_that_the_report_begins_with():
    found = evaluate(spans("B-PER O O", "B-LOC O"), drawing=FEW).with_more(remarks=["A remark."])
    page = found.to_html("Title", ["A"])
    head = found.report().split("\n\n")[0].split("\n")
    assert len(head) == 4
    assert [line for line in head if f">{line}<" not in page] == []


def test_plain_labels_have_a_report_of_their_own():
    examples = [Example(("a", "b"), ("X", "Y"))]
    found = evaluate(compare(examples, [["X", "X"]], LabelScheme.NONE, LabelScheme.NONE), drawing=FEW)
    assert found.report().startswith(
        "Accuracy 50.00 % (1 of 2), in 1 sentence\n95 % interval: 50.00 to 50.00 %"
    )
    names = [table.name for table in found.tables]
    assert (names[:3], "slice_length" in names) == (["labels", "confusion", "confusions"], False)


def test_two_sides_differ_in_some_sentences():
    first, other = spans("B-PER I-PER O", "B-LOC O"), spans("B-PER O O", "B-LOC O")
    found = with_other(evaluate(first, drawing=FEW), other, names=("A", "B"), drawing=FEW)
    fields = found.to_dict()
    assert fields["differing_sentences"] == [
        {"origin": "dev.conll:1", "sentence": 0, "first": 1, "second": 0, "first_wrong": 0, "second_wrong": 1}
    ]
    assert fields["tables"]["differing"] == [
        {"where": "dev.conll:1", "side": "gold", "sentence": "[Anna Smith](PER) left"},
        {"where": "dev.conll:1", "side": "first", "sentence": "[Anna Smith](PER) left"},
        {"where": "dev.conll:1", "side": "second", "sentence": "[Anna](PER) Smith left"},
    ]
    assert "First: A; second: B\n" in found.report()
    assert "1 of 2 sentences; in 1 the first has more right, in 0 the second. 1 are shown." in found.report()


@pytest.mark.parametrize(
    ("sentence", "expected"), [(0, "[Anna Smith](PER) left"), (1, r"[Oslo](LOC) \[sic\]")]
)
def test_sentences_are_marked_with_their_spans(sentence, expected):
    made = spans("O O O", "O O")
    assert marked_sentence(made, sentence, made.gold) == expected


def test_sentences_of_plain_labels_have_a_label_after_each_word():
    made = compare([Example(("a", "b"), ("X", "Y"))], [["X", "X"]], LabelScheme.NONE, LabelScheme.NONE)
    assert marked_sentence(made, 0, made.predicted) == "a/X b/X"
