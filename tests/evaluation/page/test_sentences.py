"""Tests of tagger/evaluation/page/sentences.py: what is said of an error, and what stands beneath its sentence."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np

from tagger.evaluation.comparison import compare
from tagger.evaluation.page.items import ErrorItem
from tagger.evaluation.page.sentences import Line, error_in_sentence
from tagger.examples import Example
from tagger.metrics.span_arrays import SpanArrays
from tagger.schemes import LabelScheme

GOLD = [
    Example((), ()),
    Example(
        ("Anna", "Smith", "saw", "Oslo"), ("B-PER", "I-PER", "O", "B-LOC"), document="d1", origin="x.conll:7"
    ),
]


def lines(*sides, names=("predicted",)):
    return [
        ("gold", Line(sides[0], is_gold=True)),
        *((name, Line(side, is_gold=False)) for name, side in zip(names, sides, strict=True)),
    ]


def read(item, *sides, **options):
    """What is said, and for each word with something beneath it: the word, and what."""
    said, marked = ET.fromstring(f"<div>{error_in_sentence(item, lines(*sides, **options))}</div>")
    words = [
        [span[0].text, *(f"{strip.get('class')}: {strip.text or ''}" for strip in span[1:])]
        for span in marked.iter("span")
        if span.get("class") == "w"
    ]
    return "".join(said.itertext()), words


def compared(labels, **options):
    return compare(GOLD, [[], labels], LabelScheme.IOB2, LabelScheme.IOB2, **options)


def test_both_sides_are_named_and_stand_beneath_the_words():
    side = compared(["B-LOC", "O", "O", "B-LOC"], span_probabilities=[[], [0.5, 0.987]])
    said, words = read(ErrorItem(1, 0, 2, "wrong range and type", "PER", "LOC"), side)
    assert said == (
        "wrong range and type · gold: PER “Anna Smith” · predicted: LOC “Anna” 0.50 · x.conll:7 · document d1"
    )
    assert words == [
        ["Anna", "l0 on: PER", "l1 wrong: ✗ LOC 0.50"],
        ["Smith", "l0: "],
        ["Oslo", "l0: LOC", "l1 right: ✓ LOC 0.99"],
    ]


def test_probabilities_that_are_not_known_are_not_shown():
    side = compared(["O", "O", "O", "B-LOC"], span_probabilities=[[], [None]])
    said, words = read(ErrorItem(1, 0, 2, "missed", "PER", None), side)
    assert said.startswith("missed · gold: PER “Anna Smith” · predicted: none · ")
    assert words[-1] == ["Oslo", "l0: LOC", "l1 right: ✓ LOC"]


def test_two_sides_stand_beneath_one_another_with_their_names():
    first, second = compared(["O", "O", "O", "B-LOC"]), compared(["B-PER", "I-PER", "O", "O"])
    said, words = read(ErrorItem(1, 0, 2, "missed", "PER", None), first, second, names=("A", "B"))
    assert "gold: PER “Anna Smith” · A: none · B: PER “Anna Smith” · " in said
    assert words == [
        ["Anna", "l0 on: PER", "l2 right on: B ✓ PER"],
        ["Smith", "l0: ", "l2 right: "],
        ["Oslo", "l0: LOC", "l1 right: A ✓ LOC"],
    ]


def test_many_spans_are_not_all_listed():
    examples = [Example(tuple("abcdefg"), ("B-X",) * 7)]
    side = compare(examples, [["O"] * 7], LabelScheme.IOB2, LabelScheme.IOB2)
    said, _ = read(ErrorItem(0, 0, 7, "missed", "X", None), side)
    assert said == "missed · gold: X “a”, X “b”, X “c”, X “d”, 3 more · predicted: none · sentence 1"


def test_wrong_plain_labels_stand_beneath_their_words_and_right_ones_do_not():
    examples = [Example(("a", "b", "c"), ("X", "Y", "Z"))]
    side = compare(
        examples,
        [["Y", "Y", "X"]],
        LabelScheme.NONE,
        LabelScheme.NONE,
        label_probabilities=[[0.25, 1.0, None]],
    )
    said, words = read(ErrorItem(0, 0, 1, None, "X", "Y"), side)
    assert said == "gold: X “a” · predicted: Y “a” 0.25 · sentence 1"
    assert words == [["a", "l0: X", "l1 wrong: ✗ Y 0.25"], ["c", "l0: Z", "l1 wrong: ✗ X"]]


def test_of_two_sides_plain_labels_are_shown_where_either_is_wrong():
    examples = [Example(("a", "b", "c"), ("X", "Y", "Z"))]
    first, second = (
        compare(examples, [labels], LabelScheme.NONE, LabelScheme.NONE)
        for labels in (["Y", "Y", "Z"], ["X", "X", "Z"])
    )
    _, words = read(ErrorItem(0, 0, 1, None, "X", "Y"), first, second, names=("A", "B"))
    assert words == [
        ["a", "l0: X", "l1 wrong: A ✗ Y", "l2 right: B ✓ X"],
        ["b", "l0: Y", "l1 right: A ✓ Y", "l2 wrong: B ✗ X"],
    ]


def test_with_other_tokens_the_characters_of_spans_are_shown():
    same = compared(["O"] * 4)
    spans = SpanArrays(np.array([2]), np.array([9]), np.array([0]))
    side = replace(
        same,
        gold=replace(same.gold, spans=SpanArrays(np.array([0]), np.array([9]), np.array([0]))),
        predicted=replace(same.predicted, spans=spans),
        types=("PER",),
        sentence_starts=np.array([0, 0, 16]),
        token_starts=np.array([0, 4, 9, 12]),
        token_ends=np.array([4, 9, 12, 16]),
        same_tokens=False,
    )
    said, words = read(ErrorItem(1, 0, 2, "too short", "PER", "PER"), side)
    assert said.startswith("too short · gold: PER “AnnaSmith” · predicted: PER “naSmith” · ")
    assert words == [
        ["Anna", "l0 on: PER", "l1 wrong on: ✗ PER"],
        ["Smith", "l0: ", "l1 wrong: "],
    ]


def test_a_long_origin_keeps_its_end():
    examples = [Example(("a",), ("B-X",), origin="/" + "d" * 300 + "/dev.conll:12")]
    side = compare(examples, [["O"]], LabelScheme.IOB2, LabelScheme.IOB2)
    said, _ = read(ErrorItem(0, 0, 1, "missed", "X", None), side)
    assert said.endswith("ddd/dev.conll:12")
    assert len(said) < 120
