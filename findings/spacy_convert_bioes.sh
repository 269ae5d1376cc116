#!/usr/bin/env bash
# `spacy convert` cuts every entity of a BIOES corpus in pieces and reports success.
#
# Expected: E- and S- labels (BIOES, the scheme of many published corpora and
#   of flair and stanza) are understood, since BIOES is spaCy's own BILUO with
#   two other letters, or refused, as Doc(..., ents=[...]) refuses them.
# Happens: convert -c ner and -c iob take E- for the start of a new entity:
#   "Ann Lee" becomes two persons, "New York City" becomes "New York" and
#   "City". Only one-word entities survive. The exit status is 0 and no message
#   says that labels were not understood.
# Hurts: whoever trains on the result: the training data, and the evaluation
#   data converted with it, hold shorter and more entities, so even the scores
#   agree with each other.
# Instead: replace E- by L- and S- by U- (then -c ner is right), or E- by I-
#   and S- by B-, before converting, and count the entities on both sides.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check spacy==3.8.18 numpy==2.4.6

cat > "$work/convert.py" <<'PY'
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import spacy
from spacy.tokens import Doc, DocBin

print("spacy", version("spacy"))
folder = Path(sys.argv[1])
vocab = spacy.blank("en").vocab
words = "Ann Lee left New York City for Oslo .".split()
bioes = "B-PER E-PER O B-LOC I-LOC E-LOC O S-LOC O".split()


def convert(name, kind, text):
    (folder / f"{name}.{kind}").write_text(text)
    command = [sys.executable, "-m", "spacy", "convert", f"{name}.{kind}", ".", "-c", kind, "-n", "1"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    docs = list(DocBin().from_disk(folder / f"{name}.spacy").get_docs(vocab))
    ents = [(e.text, e.label_) for doc in docs for e in doc.ents]
    print(f"{name}.{kind}: {ents}")
    return ents


def lines(labels):
    return "".join(f"{w} {x}\n" for w, x in zip(words, labels, strict=True)) + "\n"


def inline(labels):
    return " ".join(f"{w}|{x}" for w, x in zip(words, labels, strict=True)) + "\n"


def letters(**change):
    return [change.get(x[0], x[0]) + x[1:] for x in bioes]


right = [("Ann Lee", "PER"), ("New York City", "LOC"), ("Oslo", "LOC")]
cut = [("Ann", "PER"), ("Lee", "PER"), ("New York", "LOC"), ("City", "LOC"), ("Oslo", "LOC")]
assert convert("bioes", "ner", lines(bioes)) == cut
assert convert("bioes", "iob", inline(bioes)) == cut
assert convert("biluo", "ner", lines(letters(E="L", S="U"))) == right
assert convert("bio", "iob", inline(letters(E="I", S="B"))) == right

try:
    Doc(vocab, words=words, ents=bioes)
except ValueError as error:
    print("Doc:", error)
else:
    raise AssertionError("Doc takes BIOES now")
PY
"$work/venv/bin/python" "$work/convert.py" "$work"
