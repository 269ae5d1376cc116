import logging
from typing import Any

import pytest
from formats.annotated_corpus import CORPUS
from hypothesis import given
from hypothesis import strategies as st

from tagger.errors import FormatError
from tagger.formats import CharacterSpan, Losses
from tagger.formats.claims import Claim, ClaimChecker

SKIPPING = "To skip and list bad data: skip_bad=True"
OTHER_UNIT = "If the offsets count something else, say so: offsets."
WIDTHS = {"codepoint": ("utf-32-le", 4), "utf16": ("utf-16-le", 2), "byte": ("utf-8", 1)}


def offset(text, place, unit):
    encoding, width = WIDTHS[unit]
    return len(text[:place].encode(encoding)) // width


def claims(case, unit, *, mentions=True):
    return [
        Claim(
            [tuple(offset(case.text, place, unit) for place in range) for range in ranges],
            label,
            " ".join(case.text[start:end] for start, end in ranges) if mentions else None,
        )
        for ranges, label in case.spans
    ]


def expected(case):
    return tuple(
        CharacterSpan(ranges[0][0], ranges[-1][1], label, ranges if len(ranges) > 1 else ())
        for ranges, label in case.spans
    )


def check(text, *wanted, offsets="auto", usual="codepoint", skip_bad=False):
    losses = Losses(skip_bad=skip_bad)
    return ClaimChecker("x", offsets, usual, losses).spans(text, wanted, "x:1"), losses


@pytest.mark.parametrize("unit", WIDTHS)
@pytest.mark.parametrize("usual", WIDTHS)
def test_the_unit_is_found_from_mentions_whatever_is_usual(unit, usual, caplog):
    caplog.set_level(logging.INFO, logger="tagger")
    checker = ClaimChecker("x", "auto", usual, Losses())
    for case in CORPUS:
        assert checker.spans(case.text, claims(case, unit), "x:1") == expected(case)
    names = {"codepoint": "code points", "utf16": "UTF-16 units", "byte": "UTF-8 bytes"}
    told = [
        f"x: offsets count {names[unit]}, detected from the texts of the spans (offsets={unit!r} sets it)"
    ]
    assert caplog.messages == ([] if unit == usual else told)


@pytest.mark.parametrize("unit", WIDTHS)
def test_without_mentions_offsets_count_what_is_said_or_usual(unit):
    pairs: tuple[tuple[Any, Any], ...] = ((unit, "codepoint"), ("auto", unit))
    for offsets, usual in pairs:
        checker = ClaimChecker("x", offsets, usual, Losses())
        for case in CORPUS:
            assert checker.spans(case.text, claims(case, unit, mentions=False), "x:1") == expected(case)


def test_a_unit_that_is_said_is_not_doubted():
    (case,) = [case for case in CORPUS if case.text.startswith("😀 ") and case.spans][:1]
    with pytest.raises(FormatError):
        ClaimChecker("x", "codepoint", "codepoint", Losses()).spans(case.text, claims(case, "utf16"), "x:1")


def test_a_unit_once_found_stays():
    checker = ClaimChecker("x", "auto", "codepoint", Losses())
    assert checker.spans("😀 Oslo", [Claim([(3, 7)], "LOC", "Oslo")], "x:1") == (CharacterSpan(2, 6, "LOC"),)
    assert checker.spans("😀 Oslo", [Claim([(3, 7)], "LOC")], "x:2") == (CharacterSpan(2, 6, "LOC"),)
    with pytest.raises(FormatError, match="something else than UTF-16 units"):
        checker.spans("😀 Oslo", [Claim([(2, 6)], "LOC", "Oslo")], "x:3")


