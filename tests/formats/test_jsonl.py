import io
import json
import re

import pytest

from tagger.errors import DataError, UsageError
from tagger.formats import read_examples
from tagger.formats.json_objects import format_json
from tagger.formats.jsonl import JsonKeys, read_jsonl


def segment(text):
    """Sentences are what a semicolon or the end closes, tokens what stands between spaces."""
    tokens = []
    for match in re.finditer(r";|[^\s;]+", text):
        tokens.append(match.span())
        if match[0] == ";":
            yield tokens
            tokens = []
    yield tokens


def records(*objects, **options):
    lines = [value if isinstance(value, str) else json.dumps(value) for value in objects]
    return list(read_jsonl(io.BytesIO("\n".join(lines).encode()), name="x.jsonl", **options))


def error(*objects, **options):
    with pytest.raises((DataError, UsageError)) as caught:
        records(*objects, **options)
    return str(caught.value)


def test_tokens_and_labels():
    first, second = records(
        {"tokens": ["EU", "says"], "labels": ["B-ORG", "O"], "document": 7, "id": "x"},
        "",
        {"tokens": [], "labels": []},
    )
    (example,) = first.sentences
    assert example.tokens == ("EU", "says")
    assert example.labels == ("B-ORG", "O")
    assert (example.document, example.origin) == ("7", "x.jsonl:1")
    assert first.fields["id"] == "x"
    assert first.text is None
    assert second.sentences[0].tokens == ()
    assert second.sentences[0].origin == "x.jsonl:3"


def test_keys_may_have_other_names():
    keys = JsonKeys(tokens="words", labels="ner_tags", document="doc")
    (record,) = records({"words": ["a"], "ner_tags": ["X"], "doc": "d"}, keys=keys)
    assert record.sentences[0].labels == ("X",)
    assert record.sentences[0].document == "d"


def test_a_named_key_of_documents_is_on_some_line():
    lines = [{"tokens": ["a"], "labels": ["X"]}, {"tokens": ["b"], "labels": ["X"], "page": 3}]
    found = records(*lines, keys=JsonKeys(document="page"))
    assert [record.sentences[0].document for record in found] == [None, "3"]
    assert records({**lines[0], "page": None}, keys=JsonKeys(document="page"))
    assert records(keys=JsonKeys(document="page")) == []
    for key in ("doc", "document"):
        assert error(*lines, keys=JsonKeys(document=key)) == (
            f"x.jsonl: expected the id of a document under {key!r} on one line at least, found 'tokens', 'labels', "
            "'page'. Name the key that tells the documents, or leave the option out."
        )


def test_labels_need_not_be_there_if_they_are_not_wanted():
    (record,) = records({"tokens": ["a"]}, labelled=False)
    assert record.sentences[0].labels is None
    (record,) = records({"text": "a b"}, labelled=False, segmenter=segment)
    assert record.sentences[0].labels is None


def test_a_text_with_spans_becomes_labelled_sentences():
    (record,) = records(
        {
            "text": "Anna Smith left; Acme stayed",
            "spans": [{"start": 0, "end": 10, "label": "PER"}, [17, 21, "ORG"]],
        },
        segmenter=segment,
    )
    assert [example.tokens for example in record.sentences] == [
        ("Anna", "Smith", "left", ";"),
        ("Acme", "stayed"),
    ]
    assert [example.labels for example in record.sentences] == [("B-PER", "I-PER", "O", "O"), ("B-ORG", "O")]
    assert {example.document for example in record.sentences} == {"line 1"}
    assert {example.origin for example in record.sentences} == {"x.jsonl:1"}
    assert record.ranges == (((0, 4), (5, 10), (11, 15), (15, 16)), ((17, 21), (22, 28)))
    assert record.text == record.fields["text"]


def test_spans_may_be_called_entities_or_anything_named():
    (record,) = records({"text": "Anna", "entities": [[0, 4, "PER"]]}, segmenter=segment)
    assert record.sentences[0].labels == ("B-PER",)
    keys = JsonKeys(text="body", labels="label")
    (record,) = records({"body": "Anna", "label": [[0, 4, "PER"]]}, keys=keys, segmenter=segment)
    assert record.sentences[0].labels == ("B-PER",)


def test_offsets_count_characters_beyond_the_basic_plane_once():
    (record,) = records({"text": "😀 Anna", "spans": [[2, 6, "PER"]]}, segmenter=segment)
    assert record.sentences[0].labels == ("O", "B-PER")


def test_a_text_of_nothing_has_no_sentences():
    for text in ("", " \n "):
        assert records({"text": text, "spans": []}, segmenter=segment)[0].sentences == ()


