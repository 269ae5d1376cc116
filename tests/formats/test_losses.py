import json
import logging

import pytest

from tagger.errors import FormatError
from tagger.formats.losses import LISTED, Losses


def test_what_is_left_out_is_counted_by_kind_and_the_first_is_shown():
    losses = Losses()
    losses.add("relations, not read", "x:1", times=3)
    losses.add("notes, not read", "x:2: 'why'")
    losses.add("relations, not read", "x:3")
    assert len(losses) == 5
    assert losses.count("relations, not read") == 4
    assert losses.count("nothing of this kind") == 0
    assert list(losses.lines()) == [
        "relations, not read: 4; the first: x:1",
        "notes, not read: 1; the first: x:2: 'why'",
    ]
    assert losses.to_list() == [
        {"kind": "relations, not read", "count": 4, "places": ["x:1", "x:3"]},
        {"kind": "notes, not read", "count": 1, "places": ["x:2: 'why'"]},
    ]
    assert json.loads(json.dumps(losses.to_list())) == losses.to_list()


@pytest.mark.parametrize("end", ["", ".", "?"])
def test_what_is_bad_is_an_error_that_says_how_to_go_on(end):
    with pytest.raises(FormatError) as caught:
        Losses().bad("spans past the end", f"x:1: expected 4, found 9{end}")
    said = f"x:1: expected 4, found 9{end or '.'}"
    assert str(caught.value) == f"{said} To skip and list bad data: skip_bad=True"


def test_what_is_bad_is_counted_where_it_is_to_be_skipped():
    losses = Losses(skip_bad=True)
    losses.bad("spans past the end", "x:1: expected 4, found 9")
    assert list(losses.lines()) == [
        "spans past the end, left out as bad: 1",
        "  x:1: expected 4, found 9",
    ]


def test_places_beyond_a_number_are_counted_and_take_no_memory():
    losses = Losses()
    for number in range(LISTED + 5):
        losses.add("notes, not read", str(number))
    (entry,) = losses.to_list()
    assert entry["count"] == LISTED + 5
    assert entry["places"] == [str(number) for number in range(LISTED)]


def test_each_kind_is_a_warning(caplog):
    losses = Losses()
    losses.add("relations, not read", "x:1")
    losses.add("notes, not read", "x:2")
    losses.log("x")
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [
        (logging.WARNING, "x: relations, not read: 1; the first: x:1"),
        (logging.WARNING, "x: notes, not read: 1; the first: x:2"),
    ]


def test_what_is_bad_is_shown_one_by_one_up_to_fifty():
    losses = Losses(skip_bad=True)
    for number in range(53):
        losses.bad("spans past the end", f"x:{number}: expected 4, found 9")
    lines = list(losses.lines())
    assert lines[0] == "spans past the end, left out as bad: 53"
    assert lines[1:51] == [f"  x:{number}: expected 4, found 9" for number in range(50)]
    assert lines[51:] == ["  and 3 more"]


def test_what_was_counted_since_then_is_told_apart():
    losses = Losses()
    losses.add("notes, not read", "x:1")
    before = losses.counts()
    assert list(losses.since(before)) == []
    losses.add("notes, not read", "y:1", times=2)
    losses.add("relations, not read", "y:2")
    assert list(losses.since(before)) == [
        "notes, not read: 2; the first: y:1",
        "relations, not read: 1; the first: y:2",
    ]


def test_what_others_counted_is_counted_too():
    losses, others = Losses(skip_bad=True), Losses(skip_bad=True)
    losses.add("things, left out", "a:1")
    others.add("things, left out", "b:1", times=2)
    others.add_bad("spans past the end", "b:2")
    losses.update(others)
    assert list(losses.lines()) == [
        "things, left out: 3; the first: a:1",
        "spans past the end, left out as bad: 1",
        "  b:2",
    ]
