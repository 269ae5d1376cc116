#!/usr/bin/env bash
# udeval's Words F1 is another one when gold and system change places.
#
# Expected: F1 of words is symmetric: swapping the two files swaps precision
#   and recall and leaves the number of right words as it is. The description
#   of udeval says that only words completely within the span of a multiword
#   token are aligned by their forms; all others need the same characters.
# Happens: once a multiword token begins, words of the other side are taken into
#   the region as long as they begin before its end, also those that end after
#   it; and which side's token opens the region decides how far it goes. A word
#   that sticks out can then be right by its form alone, in one direction only.
# Hurts: comparing two tokenizers with each other, agreement of two treebanks,
#   and scores of systems that invent multiword tokens where the gold has one
#   plain word: they can be right without having the characters of the word.
# Instead: report precision and recall with a fixed gold side, never treat the
#   figure as an agreement.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check udtools==0.2.9

"$work/venv/bin/python" - <<'PY'
import io
from importlib.metadata import version

from udtools import udeval

print("udtools", version("udtools"))


def row(number, form, head):
    return "\t".join([number, form, "_", "X", "_", "_", head, "dep" if head != "_" else "_", "_", "_"]) + "\n"


# The text "dunno" as one word, and as "du" (the words "do" and "dunno") and "nno".
whole = row("1", "dunno", "0").replace("\tdep\t", "\troot\t") + "\n"
cut = (
    row("1-2", "du", "_")
    + row("1", "do", "0").replace("\tdep\t", "\troot\t")
    + row("2", "dunno", "1")
    + row("3", "nno", "1")
    + "\n"
)


def words(gold, system):
    sides = (udeval.load_conllu(io.StringIO(text), "", {"multiple_roots_okay": True}) for text in (gold, system))
    score = udeval.evaluate(*sides)["Words"]
    print(f"gold {score.gold_total} words, system {score.system_total}: {score.correct} right, F1 {score.f1:.3f}")
    return score.correct


one, other = words(whole, cut), words(cut, whole)
assert (one, other) == (1, 0), (one, other)
PY
