#!/usr/bin/env bash
# `tag_acc` of `spacy evaluate` is no accuracy where spaCy cuts the text into other tokens than the gold ones.
#
# Expected: tag_acc is the share of gold tokens with the right tag, so that of
#   two gold tokens it is 0, 0.5 or 1. A gold token that the tokenizer cuts
#   into pieces is not found, so it counts as wrong (or is left out).
# Happens: the reader of the command cuts the text again, although the documents
#   of the file have tokens. Every piece enters as its own pair of gold token
#   and tag, a set of pairs is compared with the gold pairs, and tag_acc is the
#   F-score of both sets. One piece with the right tag is enough for the gold
#   token to be found, the other pieces lower the precision: 0.8 for two tokens.
# Hurts: whoever compares spaCy's tag_acc on a treebank with an accuracy by
#   another program (on UD English EWT the two differ by 0.1 to 0.3 points),
#   or computes an error rate as 1 - tag_acc.
# Instead: `spacy evaluate --gold-preproc`, which keeps the gold tokens.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check spacy==3.8.18 numpy==2.4.6

cat > "$work/accuracy.py" <<'PY'
from importlib.metadata import version

import spacy
from spacy.language import Language
from spacy.scorer import Scorer
from spacy.tokens import Doc, DocBin
from spacy.training import Corpus


@Language.component("by_list")
def by_list(doc):
    """Tag hyphens and verbs by a list, all else as a noun."""
    for token in doc:
        token.tag_ = {"-": "PUNCT", "sleeps": "VERB"}.get(token.text, "NOUN")
    return doc


@Language.component("all_wrong")
def all_wrong(doc):
    """Tag every token as no gold token is tagged."""
    for token in doc:
        token.tag_ = "X"
    return doc


def tag_acc(component, words, tags, gold_preproc=False):
    nlp = spacy.blank("en")
    nlp.add_pipe(component)
    DocBin(docs=[Doc(nlp.vocab, words=words, spaces=[True, False], tags=tags)]).to_disk("gold.spacy")
    # As the command reads the file, and as the component "tagger" scores.
    (example,) = Corpus("gold.spacy", gold_preproc=gold_preproc)(nlp)
    example.predicted = nlp(example.predicted)
    scores = Scorer.score_token_attr([example], "tag")
    print([token.text for token in example.predicted], [t.tag_ for t in example.predicted], scores["tag_acc"])
    return scores["tag_acc"]


print("spacy", version("spacy"))
words, tags = ["well-being", "sleeps"], ["NOUN", "VERB"]
split = tag_acc("by_list", words, tags)
same = tag_acc("by_list", ["Ann", "sleeps"], tags)
none = tag_acc("all_wrong", words, tags)
kept = tag_acc("by_list", words, tags, gold_preproc=True)
assert (same, none, kept) == (1.0, 0.0, 1.0), (same, none, kept)
assert abs(split - 0.8) < 1e-9, split
PY
cd "$work"
venv/bin/python accuracy.py
