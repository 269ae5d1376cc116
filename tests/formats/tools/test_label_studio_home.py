"""Tasks that go back to the project of Label Studio that they came from."""

import io
import json
import logging

import pytest
from formats.writing import NO_SEGMENTER, pieces

from tagger.formats import AnnotatedText, CharacterSpan, Losses, ReadingOptions, WritingContext, read_items
from tagger.formats.tools.doccano import DOCCANO
from tagger.formats.tools.label_studio import LABEL_STUDIO

OSLO = "Ann in Oslo"
EXPECTED = "these tasks are for a project of Label Studio with the labelling configuration "


def read(tasks, *, labelled=True, format="label-studio", **options):
    source = io.BytesIO(json.dumps(tasks).encode())
    reading = ReadingOptions(format=format, **options)
    return list(read_items(source, reading, Losses(), name="x.json", labelled=labelled))


def written(texts, losses=None, model=None):
    context = WritingContext(Losses() if losses is None else losses, NO_SEGMENTER, model=model)
    return json.loads("".join(pieces(LABEL_STUDIO, texts, context)))


def region(control="ner", shown="content", kind="labels"):
    value = {"start": 0, "end": 3, "text": "Ann", kind: ["PER"]}
    return {"id": "a", "from_name": control, "to_name": shown, "type": kind, "value": value}


def task(*result, id=17, **data):
    """A task of a project whose text is called ``content``."""
    data = {"content": OSLO, "source": 5, **data}
    return {"id": id, "data": data, "annotations": [{"completed_by": 1, "result": list(result)}]}


def unannotated(id=16):
    return {"id": id, "data": {"content": OSLO, "source": 5}, "annotations": []}


def tagged(texts):
    """What tagging makes of texts: a prediction for each."""
    span = CharacterSpan(7, 11, "LOC", (), 0.5)
    return [
        AnnotatedText(text.text, (span,), document=text.document, fields=text.fields, home=text.home)
        for text in texts
    ]


def names(task):
    results = [*task.get("annotations", []), *task.get("predictions", [])]
    return [(region["from_name"], region["to_name"]) for one in results for region in one["result"]]


def test_converted_annotations_fit_their_project(caplog):
    tasks = [task(region(), region()), task(id="b"), task(region(), id=18, document=7)]
    back = written(read(tasks))
    assert [item["id"] for item in back] == [17, "b", 18]
    assert [item["data"] for item in back] == [item["data"] for item in tasks]
    assert [names(item) for item in back] == [[("ner", "content")] * 2, [], [("ner", "content")]]
    assert [item.document for item in read(back)] == ["17", "b", "7"]
    assert caplog.messages == []


@pytest.mark.parametrize("where", ["annotations", "predictions"])
def test_predictions_fit_the_project_whose_first_tasks_nobody_annotated(caplog, where):
    told = {**unannotated(17), where: [{"result": [region()]}]}
    back = written(tagged(read([unannotated(), told, unannotated(18)], labelled=False)), model="m")
    expected = {
        "id": "t1s1",
        "from_name": "ner",
        "to_name": "content",
        "type": "labels",
        "value": {"start": 7, "end": 11, "text": "Oslo", "labels": ["LOC"]},
        "score": 0.5,
    }
    assert back[0] == {
        "id": 16,
        "data": {"content": OSLO, "source": 5},
        "predictions": [{"model_version": "m", "score": 0.5, "result": [expected]}],
    }
    assert [item["id"] for item in back] == [16, 17, 18]
    assert caplog.messages == []


def test_so_many_tasks_wait_for_a_name_and_no_more(monkeypatch):
    monkeypatch.setattr("tagger.formats.tools.label_studio._MOST_HELD", 2)
    tasks = [unannotated(), unannotated(), unannotated(), task(region()), unannotated()]
    controls = [text.home.control for text in read(tasks, labelled=False)]
    assert controls == [None, None, "ner", "ner", "ner"]


def test_the_control_that_is_chosen_is_that_of_what_is_written():
    tasks = [task(region("chunk"), region("ner", "other"))]
    (back,) = written(read(tasks, label_column="ner"))
    assert names(back) == [("ner", "other")]


CONFIGURATION = (
    '<View><Labels name="{}" toName="{}"><Label value="LOC"/></Labels><Text name="{}" value="${}"/></View>'
)


@pytest.mark.parametrize(
    ("item", "told"),
    [
        (task(region("ner"), region("chunk")), ("label", "content")),
        (unannotated(), ("label", "text")),
        (task(region(kind="hypertextlabels")), ("label", "text")),
    ],
    ids=["several controls", "none", "one of HTML"],
)
def test_names_that_a_project_does_not_tell_are_said(caplog, item, told):
    (back,) = written(tagged(read([item], labelled=False)))
    assert names(back) == [told]
    assert back["data"] == item["data"]
    assert caplog.messages == [EXPECTED + CONFIGURATION.format(*told, told[1], "content")]


def test_what_comes_from_elsewhere_has_the_usual_names_which_are_said_once(caplog):
    labels = ('"A"', "<B", '"A"')
    texts = [AnnotatedText("a b", (CharacterSpan(0, 1, label),), document="1") for label in labels]
    back = written(texts)
    assert [item["data"] for item in back] == [{"text": "a b", "document": "1"}] * 3
    assert [names(item) for item in back] == [[("label", "text")]] * 3
    assert caplog.record_tuples == [
        (
            "tagger.formats.tools.label_studio_writing",
            logging.WARNING,
            f'{EXPECTED}<View><Labels name="label" toName="text"><Label value=\'"A"\'/>'
            '<Label value="&lt;B"/></Labels><Text name="text" value="$text"/></View>',
        )
    ]
    caplog.clear()
    assert written([]) == []
    assert caplog.messages == []


def test_ids_of_tasks_of_several_projects_do_not_come_again():
    (text,) = read([task(region())])
    (back,) = written([AnnotatedText(text.text, text.spans, document="a.json:17", home=text.home)])
    assert "id" not in back
    assert back["data"] == {"content": OSLO, "document": "a.json:17"}


def test_a_text_that_is_called_document_is_not_its_id():
    tasks = [{"id": 3, "data": {"document": OSLO}, "annotations": [{"result": [region()]}]}]
    (text,) = read(tasks)
    assert text.document == "3"
    (back,) = written([text])
    assert (back["id"], back["data"]) == (3, {"document": OSLO})
    losses = Losses()
    (back,) = written([AnnotatedText(OSLO, (), document="a:3", origin="x:1", home=text.home)], losses)
    assert back["data"] == {"document": OSLO}
    assert list(losses.lines()) == ["ids of documents whose place the text has, left out: 1; the first: x:1"]


def test_flat_rows_tell_the_names_of_text_and_control(caplog):
    row = {"id": 5, "body": OSLO, "ner": [region()["value"]], "annotator": 1, "annotation_id": 2}
    (back,) = written(read([row], format="label-studio-min"))
    assert (back["id"], back["data"]) == (5, {"body": OSLO})
    assert names(back) == [("ner", "text")]
    assert caplog.messages == [
        f'{EXPECTED}<View><Labels name="ner" toName="text"><Label value="PER"/></Labels>'
        '<Text name="text" value="$body"/></View>'
    ]


def test_other_formats_do_not_look_at_the_names():
    losses = Losses()
    (line,) = pieces(DOCCANO, read([task(region())]), WritingContext(losses, NO_SEGMENTER))
    assert json.loads(line) == {"text": OSLO, "label": [[0, 3, "PER"]], "source": 5}
    assert len(losses) == 0
