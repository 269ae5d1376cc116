import io

import pytest
from formats.annotated_corpus import CORPUS
from formats.writing import NO_SEGMENTER, save_as

from tagger.errors import DataError, FormatError, UsageError
from tagger.formats import (
    AnnotatedText,
    CharacterSpan,
    Losses,
    ReadingOptions,
    WritingContext,
    guess_format,
    lines,
    read_items,
)
from tagger.formats.tools.brat import BRAT


def read(path, losses=None, *, name="x", labelled=True, **options):
    reading = ReadingOptions(format="brat", **options)
    losses = Losses(skip_bad=reading.skip_bad) if losses is None else losses
    return list(read_items(path, reading, losses, name=name, labelled=labelled))


def write(path, texts, losses=None, **options):
    save_as(
        BRAT, texts, path, WritingContext(Losses() if losses is None else losses, NO_SEGMENTER, **options)
    )


def spans(text):
    return [(span.ranges, span.label) for span in sorted(text.spans, key=lambda span: span.order())]


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def put(path, text, ann=None, name="a"):
    """Write the two files of a document as bytes."""
    path.joinpath(f"{name}.txt").parent.mkdir(parents=True, exist_ok=True)
    path.joinpath(f"{name}.txt").write_bytes(text.encode())
    if ann is not None:
        path.joinpath(f"{name}.ann").write_bytes(ann.encode())
    return path


def as_brat(case, first=1):
    """Return what brat writes: line breaks in the text of a span are blanks there."""
    lines = []
    for number, (ranges, label) in enumerate(case.spans, start=first):
        places = ";".join(f"{start} {end}" for start, end in ranges)
        mention = " ".join(case.text[start:end] for start, end in ranges)
        for mark in "\r\n\t":
            mention = mention.replace(mark, " ")
        lines.append(f"T{number}\t{label} {places}\t{mention}\n")
    return "".join(lines)


@pytest.fixture
def corpus(tmp_path):
    for number, case in enumerate(CORPUS):
        put(tmp_path / "corpus", case.text, as_brat(case), name=f"part{number % 3}/{number:03}")
    (tmp_path / "corpus" / "annotation.conf").write_text("[entities]\nPER\n")
    return tmp_path / "corpus"


IN_ORDER = [number for part in range(3) for number in range(part, len(CORPUS), 3)]


def test_every_span_of_a_folder_within_folders_is_read(corpus):
    assert guess_format(corpus) == "brat"
    losses = Losses()
    texts = read(corpus, losses)
    assert [item.document for item in texts] == [f"part{n % 3}/{n:03}" for n in IN_ORDER]
    assert [item.text for item in texts] == [CORPUS[n].text for n in IN_ORDER]
    assert [spans(item) for item in texts] == [list(CORPUS[n].spans) for n in IN_ORDER]
    assert texts[0].origin == "x/part0/000.ann"
    assert len(losses) == 0


def test_what_is_written_is_read_again(corpus, tmp_path):
    texts = read(corpus)
    losses = Losses()
    write(tmp_path / "out", texts, losses)
    assert len(losses) == 0
    again = read(tmp_path / "out")
    assert [item.document for item in again] == [item.document for item in texts]
    assert [item.text for item in again] == [item.text for item in texts]
    assert [spans(item) for item in again] == [spans(item) for item in texts]
    first = tmp_path / "out" / "part1" / "001"
    assert first.with_suffix(".txt").read_bytes() == CORPUS[1].text.encode()
    assert first.with_suffix(".ann").read_bytes() == as_brat(CORPUS[1]).encode()
    assert (tmp_path / "out" / "annotation.conf").read_text() == (
        "[entities]\nANATOMY\nGPE\nGROUP\nLOC\nORG\nPER\n\n[relations]\n# Entities may overlap.\n"
        "<OVERLAP>\tArg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>\n\n[events]\n\n[attributes]\n"
    )


@pytest.mark.parametrize("name", ["a.ann", "a.txt"])
def test_one_document_is_read_by_the_path_of_either_file(tmp_path, name):
    put(tmp_path, "Oslo", "T1\tLOC 0 4\tOslo\n")
    put(tmp_path, "Bergen", "", name="b")
    (item,) = read(tmp_path / name, name=f"here/{name}")
    assert (item.text, spans(item), item.document, item.origin) == (
        "Oslo",
        [(((0, 4),), "LOC")],
        "a",
        "here/a.ann",
    )


