import io

import pytest
from formats.labelled_corpus import SENTENCES
from present import present

from tagger.errors import FormatError, UsageError
from tagger.formats import Losses, ReadingOptions, guess_format, labelled_sentences, read_items, to_texts
from tagger.schemes import LabelScheme, Notation

LAYERS = ["NE-COARSE-LIT", "NE-COARSE-METO", "NE-FINE-LIT", "NE-FINE-METO", "NE-FINE-COMP", "NE-NESTED"]
NAMES = "\t".join(["TOKEN", *LAYERS, "NEL-LIT", "NEL-METO", "MISC"])


def read(text, losses=None, labelled=True, **options):
    reading = ReadingOptions(format="hipe", **options)
    losses = Losses(skip_bad=reading.skip_bad) if losses is None else losses
    return list(read_items(io.BytesIO(text.encode()), reading, losses, name="x.tsv", labelled=labelled))


def no_misfit(misfit):
    raise AssertionError(misfit)


def export(documents, end="EndOfSentence", namespace="hipe2022:"):
    """Each document is a list of sentences; the fine labels are the coarse ones and more."""
    parts = [NAMES + "\n\n"]
    for place, document in enumerate(documents):
        parts.append(f"# {namespace}document_id = d-{place}\n# {namespace}language = de\n")
        for sentence in document:
            last = len(sentence.tokens) - 1
            for number, (token, label, space) in enumerate(
                zip(sentence.tokens, sentence.labels, sentence.spaces, strict=True)
            ):
                flags = ["LED0.00"]
                flags += ["NoSpaceAfter"] if not space and number < last else []
                flags += ["EndOfLine"] if "\n" in space else []
                flags += [end] if number == last and end else []
                fine = label if label == "O" else f"{label}.fine"
                cells = [
                    token,
                    label,
                    "O",
                    fine,
                    "O",
                    "O",
                    "O",
                    "Q1" if label != "O" else "_",
                    "_",
                    "|".join(flags),
                ]
                parts.append("\t".join(cells) + "\n")
        parts.append("\n")
    return "".join(parts)


DOCUMENTS = [SENTENCES[place : place + 4] for place in range(0, len(SENTENCES), 4)]


def plain(sentence):
    """The text as HIPE can keep it: a line break or a blank for any white space."""
    spaces = ["\n" if "\n" in space else " " if space else "" for space in sentence.spaces]
    return "".join(token + space for token, space in zip(sentence.tokens, spaces, strict=True))


@pytest.mark.parametrize("end", ["EndOfSentence", "PySBDSegment"])
@pytest.mark.parametrize("namespace", ["hipe2022:", ""])
def test_texts_tokens_labels_and_sentences_are_read(tmp_path, end, namespace):
    source = export(DOCUMENTS, end, namespace)
    path = tmp_path / "all.tsv"
    path.write_text(source, newline="")
    assert guess_format(path) == "hipe"
    losses = Losses()
    texts = read(source, losses)
    assert [text.document for text in texts] == [f"d-{place}" for place in range(len(DOCUMENTS))]
    assert [text.text for text in texts] == [" ".join(map(plain, document)) for document in DOCUMENTS]
    for text, document in zip(texts, DOCUMENTS, strict=True):
        found = [
            (tuple(text.text[start:end] for start, end in tokens), labels)
            for tokens, labels in labelled_sentences(text, None, no_misfit)
        ]
        assert found == [(sentence.tokens, sentence.labels) for sentence in document]
    spans = sum(len(sentence.spans) for sentence in SENTENCES)
    tokens = sum(label != "O" for sentence in SENTENCES for label in sentence.labels)
    assert losses.count("entities in NE-FINE-LIT, not read") == spans
    assert losses.count("tokens with a link in NEL-LIT, not read") == tokens
    assert len(losses) == spans + tokens


def test_spans_are_where_they_were_in_a_text_of_single_blanks():
    for text, sentence in zip(read(export([[s] for s in SENTENCES])), SENTENCES, strict=True):
        [whole] = to_texts([text], LabelScheme.IOB2, Notation())
        found = [(whole.text[start:end].split(), label) for start, end, label, *_ in present(whole.spans)]
        assert found == [(sentence.text[start:end].split(), label) for start, end, label in sentence.spans]


