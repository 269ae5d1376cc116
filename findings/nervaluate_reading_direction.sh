#!/usr/bin/env bash
# nervaluate's type scores change when every sentence is read from right to left.
#
# Expected: partial-match scores (SemEval-2013: strict, exact, partial, type)
#   depend on which entities overlap, and on their types; a mirrored corpus has
#   the same ones.
# Happens: a predicted entity is matched with the first gold entity that it
#   overlaps, in the order of the lists, and a gold entity that was matched is
#   not looked at again; a better match that comes later is spurious. So in the
#   "type" view a prediction of the right type counts if it stands first, and is
#   spurious if one of a wrong type stands before it.
# Hurts: languages written the other way round, lists sorted by type or by score
#   rather than by place, and comparisons of two systems of which one splits
#   entities: differences of scores that no entity accounts for.
# Instead: sort both lists by place, and distrust small differences; or match
#   so that as many types as possible are right.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check nervaluate==1.2.1

"$work/venv/bin/python" - <<'PY'
from importlib.metadata import version

from nervaluate import Evaluator

print("nervaluate", version("nervaluate"))

# One gold entity of three words; two predictions in it, one of the right type.
gold = ["B-ORG", "I-ORG", "I-ORG"]
right_first = ["B-ORG", "B-PER", "I-PER"]
right_last = ["B-PER", "I-PER", "B-ORG"]  # the same, read from right to left


def counts(predicted):
    result = Evaluator([gold], [predicted], tags=["ORG", "PER"], loader="list").evaluate()["overall"]
    found = {view: (one.correct, one.incorrect, one.spurious, one.missed) for view, one in result.items()}
    print(predicted, "correct, incorrect, spurious, missed:", found)
    return found


first, last = counts(right_first), counts(right_last)
assert first["ent_type"] == (1, 0, 1, 0), first
assert last["ent_type"] == (0, 1, 1, 0), last
assert {view: first[view] == last[view] for view in first if view != "ent_type"} == {
    "strict": True,
    "partial": True,
    "exact": True,
}
PY
