#!/usr/bin/env bash
# python-crfsuite adds up a feature that a token's list names twice.
#
# Expected: a list of feature names is the short form of a dictionary that
#   gives each name the value 1.0, as the documentation has it, and so is a
#   nested dictionary or set. Naming a feature twice says nothing new.
# Happens: each occurrence is an item of its own and the values are added, in
#   training and in tagging: two mentions weigh twice as much. The dictionary
#   and the set of the same names give other probabilities than the list.
# Hurts: list features made by loops, such as character n-grams ("banana" holds
#   "ana" twice) or neighbouring words: a model trained from sets and used with
#   lists (or the other way round) shifts its scores with no error, and words
#   with repeats get confidences beyond anything seen in training.
# Instead: pass sets, or dictionaries with a value meant as a count, and use
#   the same form in training and tagging.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check python-crfsuite==0.9.12

"$work/venv/bin/python" - "$work/model" <<'PY'
import sys
from importlib.metadata import version

import pycrfsuite

print("python-crfsuite", version("python-crfsuite"))


def trigrams(word):
    return [word[i : i + 3] for i in range(len(word) - 2)]


trainer = pycrfsuite.Trainer(verbose=False)
trainer.set_params({"c2": 0.1, "max_iterations": 50})
for word, label in [("banana", "FRUIT"), ("ananas", "FRUIT"), ("table", "O"), ("stable", "O")] * 5:
    trainer.append([{"tri": set(trigrams(word))}], [label])
trainer.train(sys.argv[1])

tagger = pycrfsuite.Tagger()
tagger.open(sys.argv[1])


def fruit(features):
    tagger.set([features])
    return round(tagger.marginal("FRUIT", 0), 6)


names = [f"tri:{t}" for t in trigrams("banana")]
print(names)
forms = {
    "list": fruit(names),
    "list in a dictionary": fruit({"tri": trigrams("banana")}),
    "dictionary": fruit(dict.fromkeys(names, 1.0)),
    "set": fruit(set(names)),
    "dictionary, ana = 2": fruit({**dict.fromkeys(names, 1.0), "tri:ana": 2.0}),
}
for form, value in forms.items():
    print(f"{form:22} P(FRUIT) = {value}")
assert forms["dictionary"] == forms["set"]
assert forms["list"] > forms["set"]
assert forms["list"] == forms["dictionary, ana = 2"]
PY
