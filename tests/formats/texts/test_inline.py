import random
import re

import pytest
from present import present

from tagger.errors import DataError
from tagger.formats.texts.inline import format_inline, join_tokens

PIECE = re.compile(r"\\(.)|\[((?:\\.|[^\\\]])*)\]\(((?:\\.|[^\\)])*)\)|([^\\\[])", re.DOTALL)


def parse(marked):
    """Read marked text back, by the rules of the docstring alone."""

    def plain(escaped):
        return re.sub(r"\\(.)", r"\1", escaped, flags=re.DOTALL)

    text, entities, place = "", [], 0
    while place < len(marked):
        match = present(PIECE.match(marked, place))
        place = match.end()
        if match[3] is not None:
            entities.append((len(text), len(text) + len(plain(match[2])), plain(match[3])))
            text += plain(match[2])
        else:
            text += match[1] or match[4]
    return text, entities


def test_entities_are_marked_where_they_stand():
    text = "Anna  Smith\nlives in Oslo."
    assert (
        format_inline(text, [(0, 11, "PER"), (21, 25, "LOC")]) == "[Anna  Smith](PER)\nlives in [Oslo](LOC)."
    )
    assert format_inline(text, []) == text
    assert format_inline("", []) == ""


def test_brackets_and_backslashes_of_the_text_are_escaped():
    assert format_inline(r"a\b [x](y)", [(4, 7, "P)")]) == r"a\\b [\[x\]](P\))(y)"


def test_marked_text_can_be_read_back():
    generator = random.Random(2)
    for _ in range(300):
        text = "".join(generator.choice("ab \n\\[]()") for _ in range(generator.randrange(20)))
        cuts = sorted(generator.sample(range(len(text) + 1), k=min(len(text) + 1, 4)))
        entities = [
            (start, end, generator.choice(["PER", "a)b", "c\\"]))
            for start, end in zip(cuts[::2], cuts[1::2], strict=False)
        ]
        assert parse(format_inline(text, entities)) == (text, entities)


@pytest.mark.parametrize(
    "entities", [[(0, 2, "X"), (1, 3, "X")], [(2, 2, "X")], [(0, 9, "X")], [(-1, 1, "X")]]
)
def test_entities_out_of_order_are_refused(entities):
    with pytest.raises(DataError, match="expected entities in order and within the text, found "):
        format_inline("abc", entities)


def test_joined_tokens_know_their_ranges():
    tokens = ["New York", "", "é", "😀"]
    text, ranges = join_tokens(tokens)
    assert text == "New York  é 😀"
    assert [text[start:end] for start, end in ranges] == tokens
    assert join_tokens([]) == ("", [])
