"""Tests of tagger/evaluation/page/page.py and browser.py: a whole page, what it needs, and what it must not hold."""

import html.parser
import itertools
import re
import xml.etree.ElementTree as ET

import pytest
from present import present

from tagger.evaluation.comparison import compare
from tagger.evaluation.page import ErrorItem, EvaluatedSide, evaluation_page, label_items
from tagger.evaluation.results import Column, ResultTable
from tagger.examples import Example
from tagger.schemes import LabelScheme

TABLES = [
    ResultTable("types", "By type", (Column("type", "text"), Column("f1")), (("PER", 0.5),)),
    ResultTable("slice_length", "By length", (Column("value", "text"), Column("f1")), (("1", 0.5),)),
    ResultTable("worst_documents", "The worst", (Column("document", "text"), Column("f1")), (("d", 0.5),)),
    ResultTable("calibration", "Probabilities", (Column("of", "text"), Column("ece")), (("tokens", 0.5),)),
    ResultTable("errors", "Errors", (Column("class", "text"), Column("gold", "count")), (("right", 1),)),
]


def examples(count=4):
    return [
        Example(("Anna", "saw", "Oslo"), ("B-PER", "O", "B-LOC"), f"d{number}", f"dev.conll:{4 * number + 1}")
        for number in range(count)
    ]


def side(name="A model", count=4, labels=("B-LOC", "O", "O"), items=None):
    compared = compare(examples(count), [labels] * count, LabelScheme.IOB2, LabelScheme.IOB2)
    if items is None:
        items = [
            item
            for number in range(count)
            for item in (
                ErrorItem(number, 0, 1, "wrong type", "PER", "LOC"),
                ErrorItem(number, 2, 3, "missed", "LOC", None),
            )
        ]
    return EvaluatedSide(name, compared, items)


def label_side(gold, predicted, name="A"):
    sentences = [Example(tuple("w" for _ in row), tuple(row)) for row in gold]
    compared = compare(sentences, predicted, LabelScheme.NONE, LabelScheme.NONE)
    return EvaluatedSide(name, compared, label_items(compared))


def parsed(page):
    """The page as XML: what is not well-formed, or not escaped, cannot be read."""
    return ET.fromstring(page.removeprefix("<!doctype html>\n"))


def text_of(element):
    return " ".join("".join(element.itertext()).split())


def section(page, name):
    (found,) = [one for one in parsed(page).iter("section") if one.get("id") == name]
    return found


def options(page):
    """The filters by their legends: text of each option."""
    return {
        fieldset.findtext("legend"): [text_of(label) for label in fieldset.iter("label")]
        for fieldset in parsed(page).iter("fieldset")
    }


def shown(page, *styles):
    """What is said of each error that has all of some classes: what the filters leave."""
    return [
        text_of(article[0])
        for article in parsed(page).iter("article")
        if set(styles) <= set(article.get("class").split())
    ]


class Structure(html.parser.HTMLParser):
    """Reads a page as browsers do, and checks that every element is closed where it should be."""

    VOID = frozenset({"meta", "br", "path", "line", "rect", "circle", "input"})

    def __init__(self, page):
        super().__init__()
        self.open, self.ids, self.labels, self.inputs, self.tags = [], [], [], [], set()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.add(tag)
        self.ids += [found["id"]] if "id" in found else []
        self.labels += [found["for"]] if tag == "label" else []
        self.inputs += [found["id"]] if tag == "input" else []
        assert not [name for name in found if name.startswith("on") or name in ("src", "srcset", "action")]
        assert found.get("href", "#").startswith("#")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in self.VOID
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def check_structure(page):
    found = Structure(page)
    assert found.open == []
    assert len(found.ids) == len(set(found.ids))
    assert sorted(found.labels) == sorted(found.inputs)
    assert not found.tags & {"script", "link", "iframe", "object", "embed", "img", "form", "base"}
    assert not re.search(r"https?:|@import|url\(|javascript:", page)
    assert len(page.encode()) < 2_000_000


def test_a_page_is_well_formed_and_needs_nothing_else():
    page = evaluation_page(
        "An evaluation", {"Gold": "dev.conll"}, TABLES, [side(), side("B", labels=("O",) * 3)]
    )
    check_structure(page)
    assert "default-src 'none'; style-src 'unsafe-inline'" in page.replace("&#x27;", "'")
    assert text_of(parsed(page).find("body/main/h1")) == "An evaluation"
    assert text_of(parsed(page).find(".//table")) == "What was evaluatedGolddev.conll"


