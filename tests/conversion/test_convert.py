import csv
import gzip
import io
import json
import os
import threading
from typing import Any

import pytest
from formats.annotated_corpus import CORPUS

from tagger.conversion import ConversionOptions, TypeChanges, convert
from tagger.conversion.fitting import can_write
from tagger.errors import DataError, FormatError, LabelError, UsageError
from tagger.formats import FORMATS, Losses, ReadingOptions, read_gold, read_items
from tagger.formats.reading_options import WRITTEN_OFFSET_FORMATS
from tagger.schemes import LabelScheme
from tagger.text import get_segmenter

CONLL = "-DOCSTART- O\n\nAnna B-PER\nSmith I-PER\nsaw O\n\nOslo B-LOC\n. O\n"


@pytest.fixture
def write(tmp_path):
    def written(name, text):
        path = tmp_path / name
        path.write_text(text, newline="")
        return path

    return written


def run(source, output, reading=None, **options):
    sources = source if isinstance(source, list) else [(source, None)]
    return convert(sources, output, ConversionOptions(reading=ReadingOptions(**(reading or {})), **options))


def continuous(case):
    return [[*ranges[0], label] for ranges, label in case.spans if len(ranges) == 1]


def doccano(cases=CORPUS):
    return "".join(
        json.dumps({"id": number, "text": case.text, "label": continuous(case), "Comments": []}) + "\n"
        for number, case in enumerate(cases)
    )


def objects(path):
    return [json.loads(line) for line in path.read_text().split("\n") if line]


def kinds(report):
    return {loss["kind"]: loss["count"] for one in report.inputs for loss in one.losses.to_list()}


def test_texts_and_all_their_spans_come_back_from_every_format_of_texts(write, tmp_path):
    source = write("in.jsonl", doccano())
    report = run(source, tmp_path / "out.jsonl")
    assert kinds(report) == {}
    written = objects(tmp_path / "out.jsonl")
    assert [item["text"] for item in written] == [case.text for case in CORPUS]
    assert [[[span["start"], span["end"], span["label"]] for span in item["spans"]] for item in written] == [
        continuous(case) for case in CORPUS
    ]
    assert [(item["document"], item["Comments"]) for item in written] == [(str(n), []) for n in range(150)]
    run(tmp_path / "out.jsonl", tmp_path / "back.jsonl", format="doccano")
    back = objects(tmp_path / "back.jsonl")
    assert [(item["text"], item["label"], item["Comments"]) for item in back] == [
        (case.text, continuous(case), []) for case in CORPUS
    ]


def test_fragments_overlaps_and_probabilities_stay_in_json_lines(write, tmp_path):
    items = [
        {
            "text": case.text,
            "spans": [
                {
                    "start": ranges[0][0],
                    "end": ranges[-1][1],
                    "label": label,
                    "text": " ".join(case.text[start:end] for start, end in ranges),
                    **({"fragments": [list(range) for range in ranges]} if len(ranges) > 1 else {}),
                    "probability": 0.25,
                }
                for ranges, label in case.spans
            ],
            "document": str(number),
        }
        for number, case in enumerate(CORPUS)
    ]
    source = write("in.jsonl", "".join(json.dumps(item) + "\n" for item in items))
    assert kinds(run(source, tmp_path / "out.jsonl")) == {}
    assert objects(tmp_path / "out.jsonl") == items


def test_tokens_and_labels_come_back_as_iob2_from_every_format_of_tokens(write, tmp_path):
    source = write("in.conll", CONLL)
    expected = [(["Anna", "Smith", "saw"], ["B-PER", "I-PER", "O"]), (["Oslo", "."], ["B-LOC", "O"])]
    for name in ("out.jsonl", "out.conllu", "out.csv"):
        assert run(source, tmp_path / name).inputs[0].scheme_name == "iob2"
        run(tmp_path / name, tmp_path / "back.conll")
        assert (tmp_path / "back.conll").read_text() == CONLL.replace(" ", "\t") + "\n"
    assert [(item["tokens"], item["labels"]) for item in objects(tmp_path / "out.jsonl")] == expected
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text())))
    assert [(row["token"], row["label"]) for row in rows] == [
        pair for tokens, labels in expected for pair in zip(tokens, labels, strict=True)
    ]


