import io
import json
import re
from typing import Any

import pytest
from formats.annotated_corpus import CORPUS
from formats.reading_by_options import as_text
from formats.writing import pieces
from present import present

from tagger.errors import DataError, FormatError, UsageError
from tagger.formats import (
    AnnotatedText,
    CharacterSpan,
    JsonKeys,
    Losses,
    Misaligned,
    ReadingOptions,
    WritingContext,
    format_json,
    guess_format,
    read_examples,
    read_items,
    read_json_records,
)
from tagger.formats.json_files.jsonl import JSONL
from tagger.formats.offsets import UNITS

SKIPPING = " To skip and list bad data: skip_bad=True"


def segment(text):
    """Sentences are what a semicolon or the end closes, tokens what stands between spaces."""
    tokens = []
    for match in re.finditer(r";|[^\s;]+", text):
        tokens.append(match.span())
        if match[0] == ";":
            yield tokens
            tokens = []
    yield tokens


def source_of(objects):
    lines = [value if isinstance(value, str) else json.dumps(value) for value in objects]
    return io.BytesIO("\n".join(lines).encode())


def items(*objects, losses=None, **options):
    """The sentences and texts of objects, with their annotations."""
    reading = ReadingOptions(format="jsonl", **options)
    losses = Losses(skip_bad=reading.skip_bad) if losses is None else losses
    return list(read_items(source_of(objects), reading, losses, name="x.jsonl"))


def sentences(*objects, on_misaligned=None, **options):
    """The examples of objects, each with its labels."""
    return list(
        read_examples(
            source_of(objects),
            ReadingOptions(format="jsonl", **options),
            name="x.jsonl",
            segmenter=lambda: segment,
            on_misaligned=on_misaligned,
        )
    )


def records(*objects, **options):
    """The objects to be tagged, without annotations."""
    return list(read_json_records(source_of(objects), name="x.jsonl", **options))


def error(*objects, **options):
    with pytest.raises((DataError, UsageError)) as caught:
        sentences(*objects, **options)
    return str(caught.value).removesuffix(SKIPPING)


def test_tokens_and_labels():
    first, second = items(
        {"tokens": ["EU", "says"], "labels": ["B-ORG", "O"], "document": 7, "id": "x"},
        "",
        {"tokens": [], "labels": []},
    )
    assert first.tokens == ("EU", "says")
    assert first.labels == ("B-ORG", "O")
    assert (first.document, first.origin) == ("7", "x.jsonl:1")
    assert second.tokens == ()
    assert second.origin == "x.jsonl:3"


def test_keys_may_have_other_names():
    (example,) = items(
        {"words": ["a"], "ner_tags": ["X"], "doc": "d"},
        token_column="words",
        label_column="ner_tags",
        document_column="doc",
    )
    assert (example.tokens, example.labels, example.document) == (("a",), ("X",), "d")


def test_a_named_key_of_documents_is_on_some_line():
    lines: list[dict[str, Any]] = [
        {"tokens": ["a"], "labels": ["X"]},
        {"tokens": ["b"], "labels": ["X"], "page": 3},
    ]
    assert [example.document for example in items(*lines, document_column="page")] == [None, "3"]
    assert [r.sentences[0].document for r in records(*lines, keys=JsonKeys(document="page"))] == [None, "3"]
    assert items({**lines[0], "page": None}, document_column="page")
    assert items(document_column="page") == []
    for key in ("doc", "document"):
        message = (
            f"x.jsonl: expected the id of a document under {key!r} on one line at least, found 'tokens', 'labels', "
            "'page'. Name the key of the document ids, or leave the option out."
        )
        assert error(*lines, document_column=key) == message
        with pytest.raises(DataError) as caught:
            records(*lines, keys=JsonKeys(document=key))
        assert str(caught.value) == message


def test_labels_need_not_be_there_if_they_are_not_wanted():
    (record,) = records({"tokens": ["a"]})
    assert record.sentences[0].labels is None
    (record,) = records({"text": "a b"}, segmenter=segment)
    assert record.sentences[0].labels is None
    assert record.sentences[0].tokens == ("a", "b")


