import pytest
from formats.annotated_corpus import CORPUS
from hypothesis import given
from hypothesis import strategies as st

from tagger.formats.offsets import UNITS, OffsetMap

TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30)


def size(text, unit):
    """What encoders say, the oracle."""
    return {
        "codepoint": len(text.encode("utf-32-le")) // 4,
        "utf16": len(text.encode("utf-16-le")) // 2,
        "byte": len(text.encode("utf-8")),
    }[unit]


@given(TEXTS, st.sampled_from(UNITS))
def test_every_place_is_where_encoding_puts_it_and_comes_back(text, unit):
    offsets = OffsetMap(text, unit)
    borders = [size(text[:place], unit) for place in range(len(text) + 1)]
    assert [offsets.from_code_points(place) for place in range(len(text) + 1)] == borders
    assert [offsets.to_code_points(border) for border in borders] == list(range(len(text) + 1))


@given(TEXTS, st.sampled_from(UNITS), st.integers(-3, 140))
def test_an_offset_outside_or_within_a_character_is_none(text, unit, offset):
    borders = [size(text[:place], unit) for place in range(len(text) + 1)]
    expected = borders.index(offset) if offset in borders else None
    assert OffsetMap(text, unit).to_code_points(offset) == expected


@pytest.mark.parametrize("unit", UNITS)
def test_the_corpus_has_all_units_apart(unit):
    ends = {OffsetMap(case.text, unit).from_code_points(len(case.text)) for case in CORPUS}
    assert ends == {size(case.text, unit) for case in CORPUS}
    others = [other for other in UNITS if other != unit]
    for other in others:
        assert any(size(case.text, unit) != size(case.text, other) for case in CORPUS)
