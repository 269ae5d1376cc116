from dataclasses import replace

import numpy as np
import pytest
from drawn_labels import drawn
from evaluation.table_rows import rows_of
from tiny_models import SENTENCES, tiny_parts

from tagger import Tagger
from tagger.evaluation.probabilities.calibration import _is_larger, calibrate
from tagger.evaluation.probabilities.reliability import Confidences
from tagger.evaluation.probabilities.temperature import score_corpus
from tagger.examples import Example
from tagger.schemes import LabelScheme


def corpus_at(temperature, count=150, seed=0):
    parts = tiny_parts("iob2", ("PER",))
    examples, _ = drawn(parts, temperature, count, seed=seed)
    return score_corpus(Tagger(parts), examples, LabelScheme.IOB2)


@pytest.mark.slow
def test_a_model_that_is_too_sure_gets_a_temperature_that_mends_its_probabilities():
    found = calibrate(corpus_at(3.0))
    assert found.helps
    assert found.temperature == found.fitted == pytest.approx(3, rel=0.25)
    assert len(found.of_folds) == 5
    rows = {row["figure"]: row for row in rows_of(found.table)}
    assert list(rows) == [
        "-log likelihood, nats a token",
        "ECE of tokens",
        "ECE of tokens in spans",
        "ECE of spans",
    ]
    for row in rows.values():
        assert row["held_out"] < row["uncalibrated"]
    tokens = rows["ECE of tokens"]
    assert found.verdict.startswith(
        f"the calibration error of tokens goes from {tokens['uncalibrated']:.4f} to {tokens['held_out']:.4f} in "
        "held-out folds, that of spans from "
    )


@pytest.mark.slow
def test_a_temperature_that_does_not_help_on_held_out_folds_is_not_kept():
    """Gold labels drawn at temperature 1: what is fitted to them is chance."""
    verdicts = []
    for seed in range(8):
        found = calibrate(corpus_at(1.0, count=24, seed=seed))
        verdicts.append(found.helps)
        rows = {row["figure"]: row for row in rows_of(found.table)}
        improves = all(
            rows[name]["held_out"] < rows[name]["uncalibrated"]
            for name in ("-log likelihood, nats a token", "ECE of tokens")
        )
        if not found.helps:
            assert found.temperature == 1
        else:
            assert improves
    assert not all(verdicts)


def test_gold_labels_that_are_all_certain_bound_no_temperature():
    """Below some temperature their probability is 1 but for rounding, and no lower one can be told from it."""
    parts = tiny_parts("iob2", ("PER",))
    parts = replace(parts, weights={name: 30 * array for name, array in parts.weights.items()})
    tagger = Tagger(parts)
    examples = [
        Example(tokens, tuple(labels))
        for tokens, labels in zip(SENTENCES, tagger.tag(SENTENCES), strict=True)
    ]
    corpus = score_corpus(tagger, examples, LabelScheme.IOB2)
    assert corpus.losses(0.2).sum() == pytest.approx(0, abs=1e-12)
    found = calibrate(corpus)
    assert (found.fitted, found.temperature, found.helps) == (0.1, 1, False)
    assert found.verdict == "no temperature between 0.1 and 20 fits best"


def confidences(probability, right, sentences):
    size = len(right)
    return Confidences(
        "spans",
        np.full(size, probability),
        np.array(right),
        np.zeros(size, dtype=np.int64),
        np.array(sentences),
    )


def test_an_error_is_larger_if_chance_does_not_explain_it():
    right = [True, True, True, False] * 50
    sentences = list(range(200))
    good, bad = (confidences(p, right, sentences) for p in (0.75, 0.3))
    assert _is_larger(bad, good, 200, 0)
    assert not _is_larger(good, bad, 200, 0)
    assert not _is_larger(good, good, 200, 0)
    few, other = (confidences(p, right[:4], sentences[:4]) for p in (0.6, 0.75))
    assert not _is_larger(few, other, 4, 0)


@pytest.mark.slow
def test_plain_labels_have_tokens_alone():
    parts = tiny_parts("none", ("NOUN", "VERB"))
    examples, _ = drawn(parts, 3.0, 100)
    found = calibrate(score_corpus(Tagger(parts), examples, LabelScheme.NONE))
    assert [row[0] for row in found.table.rows] == ["-log likelihood, nats a token", "ECE of tokens"]
    assert found.helps
    assert "spans" not in found.verdict
