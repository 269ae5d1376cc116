"""The component of spaCy in pipelines: streams, processes, errors, training, scores."""

import copy
import subprocess
import sys
from multiprocessing.reduction import ForkingPickler

import pytest
import spacy
from integrations.spacy_pipelines import (
    TEXTS,
    UPOS,
    doc_of,
    entities,
    model_folder,
    pipeline,
    same,
)
from spacy.tokens import Span
from spacy.training import Example
from tiny_models import SENTENCES

from tagger.errors import DataError, ModelError, UsageError


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return model_folder(tmp_path_factory.mktemp("spacy") / "model")


@pytest.fixture(scope="module")
def upos_model(tmp_path_factory):
    return model_folder(tmp_path_factory.mktemp("spacy") / "upos", "none", UPOS)


def test_beside_spacys_own_tagger(model):
    nlp = pipeline(model)
    tagger = nlp.add_pipe("tagger")
    for label in ("NN", "VB"):
        tagger.add_label(label)
    nlp.initialize()
    doc = nlp(TEXTS[0])
    assert nlp.pipe_names == ["bilstm_crf_tagger", "tagger"]
    assert doc.ents
    assert {token.tag_ for token in doc} <= {"NN", "VB"}
    assert nlp.meta["labels"] == {"bilstm_crf_tagger": ["LOC", "PER"], "tagger": ["NN", "VB"]}


def test_labels_of_parts_of_speech(upos_model):
    assert sorted(pipeline(upos_model).pipe_labels["bilstm_crf_tagger"]) == sorted(UPOS)


def test_labels_are_in_the_string_store(model):
    nlp = pipeline(model)
    found = {span.label for span in nlp(TEXTS[0]).ents}
    assert found
    assert {nlp.vocab.strings[label] for label in found} <= {"LOC", "PER"}


def test_what_it_sets_is_declared(model):
    analysis = pipeline(model).analyze_pipes()
    assert analysis["summary"]["bilstm_crf_tagger"] == {
        "assigns": ["doc.ents", "token.ent_iob", "token.ent_type", "doc.spans", "token.pos", "token.tag"],
        "requires": [],
        "scores": ["ents_f", "ents_p", "ents_r", "ents_per_type", "tag_acc", "pos_acc"],
        "retokenizes": False,
    }


def test_select_pipes(model):
    nlp = pipeline(model)
    with nlp.select_pipes(disable="bilstm_crf_tagger"):
        assert not nlp(TEXTS[0]).ents
    assert nlp(TEXTS[0]).ents


def test_two_components_in_one_pipeline(model, upos_model):
    nlp = pipeline(model)
    nlp.add_pipe("bilstm_crf_tagger", name="pos", config={"model": upos_model})
    doc = nlp(TEXTS[0])
    assert doc.ents
    assert doc.has_annotation("POS", require_complete=True)


@pytest.mark.parametrize("batch_size", [1, 2, 1000])
def test_a_stream_is_one_doc_after_another(model, batch_size):
    nlp = pipeline(model, spans_key="sc")
    texts = TEXTS * 3
    assert [same(doc) for doc in nlp.pipe(texts, batch_size=batch_size)] == [
        same(nlp(text)) for text in texts
    ]
    component = nlp.get_pipe("bilstm_crf_tagger")
    assert [same(doc) for doc in component.pipe(map(nlp.make_doc, texts))] == [
        same(nlp(text)) for text in texts
    ]
    assert list(nlp.pipe([])) == []


def test_a_stream_is_read_no_further_ahead_than_a_batch(model):
    nlp = pipeline(model)
    read = []

    def docs_read():
        for text in TEXTS:
            read.append(text)
            yield nlp.make_doc(text)

    docs = nlp.get_pipe("bilstm_crf_tagger").pipe(docs_read(), batch_size=2)
    assert next(docs).text == TEXTS[0]
    assert len(read) == 2


def test_contexts_and_user_data_are_kept(model):
    nlp = pipeline(model)
    found = list(nlp.pipe(zip(TEXTS, range(6), strict=True), as_tuples=True, batch_size=4))
    assert [context for _, context in found] == [0, 1, 2, 3, 4, 5]
    doc = nlp.make_doc(TEXTS[0])
    doc.user_data["mine"] = 1
    assert nlp(doc) is doc
    assert doc.user_data == {"mine": 1}


def test_two_processes_give_the_same(model):
    nlp = pipeline(model, spans_key="sc")
    texts = TEXTS * 5
    one = list(nlp.pipe(texts, batch_size=4))
    two = list(nlp.pipe(texts, batch_size=4, n_process=2))
    assert [same(doc) for doc in two] == [same(doc) for doc in one]
    for other, doc in zip(two, one, strict=True):
        assert other.spans["sc"].attrs["scores"].tolist() == pytest.approx(
            doc.spans["sc"].attrs["scores"].tolist(), abs=1e-5
        )


