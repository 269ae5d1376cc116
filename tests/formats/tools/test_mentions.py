import io
import json

import pytest
from formats.annotated_corpus import CORPUS
from formats.reading_by_options import as_text, read_as

from tagger.errors import FormatError
from tagger.formats import CharacterSpan, Losses, ReadingContext, ReadingOptions, guess_format
from tagger.formats.tools.mentions import MENTIONS

TEXT = "Zoë lives in Oslo."
SPANS = (CharacterSpan(0, 3, "PER"), CharacterSpan(13, 17, "LOC"))
SKIPPING = "To skip and list bad data: skip_bad=True"


def read(text, losses=None, **options):
    return read_as("mentions", "x.jsonl", text, losses, **options)


def spans(entities, losses=None, text=TEXT):
    (item,) = read(json.dumps({"text": text, "entities": entities}), losses)
    return item.spans


@pytest.mark.parametrize(
    "fields",
    [
        {"text": TEXT, "entities": [{"text": "Zoë", "label": "PER"}, {"text": "Oslo", "label": " LOC "}]},
        {
            "text": TEXT,
            "entities": [{"mention": "Zoë", "type": "PER"}, {"name": "Oslo", "entity_type": "LOC"}],
        },
        {"text": TEXT, "entities": [{"entity": "Zoë", "label": "PER"}, {"word": "Oslo", "entity": "LOC"}]},
        {"sentence": TEXT, "mentions": [["Zoë", "PER"], ["Oslo", "LOC"]]},
        {"text": TEXT, "entities": {"LOC": ["Oslo"], "PER": ["Zoë"], "ORG": []}},
        {"input": TEXT, "output": {"entities": {"LOC": ["Oslo"], "PER": ["Zoë"]}}},
        {
            "input": TEXT,
            "output": json.dumps([{"text": "Zoë", "label": "PER"}, {"text": "Oslo", "label": "LOC"}]),
        },
        {"input": TEXT, "output": '```json\n{"entities": {"PER": ["Zoë"], "LOC": ["Oslo"]}}\n```\n'},
    ],
)
def test_every_form_is_recognised_and_read_alike(tmp_path, fields):
    for number, text in enumerate(
        [json.dumps(fields) + "\n", json.dumps([fields]), json.dumps(fields, indent=1)]
    ):
        path = tmp_path / f"{number}.json"
        path.write_text(text)
        assert guess_format(path) == "mentions"
        losses = Losses()
        (item,) = read(text, losses)
        assert (item.text, item.spans) == (TEXT, SPANS)
        assert len(losses) == 0


def test_the_spans_of_the_corpus_are_read_from_their_strings():
    lines, expected = [], []
    for number, case in enumerate(CORPUS):
        wanted = [(case.text[slice(*span[0])], label) for span, label in case.spans if len(span) == 1]
        lines.append(json.dumps({"id": number, "text": case.text, "entities": wanted, "model": "m"}))
        expected.append({(*span[0], label) for span, label in case.spans if len(span) == 1})
    losses = Losses()
    items = read("\n".join(lines), losses)
    assert [item.text for item in items] == [case.text for case in CORPUS]
    assert [item.document for item in items] == [str(number) for number in range(len(CORPUS))]
    assert {tuple(item.fields.items()) for item in items} == {(("model", "m"),)}
    kinds = {entry["kind"] for entry in losses.to_list()}
    assert kinds <= {
        "mentions found as part of a word",
        "further occurrences of mentions, also marked",
        "mentions that fit several places, left out",
    }
    ambiguous = losses.count("mentions that fit several places, left out")
    missing = 0
    for item, gold in zip(items, expected, strict=True):
        found = {(span.start, span.end, span.label) for span in item.spans}
        missing += len(gold - found)
        names = {(item.text[start:end], label) for start, end, label in gold}
        assert {(item.text[start:end], label) for start, end, label in found} <= names
    assert missing <= ambiguous < 10


def test_probabilities_are_kept():
    (span,) = spans([{"text": "Oslo", "label": "LOC", "score": 0.5}])
    assert span == CharacterSpan(13, 17, "LOC", probability=0.5)


