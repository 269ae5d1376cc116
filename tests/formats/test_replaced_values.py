"""In an item of each JSON format every value, and every value within it, is replaced by values of all kinds."""

import copy
import io
import json
from typing import Any

import pytest

from tagger.errors import TaggerError
from tagger.formats import Losses, ReadingOptions, guess_format, read_items

pytestmark = pytest.mark.slow  # thousands of files

SPAN = {"start": 0, "end": 2, "label": "ORG", "text": "EU", "score": 0.5}
TOKEN = {"text": "EU", "start": 0, "end": 2, "id": 0, "ws": True}
REGION = {
    "type": "labels",
    "from_name": "label",
    "to_name": "text",
    "value": {"start": 0, "end": 2, "text": "EU", "labels": ["ORG"]},
}
HTML_REGION = {
    "type": "hypertextlabels",
    "from_name": "label",
    "to_name": "text",
    "value": {
        "start": "/p[1]/text()[1]",
        "end": "/p[1]/text()[1]",
        "globalOffsets": {"start": 0, "end": 2},
        "text": "EU",
        "hypertextlabels": ["ORG"],
    },
}
ITEMS: dict[str, list[dict[str, Any]]] = {
    "doccano": [
        {"id": 1, "text": "EU rejects", "label": [[0, 2, "ORG"]]},
        {
            "text": "EU rejects",
            "entities": [{"id": 7, "label": "ORG", "start_offset": 0, "end_offset": 2}],
            "relations": [{"id": 1}],
        },
    ],
    "prodigy": [
        {
            "text": "EU rejects",
            "_input_hash": 1,
            "_view_id": "ner_manual",
            "_annotator_id": "a",
            "tokens": [TOKEN],
            "spans": [SPAN],
            "relations": [{"head": 0}],
            "answer": "accept",
            "meta": {"document": "d"},
        },
    ],
    "gliner": [{"tokenized_text": ["EU", "rejects"], "ner": [[0, 0, "ORG"]]}],
    "privacy-mask": [
        {
            "source_text": "EU rejects",
            "privacy_mask": [{"value": "EU", "start": 0, "end": 2, "label": "ORG"}],
        },
        {
            "unmasked_text": "EU rejects",
            "masked_text": "[ORG_1] rejects",
            "privacy_mask": "{'[ORG_1]': 'EU'}",
            "span_labels": "[[0, 2, 'ORG_1'], [2, 10, 'O']]",
        },
        {"source_text": "EU rejects", "span_labels": [[0, 2, "ORG_1"]]},
    ],
    "label-studio": [
        {
            "id": 1,
            "data": {"text": "EU rejects", "document": "d"},
            "annotations": [{"completed_by": {"id": 1, "email": "a@b.c"}, "result": [REGION]}],
            "predictions": [{"result": [REGION]}],
        },
        {"id": 1, "data": {"text": "<p>EU</p> rejects"}, "annotations": [{"result": [HTML_REGION]}]},
    ],
    "label-studio-min": [
        {
            "id": 1,
            "text": "EU rejects",
            "label": [REGION["value"]],
            "annotator": 1,
            "annotation_id": 7,
            "lead_time": 4.2,
        },
    ],
    "mentions": [
        {"id": 1, "text": "EU rejects", "entities": [{"text": "EU", "label": "ORG", "score": 0.5}]},
        {"text": "EU rejects", "output": {"entities": {"ORG": ["EU"]}}},
    ],
    "spacy-json": [
        {
            "text": "EU rejects",
            "ents": [SPAN],
            "tokens": [{"id": 0, "start": 0, "end": 2, "tag": "X"}],
            "sents": [{"start": 0, "end": 10}],
            "spans": {"sc": [SPAN]},
        },
        {
            "id": 1,
            "paragraphs": [{"raw": "EU", "sentences": [{"tokens": [{"orth": "EU", "ner": "U-ORG"}]}]}],
        },
    ],
    "jsonl": [
        {"tokens": ["EU", "rejects"], "labels": ["B-ORG", "O"], "document": "d"},
        {"text": "EU rejects", "spans": [{**SPAN, "fragments": [[0, 2]]}], "document": "d"},
    ],
}
VALUES: list[Any] = [
    *(
        None,
        True,
        5,
        -1,
        0.5,
        10**30,
        "",
        "x",
        "\N{GRINNING FACE}",
        [],
        [5],
        [None],
        [[]],
        [[0, 2, "X"]],
        ["x"],
    ),
    *({}, {"a": 1}, {"id": {}}, [{}], [{"start": 0, "end": 2}], {"labels": 5}, [{"labels": 5}]),
    *("{[]: 1}", "{1: 'x'}", "{'[X]'}", "b'x'", "[b'x']", "[(0, 2, b'x')]", "{(1, 2): 'x'}", "'\\ud800'"),
    *("[[0, 0x" + "f" * 5000 + ", 'X']]", "{'[X]': '\\ud800'}", "[{'value': '\\ud800', 'start': 0}]"),
    "[" * 150 + "]" * 150,
]


def replaced(item, path=()):
    """Yield copies of an item, each with another value of it replaced, left out, or its key replaced."""
    values = item.items() if isinstance(item, dict) else enumerate(item) if isinstance(item, list) else ()
    for key, inner in values:
        for value in VALUES:
            changed = copy.deepcopy(item)
            changed[key] = value
            yield changed
        if isinstance(item, dict):
            yield {name: value for name, value in item.items() if name != key}
        for value in replaced(inner):
            changed = copy.deepcopy(item)
            changed[key] = value
            yield changed


CASES = [(format, number) for format, items in ITEMS.items() for number in range(len(items))]


@pytest.mark.parametrize(("format", "number"), CASES)
def test_whatever_stands_in_place_of_a_value_is_read_or_skipped_or_refused(format, number):
    good = ITEMS[format][number]
    count = 0
    for item in replaced(good):
        count += 1
        text = json.dumps([good, item]) if format.startswith("label-studio") else json.dumps(item)
        for labelled in (True, False):
            losses = Losses(skip_bad=True)
            source = io.BytesIO(text.encode())
            options = ReadingOptions(format=format, skip_bad=True)
            try:
                found = list(read_items(source, options, losses, name="x", labelled=labelled))
                json.dumps([losses.to_list(), repr(found)])
                repr(found).encode()
            except TaggerError:
                pass
            except Exception as error:
                pytest.fail(f"{item!r}: {error!r}")
    assert count > 50


@pytest.mark.parametrize(("format", "number"), CASES)
def test_whatever_stands_in_place_of_a_value_is_looked_at_for_its_format(tmp_path, format, number):
    path = tmp_path / "x.json"
    for item in replaced(ITEMS[format][number]):
        path.write_text(json.dumps(item))
        try:
            guess_format(path)
        except TaggerError:
            pass
        except Exception as error:
            pytest.fail(f"{item!r}: {error!r}")
