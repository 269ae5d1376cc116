"""Small pipelines of spaCy with random models, for the tests of the component."""

import spacy
from spacy.tokens import Doc
from tiny_models import tiny_tagger

TEXTS = [
    "Anna met Bo in New York, not in Rome. The EU rejects German calls of 1996.",
    "The EU rejects German calls!  Anna met\nBo \t in Rome. 🙂 Route66",
    "",
    "  \n ",
    "the the of in Route66 McCoy!",
    "McCoy",
]
UPOS = ("ADJ", "NOUN", "PROPN", "VERB")


def model_folder(path, scheme="iob2", types=("LOC", "PER"), **options):
    """The folder of a random model that finds much."""
    tiny_tagger(scheme, types, **{"seed": 18, **options}).save(path)
    return str(path)


def pipeline(model, **config):
    """A blank English pipeline with the component."""
    nlp = spacy.blank("en")
    nlp.add_pipe("bilstm_crf_tagger", config={"model": str(model), **config})
    return nlp


def doc_of(vocab, sentences, *, with_sentences=True):
    """A Doc of words with a blank after each."""
    words = [word for sentence in sentences for word in sentence]
    starts = [place == 0 for sentence in sentences for place in range(len(sentence))]
    return Doc(vocab, words=words, sent_starts=starts if with_sentences else None)


def entities(doc):
    return [(span.start, span.end, span.label_) for span in doc.ents]


def iob(doc):
    """What spaCy says of each token: its letter and type; ``B`` without a type is blocked."""
    return " ".join(f"{token.ent_iob_ or '?'}{token.ent_type_}" for token in doc)


def expected_entities(tagger, sentences):
    """Those of the tagger itself, for the sentences of one document."""
    found, first = [], 0
    for prediction in tagger.predict(sentences, documents=[0] * len(sentences)):
        found += [(first + span.start, first + span.end, span.label) for span in prediction.spans]
        first += len(prediction.tokens)
    return found


def same(doc):
    """What there is to compare of a Doc."""
    return doc.text, iob(doc), [(span.start, span.end, span.label_) for span in doc.spans.get("sc", ())]