def test_an_annotation_file_is_recognised_by_its_name_or_its_lines(tmp_path):
    put(tmp_path, "Oslo", "#1\tAnnotatorNotes T1\tsure\nT1\tLOC 0 4\tOslo\n")
    assert guess_format(tmp_path / "a.ann") == "brat"
    (tmp_path / "a.ann").rename(tmp_path / "a.annotations")
    assert guess_format(tmp_path / "a.annotations") == "brat"
    put(tmp_path, "Oslo", "", name="b")
    assert guess_format(tmp_path / "b.ann") == "brat"


def test_what_is_no_entity_is_counted_by_kind(tmp_path):
    put(
        tmp_path,
        "rebels attacked Oslo",
        "T1\tORG 0 6\trebels\nT2\tAttack 7 15\tattacked\nT3\tLOC 16 20\tOslo\nE1\tAttack:T2 Agent:T1 Target:T3\n"
        "R1\tNear Arg1:T1 Arg2:T3\nA1\tNegated E1\nM1\tGuess E1\nN1\tReference T3 Wikidata:Q585\tOslo\n"
        "#1\tAnnotatorNotes T1\twho?\n*\tEquiv T1 T3\n",
    )
    losses = Losses()
    (item,) = read(tmp_path, losses)
    assert spans(item) == [(((0, 6),), "ORG"), (((16, 20),), "LOC")]
    assert list(losses.lines()) == [
        "events, not read: 1; the first: x/a.ann:4: 'E1\\tAttack:T2 Agent:T1 Target:T3'",
        "relations, not read: 1; the first: x/a.ann:5: 'R1\\tNear Arg1:T1 Arg2:T3'",
        "attributes, not read: 2; the first: x/a.ann:6: 'A1\\tNegated E1'",
        "normalisations, not read: 1; the first: x/a.ann:8: 'N1\\tReference T3 Wikidata:Q585\\tOslo'",
        "notes, not read: 1; the first: x/a.ann:9: '#1\\tAnnotatorNotes T1\\twho?'",
        "equivalences, not read: 1; the first: x/a.ann:10: '*\\tEquiv T1 T3'",
        "triggers of events, left out: 1; the first: x/a.ann:2",
    ]


def test_a_text_without_ann_is_left_out_and_counted_and_one_with_an_empty_ann_has_no_entities(tmp_path):
    put(tmp_path, "unfinished")
    put(tmp_path, "nothing here", "", name="b")
    put(tmp_path, "only notes", "#1\tAnnotatorNotes T9\tgone\n", name="c")
    put(tmp_path, "of the system", "T1\tX 0 99\tbad\n", name="._d")
    losses = Losses()
    assert [(item.text, item.spans) for item in read(tmp_path, losses)] == [
        ("nothing here", ()),
        ("only notes", ()),
    ]
    assert list(losses.lines()) == [
        "texts without annotations (no .ann beside the .txt), left out: 1; the first: x/a.txt",
        "notes, not read: 1; the first: x/c.ann:1: '#1\\tAnnotatorNotes T9\\tgone'",
    ]


def test_texts_with_an_empty_ann_are_warned_of_once_as_they_may_be_unfinished(tmp_path, caplog):
    put(tmp_path, "Oslo", "T1\tLOC 0 4\tOslo\n")
    read(tmp_path)
    assert caplog.messages == []
    for name in "bc":
        put(tmp_path, "nothing here", "", name=name)
    put(tmp_path, "without an .ann", name="d")
    read(tmp_path, labelled=False)
    assert caplog.messages == []
    read(tmp_path)
    assert caplog.messages == [
        "x: 2 of 3 texts have no spans; this format cannot mark a text as finished, so they are read as texts "
        "without entities. If some are open, move their .ann files away."
    ]


def test_without_labels_every_text_is_read_and_no_annotation_is_looked_at(tmp_path):
    put(tmp_path, "unfinished")
    put(tmp_path, "damaged", "T1\tX 0 99\tbad\n", name="b")
    (tmp_path / "c.ann").write_text("T1\tX 0 4\tgone\n")
    losses = Losses()
    assert [(item.text, item.spans, item.origin) for item in read(tmp_path, losses, labelled=False)] == [
        ("unfinished", None, "x/a.txt"),
        ("damaged", None, "x/b.txt"),
    ]
    assert len(losses) == 0