def test_a_component_is_copied_and_pickled_with_its_model(tmp_path):
    nlp = pipeline(model_folder(tmp_path / "model"))
    component = nlp.get_pipe("bilstm_crf_tagger")
    unread = ForkingPickler.loads(ForkingPickler.dumps(component))
    component.set_error_handler(print)
    expected = entities(nlp(TEXTS[0]))
    read = ForkingPickler.loads(ForkingPickler.dumps(component))
    copied = copy.deepcopy(component)
    assert entities(unread(nlp.make_doc(TEXTS[0]))) == expected
    (tmp_path / "model").rename(tmp_path / "gone")
    for other in (read, copied):
        assert other.name == "bilstm_crf_tagger"
        assert other.get_error_handler() is print
        assert entities(other(nlp.make_doc(TEXTS[0]))) == expected


def test_sourced_from_another_pipeline(model):
    other = pipeline(model)
    nlp = spacy.blank("en")
    nlp.add_pipe("bilstm_crf_tagger", source=other)
    assert same(nlp(TEXTS[0])) == same(other(TEXTS[0]))


def broken_sentences(doc):
    if doc.text == "bad":
        raise DataError("no sentences")
    return [doc[:]]


class Handler:
    def __init__(self):
        self.calls = []

    def __call__(self, name, component, docs, error):
        self.calls.append((name, [doc.text for doc in docs], str(error)))


def bad_and_good(nlp):
    docs = [nlp.make_doc(text) for text in ("Anna met Bo", "bad", "in Rome")]
    for doc in docs:
        doc.user_hooks["sents"] = broken_sentences
    return docs


def test_a_doc_that_fails_goes_to_the_error_handler_alone(model):
    nlp, handler = pipeline(model), Handler()
    nlp.set_error_handler(handler)
    found = list(nlp.pipe(bad_and_good(nlp)))
    assert [doc.text for doc in found] == ["Anna met Bo", "in Rome"]
    assert all(doc.has_annotation("ENT_IOB") for doc in found)
    assert handler.calls == [("bilstm_crf_tagger", ["bad"], "no sentences")]
    assert nlp(bad_and_good(nlp)[1]).text == "bad"
    assert len(handler.calls) == 2


def test_without_a_handler_an_error_is_raised(model):
    nlp = pipeline(model)
    with pytest.raises(DataError, match="no sentences"):
        list(nlp.pipe(bad_and_good(nlp)))
    with pytest.raises(DataError, match="no sentences"):
        nlp(bad_and_good(nlp)[1])


def test_where_the_tagger_fails_the_rest_of_the_batch_goes_to_the_handler(model, monkeypatch):
    from tagger.integrations import spacy_component

    def answers(tagger, sentences, documents, **options):
        yield from _stream(tagger, sentences[:1], documents[:1], **options)
        raise MemoryError("no room")

    _stream = spacy_component.stream_answers
    monkeypatch.setattr(spacy_component, "stream_answers", answers)
    nlp, handler = pipeline(model), Handler()
    nlp.set_error_handler(handler)
    assert [doc.text for doc in nlp.pipe(["Anna", "met", "Bo"])] == ["Anna"]
    assert handler.calls == [("bilstm_crf_tagger", ["met", "Bo"], "no room")]


def test_a_model_that_cannot_be_read_is_told_and_no_matter_of_docs(tmp_path):
    nlp, handler = pipeline(tmp_path / "none"), Handler()
    nlp.set_error_handler(handler)
    with pytest.raises(ModelError, match="none: no such folder; expected a model folder"):
        list(nlp.pipe(TEXTS))
    with pytest.raises(ModelError, match="no such folder"):
        nlp.initialize()
    assert nlp.pipe_labels == {"bilstm_crf_tagger": []}
    assert not handler.calls


def test_no_model_at_all():
    with pytest.raises(ValueError, match="model"):
        spacy.blank("en").add_pipe("bilstm_crf_tagger")
    with pytest.raises(ModelError, match="the component 'bilstm_crf_tagger' has no model: expected the path"):
        list(pipeline("").pipe(TEXTS))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"attribute": "lemma"}, "attribute: expected ents, pos, tag or null, found 'lemma'"),
        ({"spans_key": ""}, "spans_key: expected the name of a group of spans, or null for none, found ''"),
        (
            {"thresholds": "some"},
            "thresholds: expected a number, one for each type, or 'stored', found 'some'",
        ),
        ({"threads": 0}, "threads: expected"),
        ({"batch_tokens": -1}, "batch_tokens: expected"),
        ({"document_consistency": -1.0}, "consistency"),
    ],
)
def test_options_that_make_no_sense_are_refused_at_once(model, config, message):
    with pytest.raises(UsageError, match=message):
        pipeline(model, **config)


