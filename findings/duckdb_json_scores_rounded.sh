#!/usr/bin/env bash
# DuckDB's read_json turns probabilities into 0 and 1.
#
# Expected: a JSON Lines file whose "score" is 1 for what people annotated and
#   0.97 or 0.49 for what a model added at the end comes back with these scores;
#   or, since types are guessed from the first 20,480 objects, reading stops at
#   the first score that does not fit, as it does at an unknown key or at a
#   number in quotes.
# Happens: the guess is BIGINT, and every later score is rounded to a whole
#   number, halves to the even one: 0.97 becomes 1, 0.5 and 0.49 become 0, also
#   in lists of entities. Nothing is raised or logged; averages and thresholds
#   are computed of that. One object more or less before the first fraction
#   decides.
# Hurts: whoever looks at JSON Lines of entities, gold first, predictions after
#   it, or at output with a rounded probability of 1 in its first thousands.
# Instead: read_json(..., sample_size = -1), or name the types (columns = ...);
#   writers should write 1.0, which is read as DOUBLE.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.1

cd "$work"
"$work/venv/bin/python" - <<'PY'
import json

import duckdb

print("duckdb", duckdb.__version__)
SAMPLE = 20_480
SCORES = (0.97, 0.5, 0.49, 0.02)


def entities(score):
    return {"entities": [{"label": "LOC", "score": score}]}


def read(first, *options, later=SCORES, times=SAMPLE):
    with open("scores.jsonl", "w") as file:
        for score in [first] * times + list(later):
            file.write(json.dumps(entities(score)) + "\n")
    query = f"select entities[1].score from read_json({', '.join(('scores.jsonl'.join(chr(39) * 2), *options))})"
    rows = duckdb.sql(query)
    return str(rows.types[0]), [score for (score,) in rows.fetchall()[times:]]


found = read(1)
print("1 in all of the sample:      ", *found)
assert found == ("BIGINT", [1, 0, 0, 0])

found = read(1, times=SAMPLE - 1)
print("one object less before them: ", *found)
assert found == ("DOUBLE", list(SCORES))

found = read(1, "sample_size = -1")
print("all objects as the sample:   ", *found)
assert found == ("DOUBLE", list(SCORES))

found = read(1.0)
print("1.0 in all of the sample:    ", *found)
assert found == ("DOUBLE", list(SCORES))

try:
    read(1, later=("0.97",))
except duckdb.InvalidInputException as error:
    print("in quotes:                    error:", str(error).splitlines()[0][:100])
else:
    raise AssertionError("a string was read as a number")
PY
