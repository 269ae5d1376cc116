import io
import re

import pytest
from formats.annotated_corpus import CORPUS
from formats.reading_by_options import as_text, read_as
from formats.writing import NO_SEGMENTER, pieces
from hypothesis import given
from hypothesis import strategies as st
from present import present

from tagger.errors import FormatError
from tagger.formats import (
    AnnotatedText,
    CharacterSpan,
    Losses,
    ReadingContext,
    ReadingOptions,
    WritingContext,
    format_inline,
)
from tagger.formats.tools.inline_brackets import INLINE, parse_inline

SKIPPING = "To skip and list bad data: skip_bad=True"


def read(text, losses=None, **options):
    return read_as("inline", "x.txt", text, losses, **options)


def test_texts_and_entities_are_read_line_by_line():
    text = "\ufeff[Zoë](PER) lives in [New York](LOC).\r\n\n \nNothing  here \n\\[sic\\] a\\\\b [x\\]](Y\\)) "
    assert [(item.text, item.spans, item.origin) for item in read(text)] == [
        ("Zoë lives in New York.", (CharacterSpan(0, 3, "PER"), CharacterSpan(13, 21, "LOC")), "x.txt:1"),
        ("Nothing  here ", (), "x.txt:4"),
        ("[sic] a\\b x] ", (CharacterSpan(10, 12, "Y)"),), "x.txt:5"),
    ]


def test_an_entity_may_go_on_in_the_next_line():
    assert [(item.text, item.spans, item.origin) for item in read("a [New\n\nYork](LOC)\nb \\[\n")] == [
        ("a New\n\nYork", (CharacterSpan(2, 11, "LOC"),), "x.txt:1"),
        ("b [", (), "x.txt:4"),
    ]


def flat(case):
    end, spans = 0, []
    for ranges, label in case.spans:
        if len(ranges) == 1 and ranges[0][0] >= end:
            start, end = ranges[0]
            spans.append(CharacterSpan(start, end, label))
    return tuple(spans)


def test_what_is_written_is_read_again():
    losses = Losses()
    texts = [AnnotatedText(case.text, flat(case)) for case in CORPUS if "\n" not in case.text]
    written = "".join(pieces(INLINE, texts, WritingContext(losses, NO_SEGMENTER)))
    assert [(item.text, item.spans) for item in read(written)] == [(text.text, text.spans) for text in texts]
    assert len(texts) > 50
    assert len(losses) == 0


def test_texts_with_line_breaks_are_counted_and_none_of_their_spans_is_lost():
    losses = Losses()
    texts = [AnnotatedText(case.text, flat(case)) for case in CORPUS if "\n" in case.text]
    written = "".join(pieces(INLINE, texts, WritingContext(losses, NO_SEGMENTER)))
    kind = "texts with line breaks, which are read back as several texts"
    assert losses.count(kind) == len(texts) > 10
    found = [(item.text[span.start : span.end], span.label) for item in read(written) for span in item.spans]
    assert found == [
        (text.text[span.start : span.end], span.label) for text in texts for span in present(text.spans)
    ]


@given(
    st.text(alphabet="ab[]()\\ \n", max_size=20),
    st.text(alphabet="X)\\(]", min_size=1, max_size=4),
    st.data(),
)
def test_parsing_undoes_formatting(text, label, data):
    borders = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=4)))
    entities = [(start, end, label) for start, end in zip(borders[::2], borders[1::2], strict=False)]
    marked = format_inline(text, entities)
    assert parse_inline(marked, "x") == (text, tuple(CharacterSpan(*entity) for entity in entities))


@given(st.text(alphabet="a[]\\\n", max_size=30))
def test_lines_are_joined_while_the_last_bracket_of_what_is_held_opens(marked):
    held, expected = "", []
    for line in marked.splitlines(keepends=True):
        if held or line.strip():
            held += line
            escaped = re.sub(r"\\.", "", held, flags=re.DOTALL)
            if not re.search(r"\[[^\[\]]*\Z", escaped):
                expected.append(held.removesuffix("\n"))
                held = ""
    expected += [held.removesuffix("\n")] * bool(held)
    context = ReadingContext("x", ReadingOptions(), Losses(), labelled=False)
    found = [as_text(item).text for item in INLINE.read(io.BytesIO(marked.encode()), context)]
    assert found == [text_of(text) for text in expected]


def text_of(marked):
    try:
        return parse_inline(marked, "x")[0]
    except FormatError:
        return marked


def test_all_texts_are_given_where_no_annotations_are_wanted():
    context = ReadingContext("x", ReadingOptions(), Losses(), labelled=False)
    items = list(INLINE.read(io.BytesIO(b"[Oslo](LOC) is\n[1] and [2\n"), context))
    assert [(item.text, item.spans) for item in map(as_text, items)] == [
        ("Oslo is", None),
        ("[1] and [2", None),
    ]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("a [b c", "'[b c' in column 3"),
        ("a b] c", "'] c' in column 4"),
        ("a [b] c", "'[b] c' in column 3"),
        ("a [b](X c", "'[b](X c' in column 3"),
        ("[a [b](X)](Y)", "'[a [b](X)](Y)' in column 1"),
        ("a\\b", "'\\\\b' in column 2"),
    ],
)
def test_what_is_neither_escaped_nor_an_entity_is_an_error_that_can_be_skipped(line, found):
    expected = "expected [text](LABEL), or a backslash before each bracket and backslash of the text, found"
    with pytest.raises(FormatError) as caught:
        read(f"fine\n{line}\n")
    assert str(caught.value) == f"x.txt:2: {expected} {found}. {SKIPPING}"
    losses = Losses(skip_bad=True)
    assert [item.text for item in read(f"fine\n{line}\n", losses)] == ["fine"]
    assert len(losses) == 1


@pytest.mark.parametrize("line", ["[](X)", "[Oslo]( )"])
def test_an_entity_has_text_and_label(line):
    with pytest.raises(FormatError) as caught:
        read(line)
    assert str(caught.value) == f"x.txt:1: expected [text](LABEL), found {line!r} in column 1. {SKIPPING}"


def test_brackets_that_never_close_do_not_take_the_whole_file():
    losses = Losses(skip_bad=True)
    items = read("[a\n" + "b\n" * 300, losses)
    assert [item.text for item in items] == ["b"] * 201
    assert len(losses) == 1