@pytest.mark.parametrize("scheme", ["iob1", "ioe2", "bioes", "bmewo"])
def test_labels_of_any_scheme_are_read_as_spans(write, tmp_path, scheme):
    from tagger.schemes import convert_labels

    labels = ["B-PER", "I-PER", "B-PER", "O", "B-LOC", "I-LOC", "I-LOC"]
    rows = convert_labels(labels, "iob2", scheme)
    source = write("in.conll", "".join(f"w{number} {label}\n" for number, label in enumerate(rows)))
    report = run(source, tmp_path / "out.jsonl")
    assert report.inputs[0].scheme_name == scheme
    assert objects(tmp_path / "out.jsonl")[0]["labels"] == labels


def test_texts_become_tokens_and_what_does_not_fit_is_counted(write, tmp_path):
    source = write("in.jsonl", doccano())
    report = run(source, tmp_path / "out.conll")
    lost = kinds(report)
    assert lost["spans that overlap another one, left out"] > 10
    number = sum(len(continuous(case)) for case in CORPUS)
    lost_spans = sum(count for kind, count in lost.items() if kind.startswith("spans"))
    (written,) = report.written.values()
    assert written.spans.total() == number - lost_spans
    labels = [
        line.split("\t")[1] for line in (tmp_path / "out.conll").read_text().split("\n") if "\t" in line
    ]
    assert sum(label.startswith("B-") for label in labels) == written.spans.total()


def test_texts_are_cut_as_most_spans_fit(write, tmp_path):
    text = "It is Oslo's map."
    for clitics, token, end in (("split", "Oslo", 10), ("keep", "Oslo's", 12)):
        source = write("in.jsonl", json.dumps({"text": text, "label": [[6, end, "X"]]}) + "\n")
        report = run(source, tmp_path / "out.conll")
        assert report.written[str(tmp_path / "out.conll")].spans == {"X": 1}
        assert report.segmenter["clitics"] == clitics
        assert f"{token}\tB-X\n" in (tmp_path / "out.conll").read_text()
        assert f"texts are cut into tokens: hyphens split, clitics {clitics}, " in "\n".join(report.lines())


def test_types_are_changed_and_counted(write, tmp_path):
    source = write("in.conll", CONLL)
    changes = TypeChanges(renamed={"PER": "person"}, dropped=("LOC",))
    report = run(source, tmp_path / "out.conll", changes=changes)
    assert kinds(report) == {
        "spans of the type PER, renamed to person": 1,
        "spans of the type LOC, dropped": 1,
    }
    assert report.inputs[0].read.spans == {"PER": 1, "LOC": 1}
    assert report.written[str(tmp_path / "out.conll")].spans == {"person": 1}


def test_a_type_that_never_occurs_is_an_error_and_nothing_is_written(write, tmp_path):
    source = write("in.conll", CONLL)
    with pytest.raises(UsageError, match="map: expected types that occur, found per; there are LOC, PER"):
        run(source, tmp_path / "out.jsonl", changes=TypeChanges(renamed={"per": "PER"}))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.conll"]


def test_parts_of_speech_go_where_there_is_a_place_for_them(write, tmp_path):
    source = write("in.conll", "it PRON\nrained VERB\n")
    for name in ("out.conllu", "out.jsonl", "out.csv"):
        run(source, tmp_path / name)
        run(tmp_path / name, tmp_path / "back.conll")
        assert "it\tPRON\nrained\tVERB\n" in (tmp_path / "back.conll").read_text()
    with pytest.raises(UsageError) as caught:
        run(source, tmp_path / "out", format="doccano")
    assert str(caught.value).startswith(
        f"{source}:1: expected spans, since doccano has no place for a label of each token, found labels that spell "
        "none (PRON, VERB). Write another format ("
    )


