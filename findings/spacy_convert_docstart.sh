#!/usr/bin/env bash
# `spacy convert` makes a word of -DOCSTART- unless its row is spelled in one way.
#
# Expected: a row that begins with -DOCSTART- starts a document, whatever its
#   other columns hold: "-X- -X- O" as many copies of CoNLL 2003 have it, "O"
#   alone in a file of two columns.
# Happens: only the very characters "-DOCSTART- -X- O O" start a document. Any
#   other such row is a sentence of one word, -DOCSTART-, labelled O: a document
#   of its own with -n 1, and with -n 10 a word in the middle of a document,
#   which then goes on with sentences of the next one. The exit status is 0,
#   and nothing is said of it.
# Hurts: whoever trains or scores on the result: a sentence that nobody wrote
#   for each document, all of them right
#   when accuracy is counted, and documents that are none.
# Instead: spell these rows "-DOCSTART- -X- O O" before converting, or take them
#   out, and look for the word in the result.
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
vocab = spacy.blank("en").vocab


def convert(name, text, sentences):
    (folder / f"{name}.conll").write_text(text)
    command = [sys.executable, "-m", "spacy", "convert", f"{name}.conll", ".", "-c", "conll", "-n", sentences]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "DOCSTART" not in run.stdout + run.stderr
    docs = list(DocBin().from_disk(folder / f"{name}.spacy").get_docs(vocab))
    found = [" ".join(token.text for token in doc) for doc in docs]
    print(f"{name}, -n {sentences}: {found}")
    return found


def of_four_columns(start):
    return f"{start}\n\nOslo NNP B-NP B-LOC\nwins VBZ B-VP O\n\n{start}\n\nAnn NNP B-NP B-PER\nsang VBD B-VP O\n\n"


word = "-DOCSTART-"
two_columns = f"{word} O\n\nOslo B-LOC\nwins O\n\n{word} O\n\nAnn B-PER\nsang O\n\n"
assert convert("as_spelled", of_four_columns(f"{word} -X- O O"), "1") == ["Oslo wins", "Ann sang"]
for name, text in (("four_columns", of_four_columns(f"{word} -X- -X- O")), ("two_columns", two_columns)):
    assert convert(name, text, "1") == [word, "Oslo wins", word, "Ann sang"]
    assert convert(name, text, "10") == [f"{word} Oslo wins {word} Ann sang"]
PY
"$work/venv/bin/python" "$work/convert.py" "$work"
