"""CSV files of texts with lists of spans in their cells, and of tokens with integers for labels."""

import csv
import io
import json

import pytest
from formats.annotated_corpus import CORPUS
from formats.reading_by_options import as_text
from present import present

from tagger.errors import FormatError, UsageError
from tagger.formats import Losses, ReadingOptions, read_items


def read(text, losses=None, labelled=True, **options):
    reading = ReadingOptions(format="csv", **options)
    losses = Losses(skip_bad=reading.skip_bad) if losses is None else losses
    return list(read_items(io.BytesIO(text.encode()), reading, losses, name="x.csv", labelled=labelled))


def table(*rows):
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue()


def continuous(case):
    return [(*ranges[0], label) for ranges, label in case.spans if len(ranges) == 1]


FORMS = {
    "tuples of Python": repr,
    "lists of JSON": lambda spans: json.dumps([list(span) for span in spans]),
    "objects": lambda spans: json.dumps([{"start": s, "end": e, "label": label} for s, e, label in spans]),
    "dictionaries": lambda spans: repr([{"start": s, "end": e, "label": label} for s, e, label in spans]),
    "exports of Label Studio": lambda spans: json.dumps(
        [{"start": s, "end": e, "labels": [label]} for s, e, label in spans]
    ),
    "training data of spaCy": lambda spans: repr({"entities": spans}),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("text", "spans"), [("text", "spans"), ("Sentence", "label")])
def test_every_span_of_every_form_is_read(form, text, spans):
    rows = [(case.text, FORMS[form](continuous(case))) for case in CORPUS]
    items = read(
        table((text, "n", spans), *[(cell, number, list) for number, (cell, list) in enumerate(rows)])
    )
    assert [item.text for item in items] == [case.text for case in CORPUS]
    assert [[(span.start, span.end, span.label) for span in item.spans] for item in items] == [
        continuous(case) for case in CORPUS
    ]


def test_a_text_is_a_document_by_its_line_or_the_column_of_documents():
    items = read(table(("text", "spans"), ("a\nb", "[]"), ("c", "[]")))
    assert [(item.document, item.document_key) for item in items] == [(None, "x.csv:2"), (None, "x.csv:4")]
    assert [item.document for item in read(table(("doc_id", "text", "spans"), ("d", "a", "[]")))] == ["d"]
    named = read(table(("page", "text", "spans"), ("d", "a", "[]")), document_column="page")
    assert [item.document for item in named] == ["d"]


def test_texts_nobody_annotated_are_left_out_and_counted_but_tagged():
    text = table(("text", "spans"), ("a", ""), ("b", "[]"), ("Oslo", "[(0, 4, 'LOC')]"))
    losses = Losses()
    assert [item.text for item in read(text, losses)] == ["b", "Oslo"]
    assert losses.count("texts without annotations, left out") == len(losses) == 1
    assert [(item.text, item.spans) for item in read(text, labelled=False)] == [
        ("a", None),
        ("b", None),
        ("Oslo", None),
    ]


def test_offsets_may_count_other_units():
    text = table(("text", "spans"), ("😀 Oslo", "[(3, 7, 'LOC')]"))
    assert read(text, offsets="utf16")[0].spans[0][:2] == (2, 6)
    mentions = table(
        ("text", "spans"), ("😀 Oslo", '[{"start": 3, "end": 7, "label": "LOC", "text": "Oslo"}]')
    )
    assert read(mentions)[0].spans[0][:2] == (2, 6)


