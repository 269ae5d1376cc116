import io
import json
import logging

import pytest
from present import present

from tagger.errors import DataError, LabelError, UsageError
from tagger.evaluation.reading_predictions import Predictions, read_predictions
from tagger.examples import Example
from tagger.formats import ReadingOptions
from tagger.schemes import LabelScheme
from tagger.text.rules import RuleSegmenter


def read(text: str, format: str, scheme: LabelScheme | None = None, **options) -> Predictions:
    stream = io.StringIO(text)
    return read_predictions(
        stream, ReadingOptions(format=format, **options), RuleSegmenter, scheme=scheme, name="predicted"
    )


def test_labels_that_break_every_scheme_are_read_by_their_letters_and_counted(caplog):
    with caplog.at_level(logging.WARNING):
        found = read("Anna B-PER\nSmith E-PER\nleft I-PER\n\nOslo E-LOC\nwon O\n\n", "conll")
    assert found.scheme is LabelScheme.BIOES
    assert found.num_illegal == 2  # I- after E- and at the end, E- at the beginning
    assert [example.labels for example in found.examples] == [("B-PER", "E-PER", "I-PER"), ("E-LOC", "O")]
    assert caplog.messages == [
        "predicted: labels break the rules of every scheme; by their letters (B, E, I) they are read as BIOES, "
        "leniently, as conlleval does"
    ]


def test_labels_that_fit_a_scheme_are_in_it():
    found = read("Anna I-PER\nleft O\n\n", "conll")
    assert (found.scheme, found.num_illegal) == (LabelScheme.IOB1, 0)
    assert (found.label_probabilities, found.span_probabilities) == (None, None)


def test_a_scheme_that_is_named_is_taken():
    found = read("Anna I-PER\nleft O\n\n", "conll", LabelScheme.IOB2)
    assert (found.scheme, found.num_illegal) == (LabelScheme.IOB2, 1)
    plain = read("Anna I-PER\nleft O\n\n", "conll", LabelScheme.NONE)
    assert (plain.scheme, plain.num_illegal) == (LabelScheme.NONE, 0)


def test_another_notation_is_read():
    found = read("Anna b_PER\nSmith i_PER\nleft o\nfor o\nRome i_LOC\n\n", "conll", LabelScheme.IOB2)
    assert found.examples[0].labels == ("B-PER", "I-PER", "O", "O", "I-LOC")
    assert found.num_illegal == 1


def test_spans_of_texts_are_spans_whatever_scheme_is_named():
    found = read('{"text": "Oslo", "spans": [[0, 4, "LOC"]]}', "jsonl", LabelScheme.NONE)
    assert (found.scheme, found.examples[0].labels) == (LabelScheme.IOB2, ("B-LOC",))


def test_labels_and_spans_of_one_file_are_brought_to_one_scheme():
    text = '{"text": "Oslo", "spans": [[0, 4, "LOC"]]}\n{"tokens": ["a", "b"], "labels": ["S-X", "E-X"]}\n'
    found = read(text, "jsonl", LabelScheme.BIOES)
    assert found.scheme is LabelScheme.IOB2
    assert [example.labels for example in found.examples] == [("B-LOC",), ("B-X", "B-X")]
    assert found.num_illegal == 1


def test_labels_of_no_scheme_are_refused():
    with pytest.raises(LabelError, match="'X' is neither O nor a letter and a type"):
        read("Anna B-PER\nleft O\nRome X\n\n", "conll")


TAGGED = "Anna O B-PER 0.900000\nSmith O I-PER 0.800000\nleft O O 1.000000\n\nOh O O 0.950000\n\n"


@pytest.mark.parametrize("label_column", [None, -2, 2])
def test_columns_come_back_with_the_probabilities_of_their_labels(label_column):
    found = read(TAGGED, "conll", label_column=label_column)
    assert [example.labels for example in found.examples] == [("B-PER", "I-PER", "O"), ("O",)]
    assert found.label_probabilities == [[0.9, 0.8, 1.0], [0.95]]
    assert found.span_probabilities is None


def test_the_column_of_labels_may_have_a_name():
    text = "token gold ner probability\n" + TAGGED
    found = read(text, "conll", label_column="ner", header=True)
    assert found.label_probabilities == [[0.9, 0.8, 1.0], [0.95]]
    assert read(text, "conll", label_column="gold", header=True).label_probabilities is None


def test_probabilities_are_not_those_of_another_column():
    found = read(TAGGED, "conll", label_column=1)
    assert (found.examples[0].labels, found.label_probabilities) == (("O", "O", "O"), None)


@pytest.mark.parametrize("number", ["2.000000", "0.9", "1.500000"])
def test_a_last_column_of_other_numbers_holds_labels(number):
    found = read(f"Anna B-PER 0.900000\nleft O {number}\n\n", "conll", LabelScheme.NONE)
    assert found.examples[0].labels == ("0.900000", number)


