import json

import pytest
from formats.annotated_corpus import CORPUS
from formats.reading_by_options import continuous, read_as, spans_of
from formats.writing import NO_SEGMENTER, pieces

from tagger.errors import FormatError
from tagger.formats import (
    AnnotatedText,
    CharacterSpan,
    Losses,
    WritingContext,
    guess_format,
    read_examples,
)
from tagger.formats.tools.label_studio import LABEL_STUDIO


def read(value, losses=None, format="label-studio", **options):
    return read_as(format, "x.json", value, losses, **options)


def region(text, start, end, *labels, control="label", unit="utf-32-le", kind="labels", id="r"):
    size = {"utf-32-le": 4, "utf-16-le": 2, "utf-8": 1}[unit]
    first, after = (len(text[:place].encode(unit)) // size for place in (start, end))
    mention = text[start:end].replace("\n", "\\n").replace("\r", "\\n")
    value = {"start": first, "end": after, "text": mention, kind: list(labels)}
    return {
        "id": id,
        "from_name": control,
        "to_name": "text",
        "type": kind,
        "origin": "manual",
        "value": value,
    }


def annotation(*result, by=1, **more):
    return {
        "id": 1,
        "completed_by": by,
        "result": list(result),
        "was_cancelled": False,
        "lead_time": 3.2,
        **more,
    }


def task(text, *annotations, number=1, **more):
    return {"id": number, "data": {"text": text}, "annotations": list(annotations), "predictions": [], **more}


def exported(case, number, unit="utf-32-le"):
    """The task of a case as the tool exports it; labels on one range are labels of one region."""
    labels: dict[tuple[int, int], list[str]] = {}
    for ranges, label in continuous(case):
        labels.setdefault(ranges[0], []).append(label)
    regions = [region(case.text, *place, *names, unit=unit) for place, names in labels.items()]
    return task(case.text, annotation(*regions), number=number, total_annotations=1, meta={})


OSLO = "Ann in Oslo"
ANN = region(OSLO, 0, 3, "PER")
PLACE = region(OSLO, 7, 11, "LOC")


@pytest.mark.parametrize("form", ["list", "indented", "lines"])
def test_every_span_of_every_form_is_read(tmp_path, form):
    tasks = [exported(case, number) for number, case in enumerate(CORPUS)]
    text = (
        "\n".join(map(json.dumps, tasks))
        if form == "lines"
        else json.dumps(tasks, indent=2 if form == "indented" else None)
    )
    path = tmp_path / "project-1.json"
    path.write_text(text)
    assert guess_format(path) == "label-studio"
    losses = Losses()
    texts = read(text, losses)
    assert [item.text for item in texts] == [case.text for case in CORPUS]
    assert [spans_of(item) for item in texts] == [continuous(case) for case in CORPUS]
    assert [item.document for item in texts] == [str(number) for number in range(len(CORPUS))]
    assert len(losses) == 0


@pytest.mark.parametrize(("unit", "name"), [("utf-16-le", "utf16"), ("utf-8", "byte")])
def test_other_units_are_told_by_the_texts_of_the_regions_or_by_the_option(unit, name):
    tasks = [exported(case, number, unit) for number, case in enumerate(CORPUS)]
    expected = [continuous(case) for case in CORPUS]
    assert [spans_of(item) for item in read(tasks)] == expected
    assert [spans_of(item) for item in read(tasks, offsets=name)] == expected


def test_what_is_written_is_read_again():
    texts = read([exported(case, number) for number, case in enumerate(CORPUS)])
    written = "".join(pieces(LABEL_STUDIO, texts, WritingContext(Losses(), NO_SEGMENTER)))
    assert all("predictions" not in item for item in json.loads(written))
    again = read(written)
    assert [spans_of(item) for item in again] == [continuous(case) for case in CORPUS]
    assert [item.document for item in again] == [item.document for item in texts]


def test_predictions_are_written_with_scores_of_which_the_task_has_the_lowest():
    text = AnnotatedText(
        "\N{GRINNING FACE} Ann in Oslo",
        (CharacterSpan(2, 5, "PER", (), 0.5), CharacterSpan(9, 13, "LOC", (), 0.75)),
        document="d1",
        fields={"source": "news"},
    )
    context = WritingContext(Losses(), NO_SEGMENTER, model="runs/a")
    bare = AnnotatedText("Nothing", ())
    unknown = AnnotatedText("Unknown")
    first, second, third = json.loads("".join(pieces(LABEL_STUDIO, [text, bare, unknown], context)))
    shared = {"from_name": "label", "to_name": "text", "type": "labels"}
    assert first == {
        "data": {"text": "\N{GRINNING FACE} Ann in Oslo", "document": "d1", "source": "news"},
        "predictions": [
            {
                "model_version": "runs/a",
                "score": 0.5,
                "result": [
                    {
                        "id": "t1s1",
                        **shared,
                        "value": {"start": 2, "end": 5, "text": "Ann", "labels": ["PER"]},
                        "score": 0.5,
                    },
                    {
                        "id": "t1s2",
                        **shared,
                        "value": {"start": 9, "end": 13, "text": "Oslo", "labels": ["LOC"]},
                        "score": 0.75,
                    },
                ],
            }
        ],
    }
    assert second == {"data": {"text": "Nothing"}, "predictions": [{"model_version": "runs/a", "result": []}]}
    assert third == {"data": {"text": "Unknown"}}
    assert "".join(pieces(LABEL_STUDIO, [], context)) == "[]\n"


def test_offsets_are_written_in_the_unit_that_is_asked_for():
    text = AnnotatedText("\N{GRINNING FACE} Oslo", (CharacterSpan(2, 6, "LOC"),))
    (item,) = json.loads(
        "".join(pieces(LABEL_STUDIO, [text], WritingContext(Losses(), NO_SEGMENTER, offsets="utf16")))
    )
    assert item["annotations"][0]["result"][0]["value"] == {
        "start": 3,
        "end": 7,
        "text": "Oslo",
        "labels": ["LOC"],
    }


def test_a_field_whose_place_is_taken_is_counted():
    losses = Losses()
    text = AnnotatedText("Oslo", (), fields={"text": "other", "a": 1}, origin="a:1")
    (item,) = json.loads("".join(pieces(LABEL_STUDIO, [text], WritingContext(losses, NO_SEGMENTER))))
    assert item["data"] == {"text": "Oslo", "a": 1}
    assert list(losses.lines()) == ["fields called 'text', whose place is taken, left out: 1; the first: a:1"]


def test_tasks_that_nobody_finished_are_no_texts_without_entities():
    tasks = [
        task(OSLO, annotation(ANN), number=1),
        task(OSLO, number=2),
        task(OSLO, annotation(ANN, was_cancelled=True), number=3),
        task(OSLO, number=4, predictions=[{"result": [ANN], "score": 0.5}]),
        task(OSLO, annotation(), number=5),
        {"id": 6, "data": {"text": OSLO}, "completions": [annotation(PLACE, skipped=False)]},
    ]
    losses = Losses()
    assert [(item.document, spans_of(item)) for item in read(tasks, losses)] == [
        ("1", [(((0, 3),), "PER")]),
        ("5", []),
        ("6", [(((7, 11),), "LOC")]),
    ]
    assert list(losses.lines()) == [
        "tasks that nobody annotated, left out: 1; the first: x.json: item 2",
        "cancelled annotations, left out: 1; the first: x.json: item 3",
        "tasks whose annotations are all cancelled, left out: 1; the first: x.json: item 3",
        "tasks with predictions only, left out: 1; the first: x.json: item 4",
    ]
    unlabelled = read(tasks, labelled=False)
    assert [item.document for item in unlabelled] == ["1", "2", "3", "4", "5", "6"]
    assert {item.spans for item in unlabelled} == {None}


def test_texts_to_be_tagged_are_read_whatever_their_annotations_are():
    broken = [
        task(OSLO, annotation(region(OSLO, 0, 3)), number=1),
        task(OSLO, {"result": None}, number=2),
        {"data": {"text": OSLO}, "annotations": 7},
        task(OSLO, annotation(ANN, by=1), annotation(PLACE, by=2), number=4),
        task(OSLO, annotation(ANN, region(OSLO, 0, 3, "x", control="other")), number=5),
    ]
    assert [item.text for item in read(broken, labelled=False)] == [OSLO] * 5


def test_what_is_no_label_of_a_text_is_counted():
    other = {"type": "choices", "from_name": "c", "to_name": "text", "value": {"choices": ["x"]}}
    relation = {"type": "relation", "from_id": "a", "to_id": "b", "direction": "right"}
    losses = Losses()
    (text,) = read([task(OSLO, annotation(ANN, other, relation, relation))], losses)
    assert spans_of(text) == [(((0, 3),), "PER")]
    assert list(losses.lines()) == [
        "results of the type choices, not read: 1; the first: x.json: item 1",
        "relations, not read: 2; the first: x.json: item 1",
    ]


def test_hypertext_has_its_offsets_apart():
    value = {
        "start": "/div[1]/text()[1]",
        "end": "/div[1]/text()[1]",
        "startOffset": 0,
        "endOffset": 4,
        "globalOffsets": {"start": 7, "end": 11},
        "text": "Oslo",
        "hypertextlabels": ["LOC"],
    }
    item = {"from_name": "ner", "to_name": "html", "type": "hypertextlabels", "value": value}
    (text,) = read([task(OSLO, annotation(item))])
    assert spans_of(text) == [(((7, 11),), "LOC")]
    del value["globalOffsets"]
    with pytest.raises(FormatError) as caught:
        read([task(OSLO, annotation(item))])
    assert str(caught.value) == (
        "x.json: item 1: expected whole numbers as start and end of the LOC, found the string "
        '"/div[1]/text()[1]" and the string "/div[1]/text()[1]". To skip and list bad data: '
        "skip_bad=True"
    )


def test_line_breaks_of_a_region_are_written_as_two_characters():
    text = "New\nYork, C:\\new"
    city, path = region(text, 0, 8, "LOC"), region(text, 10, 16, "PATH")
    assert city["value"]["text"] == r"New\nYork"
    assert path["value"]["text"] == r"C:\new"
    (item,) = read([task(text, annotation(city, path))])
    assert spans_of(item) == [(((0, 8),), "LOC"), (((10, 16),), "PATH")]


def test_one_control_is_read_and_several_must_be_chosen_from(caplog):
    other = region(OSLO, 7, 11, "CAPITAL", control="kind")
    caplog.set_level("INFO")
    read([task(OSLO, annotation(ANN))])
    assert caplog.messages == ["x.json: labels are those of the control 'label'"]
    tasks = [task(OSLO, annotation(ANN)), task(OSLO, annotation(PLACE, other))]
    with pytest.raises(FormatError) as caught:
        read(tasks)
    assert str(caught.value) == (
        "x.json: item 2: expected labels of one control, found those of 'label', 'kind'. Choose one: "
        "label_column='label'"
    )
    losses = Losses()
    assert [spans_of(item) for item in read(tasks, losses, label_column="kind")] == [
        [],
        [(((7, 11),), "CAPITAL")],
    ]
    assert list(losses.lines()) == [
        "regions of other controls than kind, not read: 2; the first: x.json: item 1"
    ]
    with pytest.raises(FormatError) as caught:
        read(tasks, label_column="nix")
    assert str(caught.value) == "x.json: expected labels of the control 'nix', found those of 'label', 'kind'"


def test_a_wrong_control_is_named_before_a_text_that_it_did_not_tell():
    of_task = task(OSLO, annotation(ANN))
    of_task["data"]["source"] = "news"
    (item,) = read([of_task])
    assert (item.text, item.fields["source"]) == (OSLO, "news")
    of_row = row(OSLO, ANN, source="news")
    for format, value in (("label-studio", of_task), ("label-studio-min", of_row)):
        with pytest.raises(FormatError) as caught:
            read([value], format=format, label_column="nix")
        assert str(caught.value) == "x.json: expected labels of the control 'nix', found those of 'label'"
        (item,) = read([value], format=format, labelled=False, label_column="nix")
        assert item.text == OSLO


ANNA, BOB = {"id": 4, "email": "anna@example.org"}, 7


def test_annotators_who_agree_are_read_once():
    losses = Losses()
    (text,) = read([task(OSLO, annotation(ANN, PLACE, by=ANNA), annotation(PLACE, ANN, by=BOB))], losses)
    assert spans_of(text) == [(((0, 3),), "PER"), (((7, 11),), "LOC")]
    assert list(losses.lines()) == [
        "annotations equal to another annotator's, read once: 1; the first: x.json: item 1"
    ]


def test_of_annotators_who_differ_one_must_be_chosen():
    tasks = [
        task(OSLO, annotation(ANN, by=ANNA), annotation(PLACE, by=BOB)),
        task(OSLO, annotation(ANN, by=BOB)),
    ]
    with pytest.raises(FormatError) as caught:
        read([*tasks, task(OSLO, annotation(by=9), annotation(by=8, was_cancelled=True)), {"data": 1}])
    assert str(caught.value) == (
        "x.json: item 1: expected one annotation of a text, found different ones of anna@example.org and 7. Choose "
        "one (anna@example.org, 7, 9): annotator='anna@example.org'. To skip and list bad data: skip_bad=True"
    )
    losses = Losses()
    for name in ("anna@example.org", "4"):
        (text,) = read(tasks, losses, annotator=name)
        assert spans_of(text) == [(((0, 3),), "PER")]
    assert losses.count("annotations of others than 4, left out") == 2
    assert losses.count("tasks that the annotator did not annotate, left out") == 2
    with pytest.raises(FormatError) as caught:
        read(tasks, annotator="carl")
    assert str(caught.value) == "x.json: expected annotations of 'carl', found those of anna@example.org, 7"
    assert len(read(tasks, Losses(skip_bad=True))) == 1


def test_ground_truth_comes_before_others():
    losses = Losses()
    tasks = [task(OSLO, annotation(ANN, by=1), annotation(PLACE, by=2, ground_truth=True), annotation(by=3))]
    (text,) = read(tasks, losses)
    assert spans_of(text) == [(((7, 11),), "LOC")]
    assert losses.count("annotations beside one that is ground truth, left out") == 2


def test_the_field_of_the_text_is_the_one_in_which_the_mentions_are():
    first = {"data": {"title": "Some title", "body": OSLO, "n": 3}, "annotations": [annotation()]}
    second = {"data": {"title": "Another one", "body": OSLO}, "annotations": [annotation(PLACE)]}
    texts = read([first, first, second])
    assert [item.text for item in texts] == [OSLO] * 3
    assert texts[0].fields == {"title": "Some title", "n": 3}
    with pytest.raises(FormatError) as caught:
        read([first])
    assert str(caught.value) == (
        "x.json: expected one field with the text of a task, found 'title', 'body'. Name it: "
        "text_column='title'"
    )
    assert [item.text for item in read([first], text_column="title")] == ["Some title"]


def test_what_is_written_of_documents_is_read_again_with_and_without_annotations():
    texts = [AnnotatedText(OSLO, (CharacterSpan(0, 3, "PER", probability=0.5),), document="d 1")]
    (written,) = json.loads(
        "".join(pieces(LABEL_STUDIO, texts, WritingContext(Losses(), NO_SEGMENTER, model="m")))
    )
    assert written["data"] == {"text": OSLO, "document": "d 1"}
    (again,) = read([written], labelled=False)
    assert (again.text, again.document, again.fields) == (OSLO, "d 1", {})
    losses = Losses()
    assert read([written], losses) == []
    assert list(losses.lines()) == ["tasks with predictions only, left out: 1; the first: x.json: item 1"]
    other = {"id": 5, "data": {"body": OSLO, "document": "d1"}, "annotations": []}
    (again,) = read([other], labelled=False)
    assert (again.text, again.document) == (OSLO, "d1")


def test_the_usual_field_is_the_text_where_several_would_do(caplog):
    item = {"data": {"title": "Some title", "text": OSLO}, "annotations": [annotation()]}
    with caplog.at_level("INFO", "tagger.formats"):
        (text,) = read([item])
    assert (text.text, text.fields) == (OSLO, {"title": "Some title"})
    assert "x.json: texts are those of the field 'text', of 'title', 'text' (text_column names another)" in (
        caplog.messages
    )
    row = {"id": 1, "title": "Some title", "text": OSLO, "annotation_id": 2, "lead_time": 1}
    (text,) = read([row], format="label-studio-min")
    assert (text.text, text.spans) == (OSLO, ())


def test_a_text_may_stand_in_the_field_of_documents():
    item = {"id": 5, "data": {"document": OSLO}, "annotations": [annotation(PLACE)]}
    (text,) = read([item])
    assert (text.text, text.document, text.fields) == (OSLO, "5", {})


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (
            task("Oslo", annotation(region("Oslo in Oslo", 0, 9, "LOC"))),
            "x.json: item 1: expected 0 <= start < end <= 4 for the LOC, counted in code points, found 0-9.",
        ),
        (
            task("Oslo", annotation(region("Rome", 0, 4, "LOC"))),
            "x.json: item 1: expected 'Rome' at 0-4, as the LOC there says, found 'Oslo'.",
        ),
        (
            task("Oslo", annotation(region("Oslo", 0, 4))),
            "x.json: item 1: expected a label for the span 0-4, found nothing.",
        ),
        (
            {"id": 1, "data": {"text": "Oslo"}, "annotations": 5},
            "x.json: item 1: expected a list of objects under 'annotations', found the number 5.",
        ),
        (
            task("Oslo", {"result": "x"}),
            "x.json: item 1: expected a list under 'result', found the string \"x\".",
        ),
        (
            task("Oslo", annotation(5)),
            "x.json: item 1: expected regions, objects, in the result, found the number 5.",
        ),
        (
            task("Oslo", annotation({"type": "labels", "from_name": "label"})),
            "x.json: item 1: expected an object as the value of a region, found null.",
        ),
        (
            {"id": 1, "annotations": []},
            "x.json: item 1: expected a task with an object under 'data', found 'id', 'annotations'.",
        ),
    ],
)
def test_what_is_wrong_is_an_error_that_can_be_skipped(item, message):
    good = task("Oslo", annotation(region("Oslo", 0, 4, "LOC")))
    with pytest.raises(FormatError) as caught:
        read([item, good])
    assert str(caught.value).startswith(message)
    assert str(caught.value).endswith("To skip and list bad data: skip_bad=True")
    losses = Losses(skip_bad=True)
    assert spans_of(read([item, good], losses)[-1]) == [(((0, 4),), "LOC")]
    assert len(losses) == 1