def test_white_space_between_labelled_tokens_is_counted_where_it_is_lost(write, tmp_path):
    rows = [
        "1 it it PRON _ _ 0 _ _ _",
        "2 rained rain VERB _ _ 0 _ _ SpaceAfter=No",
        "3 . . PUNCT _ _ 0 _ _ _",
    ]
    source = write("in.conllu", "\n".join(row.replace(" ", "\t") for row in rows) + "\n\n")
    report = run(source, tmp_path / "out.jsonl")
    assert report.losses.count("texts of which tokens are kept, and white space is not") == 1
    assert (
        f"texts of which tokens are kept, and white space is not: 1; the first: {source}:1" in report.lines()
    )
    report = run(source, tmp_path / "out.conllu")
    assert len(report.losses) == 0
    assert kinds(report) == {
        "cells of the column LEMMA, not read": 3,
        "cells of the column HEAD, not read": 3,
    }
    assert "# text = it rained.\n" in (tmp_path / "out.conllu").read_text()


def test_labels_that_break_a_scheme_are_an_error_or_skipped(write, tmp_path):
    source = write("in.conll", "a O\nb I-X\n\nc B-X\nd O\n")
    with pytest.raises(FormatError) as caught:
        run(source, tmp_path / "out.jsonl", scheme=LabelScheme.IOB2, reading={"skip_bad": False})
    assert str(caught.value) == (
        f"{source}:2: label 'I-X' at token 2 follows 'O', not allowed in IOB2. If the data is IOB1, pass "
        "DataConfig(scheme='iob1'). To skip and list bad data: skip_bad=True"
    )
    report = run(source, tmp_path / "out.jsonl", scheme=LabelScheme.IOB2, reading={"skip_bad": True})
    assert kinds(report) == {"sentences with labels that break their scheme, left out as bad": 1}
    assert [item["tokens"] for item in objects(tmp_path / "out.jsonl")] == [["c", "d"]]
    with pytest.raises(LabelError, match=r"in\.conll:4: label 'B-X' .* No scheme fits all labels"):
        run(source, tmp_path / "out.jsonl", reading={"skip_bad": True})


def test_entities_that_ends_of_sentences_cut_are_joined(write, tmp_path):
    source = write("in.conll", "in O\nOslo B-LOC\n\nTown I-LOC\n. O\n\nA B-PER\n\nB B-PER\n")
    report = run(source, tmp_path / "out.conll", reading={"join_sentences": True})
    assert kinds(report) == {"sentences joined to the one before, which ends within a span": 1}
    assert (tmp_path / "out.conll").read_text() == (
        "in\tO\nOslo\tB-LOC\nTown\tI-LOC\n.\tO\n\nA\tB-PER\n\nB\tB-PER\n\n"
    )


def test_joining_sentences_of_texts_that_stay_texts_is_refused(write, tmp_path):
    source = write("in.jsonl", doccano())
    with pytest.raises(UsageError) as caught:
        run(source, tmp_path / "out", format="label-studio", reading={"join_sentences": True})
    assert str(caught.value) == (
        f"join_sentences has no effect on {source}: its texts are not cut into sentences to write them as Label Studio "
        "(JSON)"
    )


