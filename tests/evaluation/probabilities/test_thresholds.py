import numpy as np
import pytest

from tagger.errors import DataError, UsageError
from tagger.evaluation.comparison import compare
from tagger.evaluation.probabilities.threshold_tables import curve_tables, target_table
from tagger.evaluation.probabilities.thresholds import (
    ALL,
    Target,
    parse_target,
    stored_thresholds,
    threshold_curves,
    threshold_for,
    withheld,
)
from tagger.examples import Example
from tagger.schemes import LabelScheme, labels_to_spans

# one span a token; the other side says PER of all but the last, which is of a type that is never gold
GOLD = ["B-PER", "B-PER", "O", "B-PER", "B-LOC", "O"]
OTHER = ["B-PER", "B-PER", "B-PER", "B-PER", "B-PER", "B-ORG"]
PROBABILITIES = [0.9, 0.8, 0.8, 0.6, 0.5, None]


def comparison(gold=GOLD, other=OTHER, probabilities=PROBABILITIES):
    examples = [Example((str(n),), (label,)) for n, label in enumerate(gold)]
    return compare(
        examples,
        [[label] for label in other],
        LabelScheme.IOB2,
        LabelScheme.IOB2,
        span_probabilities=[
            [p] if label != "O" else [] for label, p in zip(other, probabilities, strict=True)
        ],
    )


def random_comparison(seed):
    generator = np.random.default_rng(seed)
    labels = ["O", "B-PER", "I-PER", "B-LOC"]
    gold = [generator.choice(labels, 6).tolist() for _ in range(40)]
    other = [
        [a if generator.random() < 0.7 else b for a, b in zip(row, generator.choice(labels, 6), strict=True)]
        for row in gold
    ]
    spans = [labels_to_spans(row, "iob2") for row in other]
    probabilities = [generator.random(len(row)).round(1).tolist() for row in spans]
    examples = [Example(tuple("abcdef"), tuple(row)) for row in gold]
    return compare(
        examples, other, LabelScheme.IOB2, LabelScheme.IOB2, span_probabilities=probabilities
    ), list(zip(gold, spans, probabilities, strict=True))


def slow_counts(rows, kind, threshold):
    """Right, kept and gold spans with a threshold, by sets."""
    right = kept = gold = 0
    for labels, spans, probabilities in rows:
        there = {(s.start, s.end, s.label) for s in labels_to_spans(labels, "iob2") if kind in (s.label, ALL)}
        left = {
            (s.start, s.end, s.label)
            for s, p in zip(spans, probabilities, strict=True)
            if p >= threshold and kind in (s.label, ALL)
        }
        right, kept, gold = right + len(there & left), kept + len(left), gold + len(there)
    return right, kept, gold


# Targets


def test_targets_are_read_from_text():
    assert parse_target("recall=0.95") == Target("recall", 0.95)
    assert parse_target(" precision = 1") == Target("precision", 1.0)
    assert str(Target("recall", 0.95)) == "recall=0.95"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("f1=0.5", "expected a target such as recall=0.95, of precision or recall, found 'f1=0.5'"),
        ("recall", "expected a target such as recall=0.95, of precision or recall, found 'recall'"),
        (
            "recall=95",
            "recall: expected a number above 0 and up to 1, found '95'. A share, not per cent: recall=0.95.",
        ),
        ("precision=0", "precision: expected a number above 0 and up to 1, found '0'."),
        ("precision=nan", "precision: expected a number above 0 and up to 1, found 'nan'."),
        ("recall=high", "recall: expected a number above 0 and up to 1, found 'high'."),
    ],
)
def test_what_is_no_target_is_named(text, message):
    with pytest.raises(UsageError) as caught:
        parse_target(text)
    assert str(caught.value) == message


# Curves


def test_equal_probabilities_go_together():
    everything, loc, org, per = threshold_curves(comparison())
    assert (everything.name, loc.name, org.name, per.name) == (ALL, "LOC", "ORG", "PER")
    assert everything.thresholds.tolist() == [0.9, 0.8, 0.6, 0.5]
    assert (everything.kept.tolist(), everything.right.tolist()) == ([1, 3, 4, 5], [1, 2, 3, 3])
    assert (everything.gold, everything.without_probability) == (4, 1)
    assert per.recalls.tolist() == [1 / 3, 2 / 3, 1, 1]
    assert (loc.gold, len(loc.thresholds), org.gold, org.without_probability) == (1, 0, 0, 1)


