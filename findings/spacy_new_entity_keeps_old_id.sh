#!/usr/bin/env bash
# spaCy gives a new entity the identifier of the one that it replaces.
#
# Expected: doc.set_ents or doc.ents = [...] puts other entities in place of
#   those of an earlier component; what an entity ruler said of the old ones,
#   the id of its pattern, goes with them.
# Happens: label and bounds are replaced, ent_id stays on the tokens. A new
#   span over such a token, another type, other bounds, no id of its own, comes
#   back from doc.ents with the old id: "Apple pie", a dish, is the company
#   Q312. Tokens that are in no entity any more keep it as well, and it is
#   written to disk: the next entity over them has it again after reloading.
# Hurts: whoever puts a statistical tagger after an entity_ruler with ids and
#   links or counts by ent_id.
# Instead: before setting entities, set token.ent_id = 0 on every token that an
#   old entity held and no kept one holds.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check spacy==3.8.18 numpy==2.4.6

"$work/venv/bin/python" - <<'PY'
from importlib.metadata import version

import spacy
from spacy.tokens import DocBin, Span

print("spacy", version("spacy"))

nlp = spacy.blank("en")
ruler = nlp.add_pipe("entity_ruler")
ruler.add_patterns([{"label": "ORG", "pattern": "Apple", "id": "Q312"}])


def entities(doc):
    return [(entity.text, entity.label_, entity.ent_id_) for entity in doc.ents]


doc = nlp("Apple pie is good.")
print("by the ruler:   ", entities(doc))
assert entities(doc) == [("Apple", "ORG", "Q312")]

doc.set_ents([Span(doc, 0, 2, label="DISH")])
print("after set_ents: ", entities(doc))
assert entities(doc) == [("Apple pie", "DISH", "Q312")]

doc.ents = []
left = [(token.ent_type_, token.ent_id_) for token in doc][:2]
print("after ents = []:", left)
assert left == [("", "Q312"), ("", "")]

(doc,) = DocBin(docs=[doc]).get_docs(nlp.vocab)
doc.ents = [Span(doc, 0, 1, label="FRUIT")]
print("after reloading:", entities(doc))
assert entities(doc) == [("Apple", "FRUIT", "Q312")]

for token in doc:
    token.ent_id = 0
doc.ents = [Span(doc, 0, 1, label="FRUIT")]
print("ids cleared:    ", entities(doc))
assert entities(doc) == [("Apple", "FRUIT", "")]
PY
