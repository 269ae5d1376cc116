"""What the component of spaCy makes of the tokens and sentences of a Doc, and of entities that it has."""

import pytest
import spacy
from integrations.spacy_pipelines import (
    TEXTS,
    doc_of,
    entities,
    expected_entities,
    iob,
    model_folder,
    pipeline,
    same,
)
from spacy.tokens import Doc, Span
from tiny_models import SENTENCES

from tagger import Tagger


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return model_folder(tmp_path_factory.mktemp("spacy") / "model")


def test_entities_are_those_of_the_tagger(model):
    nlp = pipeline(model)
    doc = nlp(doc_of(nlp.vocab, SENTENCES))
    found = entities(doc)
    assert found == expected_entities(Tagger.load(model), SENTENCES)
    assert len(found) >= 5
    assert {label for *_, label in found} == {"LOC", "PER"}
    assert {token.ent_iob_ for token in doc} == {"B", "I", "O"}


def test_a_doc_without_sentences_is_cut_as_raw_text_is(model):
    nlp, tagger = pipeline(model), Tagger.load(model)
    text = "Anna met Bo in New York. The EU rejects German calls. McCoy !"
    sentences = [[token.text for token in sentence.tokens] for sentence in _windows(text, tagger)]
    assert len(sentences) == 3
    words = [word for sentence in sentences for word in sentence]
    spaces = [word not in ("York", "calls") for word in words]
    doc = nlp(Doc(nlp.vocab, words=words, spaces=spaces))
    found = [(span.start_char, span.end_char, span.label_) for span in doc.ents]
    assert found == [(entity.start, entity.end, entity.label) for entity in tagger.extract(doc.text)]
    assert found
    assert not doc.has_annotation("SENT_START")


def _windows(text, tagger):
    from tagger.text import windows

    return windows(text, tagger.segmenter)


def test_sentences_of_the_doc_are_kept(model):
    nlp, tagger = pipeline(model), Tagger.load(model)
    words = [word for sentence in SENTENCES for word in sentence]
    halves = [words[:4], words[4:15], words[15:]]
    assert entities(nlp(doc_of(nlp.vocab, halves))) == expected_entities(tagger, halves)
    assert entities(nlp(doc_of(nlp.vocab, [words]))) == expected_entities(tagger, [words])
    assert expected_entities(tagger, halves) != expected_entities(tagger, [words])


def test_sentences_of_a_component_before_are_kept(model):
    nlp = pipeline(model)
    nlp.add_pipe("sentencizer", first=True)
    doc = nlp("Anna met Bo ! the EU rejects Rome .")
    sentences = [[token.text for token in sentence] for sentence in doc.sents]
    assert [len(sentence) for sentence in sentences] == [4, 5]
    assert entities(doc) == expected_entities(Tagger.load(model), sentences)


def test_the_model_sees_no_white_space(model):
    nlp, tagger = pipeline(model), Tagger.load(model)
    words = ["  ", "Anna", "met", "\n", "Bo", "\u00a0", "in", "New", " \t", "York", "\n\n"]
    seen = [place for place, word in enumerate(words) if word.strip()]
    doc = nlp(Doc(nlp.vocab, words=words, sent_starts=[True] + [False] * 10))
    expected = expected_entities(tagger, [[words[place] for place in seen]])
    assert entities(doc) == [(seen[start], seen[end - 1] + 1, label) for start, end, label in expected]
    assert expected
    assert [token.text for token in doc] == words
    assert all(token.ent_iob_ for token in doc)


def test_a_sentence_of_white_space_alone_is_no_sentence(model):
    nlp, tagger = pipeline(model), Tagger.load(model)
    doc = Doc(nlp.vocab, words=["\n", "Anna", "met", "\n", "Bo"], sent_starts=[True, True, False, True, True])
    expected = [(start + 1 + (start > 1), end + 1 + (end > 2), label) for start, end, label in
                expected_entities(tagger, [["Anna", "met"], ["Bo"]])]  # fmt: skip
    assert entities(nlp(doc)) == expected


@pytest.mark.parametrize("text", ["", " ", "\n\n \t", "🙂", "🙂🙂 👩‍👩‍👧 é", "\x00", "a\u2028b", "\u200b"])
def test_any_text_comes_back_as_it_was(model, text):
    for config in ({}, {"spans_key": "sc"}):
        doc = pipeline(model, **config)(text)
        assert doc.text == text
        assert all(text[span.start_char : span.end_char] == span.text for span in doc.ents)


def test_a_long_doc(model):
    nlp, tagger = pipeline(model, document_tokens=50, batch_tokens=64), Tagger.load(model, document_tokens=50)
    sentences = [*SENTENCES] * 200
    doc = nlp(doc_of(nlp.vocab, sentences))
    assert entities(doc) == expected_entities(tagger, sentences)


def test_other_occurrences_in_a_doc_are_evidence(tmp_path):
    model = model_folder(tmp_path / "model")
    sentences = [sentence[start:] for sentence in SENTENCES for start in range(5)]
    with_evidence, alone = pipeline(model, document_consistency=5.0), pipeline(model, document_consistency=0)
    found = entities(with_evidence(doc_of(with_evidence.vocab, sentences)))
    assert found == expected_entities(Tagger.load(model, document_consistency=5.0), sentences)
    assert found != entities(alone(doc_of(alone.vocab, sentences)))


