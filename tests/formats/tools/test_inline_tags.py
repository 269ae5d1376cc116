import io
import json
from html import escape

import pytest
from formats.annotated_corpus import CORPUS
from formats.reading_by_options import as_text, read_as

from tagger.errors import FormatError
from tagger.formats import CharacterSpan, Losses, ReadingContext, ReadingOptions, guess_format
from tagger.formats.tools.inline_tags import INLINE_TAGS

SKIPPING = "To skip and list bad data: skip_bad=True"


def read(text, losses=None, **options):
    return read_as("inline-tags", "x.txt", text, losses, **options)


def spans(text, losses=None, **options):
    (item,) = read(text, losses, **options)
    return [(item.text[span.start : span.end], span.start, span.label) for span in item.spans]


def nested(case):
    """The continuous spans of a case that do not cross one before them."""
    kept: list[tuple[int, int, str]] = []
    for ranges, label in case.spans:
        (start, end), *others = ranges
        if not others and not any(a < start < b < end or start < a < end < b for a, b, _ in kept):
            kept.append((start, end, label))
    return kept


def tagged(text, wanted, form, write=lambda part: part):
    """Tags around spans that do not cross: made from the borders, the longest span outside."""
    order = sorted(wanted, key=lambda span: (span[0], -span[1]))
    opens = {place: [span for span in order if span[0] == place] for place in range(len(text) + 1)}
    closes = {place: [span for span in order if span[1] == place] for place in range(len(text) + 1)}
    out = ""
    for place in range(len(text) + 1):
        for _, _, label in reversed(closes[place]):
            out += f"</{label}>" if form == "name" else "</entity>"
        for _, _, label in opens[place]:
            out += f"<{label}>" if form == "name" else f"<entity type='{label}' id=\"7\">"
        out += write(text[place : place + 1])
    return out


@pytest.mark.parametrize("form", ["name", "attribute"])
@pytest.mark.parametrize("escaped", [True, False])
def test_every_nested_span_of_the_corpus_is_read_from_its_tags(form, escaped):
    write = (lambda part: escape(part, quote=False)) if escaped else (lambda part: part)
    lines = [json.dumps({"text": tagged(case.text, nested(case), form, write)}) for case in CORPUS]
    losses = Losses()
    items = read("\n".join(lines), losses)
    assert [item.text for item in items] == [case.text for case in CORPUS]
    for item, case in zip(items, CORPUS, strict=True):
        assert sorted(item.spans) == sorted(CharacterSpan(*span) for span in nested(case))
    marks = sum(case.text.count(mark) for case in CORPUS for mark in "&<>")
    assert losses.count("character references, decoded") == len(losses) == (marks if escaped else 0)


@pytest.mark.parametrize("as_list", [True, False])
def test_a_copy_that_is_the_text_gives_its_spans_as_they_are(tmp_path, as_list):
    items = [
        {"id": number, "text": case.text, "output": tagged(case.text, nested(case), "name"), "model": "m"}
        for number, case in enumerate(CORPUS)
    ]
    text = json.dumps(items) if as_list else "".join(json.dumps(item) + "\n" for item in items)
    path = tmp_path / "x.json"
    path.write_text(text)
    assert guess_format(path) == "inline-tags"
    losses = Losses()
    found = read(text, losses)
    for item, case in zip(found, CORPUS, strict=True):
        assert item.text == case.text
        assert sorted(item.spans) == sorted({CharacterSpan(*span) for span in nested(case)})
        assert item.fields == {"model": "m"}
    assert [item.document for item in found] == [str(number) for number in range(len(CORPUS))]
    assert len(losses) == 0


def test_a_text_file_holds_a_text_in_each_line():
    text = (
        "\n<PER>Zoë</PER> lives in <entity type='LOC'>Oslo</entity>.\r\n \n  I <3 it <br> a < b & c\u2028d\n"
    )
    assert [(item.text, item.spans, item.origin) for item in read(text)] == [
        ("Zoë lives in Oslo.", (CharacterSpan(0, 3, "PER"), CharacterSpan(13, 17, "LOC")), "x.txt:2"),
        ("  I <3 it <br> a < b & c\u2028d", (), "x.txt:4"),
    ]


def test_the_attribute_that_holds_the_label_can_be_chosen():
    text = '<span class="ne" kind="LOC">Oslo</span>'
    assert spans(text) == [("Oslo", 0, "ne")]
    assert spans(text, label_column="kind") == [("Oslo", 0, "LOC")]
    with pytest.raises(FormatError, match=r"x\.txt:1: expected an attribute 'other', found '<span class="):
        spans(text, label_column="other")


@pytest.mark.parametrize(
    ("tagged", "text"),
    [
        (
            "<b>R&amp;D</b> &lt;3 &#65;",
            "R&amp;D &lt;3 &#65;",
        ),  # a bare & of &#65; is not what an escaper leaves
        ("<b>R&amp;D</b> &lt;3 &quot;", 'R&D <3 "'),
        ("<b>R&D</b> &amp;", "R&D &amp;"),
        ("<b>R</b> < &amp;", "R < &amp;"),
        ("<b>R</b> &amp;amp;", "R &amp;"),
    ],
)
def test_references_are_decoded_where_the_whole_text_is_escaped(tagged, text):
    (item,) = read(tagged)
    assert item.text == text


