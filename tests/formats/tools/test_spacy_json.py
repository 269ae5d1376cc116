import json
from collections.abc import Sequence

import pytest
import spacy
from formats.annotated_corpus import CORPUS
from formats.reading_by_options import read_as, spans_of
from formats.writing import NO_SEGMENTER, pieces
from spacy.tokens import Doc, Span
from spacy.training import offsets_to_biluo_tags

from tagger.errors import FormatError
from tagger.formats import (
    AnnotatedText,
    CharacterSpan,
    Losses,
    WritingContext,
    guess_format,
    read_examples,
)
from tagger.formats.tools.spacy_json import SPACY_JSON, first_tokens
from tagger.text import RuleSegmenter

NLP = spacy.blank("xx")


def read(items, losses=None, **options):
    return read_as("spacy-json", "x.json", items, losses, **options)


def words_of(case):
    """The words of a case and whether a blank follows each, white space among them, as spaCy has it."""
    spaces: list[bool] = []
    words: list[str] = []
    last = 0
    for start, end in [*case.tokens, (len(case.text), len(case.text))]:
        gap = case.text[last:start]
        if gap.startswith(" ") and words:
            spaces[-1], gap = True, gap[1:]
        if gap:
            words.append(gap)
            spaces.append(False)
        if start < end:
            words.append(case.text[start:end])
            spaces.append(False)
        last = end
    return words, spaces


def doc_of(case, *, group=False):
    words, spaces = words_of(case)
    doc = Doc(NLP.vocab, words=words, spaces=spaces)
    assert doc.text == case.text
    found = [doc.char_span(*ranges[0], label=label) for ranges, label in case.spans if len(ranges) == 1]
    assert None not in found
    if group:
        doc.spans["sc"] = found
    else:
        doc.set_ents(found)
    return doc


FLAT = [case for case in CORPUS if case.is_flat and case.text]


def test_entities_of_documents_that_spacy_writes_are_read(tmp_path):
    items = [doc_of(case).to_json() for case in FLAT]
    path = tmp_path / "docs.jsonl"
    path.write_text("\n".join(map(json.dumps, items)))
    assert guess_format(path) == "spacy-json"
    losses = Losses()
    texts = read(items, losses)
    assert [item.text for item in texts] == [case.text for case in FLAT]
    assert [spans_of(item) for item in texts] == [list(case.spans) for case in FLAT]
    assert [item.tokens for item in texts] == [case.tokens for case in FLAT]
    assert len(losses) == 0


def test_a_group_of_spans_is_read_if_it_is_named_or_the_only_one(caplog):
    caplog.set_level("INFO")
    items = [doc_of(case, group=True).to_json() for case in CORPUS if case.text]
    expected = [[span for span in case.spans if len(span[0]) == 1] for case in CORPUS if case.text]
    assert [spans_of(item) for item in read(items, label_column="spans:sc")] == expected
    assert [spans_of(item) for item in read(items)] == expected
    assert caplog.messages == ["x.json: labels are those of spans:sc, where there are no entities"]
    items[0]["spans"]["other"] = []
    with pytest.raises(FormatError) as caught:
        read(items)
    assert str(caught.value).startswith(
        "x.json: item 1: expected entities or one group of spans, found 'spans:sc', 'spans:other'. Choose one: "
        "label_column='spans:sc'."
    )
    losses = Losses()
    assert len(read(items, losses, label_column="spans:other")) == 1
    assert losses.count("documents that nobody annotated, left out") == len(items) - 1


def test_a_document_without_entities_set_is_no_text_without_entities():
    bare, annotated = NLP.make_doc("Ann in Oslo"), NLP.make_doc("Nobody")
    annotated.ents = []
    losses = Losses()
    (text,) = read([bare.to_json(), annotated.to_json()], losses)
    assert (text.text, text.spans) == ("Nobody", ())
    assert list(losses.lines()) == ["documents that nobody annotated, left out: 1; the first: x.json: item 1"]
    assert [item.spans for item in read([bare.to_json()], labelled=False)] == [None]


