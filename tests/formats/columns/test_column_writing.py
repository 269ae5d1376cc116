"""CoNLL columns, CoNLL-U and CSV as they are written, and as we and other programs read them."""

import csv
import io

import pytest
from formats.annotated_corpus import CORPUS
from formats.labelled_corpus import FLAT, SENTENCES
from formats.reading_by_options import as_text
from formats.writing import pieces

from tagger.errors import FormatError
from tagger.examples import Example
from tagger.formats import (
    FORMATS,
    AnnotatedText,
    CharacterSpan,
    Losses,
    ReadingOptions,
    WritingContext,
    read_items,
    to_texts,
)
from tagger.schemes import LabelScheme, Notation
from tagger.text import RuleSegmenter

TEXTS = [
    AnnotatedText(
        case.text,
        tuple(CharacterSpan(start, end, label) for ((start, end),), label in case.spans),
        case.tokens,
        (0,),
        document=f"d{place // 4}",
        origin=f"x:{place}",
    )
    for place, case in enumerate(FLAT)
]


def write(format, texts, losses=None, **context):
    writing = WritingContext(Losses() if losses is None else losses, RuleSegmenter(), **context)
    return "".join(pieces(FORMATS[format], texts, writing))


def read(format, text, **options):
    return list(read_items(io.BytesIO(text.encode()), ReadingOptions(format=format, **options), Losses()))


def words(item):
    if isinstance(item, Example):
        return item.tokens
    return tuple(item.text[start:end] for start, end in item.tokens)


def sentence(tokens, labels, **fields):
    ranges: list[tuple[int, int]] = []
    text = " ".join(tokens)
    for token in tokens:
        start = ranges[-1][1] + 1 if ranges else 0
        ranges.append((start, start + len(token)))
    return AnnotatedText(text, None, tuple(ranges), (0,), tuple(labels), **fields)


# --- all formats ---


@pytest.mark.parametrize("format", ["conll", "conllu", "csv"])
def test_tokens_labels_and_documents_are_read_again(format):
    losses = Losses()
    items = read(format, write(format, TEXTS, losses))
    assert [words(item) for item in items] == [sentence.tokens for sentence in SENTENCES]
    assert [item.labels for item in items] == [sentence.labels for sentence in SENTENCES]
    number = 1 if format == "conll" else 0
    prefix = "" if format == "conll" else "d"
    assert [item.document for item in items] == [
        f"{prefix}{place // 4 + number}" for place in range(len(TEXTS))
    ]
    assert len(losses) == losses.count("ids of documents, not kept but as numbers")


@pytest.mark.parametrize("format", ["conll", "conllu", "csv"])
def test_spans_that_tokens_cannot_express_are_left_out_and_counted(format):
    texts = [
        AnnotatedText(
            case.text,
            tuple(
                CharacterSpan(r[0][0], r[-1][1], label, r if len(r) > 1 else ()) for r, label in case.spans
            ),
            case.tokens,
            (0,),
        )
        for case in CORPUS
    ]
    losses = Losses()
    spans = sum(
        label.startswith("B-") for item in read(format, write(format, texts, losses)) for label in item.labels
    )
    assert spans + len(losses) == sum(len(case.spans) for case in CORPUS)
    assert losses.count("spans of several fragments, left out") == sum(
        len(ranges) > 1 for case in CORPUS for ranges, _ in case.spans
    )


@pytest.mark.parametrize("format", ["conll", "conllu", "csv"])
def test_texts_nobody_annotated_are_left_out_and_counted(format):
    losses = Losses()
    written = write(format, [AnnotatedText("Oslo", origin="x:1"), AnnotatedText("Rome", ())], losses)
    assert [words(item) for item in read(format, written)] == [("Rome",)]
    assert losses.to_list() == [
        {"kind": "texts without annotations, left out", "count": 1, "places": ["x:1"]}
    ]


@pytest.mark.parametrize("format", ["conll", "conllu", "csv"])
def test_texts_are_cut_where_their_tokens_are_not_known(format):
    [first, second] = read(
        format, write(format, [AnnotatedText("Oslo is big. Rome too.", (CharacterSpan(13, 17, "LOC"),))])
    )
    assert (words(first), words(second)) == (("Oslo", "is", "big", "."), ("Rome", "too", "."))
    assert second.labels == ("B-LOC", "O", "O")


@pytest.mark.parametrize("format", ["conll", "conllu", "csv"])
def test_sentences_without_a_document_do_not_fall_to_the_one_before(format):
    texts = [
        sentence(["a"], ["O"], document="x"),
        sentence(["b"], ["O"], document="x"),
        sentence(["c"], ["O"]),
        sentence(["d"], ["O"]),
    ]
    first, second, *others = [
        item.document for item in read(format, write(format, texts), **ENTITIES[format])
    ]
    assert first == second
    assert len({first, *others}) == 3
    assert [item.document for item in read(format, write(format, texts[2:]), **ENTITIES[format])] == [
        None,
        None,
    ]


