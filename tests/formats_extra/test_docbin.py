import gzip
import subprocess
import sys
import zlib

import pytest
import spacy
from formats.annotated_corpus import CORPUS
from formats.reading_by_options import continuous, read_as, spans_of
from formats.writing import save_as
from spacy.tokens import Doc, DocBin, Span

from tagger.errors import DataError, FormatError
from tagger.formats import (
    FORMATS,
    AnnotatedText,
    CharacterSpan,
    Losses,
    ReadingOptions,
    WritingContext,
    guess_format,
    read_examples,
    read_items,
)
from tagger.formats_extra import docbin
from tagger.text import RuleSegmenter

NLP = spacy.blank("xx")
DOCBIN = FORMATS["docbin"]


def packed(*docs, **options):
    return DocBin(docs=docs, **options).to_bytes()


def read(data, losses=None, **options):
    return read_as("docbin", "x.spacy", data, losses, **options)


def save(texts, path, losses=None):
    save_as(DOCBIN, texts, path, WritingContext(Losses() if losses is None else losses, RuleSegmenter()))
    return list(DocBin().from_disk(path).get_docs(NLP.vocab))


def characters(found):
    ordered = sorted(found, key=lambda span: (span.start_char, -span.end_char, span.label_))
    return [(((span.start_char, span.end_char),), span.label_) for span in ordered]


def doc_of(case, *, group=False):
    spaces: list[bool] = []
    words: list[str] = []
    last = 0
    for start, end in [*case.tokens, (len(case.text), len(case.text))]:
        gap = case.text[last:start]
        if gap.startswith(" ") and words:
            spaces[-1], gap = True, gap[1:]
        for word in (gap, case.text[start:end]):
            if word:
                words.append(word)
                spaces.append(False)
        last = end
    doc = Doc(NLP.vocab, words=words, spaces=spaces)
    assert doc.text == case.text
    found = [doc.char_span(*ranges[0], label=label) for ranges, label in continuous(case)]
    if group:
        doc.spans["sc"] = found
    else:
        doc.set_ents(found)
    return doc


FLAT = [case for case in CORPUS if case.is_flat]


def test_every_entity_and_token_is_read(tmp_path):
    path = tmp_path / "train.spacy"
    path.write_bytes(packed(*map(doc_of, FLAT)))
    assert guess_format(path) == "docbin"
    assert guess_format(path.rename(tmp_path / "train")) == "docbin"
    losses = Losses()
    texts = read(packed(*map(doc_of, FLAT)), losses)
    assert [item.text for item in texts] == [case.text for case in FLAT]
    assert [spans_of(item) for item in texts] == [list(case.spans) for case in FLAT]
    assert [item.tokens for item in texts] == [case.tokens for case in FLAT]
    assert {item.sentence_starts for item in texts if item.text} <= {None}
    assert len(losses) == 0


@pytest.mark.slow
def test_a_group_of_spans_is_read_if_it_is_named_or_the_only_one(caplog):
    caplog.set_level("INFO")
    docs = [doc_of(case, group=True) for case in CORPUS]
    expected = [continuous(case) for case in CORPUS]
    assert [spans_of(item) for item in read(packed(*docs))] == expected
    assert [spans_of(item) for item in read(packed(*docs), label_column="spans:sc")] == expected
    assert caplog.messages == ["x.spacy: labels are those of spans:sc, as there are no entities"]
    docs[0].spans["other"] = [Span(docs[0], 0, 1, label="X")]
    with pytest.raises(FormatError) as caught:
        read(packed(*docs))
    assert str(caught.value) == (
        "x.spacy: expected entities or one group of spans, found 'spans:sc', 'spans:other'. Choose one: "
        "label_column='spans:sc'"
    )
    losses = Losses()
    assert len(read(packed(*docs), losses, label_column="spans:other")) == 1
    assert losses.count("documents that nobody annotated, left out") == len(docs) - 1
    with pytest.raises(FormatError) as caught:
        read(packed(*docs), label_column="spans:nix")
    assert str(caught.value) == "x.spacy: expected the spans 'spans:nix', found 'spans:sc', 'spans:other'"