def test_a_span_that_does_not_fit_is_an_error_or_reported_and_left_out():
    bad = {"text": "Anna Smith", "spans": [[0, 4, "PER"], [6, 10, "PER"]]}
    assert error(bad, segmenter=segment) == (
        "x.jsonl:1: the PER 6-10 'mith' cuts through the token 'Smith'. "
        "Correct the span, or have texts cut otherwise."
    )
    misfits = []
    (record,) = records(bad, segmenter=segment, on_misaligned=misfits.append)
    assert record.sentences[0].labels == ("B-PER", "O")
    assert [(misfit.origin, misfit.text) for misfit in misfits] == [("x.jsonl:1", "mith")]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "{'a'}",
            "expected a JSON object, found \"{'a'}\": Expecting property name enclosed in double quotes at column 2",
        ),
        ("[1]", "expected a JSON object, found the list [1]"),
        ("null", "expected a JSON object, found null"),
        ('"\\ud83d é"', 'expected a JSON object, found the string "\\ud83d \\u00e9"'),
        ("1" * 5000, "expected a JSON object that can be read: Exceeds the limit (4300 digits)"),
        ("[" * 100_000, "expected a JSON object that can be read: "),
        ({"words": [], "id": 1}, "expected an object with 'tokens' or 'text', found 'words', 'id'"),
        ({}, "expected an object with 'tokens' or 'text', found no keys"),
        (
            {"tokens": "a b", "labels": []},
            "expected a list of strings under 'tokens', found the string \"a b\"",
        ),
        ({"tokens": ["a"]}, "expected a list of strings under 'labels', found 'tokens'"),
        (
            {"tokens": ["a"], "labels": [3]},
            "expected a list of strings under 'labels', found the number 3 at place 0. Numbers do not tell the "
            "labels: write the names, or train with DataConfig(dataset=...) and DataConfig(label_names=...)",
        ),
        ({"tokens": ["a"], "labels": None}, "expected a list of strings under 'labels', found null"),
        (
            {"tokens": ["a"], "labels": [["O"]]},
            "expected a list of strings under 'labels', found the list [\"O\"] at place 0",
        ),
        (
            {"tokens": ["a"], "labels": [None]},
            "expected a list of strings under 'labels', found null at place 0",
        ),
        (
            {"tokens": ["a", "b"], "labels": ["O"]},
            "expected one label per token, found 2 under 'tokens' and 1 under 'labels'",
        ),
        ({"tokens": ["a", ""], "labels": ["O", "O"]}, "expected a token at place 1, found the empty text"),
        ({"tokens": ["a"], "labels": [""]}, "expected a label at place 0, found the empty text"),
        (
            {"tokens": ["a"], "labels": ["O"], "document": [1]},
            "expected a string or whole number under 'document', found the list [1]",
        ),
        ({"text": 5, "spans": []}, "expected a string under 'text', found the number 5"),
        ({"text": False}, "expected a string under 'text', found the truth value false"),
        ({"text": ["é" * 90]}, "expected a string under 'text', found the list [\"" + "é" * 58 + "…"),
        ({"text": "a", "spans": {}}, "expected a list of spans under 'spans', found the object {}"),
        ({"text": "a"}, "expected either of 'spans', 'entities' beside the text, found 'text'"),
        (
            {"text": "a", "spans": [], "entities": []},
            "expected either of 'spans', 'entities' beside the text, found 'text', 'spans', 'entities'",
        ),
        (
            {"text": "abc", "spans": [{"start": 0, "end": 4, "label": "X"}]},
            "expected a span [start, end, label] with 0 <= start < end <= 3, "
            'found the object {"start": 0, "end": 4, "label": "X"}',
        ),
        (
            {"text": "abc", "spans": [[1, 1, "X"]]},
            "expected a span [start, end, label] with 0 <= start < end <= 3",
        ),
        ({"text": "abc", "spans": [[0, 1, ""]]}, "expected a span [start, end, label] with"),
        ({"text": "abc", "spans": ["X"]}, "expected a span [start, end, label] with"),
        (
            {"text": "abc", "spans": [[2, 1, "X"]]},
            'expected a span [start, end, label] with 0 <= start < end <= 3, found the list [2, 1, "X"]',
        ),
        (
            {"text": "abc", "spans": [[False, True, "X"]]},
            'expected a span [start, end, label] with 0 <= start < end <= 3, found the list [false, true, "X"]',
        ),
        (
            {"text": "abc", "spans": [{"start": 0, "end": 1, "label": None}]},
            "expected a span [start, end, label] with 0 <= start < end <= 3, "
            'found the object {"start": 0, "end": 1, "label": null}',
        ),
        (
            {"text": "\u00e9 Anna", "spans": [{"start": 3, "end": 7, "label": "X", "text": "Anna"}]},
            "expected a span [start, end, label] with 0 <= start < end <= 6",
        ),
        (
            {"text": "\u00e9 Anna.", "spans": [{"start": 3, "end": 7, "label": "X", "text": "Anna"}]},
            "expected the characters 3-7 to be 'Anna', as the span says, found 'nna.'. "
            "Offsets count characters (code points) of this text, from 0.",
        ),
        (
            '{"text": "abc", "spans": [{"start": 0, "start": 1, "end": 2, "label": "X"}]}',
            "expected every key of a span once, found 'start' several times",
        ),
        (
            '{"tokens": ["a"], "labels": ["O"], "tokens": ["b"]}',
            "expected the key 'tokens' once, found it several times",
        ),
        (
            '{"tokens": ["a"], "labels": ["O"], "l\\u0061bels": ["X"]}',
            "expected the key 'labels' once, found it several times",
        ),
        (
            '{"tokens": ["a"], "labels": ["O"], "score": NaN}',
            "expected a JSON object that can be read: NaN is not JSON; write null, or leave the key out",
        ),
        (
            '{"tokens": ["a"], "labels": ["O"], "meta": {"scores": [1, -Infinity]}}',
            "expected a JSON object that can be read: -Infinity is not JSON; write null, or leave the key out",
        ),
        ('{"tokens": ["\\ud83d"]}', "expected text, found half a surrogate pair: \\ud83d"),
    ],
)
def test_odd_lines_are_errors_with_file_and_line(line, message):
    assert error({"tokens": ["a"], "labels": ["O"]}, line, segmenter=segment).startswith(
        f"x.jsonl:2: {message}"
    )


