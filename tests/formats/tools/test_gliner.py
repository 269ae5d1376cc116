import io
import json

import pytest
from formats.annotated_corpus import CORPUS
from formats.reading_by_options import as_text, continuous, read_as
from formats.writing import NO_SEGMENTER, pieces

from tagger.errors import FormatError
from tagger.examples import Example
from tagger.formats import (
    AnnotatedText,
    CharacterSpan,
    Losses,
    ReadingContext,
    ReadingOptions,
    WritingContext,
    guess_format,
    read_examples,
)
from tagger.formats.tools.gliner import GLINER

SKIPPING = "To skip and list bad data: skip_bad=True"


def read(text, losses=None, **options):
    return read_as("gliner", "x.json", text, losses, **options)


def write(texts, losses=None, segmenter=None):
    return "".join(pieces(GLINER, texts, WritingContext(Losses() if losses is None else losses, segmenter)))


def words(case):
    return [case.text[start:end] for start, end in case.tokens]


def ranges(case):
    """The continuous spans of a case in tokens, ends inclusive."""
    starts = [start for start, _ in case.tokens]
    ends = [end for _, end in case.tokens]
    return [
        [starts.index(span[0][0]), ends.index(span[0][1]), label]
        for span, label in case.spans
        if len(span) == 1
    ]


def claims(text):
    """The spans of what was read, in tokens."""
    starts = [start for start, _ in text.tokens]
    ends = [end for _, end in text.tokens]
    return [[starts.index(span.start), ends.index(span.end), span.label] for span in text.spans]


@pytest.mark.parametrize("as_list", [True, False])
def test_every_range_is_read_with_its_inclusive_end(tmp_path, as_list):
    items = [{"tokenized_text": words(case), "ner": ranges(case), "ner_negatives": []} for case in CORPUS]
    text = json.dumps(items) if as_list else "".join(json.dumps(item) + "\n" for item in items)
    (tmp_path / "train.json").write_text(text)
    assert guess_format(tmp_path / "train.json") == "gliner"
    texts = read(text)
    assert [item.text for item in texts] == [" ".join(words(case)) for case in CORPUS]
    assert [claims(item) for item in texts] == [ranges(case) for case in CORPUS]
    for item, case in zip(texts, CORPUS, strict=True):
        for span, (first, last, _) in zip(item.spans, ranges(case), strict=True):
            assert item.text[span.start : span.end] == " ".join(words(case)[first : last + 1])
    assert texts[0].fields == {"ner_negatives": []}


def test_examples_have_the_tokens_of_the_file_and_no_segmenter_is_needed_to_read_them():
    text = '{"tokenized_text": ["in", "New York", "now"], "ner": [[1, 1, "city"]]}'
    (item,) = read(text)
    assert item.sentence_starts == (0,)
    examples = list(
        read_examples(
            io.BytesIO(text.encode()),
            ReadingOptions(format="gliner"),
            name="x",
            segmenter=lambda: NO_SEGMENTER,
        )
    )
    assert examples == [Example(("in", "New York", "now"), ("O", "B-city", "O"), origin="x:1")]


def test_what_is_written_is_read_again_and_has_inclusive_ends():
    texts = [
        AnnotatedText(
            case.text,
            tuple(CharacterSpan(start, end, label) for ((start, end),), label in continuous(case)),
            case.tokens,
            (0,),
        )
        for case in CORPUS
    ]
    losses = Losses()
    written = write(texts, losses)
    assert [json.loads(line) for line in written.splitlines()] == [
        {"tokenized_text": words(case), "ner": ranges(case)} for case in CORPUS
    ]
    assert [claims(item) for item in read(written)] == [ranges(case) for case in CORPUS]
    assert len(losses) == 0


def test_texts_are_written_by_sentence_and_those_that_a_span_crosses_as_one():
    tokens = tuple((start, start + 1) for start in range(0, 12, 2))
    spans = (CharacterSpan(2, 5, "X"), CharacterSpan(8, 9, "Y"), CharacterSpan(10, 11, "Z"))
    text = AnnotatedText("a b c d e f", spans, tokens, (0, 2, 4, 5))
    assert [json.loads(line) for line in write([text]).splitlines()] == [
        {"tokenized_text": ["a", "b", "c", "d"], "ner": [[1, 2, "X"]]},
        {"tokenized_text": ["e"], "ner": [[0, 0, "Y"]]},
        {"tokenized_text": ["f"], "ner": [[0, 0, "Z"]]},
    ]


def test_a_span_within_a_token_is_left_out_and_counted_when_written():
    losses = Losses()
    text = AnnotatedText("abc d", (CharacterSpan(1, 5, "X"),), ((0, 3), (4, 5)), (0,), origin="y:1")
    assert json.loads(write([text], losses)) == {"tokenized_text": ["abc", "d"], "ner": []}
    assert list(losses.lines()) == [
        "spans that begin or end within a token, left out: 1; the first: y:1: the X 'bc d'"
    ]