def html_region(start, end, mention, label="ORG"):
    """A region as the editor saves it in a HyperText: places in the tree of the page, and offsets without tags."""
    path = {"start": "/p[1]/text()[1]", "end": "/p[1]/text()[1]", "startOffset": 0, "endOffset": 2}
    value = {
        **path,
        "globalOffsets": {"start": start, "end": end},
        "text": mention,
        "hypertextlabels": [label],
    }
    return {"from_name": "ner", "to_name": "html", "type": "hypertextlabels", "value": value}


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>EU rejects</p>", "EU rejects"),
        ("<html><head><title>x</title></head><body><p>EU <b>rej</b>ects</p></body></html>", "EU rejects"),
        (
            "EU<br>rejects<br/>it &amp; &#x1F600;<!-- or -->\r\nOslo",
            "EU\nrejects\nit & \N{GRINNING FACE}\nOslo",
        ),
        ("<pre>\nEU rejects</pre><p>Oslo</p>", "EU rejectsOslo"),
    ],
)
@pytest.mark.parametrize("unit", ["utf-32-le", "utf-16-le"])
def test_html_is_read_without_its_tags(html, text, unit):
    size = {"utf-32-le": 4, "utf-16-le": 2}[unit]
    places = [(text.index(word), word) for word in ("EU", "Oslo") if word in text]
    regions = []
    for start, word in places:
        first = len(text[:start].encode(unit)) // size
        regions.append(html_region(first, first + len(word), word))
    losses = Losses()
    (item,) = read([task(html, annotation(*regions))], losses)
    assert item.text == text
    assert spans_of(item) == [(((start, start + len(word)),), "ORG") for start, word in places]
    assert list(losses.lines()) == ["texts in HTML, read without their tags: 1; the first: x.json: item 1"]
    flat = {**row(html), "ner": [region["value"] for region in regions]}
    (item,) = read([flat], format="label-studio-min")
    assert (item.text, len(item.spans)) == (text, len(places))


