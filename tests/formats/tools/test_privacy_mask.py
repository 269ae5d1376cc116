import io
import json
from dataclasses import replace

import pytest
from formats.annotated_corpus import CORPUS
from formats.reading_by_options import as_text, read_as
from formats.writing import NO_SEGMENTER, pieces

from tagger.errors import FormatError
from tagger.formats import (
    AnnotatedText,
    CharacterSpan,
    Losses,
    ReadingContext,
    ReadingOptions,
    WritingContext,
    guess_format,
)
from tagger.formats.tools.privacy_mask import PRIVACY_MASK

SKIPPING = "To skip and list bad data: skip_bad=True"


def read(text, losses=None, **options):
    return read_as("privacy-mask", "x.jsonl", text, losses, **options)


def continuous(case):
    return sorted((*span[0], label) for span, label in case.spans if len(span) == 1)


def flat(case):
    kept: list[tuple[int, int, str]] = []
    for start, end, label in continuous(case):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end, label))
    return kept


def found(items):
    return [sorted((span.start, span.end, span.label) for span in item.spans) for item in items]


def mask(case):
    return [
        {"value": case.text[start:end], "start": start, "end": end, "label": label}
        for start, end, label in continuous(case)
    ]


def older(case):
    """The form without offsets: a masked text and the values by numbered placeholder."""
    values, masked, done = {}, "", 0
    for number, (start, end, label) in enumerate(flat(case), start=1):
        values[f"[{label}_{number}]"] = case.text[start:end]
        masked += case.text[done:start] + f"[{label}_{number}]"
        done = end
    return values, masked + case.text[done:]


def ranges(case):
    """All of the text in ranges, those between the spans with O."""
    row, done = [], 0
    for number, (start, end, label) in enumerate(flat(case), start=1):
        row += [[done, start, "O"]] * (done < start) + [[start, end, f"{label}_{number}"]]
        done = end
    return row + [[done, len(case.text), "O"]] * (done < len(case.text))


@pytest.mark.parametrize("as_text", [None, json.dumps, repr])
@pytest.mark.parametrize("as_list", [True, False])
def test_masks_with_offsets_are_read_also_from_strings(tmp_path, as_text, as_list):
    items = [
        {
            "source_text": case.text,
            "target_text": "…",
            "id": number,
            "language": "en",
            "privacy_mask": mask(case),
        }
        for number, case in enumerate(CORPUS)
    ]
    if as_text:
        items = [{**item, "privacy_mask": as_text(item["privacy_mask"])} for item in items]
    text = json.dumps(items) if as_list else "".join(json.dumps(item) + "\n" for item in items)
    path = tmp_path / "x.json"
    path.write_text(text)
    assert guess_format(path) == "privacy-mask"
    losses = Losses()
    texts = read(text, losses)
    assert [item.text for item in texts] == [case.text for case in CORPUS]
    assert found(texts) == [continuous(case) for case in CORPUS]
    assert [item.document for item in texts] == [str(number) for number in range(len(CORPUS))]
    assert texts[0].fields == {"language": "en"}
    assert len(losses) == 0


@pytest.mark.parametrize("as_text", [json.dumps, repr, dict])
def test_the_masked_text_tells_where_the_values_of_older_sets_stand(as_text):
    lines = []
    for case in CORPUS:
        values, masked = older(case)
        fields = {"unmasked_text": case.text, "masked_text": masked, "privacy_mask": as_text(values)}
        lines.append(json.dumps(fields))
    losses = Losses()
    assert found(read("\n".join(lines), losses)) == [flat(case) for case in CORPUS]
    assert len(losses) == 0