def test_what_stands_outside_of_all_tokens_is_left_out_and_counted_when_written():
    losses = Losses()
    texts = [
        AnnotatedText("a  ", (CharacterSpan(1, 3, "X"),), ((0, 1),), (0,), origin="y:1"),
        AnnotatedText(" ", (CharacterSpan(0, 1, "X"),), (), (), origin="y:2"),
    ]
    assert write(texts, losses) == '{"tokenized_text": ["a"], "ner": []}\n'
    assert list(losses.lines()) == [
        "spans that begin or end within a token, left out: 2; the first: y:1: the X '  '",
        "texts without a token, left out: 1; the first: y:2",
    ]


def test_an_item_without_ranges_is_not_annotated_and_one_with_none_is():
    text = '{"tokenized_text": ["a"]}\n{"tokenized_text": ["b"], "ner": null}\n{"tokenized_text": ["c"], "ner": []}\n'
    losses = Losses()
    assert [(item.text, item.spans) for item in read(text, losses)] == [("c", ())]
    assert losses.count("items that nobody annotated, left out") == 2


def test_all_texts_are_given_where_no_annotations_are_wanted():
    text = '{"tokenized_text": ["a"]}\n{"tokenized_text": ["b", "c"], "ner": [[7, 9, 3], 8]}\n'
    context = ReadingContext("x", ReadingOptions(), Losses(), labelled=False)
    items = list(GLINER.read(io.BytesIO(text.encode()), context))
    assert [(item.text, item.spans, item.tokens) for item in map(as_text, items)] == [
        ("a", None, ((0, 1),)),
        ("b c", None, ((0, 1), (2, 3))),
    ]


@pytest.mark.parametrize("skip_bad", [True, False])
def test_ends_that_seem_to_be_exclusive_are_never_skipped(skip_bad):
    text = '{"tokenized_text": ["in", "Oslo", "now"], "ner": [[1, 2, "LOC"]]}\n'
    text += '{"tokenized_text": ["in", "Oslo"], "ner": [[1, 2, "LOC"]]}\n'
    with pytest.raises(FormatError) as caught:
        read(text, skip_bad=skip_bad)
    assert str(caught.value) == (
        'x.json:2: expected 0 <= first <= last < 2, the number of tokens, found the list [1, 2, "LOC"]. Ends are '
        "inclusive in this format, and those of the file seem to be exclusive: subtract 1 from all. If this range "
        "alone is wrong, correct or remove it"
    )


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (
            {"tokenized_text": ["in", "Oslo"], "ner": [[1, 3, "LOC"]]},
            'x.json:1: expected 0 <= first <= last < 2, the number of tokens, found the list [1, 3, "LOC"].',
        ),
        (
            {"tokenized_text": ["in", "Oslo"], "ner": [[1, 0, "LOC"]]},
            'x.json:1: expected 0 <= first <= last < 2, the number of tokens, found the list [1, 0, "LOC"].',
        ),
        (
            {"tokenized_text": ["in", "Oslo"], "ner": [[-1, 1, "LOC"]]},
            'x.json:1: expected 0 <= first <= last < 2, the number of tokens, found the list [-1, 1, "LOC"].',
        ),
        (
            {"tokenized_text": ["in", "Oslo"], "ner": [[1, "LOC"]]},
            'x.json:1: expected ranges [first, last, label], found the list [1, "LOC"].',
        ),
        (
            {"tokenized_text": ["in", "Oslo"], "ner": [[True, 1, "LOC"]]},
            'x.json:1: expected ranges [first, last, label], found the list [true, 1, "LOC"].',
        ),
        (
            {"tokenized_text": ["in", "Oslo"], "ner": [[1, 1, " "]]},
            'x.json:1: expected a label, found the list [1, 1, " "].',
        ),
        (
            {"tokenized_text": ["in", "Oslo"], "ner": {}},
            "x.json:1: expected a list under 'ner', found the object {}.",
        ),
        (
            {"tokenized_text": ["in", ""], "ner": []},
            'x.json:1: expected strings of more than white space as tokens, found the string "" as token 1.',
        ),
        (
            {"tokenized_text": "in Oslo", "ner": []},
            "x.json:1: expected a list of tokens under 'tokenized_text', found 'tokenized_text', 'ner'.",
        ),
    ],
)
def test_what_is_wrong_is_an_error_that_can_be_skipped(item, message):
    with pytest.raises(FormatError) as caught:
        read(json.dumps(item))
    assert str(caught.value) == f"{message} {SKIPPING}"
    losses = Losses(skip_bad=True)
    read(json.dumps(item), losses)
    assert len(losses) == 1