def test_a_text_with_spans_becomes_labelled_sentences():
    line = {
        "text": "Anna Smith left; Acme stayed",
        "spans": [{"start": 0, "end": 10, "label": "PER"}, [17, 21, "ORG"]],
    }
    found = sentences(line)
    assert [example.tokens for example in found] == [("Anna", "Smith", "left", ";"), ("Acme", "stayed")]
    assert [example.labels for example in found] == [("B-PER", "I-PER", "O", "O"), ("B-ORG", "O")]
    assert {example.document for example in found} == {"x.jsonl:1"}
    assert {example.origin for example in found} == {"x.jsonl:1"}
    (record,) = records(line, segmenter=segment)
    assert [example.tokens for example in record.sentences] == [example.tokens for example in found]
    assert record.ranges == (((0, 4), (5, 10), (11, 15), (15, 16)), ((17, 21), (22, 28)))
    assert record.text == record.fields["text"]


def test_spans_may_be_called_entities_or_anything_named():
    assert sentences({"text": "Anna", "entities": [[0, 4, "PER"]]})[0].labels == ("B-PER",)
    line = {"body": "Anna", "label": [[0, 4, "PER"]]}
    assert sentences(line, text_column="body", label_column="label")[0].labels == ("B-PER",)


def test_offsets_count_characters_beyond_the_basic_plane_once_unless_mentions_tell_otherwise():
    assert sentences({"text": "😀 Anna", "spans": [[2, 6, "PER"]]})[0].labels == ("O", "B-PER")
    line = {"text": "😀 Anna", "spans": [{"start": 3, "end": 7, "label": "PER", "text": "Anna"}]}
    assert sentences(line)[0].labels == ("O", "B-PER")
    assert sentences({"text": "😀 Anna", "spans": [[3, 7, "PER"]]}, offsets="utf16")[0].labels == (
        "O",
        "B-PER",
    )


def test_a_span_of_several_fragments_is_read_and_has_no_place_among_labels():
    line = {"text": "left and right lung", "spans": [{"fragments": [[0, 4], [15, 19]], "label": "X"}]}
    (text,) = items(line)
    assert text.spans == (CharacterSpan(0, 19, "X", ((0, 4), (15, 19))),)
    assert error(line) == (
        "x.jsonl:1: the X 0-19 'left and right lung' has 2 fragments. "
        "Correct the span, or have texts segmented differently."
    )


def test_a_text_of_nothing_has_no_sentences():
    assert len(sentences(*({"text": text, "spans": []} for text in ("", " \n ", "a")))) == 1
    for text in ("", " \n "):
        assert records({"text": text}, segmenter=segment)[0].sentences == ()


def test_a_span_that_does_not_fit_is_an_error_or_reported_and_left_out():
    bad = {"text": "Anna Smith", "spans": [[0, 4, "PER"], [6, 10, "PER"]]}
    assert error(bad) == (
        "x.jsonl:1: the PER 6-10 'mith' cuts through the token 'Smith'. "
        "Correct the span, or have texts segmented differently."
    )
    misfits: list[Misaligned] = []
    (example,) = sentences(bad, on_misaligned=misfits.append)
    assert example.labels == ("B-PER", "O")
    assert [(misfit.origin, misfit.text) for misfit in misfits] == [("x.jsonl:1", "mith")]


def test_a_probability_of_a_span_that_is_none_is_an_error():
    span = {"start": 0, "end": 4, "label": "LOC", "probability": 7}
    assert error({"text": "Oslo", "spans": [span]}) == (
        "x.jsonl:1: expected a number from 0 to 1 as the probability of the LOC, found the number 7."
    )


def test_what_is_wrong_can_be_skipped_and_is_counted():
    losses = Losses(skip_bad=True)
    good = {"text": "Anna", "spans": [[0, 4, "PER"], [0, 9, "PER"]]}
    found = items("{", {"tokens": ["a"]}, good, losses=losses, skip_bad=True)
    assert [span.end for span in found[0].spans] == [4]
    assert [(entry["kind"], entry["count"]) for entry in losses.to_list()] == [
        ("lines that cannot be read, left out as bad", 2),
        ("spans that are not ranges of their text, left out as bad", 1),
    ]