def test_what_else_is_annotated_is_counted_and_categories_are_kept():
    doc = NLP("Ann in Oslo")
    doc.set_ents([Span(doc, 0, 1, label="PER"), Span(doc, 2, 3, label="LOC")])
    doc.spans["sc"] = [Span(doc, 0, 1, label="HUMAN", kb_id="Q1", span_id=7), Span(doc, 2, 3, label="TOWN")]
    doc.spans["none"] = []
    doc.cats = {"good": 1.0}
    for word in doc:
        word.tag_ = "NNP"
    item = json.loads(json.dumps(doc.to_json()))
    counts = {
        "ents": ["spans of spans:sc, not read: 2; the first: x.json: item 1"],
        "spans:sc": [
            "links of spans to a knowledge base, not read: 1; the first: x.json: item 1",
            "spans of ents, not read: 2; the first: x.json: item 1",
        ],
        "tag": [
            "spans of ents, not read: 2; the first: x.json: item 1",
            "spans of spans:sc, not read: 2; the first: x.json: item 1",
        ],
    }
    for chosen, expected in counts.items():
        losses = Losses()
        (text,) = read([item], losses, label_column=chosen)
        assert list(losses.lines()) == expected
        assert text.fields == {"cats": {"good": 1.0}}
    item["ents"][0] |= {"kb_id": "Q2", "id": "a"}
    losses = Losses()
    read([item], losses)
    assert [
        losses.count(f"{kind}, not read") for kind in ("links of spans to a knowledge base", "ids of spans")
    ] == [
        1,
        1,
    ]
    losses = Losses()
    read([item], losses, labelled=False)
    assert len(losses) == 0


def test_categories_are_written_for_spacy_and_what_is_none_is_counted():
    texts = [
        AnnotatedText("Oslo", (), origin=f"a:{n}", fields={"cats": cats})
        for n, cats in enumerate([{"x": 1.0}, 5])
    ]
    losses = Losses()
    good, bad = pieces(SPACY_JSON, texts, WritingContext(losses, RuleSegmenter()))
    assert Doc(NLP.vocab).from_json(json.loads(good)).cats == {"x": 1.0}
    assert "cats" not in json.loads(bad)
    assert list(losses.lines()) == ["fields called 'cats', whose place is taken, left out: 1; the first: a:1"]


def test_categories_and_links_of_paragraphs_are_counted():
    item = {
        "id": 0,
        "paragraphs": [{**paragraph(FLAT[0]), "cats": [{"label": "x", "value": 1}], "links": {"0,1": {}}}],
    }
    losses = Losses()
    read([item], losses)
    assert list(losses.lines()) == [
        "cats of paragraphs, not read: 1; the first: x.json: item 1, paragraph 1",
        "links of paragraphs, not read: 1; the first: x.json: item 1, paragraph 1",
    ]


def test_sentences_and_labels_of_words_are_read():
    words = ["Ann", "left", ".", "\n\n", "Bob", "stays"]
    doc = Doc(NLP.vocab, words, [True, False, False, False, True, False])
    for word, tag in zip(doc, ("NNP", "VBD", ".", "_SP", "NNP", "VBZ"), strict=True):
        word.tag_ = tag
        word.is_sent_start = word.text in ("Ann", "Bob")
    (text,) = read([doc.to_json()], label_column="tag")
    assert (text.sentence_starts, text.labels) == ((0, 3), ("NNP", "VBD", ".", "NNP", "VBZ"))
    assert text.text == "Ann left.\n\nBob stays"
    losses = Losses()
    assert read([doc.to_json()], losses, label_column="pos") == []
    assert losses.count("documents that nobody annotated, left out") == 1


class Looked(Sequence[tuple[int, int]]):
    """Ranges of which each look is counted."""

    def __init__(self, ranges):
        self.ranges = ranges
        self.looks = 0

    def __len__(self):
        return len(self.ranges)

    def __getitem__(self, place):
        self.looks += 1
        return self.ranges[place]


def test_first_tokens_of_sentences_are_found_without_a_look_at_all_tokens():
    tokens = [(2 * number, 2 * number + 1) for number in range(4_000)]
    sentences = [(start, start + 8) for start in range(0, 8_000, 8)]
    looked = Looked(tokens)
    assert first_tokens(looked, sentences) == tuple(range(0, 4_000, 4))
    assert looked.looks < 20_000
    assert first_tokens([], sentences) == ()
    assert first_tokens(tokens[:3], [(0, 3), (3, 3), (3, 5), (9, 11)]) == (0, 2)


