"""Raw text is cut in the same way by the library and by every sub-command."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tagger import Tagger
from tagger.storage import load_model, save_model
from tagger.text import WINDOW_SIZE, register_segmenter, registry

FAULT = (
    "segmenter 'overlapping': expected tokens in order, found one that starts at character 2 after one that ends "
    "at 4. The plug-in is faulty."
)


@pytest.mark.slow
def test_long_text_has_the_same_entities_in_the_library_and_on_the_command_line(program, ner_model):
    text = "Anna " + "Smith " * (
        WINDOW_SIZE // 6 + 100
    )  # one sentence, longer than a window, that is one name
    entities = Tagger.load(ner_model).extract(text)
    status, output, _ = program("tag", ner_model, "--output", "jsonl", stdin=text)
    sentences = [json.loads(line) for line in output.splitlines()]
    assert (status, len(sentences), len(entities)) == (0, 2, 2)
    assert [(entity.start, entity.end, entity.label, entity.text) for entity in entities] == [
        (entity["start"], entity["end"], entity["label"], entity["text"])
        for sentence in sentences
        for entity in sentence["entities"]
    ]
    for entity in entities:
        assert text[entity.start : entity.end] == entity.text


class Overlapping:
    """A faulty plug-in: its tokens overlap."""

    name = "overlapping"
    version = "1"

    def options(self):
        return {}

    def __call__(self, text):
        return [[(0, 4), (2, len(text))]]


def make_overlapping(options):
    return Overlapping()


@pytest.fixture(scope="module")
def faulty_model(ner_model, tmp_path_factory):
    register_segmenter("overlapping", make_overlapping)
    parts = replace(
        load_model(Path(ner_model)), segmenter={"name": "overlapping", "version": "1", "options": {}}
    )
    folder = tmp_path_factory.mktemp("faulty") / "model"
    save_model(parts, folder, card="")
    yield str(folder)
    del registry._FACTORIES["overlapping"]


def test_a_faulty_plug_in_is_the_same_error_everywhere(program, faulty_model, tmp_path):
    from tagger.errors import DataError

    with pytest.raises(DataError) as error:
        Tagger.load(faulty_model).extract("Anna met Bob")
    assert str(error.value) == FAULT
    path = tmp_path / "gold.jsonl"
    path.write_text('{"text": "Anna met Bob", "spans": []}')
    for arguments in (
        ("tag", faulty_model),
        ("tag", faulty_model, path),
        ("evaluate", faulty_model, path),
        ("inspect", faulty_model, "Anna met Bob"),
    ):
        status, output, errors = program(*arguments, stdin="Anna met Bob")
        assert (status, output, errors) == (1, "", f"tagger: error: {FAULT}\n")