def test_tables_stand_in_the_section_that_their_names_tell():
    page = evaluation_page("T", {}, TABLES, [side()])
    headings = {
        one.get("id"): [heading.text for heading in one.iter("h3")] for one in parsed(page).iter("section")
    }
    assert headings == {
        "scores": ["By type"],
        "slices": ["By length", "The worst"],
        "probabilities": ["Probabilities"],
        "errors": ["Errors"],
        "sentences": [],
    }
    assert [link.get("href") for link in parsed(page).iter("a")] == [f"#{name}" for name in headings]


def test_errors_are_grouped_by_class_the_largest_first_and_can_be_filtered():
    items = [
        ErrorItem(0, 0, 1, "wrong type", "PER", "LOC"),
        ErrorItem(0, 2, 3, "missed", "LOC", None),
        ErrorItem(1, 2, 3, "missed", "LOC", None),
    ]
    page = evaluation_page("T", {}, [], [side(items=items)])
    assert [text_of(summary) for summary in parsed(page).iter("summary")] == ["missed: 2", "wrong type: 1"]
    assert options(page) == {
        "Class of the error": ["all", "missed 2", "wrong type 1"],
        "Gold type": ["all", "LOC 2", "PER 1"],
        "Predicted type": ["all", "(none) 2", "LOC 1"],
    }
    assert shown(page) == [
        "missed · gold: LOC “Oslo” · predicted: none · dev.conll:1 · document d0",
        "missed · gold: LOC “Oslo” · predicted: none · dev.conll:5 · document d1",
        "wrong type · gold: PER “Anna” · predicted: LOC “Anna” · dev.conll:1 · document d0",
    ]
    assert len(shown(page, "class1")) == len(shown(page, "gold1")) == len(shown(page, "predicted1")) == 1
    assert shown(page, "class0", "predicted1") == []
    groups = [set(group.get("class").split()) for group in parsed(page).iter("details")]
    assert groups == [{"item", "class0", "gold0", "predicted0"}, {"item", "class1", "gold1", "predicted1"}]


def test_every_filter_has_a_rule_in_the_style_sheet():
    page = evaluation_page("T", {}, [], [side()])
    rules = re.findall(r"\.filtered:has\(#(\w+):checked\) \.item:not\(\.(\w+)\)", page)
    ids = [button.get("id") for button in parsed(page).iter("input")]
    assert rules == [(name, name) for name in ids if not name.endswith("-all")]


def test_where_all_errors_are_alike_there_is_nothing_to_choose():
    page = evaluation_page("T", {}, [], [side(items=[ErrorItem(0, 0, 1, "wrong type", "PER", "LOC")])])
    assert options(page) == {}
    assert 'class="number"' not in page
    assert 'class="number"' in evaluation_page("T", {}, [], [side()])


def test_of_two_sides_it_is_said_which_is_right_and_where_both_are_wrong_once():
    first = side("first", count=3, items=[ErrorItem(n, 0, 1, "wrong type", "PER", "LOC") for n in range(3)])
    compared = compare(
        examples(3),
        [["B-PER", "O", "B-LOC"], ["O", "O", "B-LOC"], ["B-PER", "O", "B-PER"]],
        LabelScheme.IOB2,
        LabelScheme.IOB2,
    )
    theirs = [ErrorItem(1, 0, 1, "missed", "PER", None), ErrorItem(2, 2, 3, "wrong type", "LOC", "PER")]
    page = evaluation_page("T", {}, [], [first, EvaluatedSide("second", compared, theirs)])
    # the first side misses Oslo everywhere, so it is not right there either
    assert options(page)["Which side is right"] == ["all", "only A right 0", "only B right 2", "both wrong 1"]
    assert shown(page, "outcome2") == [
        "wrong type · gold: PER “Anna” · A: LOC “Anna” · B: none · dev.conll:5 · document d1"
    ]
    assert "A: first" in text_of(section(page, "sentences"))
    assert "B: second" in text_of(section(page, "sentences"))


def test_wrong_plain_labels_are_grouped_by_both_labels():
    page = evaluation_page("T", {}, [], [label_side(["XYX", "X"], ["YYY", "Z"])])
    check_structure(page)
    assert [text_of(summary) for summary in parsed(page).iter("summary")] == [
        "X, predicted as Y: 2",
        "X, predicted as Z: 1",
    ]
    # all errors are of one gold label: there is nothing to choose
    assert options(page) == {"Predicted label": ["all", "Y 2", "Z 1"]}