def test_what_is_written_is_read_again_by_us_and_by_spacy():
    texts = read([doc_of(case).to_json() for case in FLAT])
    lines = list(pieces(SPACY_JSON, texts, WritingContext(Losses(), NO_SEGMENTER)))
    assert [(item.text, spans_of(item), item.tokens) for item in read("".join(lines))] == [
        (item.text, spans_of(item), item.tokens) for item in texts
    ]
    for line, case in zip(lines, FLAT, strict=True):
        doc = Doc(NLP.vocab).from_json(json.loads(line), validate=False)
        assert doc.text == case.text
        assert [(((ent.start_char, ent.end_char),), ent.label_) for ent in doc.ents] == list(case.spans)


def test_sentences_and_tags_are_written_for_spacy():
    text = AnnotatedText(
        "Ann left.  Bob",
        tokens=((0, 3), (4, 8), (8, 9), (11, 14)),
        sentence_starts=(0, 3),
        labels=("NNP", "VBD", ".", "NNP"),
        document="d",
        fields={"source": "news", "tokens": 1},
    )
    (line,) = pieces(SPACY_JSON, [text], WritingContext(Losses(), NO_SEGMENTER))
    fields = json.loads(line)
    assert (fields["id"], fields["source"], "ents" in fields) == ("d", "news", False)
    doc = Doc(NLP.vocab).from_json(fields)
    assert [sentence.text for sentence in doc.sents] == ["Ann left.  ", "Bob"]
    assert [(word.text, word.tag_) for word in doc] == [
        ("Ann", "NNP"),
        ("left", "VBD"),
        (".", "."),
        (" ", "_SP"),
        ("Bob", "NNP"),
    ]


def test_a_token_is_cut_where_a_span_ends_and_that_is_counted():
    losses = Losses()
    text = AnnotatedText(
        "Oslo's  ", (CharacterSpan(0, 4, "LOC"), CharacterSpan(6, 8, "X")), tokens=((0, 6),), origin="a:1"
    )
    (line,) = pieces(SPACY_JSON, [text], WritingContext(losses, NO_SEGMENTER))
    doc = Doc(NLP.vocab).from_json(json.loads(line))
    assert ([word.text for word in doc], [ent.text for ent in doc.ents]) == (["Oslo", "'s", " "], ["Oslo"])
    assert list(losses.lines()) == [
        "spans of white space alone, left out: 1; the first: a:1",
        'tokens cut where a span begins or ends: 1; the first: a:1: "Oslo\'s"',
    ]


# The training format of version 2


