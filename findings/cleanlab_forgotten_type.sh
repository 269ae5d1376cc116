#!/usr/bin/env bash
# cleanlab finds no label issue at all where annotators forgot an entity type altogether.
#
# Expected: find_label_issues for token classification lists tokens whose given
#   label disagrees with a confident model. The worst case, a type that stands
#   nowhere in the given labels although the model is 96 % sure of it at ten
#   tokens, comes first.
# Happens: a class without a given label has no confidence threshold, so no
#   token is ever suspected of belonging to it: none of the ten is reported.
#   Other forgotten entities of the same data are, so the result looks right.
#   Label the type correctly at other places and all ten are found. The one
#   hint is a warning that issues "in class 2" may be missed, of which there
#   are none: no token is given as class 2. Lowering min_examples_per_class, as
#   it advises, changes nothing.
# Hurts: checking a newly merged corpus, or one annotated in rounds, with a
#   model that knows more types: exactly the round without a type looks clean.
# Instead: filter_by="predicted_neq_given" finds them, get_label_quality_scores
#   ranks them last; compare the given types with the model's before the search.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check cleanlab==2.9.0 numpy==2.4.6 scikit-learn==1.9.1

cat > "$work/forgotten.py" <<'PY'
import warnings
from importlib.metadata import version

import numpy as np
from cleanlab.token_classification.filter import find_label_issues
from cleanlab.token_classification.rank import get_label_quality_scores


def certain(label):
    return [0.96 if label == i else 0.02 for i in range(3)]


def corpus(marked):
    """200 sentences of 8 tokens: ten PER and ten LOC forgotten, `marked` other LOC labelled."""
    labels, probabilities = [], []
    for i in range(200):
        truth = [0] * 8
        truth[1] = 1 if i % 4 == 0 else 0
        truth[3] = 1 if 100 <= i < 110 else 0
        truth[5] = 2 if i < 10 or 20 <= i < 20 + marked else 0
        given = list(truth)
        given[3] = 0
        given[5] = 0 if i < 10 else truth[5]
        labels.append(given)
        probabilities.append(np.array([certain(label) for label in truth]))
    return labels, probabilities


def found(marked, **options):
    labels, probabilities = corpus(marked)
    issues = find_label_issues(labels, probabilities, n_jobs=1, **options)
    counts = {"PER": sum(t == 3 for _, t in issues), "LOC": sum(t == 5 for _, t in issues)}
    print(f"{marked} LOC labelled elsewhere {options}: forgotten entities found {counts}")
    assert len(issues) == sum(counts.values())
    return counts


if __name__ == "__main__":
    print("cleanlab", version("cleanlab"), "scikit-learn", version("scikit-learn"))
    warnings.simplefilter("always")
    assert found(marked=10) == {"PER": 10, "LOC": 10}
    assert found(marked=0) == {"PER": 10, "LOC": 0}
    assert found(marked=0, min_examples_per_class=0) == {"PER": 10, "LOC": 0}
    assert found(marked=0, filter_by="predicted_neq_given") == {"PER": 10, "LOC": 10}
    labels, probabilities = corpus(marked=0)
    scores = get_label_quality_scores(labels, probabilities)[1]
    print("quality scores of the forgotten LOC:", sorted({round(float(s.iloc[5]), 2) for s in scores[:10]}))
    assert all(abs(s.iloc[5] - 0.02) < 1e-9 for s in scores[:10])
PY
"$work/venv/bin/python" "$work/forgotten.py"