def test_without_a_masked_text_that_fits_the_values_are_placed():
    losses = Losses()
    fields = {
        "unmasked_text": "Zoë met zoë@x.no and Bob",
        "masked_text": "[NAME_1] met [EMAIL_1]",
        "privacy_mask": "{'[NAME_1]': 'Zoë', '[EMAIL_1]': 'zoë@x.no', '[NAME_2]': 'Eve'}",
    }
    assert found(read(json.dumps(fields), losses)) == [[(0, 3, "NAME"), (8, 16, "EMAIL")]]
    assert list(losses.lines()) == [
        "mentions that are not in their text, left out: 1; the first: x.jsonl:1: the NAME 'Eve'"
    ]


@pytest.mark.parametrize("as_text", [json.dumps, repr, list])
def test_ranges_without_o_are_read_where_the_mask_has_no_offsets(as_text):
    lines = [
        json.dumps(
            {
                "unmasked_text": case.text,
                "privacy_mask": repr(older(case)[0]),
                "span_labels": as_text(ranges(case)),
            }
        )
        for case in CORPUS
    ]
    lines += [json.dumps({"source_text": "Zoë", "span_labels": [[0, 3, "NAME"]]})]
    assert found(read("\n".join(lines))) == [*map(flat, CORPUS), [(0, 3, "NAME")]]


def test_offsets_in_other_units_are_found_out_from_the_values():
    text = "🚀🚀 Zoë, Zoë"
    fields = {"source_text": text, "privacy_mask": [{"value": "Zoë", "start": 5, "end": 8, "label": "NAME"}]}
    assert found(read(json.dumps(fields))) == [[(3, 6, "NAME")]]


def test_what_is_written_is_read_again_and_the_masked_text_shows_labels():
    texts = [
        replace(item, spans=tuple(CharacterSpan(*span) for span in flat(case)))
        for case, item in zip(
            CORPUS,
            read(
                "\n".join(
                    json.dumps({"source_text": case.text, "privacy_mask": mask(case), "set": "a"})
                    for case in CORPUS
                )
            ),
            strict=True,
        )
    ]
    written = "".join(pieces(PRIVACY_MASK, texts, WritingContext(Losses(), NO_SEGMENTER)))
    for line, case in zip(written.splitlines(), CORPUS, strict=True):
        fields = json.loads(line)
        assert fields["set"] == "a"
        assert [(m["value"], m["start"], m["end"], m["label"]) for m in fields["privacy_mask"]] == [
            (case.text[start:end], start, end, label) for start, end, label in flat(case)
        ]
        masked = case.text
        for start, end, label in reversed(flat(case)):
            masked = f"{masked[:start]}[{label}]{masked[end:]}"
        assert fields["target_text"] == masked
    assert found(read(written)) == [flat(case) for case in CORPUS]


def test_arrow_reads_what_is_written_as_a_table(tmp_path):
    reading = pytest.importorskip("pyarrow.json")
    texts = [
        AnnotatedText(case.text, tuple(CharacterSpan(*span) for span in flat(case)), document=str(number))
        for number, case in enumerate(CORPUS)
    ]
    path = tmp_path / "x.jsonl"
    path.write_text("".join(pieces(PRIVACY_MASK, texts, WritingContext(Losses(), NO_SEGMENTER))))
    rows = reading.read_json(path).to_pylist()
    assert [row["id"] for row in rows] == [str(number) for number in range(len(CORPUS))]
    for row, case in zip(rows, CORPUS, strict=True):
        assert row["source_text"] == case.text
        assert [(m["value"], m["start"], m["end"], m["label"]) for m in row["privacy_mask"]] == [
            (case.text[start:end], start, end, label) for start, end, label in flat(case)
        ]


def test_an_item_without_a_mask_is_not_annotated_and_one_with_an_empty_one_is():
    losses = Losses()
    text = '{"source_text": "a"}\n{"source_text": "b", "privacy_mask": null}\n'
    text += '{"source_text": "c", "privacy_mask": []}\n'
    assert [(item.text, item.spans) for item in read(text, losses)] == [("c", ())]
    assert losses.count("items that nobody annotated, left out") == 2