def test_what_nobody_annotated_is_not_written_as_text_without_entities(write, tmp_path):
    item = {"data": {"text": "Oslo"}, "annotations": []}
    source = write("in.json", json.dumps([item]))
    with pytest.raises(DataError, match=rf"{source}: expected annotated texts, found none: .*annotat"):
        run(source, tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()


def test_documents_of_several_inputs_stay_apart(write, tmp_path):
    first, second = write("a.conll", CONLL), write("b.conll", CONLL.replace("PER", "P"))
    report = run([(first, None), (second, None)], tmp_path / "out.jsonl")
    assert [item["document"] for item in objects(tmp_path / "out.jsonl")] == ["a.conll:1"] * 2 + [
        "b.conll:1"
    ] * 2
    assert [one.read.texts for one in report.inputs] == [2, 2]
    (tmp_path / "c").mkdir()
    third = write("c/a.conll", CONLL)
    run([(first, None), (third, None)], tmp_path / "out.jsonl")
    assert [item["document"] for item in objects(tmp_path / "out.jsonl")][::2] == [
        "1:a.conll:1",
        "2:a.conll:1",
    ]


TEXTS_WITHOUT_IDS = {
    "csv": "text,spans\nAnna left.,\"[(0, 4, 'PER')]\"\nBob stayed.,[]\n",
    "doccano": '{"text": "Anna left.", "label": [[0, 4, "PER"]]}\n{"text": "Bob stayed.", "label": []}\n',
    "jsonl": '{"text": "Anna left.", "spans": [[0, 4, "PER"]]}\n{"text": "Bob stayed.", "spans": []}\n',
    "label-studio": json.dumps(
        [{"data": {"text": text}, "annotations": [{"result": []}]} for text in ("Anna left.", "Bob stayed.")]
    ),
    "prodigy": '{"text": "Anna left.", "spans": [], "answer": "accept"}\n'
    '{"text": "Bob stayed.", "spans": [], "answer": "accept"}\n',
    "spacy-json": '{"text": "Anna left.", "ents": []}\n{"text": "Bob stayed.", "ents": []}\n',
}


@pytest.mark.parametrize("format", TEXTS_WITHOUT_IDS)
def test_a_text_without_an_id_is_a_document_that_is_given_none(write, tmp_path, format):
    source = write("in", TEXTS_WITHOUT_IDS[format])
    reading = {"format": format}
    out = tmp_path / "out"
    for target in ("label-studio", "prodigy", "jsonl", "spacy-json", "doccano"):
        assert kinds(run(source, out, reading, format=target)) == {}
        assert "document" not in out.read_text()
        written = read_items(out, ReadingOptions(format=target), Losses())
        assert [text.document for text in written] == [None, None]
    run(source, out, reading, format="conll")
    assert [row for row in out.read_text().split("\n") if row][::4] == ["-DOCSTART-\tO", "-DOCSTART-\tO"]
    run(source, out, reading, format="conllu")
    assert out.read_text().count("# newdoc\n") == 2
    run(source, out, reading, format="jsonl")
    joined = write("joined.jsonl", out.read_text() * 2)
    corpus = read_gold([(joined, None)], ReadingOptions(), lambda: get_segmenter("rules"), documents=True)
    assert [example.document for example in corpus.examples] == [f"1 {joined}:{n}" for n in (1, 2, 3, 4)]
    parts = run(joined, tmp_path / "parts", format="jsonl", split={"a": 0.5, "b": 0.5}).split
    assert (parts["documents"], parts["near_copies"]) == (4, 2)


def test_spans_and_plain_labels_are_not_mixed(write, tmp_path):
    first, second = write("a.conll", CONLL), write("b.conll", "it PRON\n")
    with pytest.raises(UsageError) as caught:
        run([(first, None), (second, None)], tmp_path / "out.jsonl")
    assert str(caught.value) == (
        "expected inputs that all have spans, or all labels that spell none, found spans in "
        f"{first} and labels in {second}. Convert them one by one, or name the scheme of the labels."
    )


def test_a_stream_is_read_twice_and_its_format_found(tmp_path):
    report = run([(io.BytesIO(CONLL.encode()), "<stdin>")], tmp_path / "out.jsonl")
    assert report.inputs[0].read.spans == {"PER": 1, "LOC": 1}
    with pytest.raises(LabelError) as caught:
        run([(io.BytesIO(b"a O\nb I-X\n\nc B-X\nd B-Y\nd I-X\n"), "<stdin>")], tmp_path / "out.jsonl")
    assert str(caught.value).startswith("<stdin>:")
    with pytest.raises(DataError) as nothing:
        run([(io.BytesIO(b""), "<stdin>")], tmp_path / "out.jsonl")
    assert str(nothing.value) == "<stdin>: expected at least one sentence, found none"


def test_a_pipe_is_read_twice(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text(CONLL))
    writer.start()
    report = run(pipe, tmp_path / "out.jsonl")
    writer.join()
    assert report.inputs[0].read.texts == 2


def test_packed_files_are_read_and_written(write, tmp_path):
    source = tmp_path / "in.conll.gz"
    source.write_bytes(gzip.compress(CONLL.encode()))
    run(source, tmp_path / "one.jsonl.gz")
    run(source, tmp_path / "two.jsonl.gz")
    assert (tmp_path / "one.jsonl.gz").read_bytes() == (tmp_path / "two.jsonl.gz").read_bytes()
    assert len(gzip.decompress((tmp_path / "one.jsonl.gz").read_bytes()).splitlines()) == 2


def test_pieces_go_to_a_stream(write):
    pieces: list[str] = []
    run(write("in.conll", CONLL), pieces.append, format="conll")
    assert "".join(pieces) == CONLL.replace(" ", "\t") + "\n"


def test_an_input_may_be_the_output(write):
    path = write("in.jsonl", doccano())
    run(path, path, format="doccano")
    assert [item["text"] for item in objects(path)] == [case.text for case in CORPUS]


def test_an_output_that_fails_leaves_what_was_there(write, tmp_path):
    out = write("out.jsonl", "old")
    with pytest.raises(FormatError):
        run(write("in.jsonl", doccano() + '{"text": "Oslo", "label": [[0, 9, "LOC"]]}\n'), out)
    assert out.read_text() == "old"


@pytest.mark.parametrize(("unit", "start"), [("codepoint", 2), ("utf16", 3), ("byte", 5)])
def test_offsets_are_written_in_any_unit(write, tmp_path, unit, start):
    source = write("in.jsonl", json.dumps({"text": "😀 Oslo", "label": [[2, 6, "LOC"]]}))
    run(source, tmp_path / "out.jsonl", offsets=unit)
    assert objects(tmp_path / "out.jsonl")[0]["spans"][0]["start"] == start
    with pytest.raises(UsageError, match="output_offsets has no effect on the format conll"):
        run(source, tmp_path / "out.conll", offsets=unit)


def test_what_tells_no_format_to_write_is_refused(write, tmp_path):
    with pytest.raises(
        UsageError, match="out: expected a name that shows the format; name one with output: "
    ):
        run(write("in.conll", CONLL), tmp_path / "out")


SHARES = {"train": 0.6, "dev": 0.2, "test": 0.2}


def test_a_split_writes_every_text_once_and_counts_losses_once(write, tmp_path):
    source = write("in.jsonl", doccano())
    whole = run(source, tmp_path / "all.conll")
    report = run(source, tmp_path / "out", format="conll", split=SHARES, seed=1)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "dev.conll",
        "test.conll",
        "train.conll",
    ]
    assert kinds(report) == kinds(whole)
    assert sum(counts.texts for counts in report.written.values()) == 150
    assert sum(counts.tokens for counts in report.written.values()) == sum(
        counts.tokens for counts in whole.written.values()
    )
    assert report.split["documents"] == 150
    again = run(source, tmp_path / "again", format="conll", split=SHARES, seed=1)
    assert [counts.to_dict() for counts in again.written.values()] == [
        counts.to_dict() for counts in report.written.values()
    ]


