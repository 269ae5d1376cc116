"""Tests of tagger/inspection/units.py and ablation.py: planted units, controls, scores without units."""

import numpy as np
import pytest
from tiny_models import changed, tiny_parts, tiny_tagger

from tagger import Example, Tagger
from tagger.errors import DataError, UsageError
from tagger.features.spelling import CASINGS
from tagger.inspection import ablated_scores, unit_report
from tagger.inspection.unit_names import output_units
from tagger.metrics import score
from tagger.schemes import LabelScheme

UNIT = 8  # of 12: backward 2
WITH_DIGITS = [CASINGS.index("digits"), CASINGS.index("with_digits")]


def planted_tagger(*, decides):
    """A tagger in which one unit is high on words with digits and low on others, whatever stands around.

    Args:
        decides: whether that unit alone decides the labels (B-LOC or O), or has no part in them.
    """
    parts = tiny_parts(types=("LOC",))
    labels = parts.labels.items
    column = parts.config.word_dim + parts.config.char_filters  # the first of the casing embedding
    direction, unit = divmod(UNIT, 6)

    def plant(model):
        layer = model.encoder.layers[0]
        casings = model.word_features.casing_embedding.weight
        casings[:, 0] = -1
        casings[WITH_DIGITS, 0] = 1
        for block, bias in enumerate(
            (20.0, -20.0, 0.0, 20.0)
        ):  # input open, forget shut, candidate, output open
            row = 6 * block + unit
            layer.input_weights[direction, row] = 0
            layer.recurrent_weights[direction, row] = 0
            layer.bias[direction, row] = bias
        layer.input_weights[direction, 12 + unit, column] = 5
        if decides:
            for parameter in (*model.decoder.parameters(), *model.projection.parameters()):
                parameter.zero_()
            weights, bias = model.projection.weight, model.projection.bias
            weights[labels.index("B-LOC"), UNIT] = 9
            bias[labels.index("O")] = 1
            bias[labels.index("I-LOC")] = -99
        else:
            model.projection.weight[:, UNIT] = 0

    return Tagger(changed(parts, plant))


def corpus():
    """Sentences in which every word with a digit, and no other, is a place."""
    generator = np.random.default_rng(0)
    words = ("the", "EU", "of", "Rome", "Route66", "1996", "B2B", ".", "McCoy")
    sentences = [tuple(generator.choice(words, size=size).tolist()) for size in (7, 1, 12, 9, 11)]
    return [
        Example(tokens, tuple("B-LOC" if any(map(str.isdigit, word)) else "O" for word in tokens))
        for tokens in sentences
    ]


@pytest.mark.parametrize("decides", [True, False])
def test_a_planted_unit_ranks_first_and_is_worth_what_it_decides(decides):
    report = unit_report(planted_tagger(decides=decides), corpus(), LabelScheme.IOB2, num_units=1)
    assert (report.num_words, report.score_name) == (40, "F1 of spans")
    assert str(report.unit_names[UNIT]) == "backward:2"
    rankings = {ranking.name: ranking for ranking in report.rankings}
    assert list(rankings) == ["entity", "LOC", "capitals", "digits", "first word"]
    for name in ("entity", "LOC", "digits"):
        ranking = rankings[name]
        assert ranking.units == (UNIT,)
        assert ranking.areas == (1.0,)
        assert ranking.num_words == sum(label != "O" for example in corpus() for label in example.labels)
        assert 0.5 < max(ranking.shuffled) < 0.95
        if decides:
            assert (ranking.ablation.whole, ranking.ablation.without, ranking.ablation.loss) == (1, 0, 1)
            assert set(ranking.ablation.without_random) == {1.0}
        else:
            assert ranking.ablation.loss == 0


def test_the_report_is_the_same_each_time_and_leaves_the_model_as_it_is():
    tagger = tiny_tagger(types=("LOC",))
    before = tagger.marginals([example.tokens for example in corpus()])
    first, again = (unit_report(tagger, corpus(), LabelScheme.IOB2, num_units=3) for _ in range(2))
    assert first == again
    assert unit_report(tagger, corpus(), LabelScheme.IOB2, num_units=3, seed=1) != first
    for old, new in zip(before, tagger.marginals([example.tokens for example in corpus()]), strict=True):
        np.testing.assert_array_equal(old, new)
    ranking = first.rankings[0]
    strengths = [max(area, 1 - area) for area in ranking.areas]
    assert strengths == sorted(strengths, reverse=True)
    assert len(ranking.units) == 3
    assert (len(ranking.shuffled), len(ranking.ablation.without_random)) == (10, 5)


def test_more_units_asked_for_than_there_are():
    report = unit_report(
        tiny_tagger(types=("LOC",)), corpus(), LabelScheme.IOB2, num_units=99, num_shuffles=0
    )
    for ranking in report.rankings:
        assert sorted(ranking.units) == list(range(12))
        strengths = [max(area, 1 - area) for area in ranking.areas]
        assert strengths == sorted(strengths, reverse=True)
    assert any(area < 0.5 for ranking in report.rankings for area in ranking.areas[:6])
    assert {ranking.shuffled for ranking in report.rankings} == {()}


@pytest.mark.parametrize("scheme", ["bioes", "none"])
def test_scores_without_units_are_those_of_a_model_whose_output_weights_are_cut(scheme):
    tagger = tiny_tagger(scheme, types=("LOC",))
    gold = LabelScheme.IOB2 if scheme == "bioes" else LabelScheme.NONE
    examples = corpus()
    if scheme == "none":
        examples = [Example(example.tokens, ("LOC",) * len(example.tokens)) for example in examples]
    units = (0, 3, 7, 8, 11)
    (found,) = ablated_scores(tagger, examples, gold, [units], num_random=2)

    def value(tagger):
        predicted = tagger.tag(example.tokens for example in examples)
        return score(examples, predicted, gold).value

    assert found.whole == value(tagger)
    cut = changed(tagger.parts, lambda model: model.projection.weight[:, list(units)].zero_())
    assert found.without == value(Tagger(cut))


def test_some_properties_alone():
    tagger = tiny_tagger(types=("LOC",))
    report = unit_report(tagger, corpus(), LabelScheme.IOB2, names=["digits", "LOC"])
    assert [ranking.name for ranking in report.rankings] == ["digits", "LOC"]
    with pytest.raises(
        UsageError, match=r"^property 'PER': expected one of entity, LOC, capitals, digits, first word$"
    ):
        unit_report(tagger, corpus(), LabelScheme.IOB2, names=["PER"])


def test_names_of_units():
    def names(**options):
        return [*map(str, output_units(tiny_tagger(num_layers=2, **options).parts.model.encoder))]

    assert names(bidirectional=False)[5:] == ["2:forward:5"]
    assert len(names(connections="skip")) == 24
    assert names(connections="skip")[0:24:6] == ["forward:0", "backward:0", "2:forward:0", "2:backward:0"]


def test_what_cannot_be_explored_is_refused():
    tagger = tiny_tagger(types=("LOC",))
    with pytest.raises(UsageError, match=r"^expected an annotated corpus of at least one word, found none$"):
        unit_report(tagger, [Example((), ())], LabelScheme.IOB2)
    with pytest.raises(DataError, match=r"^sentence 1: expected gold labels"):
        unit_report(tagger, [Example(("a",))], LabelScheme.IOB2)
    with pytest.raises(
        UsageError, match=r"^expected gold labels that are spans, as the model's are, found plain labels$"
    ):
        unit_report(tagger, corpus(), LabelScheme.NONE)
