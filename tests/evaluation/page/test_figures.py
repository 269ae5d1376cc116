"""Tests of tagger/evaluation/page/figures.py: which tables get which pictures, and that both show the same figures."""

import re
import xml.etree.ElementTree as ET

import pytest

from tagger.evaluation.page.figures import figure
from tagger.evaluation.results import Column, ResultTable

SCORES = (Column("precision"), Column("recall"), Column("f1"), Column("gold", "count"))


def parsed(results):
    return ET.fromstring(f"<div>{''.join(figure(results).content)}</div>")


def cells(tree):
    return [["".join(cell.itertext()) for cell in row] for row in tree.iter("tr")]


def pictures(tree):
    return [svg.findtext("title") for svg in tree.iter("svg") if svg.get("role") == "img"]


def test_a_table_is_shown_as_people_read_it_with_its_notes():
    results = ResultTable(
        "types", "By <type>", (Column("the_type", "text"), *SCORES), (("PER", 0.5, 1.0, None, 3),), ("Note.",)
    )
    tree = parsed(results)
    assert cells(tree) == [
        ["the type", "precision", "recall", "f1", "gold"],
        ["PER", "50.00", "100.00", "", "3"],
    ]
    assert tree.findtext(".//caption") == "By <type>"
    assert pictures(tree) == []
    assert (figure(results).title, list(figure(results).explanation)) == ("By <type>", ["Note."])


def test_intervals_are_drawn_as_points_with_whiskers():
    columns = (Column("type", "text"), Column("f1"), Column("low"), Column("high"))
    tree = parsed(ResultTable("types", "T", columns, (("PER", 0.5, 0.4, 0.6), ("LOC", 0.2, None, None))))
    assert pictures(tree) == ["T: f1 with intervals"]
    assert len([*tree.iter("circle")]) == 2
    assert len([path for path in tree.iter("path") if path.get("class") == "whisker"]) == 1
    assert "f1, %" in [text.text for text in tree.iter("text")]


def test_each_figure_with_an_interval_of_its_own_has_a_picture():
    columns = (
        *(Column("type", "text"), Column("f1"), Column("f1_low"), Column("f1_high")),
        *(Column("gain", "number"), Column("gain_low", "number"), Column("gain_high", "number")),
    )
    tree = parsed(ResultTable("types", "T", columns, (("PER", 0.5, 0.4, 0.6, 1, 0, 2),)))
    assert pictures(tree) == ["T: f1 with intervals", "T: gain with intervals"]


def test_intervals_that_are_of_no_figure_are_not_drawn():
    columns: tuple[Column, ...]
    for columns in (
        (Column("type", "text"), Column("low"), Column("high")),
        (Column("type", "text"), Column("f1"), Column("low")),
        (Column("type", "text"), Column("f1"), Column("x_low"), Column("x_high")),
    ):
        row: tuple[str | float, ...] = ("PER", *[0.5] * (len(columns) - 1))
        assert pictures(parsed(ResultTable("types", "T", columns, (row,)))) == []
    # here the interval is of precision or of recall, whichever was the target
    columns = (Column("type", "text"), Column("precision"), Column("recall"), Column("low"), Column("high"))
    results = ResultTable("threshold_for", "T", columns, (("PER", 0.9, 0.5, 0.8, 0.95),))
    assert pictures(parsed(results)) == []


def test_slices_have_bars_of_the_f1_or_the_accuracy():
    results = ResultTable(
        "slice_length", "T", (Column("length", "text"), *SCORES), (("1", 0.9, 0.9, 0.5, 3),)
    )
    tree = parsed(results)
    assert cells(tree) == [
        ["length", "", "precision", "recall", "f1", "gold"],
        ["1", "", "90.00", "90.00", "50.00", "3"],
    ]
    assert [rect.get("width") for rect in tree.iter("rect")] == ["90", "45"]
    columns = (Column("value", "text"), Column("accuracy"), Column("tokens", "count"))
    tree = parsed(ResultTable("slice_case", "T", columns, (("a", 1.0, 3), ("b", None, 0))))
    assert [rect.get("width") for rect in tree.iter("rect")] == ["90", "90", "90", "0"]


def test_reliability_is_drawn_against_the_diagonal_a_curve_for_each_kind_of_bins():
    columns = (
        *(Column("bins", "text"), Column("bin", "text"), Column("count", "count")),
        *(Column("mean_probability"), Column("right")),
    )
    rows = tuple(
        (kind, str(b), 5, 0.2 + b / 4, 0.1 + b / 4)
        for kind in ("equal width", "equal mass")
        for b in range(3)
    )
    tree = parsed(ResultTable("reliability_of_spans", "R", columns, rows))
    assert pictures(tree) == ["R: share of right predictions over their probability"]
    lines = [path for path in tree.iter("path") if "M0 6" not in path.get("d")]
    assert [len(re.findall("[ML]", path.get("d"))) for path in lines] == [3, 3]
    assert len([*tree.iter("circle")]) == 6
    assert [key[0].tail for key in tree.iter("span")] == ["equal width", "equal mass"]
    assert "diagonal" in [line.get("class") for line in tree.iter("line")]
    assert len(cells(tree)) == 7