def test_where_nothing_ends_sentences_labels_become_spans():
    texts = read(export(DOCUMENTS, end=None))
    assert {text.sentence_starts for text in texts} == {None}
    assert {text.labels for text in texts} == {None}
    for text, document in zip(texts, DOCUMENTS, strict=True):
        expected = [(s.text[start:end].split(), label) for s in document for start, end, label in s.spans]
        assert [(text.text[start:end].split(), label) for start, end, label, *_ in text.spans] == expected


def test_blank_lines_end_sentences_where_no_remark_does():
    [text] = read(f"{NAMES}\n\n# document_id = a\n{row('Oslo')}\n{row('is')}{row('big')}\n")
    assert (text.text, text.sentence_starts) == ("Oslo is big", (0, 1))


def row(token, label="O", misc="_"):
    return f"{token}\t{label}\tO\tO\tO\tO\tO\t_\t_\t{misc}\n"


def test_another_layer_is_read_if_that_is_said():
    [text] = read(export([SENTENCES[:1]]), label_column="NE-FINE-LIT")
    assert {label for label in text.labels if label != "O"} == {
        f"{label}.fine" for label in SENTENCES[0].labels if label != "O"
    }
    with pytest.raises(UsageError) as caught:
        read(NAMES, label_column="NE-FINE")
    assert str(caught.value) == (
        "x.tsv:1: label_column='NE-FINE': expected one of 'NE-COARSE-LIT', 'NE-COARSE-METO', 'NE-FINE-LIT', "
        "'NE-FINE-METO', 'NE-FINE-COMP', 'NE-NESTED'"
    )


def test_documents_nobody_annotated_are_left_out_and_counted_but_tagged():
    source = f"{NAMES}\n# document_id = a\n{row('Oslo', '_')}# document_id = b\n{row('Rome', 'B-loc')}"
    losses = Losses()
    assert [text.text for text in read(source, losses)] == ["Rome"]
    assert losses.to_list() == [
        {
            "kind": "documents without annotations in NE-COARSE-LIT, left out",
            "count": 1,
            "places": ["x.tsv:3"],
        }
    ]
    losses = Losses()
    texts = read(source, losses, labelled=False)
    assert [(text.text, text.spans, text.labels) for text in texts] == [
        ("Oslo", None, None),
        ("Rome", None, None),
    ]
    assert len(losses) == 0


@pytest.mark.parametrize(
    ("rows", "kind", "message"),
    [
        (
            "Oslo\tB-loc\n",
            "documents that cannot be read",
            "x.tsv:3: expected 10 columns as in the header, found 2: 'Oslo\\tB-loc'.",
        ),
        (
            row(""),
            "documents that cannot be read",
            "x.tsv:3: expected a token, found nothing: '\\tO\\tO\\tO\\tO\\tO\\tO\\t_\\t_\\t_'.",
        ),
        (
            row("Oslo", "loc"),
            "documents that cannot be read",
            "x.tsv:3: NE-COARSE-LIT: token 1: expected O, B-TYPE or I-TYPE as a label in IOB2, found 'loc'.",
        ),
        (
            row("Oslo", "B-loc") + row("is", "_"),
            "documents of which some tokens have no label",
            "x.tsv:4: expected a label in NE-COARSE-LIT, found none, while other tokens of the document have one.",
        ),
    ],
)
def test_what_is_wrong_is_an_error_that_can_be_skipped(rows, kind, message):
    source = f"{NAMES}\n# document_id = a\n{rows}# document_id = b\n{row('Rome')}"
    with pytest.raises(FormatError) as caught:
        read(source)
    assert str(caught.value) == f"{message} To skip and list bad data: skip_bad=True"
    losses = Losses(skip_bad=True)
    assert [text.text for text in read(source, losses)] == ["Rome"]
    assert losses.count(f"{kind}, left out as bad") == 1


def test_a_file_without_the_header_is_refused():
    with pytest.raises(FormatError) as caught:
        read("Oslo\tB-loc\n")
    assert str(caught.value) == (
        "x.tsv:1: expected a header of columns divided by tabs, TOKEN, NE-COARSE-LIT and others, found 'Oslo\\tB-loc'"
    )