ENTITIES = {"conll": {}, "conllu": {"label_column": "upos"}, "csv": {}}


@pytest.mark.parametrize(
    ("format", "token", "label", "message"),
    [
        (
            "conll",
            "a\tb",
            "O",
            "x:1: token 0: a column cannot hold 'a\\tb', which has '\\t' in it; write JSON Lines instead.",
        ),
        (
            "conllu",
            "a\nb",
            "O",
            "x:1: token 0: a column cannot hold 'a\\nb', which has '\\n' in it; write JSON Lines instead.",
        ),
        ("conllu", "a", "_", "x:1: token 0: CoNLL-U cannot hold the label '_'; write JSON Lines instead."),
        ("csv", " ", "O", "x:1: sentence 1: token 0 is ' ', expected more than white space."),
        (
            "csv",
            "a",
            "B-A B",
            "x:1: token 0: CSV cannot hold 'B-A B', which has white space in it; write JSON Lines instead.",
        ),
        (
            "csv",
            "a\nb",
            "O",
            "x:1: token 0: CSV cannot hold 'a\\nb', which has white space in it; write JSON Lines instead.",
        ),
    ],
)
def test_what_a_row_cannot_hold_is_an_error_that_can_be_skipped(format, token, label, message):
    texts = [
        AnnotatedText(token, None, ((0, len(token)),), (0,), (label,), origin="x:1"),
        sentence(["b"], ["O"]),
    ]
    with pytest.raises(FormatError) as caught:
        write(format, texts)
    assert str(caught.value) == f"{message} To skip and list bad data: skip_bad=True"
    losses = Losses(skip_bad=True)
    assert [words(item) for item in read(format, write(format, texts, losses), **ENTITIES[format])] == [
        ("b",)
    ]
    assert losses.count("sentences that rows cannot hold, left out as bad") == 1


# --- each format ---


def test_conll_is_rows_of_token_and_label():
    texts = [
        AnnotatedText(
            "in  New York", (CharacterSpan(4, 12, "LOC"),), ((0, 2), (4, 7), (8, 12)), (0,), document="a"
        ),
        sentence(["x"], ["NOUN"], document="a"),
        sentence(["y"], ["VERB"], document="2"),
    ]
    losses = Losses()
    assert write("conll", texts, losses) == (
        "-DOCSTART-\tO\n\nin\tO\nNew\tB-LOC\nYork\tI-LOC\n\nx\tNOUN\n\n-DOCSTART-\tO\n\ny\tVERB\n\n"
    )
    assert losses.to_list() == [
        {"kind": "ids of documents, not kept but as numbers", "count": 1, "places": ["a"]}
    ]


def test_conllu_has_the_text_and_what_stands_between_the_words():
    text = "In  Oslo.\nHe\u00a0left"
    ranges = ((0, 2), (4, 8), (8, 9), (10, 12), (13, 17))
    spans = (CharacterSpan(4, 8, "LOC", probability=0.25),)
    assert write("conllu", [AnnotatedText(text, spans, ranges, (0, 3), document="d  1")]) == (
        "# newdoc id = d 1\n"
        "# sent_id = 1\n"
        "# text = In Oslo.\n"
        "1\tIn\t_\t_\t_\t_\t_\t_\t_\tNE=O|SpacesAfter=\\s\\s\n"
        "2\tOslo\t_\t_\t_\t_\t_\t_\t_\tNE=B-LOC|Prob=0.250000|SpaceAfter=No\n"
        "3\t.\t_\t_\t_\t_\t_\t_\t_\tNE=O|SpacesAfter=\\n\n"
        "\n"
        "# sent_id = 2\n"
        "# text = He left\n"
        "1\tHe\t_\t_\t_\t_\t_\t_\t_\tNE=O|SpacesAfter=\u00a0\n"
        "2\tleft\t_\t_\t_\t_\t_\t_\t_\tNE=O\n"
        "\n"
    )


def test_conllu_keeps_every_blank_within_a_sentence():
    items = read("conllu", write("conllu", TEXTS))
    assert [item.text for item in items] == [sentence.text for sentence in SENTENCES]
    ranges = [tuple((s - case.tokens[0][0], e - case.tokens[0][0]) for s, e in case.tokens) for case in FLAT]
    assert [item.tokens for item in items] == ranges


def test_labels_that_are_no_spans_are_parts_of_speech_in_conllu():
    written = write("conllu", [sentence(["He", "left"], ["PRON", "VERB"], probabilities=(0.5, 1.0))])
    assert [row.split("\t")[3] for row in written.splitlines() if "\t" in row] == ["PRON", "VERB"]
    assert [row.split("\t")[9] for row in written.splitlines() if "\t" in row] == [
        "Prob=0.500000",
        "Prob=1.000000",
    ]
    assert read("conllu", written)[0].labels == ("PRON", "VERB")