def test_whether_texts_are_html_one_region_tells_for_all():
    empty = task("<i>No</i>thing", annotation(), number=1)
    html = [empty, task("<p>EU rejects</p>", annotation(html_region(0, 2, "EU")), number=2), empty]
    assert [item.text for item in read(html)] == ["Nothing", "EU rejects", "Nothing"]
    assert [item.text for item in read(html, labelled=False)] == ["Nothing", "EU rejects", "Nothing"]
    plain = [empty, task("a <b> c", annotation(region("a <b> c", 3, 4, "X")), number=2)]
    assert [item.text for item in read(plain)] == ["<i>No</i>thing", "a <b> c"]
    assert [item.text for item in read([empty])] == ["<i>No</i>thing"]


@pytest.mark.parametrize(
    ("drawn", "message"),
    [
        (
            html_region(1, 3, "EU"),
            "x.json: item 1: expected 'EU' at 1-3 of the text outside of the tags, as the ORG there says, found 'U '. "
            "HTML is read where offsets count the characters outside of tags, and one for each <br>.",
        ),
        (
            html_region(0, 2, None),
            "x.json: item 1: expected the text of the ORG at 0-2, without which offsets into HTML cannot be checked, "
            'found none. Have it saved (saveTextResult="yes" in the labelling configuration).',
        ),
    ],
)
def test_offsets_into_html_count_only_where_the_texts_of_regions_confirm_them(drawn, message):
    for format, item in (
        ("label-studio", task("<p>EU rejects</p>", annotation(drawn))),
        ("label-studio-min", {**row("<p>EU rejects</p>"), "ner": [drawn["value"]]}),
    ):
        with pytest.raises(FormatError) as caught:
            read([item], format=format)
        assert str(caught.value) == (f"{message} To skip and list bad data: skip_bad=True")
        losses = Losses(skip_bad=True)
        assert read([item], losses, format=format) == []