def test_documents_with_missing_entities_are_no_texts_without_entities():
    bare, partial, none, blank = (
        NLP.make_doc(text) for text in ("Ann in Oslo", "Ann in Oslo", "Nobody", "  ")
    )
    partial.set_ents([Span(partial, 2, 3, label="LOC")], missing=[partial[0:1]], default="outside")
    none.ents = []
    losses = Losses()
    texts = read(packed(bare, partial, none, blank), losses)
    assert [(item.text, item.spans, item.tokens) for item in texts] == [
        ("Nobody", (), ((0, 6),)),
        ("  ", (), ()),
    ]
    assert list(losses.lines()) == [
        "documents that nobody annotated, left out: 1; the first: x.spacy: document 1",
        "documents with words whose entities are missing, left out: 1; the first: x.spacy: document 2",
    ]
    unlabelled = read(packed(bare, partial, none), labelled=False)
    assert [(item.text, item.spans) for item in unlabelled] == [
        ("Ann in Oslo", None),
        ("Ann in Oslo", None),
        ("Nobody", None),
    ]


def test_sentences_and_labels_of_words_are_read():
    words = [" ", "Ann", "left", ".", "\n\n", "Bob", "stays"]
    tags = ["_SP", "NNP", "VBD", ".", "_SP", "NNP", "VBZ"]
    starts = [True, False, False, False, True, False, False]
    doc = Doc(
        NLP.vocab, words, [False, True, False, False, False, True, False], tags=tags, sent_starts=starts
    )
    (text,) = read(packed(doc), label_column="tag")
    assert (text.sentence_starts, text.labels) == ((0, 3), ("NNP", "VBD", ".", "NNP", "VBZ"))
    losses = Losses()
    doc[2].tag_ = ""
    assert read(packed(doc), losses, label_column="tag") == []
    assert read(packed(doc), losses, label_column="pos") == []
    assert list(losses.lines()) == [
        "documents with words whose labels are missing, left out: 1; the first: x.spacy: document 1",
        "documents that nobody annotated, left out: 1; the first: x.spacy: document 1",
    ]
    with pytest.raises(FormatError) as caught:
        read(packed(doc), label_column="lemma")
    assert (
        str(caught.value) == "x.spacy: expected ents, spans:NAME, tag or pos as label_column, found 'lemma'"
    )


def test_entities_are_written_for_spacy_and_read_again(tmp_path):
    texts = read(packed(*map(doc_of, FLAT)))
    docs = save(texts, tmp_path / "a.spacy")
    assert [doc.text for doc in docs] == [case.text for case in FLAT]
    assert [characters(doc.ents) for doc in docs] == [list(case.spans) for case in FLAT]
    assert not any(doc.spans for doc in docs)
    again = read((tmp_path / "a.spacy").read_bytes())
    assert [(item.text, spans_of(item), item.tokens, item.document) for item in again] == [
        (item.text, spans_of(item), item.tokens, item.document) for item in texts
    ]


@pytest.mark.slow
def test_spans_that_overlap_are_written_as_a_group(tmp_path):
    texts = read(packed(*(doc_of(case, group=True) for case in CORPUS)))
    docs = save(texts, tmp_path / "a.spacy")
    assert [doc.text for doc in docs] == [case.text for case in CORPUS]
    assert [characters(doc.spans["sc"]) for doc in docs] == [continuous(case) for case in CORPUS]
    assert [spans_of(item) for item in read((tmp_path / "a.spacy").read_bytes())] == [
        continuous(case) for case in CORPUS
    ]


def test_texts_whose_tokens_are_not_known_are_cut(tmp_path):
    losses = Losses()
    text = AnnotatedText(
        "Ann left Oslo-bound.  ", (CharacterSpan(9, 14, "LOC"), CharacterSpan(20, 22, "X")), origin="a:1"
    )
    (doc,) = save([text], tmp_path / "a.spacy", losses)
    assert doc.text == "Ann left Oslo-bound.  "
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("Oslo-", "LOC")]
    assert doc[-1].text == " "
    assert losses.count("spans of white space alone, left out") == 1
    losses = Losses()
    text = AnnotatedText("Oslo's", (CharacterSpan(0, 4, "LOC"),), tokens=((0, 6),), origin="a:1")
    (doc,) = save([text], tmp_path / "a.spacy", losses)
    assert ([word.text for word in doc], doc.ents[0].text) == (["Oslo", "'s"], "Oslo")
    assert list(losses.lines()) == [
        'tokens cut where a span begins or ends: 1; the first: a:1: "Oslo\'s"',
    ]