def copied(text, copy, losses=None):
    (item,) = read(json.dumps({"text": text, "output": copy}), losses)
    return [(item.text[span.start : span.end], span.start, span.label) for span in item.spans]


def test_references_in_a_copy_are_decoded_if_that_makes_it_the_text():
    assert copied("R&D in Oslo", "<X>R&amp;D</X> in Oslo") == [("R&D", 0, "X")]
    assert copied("R&amp;D in Oslo", "<X>R&amp;D</X> in Oslo") == [("R&amp;D", 0, "X")]


def test_spans_of_a_changed_copy_are_found_where_their_words_stand():
    text = "Oslo is old.  Zoe\u0301 Ångström left Oslo for “Oslo” in 1999, not Bergen."
    copy = 'Oslo is old. <PER>Zoé Ångström</PER> left <LOC>Oslo</LOC> for "<X>Oslo</X>" '
    copy += "in <D>1999</D> not <LOC>Bergen</LOC>"
    losses = Losses()
    assert copied(text, copy, losses) == [
        ("Zoe\u0301 Ångström", 14, "PER"),
        ("Oslo", 33, "LOC"),
        ("Oslo", 43, "X"),
        ("1999", 52, "D"),
        ("Bergen", 62, "LOC"),
    ]
    assert list(losses.lines()) == [
        "mentions found in another spelling: 1; the first: x.txt:1: the PER 'Zoé Ångström' as 'Zoe\u0301 Ångström'"
    ]


def test_a_mention_that_the_copy_changes_is_placed_between_its_neighbours():
    losses = Losses()
    text = "Ankara is big, but Anna went to Ankara by train."
    found = copied(text, "Ankara is big, but <PER>Ann</PER> went to <LOC>Anakra</LOC> by train.", losses)
    assert found == [("Ankara", 32, "LOC")]
    assert losses.count("mentions found by similar words") == 1
    assert losses.count("mentions that are not in their text, left out") == 1  # too short to be guessed


def test_what_a_copy_adds_is_counted_and_not_placed():
    losses = Losses()
    assert copied("He left.", "<PER>Zoë Ångström</PER> left <LOC>Oslo</LOC>.", losses) == []
    assert losses.count("mentions that are not in their text, left out") == 2


def test_a_copy_that_says_a_part_twice_does_not_confuse():
    text = "a b c Oslo d e f"
    assert copied(text, "a b c <X>Oslo</X> d e f. So: a b c <X>Oslo</X> d e f") == [("Oslo", 6, "X")]


@pytest.mark.parametrize("word", ["Oslo ", "<A>x</A> ", "<", "<A a='1' ", "w{} ", "<A>w{}</A> "])
@pytest.mark.slow
def test_long_copies_are_read_or_refused_in_time(word):
    """What is quadratic in their length would take many minutes."""
    tagged = "".join(word.format(number) for number in range(8_000))
    text = "".join(f"w{number - number % 3} " for number in range(8_000))
    losses = Losses(skip_bad=True)
    texts = read(json.dumps({"text": text, "output": tagged + " <A>y</A>"}), losses)
    assert [found.text for found in texts] in ([text], [])
    assert len(losses) > 0


def test_an_item_whose_copy_is_null_is_not_annotated():
    losses = Losses()
    assert read('{"text": "a", "output": null}\n{"text": "b", "output": "b"}\n', losses)[0].text == "b"
    assert losses.count("items that nobody annotated, left out") == 1


def test_all_texts_are_given_where_no_annotations_are_wanted():
    context = ReadingContext("x", ReadingOptions(), Losses(), labelled=False)
    text = '{"text": "a"}\n{"text": "b", "output": null}\n{"text": "<X>c</X>"}\n{"text": "<X>d</X></X>"}\n'
    items = list(INLINE_TAGS.read(io.BytesIO(text.encode()), context))
    assert [(item.text, item.spans) for item in map(as_text, items)] == [
        ("a", None),
        ("b", None),
        ("c", None),
        ("<X>d</X></X>", None),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<A>x <A>y</A>", "x.txt:1: expected </A>, found none after 'x y'."),
        ("x</A> y", "x.txt:1: expected an opening tag first, found '</A>'; tags may be nested, not crossed."),
        (
            "<A>x <B>y</A> z</B>",
            "x.txt:1: expected </B> first, found '</A>'; tags may be nested, not crossed.",
        ),
        ("<A></A>x", "x.txt:1: expected text within tags, found nothing before '</A>'."),
        ("<A>x</A><A/>", "x.txt:1: expected text within tags, found '<A/>'."),
        ("<A type=' '>x</A>", "x.txt:1: expected a label, found \"<A type=' '>\"."),
        (
            '{"body": "x"}',
            "x.txt:1: expected a string under one of 'text', 'sentence', 'input', found 'body'.",
        ),
        ('{"text": "x", "output": 7}', "x.txt:1: expected a string under 'output', found the number 7."),
    ],
)
def test_what_is_wrong_is_an_error_that_can_be_skipped(text, message):
    with pytest.raises(FormatError) as caught:
        read(text)
    assert str(caught.value) == f"{message} {SKIPPING}"
    losses = Losses(skip_bad=True)
    assert read(text, losses) == []
    assert len(losses) == 1