DIALOGUE = {
    "type": "paragraphlabels",
    "from_name": "p",
    "to_name": "dialogue",
    "value": {"start": "0", "end": "0", "startOffset": 0, "endOffset": 2, "paragraphlabels": ["ORG"]},
}
DRAWN = {
    "type": "taxonomy",
    "from_name": "t",
    "to_name": "text",
    "value": {"start": 0, "end": 3, "text": "Ann", "taxonomy": [["PER"]]},
}


@pytest.mark.parametrize(("other", "kind"), [(DIALOGUE, "paragraphlabels"), (DRAWN, "taxonomy")])
def test_annotations_of_other_things_than_labelled_ranges_are_no_texts_without_entities(other, kind):
    tasks = [task(OSLO, annotation(other)), task(OSLO, annotation(ANN, other)), task(OSLO, annotation())]
    losses = Losses()
    assert [(item.origin, len(item.spans)) for item in read(tasks, losses)] == [
        ("x.json: item 2", 1),
        ("x.json: item 3", 0),
    ]
    expected = [
        f"results of the type {kind}, not read: 2; the first: x.json: item 1",
        f"annotations with {kind} only, left out: 1; the first: x.json: item 1",
    ]
    assert list(losses.lines()) == expected
    rows = [
        {**row(OSLO, number=1), "o": [other["value"]]},
        {**row(OSLO, ANN, number=2), "o": [other["value"]]},
        row(OSLO, number=3),
    ]
    losses = Losses()
    texts = read(rows, losses, format="label-studio-min")
    assert [(item.origin, len(item.spans)) for item in texts] == [
        ("x.json: item 2", 1),
        ("x.json: item 3", 0),
    ]
    assert list(losses.lines()) == expected


