import json

import pytest

from tagger.conversion.tasks import find_task_format, write_tasks
from tagger.errors import UsageError
from tagger.formats import CharacterSpan, Losses, ReadingContext, ReadingOptions
from tagger.formats.registry import FORMATS
from tagger.formats.tasks import Reading, Task

LOC = CharacterSpan(3, 11, "LOC")
TASK = Task(
    text="in New York",
    tokens=((0, 2), (3, 6), (7, 11)),
    readings=(
        Reading(name="gold", spans=(), is_annotation=True),
        Reading(name="model", spans=(LOC._replace(probability=0.75),), probability=0.5),
        Reading(name="Ann", spans=(CharacterSpan(3, 6, "LOC"),)),
    ),
    fields={"rank": 1, "reason": "missing"},
    document="d7",
)
TAGS = Task(
    text="in Oslo",
    tokens=((0, 2), (3, 7)),
    readings=(
        Reading(name="gold", labels=("ADP", "X"), is_annotation=True),
        Reading(name="model", labels=("ADP", "PROPN"), probability=0.5),
    ),
)


def written(path, format, *tasks):
    losses = write_tasks(path, find_task_format(path, format), tasks)
    return path.read_text(encoding="utf-8"), losses


def read(path, format, annotator=None, predicted=False):
    options = ReadingOptions(annotator=annotator)
    context = ReadingContext(path.name, options, Losses(), predicted=predicted)
    return list(FORMATS[format].read(path, context))


def test_label_studio_shows_the_annotation_and_a_prediction_of_each_other_reading(tmp_path):
    text, losses = written(tmp_path / "tasks.json", "label-studio", TASK)
    [task] = json.loads(text)
    assert task["data"] == {"text": "in New York", "document": "d7", "rank": 1, "reason": "missing"}
    assert task["annotations"] == [{"result": []}]
    shown = [
        (
            each["model_version"],
            each.get("score"),
            [(region["value"]["text"], region["value"]["labels"]) for region in each["result"]],
        )
        for each in task["predictions"]
    ]
    assert shown == [("model", 0.5, [("New York", ["LOC"])]), ("Ann", None, [("New", ["LOC"])])]
    assert not len(losses)


def test_label_studio_is_told_the_configuration_that_shows_all_labels(tmp_path, caplog):
    written(tmp_path / "tasks.json", "label-studio", TASK, TAGS)
    [message] = caplog.messages
    assert all(f'<Label value="{label}"/>' in message for label in ("ADP", "LOC", "PROPN", "X"))


def test_a_prediction_that_has_no_probability_has_that_of_its_least_sure_span(tmp_path):
    spans = (LOC._replace(probability=0.75), CharacterSpan(0, 2, "X", probability=0.25))
    task = Task(text=TASK.text, tokens=TASK.tokens, readings=(Reading(name="a", spans=spans),))
    [made] = json.loads(written(tmp_path / "tasks.json", "label-studio", task)[0])
    assert made["predictions"][0]["score"] == 0.25
    assert "annotations" not in made


@pytest.mark.parametrize(("annotator", "spans"), [("model", (LOC,)), ("Ann", (CharacterSpan(3, 6, "LOC"),))])
def test_readings_in_label_studio_are_read_by_their_names(tmp_path, annotator, spans):
    path = tmp_path / "tasks.json"
    written(path, "label-studio", TASK)
    [text] = read(path, "label-studio", annotator, predicted=True)
    assert tuple(span._replace(probability=None) for span in text.spans) == spans


@pytest.mark.parametrize(
    ("annotator", "spans"), [("gold", ()), ("model", (LOC,)), ("Ann", (CharacterSpan(3, 6, "LOC"),))]
)
def test_readings_in_prodigy_are_read_by_their_names(tmp_path, annotator, spans):
    path = tmp_path / "tasks.jsonl"
    written(path, "prodigy", TASK)
    [text] = read(path, "prodigy", annotator)
    assert tuple(span._replace(probability=None) for span in text.spans) == spans
    assert text.document == "d7"
    assert text.fields["meta"]["rank"] == 1


def test_prodigy_gets_a_line_for_each_reading_that_belong_together(tmp_path):
    text, losses = written(tmp_path / "tasks.jsonl", "prodigy", TASK, TASK)
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["_annotator_id"] for line in lines] == ["gold", "model", "Ann"] * 2
    hashes = [line["_input_hash"] for line in lines]
    assert len(set(hashes[:3])) == 1
    assert len(set(hashes)) == 2  # two tasks, although of one text
    assert {line["answer"] for line in lines} == {"accept"}
    assert lines[1]["meta"] == {"document": "d7", "rank": 1, "reason": "missing", "probability": 0.5}
    assert lines[1]["spans"][0]["score"] == 0.75
    assert not len(losses)


def test_doccano_has_the_first_reading_and_shows_the_others_beside_it(tmp_path):
    text, _ = written(tmp_path / "tasks.jsonl", "doccano", TASK)
    assert json.loads(text) == {
        "text": "in New York",
        "label": [],
        "model": "in [New York](LOC)",
        "Ann": "in [New](LOC) York",
        "rank": 1,
        "reason": "missing",
    }


def test_what_a_format_of_one_reading_has_no_place_for_is_counted(tmp_path):
    text, losses = written(tmp_path / "tasks.conll", "auto", TASK)
    assert "New\tO\n" in text
    assert losses.count("texts with more beside them, which is not written") == 1


def test_labels_stay_labels_where_there_is_a_place_for_them(tmp_path):
    text, losses = written(tmp_path / "tasks.jsonl", "auto", TAGS)
    assert json.loads(text) == {
        "tokens": ["in", "Oslo"],
        "labels": ["ADP", "X"],
        "model": "in/ADP Oslo/PROPN",
    }
    assert not len(losses)


def test_labels_are_spans_of_one_token_each_elsewhere(tmp_path):
    path = tmp_path / "tasks.json"
    written(path, "label-studio", TAGS)
    [text] = read(path, "label-studio", "model", predicted=True)
    assert [(span.start, span.end, span.label) for span in text.spans] == [(0, 2, "ADP"), (3, 7, "PROPN")]


def test_nothing_to_look_at_is_an_empty_list(tmp_path):
    assert written(tmp_path / "tasks.json", "label-studio")[0] == "[]\n"


def test_a_name_that_does_not_tell_the_format_needs_one(tmp_path):
    with pytest.raises(UsageError, match="expected a name that shows the format"):
        find_task_format(tmp_path / "tasks.json")


def test_a_failure_leaves_what_was_there(tmp_path):
    path = tmp_path / "tasks.json"
    path.write_text("old")

    def failing():
        yield TASK
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        write_tasks(path, find_task_format(path, "label-studio"), failing())
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["tasks.json"]