def test_line_ends_and_a_byte_order_mark_are_counted_as_brat_counts_them(tmp_path):
    put(tmp_path, "\ufeffOne\r\ntwo Oslo", "T1\tLOC 10 14\tOslo\r\nT2\tX 1 9\tOne two\r\n")
    (item,) = read(tmp_path)
    assert item.text == "\ufeffOne\r\ntwo Oslo"
    assert spans(item) == [(((1, 9),), "X"), (((10, 14),), "LOC")]


def test_offsets_of_a_tool_that_counts_utf16_units_are_found_by_the_mentions(tmp_path):
    put(tmp_path, "😀 Oslo", "T1\tLOC 3 7\tOslo\n")
    (item,) = read(tmp_path)
    assert spans(item) == [(((2, 6),), "LOC")]


SKIP = " To skip and list bad data: skip_bad=True"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "T1\tLOC 0 4;10\tOslo",
            "x/a.ann:1: expected an entity, as 'T1<tab>TYPE 0 4<tab>text' (with 0 4;10 15 for two fragments), found "
            "'T1\\tLOC 0 4;10\\tOslo'.",
        ),
        (
            "T1\tLOC 0 4",
            "x/a.ann:1: expected an entity, as 'T1<tab>TYPE 0 4<tab>text' (with 0 4;10 15 for two fragments), found "
            "'T1\\tLOC 0 4'.",
        ),
        (
            "T1\tLOC 0 40\tOslo",
            "x/a.ann:1: expected 0 <= start < end <= 11 for the LOC, counted in code points, found 0-40. If the "
            "offsets count something else, say so: offsets.",
        ),
        (
            "T1\tLOC -1 4\tOslo",
            "x/a.ann:1: expected 0 <= start < end <= 11 for the LOC, counted in code points, found -1-4. If the "
            "offsets count something else, say so: offsets.",
        ),
        (
            "T1\tLOC 1 5\tOslo",
            "x/a.ann:1: expected 'Oslo' at 1-5, as the LOC there says, found 'slo '. If the offsets count something "
            "else than code points, say so: offsets.",
        ),
        (
            "T1\tLOC 0 4\tOslo\nT1\tLOC 5 11\tBergen",
            "x/a.ann:2: expected a new id, found T1, as in x/a.ann:1.",
        ),
        (
            "T1\tLOC 0 4;2 6\tOslo",
            "x/a.ann:1: expected fragments of the LOC that do not overlap, found [(0, 4), (2, 6)].",
        ),
        (
            f"T1\tLOC 0 {10**18}\tOslo",
            "x/a.ann:1: expected an entity, as 'T1<tab>TYPE 0 4<tab>text' (with 0 4;10 15 for two fragments), found "
            "'T1\\tLOC 0 1000000000000000000\\tOslo'.",
        ),
        (
            f"T1\tLOC 0 {10**18 - 1}\tOslo",
            "x/a.ann:1: expected 0 <= start < end <= 11 for the LOC, counted in code points, found "
            "0-999999999999999999. If the offsets count something else, say so: offsets.",
        ),
        (
            f"T1\tLOC 0 {'9' * 5_000}\tOslo",
            "x/a.ann:1: expected an entity, as 'T1<tab>TYPE 0 4<tab>text' (with 0 4;10 15 for two fragments), found "
            f"'T1\\tLOC 0 {'9' * 71}…'.",
        ),
        (
            "Oslo\tLOC",
            "x/a.ann:1: expected an annotation of brat, beginning with one of T R E A M N # *, found 'Oslo\\tLOC'.",
        ),
    ],
)
def test_a_damaged_line_is_an_error_that_can_be_skipped(tmp_path, line, message):
    put(tmp_path, "Oslo Bergen", line + "\nT7\tLOC 5 11\tBergen\n")
    with pytest.raises(FormatError) as caught:
        read(tmp_path)
    assert str(caught.value) == message + SKIP
    losses = Losses(skip_bad=True)
    (item,) = read(tmp_path, losses)
    assert spans(item)[-1] == (((5, 11),), "LOC")
    assert len(losses) == 1


def test_annotations_without_their_text_are_an_error_that_can_be_skipped(tmp_path):
    put(tmp_path, "Oslo", "T1\tLOC 0 4\tOslo\n", name="b")
    (tmp_path / "a.ann").write_text("T1\tLOC 0 4\tOslo\n")
    with pytest.raises(FormatError) as caught:
        read(tmp_path)
    message = "x/a.ann: expected its text in a.txt beside it, found no such file."
    assert str(caught.value) == message + SKIP
    losses = Losses(skip_bad=True)
    assert [item.text for item in read(tmp_path, losses)] == ["Oslo"]
    assert losses.count("annotations without their text, left out as bad") == 1