def test_columns_are_chosen_where_several_could_be_meant():
    text = table(("text", "body", "gold", "other"), ("Rome", "Oslo", "[(0, 4, 'A')]", "[(0, 4, 'B')]"))
    with pytest.raises(UsageError) as caught:
        read(text)
    assert str(caught.value) == (
        "x.csv: several columns of spans could be meant; choose with label_column='gold' or label_column='other'"
    )
    [item] = read(text, label_column="other", text_column="body")
    assert (item.text, item.spans[0].label) == ("Oslo", "B")
    with pytest.raises(UsageError) as caught:
        read(text, label_column="other", text_column="body2")
    assert str(caught.value) == (
        "x.csv: text_column='body2': no such column; found: 'text', 'body', 'gold', 'other'"
    )
    with pytest.raises(UsageError) as caught:
        read("token,label\na,O\n", text_column="token")
    assert str(caught.value) == (
        "x.csv: text_column='token': expected a column of texts beside one of lists of spans; found: 'token', 'label'"
    )


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (
            "[(0, 9, 'X')]",
            "x.csv:3: expected 0 <= start < end <= 4 for the X, counted in code points, found 0-9. ",
        ),
        (
            "[(0, 4",
            "x.csv:3: column 'spans': expected a list of spans, as in [(0, 4, 'PER')], found '[(0, 4': it is neither "
            "JSON nor a list of Python. ",
        ),
        (
            "[(0, 4)]",
            "x.csv:3: column 'spans': expected a list of spans, as in [(0, 4, 'PER')], found '[(0, 4)]': '(0, 4)' is "
            "no span of start, end and label. ",
        ),
        (
            "7",
            "x.csv:3: column 'spans': expected a list of spans, as in [(0, 4, 'PER')], found '7': it is not a list. ",
        ),
    ],
)
def test_what_is_wrong_is_an_error_that_can_be_skipped(cell, message):
    text = table(("text", "spans"), ("Rome", "[(0, 4, 'LOC')]"), ("Oslo", cell))
    with pytest.raises(FormatError) as caught:
        read(text)
    assert str(caught.value).startswith(message)
    assert str(caught.value).endswith("To skip and list bad data: skip_bad=True")
    losses = Losses(skip_bad=True)
    read(text, losses)
    assert len(losses) == 1


def test_a_row_with_another_number_of_cells_is_left_out():
    text = "text,spans\nRome,\"[(0, 4, 'LOC')]\"\nBonn\nOslo,[],x\nParis,[]\n"
    losses = Losses(skip_bad=True)
    assert [item.text for item in read(text, losses)] == ["Rome", "Paris"]
    assert list(losses.lines()) == [
        "rows that cannot be read, left out as bad: 2",
        "  x.csv:3: expected 2 cells as in the header row, found 1: 'Bonn'",
        "  x.csv:4: expected 2 cells as in the header row, found 3: 'Oslo,[],x'",
    ]


def test_nothing_in_a_cell_is_run():
    text = table(("text", "spans"), ("Rome", "[(0, 4, 'LOC')]"), ("Oslo", "[(0, len('Oslo'), 'LOC')]"))
    losses = Losses(skip_bad=True)
    assert [item.text for item in read(text, losses)] == ["Rome"]
    assert losses.count("cells that do not hold a list of spans, left out as bad") == 1


# --- integers ---


@pytest.mark.parametrize(
    "text",
    [
        table(("tokens", "ner_tags"), ("['Oslo', 'is']", "[1, 0]")),
        table(("tokens", "ner_tags"), ("['Oslo' 'is']", "[1 0]")),
        table(("sentence_id", "token", "label"), ("1", "Oslo", "1"), ("1", "is", "0")),
    ],
)
def test_integers_are_read_by_their_names(text):
    [example] = read(text, label_names=["O", "B-LOC"])
    assert example.labels == ("B-LOC", "O")
    with pytest.raises(FormatError) as caught:
        read(text, label_names=["O"])
    assert "expected integers that have a name (0: O), found 1 at place 0. Give all names" in str(
        caught.value
    )
    [example] = read(text, labelled=False)
    assert (example.tokens, example.labels) == (("Oslo", "is"), None)


def test_integers_as_labels_have_names(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('text,spans\nin Oslo,"[(3, 7, 1)]"\n')
    (text,) = read_items(path, ReadingOptions(label_names=["O", "LOC"]), Losses())
    assert [span.label for span in present(as_text(text).spans)] == ["LOC"]