@pytest.mark.parametrize("seed", range(5))
def test_curves_are_those_of_slow_loops(seed):
    found, rows = random_comparison(seed)
    curves = threshold_curves(found)
    assert [curve.name for curve in curves] == [ALL, "LOC", "PER"]
    for curve in curves:
        for threshold, kept, right, f1 in zip(
            *(column.tolist() for column in (curve.thresholds, curve.kept, curve.right, curve.f1s)),
            strict=True,
        ):
            counts = slow_counts(rows, curve.name, threshold)
            assert (right, kept, curve.gold) == counts
            assert f1 == pytest.approx(2 * counts[0] / (counts[1] + counts[2]))


# Thresholds for a target


def test_for_recall_the_highest_threshold_that_keeps_it():
    (found,) = threshold_for(comparison(), Target("recall", 0.5), by_type=False)
    assert (found.threshold, found.recall) == (0.8, 0.5)
    assert found.precision == pytest.approx(2 / 3)
    assert (found.kept, found.withheld, found.gold, found.best) == (3, 2, 4, None)


def test_for_precision_the_lowest_threshold_that_has_it():
    (found,) = threshold_for(comparison(), Target("precision", 0.75), by_type=False)
    assert (found.threshold, found.precision, found.recall) == (0.6, 0.75, 0.75)


def test_what_cannot_be_reached_says_what_is_best():
    loc, org, per = threshold_for(comparison(), Target("recall", 1.0))
    assert (loc.threshold, loc.best, loc.recall) == (None, 0.0, 0.0)
    assert (org.threshold, org.best) == (None, None)
    assert (per.threshold, per.recall) == (0.6, 1.0)
    assert target_table([loc, org, per]).notes[0] == (
        "No threshold gives recall=1: LOC (at most 0.0000), ORG (no gold spans). None of these spans are withheld."
    )
    *_, per = threshold_for(
        comparison(gold=["O", *GOLD[1:]], other=[*OTHER[:5], "O"]), Target("precision", 0.75)
    )
    assert (per.threshold, per.best) == (None, 0.5)
    assert per.precision == pytest.approx(2 / 5)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("target", [Target("recall", 0.4), Target("precision", 0.6)], ids=str)
def test_no_other_threshold_is_better(seed, target):
    found, rows = random_comparison(seed)
    for one in threshold_for(found, target):
        reaching = []
        for threshold in sorted({p for _, _, probabilities in rows for p in probabilities}):
            right, kept, gold = slow_counts(rows, one.name, threshold)
            value = right / gold if target.metric == "recall" else right / max(kept, 1)
            if value >= target.value - 1e-12:
                reaching.append((threshold, kept))
        if one.threshold is None:
            assert reaching == []
        elif target.metric == "recall":
            # a probability of another type withholds the same spans
            assert one.threshold <= max(reaching)[0]
            assert one.kept == max(reaching)[1]
        else:
            assert one.threshold >= min(reaching)[0]
            assert one.kept == min(reaching)[1]


@pytest.mark.parametrize("target", [Target("recall", 0.5), Target("precision", 0.45)])
def test_the_interval_is_that_of_choosing_and_measuring_on_other_samples(target):
    found, rows = random_comparison(0)
    (one,) = threshold_for(found, target, by_type=False)
    assert one.low is not None
    assert one.high is not None
    assert 0 <= one.low < one.high <= 1
    assert threshold_for(found, target, by_type=False) == [one]
    (curve,) = [curve for curve in threshold_curves(found) if curve.name == ALL]
    counts = np.array(
        [[slow_counts([row], ALL, threshold) for row in rows] for threshold in curve.thresholds.tolist()]
    )  # by threshold and sentence: right, kept, gold
    generator = np.random.default_rng(1)
    column = {"recall": 2, "precision": 1}[target.metric]
    draws = []
    for _ in range(1500):
        chosen, measured = (
            counts[:, generator.integers(len(rows), size=len(rows))].sum(axis=1) for _ in range(2)
        )
        reaching = [i for i, sums in enumerate(chosen) if sums[0] >= (target.value - 1e-12) * sums[column]]
        if target.metric == "recall":
            step = reaching[0] if reaching else len(chosen) - 1
        elif reaching:
            step = reaching[-1]
        else:
            continue
        draws.append(measured[step, 0] / measured[step, column])
    np.testing.assert_allclose([one.low, one.high], np.quantile(draws, [0.025, 0.975]), atol=0.03)