def test_a_file_of_other_results_alone_is_refused():
    choice = {"type": "choices", "from_name": "c", "to_name": "text", "value": {"choices": ["x"]}}
    with pytest.raises(FormatError) as caught:
        read([task(OSLO, annotation(choice)), task(OSLO, annotation())])
    assert str(caught.value) == (
        "x.json: expected labels of ranges of texts, found only results of other types: choices"
    )
    assert len(read([task(OSLO, annotation(choice))], labelled=False)) == 1
    assert [
        len(item.spans) for item in read([task(OSLO, annotation(choice)), task(OSLO, annotation(ANN))])
    ] == [0, 1]


def test_a_first_task_without_a_text_does_not_hide_the_field():
    empty = {"id": 1, "data": {"text": None}, "annotations": [annotation()]}
    titled = {"id": 2, "data": {"text": None, "title": "Some title"}, "annotations": [annotation()]}
    losses = Losses(skip_bad=True)
    texts = read([empty, titled, task(OSLO, annotation(ANN), number=3)], losses)
    assert [(item.document, item.text) for item in texts] == [("3", OSLO)]
    assert losses.to_list()[0]["places"][0] == (
        "x.json: item 1: expected a string under 'text' of the task's data, found 'text'"
    )
    with pytest.raises(FormatError) as caught:
        read([empty, task(OSLO, annotation(ANN), number=2)])
    assert str(caught.value).startswith(
        "x.json: item 1: expected a string under 'text' of the task's data, found 'text'."
    )
    unused = [{**task(OSLO, annotation()), "data": {"text": OSLO, "source": None}}] * 2
    assert [item.text for item in read(unused)] == [OSLO] * 2
    with pytest.raises(FormatError) as caught:
        read([empty])
    assert str(caught.value) == (
        "x.json: expected one field with the text of a task, found none. Name it: text_column"
    )