@pytest.mark.parametrize(
    ("format", "name"), [("label-studio", "a.json"), ("doccano", "a.jsonl"), ("csv", "a.csv"), ("brat", "a")]
)
def test_files_of_a_split_have_names_of_their_format(write, tmp_path, format, name):
    run(write("in.jsonl", doccano()), tmp_path / "out", format=format, split={"a": 0.5, "b": 0.5})
    assert sorted(path.name for path in (tmp_path / "out").iterdir())[0] == name
    assert run(tmp_path / "out" / name, tmp_path / "back.jsonl").inputs[0].read.texts >= 70


def test_a_folder_with_other_things_in_it_is_replaced_only_if_that_is_said(write, tmp_path):
    source, folder = write("in.jsonl", doccano(CORPUS[:3])), tmp_path / "out"
    expected = ["0.ann", "0.txt", "1.ann", "1.txt", "2.ann", "2.txt", "annotation.conf"]
    run(source, folder, format="brat")
    run(source, folder, format="brat")
    (folder / "notes.md").write_text("keep")
    with pytest.raises(DataError, match=r"notes\.md in it"):
        run(source, folder, format="brat")
    assert (folder / "notes.md").exists()
    run(source, folder, format="brat", overwrite=True)
    assert sorted(path.name for path in folder.iterdir()) == expected
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["in.jsonl", "out"]
    run(folder, tmp_path / "back.jsonl")
    assert [item["text"] for item in objects(tmp_path / "back.jsonl")] == [case.text for case in CORPUS[:3]]


