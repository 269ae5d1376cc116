import random

import pytest
from formats.annotated_corpus import CORPUS
from hypothesis import given
from hypothesis import strategies as st

from tagger.formats import CharacterSpan
from tagger.formats.tools.copies import carry_over

WORDS = st.lists(st.sampled_from(["a", "b", "Oslo", "oslo", "É", "e\u0301", ".", "x-y"]), max_size=12)


def document(cases):
    """The texts of some cases one after another, and their continuous spans."""
    text, spans = "", []
    for case in cases:
        for ranges, label in case.spans:
            if len(ranges) == 1:
                (start, end), *_ = ranges
                spans.append(CharacterSpan(len(text) + start, len(text) + end, label))
        text += case.text + " ; "
    return text, spans


def edited(text, spans, rng, rate):
    """A copy with words left out, added and exchanged outside of spans, and where the spans are in it."""
    taken = {place for span in spans for place in range(span.start - 1, span.end + 1)}
    copy, places, place = "", {}, 0
    while place < len(text):
        places[place] = len(copy)
        after = place + 1
        if place not in taken and text[place].isalpha():
            while after < len(text) and text[after].isalpha() and after not in taken:
                after += 1
            word = text[place:after]
            for inner in range(place, after):
                places.setdefault(inner, len(copy))
            if rng.random() < rate:
                word = rng.choice(["", "other words", f"{word} {word}", word.upper()])
            copy += word
        else:
            copy += text[place]
        place = after
    places[len(text)] = len(copy)
    moved = [CharacterSpan(places[span.start], places[span.end - 1] + 1, span.label) for span in spans]
    assert [copy[new.start : new.end] for new in moved] == [text[old.start : old.end] for old in spans]
    return copy, moved


@pytest.mark.parametrize("rate", [0.0, 0.5, 0.9])
def test_spans_go_where_they_stand_whatever_is_changed_around_them(rate):
    """Names of the corpus come again and again, so that a wrong place is always at hand."""
    rng = random.Random(3)
    for first in range(0, len(CORPUS), 10):
        text, spans = document(CORPUS[first : first + 10])
        copy, moved = edited(text, spans, rng, rate)
        assert (copy == text) == (rate == 0)
        assert [placement.ranges for placement in carry_over(copy, moved, text)] == [
            ((span.start, span.end),) for span in spans
        ]


@given(WORDS, WORDS, st.data())
def test_whatever_a_copy_is_a_span_has_one_place_of_the_text_or_none(words, others, data):
    copy, text = " ".join(words), " ".join(others)
    if not copy:
        return
    start = data.draw(st.integers(0, len(copy) - 1))
    end = data.draw(st.integers(start + 1, len(copy)))
    (placement,) = carry_over(copy, [CharacterSpan(start, end, "X")], text)
    assert len(placement.ranges) == (placement.reason is None)
    for first, after in placement.ranges:
        assert 0 <= first < after <= len(text)
        if placement.how == "exact":
            assert text[first:after] == copy[start:end]
    if words == others and copy[start:end].strip():
        assert placement.ranges == ((start, end),)