def test_rare_classes_and_labels_are_summed_up():
    gold = [["X"] * 50]
    predicted = [[f"L{number:02}" for number in range(50)]]
    page = evaluation_page("T", {}, [], [label_side(gold, predicted)])
    assert [*options(page)["Predicted label"]][-2:] == ["L19 1", "all others 30"]
    assert [text_of(summary) for summary in parsed(page).iter("summary")][-1] == "all others: 20"
    assert len(shown(page)) == 50


@pytest.mark.slow
def test_many_errors_are_a_fair_sample_below_two_megabytes():
    count = 25_000
    tables = [
        ResultTable(f"slice_{n}", f"T{n}", (Column("value", "text"), *(Column(f"c{c}") for c in range(40))),
                    tuple((f"{row}", *[0.5] * 40) for row in range(300))) for n in range(20)
    ]  # fmt: skip
    made = side(count=count)
    made.errors.append(ErrorItem(77, 0, 1, "spurious", None, "LOC"))
    page = evaluation_page("T", {}, tables, [made])
    check_structure(page)
    note = section(page, "sentences").findtext("p[@class='note']")
    shown_count = len(shown(page))
    assert note.startswith(f"{shown_count:,} of 50,001 errors are shown: ")
    assert shown_count > 500
    assert len(shown(page, "class2")) == 1
    assert abs(len(shown(page, "class0")) - len(shown(page, "class1"))) <= 1
    lines = [int(present(re.search(r"dev\.conll:(\d+)", said))[1]) for said in shown(page, "class0")]
    assert lines == sorted(lines)
    assert max(right - left for left, right in itertools.pairwise(lines)) < 3 * 4 * count / len(lines)
    left_out = section(page, "slices").findtext("p[@class='note']")
    assert re.match(
        r"Not on this page, for want of room, but in the figures in JSON and CSV: T\d+; ", left_out
    )


def test_a_page_is_the_same_each_time():
    sides = [side(count=50), side("B", count=50, labels=("B-PER", "O", "O"))]
    assert evaluation_page("T", {"a": "b"}, TABLES, sides) == evaluation_page("T", {"a": "b"}, TABLES, sides)


def test_no_error_is_said():
    right = side(labels=("B-PER", "O", "B-LOC"), items=[])
    for sides in ([right], [right, right]):
        page = evaluation_page("T", {}, [], sides)
        check_structure(page)
        assert text_of(section(page, "sentences")) == "Errors in their sentencesThere are no errors."


def test_nothing_at_all_is_a_page():
    page = evaluation_page("T", {}, [])
    check_structure(page)
    assert [*parsed(page).iter("section")] == []
    empty = EvaluatedSide("A", compare([], [], LabelScheme.IOB2, LabelScheme.IOB2), [])
    check_structure(evaluation_page("T", {}, [], [empty]))
    nothing_predicted = side(labels=("O", "O", "O"), items=[ErrorItem(0, 0, 1, "missed", "PER", None)])
    assert len(shown(evaluation_page("T", {}, [], [nothing_predicted]))) == 1


def test_hostile_texts_are_shown_and_do_nothing():
    hostile = (
        "</style></script><script>alert(1)</script><img src=x onerror=alert(1)>\"'\x00\x1b\ud800\u202e\u2066"
    )
    sentences = [
        Example((hostile, "\u202eabc", "x" * 100_000), (f"B-{hostile}", "O", "O"), hostile, hostile)
        for _ in range(3)
    ]
    compared = compare(sentences, [["O", "O", f"B-{hostile}"]] * 3, LabelScheme.IOB2, LabelScheme.IOB2)
    errors = [ErrorItem(n, 0, 3, hostile, hostile, hostile) for n in range(3)]
    table = ResultTable(
        "types", hostile, (Column(hostile, "text"), Column(hostile)), ((hostile, 0.5),), (hostile,)
    )
    page = evaluation_page(
        hostile, {hostile: hostile}, [table], [EvaluatedSide(hostile, compared, errors)] * 2
    )
    page.encode("utf-8")
    check_structure(page)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00\x1b]", page)
    assert page.count("</style>") == 1
    assert len(page) < 100_000


def test_sides_over_other_sentences_or_too_many_are_refused():
    with pytest.raises(ValueError, match=r"^expected two sides over the same sentences, found 4 and 5$"):
        evaluation_page("T", {}, [], [side(), side(count=5)])
    with pytest.raises(ValueError, match=r"^expected at most two sides, found 3$"):
        evaluation_page("T", {}, [], [side()] * 3)