def test_lines_of_json_come_back_with_the_probabilities_of_spans_and_labels():
    first = {
        "tokens": ["Anna", "met", "Bo"],
        "labels": ["B-PER", "O", "B-PER"],
        "gold": ["B-PER", "O", "O"],
        "spans": [
            {"start": 0, "end": 1, "label": "PER", "probability": 0.75},
            {"start": 2, "end": 3, "label": "PER", "probability": 0.5},
        ],
        "probabilities": [0.8, 1, 0.6],
        "fold": 1,
    }
    second = {"tokens": ["Oh"], "labels": ["O"], "spans": [], "probabilities": [0.9]}
    third = {"tokens": ["Oslo"], "labels": ["B-LOC"]}
    text = "".join(json.dumps(line) + "\n" for line in (first, second, third))
    found = read(text, "jsonl")
    assert [example.labels for example in found.examples] == [("B-PER", "O", "B-PER"), ("O",), ("B-LOC",)]
    assert list(map(list, present(found.label_probabilities))) == [[0.8, 1.0, 0.6], [0.9], [None]]
    assert found.span_probabilities == [[0.75, 0.5], [], [None]]
    assert (found.scheme, found.num_illegal) == (LabelScheme.IOB2, 0)


def test_words_of_conllu_come_back_with_the_probabilities_of_their_labels():
    rows = [("1-2", "cannot", "_", "_"), ("1", "can", "AUX", "Prob=0.9"), ("2", "not", "PART", "Prob=0.25")]
    text = "".join(f"{id}\t{form}\t_\t{tag}\t_\t_\t_\t_\t_\t{misc}\n" for id, form, tag, misc in rows) + "\n"
    found = read(text, "conllu")
    assert found.examples[0].labels == ("AUX", "PART")
    assert list(map(list, present(found.label_probabilities))) == [[0.9, 0.25]]


def test_texts_are_cut_and_their_spans_have_probabilities():
    spans = [
        {"start": 9, "end": 13, "label": "LOC", "probability": 0.5},
        {"start": 0, "end": 2, "label": "PER"},
    ]
    text = json.dumps({"text": "Bo is in Oslo. Yes.", "spans": spans})
    found = read(text, "jsonl")
    assert [example.labels for example in found.examples] == [
        ("B-PER", "O", "O", "B-LOC", "O"),
        ("O", "O"),
    ]
    assert found.span_probabilities == [[None, 0.5], []]
    found.check_spans()


def test_spans_that_do_not_fit_the_tokens_are_refused_where_tokens_are_compared():
    text = json.dumps({"text": "Oslo won.", "spans": [{"start": 0, "end": 2, "label": "LOC"}]})
    found = read(text, "jsonl")
    with pytest.raises(DataError, match=r"predicted:1: the LOC 0-2 'Os' cuts through the token 'Oslo'"):
        found.check_spans()
    skipped = read(text, "jsonl", skip_bad=True)
    skipped.check_spans()
    assert skipped.losses.count("spans that cut through a token, left out as bad") == 1


def test_tokens_are_those_of_other_sentences_or_not():
    found = read("Anna B-PER\nleft O\n\n", "conll")
    assert found.have_tokens_of([Example(("Anna", "left"))])
    assert not found.have_tokens_of([Example(("Anna",)), Example(("left",))])
    assert not found.have_tokens_of([Example(("Anna", "Left"))])


def test_a_file_without_a_sentence_is_refused_and_so_is_joining():
    with pytest.raises(DataError, match=r"^predicted: expected at least one sentence, found none$"):
        read("\n\n", "conll")
    with pytest.raises(UsageError, match=r"join_sentences.* has no effect on predictions"):
        read(TAGGED, "conll", join_sentences=True)


def _task(**fields):
    return {"id": 1, "data": {"text": "Anna left Oslo"}, **fields}


def _labelled(start, end, label, **fields):
    region = {"from_name": "label", "to_name": "text", "type": "labels"}
    value = {"start": start, "end": end, "text": "Anna left Oslo"[start:end], "labels": [label]}
    return {"result": [{**region, "value": value}], **fields}


PER, LOC = _labelled(0, 4, "PER", model_version="a"), _labelled(10, 14, "LOC", model_version="b")


@pytest.mark.parametrize(
    ("task", "options", "expected"),
    [
        (_task(predictions=[PER]), {}, ("B-PER", "O", "O")),
        (_task(annotations=[_labelled(10, 14, "LOC")], predictions=[PER]), {}, ("B-PER", "O", "O")),
        (_task(predictions=[PER, LOC]), {"annotator": "b"}, ("O", "O", "B-LOC")),
    ],
    ids=["predictions alone", "beside annotations", "of a model version"],
)
def test_predictions_in_label_studio_are_read_rather_than_annotations(task, options, expected):
    found = read(json.dumps([task]), "label-studio", **options)
    assert [example.labels for example in found.examples] == [expected]
    others = "annotations of others than b, left out: 1; the first: predicted: item 1"
    assert list(found.losses.lines()) == ([others] if options else [])


def test_annotations_of_label_studio_in_the_place_of_predictions_are_counted():
    found = read(json.dumps([_task(annotations=[_labelled(0, 4, "PER")], predictions=[])]), "label-studio")
    assert [example.labels for example in found.examples] == [("B-PER", "O", "O")]
    assert list(found.losses.lines()) == [
        "tasks without predictions, whose annotations are read as such: 1; the first: predicted: item 1"
    ]


def test_predictions_of_label_studio_that_differ_are_refused():
    with pytest.raises(DataError, match="annotator"):
        read(json.dumps([_task(predictions=[PER, LOC])]), "label-studio")
