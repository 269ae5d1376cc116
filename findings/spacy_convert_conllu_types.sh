#!/usr/bin/env bash
# `spacy convert -c conllu` cuts the types of entities at the first character
# that is not A to Z or `_`, so that different types become one.
#
# Expected: NE=B-LOCderiv in MISC is an entity of the type LOCderiv, as it is
#   where the same labels are converted with -c ner.
# Happens: the type is what its pattern [A-Z_]+ finds at the beginning:
#   GermEval's LOC, LOCderiv and LOCpart all become LOC, DATE2 becomes DATE,
#   TO-LOC and TO-ORG become TO, Person becomes P. The exit status is 0.
# Hurts: whoever trains on the result has a model of fewer types, and scores
#   that look better than they are: the evaluation data, converted with it, no
#   longer tell the types apart either.
# Instead: convert columns with -c ner (shown below), or write types of capitals
#   and underscores (LOC_DERIV), and compare the sets of types on both sides.
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
from spacy.tokens import DocBin

print("spacy", version("spacy"))
folder = Path(sys.argv[1])
vocab = spacy.blank("de").vocab
words = "Oslo , der Osloer Hafen , im Oslo-Buch".split()
germeval = "B-LOC O O B-LOCderiv O O O B-LOCpart".split()
others = "B-Person O B-DATE2 I-DATE2 O O B-TO-LOC B-TO-ORG".split()


def convert(name, kind, text):
    (folder / f"{name}.{kind}").write_text(text)
    command = [sys.executable, "-m", "spacy", "convert", f"{name}.{kind}", ".", "-c", kind, "-n", "1"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    types = [e.label_ for doc in DocBin().from_disk(folder / f"{name}.spacy").get_docs(vocab) for e in doc.ents]
    print(f"{name}.{kind}: {types}")
    return types


def conllu(labels):
    rows = [f"{n}\t{w}" + "\t_" * 7 + f"\tNE={x}\n" for n, (w, x) in enumerate(zip(words, labels, strict=True), 1)]
    return "".join(rows) + "\n"


def columns(labels):
    return "".join(f"{w} {x}\n" for w, x in zip(words, labels, strict=True)) + "\n"


assert convert("germeval", "conllu", conllu(germeval)) == ["LOC", "LOC", "LOC"]
assert convert("others", "conllu", conllu(others)) == ["P", "DATE", "TO", "TO"]
assert convert("germeval_columns", "ner", columns(germeval)) == ["LOC", "LOCderiv", "LOCpart"]
assert convert("others_columns", "ner", columns(others)) == ["Person", "DATE2", "TO-LOC", "TO-ORG"]
capitals = [x.replace("deriv", "_DERIV").replace("part", "_PART") for x in germeval]
assert convert("capitals", "conllu", conllu(capitals)) == ["LOC", "LOC_DERIV", "LOC_PART"]
PY
"$work/venv/bin/python" "$work/convert.py" "$work"