def paragraph(case, raw=True):
    doc = doc_of(case)
    tags = offsets_to_biluo_tags(doc, [(*ranges[0], label) for ranges, label in case.spans])
    words = [
        {"id": word.i, "orth": word.text, "tag": f"T{word.i}", "ner": tag}
        for word, tag in zip(doc, tags, strict=True)
    ]
    middle = next((i for i in range(len(words) // 2, len(words)) if tags[i] == "O" or tags[i][0] in "BU"), 0)
    sentences = [{"tokens": part, "brackets": []} for part in (words[:middle], words[middle:]) if part]
    return {**({"raw": case.text} if raw else {}), "sentences": sentences, "cats": []}


def test_labels_in_biluo_become_spans_of_the_text(tmp_path):
    items = [{"id": number, "paragraphs": [paragraph(case)]} for number, case in enumerate(FLAT)]
    path = tmp_path / "train.json"
    path.write_text(json.dumps(items))
    assert guess_format(path) == "spacy-json"
    texts = read(items)
    assert [item.text for item in texts] == [case.text for case in FLAT]
    assert [spans_of(item) for item in texts] == [list(case.spans) for case in FLAT]
    assert [item.tokens for item in texts] == [case.tokens for case in FLAT]
    assert any(len(item.sentence_starts) == 2 for item in texts)
    assert [item.document for item in texts] == [str(number) for number in range(len(FLAT))]


def test_without_the_text_sentences_are_tokens_with_labels_in_iob2():
    words = [("New", "B-LOC"), ("York", "L-LOC"), (" ", "O"), ("and", "O"), ("Oslo", "U-LOC")]
    tokens = [{"orth": orth, "ner": ner, "tag": "X"} for orth, ner in words]
    items = [{"id": 3, "paragraphs": [{"sentences": [{"tokens": tokens}, {"tokens": tokens[4:]}]}]}]
    first, second = read(items)
    assert (first.tokens, first.labels) == (("New", "York", "and", "Oslo"), ("B-LOC", "I-LOC", "O", "B-LOC"))
    assert (second.tokens, second.labels, second.document) == (("Oslo",), ("B-LOC",), "3")
    assert read(items, label_column="tag")[1].labels == ("X",)
    assert read(items, labelled=False)[1].labels is None


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        (("U-LOC", "-"), "paragraphs with words whose labels are missing, left out"),
        (("U-LOC", None), "paragraphs with words whose labels are missing, left out"),
        (("-", "-"), "paragraphs that nobody annotated, left out"),
        ((None, None), "paragraphs that nobody annotated, left out"),
    ],
)
def test_paragraphs_with_missing_labels_are_no_texts_without_entities(labels, kind):
    tokens = [{"orth": orth, "ner": ner} for orth, ner in zip(("Oslo", "Ann"), labels, strict=True)]
    items = [{"id": 0, "paragraphs": [{"raw": "Oslo Ann", "sentences": [{"tokens": tokens}]}]}]
    losses = Losses()
    assert read(items, losses) == []
    assert list(losses.lines()) == [f"{kind}: 1; the first: x.json: item 1, paragraph 1"]
    assert [item.text for item in read(items, labelled=False)] == ["Oslo Ann"]


def sentence(*words):
    return [{"tokens": [{"orth": orth, "ner": ner} for orth, ner in words]}]


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (
            {"text": 5, "tokens": []},
            "x.json: item 1: expected a string under 'text', or paragraphs, found 'text', 'tokens'.",
        ),
        (
            {"text": "Oslo", "ents": [{"start": 0, "end": 5, "label": "LOC"}]},
            "x.json: item 1: expected 0 <= start < end <= 4 for the LOC, counted in code points, found 0-5.",
        ),
        (
            {"text": "Oslo", "ents": {}},
            "x.json: item 1: expected a list of objects under 'ents', found 'the object {}'.",
        ),
        (
            {"text": "a b", "ents": [], "tokens": [{"start": 2, "end": 3}, {"start": 0, "end": 1}]},
            "x.json: item 1: expected the ranges of each token in their order.",
        ),
        ({"paragraphs": 5}, "x.json: item 1: expected a list under 'paragraphs', found the number 5."),
        (
            {"paragraphs": [{"raw": "Oslo"}]},
            'x.json: item 1, paragraph 1: expected a list under \'sentences\', found the object {"raw": "Oslo"}.',
        ),
        (
            {"paragraphs": [{"sentences": [{"tokens": [{"ner": "O"}]}]}]},
            "x.json: item 1, paragraph 1: expected sentences with tokens that have 'orth', found the object {",
        ),
        (
            {"paragraphs": [{"raw": "Oslo", "sentences": sentence(("Rome", "O"))}]},
            "x.json: item 1, paragraph 1: expected token 1, 'Rome', in the text after character 0, found 'Oslo'.",
        ),
        (
            {"paragraphs": [{"raw": "Oslo", "sentences": sentence(("Oslo", "L-LOC"))}]},
            "x.json: item 1, paragraph 1: label 'L-LOC' at token 1",
        ),
        (
            {"paragraphs": [{"raw": "Oslo", "sentences": sentence(("Oslo", 5))}]},
            "x.json: item 1, paragraph 1: expected a string under 'ner' of token 1, found the number 5.",
        ),
    ],
)
def test_what_is_wrong_is_an_error_that_can_be_skipped(item, message):
    with pytest.raises(FormatError) as caught:
        read([item])
    assert str(caught.value).startswith(message)
    assert str(caught.value).endswith("To skip and list bad data: skip_bad=True")
    losses = Losses(skip_bad=True)
    read([item], losses)
    assert len(losses) == 1


def test_documents_train_like_any_other_file(tmp_path):
    doc = NLP.make_doc("Ann in Oslo")
    doc.ents = [Span(doc, 2, 3, label="LOC")]
    path = tmp_path / "docs.json"
    path.write_text(json.dumps([doc.to_json()]))
    (example,) = read_examples(path, segmenter=lambda: lambda text: [[(0, 11)]])
    assert (example.tokens, example.labels) == (("Ann", "in", "Oslo"), ("O", "O", "B-LOC"))