def test_a_text_that_is_not_utf8_is_refused_with_its_name(tmp_path):
    put(tmp_path, "", "")
    (tmp_path / "a.txt").write_bytes("Malmö".encode("latin1"))
    with pytest.raises(FormatError, match=r"x/a\.txt:1: expected UTF-8 text, found byte 0xf6 at offset 4"):
        read(tmp_path)


def test_a_text_that_would_fill_the_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "MOST_AT_ONCE", 5)
    put(tmp_path, "Malmö", "")
    assert [item.text for item in read(tmp_path)] == ["Malmö"]
    put(tmp_path, "Malmö!", "")
    with pytest.raises(FormatError) as caught:
        read(tmp_path)
    assert str(caught.value) == (
        "x/a.txt: expected at most 5 characters, as it is read as a whole, found more. Split it into several texts."
    )


def test_what_is_no_document_is_refused(tmp_path):
    with pytest.raises(UsageError, match="brat keeps a text in two files; expected the path of a folder"):
        read(io.BytesIO(b"T1\tLOC 0 4\tOslo\n"))
    with pytest.raises(
        DataError, match=r"x: expected a folder, or a file whose name ends with \.ann or \.txt"
    ):
        read(tmp_path / "a.tsv")
    with pytest.raises(DataError, match=r"x\.ann: expected a file or folder, found none of this name"):
        read(tmp_path / "a.ann", name="x.ann")


def test_texts_of_one_document_are_joined_by_line_feeds_and_probabilities_become_notes(tmp_path):
    texts = [
        AnnotatedText("Zoë", (CharacterSpan(0, 3, "PER", probability=0.98),), document="d"),
        AnnotatedText(
            "left and right lung", (CharacterSpan(0, 19, "SITE", ((0, 4), (15, 19))),), document="d"
        ),
        AnnotatedText("Oslo", (CharacterSpan(0, 4, "LOC", probability=1.0),)),
    ]
    write(tmp_path / "out", texts)
    assert (tmp_path / "out" / "d.txt").read_text() == "Zoë\nleft and right lung"
    assert (tmp_path / "out" / "d.ann").read_text() == (
        "T1\tPER 0 3\tZoë\n#1\tAnnotatorNotes T1\tprobability=0.98\nT2\tSITE 4 8;19 23\tleft lung\n"
    )
    losses = Losses()
    document, other = read(tmp_path / "out", losses)
    assert document.spans == (
        CharacterSpan(0, 3, "PER", probability=0.98),
        CharacterSpan(4, 23, "SITE", ((4, 8), (19, 23))),
    )
    assert (other.document, other.spans) == ("text-000002", (CharacterSpan(0, 4, "LOC", probability=1.0),))
    assert len(losses) == 0


@pytest.mark.parametrize("probability", [5e-05, 1e-05, 1.25e-07, 5e-324, 0.0, 0.0001, 1 / 3, 1.0])
def test_probabilities_that_are_written_are_read_however_small(tmp_path, probability):
    span = CharacterSpan(0, 4, "LOC", probability=probability)
    write(tmp_path / "out", [AnnotatedText("Oslo", (span,), document="a")])
    losses = Losses()
    (item,) = read(tmp_path / "out", losses)
    assert item.spans == (span,)
    assert len(losses) == 0


@pytest.mark.parametrize(
    "note", ["probability=7", "probability=1.01", "probability=-0.5", "probability=high"]
)
def test_notes_that_are_no_probability_are_notes(tmp_path, note):
    put(tmp_path, "Oslo", f"T1\tLOC 0 4\tOslo\n#1\tAnnotatorNotes T1\t{note}\n")
    losses = Losses()
    (item,) = read(tmp_path, losses)
    assert item.spans == (CharacterSpan(0, 4, "LOC"),)
    assert list(losses.lines()) == [
        f"notes, not read: 1; the first: x/a.ann:2: '#1\\tAnnotatorNotes T1\\t{note}'"
    ]


HOSTILE = [
    *("../x", "a/b", "A/B", "", "x" * 300, "x" * 301, "/etc/passwd", "..", ".", "a", "a.txt/b", "a/../../b"),
    *("\0\\:", "é" * 200, "e\u0301", "\u00e9", "annotation"),
]


