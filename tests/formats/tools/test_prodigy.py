import json
from typing import Any

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
from tagger.formats.tools.prodigy import PRODIGY


def read(items, losses=None, format="prodigy", **options):
    lines = items if isinstance(items, str) else "".join(json.dumps(item) + "\n" for item in items)
    return read_as(format, "x.jsonl", lines, losses, **options)


def places(text, places, unit):
    size = {"utf-32-le": 4, "utf-16-le": 2}[unit]
    return [len(text[:place].encode(unit)) // size for place in places]


def exported(case, number, unit="utf-32-le"):
    """The line of a case as the tool exports it, with tokens of white space as spaCy makes them."""
    ranges, last = [], 0
    for start, end in [*case.tokens, (len(case.text), len(case.text))]:
        gap = start - last
        skipped = 1 if gap and last and case.text[last] == " " else 0
        if gap > skipped:
            ranges.append((last + skipped, start))
        ranges.append((start, end))
        last = end
    ranges.pop()
    tokens = []
    for id, (start, end) in enumerate(ranges):
        first, after = places(case.text, (start, end), unit)
        ws = case.text[end : end + 1] == " "
        token = {"text": case.text[start:end], "start": first, "end": after, "id": id, "ws": ws}
        tokens.append({**token, "disabled": False})
    starts, ends = [start for start, _ in ranges], [end for _, end in ranges]
    annotated = []
    for (place,), label in continuous(case):
        first, after = places(case.text, place, unit)
        tokens_of = {"token_start": starts.index(place[0]), "token_end": ends.index(place[1])}
        annotated.append({"start": first, "end": after, **tokens_of, "label": label})
    return {
        "text": case.text,
        "_input_hash": number,
        "_task_hash": number + 1000,
        "_is_binary": False,
        "tokens": tokens,
        "_view_id": "ner_manual",
        "spans": annotated,
        "answer": "accept",
        "_timestamp": 1700000000,
        "_annotator_id": "news-anna",
        "_session_id": "news-anna",
    }


OSLO = {
    "text": "Ann in Oslo",
    "_input_hash": 5,
    "spans": [{"start": 0, "end": 3, "label": "PER"}],
    "answer": "accept",
}
ANN = (((0, 3),), "PER")


@pytest.mark.parametrize("unit", ["utf-32-le", "utf-16-le"])
def test_every_span_and_token_is_read(tmp_path, unit):
    items = [exported(case, number, unit) for number, case in enumerate(CORPUS)]
    path = tmp_path / "export.jsonl"
    path.write_text("\n".join(map(json.dumps, items)))
    assert guess_format(path) == "prodigy"
    losses = Losses()
    texts = read(items, losses)
    assert [item.text for item in texts] == [case.text for case in CORPUS]
    assert [spans_of(item) for item in texts] == [continuous(case) for case in CORPUS]
    assert [item.tokens for item in texts] == [case.tokens for case in CORPUS]
    assert len(losses) == 0


def test_what_is_written_is_read_again():
    texts = read([exported(case, number) for number, case in enumerate(CORPUS)])
    again = read("".join(pieces(PRODIGY, texts, WritingContext(Losses(), NO_SEGMENTER))))
    assert [(item.text, spans_of(item), item.tokens, item.document) for item in again] == [
        (item.text, spans_of(item), item.tokens, item.document) for item in texts
    ]


def test_spans_are_written_with_the_numbers_of_their_tokens_where_they_sit_on_some():
    text = AnnotatedText(
        "\N{GRINNING FACE} Ann in Oslo",
        (CharacterSpan(2, 8, "X"), CharacterSpan(2, 4, "Y")),
        tokens=((0, 1), (2, 5), (6, 8), (9, 13)),
        document="d",
        fields={"meta": {"source": "news"}},
    )
    (line,) = pieces(PRODIGY, [text], WritingContext(Losses(), NO_SEGMENTER))
    assert json.loads(line) == {
        "text": "\N{GRINNING FACE} Ann in Oslo",
        "meta": {"source": "news", "document": "d"},
        "tokens": [
            {"text": "\N{GRINNING FACE}", "start": 0, "end": 1, "id": 0, "ws": True},
            {"text": "Ann", "start": 2, "end": 5, "id": 1, "ws": True},
            {"text": "in", "start": 6, "end": 8, "id": 2, "ws": True},
            {"text": "Oslo", "start": 9, "end": 13, "id": 3, "ws": False},
        ],
        "spans": [
            {"start": 2, "end": 8, "label": "X", "token_start": 1, "token_end": 2},
            {"start": 2, "end": 4, "label": "Y"},
        ],
        "answer": "accept",
    }
    (again,) = read([json.loads(line)])
    assert (again.document, again.fields) == ("d", {"meta": {"source": "news"}})


def test_predictions_are_written_with_scores_and_without_an_answer():
    texts = [
        AnnotatedText("Oslo", (CharacterSpan(0, 4, "LOC", (), 0.5),)),
        AnnotatedText("Oh", ()),
        AnnotatedText("A"),
    ]
    lines = [
        json.loads(line)
        for line in pieces(PRODIGY, texts, WritingContext(Losses(), NO_SEGMENTER, model="runs/a"))
    ]
    span = {"start": 0, "end": 4, "label": "LOC", "score": 0.5, "source": "runs/a"}
    assert lines == [{"text": "Oslo", "spans": [span]}, {"text": "Oh", "spans": []}, {"text": "A"}]
    first, second = read(lines)
    assert (first.spans, second.spans) == ((CharacterSpan(0, 4, "LOC", (), 0.5),), ())


@pytest.mark.parametrize(
    ("score", "found"), [(7, "the number 7"), (-1.5, "the number -1.5"), ("high", 'the string "high"')]
)
def test_a_score_that_is_no_probability_is_an_error_that_can_be_skipped(score, found):
    spans = [{"start": 0, "end": 4, "label": "LOC", "score": score}, {"start": 8, "end": 12, "label": "LOC"}]
    item = {"text": "Oslo or Bonn", "spans": spans, "answer": "accept"}
    with pytest.raises(FormatError) as caught:
        read([item])
    assert str(caught.value) == (
        f"x.jsonl:1: expected a number from 0 to 1 as the probability of the LOC, found {found}. "
        "To skip and list bad data: skip_bad=True"
    )
    losses = Losses(skip_bad=True)
    (text,) = read([item], losses)
    assert text.spans == (CharacterSpan(8, 12, "LOC"),)
    assert losses.count("spans with an invalid probability, left out as bad") == 1


def test_what_is_not_accepted_or_not_answered_is_no_text_without_entities():
    items = [
        OSLO,
        {**OSLO, "_input_hash": 1, "answer": "reject"},
        {**OSLO, "_input_hash": 2, "answer": "ignore"},
        {"text": "Oslo", "tokens": [], "_input_hash": 3},
        {**OSLO, "_input_hash": 4, "_view_id": "ner", "_is_binary": True},
        {"text": "Nothing", "_input_hash": 6, "_view_id": "ner_manual", "answer": "accept"},
        {**OSLO, "_input_hash": 7, "relations": [{"head": 0}, {"head": 1}]},
    ]
    losses = Losses()
    assert [spans_of(item) for item in read(items, losses)] == [[ANN], [], [ANN]]
    assert list(losses.lines()) == [
        "items answered 'reject', left out: 1; the first: x.jsonl:2",
        "items answered 'ignore', left out: 1; the first: x.jsonl:3",
        "items that nobody annotated, left out: 1; the first: x.jsonl:4",
        "answers about one suggested span, which do not tell what else there is, left out: 1; the first: x.jsonl:5",
        "relations, not read: 2; the first: x.jsonl:7",
    ]
    unlabelled = read(items, labelled=False)
    assert len(unlabelled) == 7
    assert {item.spans for item in unlabelled} == {None}


def test_answers_of_tasks_without_spans_are_no_texts_without_entities():
    accepted = {"text": "Good film", "answer": "accept"}
    options = [{"id": "A", "text": "A"}, {"id": "B", "text": "B"}]
    highlighted = [{"start": 0, "end": 4, "label": "POSITIVE"}]
    others: list[dict[str, Any]] = [
        {**accepted, "label": "POSITIVE", "_view_id": "classification"},
        {**accepted, "options": options, "accept": ["A"], "_view_id": "choice"},
        {**accepted, "label": "POSITIVE", "spans": highlighted, "_view_id": "classification"},
        {**accepted, "_view_id": "html"},
        {**accepted, "_view_id": "blocks"},
        {**accepted},
        {**accepted, "_view_id": {}},
    ]
    tokens = [
        {"text": "Good", "start": 0, "end": 4, "id": 0},
        {"text": "film", "start": 5, "end": 9, "id": 1},
    ]
    of_spans: list[dict[str, Any]] = [
        {**accepted, "_view_id": "spans_manual"},
        {**accepted, "spans": []},
        {**accepted, "tokens": tokens, "_view_id": "blocks"},
        {**accepted, "tokens": tokens},
    ]
    items = [{**item, "_input_hash": number} for number, item in enumerate([*others, *of_spans])]
    losses = Losses()
    assert [(item.origin, item.spans) for item in read(items, losses)] == [
        (f"x.jsonl:{number}", ()) for number in (8, 9, 10, 11)
    ]
    kind = "answers of tasks in which no spans are marked, left out"
    assert list(losses.lines()) == [
        f"{kind}: 7; the first: x.jsonl:1: '_view_id' is the string \"classification\""
    ]
    assert losses.to_list()[0]["places"][5:] == [
        "x.jsonl:6: no '_view_id'",
        "x.jsonl:7: '_view_id' is the object {}",
    ]
    assert len(read(items, labelled=False)) == 11


def test_of_annotators_who_differ_one_must_be_chosen():
    anna, bob = {"_annotator_id": "anna", "_session_id": "s1"}, {"_session_id": "bob"}
    same = [{**OSLO, **anna}, {**OSLO, "_input_hash": 6}, {**OSLO, **bob}]
    losses = Losses()
    assert len(read(same, losses)) == 2
    assert list(losses.lines()) == [
        "annotations equal to another annotator's, read once: 1; the first: x.jsonl:3"
    ]
    differing = [{**OSLO, **anna}, {**OSLO, **bob, "spans": []}]
    with pytest.raises(FormatError) as caught:
        read([*differing, {**OSLO, "_input_hash": 9, "_annotator_id": "carl"}])
    assert str(caught.value) == (
        "x.jsonl:2: expected one annotation of a text, found different ones of anna and bob. Choose one "
        "(anna, bob, carl): annotator='anna'. To skip and list bad data: skip_bad=True"
    )
    assert [spans_of(item) for item in read(differing, annotator="bob")] == [[]]
    assert [spans_of(item) for item in read(differing, annotator="s1")] == [[ANN]]
    assert [spans_of(item) for item in read(differing, skip_bad=True)] == [[ANN]]
    with pytest.raises(FormatError) as caught:
        read([differing[0], {**differing[1], **anna}])
    assert str(caught.value).startswith(
        "x.jsonl:2: expected one annotation of a text, found two of anna that differ. Leave one out of the file."
    )
    with pytest.raises(FormatError) as caught:
        read(differing, annotator="carl")
    assert str(caught.value) == "x.jsonl: expected annotations of 'carl', found those of anna, bob"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"text": 1},
            "x.jsonl:1: expected a string under 'text', found 'text', '_input_hash', 'spans', 'answer'.",
        ),
        (
            {"answer": "yes"},
            'x.jsonl:1: expected the answer accept, reject or ignore, found the string "yes".',
        ),
        ({"spans": {}}, "x.jsonl:1: expected a list of objects under 'spans', found the object {}."),
        (
            {"spans": [[0, 3]]},
            "x.jsonl:1: expected a list of objects under 'spans', found the list [[0, 3]].",
        ),
        (
            {"spans": [{"start": 0, "end": 12, "label": "X"}]},
            "x.jsonl:1: expected 0 <= start < end <= 11 for the X, counted in code points, found 0-12.",
        ),
        ({"spans": [{"start": 0, "end": 3}]}, "x.jsonl:1: expected a label for the span 0-3, found nothing."),
        *(
            (
                {"spans": [{"start": 0, "end": 3, "label": "X", "score": score}]},
                f"x.jsonl:1: expected a number from 0 to 1 as the probability of the X, found {described}.",
            )
            for score, described in (
                (7, "the number 7"),
                (True, "the truth value true"),
                ("high", 'the string "high"'),
            )
        ),
        (
            {"spans": [{"start": 0, "end": 3, "label": "X", "text": 5}]},
            "x.jsonl:1: expected a string as the text of a span, found the number 5.",
        ),
        (
            {"tokens": [{"text": 5, "start": 0, "end": 3, "id": 0}]},
            "x.jsonl:1: expected a string as the text of a token, found the number 5.",
        ),
        (
            {"tokens": "Ann"},
            "x.jsonl:1: expected a list of objects under 'tokens', found the string \"Ann\".",
        ),
        (
            {"tokens": [{"text": "Anna", "start": 0, "end": 3, "id": 0}]},
            "x.jsonl:1: expected 'Anna' at 0-3, as the token there says, found 'Ann'.",
        ),
        (
            {"tokens": [{"text": "in", "start": 4, "end": 6}, {"text": "Ann", "start": 0, "end": 3}]},
            "x.jsonl:1: expected tokens in their order, found the list [{",
        ),
    ],
)
def test_what_is_wrong_is_an_error_that_can_be_skipped(changes, message):
    item = {**OSLO, **changes}
    with pytest.raises(FormatError) as caught:
        read([item])
    assert str(caught.value).startswith(message)
    assert str(caught.value).endswith("To skip and list bad data: skip_bad=True")
    losses = Losses(skip_bad=True)
    read([item], losses)
    assert len(losses) == 1