@pytest.mark.parametrize(
    "config", [{"decode": "best"}, {"overwrite": "maybe"}, {"unknown": 1}, {"threads": "two"}]
)
def test_options_of_other_types_are_refused_by_spacy(model, config):
    with pytest.raises(ValueError, match=next(iter(config))):
        pipeline(model, **config)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"attribute": "pos"}, "attribute: the labels of this model are spans; expected ents, found pos"),
        ({"thresholds": {"ORG": 0.5}}, r"thresholds: expected types of spans \(LOC, PER\), found 'ORG'"),
        ({"thresholds": 1.5}, "thresholds: expected a number from 0 to 1"),
    ],
)
def test_options_that_have_no_meaning_for_entities(model, config, message):
    with pytest.raises(UsageError, match=message):
        pipeline(model, **config).initialize()


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            {"attribute": "ents"},
            "attribute: the labels of this model have no spans; expected pos or tag, found ents",
        ),
        ({"spans_key": "sc"}, "spans_key: has no effect on a model whose labels have no spans"),
        ({"thresholds": 0.5}, "thresholds: has no effect on a model whose labels have no spans"),
    ],
)
def test_options_that_have_no_effect_on_parts_of_speech(upos_model, config, message):
    with pytest.raises(UsageError, match=message):
        pipeline(upos_model, **config).initialize()


def examples(nlp):
    reference = doc_of(nlp.vocab, SENTENCES)
    reference.ents = [Span(reference, 1, 2, label="LOC")]
    for token in reference:
        token.tag_, token.pos_ = ("NN", "NOUN") if token.i % 2 else ("VB", "VERB")
    return [Example(doc_of(nlp.vocab, SENTENCES), reference)]


def test_training_leaves_it_as_it_is(model):
    nlp = pipeline(model)
    nlp.add_pipe("tagger")
    optimizer = nlp.initialize(lambda: examples(nlp))
    before = entities(nlp(doc_of(nlp.vocab, SENTENCES)))
    digest = nlp.get_pipe("bilstm_crf_tagger").tagger.parts.digest
    losses: dict[str, float] = {}
    for _ in range(3):
        nlp.update(examples(nlp), sgd=optimizer, losses=losses, annotates=["bilstm_crf_tagger"])
    assert set(losses) == {"tagger"}
    assert not nlp.get_pipe("bilstm_crf_tagger").is_trainable
    assert entities(nlp(doc_of(nlp.vocab, SENTENCES))) == before
    assert nlp.get_pipe("bilstm_crf_tagger").tagger.parts.digest == digest


def test_it_takes_no_weight_from_what_is_trained(model):
    nlp = spacy.blank("en")
    nlp.add_pipe("tagger")
    nlp.add_pipe("bilstm_crf_tagger", config={"model": model})
    without = spacy.blank("en")
    without.add_pipe("tagger")
    weights = nlp.config["training"]["score_weights"]
    assert weights == without.config["training"]["score_weights"]
    assert weights["tag_acc"] == 1.0


def test_scores_of_entities(model):
    nlp = pipeline(model)
    gold = examples(nlp)
    scores = nlp.evaluate(gold)
    found = set(entities(nlp(doc_of(nlp.vocab, SENTENCES))))
    hits = len(found & {(1, 2, "LOC")})
    assert scores["ents_p"] == hits / len(found)
    assert scores["ents_r"] == hits
    assert set(scores["ents_per_type"]) == {"LOC", "PER"}
    assert scores.get("tag_acc") is None


def test_scores_of_labels(upos_model):
    for attribute in ("pos", "tag"):
        nlp = pipeline(upos_model, attribute=attribute)
        gold = examples(nlp)
        scores = nlp.evaluate(gold)
        found = nlp(doc_of(nlp.vocab, SENTENCES))
        pairs = [(getattr(word, attribute), getattr(true, attribute)) for word, true in
                 zip(found, gold[0].reference, strict=True)]  # fmt: skip
        assert scores[f"{attribute}_acc"] == pytest.approx(sum(one == two for one, two in pairs) / len(pairs))
        assert scores.get("ents_f") is None


@pytest.mark.slow
def test_making_a_pipeline_imports_none_of_it():
    program = (
        "import sys, spacy; spacy.blank('en'); "
        "print([name for name in sys.modules if name in ('tagger.api', 'tagger.formats', 'tagger.text')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