def test_labels_sentences_ids_and_what_else_there_is_are_written(tmp_path):
    fields = {"source": ["news", 1], "cats": {"good": 1.0}}
    tokens = ((0, 3), (4, 8), (8, 9), (11, 14))
    labelled = AnnotatedText(
        "Ann left.  Bob",
        tokens=tokens,
        sentence_starts=(0, 3),
        labels=("NNP", "VBD", ".", "NNP"),
        document="d7",
        fields=fields,
    )
    empty, bare = AnnotatedText("", ()), AnnotatedText("Ann ran", tokens=((0, 3), (4, 7)))
    doc, none, unknown = save([labelled, empty, bare], tmp_path / "a.spacy")
    assert [word.tag_ for word in doc] == ["NNP", "VBD", ".", "_SP", "NNP"]
    assert [sentence.text for sentence in doc.sents] == ["Ann left.  ", "Bob"]
    assert (doc.cats, doc.user_data["document"]) == ({"good": 1.0}, "d7")
    assert (none.text, unknown.has_annotation("ENT_IOB"), unknown.has_annotation("SENT_START")) == (
        "",
        False,
        False,
    )
    first, *_ = read((tmp_path / "a.spacy").read_bytes(), label_column="tag")
    assert (first.labels, first.sentence_starts) == (labelled.labels, (0, 3))
    assert (first.document, first.fields, first.tokens) == ("d7", fields, tokens)


def test_what_else_is_annotated_is_counted():
    doc = NLP("Ann in Oslo")
    doc.set_ents([Span(doc, 0, 1, label="PER", kb_id="Q1", span_id="a"), Span(doc, 2, 3, label="LOC")])
    doc.spans["sc"] = [Span(doc, 0, 1, label="HUMAN", kb_id="Q1"), Span(doc, 2, 3, label="TOWN")]
    doc.spans["none"] = []
    Doc.set_extension("rating", default=None, force=True)
    doc._.rating = 5
    doc.cats = {"good": 1.0}
    for word in doc:
        word.tag_ = "NNP"
    data = packed(doc, store_user_data=True)
    custom = "custom data and attributes, not read: 1; the first: x.spacy: document 1: ('._.', 'rating', None, None)"
    counts = {
        "ents": [
            "spans of spans:sc, not read: 2; the first: x.spacy: document 1",
            "links of spans to a knowledge base, not read: 1; the first: x.spacy: document 1",
            "ids of spans, not read: 1; the first: x.spacy: document 1",
        ],
        "spans:sc": [
            "spans of ents, not read: 2; the first: x.spacy: document 1",
            "links of spans to a knowledge base, not read: 1; the first: x.spacy: document 1",
        ],
        "tag": [
            "spans of ents, not read: 2; the first: x.spacy: document 1",
            "spans of spans:sc, not read: 2; the first: x.spacy: document 1",
        ],
    }
    for chosen, expected in counts.items():
        losses = Losses()
        (text,) = read(data, losses, label_column=chosen)
        assert list(losses.lines()) == [*expected, custom]
        assert text.fields == {"cats": {"good": 1.0}}
    losses = Losses()
    read(data, losses, labelled=False)
    assert len(losses) == 0