def test_a_split_does_not_replace_other_things(write, tmp_path):
    source = write("in.jsonl", doccano())
    folder = tmp_path / "out"
    run(source, folder, format="jsonl", split=SHARES)
    run(source, folder, format="jsonl", split=SHARES)  # its own files
    (folder / "notes.txt").write_text("keep")
    with pytest.raises(DataError) as caught:
        run(source, folder, format="jsonl", split=SHARES)
    assert str(caught.value) == (
        f"{folder}: expected an empty folder, or none, found notes.txt. Name another folder, or have it replaced with "
        "all in it: overwrite=True"
    )
    run(source, folder, format="jsonl", split=SHARES, overwrite=True)
    assert sorted(path.name for path in folder.iterdir()) == ["dev.jsonl", "test.jsonl", "train.jsonl"]


def test_the_report_tells_everything_in_json(write, tmp_path):
    source = write("in.conll", CONLL)
    fields = json.loads(json.dumps(run(source, tmp_path / "out.jsonl", format="doccano").to_dict()))
    assert fields == {
        "inputs": [
            {
                "file": str(source),
                "format": "conll",
                "recognised": "recognised by its name",
                "scheme": "iob2",
                "read": {"texts": 2, "tokens": 5, "spans": {"PER": 1, "LOC": 1}, "labels": {}},
                "losses": [
                    {
                        "kind": "sentences whose tokens are not written",
                        "count": 2,
                        "places": [f"{source}:3", f"{source}:7"],
                    },
                    {
                        "kind": "texts whose document's id is not written",
                        "count": 2,
                        "places": [f"{source}:3: 1", f"{source}:7: 1"],
                    },
                ],
            }
        ],
        "format": "doccano",
        "segmenter": None,
        "split": None,
        "written": {
            str(tmp_path / "out.jsonl"): {
                "texts": 2,
                "tokens": 5,
                "spans": {"PER": 1, "LOC": 1},
                "labels": {},
            }
        },
        "losses": [],
    }


@pytest.mark.parametrize(("format", "first"), [("docbin", ": document 1"), ("spacy-json", ":1")])
def test_labels_of_words_that_spacy_holds_are_not_taken_for_nothing(write, tmp_path, format, first):
    source, made = write("in.conll", "Anna NNP\nleft VBD\n\nit PRP\n"), tmp_path / "made.spacy"
    run(source, made, format=format)
    with pytest.raises(DataError) as caught:
        run(made, tmp_path / "back.conll")
    assert str(caught.value) == (
        f"{made}: expected annotated texts, found none: documents whose entities nobody annotated, left out (the "
        f"labels of their words are read with label_column='tag'): 2; the first: {made}{first}"
    )
    run(made, tmp_path / "back.conll", reading={"label_column": "tag"})
    assert [
        line for line in (tmp_path / "back.conll").read_text().splitlines() if line[:2] in ("An", "it")
    ] == [
        "Anna\tNNP",
        "it\tPRP",
    ]


