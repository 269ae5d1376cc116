"""What annotators said, read from files of any form."""

import json

import pytest

from tagger.agreement.reading import annotators_in, read_annotator
from tagger.errors import DataError, FormatError, LabelError
from tagger.formats import CharacterSpan, ReadingOptions
from tagger.text import get_segmenter


@pytest.fixture
def read(tmp_path):
    """Reads a text as a file."""

    def read(name, text, *, options=None, **others):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return read_annotator(
            path, options or ReadingOptions(), lambda: get_segmenter("rules"), name="ann", **others
        )

    return read


def labels(annotator):
    return [passage.example.labels for passage in annotator.passages]


def test_labels_of_any_scheme_become_iob2(read):
    found = read("a.conll", "Anna\tB-PER\nSmith\tE-PER\nmet\tO\nBob\tS-PER\n")
    assert found.has_spans
    assert labels(found) == [("B-PER", "I-PER", "O", "B-PER")]


def test_plain_labels_stay_as_they_are(read):
    found = read("a.conll", "Anna\tPROPN\nmet\tVERB\n")
    assert not found.has_spans
    assert labels(found) == [("PROPN", "VERB")]


def test_what_is_not_annotated_is_missing_and_counted(read):
    lines = [{"tokens": ["a"], "labels": ["B-X"]}, {"tokens": ["b"]}, {"tokens": ["c"], "labels": ["O"]}]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    with pytest.raises(FormatError, match=r"a\.jsonl:2: expected a list of strings under 'labels'"):
        read("a.jsonl", text)
    found = read("a.jsonl", text, options=ReadingOptions(skip_bad=True))
    assert [passage.text for passage in found.passages] == ["a", "c"]
    assert len(found.losses) == 1


def test_items_that_nobody_finished_are_missing_and_counted(read):
    lines = [{"text": "a", "spans": [], "answer": "accept"}, {"text": "b", "spans": [], "answer": "ignore"}]
    found = read(
        "a.jsonl",
        "".join(json.dumps(line) + "\n" for line in lines),
        options=ReadingOptions(format="prodigy"),
    )
    assert [passage.text for passage in found.passages] == ["a"]
    assert list(found.losses.lines()) == [
        f"items answered 'ignore', left out: 1; the first: {found.losses.to_list()[0]['places'][0]}"
    ]


def test_a_file_without_annotations_is_an_error(read):
    with pytest.raises(DataError, match=r"a\.jsonl: expected at least one annotated sentence, found none"):
        read("a.jsonl", '{"tokens": ["a"]}\n', options=ReadingOptions(skip_bad=True))


def test_texts_have_their_words_and_spans_that_cut_through_them(read):
    line = {"text": "U.S.-based Acme. It fell.", "spans": [[0, 4, "LOC"], [11, 15, "ORG"]]}
    found = read("a.jsonl", json.dumps(line) + "\n")
    first, second = found.passages
    assert (first.text, second.text) == ("U.S.-based Acme.", "It fell.")
    assert second.ranges == ((0, 2), (3, 7), (7, 8))
    # Either the tokens have a border there, or the span stands beside them.
    assert first.example.labels[-2] == "B-ORG"
    assert (first.extra == (CharacterSpan(0, 4, "LOC"),)) != (first.example.labels[0] == "B-LOC")


def test_a_span_that_goes_across_the_end_of_a_sentence_makes_one_of_two(read):
    line = {"text": "He left. She stayed. It rained.", "spans": [[3, 12, "X"]]}
    found = read("a.jsonl", json.dumps(line) + "\n")
    first, second = found.passages
    assert (first.text, second.text) == ("He left. She stayed.", "It rained.")
    assert first.extra == (CharacterSpan(3, 12, "X"),)
    assert len(first.example.tokens) == len(first.example.labels) == len(first.ranges) == 6


def test_spans_that_overlap_are_an_error_or_left_out(read):
    line = json.dumps({"text": "New York Times", "spans": [[0, 8, "LOC"], [4, 14, "ORG"]]}) + "\n"
    with pytest.raises(DataError, match=r"a\.jsonl:1: the ORG 4-14 'York Times' overlaps"):
        read("a.jsonl", line)
    found = read("a.jsonl", line, options=ReadingOptions(skip_bad=True))
    assert labels(found) == [("B-LOC", "I-LOC", "O")]
    assert len(found.losses) == 1


def test_labels_that_break_their_scheme_are_an_error_unless_that_is_allowed(read):
    broken = "a\tO\nb\tI-X\n\nc\tB-X\nd\tB-X\ne\tI-Y\n"
    with pytest.raises(LabelError):
        read("a.conll", broken)
    found = read("a.conll", broken, lenient=True)
    assert labels(found) == [("O", "B-X"), ("B-X", "B-X", "B-Y")]
    assert len(found.losses) == 2


def test_sentences_are_joined_if_that_is_wanted(read):
    cut = "New\tB-LOC\n\nYork\tI-LOC\nis\tO\n"
    found = read("a.conll", cut, options=ReadingOptions(join_sentences=True))
    assert [(passage.text, passage.example.labels) for passage in found.passages] == [
        ("New York is", ("B-LOC", "I-LOC", "O"))
    ]


def test_multiword_tokens_are_one_place_of_the_text(read):
    rows = ["1-2\tdu\t_\t_\t_\t_\t_\t_\t_\t_", *(
        f"{number}\t{word}\t_\t{tag}\t_\t_\t0\troot\t_\t_"
        for number, word, tag in ((1, "de", "ADP"), (2, "le", "DET"), (3, "chat", "NOUN"))
    )]  # fmt: skip
    (passage,) = read("a.conllu", "\n".join(rows) + "\n\n").passages
    assert (passage.text, passage.ranges) == ("du chat", ((0, 2), (0, 2), (3, 7)))
    assert passage.example.labels == ("ADP", "DET", "NOUN")


def test_people_of_one_file_are_listed_though_they_differ(tmp_path):
    path = tmp_path / "a.jsonl"
    lines = [
        {"text": "EU", "spans": spans, "answer": "accept", "_input_hash": 1, "_annotator_id": name}
        for name, spans in (("bob", []), ("ann", [{"start": 0, "end": 2, "label": "ORG"}]), ("bob", []))
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert annotators_in(path, ReadingOptions()) == ["bob", "ann"]
    assert annotators_in(path, ReadingOptions(annotator="ann")) == []


def test_people_are_told_in_label_studio_by_their_addresses(tmp_path):
    path = tmp_path / "a.json"
    annotations = [
        {"completed_by": {"id": number, "email": email}, "result": []}
        for number, email in ((1, "ann@example.org"), (2, "bob@example.org"))
    ]
    path.write_text(json.dumps([{"id": 1, "data": {"text": "EU"}, "annotations": annotations}]))
    assert annotators_in(path, ReadingOptions()) == ["ann@example.org", "bob@example.org"]


def test_a_format_that_does_not_say_has_nobody(tmp_path):
    path = tmp_path / "a.conll"
    path.write_text("a\tO\n")
    assert annotators_in(path, ReadingOptions()) == []