# JSON-MIN


def row(text, *values, number=1, annotation_id=1, by=1, key="label", **more):
    labels = {key: [item["value"] for item in values]} if values else {}
    server = {"annotator": by, "annotation_id": annotation_id, "created_at": "2026", "lead_time": 1.5}
    return {"id": number, "text": text, **labels, **server, **more}


def test_flat_rows_are_read(tmp_path):
    rows = [
        row(item["data"]["text"], *item["annotations"][0]["result"], number=item["id"])
        for item in (exported(case, number) for number, case in enumerate(CORPUS))
    ]
    path = tmp_path / "min.json"
    path.write_text(json.dumps(rows))
    assert guess_format(path) == "label-studio-min"
    texts = read(rows, format="label-studio-min")
    assert [item.text for item in texts] == [case.text for case in CORPUS]
    assert [spans_of(item) for item in texts] == [continuous(case) for case in CORPUS]


def test_of_flat_rows_only_those_with_an_annotation_count():
    rows = [
        row(OSLO, number=1, annotation_id=None, by=None),
        row(OSLO, number=2, sentiment="good"),
        row(OSLO, ANN, number=3),
    ]
    losses = Losses()
    texts = read(rows, losses, format="label-studio-min", text_column="text")
    assert [(item.document, spans_of(item)) for item in texts] == [("2", []), ("3", [(((0, 3),), "PER")])]
    assert texts[0].fields == {"sentiment": "good"}
    assert list(losses.lines()) == ["tasks that nobody annotated, left out: 1; the first: x.json: item 1"]
    unlabelled = read([*rows, rows[2]], format="label-studio-min", labelled=False)
    assert [(item.document, item.spans) for item in unlabelled] == [("1", None), ("2", None), ("3", None)]