@pytest.mark.parametrize("value", ["abc", 5, ["a"], "[1]", "5", None, {"a": 1}])
def test_data_of_other_programs_are_no_fields_and_no_id(value):
    doc = NLP("Oslo")
    doc.ents = []
    doc.user_data.update({"fields": value, "tagger_fields": value, "document": [value]})
    losses = Losses()
    (text,) = read(packed(doc, store_user_data=True), losses)
    assert (text.document, text.is_document, text.fields) == (None, True, {})
    assert list(losses.lines()) == [
        "custom data and attributes, not read: 3; the first: x.spacy: document 1: 'fields'"
    ]
    assert [item.fields for item in read(packed(doc, store_user_data=True), labelled=False)] == [{}]


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a.spacy"
    path.write_text("old")

    def texts():
        yield AnnotatedText("Oslo", ())
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        save(texts(), path)
    assert (path.read_text(), len(list(tmp_path.iterdir()))) == ("old", 1)
    with pytest.raises(DataError) as caught:
        save([], tmp_path / "none" / "a.spacy")
    assert (
        str(caught.value) == f"{tmp_path / 'none' / 'a.spacy'}: cannot be written: No such file or directory"
    )


@pytest.mark.parametrize("data", [b"", b"text", packed(NLP.make_doc("Oslo"))[:-20]])
def test_what_is_no_docbin_is_an_error(data):
    with pytest.raises(FormatError) as caught:
        read(data)
    assert str(caught.value).startswith(
        "x.spacy: expected a DocBin of spaCy, found a file that it cannot read: "
    )


@pytest.mark.parametrize("is_packed", [False, True])
def test_a_file_that_would_fill_the_memory_is_refused(tmp_path, monkeypatch, is_packed):
    data = packed(*(NLP.make_doc("Oslo " * 1_000) for _ in range(40)))
    path = tmp_path / "a.spacy"
    path.write_bytes(gzip.compress(data) if is_packed else data)
    options = ReadingOptions(format="docbin")
    assert len(list(read_items(path, options, Losses(), labelled=False))) == 40
    assert len(data) < 2**20 < len(zlib.decompress(data))
    monkeypatch.setattr(docbin, "MOST_BYTES", 2**20)
    with pytest.raises(FormatError) as caught:
        list(read_items(path, options, Losses(), name="x.spacy"))
    assert str(caught.value) == (
        "x.spacy: expected at most 1 MiB, unpacked, as spaCy reads it as a whole, found more. Split it into several "
        "files."
    )
    monkeypatch.setattr(docbin, "MOST_BYTES", len(zlib.decompress(data)))
    assert len(list(read_items(path, options, Losses(), labelled=False))) == 40
    monkeypatch.setattr(docbin, "MOST_BYTES", len(zlib.decompress(data)) - 1)
    with pytest.raises(FormatError, match="expected at most"):
        list(read_items(path, options, Losses(), labelled=False))


def test_a_span_without_a_label_is_an_error_that_can_be_skipped():
    doc = NLP.make_doc("Ann in Oslo")
    doc.spans["sc"] = [Span(doc, 0, 1), Span(doc, 2, 3, label="LOC")]
    with pytest.raises(FormatError) as caught:
        read(packed(doc))
    assert str(caught.value).startswith(
        "x.spacy: document 1: expected a label for each span, found none for 'Ann'."
    )
    (text,) = read(packed(doc), skip_bad=True)
    assert text.spans == (CharacterSpan(7, 11, "LOC"),)


def test_documents_train_like_any_other_file(tmp_path):
    doc = NLP.make_doc("Ann in Oslo")
    doc.ents = [Span(doc, 2, 3, label="LOC")]
    path = tmp_path / "train.spacy"
    path.write_bytes(packed(doc))
    (example,) = read_examples(path, segmenter=lambda: lambda text: [[(0, 11)]])
    assert (example.tokens, example.labels) == (("Ann", "in", "Oslo"), ("O", "O", "B-LOC"))


def test_spacy_is_imported_on_first_use_and_named_where_it_is_missing():
    code = (
        "import sys, tagger.formats as formats\n"
        "assert 'spacy' not in sys.modules\n"
        "sys.modules['spacy'] = None\n"
        "try:\n"
        "    list(formats.read_items('x', formats.ReadingOptions(format='docbin'), formats.Losses()))\n"
        "except ImportError as error:\n"
        "    print(type(error).__name__, error)\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == (
        "MissingExtraError The format docbin needs the package 'spacy'. Install it with: pip install 'FOLDER[spacy]', "
        "FOLDER being the clone of tagger\n"
    )