def test_keys_of_no_concern_may_stand_several_times():
    (record,) = records('{"id": 1, "tokens": ["a"], "id": 2, "labels": ["O"], "meta": {"x": 1, "x": 2}}')
    assert record.sentences[0].tokens == ("a",)
    (record,) = records('{"tokens": ["a"], "labels": 1, "labels": 2}', labelled=False)
    assert record.sentences[0].tokens == ("a",)


def test_what_an_annotator_did_not_accept_is_left_out_and_counted(caplog):
    lines = [
        {"tokens": ["a"], "labels": ["O"], "answer": answer}
        for answer in ("accept", "reject", None, "ignore", "reject", "42", 7)
    ]
    found = records(*lines)
    assert [record.sentences[0].origin for record in found] == [
        "x.jsonl:1",
        "x.jsonl:3",
        "x.jsonl:6",
        "x.jsonl:7",
    ]
    assert caplog.messages == ["x.jsonl: left out lines by their 'answer': 2 with 'reject', 1 with 'ignore'"]
    assert len(records(*lines, labelled=False)) == 7


def test_tokens_that_are_objects_give_way_to_the_text_beside_them(caplog):
    line = {"text": "Anna left", "tokens": [{"text": "Anna", "start": 0, "end": 4}], "spans": [[0, 4, "PER"]]}
    (record,) = records(line, segmenter=segment)
    assert (record.sentences[0].tokens, record.sentences[0].labels) == (("Anna", "left"), ("B-PER", "O"))
    assert caplog.messages == [
        "x.jsonl: the objects under 'tokens' are not read in 1 lines: their texts are cut into tokens again"
    ]
    del line["text"]
    assert error(line).startswith("x.jsonl:1: expected a list of strings under 'tokens', found the object {")


def test_blanks_at_the_ends_of_labels_go_and_those_of_tokens_stay_and_are_counted(caplog):
    lines = (
        b'{"tokens": ["a", "b"], "labels": ["O", "B-X "]}\n'
        b'{"tokens": [" Oslo", "c", "d\\u00a0"], "labels": [" B-LOC", "O", "O"]}\n'
    )
    first, second = read_examples(io.BytesIO(lines), format="jsonl", name="x.jsonl")
    assert first.labels == ("O", "B-X")
    assert second.labels == ("B-LOC", "O", "O")
    assert second.tokens == (" Oslo", "c", "d\u00a0")
    assert caplog.messages == [
        "x.jsonl: tokens with blanks around them, which are kept as they are: 2, the first "
        "' Oslo', token 1 of the sentence at x.jsonl:2"
    ]
    (record,) = records({"text": "Anna", "spans": [[0, 4, "PER "]]}, segmenter=segment)
    assert record.sentences[0].labels == ("B-PER",)


def test_escaped_characters_are_read():
    (record,) = records('{"tokens": ["\\ud83d\\ude00", "\\u0000", "\\u2028"], "labels": ["O", "O", "O"]}')
    assert record.sentences[0].tokens == ("😀", "\0", "\u2028")


def test_a_text_needs_a_segmenter():
    assert error({"text": "a", "spans": []}) == (
        "x.jsonl:1: a text needs a segmenter that cuts it into tokens, found none"
    )


def test_written_objects_are_one_line_and_read_back():
    fields = {"tokens": ["a\nb", "\u2028", "Zoë"], "labels": ["O", "O", "O"]}
    line = format_json(fields)
    assert line.endswith("\n")
    assert line.count("\n") == 1
    assert records(line)[0].fields == fields
