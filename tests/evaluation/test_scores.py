"""Scores of comparisons against conlleval, seqeval and counts by hand."""

import json
import random

import numpy as np
import pytest
from evaluation.table_rows import rows_of
from seqeval.metrics import classification_report
from seqeval.scheme import IOB2

from tagger.evaluation.comparison import compare
from tagger.evaluation.scores import (
    interval_of_all,
    label_table,
    readings_table,
    right_tokens,
    span_scores,
    token_scores,
    type_table,
)
from tagger.evaluation.units import units_of
from tagger.examples import Example
from tagger.metrics import Counts, Share, score
from tagger.schemes import LabelScheme, scheme_labels

# Half of these labels break the rules. The figures are those that the Perl script conlleval (2004-01-26) printed:
#   processed 10 tokens with 7 phrases; found: 7 phrases; correct: 4.
#   accuracy: 50.00%; precision: 57.14%; recall: 57.14%; FB1: 57.14
#               LOC: precision:  66.67%; recall: 100.00%; FB1:  80.00  3
#               ORG: precision: 100.00%; recall:  50.00%; FB1:  66.67  1
#               PER: precision:  33.33%; recall:  33.33%; FB1:  33.33  3
GOLD = ["B-PER I-PER O I-LOC I-ORG", "O B-PER B-PER I-ORG", "B-LOC"]
PREDICTED = ["I-PER I-PER O I-LOC B-LOC", "I-PER B-PER I-PER I-ORG", "I-LOC"]


def comparison(gold, predicted, scheme=LabelScheme.IOB2, **options):
    examples = [
        Example(tuple(f"w{i}" for i, _ in enumerate(labels)), tuple(labels))
        for labels in map(str.split, gold)
    ]
    return compare(examples, [labels.split() for labels in predicted], scheme, scheme, **options)


def test_figures_are_those_of_conlleval_on_illegal_labels_too():
    scores = span_scores(comparison(GOLD, PREDICTED))
    assert scores.types == {"LOC": Counts(2, 3, 2), "ORG": Counts(1, 1, 2), "PER": Counts(1, 3, 3)}
    assert scores.total == Counts(4, 7, 7)
    assert scores.tokens == Share(5, 10)


def test_a_comparison_has_the_scores_of_its_sentences():
    rng = random.Random(1)
    labels = scheme_labels(["PER", "ORG"], LabelScheme.IOB2)
    rows = [[" ".join(rng.choices(labels, k=rng.randint(1, 8))) for _ in range(300)] for _ in range(2)]
    rows[1] = [
        other if len(other.split()) == len(one.split()) else one for one, other in zip(*rows, strict=True)
    ]
    examples = [
        Example(tuple(f"w{i}" for i in range(len(one.split()))), tuple(one.split())) for one in rows[0]
    ]
    predicted = [one.split() for one in rows[1]]
    known = {"w0", "w1", "w2"}
    expected = score(examples, predicted, LabelScheme.IOB2, known_words=known)
    is_known = np.array([token in known for example in examples for token in example.tokens])
    found = span_scores(
        compare(examples, predicted, LabelScheme.IOB2, LabelScheme.IOB2, known_words=is_known)
    )
    assert found == expected
    assert expected.unknown.total > 100


def test_readings_are_those_of_seqeval():
    found = {row["reading"]: row for row in readings_table(comparison(GOLD, PREDICTED)).to_dicts()}
    for reading, options in (("conlleval", {}), ("strict", {"mode": "strict", "scheme": IOB2})):
        gold, predicted = ([labels.split() for labels in side] for side in (GOLD, PREDICTED))
        report = classification_report(gold, predicted, output_dict=True, zero_division=0, **options)
        assert found[reading]["f1"] == pytest.approx(report["micro avg"]["f1-score"])
        assert found[reading]["gold"] == report["micro avg"]["support"]
    assert found["strict"] != found["conlleval"]
    # five ranges are the same, one of them an ORG that is taken for a LOC
    assert (found["boundaries"]["correct"], found["boundaries"]["predicted"]) == (5, 7)


def test_the_table_of_types_has_all_and_averages_and_intervals_where_there_is_enough():
    gold, predicted = ["B-PER O"] * 12 + ["B-LOC O"], ["B-PER O"] * 8 + ["O O"] * 5
    made = comparison(gold, predicted)
    units = units_of(made, "sentence")
    overall = interval_of_all(made, units, draws=500, seed=1)
    table = type_table(made, span_scores(made), units, overall=overall, draws=500, seed=1)
    rows = {row["type"]: row for row in rows_of(table)}
    assert list(rows) == ["LOC", "PER", "micro average", "macro average", "weighted average"]
    assert (rows["LOC"]["f1"], rows["LOC"]["low"], rows["LOC"]["gold"]) == (0.0, None, 1)
    assert rows["PER"]["low"] < rows["PER"]["f1"] == 0.8 < rows["PER"]["high"]
    assert (rows["micro average"]["correct"], rows["micro average"]["low"]) == (8, overall.low)
    assert rows["macro average"]["f1"] == 0.4
    json.dumps(table.to_dicts())


def test_plain_labels_have_scores_and_a_table_of_their_own():
    known = np.array([True, False] * 12)
    made = comparison(["A B"] * 12, ["A B"] * 9 + ["A A"] * 3, LabelScheme.NONE, known_words=known)
    scores = token_scores(made)
    assert scores.confusion == {("A", "A"): 12, ("B", "B"): 9, ("B", "A"): 3}
    assert (scores.unknown, scores.tokens) == (Share(9, 12), Share(21, 24))
    units = units_of(made, "sentence")
    rows = {row["label"]: row for row in rows_of(label_table(made, scores, units, draws=500, seed=1))}
    assert (rows["A"]["precision"], rows["B"]["recall"]) == (0.8, 0.75)
    assert rows["B"]["low"] < rows["B"]["f1"] < rows["B"]["high"]
    low, high = interval_of_all(made, units, draws=500, seed=1)
    assert low < 21 / 24 < high
    assert right_tokens(made).sum() == 21