def test_bins_without_a_repeated_name_are_one_curve():
    columns = (Column("bin", "text"), Column("mean_probability"), Column("right"))
    tree = parsed(ResultTable("reliability_tokens", "R", columns, (("0–.5", 0.2, 0.3), (".5–1", 0.8, 0.9))))
    assert [len(re.findall("[ML]", path.get("d"))) for path in tree.iter("path")] == [2]
    assert pictures(parsed(ResultTable("reliability_tokens", "R", columns, ()))) == []


THRESHOLDS = (
    *(Column("type", "text"), Column("step", "text"), Column("threshold", "number")),
    *(Column("precision"), Column("recall"), Column("f1")),
)


def test_precision_and_recall_are_drawn_over_the_threshold():
    rows = tuple(("all", str(n), n / 20, 0.5, 0.5, 0.5) for n in range(20))
    tree = parsed(ResultTable("thresholds", "T", THRESHOLDS, rows))
    assert pictures(tree) == ["T: precision, recall, F1 over the threshold"]
    assert tree.findtext(".//details/summary") == "The figures"  # many rows, and the picture shows the same
    assert len([*tree.iter("tr")]) == 21


def test_types_are_drawn_as_precision_over_recall_at_most_seven():
    rows = tuple((f"T{kind}", str(n), n / 3, 0.5, n / 3, 0.5) for kind in range(9) for n in range(3))
    results = ResultTable("thresholds_by_type", "T", THRESHOLDS, rows)
    assert figure(results).explanation[0].startswith("A curve for each type: ")
    tree = parsed(results)
    assert pictures(tree) == ["T: precision over recall, by type"]
    assert [key[0].tail for key in tree.iter("span")] == [f"T{kind}" for kind in range(7)]
    assert tree.findtext("p[@class='note']") == "Drawn: the first 7 of 9."


def test_a_confusion_has_shades_by_row_and_a_frame_where_both_are_the_same():
    columns = (
        Column("gold", "text"),
        Column("B_C", "count"),
        Column("LOC", "count"),
        Column("(none)", "count"),
    )
    rows = (("B_C", 75, 0, 25), ("LOC", 1, 99, 0), ("(none)", 1, 0, 0))
    tree = parsed(ResultTable("confusion", "C", columns, rows))
    assert cells(tree) == [
        ["gold", "B_C", "LOC", "(none)"], ["B_C", "75", "", "25"], ["LOC", "1", "99", ""], ["(none)", "1", "", ""]
    ]  # fmt: skip
    # the square roots of .75, .25, .01 and .99, in eighths
    styles = [[cell.get("class") for cell in row[1:]] for row in tree.findall(".//tbody/tr")]
    assert styles == [["s7 chosen", "s0", "s4"], ["s1", "s8 chosen", "s0"], ["s8", "s0", "s0"]]
    assert cells(parsed(ResultTable("confusion", "C", columns, ()))) == [["gold", "B_C", "LOC", "(none)"]]


def test_large_tables_are_cut_and_say_so():
    columns = (Column("type", "text"), *(Column(f"c{n}", "count") for n in range(99)))
    rows = tuple((f"T{n}", *range(99)) for n in range(1000))
    for name in ("types", "confusion"):
        tree = parsed(ResultTable(name, "T", columns, rows))
        found = cells(tree)
        assert (len(found), {len(row) for row in found}) == (201, {30})
        assert tree.findtext("p[@class='note']") == (
            "Shown: the first 200 of 1,000 rows and the first 30 of 100 columns. The figures in JSON and CSV have all "
            "of them."
        )


@pytest.mark.parametrize(
    "name", ["types", "slice_x", "reliability_x", "thresholds", "confusion", "threshold_for"]
)
def test_tables_without_rows_or_without_the_columns_expected_are_tables_all_the_same(name):
    assert cells(parsed(ResultTable(name, "T", (Column("a", "text"), Column("b")), ()))) == [["a", "b"]]
    assert (
        cells(parsed(ResultTable(name, "T", (Column("a", "text"), Column("b")), (("x", 0.5),))))[1][0] == "x"
    )


def test_hostile_texts_do_nothing():
    hostile = "</td><script>\u202e" * 20
    columns = (Column(hostile, "text"), Column(f"{hostile}_"), Column("low"), Column("high"))
    tree = parsed(ResultTable("types", hostile, columns, ((hostile, 0.5, 0.4, 0.6),), (hostile,)))
    assert not [*tree.iter("script")]
    assert len(cells(tree)[1][0]) <= 80
