#!/usr/bin/env bash
# With a plain `Vocab()`, words of spaCy have no lower case and are neither white space nor punctuation.
#
# Expected: token.lower_, is_space, is_punct, is_alpha and like_num follow from
#   the characters of a word, or raise where they cannot be known. A file of
#   documents (.spacy) needs some Vocab to be opened, and
#   DocBin.get_docs(Vocab()) gives back every word, entity and offset.
# Happens: a Vocab that no language made has no functions for these, and says
#   so nowhere: lower_ and shape_ are empty strings, every is_... and like_...
#   is False. `if not token.is_space` keeps white space, a vocabulary counted
#   by lower_ has one word, Matcher([{"LOWER": "paid"}]) finds nothing.
# Hurts: whoever opens training data without the pipeline that made it, to
#   count, filter or convert: no error, only wrong numbers.
# Instead: open with spacy.blank("xx").vocab (or the data's language), or ask
#   the text itself: token.text.isspace(), token.text.lower().
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check spacy==3.8.18 numpy==2.4.6

cat > "$work/vocab.py" <<'PY'
from importlib.metadata import version

import spacy
from spacy.matcher import Matcher
from spacy.tokens import DocBin, Span
from spacy.vocab import Vocab

print("spacy", version("spacy"))
doc = spacy.blank("en")("Ann  paid 12 euros.")
doc.ents = [Span(doc, 0, 1, label="PER")]
data = DocBin(docs=[doc]).to_bytes()


def looked_at(vocab):
    (read,) = DocBin().from_bytes(data).get_docs(vocab)
    assert read.text == doc.text
    assert [(e.text, e.label_) for e in read.ents] == [("Ann", "PER")]
    matcher = Matcher(vocab)
    matcher.add("PAID", [[{"LOWER": "paid"}]])
    return {
        "lower_": [t.lower_ for t in read],
        "white space": [t.text for t in read if t.is_space],
        "punctuation": [t.text for t in read if t.is_punct],
        "numbers": [t.text for t in read if t.like_num],
        "matches": [read[start:end].text for _, start, end in matcher(read)],
    }


with_language, bare = looked_at(spacy.blank("xx").vocab), looked_at(Vocab())
for name, found in (('spacy.blank("xx").vocab', with_language), ("Vocab()", bare)):
    print(name)
    for what, value in found.items():
        print(f"  {what}: {value}")
assert with_language == {
    "lower_": ["ann", " ", "paid", "12", "euros", "."],
    "white space": [" "],
    "punctuation": ["."],
    "numbers": ["12"],
    "matches": ["paid"],
}
assert bare == {"lower_": [""] * 6, "white space": [], "punctuation": [], "numbers": [], "matches": []}, (
    "the behaviour has changed: remove this finding"
)
PY
"$work/venv/bin/python" "$work/vocab.py"