def test_all_texts_are_given_where_no_annotations_are_wanted():
    context = ReadingContext("x", ReadingOptions(), Losses(), labelled=False)
    text = '{"source_text": "a"}\n{"unmasked_text": "b", "privacy_mask": "((("}\n'
    items = list(PRIVACY_MASK.read(io.BytesIO(text.encode()), context))
    assert [(item.text, item.spans) for item in map(as_text, items)] == [("a", None), ("b", None)]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {
                "source_text": "in Oslo",
                "privacy_mask": [{"value": "Oslo", "start": 2, "end": 6, "label": "CITY"}],
            },
            "x.jsonl:1: expected 'Oslo' at 2-6, as the CITY there says, found ' Osl'. If the offsets count something "
            "else than code points, say so: offsets.",
        ),
        (
            {
                "source_text": "in Oslo",
                "privacy_mask": [{"value": "Oslo", "start": 3, "end": 8, "label": "CITY"}],
            },
            "x.jsonl:1: expected 0 <= start < end <= 7 for the CITY, counted in code points, found 3-8. If the offsets "
            "count something else, say so: offsets.",
        ),
        (
            {"source_text": "in Oslo", "privacy_mask": [{"value": "Oslo", "start": 3, "end": 7}]},
            "x.jsonl:1: expected a label for the span 3-7, found nothing.",
        ),
        (
            {"source_text": "in Oslo", "privacy_mask": [7]},
            "x.jsonl:1: expected objects with value, start, end and label under 'privacy_mask', found the number 7.",
        ),
        (
            {"source_text": "in Oslo", "privacy_mask": {"[CITY]": 7}},
            "x.jsonl:1: expected a list, or strings by placeholder, under 'privacy_mask', found the object "
            '{"[CITY]": 7}.',
        ),
        (
            {"source_text": "in Oslo", "privacy_mask": "__import__('os')"},
            "x.jsonl:1: expected JSON or a Python literal under 'privacy_mask', found the string "
            "\"__import__('os')\".",
        ),
        *(
            (
                {"source_text": "in Oslo", "privacy_mask": mask},
                "x.jsonl:1: expected JSON or a Python literal under 'privacy_mask', found the string "
                f'"{mask}".',
            )
            for mask in ("{[]: 1}", "{'[X]'}", "b'x'", "[{'value': b'x'}]", "{(1, 2): 'x'}")
        ),
        (
            {"source_text": "in Oslo", "privacy_mask": "{'[CITY]': '\\ud800'}"},
            "x.jsonl:1: expected JSON or a Python literal under 'privacy_mask', found the string "
            "\"{'[CITY]': '\\\\ud800'}\".",
        ),
        (
            {"source_text": "in Oslo", "privacy_mask": "{1: 'Oslo'}"},
            "x.jsonl:1: expected a list, or strings by placeholder, under 'privacy_mask', found the object "
            '{"1": "Oslo"}.',
        ),
        (
            {"source_text": "in Oslo", "span_labels": [[3, 7]]},
            "x.jsonl:1: expected ranges [start, end, label], found the list [3, 7].",
        ),
        (
            {"source_text": "in Oslo", "span_labels": {}},
            "x.jsonl:1: expected a list under 'span_labels', found the object {}.",
        ),
        (
            {"text": "in Oslo", "privacy_mask": []},
            "x.jsonl:1: expected a string under one of 'source_text', 'unmasked_text', found 'text', 'privacy_mask'.",
        ),
    ],
)
def test_what_is_wrong_is_an_error_that_can_be_skipped(fields, message):
    with pytest.raises(FormatError) as caught:
        read(json.dumps(fields))
    assert str(caught.value) == f"{message} {SKIPPING}"
    losses = Losses(skip_bad=True)
    read(json.dumps(fields), losses)
    assert len(losses) == 1


def test_literals_within_literals_are_refused_and_crash_nothing():
    with pytest.raises(FormatError, match="expected JSON or a Python literal"):
        read(json.dumps({"source_text": "a", "privacy_mask": "(" * 100_000}))