def test_csv_is_rows_of_sentence_document_token_and_label():
    texts = [
        sentence(['say "x"', "a,b"], ["O", "B-X"], document="d"),
        sentence(["1.0"], ["O"], document="d"),
    ]
    assert list(csv.reader(io.StringIO(write("csv", texts)))) == [
        ["sentence_id", "document", "token", "label"],
        ["1", "d", 'say "x"', "O"],
        ["1", "d", "a,b", "B-X"],
        ["2", "d", "1.0", "O"],
    ]
    assert write("csv", []) == "sentence_id,document,token,label\n"


def test_csv_has_probabilities_where_a_model_made_the_annotations():
    span = CharacterSpan(3, 12, "LOC", probability=0.125)
    texts = [
        AnnotatedText("in New York", (), ((0, 2),), (0,)),
        AnnotatedText("in New York.", (), ((0, 2),), (0,)),
    ]
    text = AnnotatedText("in  New York", (span,), ((0, 2), (4, 7), (8, 12)), (0,))
    rows = list(csv.reader(io.StringIO(write("csv", [*texts, text], model="m"))))
    assert rows[0] == ["sentence_id", "document", "token", "label", "probability", "start", "end"]
    assert [row[5:] for row in rows[1:]] == [["0", "2"], ["0", "2"], ["0", "2"], ["4", "7"], ["8", "12"]]
    assert [row[4] for row in rows[1:]] == ["", "", "", "0.125000", "0.125000"]
    losses = Losses()
    assert all(len(row) == 4 for row in csv.reader(io.StringIO(write("csv", [*texts, text], losses))))
    assert losses.count("probabilities of sentences, not kept, as the first has none") == 1


# --- other programs ---


def test_spacy_reads_the_entities_of_what_is_written_as_conll_and_conllu():
    converters = pytest.importorskip("spacy.training.converters")
    ascii_only = [
        (text, sentence) for text, sentence in zip(TEXTS, SENTENCES, strict=True) if "\u200d" not in text.text
    ]
    texts, sentences = [text for text, _ in ascii_only], [sentence for _, sentence in ascii_only]
    expected = [
        (sentence.text[start:end].split(), label)
        for sentence in sentences
        for start, end, label in sentence.spans
    ]
    docs = converters.conllu_to_docs(write("conllu", texts), n_sents=1, no_print=True)
    assert [(ent.text.split(), ent.label_) for doc in docs for ent in doc.ents] == expected
    docs = list(converters.conll_ner_to_docs(write("conll", texts), no_print=True))
    assert [(ent.text.split(), ent.label_) for doc in docs for ent in doc.ents] == expected


def test_characters_between_the_tokens_are_counted_in_conllu():
    losses = Losses()
    text = AnnotatedText("a*b", (), ((0, 1), (2, 3)), (0,), origin="x:1")
    assert "# text = a b\n" in write("conllu", [text], losses)
    assert losses.to_list() == [
        {"kind": "characters between tokens, not kept", "count": 1, "places": ["x:1: '*'"]}
    ]


def test_probabilities_of_columns_are_read_with_the_labels_that_they_are_of():
    rows = [
        ("Ann", "NOUN", "NE=B-PER|Prob=0.5"),
        ("Lee", "NOUN", "Prob=0.25|NE=I-PER"),
        ("ran", "VERB", "NE=O"),
    ]
    text = "".join(
        f"{n}\t{form}\t_\t{tag}\t_\t_\t_\t_\t_\t{misc}\n" for n, (form, tag, misc) in enumerate(rows, start=1)
    )
    losses = Losses()
    options = ReadingOptions(format="conllu", label_column="misc:NE")
    items = list(read_items(io.StringIO(text + "\n"), options, losses, name="x"))
    assert [as_text(item).probabilities for item in items] == [(0.5, 0.25, None)]
    (whole,) = to_texts(items, LabelScheme.IOB2, Notation())
    assert whole.spans == (CharacterSpan(0, 7, "PER", (), 0.25),)
    assert (whole.probabilities, len(losses)) == ((0.5, 0.25, None), 0)
    (example,) = read_items(io.StringIO(text + "\n"), ReadingOptions(format="conllu"), losses, name="x")
    assert (words(example), example.labels) == (("Ann", "Lee", "ran"), ("NOUN", "NOUN", "VERB"))
    assert as_text(example).probabilities is None
    assert list(losses.lines()) == [
        "probabilities of other labels than those that are read, not read: 1; the first: x:1"
    ]


@pytest.mark.parametrize("format", ["csv", "conllu"])
def test_probabilities_of_spans_come_back_from_columns(format):
    spans = (CharacterSpan(0, 7, "PER", (), 0.25), CharacterSpan(8, 12, "LOC", (), 1.0))
    text = AnnotatedText("Ann Lee Oslo .", spans, ((0, 3), (4, 7), (8, 12), (13, 14)), (0,))
    written = write(format, [text])
    (again,) = to_texts(read(format, written), LabelScheme.IOB2, Notation())
    assert (again.spans, again.probabilities) == (spans, None)
