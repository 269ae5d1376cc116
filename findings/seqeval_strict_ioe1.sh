#!/usr/bin/env bash
# seqeval's strict mode loses entities of legal IOE1 labels.
#
# Expected: labels that keep every rule of their scheme give the same entities
#   in strict mode (mode="strict", scheme=IOE1) as in the default mode; strict
#   is there to leave out what breaks the rules.
# Happens: in IOE1 a word has E- if its entity ends there and another one of the
#   same type follows at once. An entity of one word that is followed so begins
#   and ends with E-. Strict mode does not let an entity begin with E-, unless
#   the label before is E- of the same type: the entity is lost from gold
#   support and from predictions alike, without a warning.
# Hurts: scores of data in IOE1 (older chunking corpora, converted data): a
#   perfect prediction still has precision and recall 1, over fewer entities,
#   so that nobody sees it; averages over types shift.
# Instead: convert to IOB2 before, or use the default mode.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check seqeval==1.2.2 numpy==2.4.6

"$work/venv/bin/python" - <<'PY'
from importlib.metadata import version

from seqeval.metrics import classification_report
from seqeval.scheme import IOB1, IOB2, IOE1, IOE2

print("seqeval", version("seqeval"))


def support(labels, **options):
    report = classification_report([labels], [labels], output_dict=True, **options)
    return int(report["micro avg"]["support"])


# Two entities side by side: "Ann" and "Bob Lee".
spelled = {
    IOB1: ["I-PER", "B-PER", "I-PER", "O"],
    IOB2: ["B-PER", "B-PER", "I-PER", "O"],
    IOE1: ["E-PER", "I-PER", "I-PER", "O"],
    IOE2: ["E-PER", "I-PER", "E-PER", "O"],
}
found = {}
for scheme, labels in spelled.items():
    name = scheme.__name__
    found[name] = support(labels), support(labels, mode="strict", scheme=scheme)
    print(name, " ".join(labels), "default, strict:", found[name])
assert found == {"IOB1": (2, 2), "IOB2": (2, 2), "IOE1": (2, 1), "IOE2": (2, 2)}, found
PY