@pytest.mark.slow
def test_recall_on_other_sentences_lies_in_the_interval_as_often_as_it_says():
    inside = 0
    for seed in range(100):
        both, _ = random_comparison(seed)
        (one,) = threshold_for(both, Target("recall", 0.5), by_type=False)
        _, others = random_comparison(1000 + seed)
        right, _, gold = np.array([slow_counts([row], ALL, one.threshold or 0.0) for row in others]).sum(
            axis=0
        )
        inside += one.low is not None and one.low <= right / gold <= one.high
    assert inside >= 88


# Storing and withholding


def test_thresholds_to_store_are_those_that_reach_the_target():
    found = threshold_for(comparison(), Target("recall", 1.0))
    assert stored_thresholds(found, ("LOC", "ORG", "PER")) == {"PER": pytest.approx(0.6, abs=1e-4)}
    (one,) = threshold_for(comparison(), Target("recall", 0.5), by_type=False)
    assert stored_thresholds([one], ("LOC", "PER")) == dict.fromkeys(
        ("LOC", "PER"), pytest.approx(0.8, abs=1e-4)
    )
    with pytest.raises(UsageError) as caught:
        stored_thresholds(found, ("LOC", "MISC"))
    assert str(caught.value) == "thresholds: expected types of spans (LOC, MISC), found 'PER'"


@pytest.mark.parametrize("probability", [0.0, 1e-7, 0.25, 0.5, 0.999999, 1.0])
def test_a_stored_threshold_keeps_the_span_that_it_is_of_whatever_rounding_does(probability):
    one = compare(
        [Example(("a",), ("B-PER",))], [["B-PER"]], LabelScheme.IOB2, LabelScheme.IOB2,
        span_probabilities=[[probability]],
    )  # fmt: skip
    thresholds = stored_thresholds(threshold_for(one, Target("recall", 1.0)), ("PER",))
    rounded = probability - 1e-5 * probability * (1 - probability)
    assert 0 <= thresholds["PER"] <= rounded
    assert thresholds["PER"] == pytest.approx(probability, abs=1e-4)


def test_withheld_is_what_is_below_the_threshold_of_its_type():
    found = withheld(comparison(), {"PER": 0.8, "ORG": 1.0})
    assert found.tolist() == [False, False, False, True, True, False]
    with pytest.raises(UsageError, match=r"^thresholds: expected types of spans .*, found 'MISC'$"):
        withheld(comparison(), {"MISC": 0.5})


def test_without_probabilities_or_spans_there_are_no_thresholds():
    without = comparison(probabilities=[None] * 6)
    with pytest.raises(DataError, match=r"^thresholds: no predicted span has a probability"):
        threshold_for(without, Target("recall", 0.5))
    nothing = compare(
        [Example(("a",), ("B-PER",))], [["O"]], LabelScheme.IOB2, LabelScheme.IOB2, span_probabilities=[[]]
    )
    with pytest.raises(
        DataError, match=r"^thresholds: expected predicted spans to choose among, found none$"
    ):
        threshold_for(nothing, Target("recall", 0.5))
    plain = compare([Example(("a",), ("X",))], [["X"]], LabelScheme.NONE, LabelScheme.NONE)
    with pytest.raises(UsageError, match=r"^thresholds: these labels have no spans"):
        threshold_for(plain, Target("recall", 0.5))
    assert curve_tables(without) == curve_tables(plain) == []


# Tables


def test_tables_show_steps_from_the_first_to_the_last():
    everything, by_type = curve_tables(comparison())
    assert [row[2] for row in everything.rows] == [0.9, 0.8, 0.6, 0.5]
    assert everything.notes[1] == "1 predicted spans without probability are left out."
    assert {row[0] for row in by_type.rows} == {"PER"}
    many = comparison(["B-PER"] * 200, ["B-PER"] * 200, (np.arange(200) / 200).tolist())
    everything, by_type = curve_tables(many)
    assert (len(everything.rows), len(by_type.rows)) == (50, 10)
    assert (everything.rows[0][2], everything.rows[-1][2]) == (199 / 200, 0.0)