def test_everything_that_is_not_placed_as_it_is_written_is_counted_and_listed():
    losses = Losses()
    found = spans(
        [
            ["OSLO", "LOC"],
            ["Bergen", "LOC"],
            ["Mr Smith", "PER"],
            ["the", "X"],
            ["Zoë", "PER"],
            ["Zoë", "PER"],
        ],
        losses,
        text="Zoë lives in Oslo. Smith and Smith",
    )
    assert found == (*SPANS, CharacterSpan(19, 24, "PER"), CharacterSpan(29, 34, "PER"))
    assert list(losses.lines()) == [
        "mentions found in another spelling: 1; the first: x.jsonl:1: the LOC 'OSLO' as 'Oslo'",
        "mentions that are not in their text, left out: 2; the first: x.jsonl:1: the LOC 'Bergen'",
        "mentions found by similar words: 1; the first: x.jsonl:1: the PER 'Mr Smith' as 'Smith'",
        "further occurrences of mentions, also marked: 1; the first: x.jsonl:1: the PER 'Mr Smith', 1",
        "mentions listed more often than they occur in their text, left out: 1; the first: x.jsonl:1: the PER 'Zoë'",
    ]


def test_offsets_beside_mentions_are_not_read():
    losses = Losses()
    assert spans([{"text": "Oslo", "label": "LOC", "start": 99, "end": 3}], losses) == SPANS[1:]
    assert losses.count("offsets beside mentions, not read") == 1


def test_an_item_without_mentions_is_not_annotated_and_one_with_none_is():
    losses = Losses()
    items = read('{"text": "a"}\n{"text": "b", "entities": null}\n{"text": "c", "entities": []}\n', losses)
    assert [(item.text, item.spans) for item in items] == [("c", ())]
    assert losses.count("items that nobody annotated, left out") == 2


def test_all_texts_are_given_where_no_annotations_are_wanted():
    text = '{"text": "a"}\n{"text": "b", "entities": [[1, 2, 3]]}\n'
    context = ReadingContext("x", ReadingOptions(), Losses(), labelled=False)
    items = list(MENTIONS.read(io.BytesIO(text.encode()), context))
    assert [(item.text, item.spans) for item in map(as_text, items)] == [("a", None), ("b", None)]


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "Oslo", "entities": []},
        {"text": "Oslo", "entities": [{"text": "Oslo", "label": "LOC", "start": 0, "end": 4}]},
        {"text": "Oslo", "entities": [[0, 4, "LOC"]]},
        {"text": "Oslo", "spans": [], "entities": [["Oslo", "LOC"]]},
        {"tokens": ["Oslo"], "labels": ["O"]},
        {"text": "Oslo", "output": "in <LOC>Oslo</LOC>"},
    ],
)
def test_what_may_be_another_format_is_not_taken(tmp_path, fields):
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(fields) + "\n")
    assert guess_format(path) != "mentions"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"body": "Oslo"},
            "x.jsonl:1: expected a string under one of 'text', 'sentence', 'input', found 'body'.",
        ),
        (
            {"text": "Oslo", "entities": {"Oslo": "LOC"}},
            "x.jsonl:1: expected a list of mentions under the label 'Oslo', found the string \"LOC\".",
        ),
        (
            {"text": "Oslo", "entities": [["Oslo", "LOC", 3]]},
            'x.jsonl:1: expected mentions with text and label, found the list ["Oslo", "LOC", 3].',
        ),
        (
            {"text": "Oslo", "entities": [{"text": "Oslo"}]},
            'x.jsonl:1: expected mentions with text and label, found the object {"text": "Oslo"}.',
        ),
        (
            {"text": "Oslo", "entities": {"LOC": [7]}},
            "x.jsonl:1: expected mentions under the label 'LOC', found the number 7.",
        ),
        (
            {"text": "Oslo", "entities": 7},
            "x.jsonl:1: expected a list of mentions, or one for each label, found the number 7.",
        ),
        (
            {"text": "Oslo", "entities": [{"text": "Oslo", "label": "LOC", "score": 7}]},
            "x.jsonl:1: expected a number from 0 to 1 as 'score', found the number 7.",
        ),
        (
            {"text": "Oslo", "output": "I found Oslo."},
            "x.jsonl:1: expected a JSON object, found 'I found Oslo.': Expecting value at column 1.",
        ),
    ],
)
def test_what_is_wrong_is_an_error_that_can_be_skipped(fields, message):
    with pytest.raises(FormatError) as caught:
        read(json.dumps(fields))
    assert str(caught.value) == f"{message} {SKIPPING}"
    losses = Losses(skip_bad=True)
    assert read(json.dumps(fields), losses) == []
    assert len(losses) == 1