def test_annotators_and_controls_of_flat_rows_are_chosen():
    rows = [row(OSLO, ANN, by="a@b.c"), row(OSLO, PLACE, by=2)]
    with pytest.raises(FormatError) as caught:
        read([*rows, row(OSLO, by=3), row(OSLO, by=None, annotation_id=None)], format="label-studio-min")
    assert str(caught.value).startswith(
        "x.json: item 2: expected one annotation of a text, found different ones of a@b.c and 2. Choose one "
        "(a@b.c, 2, 3): annotator='a@b.c'."
    )
    assert [spans_of(item) for item in read(rows, format="label-studio-min", annotator="2")] == [
        [(((7, 11),), "LOC")]
    ]
    rows = [{**row(OSLO, ANN), "kind": [PLACE["value"]]}]
    with pytest.raises(FormatError, match="found those of 'label', 'kind'"):
        read(rows, format="label-studio-min")
    with pytest.raises(FormatError) as caught:
        read([row(OSLO, ANN), {"id": 2}], format="label-studio-min")
    assert str(caught.value).startswith("x.json: item 2: expected a string under 'text', found 'id'.")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            [ANN["value"], {"start": 7, "end": 11, "text": "Oslo"}],
            "x.json: item 1: expected a label for the span 7-11, found nothing.",
        ),
        (
            [{"start": 7, "end": 11, "text": "Oslo"}],
            "x.json: item 1: expected a label for the span 7-11, found nothing.",
        ),
        (
            [ANN["value"], 5],
            "x.json: item 1: expected an object as the value of a region, found the number 5.",
        ),
    ],
)
def test_one_region_that_is_wrong_makes_no_text_without_entities_of_a_row(values, message):
    rows = [{**row(OSLO, number=1), "label": values}, row(OSLO, PLACE, number=2)]
    with pytest.raises(FormatError) as caught:
        read(rows, format="label-studio-min")
    assert str(caught.value) == (f"{message} To skip and list bad data: skip_bad=True")
    losses = Losses(skip_bad=True)
    texts = read(rows, losses, format="label-studio-min")
    assert len(losses) == 1
    assert spans_of(texts[-1]) == [(((7, 11),), "LOC")]
    assert all("label" not in item.fields for item in texts)


def test_flat_rows_without_any_region_are_warned_about(caplog):
    rows = [row(OSLO, number=1), row(OSLO, number=2)]
    assert [item.spans for item in read(rows, format="label-studio-min")] == [(), ()]
    assert caplog.messages == [
        "x.json: none of 2 annotated rows has a labelled range; if something other than ranges was labelled, do not "
        "take them for texts without entities"
    ]


# CoNLL

CONLL = (
    "-DOCSTART- -X- O\n"
    "Ann -X- _ B-PER\nlives -X- _ O\nin -X- _ O\n(Oslo). -X- _ B-LOC\n\n"
    "The -X- _ O\nU.N. -X- _ B-Big Thing\nin -X- _ O\nNew -X- _ B-LOC\nYork, -X- _ I-LOC\nRome. -X- _ B-LOC\n\n"
    "Ann -X- _ B-PER\nlives -X- _ O\nin -X- _ O\n(Oslo). -X- _ O\n\n"
)