def test_a_text_in_which_several_units_fit_does_not_decide_for_the_next():
    checker = ClaimChecker("x", "auto", "codepoint", Losses())
    # 6-8 is "ab" in UTF-16 units, and another "ab" in bytes.
    assert checker.spans("😀..abab", [Claim([(6, 8)], "X", "ab")], "x:1") == (CharacterSpan(5, 7, "X"),)
    text = "😀é Oslo"
    assert checker.spans(text, [Claim([(7, 11)], "LOC", "Oslo")], "x:2") == (CharacterSpan(3, 7, "LOC"),)


def test_a_mention_may_differ_in_white_space_alone():
    spans, losses = check("New\r\n York", Claim([(0, 10)], " LOC\t", "New York"))
    assert spans == (CharacterSpan(0, 10, "LOC"),)
    assert len(losses) == 0


def test_fragments_are_put_in_order_and_probabilities_kept():
    spans, _ = check("left and right lung", Claim([(15, 19), (0, 4)], "X", "left lung", 0.5))
    assert spans == (CharacterSpan(0, 19, "X", ((0, 4), (15, 19)), 0.5),)


@pytest.mark.parametrize(
    ("claim", "kind", "message"),
    [
        (
            Claim([(0, 9)], "LOC"),
            "spans that are not ranges of their text",
            f"x:1: expected 0 <= start < end <= 6 for the LOC, counted in code points, found 0-9. {OTHER_UNIT}",
        ),
        (
            Claim([(-1, 2)], "LOC"),
            "spans that are not ranges of their text",
            f"x:1: expected 0 <= start < end <= 6 for the LOC, counted in code points, found -1-2. {OTHER_UNIT}",
        ),
        (
            Claim([(3, 3)], "LOC"),
            "spans that are not ranges of their text",
            f"x:1: expected 0 <= start < end <= 6 for the LOC, counted in code points, found 3-3. {OTHER_UNIT}",
        ),
        (
            Claim([(4, 2)], "LOC", where="x:1: item 7"),
            "spans that are not ranges of their text",
            f"x:1: item 7: expected 0 <= start < end <= 6 for the LOC, counted in code points, found 4-2. {OTHER_UNIT}",
        ),
        (
            Claim([(True, 2)], "LOC"),
            "spans whose offsets are not whole numbers",
            "x:1: expected whole numbers as start and end of the LOC, found the truth value true and the number 2.",
        ),
        (
            Claim([("0", 2.0)], "LOC"),
            "spans whose offsets are not whole numbers",
            'x:1: expected whole numbers as start and end of the LOC, found the string "0" and the number 2.0.',
        ),
        (
            Claim([(0, 2)], None),
            "spans without a label",
            "x:1: expected a label for the span 0-2, found nothing.",
        ),
        (
            Claim([(0, 2)], ["LOC"]),
            "spans without a label",
            'x:1: expected a label for the span 0-2, found the list ["LOC"].',
        ),
        (
            Claim([(0, 3), (2, 5)], "X"),
            "spans whose fragments overlap",
            "x:1: expected fragments of the X that do not overlap, found [(0, 3), (2, 5)].",
        ),
        (
            Claim([(1, 5)], "LOC", "Oslo"),
            "spans whose text differs",
            "x:1: expected 'Oslo' at 1-5, as the LOC there says, found ' Osl'. If the offsets count something else "
            "than code points, say so: offsets.",
        ),
        (
            Claim([], "LOC"),
            "spans without a range",
            "x:1: expected start and end of the LOC, found none.",
        ),
        *(
            (
                Claim([(2, 6)], "LOC", probability=probability),
                "spans with an invalid probability",
                f"x:1: expected a number from 0 to 1 as the probability of the LOC, found {found}.",
            )
            for probability, found in (
                (7, "the number 7"),
                (1.5, "the number 1.5"),
                (-0.1, "the number -0.1"),
                (float("nan"), "the number NaN"),
                (True, "the truth value true"),
                ("high", 'the string "high"'),
                ([0.5], "the list [0.5]"),
            )
        ),
    ],
)
def test_what_is_wrong_is_an_error_that_can_be_skipped(claim, kind, message):
    text = "é Oslo"
    with pytest.raises(FormatError) as caught:
        check(text, claim)
    assert str(caught.value) == f"{message} {SKIPPING}"
    good = Claim([(2, 6)], "LOC")
    spans, losses = check(text, good, claim, good, skip_bad=True)
    assert spans == (CharacterSpan(2, 6, "LOC"),) * 2
    assert losses.to_list() == [
        {"kind": f"{kind}, left out as bad", "count": 1, "places": [message.removesuffix(".")]}
    ]


