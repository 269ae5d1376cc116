#!/usr/bin/env bash
# NLTK's ChunkScore counts a right entity as wrong when its part of speech differs.
#
# Expected: precision, recall and F of chunks or entities depend on their
#   bounds and type, as in conlleval. The leaves of NLTK's trees carry a
#   part-of-speech tag as well, but that is input to a chunker, not its answer.
# Happens: whole subtrees are compared, tags included. If gold trees have gold
#   tags and predicted trees come out of a pipeline with its own tagger, each
#   entity holding one word tagged otherwise is both missed and invented.
# Hurts: end-to-end evaluation of a tagger plus chunker in NLTK: perfect
#   entities score 0, so the figure mixes two tasks and cannot be compared with
#   one of conlleval or seqeval on the same output.
# Instead: copy the gold part-of-speech tags into the predicted trees (or one
#   constant into both) before scoring, or score with seqeval.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check nltk==3.10.4 seqeval==1.2.2 numpy==2.4.6

"$work/venv/bin/python" - <<'PY'
from importlib.metadata import version

from nltk.chunk.util import ChunkScore, conlltags2tree
from seqeval.metrics import f1_score

print("nltk", version("nltk"), "seqeval", version("seqeval"))

words = ["Ann", "Lee", "visits", "Oslo"]
labels = ["B-PER", "I-PER", "O", "B-LOC"]
gold_pos = ["NNP", "NNP", "VBZ", "NNP"]
own_pos = ["NNP", "NN", "VBZ", "NN"]


def score(pos):
    counts = ChunkScore()
    gold = conlltags2tree(list(zip(words, gold_pos, labels, strict=True)))
    guess = conlltags2tree(list(zip(words, pos, labels, strict=True)))
    counts.score(gold, guess)
    result = counts.precision(), counts.recall(), len(counts.missed()), len(counts.incorrect())
    print(pos, "precision, recall, missed, incorrect:", result)
    return result


assert score(gold_pos) == (1.0, 1.0, 0, 0)
assert score(own_pos) == (0.0, 0.0, 2, 2)
same = float(f1_score([labels], [labels]))
print("seqeval F1 of the same labels:", same)
assert same == 1.0
PY
