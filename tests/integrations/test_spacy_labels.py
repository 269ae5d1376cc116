"""Probabilities, thresholds, parts of speech and tags, as the component of spaCy sets them."""

from itertools import chain

import pytest
from integrations.spacy_pipelines import TEXTS, UPOS, doc_of, entities, model_folder, pipeline
from present import present
from spacy.tokens import Doc, Span
from tiny_models import SENTENCES

from tagger import Tagger
from tagger.errors import UsageError


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return model_folder(tmp_path_factory.mktemp("spacy") / "model")


@pytest.fixture(scope="module")
def upos_model(tmp_path_factory):
    return model_folder(tmp_path_factory.mktemp("spacy") / "upos", "none", UPOS)


def test_spans_with_scores(model):
    nlp, tagger = pipeline(model, spans_key="found"), Tagger.load(model)
    doc = nlp(doc_of(nlp.vocab, SENTENCES))
    group = doc.spans["found"]
    assert [(span.start, span.end, span.label_) for span in group] == entities(doc)
    expected = [present(span.probability) for prediction in tagger.predict(SENTENCES, documents=[0, 0, 0])
                for span in prediction.spans]  # fmt: skip
    assert group.attrs["scores"].tolist() == pytest.approx(expected, abs=1e-5)
    assert 0 < min(expected) < max(expected) < 1
    assert (
        Doc(nlp.vocab).from_bytes(doc.to_bytes()).spans["found"].attrs["scores"].tolist()
        == group.attrs["scores"].tolist()
    )
    assert doc.user_data == {}


def test_no_group_unless_asked_for(model):
    assert not pipeline(model)(TEXTS[0]).spans


def test_a_doc_without_entities_has_an_empty_group(model):
    doc = pipeline(model, spans_key="sc", thresholds=1.0)(TEXTS[0])
    assert len(doc.spans["sc"]) == 0
    assert doc.spans["sc"].attrs["scores"].tolist() == []
    assert {token.ent_iob_ for token in doc} == {"O"}


def test_the_group_is_what_the_model_says_whatever_entities_there_are(model):
    nlp = pipeline(model, spans_key="sc")
    alone = nlp(doc_of(nlp.vocab, SENTENCES))
    doc = doc_of(nlp.vocab, SENTENCES)
    doc.ents = [Span(doc, 0, len(doc), label="ALL")]
    doc = nlp(doc)
    assert entities(doc) == [(0, len(doc), "ALL")]
    assert [(span.start, span.end, span.label_) for span in doc.spans["sc"]] == entities(alone)
    nlp(doc)
    assert len(doc.spans["sc"]) == len(alone.spans["sc"])


@pytest.mark.parametrize("thresholds", [0.5, 1, {"LOC": 0.6}, {"LOC": 0.3, "PER": 0.7}])
def test_less_probable_spans_are_withheld(model, thresholds):
    nlp, tagger = pipeline(model, thresholds=thresholds), Tagger.load(model)
    doc = nlp(doc_of(nlp.vocab, SENTENCES))
    by_type = thresholds if isinstance(thresholds, dict) else dict.fromkeys(("LOC", "PER"), thresholds)
    kept, first = [], 0
    for prediction in tagger.predict(SENTENCES, documents=[0, 0, 0]):
        kept += [(first + span.start, first + span.end, span.label) for span in prediction.spans
                 if span.probability >= by_type.get(span.label, 0)]  # fmt: skip
        first += len(prediction.tokens)
    assert entities(doc) == kept
    assert len(kept) < len(entities(pipeline(model)(doc_of(nlp.vocab, SENTENCES))))


def test_thresholds_that_the_model_folder_holds(model, tmp_path):
    from tagger.storage import store_calibration

    with pytest.raises(UsageError, match=r"thresholds: the model folder holds none\. Store some first"):
        pipeline(model, thresholds="stored")("Anna")
    Tagger.load(model).save(tmp_path / "model")
    store_calibration(tmp_path / "model", thresholds={"LOC": 0.6})
    nlp = pipeline(tmp_path / "model", thresholds="stored")
    by_hand = pipeline(model, thresholds={"LOC": 0.6})
    assert entities(nlp(doc_of(nlp.vocab, SENTENCES))) == entities(by_hand(doc_of(by_hand.vocab, SENTENCES)))


def test_posterior_decoding(model):
    nlp = pipeline(model, decode="posterior")
    sentences = [*SENTENCES, *[sentence[::-1] for sentence in SENTENCES]]
    labels = Tagger.load(model).tag(sentences, documents=[0] * 6, decode="posterior")
    assert labels != Tagger.load(model).tag(sentences, documents=[0] * 6)
    doc = nlp(doc_of(nlp.vocab, sentences))
    assert [token.ent_iob_ + "-" + token.ent_type_ if token.ent_type_ else "O" for token in doc] == [
        *chain(*labels)
    ]


def test_parts_of_speech(upos_model):
    nlp = pipeline(upos_model)
    doc = nlp(doc_of(nlp.vocab, SENTENCES))
    labels = Tagger.load(upos_model).tag(SENTENCES)
    assert [token.pos_ for token in doc] == [*chain(*labels)]
    assert len({*chain(*labels)}) > 1
    assert not doc.has_annotation("TAG")
    assert not doc.has_annotation("ENT_IOB")


def test_tags(tmp_path):
    model = model_folder(tmp_path / "model", "none", ("NN", "NNP", "VBD", "."))
    for config in ({}, {"attribute": "tag"}):
        nlp = pipeline(model, **config)
        doc = nlp(doc_of(nlp.vocab, SENTENCES))
        assert [token.tag_ for token in doc] == [*chain(*Tagger.load(model).tag(SENTENCES))]
        assert not doc.has_annotation("POS")
    with pytest.raises(
        UsageError, match=r"token.pos_ only holds universal parts of speech; the model has others: \., NN"
    ):
        pipeline(model, attribute="pos")("Anna")


def test_universal_parts_of_speech_as_tags(upos_model):
    doc = pipeline(upos_model, attribute="tag")("Anna met Bo")
    assert all(token.tag_ in UPOS for token in doc)
    assert not doc.has_annotation("POS")


def test_white_space_is_what_spacy_calls_it(upos_model):
    words = ["Anna", "\n", "met", " "]
    for attribute, name in (("pos", "SPACE"), ("tag", "_SP")):
        nlp = pipeline(upos_model, attribute=attribute)
        doc = nlp(Doc(nlp.vocab, words=words, sent_starts=[True] + [False] * 3))
        first, second = Tagger.load(upos_model).tag([["Anna", "met"]])[0]
        assert [getattr(token, f"{attribute}_") for token in doc] == [first, name, second, name]


@pytest.mark.parametrize(("overwrite", "first"), [(False, "SYM"), (True, None)])
@pytest.mark.slow
def test_parts_of_speech_that_are_there_already(upos_model, overwrite, first):
    nlp = pipeline(upos_model, overwrite=overwrite)
    doc = doc_of(nlp.vocab, [SENTENCES[0]])
    doc[0].pos_ = "SYM"
    labels = Tagger.load(upos_model).tag([SENTENCES[0]])[0]
    assert [token.pos_ for token in nlp(doc)] == [first or labels[0], *labels[1:]]