def test_a_wrong_fragment_is_no_obstacle_to_finding_the_unit():
    text = "😀 left lung, Oslo"
    wrong = Claim([(99, 100), (3, 7)], "X", "left lung")
    checker = ClaimChecker("x", "auto", "codepoint", Losses(skip_bad=True))
    assert checker.spans(text, [wrong, Claim([(2, 6)], "X", "left")], "x:1") == (CharacterSpan(2, 6, "X"),)


def test_a_mention_elsewhere_is_told_with_the_offsets_of_the_file():
    with pytest.raises(FormatError) as caught:
        check("😀 Oslo", Claim([(2, 6)], "LOC", "Oslo"), offsets="utf16")
    assert str(caught.value).startswith("x:1: expected 'Oslo' at 2-6, as the LOC there says, found ' Osl'.")


def test_an_offset_within_a_character_is_no_range():
    with pytest.raises(FormatError) as caught:
        check("😀 Oslo", Claim([(1, 7)], "LOC"), offsets="utf16")
    assert str(caught.value).startswith(
        "x:1: expected 0 <= start < end <= 7 for the LOC, counted in UTF-16 units, found 1-7."
    )


@given(
    st.text(max_size=12),
    st.lists(st.tuples(st.integers(-2, 15) | st.none() | st.booleans(), st.integers(-2, 15)), max_size=3),
    st.text(max_size=3) | st.none(),
)
def test_whatever_is_claimed_spans_are_ranges_of_their_text(text, ranges, mention):
    spans, losses = check(text, Claim(ranges, "X", mention), skip_bad=True)
    assert len(spans) + len(losses) == 1
    for span in spans:
        assert 0 <= span.start < span.end <= len(text)
        if mention is not None:
            assert " ".join(text[start:end] for start, end in span.ranges).split() == mention.split()


def test_spans_whose_unit_nothing_tells_are_counted_where_files_differ():
    text, losses = "\U0001f600 in Oslo", Losses()
    checker = ClaimChecker("x", "auto", "codepoint", losses, is_certain=False)
    checker.spans(text, [Claim([(5, 9)], "LOC"), Claim([(0, 1)], "X")], "x:1")
    assert list(losses.lines()) == [
        "spans after a character beyond U+FFFF, taken to count code points, unchecked (offsets says otherwise): 1; the "
        "first: x:1: 5-9"
    ]
    for changes in ({"is_certain": True}, {"offsets": "codepoint"}):
        settings: dict[str, Any] = {"offsets": "auto", "is_certain": False, **changes}
        losses = Losses()
        checker = ClaimChecker(
            "x", settings["offsets"], "codepoint", losses, is_certain=settings["is_certain"]
        )
        checker.spans(text, [Claim([(5, 9)], "LOC")], "x:1")
        assert len(losses) == 0
    losses = Losses()
    ClaimChecker("x", "auto", "codepoint", losses, is_certain=False).spans(
        text, [Claim([(5, 9)], "LOC", "Oslo")], "x:1"
    )
    assert len(losses) == 0


@pytest.mark.parametrize("probability", [None, 0, 1, 0.25, 1e-9])
def test_probabilities_are_numbers_from_0_to_1(probability):
    spans, losses = check("Oslo", Claim([(0, 4)], "LOC", probability=probability))
    assert spans == (CharacterSpan(0, 4, "LOC", (), probability),)
    assert type(spans[0].probability) in (float, type(None))
    assert len(losses) == 0