def test_what_is_written_is_read_again():
    texts = [
        AnnotatedText(
            case.text,
            tuple(
                CharacterSpan(r[0][0], r[-1][1], label, r if len(r) > 1 else ()) for r, label in case.spans
            ),
        )
        for case in CORPUS
    ]
    for unit in UNITS:
        lines = list(pieces(JSONL, texts, WritingContext(Losses(), segment, unit)))
        found = items(*lines, offsets=unit)
        assert [(text.text, text.spans) for text in found] == [(text.text, text.spans) for text in texts]
        assert [text.spans for text in items(*lines)] == [text.spans for text in texts]  # the unit is found


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "{'a'}",
            "expected a JSON object, found \"{'a'}\": Expecting property name enclosed in double quotes at column 2",
        ),
        ("[1]", "expected a JSON object, found the list [1]"),
        ("null", "expected a JSON object, found null"),
        ('"é \\u00e9"', 'expected a JSON object, found the string "é é"'),
        ("1" * 5000, "expected a JSON object that can be read: Exceeds the limit (4300 digits)"),
        ("[" * 100_000, "expected a JSON object that can be read: "),
        ({"words": [], "id": 1}, "expected an object with 'tokens' or 'text', found 'words', 'id'"),
        ({}, "expected an object with 'tokens' or 'text', found no keys"),
        (
            {"sentences": [{"words": ["a"], "tags": ["O"]}]},
            "expected an object with 'tokens' or 'text', found 'sentences'. Nested columns are read only from "
            "datasets, in training: DataConfig(dataset=...)",
        ),
        (
            {"tokens": "a b", "labels": []},
            "expected a list of strings under 'tokens', found the string \"a b\"",
        ),
        ({"tokens": ["a"]}, "expected a list of strings under 'labels', found 'tokens'"),
        (
            {"tokens": ["a"], "labels": [3]},
            "'labels': expected labels, found integers. Give their names in the order of the integers, as in "
            "label_names=['O', 'B-PER', 'I-PER'], or a JSON file of them",
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
            "expected 0 <= start < end <= 3 for the X, counted in code points, found 0-4. If the offsets count "
            "something else, say so: offsets.",
        ),
        (
            {"text": "abc", "spans": [[1, 1, "X"]]},
            "expected 0 <= start < end <= 3 for the X, counted in code points",
        ),
        (
            {"text": "abc", "spans": [[2, 1, "X"]]},
            "expected 0 <= start < end <= 3 for the X, counted in code points",
        ),
        ({"text": "abc", "spans": [[0, 1, ""]]}, "expected a label for the span 0-1, found nothing."),
        ({"text": "abc", "spans": [[0, 1, 7.5]]}, "expected a label for the span 0-1, found the number 7.5."),
        (
            {"text": "abc", "spans": [{"start": 0, "end": 1, "label": None}]},
            "expected a label for the span 0-1, found nothing.",
        ),
        ({"text": "abc", "spans": ["X"]}, 'expected a span [start, end, label], found the string "X".'),
        ({"text": "abc", "spans": [[0, 1]]}, "expected a span [start, end, label], found the list [0, 1]."),
        (
            {"text": "abc", "spans": [[False, True, "X"]]},
            "expected whole numbers as start and end of the X, found the truth value false and the truth value true.",
        ),
        (
            {"text": "ab cd", "spans": [{"start": 0, "end": 2, "label": "X", "text": "cd"}]},
            "expected 'cd' at 0-2, as the X there says, found 'ab'. If the offsets count something else than code "
            "points, say so: offsets.",
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
            '{"tokens": ["a"], "labels": ["O"], "document": "x", "document": "y"}',
            "expected the key 'document' once, found it several times",
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
    assert error({"tokens": ["a"], "labels": ["O"]}, line).startswith(f"x.jsonl:2: {message}")


def test_keys_of_no_concern_may_stand_several_times():
    (example,) = items('{"id": 1, "tokens": ["a"], "id": 2, "labels": ["O"], "meta": {"x": 1, "x": 2}}')
    assert example.tokens == ("a",)
    (record,) = records('{"tokens": ["a"], "labels": 1, "labels": 2}')
    assert record.sentences[0].tokens == ("a",)


def test_blanks_at_the_ends_of_labels_go_and_those_of_tokens_stay_and_are_counted(caplog):
    lines = (
        b'{"tokens": ["a", "b"], "labels": ["O", "B-X "]}\n'
        b'{"tokens": [" Oslo", "c", "d\\u00a0"], "labels": [" B-LOC", "O", "O"]}\n'
    )
    first, second = read_examples(io.BytesIO(lines), ReadingOptions(format="jsonl"), name="x.jsonl")
    assert first.labels == ("O", "B-X")
    assert second.labels == ("B-LOC", "O", "O")
    assert second.tokens == (" Oslo", "c", "d\u00a0")
    assert caplog.messages == [
        "x.jsonl: tokens with blanks around them, which are kept as they are: 2, the first "
        "' Oslo', token 1 of the sentence at x.jsonl:2"
    ]
    assert sentences({"text": "Anna", "spans": [[0, 4, "PER "]]})[0].labels == ("B-PER",)


def test_escaped_characters_are_read():
    (example,) = items('{"tokens": ["\\ud83d\\ude00", "\\u0000", "\\u2028"], "labels": ["O", "O", "O"]}')
    assert example.tokens == ("😀", "\0", "\u2028")


def test_a_text_needs_a_segmenter():
    with pytest.raises(UsageError, match="a text needs a segmenter that cuts it into tokens, found none"):
        list(read_examples(source_of([{"text": "a", "spans": []}]), ReadingOptions(format="jsonl")))
    with pytest.raises(UsageError, match=r"x\.jsonl:1: a text needs a segmenter"):
        records({"text": "a"})


def test_written_objects_are_one_line_and_read_back():
    fields = {"tokens": ["a\nb", "\u2028", "Zoë"], "labels": ["O", "O", "O"]}
    line = format_json(fields)
    assert line.endswith("\n")
    assert line.count("\n") == 1
    assert records(line)[0].fields == fields


def test_integers_as_labels_of_spans_have_names_or_are_refused():
    line = {"text": "in Oslo", "spans": [[3, 7, 1]]}
    (text,) = items(line, label_names=["O", "LOC"])
    assert [span.label for span in text.spans] == ["LOC"]
    assert error(line) == (
        "x.jsonl:1: 'spans': expected labels, found integers. Give their names in the order of the integers, as in "
        "label_names=['O', 'B-PER', 'I-PER'], or a JSON file of them."
    )


def test_labels_of_whole_texts_are_told():
    assert error({"text": "good film", "label": "POSITIVE"}) == (
        "x.jsonl:1: expected either of 'spans', 'entities' beside the text, found 'text', 'label'. Labels of whole "
        "texts are not read."
    )


@pytest.mark.parametrize(
    ("probability", "described"),
    [(7, "the number 7"), (-0.5, "the number -0.5"), (True, "the truth value true"), ("1", 'the string "1"')],
)
def test_a_probability_is_a_number_from_0_to_1(probability, described):
    span = {"start": 0, "end": 4, "label": "LOC", "probability": probability}
    line = json.dumps({"text": "Oslo", "spans": [span]}).encode()
    with pytest.raises(FormatError) as caught:
        list(read_items(io.BytesIO(line), ReadingOptions(format="jsonl"), Losses(), name="x.jsonl"))
    assert str(caught.value) == (
        f"x.jsonl:1: expected a number from 0 to 1 as the probability of the LOC, found {described}. "
        "To skip and list bad data: skip_bad=True"
    )


TUPLES: list[Any] = [["in Oslo", {"entities": [[3, 7, "LOC"]]}], ["Anna", {"entities": [[0, 4, "PER"]]}]]


@pytest.mark.parametrize(
    "value",
    [
        TUPLES,
        {"classes": ["PER", "LOC"], "annotations": [*TUPLES, None]},
        [{"text": text, **annotations} for text, annotations in TUPLES],
        [{"text": text, "spans": annotations["entities"]} for text, annotations in TUPLES],
    ],
)
@pytest.mark.parametrize("indent", [None, 1])
def test_texts_with_their_spans_in_a_list_are_read_and_recognised(tmp_path, value, indent):
    if indent and isinstance(value, dict):
        return  # its tool writes one line
    path = tmp_path / "a.json"
    path.write_text(json.dumps(value, indent=indent))
    assert guess_format(path) == "jsonl"
    found = list(read_items(path, ReadingOptions(), Losses()))
    assert [(text.text, [span.label for span in present(text.spans)]) for text in map(as_text, found)] == [
        ("in Oslo", ["LOC"]),
        ("Anna", ["PER"]),
    ]
    assert [text.origin for text in found] == [f"{path}: item 1", f"{path}: item 2"]


def test_what_is_no_object_in_a_list_can_be_skipped():
    losses = Losses(skip_bad=True)
    found = list(
        read_items(
            io.BytesIO(json.dumps([5, *TUPLES]).encode()),
            ReadingOptions(format="jsonl", skip_bad=True),
            losses,
            name="x",
        )
    )
    assert len(found) == 2
    assert list(losses.lines()) == [
        "items that are not objects, left out as bad: 1",
        "  x: item 1: expected an object, found the number 5",
    ]