def test_a_refusing_answer_counts_in_any_json_lines():
    losses = Losses()
    assert read([{**OSLO, "answer": "reject"}, OSLO], losses, format="jsonl")[0].origin == "x.jsonl:2"
    assert list(losses.lines()) == ["lines with the answer 'reject', left out: 1; the first: x.jsonl:1"]
    assert len(read([{**OSLO, "answer": "reject"}], format="jsonl", labelled=False)) == 1


def test_an_export_trains_like_any_other_file(tmp_path):
    path = tmp_path / "export.jsonl"
    tokens = [
        {"text": "Ann", "start": 0, "end": 3, "id": 0},
        {"text": "in Oslo", "start": 4, "end": 11, "id": 1},
    ]
    path.write_text(json.dumps({**OSLO, "tokens": tokens}) + "\n")
    (example,) = read_examples(path, segmenter=lambda: lambda text: [[(0, 11)]])
    assert (example.tokens, example.labels) == (("Ann", "in Oslo"), ("B-PER", "O"))


def test_the_first_tokens_of_sentences_are_written_and_read():
    tokens = ((0, 2), (3, 4), (5, 7), (8, 9))
    text = AnnotatedText("Hi . Oh !", (), tokens=tokens, sentence_starts=(0, 2))
    (line,) = pieces(PRODIGY, [text], WritingContext(Losses(), NO_SEGMENTER))
    written = json.loads(line)
    assert [token.get("sent_start") for token in written["tokens"]] == [True, None, True, None]
    (again,) = read([written])
    assert (again.tokens, again.sentence_starts) == (tokens, (0, 2))
    blank = {"text": " ", "start": 4, "end": 5, "id": 9, "sent_start": True}
    others = [{**token, "sent_start": token["id"] == 0} for token in written["tokens"]]
    (again,) = read([{**written, "tokens": [*others[:2], blank, *others[2:]]}])
    assert (again.tokens, again.sentence_starts) == (tokens, (0, 2))
    (again,) = read([{**written, "tokens": [{**token, "sent_start": False} for token in others]}])
    assert (again.tokens, again.sentence_starts) == (tokens, None)
