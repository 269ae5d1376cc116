#!/usr/bin/env bash
# `tag_acc` of `spacy evaluate` is no accuracy where spaCy cuts the text into other tokens than the gold ones.
#
# Expected: tag_acc is the share of gold tokens with the right tag, so that of
#   two gold tokens it is 0, 0.5 or 1. A gold token that the tokenizer cuts
#   into pieces is not found, so it counts as wrong (or is left out).
# Happens: evaluation cuts the text again, even if the documents of a DocBin
#   have tokens. Every piece enters as its own pair of gold token and tag, a
#   set of pairs is compared with the gold pairs, and tag_acc is the F-score of
#   both sets. One piece with the right tag is enough for the gold token to be
#   found, the other pieces lower the precision: 0.8 for two tokens. Tokens
#   that are joined lower recall alone.
# Hurts: whoever compares spaCy's tag_acc on a treebank with an accuracy by
#   another program (on UD English EWT the two differ by 0.1 to 0.3 points),
#   or computes an error rate as 1 - tag_acc.
# Instead: tag Doc(vocab, words=...) made of the gold tokens, pipe by pipe, and
#   count.
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
from spacy.tokens import Doc
from spacy.training import Example


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


def tag_acc(component, words, tags, spaces):
    nlp = spacy.blank("en")
    nlp.add_pipe(component)
    gold = Doc(nlp.vocab, words=words, spaces=spaces, tags=tags)
    predicted = nlp(gold.text)
    # The scorer of the component "tagger", which nlp.evaluate and so the command call.
    scores = Scorer.score_token_attr([Example(predicted, gold)], "tag")
    # Evaluation cuts the text again, though the document that it is given has the gold tokens.
    given = Example(Doc(nlp.vocab, words=words, spaces=spaces), gold)
    is_cut = len(predicted) > len(words)
    assert (nlp.evaluate([given])["token_acc"] < 1) == is_cut
    print([token.text for token in predicted], [token.tag_ for token in predicted], scores["tag_acc"])
    return scores["tag_acc"]


print("spacy", version("spacy"))
split = tag_acc("by_list", ["well-being", "sleeps"], ["NOUN", "VERB"], [True, False])
same = tag_acc("by_list", ["Ann", "sleeps"], ["NOUN", "VERB"], [True, False])
none = tag_acc("all_wrong", ["well-being", "sleeps"], ["NOUN", "VERB"], [True, False])
assert same == 1.0 and none == 0.0, (same, none)
assert abs(split - 0.8) < 1e-9, split
PY
"$work/venv/bin/python" "$work/accuracy.py"