class Fixed:
    """Stands in for the tagger's answers: entities at chosen places."""

    def __init__(self, monkeypatch, *spans):
        from tagger.integrations import spacy_component

        monkeypatch.setattr(
            spacy_component,
            "spans_of",
            lambda doc, *_: [Span(doc, start, end, label=label) for start, end, label in spans],
        )


def six_words(nlp):
    return Doc(nlp.vocab, words=list("abcdef"), sent_starts=[True] + [False] * 5)


OVERLAPS = [
    # there before, found, kept what there was, found wins
    ([(0, 2, "X")], [(3, 5, "PER")], "BX IX O BPER IPER O", "BX IX O BPER IPER O"),
    ([(0, 3, "X")], [(2, 5, "PER")], "BX IX IX O O O", "O O BPER IPER IPER O"),
    ([(0, 6, "X")], [(2, 3, "PER")], "BX IX IX IX IX IX", "O O BPER O O O"),
    ([(2, 3, "X")], [(0, 6, "PER")], "O O BX O O O", "BPER IPER IPER IPER IPER IPER"),
    ([(0, 2, "X"), (2, 4, "X")], [(1, 3, "PER")], "BX IX BX IX O O", "O BPER IPER O O O"),
    ([(0, 2, "X"), (4, 6, "X")], [(1, 3, "PER"), (3, 4, "LOC")], "BX IX O BLOC BX IX", "O BPER IPER BLOC BX IX"),
    ([(0, 2, "PER")], [(2, 4, "PER")], "BPER IPER BPER IPER O O", "BPER IPER BPER IPER O O"),
    ([(1, 3, "PER")], [(1, 3, "LOC")], "O BPER IPER O O O", "O BLOC ILOC O O O"),
    ([(1, 3, "PER")], [], "O BPER IPER O O O", "O BPER IPER O O O"),
    ([], [(1, 3, "PER")], "O BPER IPER O O O", "O BPER IPER O O O"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "found", "kept", "replaced"), OVERLAPS)
@pytest.mark.parametrize("default", ["outside", "missing"])
def test_entities_that_overlap_stay_or_go_whole(model, monkeypatch, before, found, kept, replaced, default):
    Fixed(monkeypatch, *found)
    for overwrite, expected in ((False, kept), (True, replaced)):
        nlp = pipeline(model, overwrite=overwrite)
        doc = six_words(nlp)
        doc.set_ents([Span(doc, start, end, label=label) for start, end, label in before], default=default)
        assert iob(nlp(doc)) == expected


@pytest.mark.parametrize(
    ("overwrite", "expected"), [(False, "O B O BLOC O O"), (True, "BPER IPER O BLOC O B")]
)
def test_blocked_tokens(model, monkeypatch, overwrite, expected):
    Fixed(monkeypatch, (0, 2, "PER"), (3, 4, "LOC"))
    nlp = pipeline(model, overwrite=overwrite)
    doc = six_words(nlp)
    blocked = [doc[1:2]] if not overwrite else [doc[1:2], doc[5:6]]
    doc.set_ents([], blocked=blocked, default="missing")
    assert iob(nlp(doc)) == expected


def test_links_and_ids_stay_with_their_entity(model, monkeypatch):
    Fixed(monkeypatch, (1, 3, "PER"))
    for overwrite in (False, True):
        nlp = pipeline(model, overwrite=overwrite)
        doc = six_words(nlp)
        doc.ents = [
            Span(doc, 0, 2, label="X", kb_id="Q1", span_id="one"),
            Span(doc, 4, 6, label="Y", kb_id="Q2", span_id="two"),
        ]
        nlp(doc)
        found = [(span.label_, span.kb_id_, span.id_) for span in doc.ents]
        first = ("PER", "", "") if overwrite else ("X", "Q1", "one")
        assert found == [first, ("Y", "Q2", "two")]
        linked = [token.i for token in doc if token.ent_kb_id_ or token.ent_id_]
        assert linked == ([4, 5] if overwrite else [0, 1, 4, 5])


def test_with_an_entity_ruler_before(model):
    nlp = pipeline(model)
    ruler = nlp.add_pipe("entity_ruler", first=True)
    ruler.add_patterns([{"label": "CITY", "pattern": "New York", "id": "ny"}])
    doc = nlp("Anna met Bo in New York, not in Rome.")
    assert ("New York", "CITY", "ny") in [(span.text, span.label_, span.ent_id_) for span in doc.ents]
    alone = [
        (span.text, span.label_)
        for span in pipeline(model)(doc.text).ents
        if not {4, 5} & {*range(span.start, span.end)}
    ]
    assert [(span.text, span.label_) for span in doc.ents if span.label_ != "CITY"] == alone
    assert alone


def test_the_same_twice_is_the_same(model):
    for overwrite in (False, True):
        nlp = pipeline(model, overwrite=overwrite)
        doc = nlp(TEXTS[0])
        once = iob(doc)
        assert iob(nlp(doc)) == once


@pytest.mark.slow
def test_docs_of_several_vocabularies_and_more_words_than_are_kept(model, monkeypatch):
    nlp = pipeline(model)
    texts = [*TEXTS, *TEXTS]
    monkeypatch.setattr("tagger.integrations.spacy_docs._MOST_WORDS", 2)
    docs = [spacy.blank("en").make_doc(text) for text in texts]
    assert [same(doc) for doc in nlp.get_pipe("bilstm_crf_tagger").pipe(docs, batch_size=3)] == [
        same(nlp(text)) for text in texts
    ]
