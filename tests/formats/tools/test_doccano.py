import json

import pytest
from formats.annotated_corpus import CORPUS
from formats.reading_by_options import continuous, read_as, spans_of
from formats.writing import NO_SEGMENTER, pieces

from tagger.errors import FormatError
from tagger.formats import Losses, WritingContext, guess_format
from tagger.formats.tools.doccano import DOCCANO


def read(text, losses=None, **options):
    return read_as("doccano", "x.jsonl", text, losses, **options)


def form(case, number, kind):
    triples = [[*ranges[0], label] for ranges, label in continuous(case)]
    if kind != "entities":
        return {"id": number, "text": case.text, kind: triples}
    entities = [
        {"id": n, "label": label, "start_offset": start, "end_offset": end}
        for n, (start, end, label) in enumerate(triples)
    ]
    return {"id": number, "text": case.text, "entities": entities, "relations": [{"id": 1}], "Comments": []}


@pytest.mark.parametrize("kind", ["label", "labels", "entities"])
@pytest.mark.parametrize("as_list", [True, False])
def test_every_span_of_every_form_is_read(tmp_path, kind, as_list):
    items = [form(case, number, kind) for number, case in enumerate(CORPUS)]
    text = json.dumps(items) if as_list else "".join(json.dumps(item) + "\n" for item in items)
    path = tmp_path / ("all.json" if as_list else "all.jsonl")
    path.write_text(text)
    assert guess_format(path) == "doccano"
    losses = Losses()
    texts = read(text, losses)
    assert [item.text for item in texts] == [case.text for case in CORPUS]
    assert [spans_of(item) for item in texts] == [continuous(case) for case in CORPUS]
    assert losses.count("relations, not read") == (len(CORPUS) if kind == "entities" else 0)


def test_what_is_written_is_read_again():
    texts = read("".join(json.dumps(form(case, 1, "label")) + "\n" for case in CORPUS))
    written = "".join(pieces(DOCCANO, texts, WritingContext(Losses(), NO_SEGMENTER)))
    assert [json.loads(line)["label"] for line in written.splitlines()] == [
        [[*ranges[0], label] for ranges, label in continuous(case)] for case in CORPUS
    ]


@pytest.mark.parametrize("unit", ["utf16", "byte"])
def test_offsets_may_count_other_units_if_that_is_said(unit):
    encoding = {"utf16": "utf-16-le", "byte": "utf-8"}[unit]
    size = {"utf16": 2, "byte": 1}[unit]
    lines = []
    for case in CORPUS:
        label = [
            [len(case.text[:place].encode(encoding)) // size for place in ranges[0]] + [label]
            for ranges, label in continuous(case)
        ]
        lines.append(json.dumps({"text": case.text, "label": label}))
    assert [spans_of(item) for item in read("\n".join(lines), offsets=unit)] == [
        continuous(case) for case in CORPUS
    ]


@pytest.mark.parametrize("value", [1, True, 0.5, {"a": 1}, "POSITIVE", ["POSITIVE"]])
@pytest.mark.parametrize("key", ["label", "labels", "entities"])
def test_what_is_no_list_of_spans_is_not_taken_for_one(tmp_path, key, value):
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps({"text": "good film", key: value}))
    assert guess_format(path) == "jsonl"


def test_relations_are_counted_whatever_they_are():
    losses = Losses()
    read(json.dumps({"text": "Oslo", "label": [], "relations": 5}), losses)
    assert list(losses.lines()) == ["relations, not read: 1; the first: x.jsonl:1"]


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (
            {"text": "Oslo", "label": [[0, 9, "LOC"]]},
            "x.jsonl:1: expected 0 <= start < end <= 4 for the LOC, counted in code points, found 0-9. "
            "If the offsets count something else, say so: offsets.",
        ),
        ({"text": "Oslo", "label": [[2, 2, "LOC"]]}, "x.jsonl:1: expected 0 <= start < end <= 4 for the LOC"),
        (
            {"text": "Oslo", "label": [[0, 1.5, "LOC"]]},
            "x.jsonl:1: expected whole numbers as start and end of the LOC",
        ),
        ({"text": "Oslo", "label": [[0, 4, " "]]}, "x.jsonl:1: expected a label for the span 0-4"),
        ({"text": "Oslo", "label": {}}, "x.jsonl:1: expected a list under 'label', found the object {}"),
        (
            {"text": "Oslo"},
            "x.jsonl:1: expected one of 'label', 'labels', 'entities' beside the text, found 'text'",
        ),
        ({"label": []}, "x.jsonl:1: expected a string under 'text', found 'label'"),
    ],
)
def test_what_is_wrong_is_an_error_that_can_be_skipped(item, message):
    with pytest.raises(FormatError) as caught:
        read(json.dumps(item))
    assert str(caught.value).startswith(message)
    assert str(caught.value).endswith("To skip and list bad data: skip_bad=True")
    losses = Losses(skip_bad=True)
    read(json.dumps(item), losses)
    assert len(losses) == 1


def test_texts_without_spans_are_warned_of_once_as_they_may_be_unfinished(caplog):
    full = json.dumps({"text": "Oslo", "label": [[0, 4, "LOC"]]}) + "\n"
    empty = json.dumps({"text": "Oslo", "label": []}) + "\n"
    read(full)
    read(full + empty, labelled=False)
    assert caplog.messages == []
    assert [item.spans for item in read(empty + full + empty)][0::2] == [(), ()]
    assert caplog.messages == [
        "x.jsonl: 2 of 3 texts have no spans; this format cannot mark a text as finished, so they are read as "
        "texts without entities. If some are open, export only approved documents."
    ]