def test_files_have_names_made_of_ids_within_the_folder_and_no_two_the_same(tmp_path):
    losses = Losses()
    write(tmp_path / "in" / "out", [AnnotatedText(id, (), document=id) for id in HOSTILE], losses)
    assert names(tmp_path) == ["in"]
    assert names(tmp_path / "in") == ["out"]
    folder = tmp_path / "in" / "out"
    written = [path for path in folder.rglob("*.txt") if path.is_file()]
    files = {path.relative_to(folder).as_posix(): path.read_text() for path in written}
    assert sorted(files.values()) == sorted(HOSTILE)
    assert files["a/b.txt"] == "a/b"
    assert files["a.txt"] == "a"
    assert files["A/B-2.txt"] == "A/B"
    assert files["__/x.txt"] == "../x"
    assert files["document.txt"] == ""
    assert max(len(part.encode()) for path in files for part in path.split("/")) <= 255
    assert losses.count("documents whose id is not a valid file name, renamed") == sum(
        name.removesuffix(".txt") != id for name, id in files.items()
    )
    assert sorted(item.text for item in read(tmp_path / "in" / "out")) == sorted(HOSTILE)


def test_blanks_in_labels_become_underscores_and_two_labels_never_become_one(tmp_path):
    losses = Losses()
    write(tmp_path / "out", [AnnotatedText("Oslo", (CharacterSpan(0, 4, "big city"),), document="a")], losses)
    assert (tmp_path / "out" / "a.ann").read_text() == "T1\tbig_city 0 4\tOslo\n"
    assert list(losses.lines()) == [
        "spans with blanks in their label, _ written for these: 1; the first: 'big city' as 'big_city'"
    ]
    two = (CharacterSpan(0, 4, "big city"), CharacterSpan(0, 4, "big_city"))
    with pytest.raises(DataError) as caught:
        write(tmp_path / "out", [AnnotatedText("Oslo", two)])
    assert str(caught.value) == (
        "labels 'big city' and 'big_city': expected types that differ when their blanks are written as _, as brat "
        "needs them, found 'big_city' for both. Rename one of them."
    )
    assert (tmp_path / "out" / "a.ann").read_text() == "T1\tbig_city 0 4\tOslo\n"
    assert names(tmp_path) == ["out"]


def test_a_document_without_annotations_gets_no_ann_and_is_counted_where_others_have_some(tmp_path):
    losses = Losses()
    texts = [
        AnnotatedText("open", document="a"),
        AnnotatedText("open, too", document="b", origin="in:1"),
        AnnotatedText("done", (), document="b", origin="in:2"),
    ]
    write(tmp_path / "out", texts, losses)
    assert names(tmp_path / "out") == ["a.txt", "annotation.conf", "b.ann", "b.txt"]
    assert list(losses.lines()) == [
        "texts without annotations, written beside annotated ones of their document as texts without spans: 1; the "
        "first: in:1",
    ]


def test_characters_at_which_programs_end_a_line_are_blanks_in_the_annotations(tmp_path):
    text = "a\r\nb\tc\u2028d\x85e\x0bf"
    write(tmp_path / "out", [AnnotatedText(text, (CharacterSpan(0, len(text), "X"),), document="a")])
    assert (tmp_path / "out" / "a.ann").read_text() == "T1\tX 0 12\ta  b c d e f\n"
    assert spans(*read(tmp_path / "out")) == [(((0, 12),), "X")]


def test_a_file_is_not_replaced_by_a_folder(tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(DataError, match="out: expected the name of a folder to write, found a file"):
        write(tmp_path / "out", [])
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.parametrize("found", ["thesis.docx", "a.txt"])
def test_a_folder_with_other_files_is_not_replaced(tmp_path, found):
    (tmp_path / "out").mkdir()
    write(tmp_path / "out", [AnnotatedText("Oslo", (), document="a")])
    write(tmp_path / "out", [AnnotatedText("Oslo", (), document="b")])
    assert names(tmp_path / "out") == ["annotation.conf", "b.ann", "b.txt"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / found).write_text("years of work")
    with pytest.raises(DataError) as caught:
        write(tmp_path / "mine", [])
    assert str(caught.value) == (
        f"{tmp_path}/mine: expected a new or empty folder, or one with brat files only, which would be replaced, "
        f"found {found} in it"
    )
    assert (tmp_path / "mine" / found).read_text() == "years of work"