def test_the_columns_are_read_with_warnings_about_what_they_cannot_say(tmp_path, caplog):
    path = tmp_path / "result.conll"
    path.write_text(CONLL)
    assert guess_format(path) == "label-studio-conll"
    first, second, third = read(CONLL, format="label-studio-conll")
    assert first.tokens == ("Ann", "lives", "in", "(Oslo).")
    assert first.labels == ("B-PER", "O", "O", "B-LOC")
    assert second.labels == ("O", "B-Big Thing", "O", "B-LOC", "I-LOC", "B-LOC")
    assert [item.document for item in (first, second, third)] == ["1", "2", "3"]
    assert second.origin == "x.json:7"
    assert caplog.messages == [
        "x.json: a CoNLL export of Label Studio holds tasks that nobody annotated as texts without entities, and those "
        "of several annotators several times; export JSON instead, if you can",
        "x.json: 3 entities have full stops, commas or the like at their ends, which are cut off with "
        "trim_entities=True; the first in the text at x.json:2",
        "x.json: 1 texts are repeated with other labels",
    ]


def test_marks_are_cut_off_the_ends_of_entities_if_that_is_wanted():
    losses = Losses()
    first, second, _ = read(CONLL, losses, format="label-studio-conll", trim_entities=True)
    assert first.tokens == ("Ann", "lives", "in", "(", "Oslo", ")", ".")
    assert first.labels == ("B-PER", "O", "O", "O", "B-LOC", "O", "O")
    assert second.tokens == ("The", "U.N.", "in", "New", "York", ",", "Rome", ".")
    assert second.labels == ("O", "B-Big Thing", "O", "B-LOC", "I-LOC", "O", "B-LOC", "O")
    assert list(losses.lines()) == [
        "entities with full stops, commas or the like at their ends, which were cut off: 3; the first: x.json:2: "
        "'Ann lives in (Oslo).'"
    ]


@pytest.mark.parametrize(
    ("entity", "expected"),
    [
        ("Oslo", "[Oslo]"),
        ("Müller(s)", "[Müller(s)]"),
        ("“Zoë Å”,", "“ [Zoë Å] ” ,"),
        ("J.", "[J.]"),
        ("Inc.", "[Inc] ."),
        ("Oslo .", "[Oslo] ."),
        ("...", "[...]"),
        ("«Le Monde»?!", "« [Le Monde] » ? !"),
        ("(UN) Council", "[(UN) Council]"),
    ],
)
def test_marks_that_belong_to_an_entity_stay(entity, expected):
    words = entity.split()
    rows = [f"{word} -X- _ {'I' if place else 'B'}-X\n" for place, word in enumerate(words)]
    (item,) = read("-DOCSTART- -X- O\n" + "".join(rows), format="label-studio-conll", trim_entities=True)
    shown = " ".join(
        f"{'[' * (label == 'B-X')}{token}{']' * (after in ('O', '') and label != 'O')}"
        for token, label, after in zip(item.tokens, item.labels, (*item.labels[1:], ""), strict=True)
    )
    assert shown == expected


def test_other_lines_in_the_columns_are_an_error_that_can_be_skipped():
    text = "-DOCSTART- -X- O\nOslo -X- _ B-LOC\nNonsense O\n"
    with pytest.raises(FormatError) as caught:
        read(text, format="label-studio-conll")
    assert str(caught.value).startswith(
        "x.json:3: expected a word and its label as 'Oslo -X- _ B-LOC', found 'Nonsense O'."
    )
    (item,) = read(text, format="label-studio-conll", skip_bad=True)
    assert item.tokens == ("Oslo",)
    (item,) = read("-DOCSTART- -X- O\nOslo -X- _ B-LOC\n", format="label-studio-conll", labelled=False)
    assert item.labels is None


def test_a_column_file_of_the_shared_task_is_none_of_the_tool(tmp_path):
    path = tmp_path / "eng.train"
    path.write_text("-DOCSTART- -X- O O\n\nEU NNP I-NP I-ORG\n")
    assert guess_format(path) == "conll"


def test_an_export_trains_like_any_other_file(tmp_path):
    path = tmp_path / "export.json"
    path.write_text(json.dumps([task(OSLO, annotation(ANN, PLACE))]))
    (example,) = read_examples(path, segmenter=lambda: lambda text: [[(0, 3), (4, 6), (7, 11)]])
    assert example.tokens == ("Ann", "in", "Oslo")
    assert example.labels == ("B-PER", "O", "B-LOC")