@pytest.mark.parametrize(
    ("name", "title"), [("a.parquet.gz", "Parquet"), ("a.spacy.gz", "spaCy DocBin"), ("a.gz", "brat")]
)
def test_what_is_no_text_is_not_said_to_be_packed(write, tmp_path, name, title):
    format = "brat" if title == "brat" else "auto"
    with pytest.raises(UsageError) as caught:
        run(write("in.conll", CONLL), tmp_path / name, format=format)
    assert str(caught.value) == (
        f"{tmp_path / name}: expected a name without .gz, since {title} is no text that is packed. Leave it out: "
        f"{tmp_path / name.removesuffix('.gz')}"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["in.conll"]


@pytest.mark.parametrize("link", [False, True])
def test_an_input_is_replaced_by_another_format_only_if_that_is_said(write, tmp_path, link):
    source = write("export.jsonl", doccano(CORPUS[:3]))
    output = source
    if link:
        output = tmp_path / "link.jsonl"
        output.symlink_to(source)
    before = source.read_bytes()
    with pytest.raises(UsageError) as caught:
        run(source, output)
    assert str(caught.value) == (
        f"{output}: expected an output that is no input, or one of the same format, found an input in doccano, which "
        "JSON Lines would replace. Name another file, or have it replaced: overwrite=True"
    )
    assert source.read_bytes() == before
    run(source, output, format="doccano")
    assert [item["text"] for item in objects(source)] == [case.text for case in CORPUS[:3]]
    run(source, output, overwrite=True)
    assert "spans" in objects(source)[0]


def test_leave_to_replace_what_is_replaced_anyway_is_refused(write, tmp_path):
    source, output = write("in.conll", CONLL), write("out.jsonl", "old")
    with pytest.raises(UsageError) as caught:
        run(source, output, overwrite=True)
    assert str(caught.value) == (
        f"overwrite has no effect on {output}: a file that is no input is replaced anyway"
    )
    assert output.read_text() == "old"
    run(source, output)
    assert len(objects(output)) == 2


def test_a_scheme_has_an_effect_on_labels_of_tokens_alone(write, tmp_path):
    source, out = write("in.jsonl", doccano(CORPUS[:3])), write("out.jsonl", "old")
    with pytest.raises(UsageError) as caught:
        run(source, out, scheme=LabelScheme.IOB1)
    assert str(caught.value) == f"scheme has no effect on {source}: expected labels of tokens, found spans"
    assert out.read_text() == "old"
    run([(source, None), (write("in.conll", "Oslo I-LOC\n"), None)], out, scheme=LabelScheme.IOB1)
    assert objects(out)[-1]["labels"] == ["B-LOC"]


@pytest.mark.parametrize(
    ("text", "scheme"), [("a I-X\n\nb I-X\n", "IO"), ("a I-X\nb B-X\n", "IOB1"), ("a NN\n\nb V\n", "NONE")]
)
def test_sentences_are_not_joined_where_labels_do_not_tell_that(write, tmp_path, text, scheme):
    source = write("in.conll", text)
    with pytest.raises(UsageError) as caught:
        run(
            source, tmp_path / "out.conll", {"join_sentences": True}, scheme=LabelScheme.parse(scheme.lower())
        )
    assert str(caught.value) == (
        f"join_sentences has no effect on {source}: its labels are {scheme}, which does not tell where the end of a "
        "sentence cuts a span"
    )


@pytest.mark.parametrize("format", sorted(name for name, format in FORMATS.items() if can_write(format)))
def test_a_unit_of_offsets_has_an_effect_on_what_is_written_or_is_refused(write, tmp_path, format):
    source = write("in.jsonl", json.dumps({"text": "😀 Oslo", "label": [[2, 6, "LOC"]]}))
    plain, other = tmp_path / "plain", tmp_path / "other"
    run(source, plain, format=format)
    if format not in WRITTEN_OFFSET_FORMATS:
        with pytest.raises(UsageError) as caught:
            run(source, other, format=format, offsets="byte")
        assert str(caught.value) == f"output_offsets has no effect on the format {format}"
        return
    run(source, other, format=format, offsets="byte")
    if plain.is_dir():
        plain, other = next(plain.glob("*.ann")), next(other.glob("*.ann"))
    assert plain.read_bytes() != other.read_bytes()


@pytest.mark.parametrize("scheme", [None, LabelScheme.IOB2])
def test_the_option_that_mends_a_cut_span_is_named(write, tmp_path, scheme):
    source = write("in.conll", "Anna B-PER\n\nSmith I-PER\nlives O\n")
    with pytest.raises((LabelError, FormatError)) as caught:
        run(source, tmp_path / "out.conll", scheme=scheme)
    assert (
        " There the end of a sentence cuts a span; to join two sentences that a span crosses: "
        "join_sentences=True."
    ) in str(caught.value)
    report = run(source, tmp_path / "out.conll", {"join_sentences": True}, scheme=scheme)
    assert kinds(report) == {"sentences joined to the one before, which ends within a span": 1}


MORE_THAN_IS_READ = {
    "x.conllu": (
        "# newdoc id = d\n# sent_id = s1\n# text = it's\n1-2\tit's" + "\t_" * 8 + "\n"
        "1\tit\tit\tPRON\tPRP\tCase=Nom\t2\tnsubj\t_\tSpaceAfter=No|Gloss=x\n"
        "2\t's\tbe\tAUX\t_\t_\t0\troot\t_\tNoted\n\n",
        [
            "cells of the column LEMMA, not read: 2; the first: {}:5",
            "cells of the column XPOS, not read: 1; the first: {}:5",
            "cells of the column FEATS, not read: 1; the first: {}:5",
            "cells of the column HEAD, not read: 2; the first: {}:5",
            "cells of the column DEPREL, not read: 2; the first: {}:5",
            "values of Gloss in MISC, not read: 1; the first: {}:5",
            "values of Noted in MISC, not read: 1; the first: {}:5",
            "comments, not read: 1; the first: {}:2",
            "rows of several words, or of words left out of the text, not read: 1; the first: {}:5",
        ],
    ),
    "x.conll": (
        "-DOCSTART- -X- O\n\nEU NNP B-ORG\nsays VBZ O\n",
        ["cells of the column 1, not read: 2; the first: {}:3"],
    ),
    "x.csv": (
        "sentence_id,word,pos,tag\n1,EU,NNP,B-ORG\n1,says,,O\n",
        ["cells of the column 'pos', not read: 2; the first: {}:2"],
    ),
    "x.jsonl": (
        '{"tokens": ["EU"], "labels": ["B-ORG"], "author": "me", "note": null, "document": 1}\n',
        ["values under 'author' beside tokens, not read: 1; the first: {}:1"],
    ),
}


@pytest.mark.parametrize("name", MORE_THAN_IS_READ)
def test_what_else_a_file_holds_is_counted_when_it_is_converted_and_no_matter_otherwise(
    write, tmp_path, name
):
    text, expected = MORE_THAN_IS_READ[name]
    source = write(name, text)
    reading: dict[str, Any] = {"label_column": "tag"} if name == "x.csv" else {}
    report = run(source, tmp_path / "out.jsonl", reading)
    assert list(report.inputs[0].losses.lines()) == [line.format(source) for line in expected]
    losses = Losses()
    list(read_items(source, ReadingOptions(**reading), losses))
    assert list(losses.lines()) == []


def test_columns_and_comments_have_their_names_in_columns_with_a_header(write, tmp_path):
    source = write("in.conll", "word pos ne\n# one\nEU NNP B-ORG\n")
    reading = {"header": True, "token_column": "word", "label_column": "ne", "comment_prefix": "# "}
    report = run(source, tmp_path / "out.jsonl", reading)
    assert list(report.inputs[0].losses.lines()) == [
        f"cells of the column 'pos', not read: 1; the first: {source}:3",
        f"comments, not read: 1; the first: {source}:2",
    ]


def test_other_columns_beside_texts_go_along(write, tmp_path):
    source = write("in.csv", "text,spans,author,score\nOslo,\"[(0, 4, 'LOC')]\",me,3\n")
    report = run(source, tmp_path / "out.jsonl")
    assert kinds(report) == {}
    (item,) = objects(tmp_path / "out.jsonl")
    assert (item["text"], item["author"], item["score"]) == ("Oslo", "me", "3")
    report = run(source, tmp_path / "out.conll")
    assert kinds(report) == {"texts with more beside them, which is not written": 1}
