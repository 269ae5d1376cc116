"""Teachers: what a student learns from models, from probabilities in the data, and where labels are unknown."""

import itertools
import json
import logging
import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from present import present
from tiny_models import tiny_parts, tiny_tagger
from tiny_runs import TINY_MODEL, modules_made, stopped_run, tiny_config, tiny_splits

from tagger import Example, Tagger
from tagger.batching import EncodedSentences
from tagger.errors import DataError, LabelError, TaggerError, UsageError
from tagger.features.vocabulary import LabelVocabulary
from tagger.model import BatchTensors
from tagger.schemes import LabelScheme, TransitionConstraints, allowed_transitions, scheme_labels
from tagger.storage import store_calibration
from tagger.training import DataConfig, OptimizerConfig, Splits, TeacherConfig, train
from tagger.training.teaching import Teacher, counts_to_learn, known_labels

LABELS = LabelVocabulary(scheme_labels(["LOC", "PER"], LabelScheme.IOB2))
CONSTRAINTS = TransitionConstraints(
    *(np.array(table, dtype=bool) for table in allowed_transitions(LABELS.items, LabelScheme.IOB2))
)
TOKENS = ("Anna", "met", "Bo")


def counts_of(examples, config=None, teacher=None):
    """The nodes and pairs of each sentence."""
    found = counts_to_learn(examples, LABELS, CONSTRAINTS, config or TeacherConfig(), teacher)
    assert found is not None
    result = []
    for number, example in enumerate(examples):
        batch = found.batch([number], len(example.tokens))
        result.append(None if batch is None else (batch.nodes[0], batch.pairs[0]))
    return result


def enumerated(log_probabilities, length):
    """The counts of a distribution over labellings, by its definition."""
    nodes, pairs = np.zeros((length, len(LABELS))), np.zeros((len(LABELS), len(LABELS)))
    for labels, value in log_probabilities.items():
        ids = [LABELS.encode(label) for label in labels]
        for position, label in enumerate(ids):
            nodes[position, label] += math.exp(value)
        for before, after in itertools.pairwise(ids):
            pairs[before, after] += math.exp(value)
    return nodes, pairs


def all_labellings(tagger, tokens):
    found = tagger.nbest([tokens], len(LABELS) ** len(tokens))[0]
    return {prediction.labels: prediction.log_probability for prediction in found}


def teacher_of(*taggers, **options):
    tagger = taggers[0] if len(taggers) == 1 else Tagger.average(taggers)
    return Teacher("teacher", tagger, TeacherConfig(models="x", **options), "digest")


# What is to be learned


@pytest.mark.parametrize("count", [1, 2])
def test_a_model_teaches_its_own_distribution(count):
    taggers = [tiny_tagger(seed=seed) for seed in range(count)]
    teacher = teacher_of(*taggers)
    ((nodes, pairs),) = counts_of([Example(TOKENS)], teacher.config, teacher)
    expected = enumerated(all_labellings(teacher.tagger, TOKENS), 3)
    np.testing.assert_allclose(nodes, expected[0], atol=2e-5)
    np.testing.assert_allclose(pairs, expected[1], atol=2e-5)


def test_gold_labels_and_teacher_are_mixed():
    teacher = teacher_of(tiny_tagger(), weight=0.25)
    labels = ("B-PER", "O", "B-LOC")
    ((nodes, pairs),) = counts_of([Example(TOKENS, labels)], teacher.config, teacher)
    taught = enumerated(all_labellings(teacher.tagger, TOKENS), 3)
    gold = enumerated({labels: 0.0}, 3)
    np.testing.assert_allclose(nodes, 0.75 * gold[0] + 0.25 * taught[0], atol=2e-5)
    np.testing.assert_allclose(pairs, 0.75 * gold[1] + 0.25 * taught[1], atol=2e-5)


def test_where_some_labels_are_unknown_the_teacher_fills_them_in_given_the_others():
    teacher = teacher_of(tiny_tagger(), weight=0.25)
    example = Example(TOKENS, soft_labels=({"B-PER": 1.0}, None, {"O": 1.0}))
    assert known_labels(example) == ("B-PER", None, "O")
    ((nodes, pairs),) = counts_of([example], teacher.config, teacher)
    everything = all_labellings(teacher.tagger, TOKENS)
    agreeing = {y: value for y, value in everything.items() if (y[0], y[2]) == ("B-PER", "O")}
    total = math.log(math.fsum(map(math.exp, agreeing.values())))
    given = enumerated({y: value - total for y, value in agreeing.items()}, 3)
    taught = enumerated(everything, 3)
    np.testing.assert_allclose(nodes, 0.75 * given[0] + 0.25 * taught[0], atol=2e-5)
    np.testing.assert_allclose(pairs, 0.75 * given[1] + 0.25 * taught[1], atol=2e-5)


def test_labels_in_another_order_and_further_labels_find_their_place():
    teacher = teacher_of(Tagger(tiny_parts(types=("PER",))))
    ((nodes, pairs),) = counts_of([Example(TOKENS)], teacher.config, teacher)
    assert not nodes[:, [LABELS.encode("B-LOC"), LABELS.encode("I-LOC")]].any()
    np.testing.assert_allclose(nodes.sum(axis=1), 1, atol=1e-5)
    assert pairs.sum() == pytest.approx(2, abs=1e-4)


def test_temperatures_of_teacher_and_run_divide_its_scores(tmp_path):
    tiny_tagger().save(tmp_path / "model")
    store_calibration(tmp_path / "model", temperature=2.0)
    calibrated = Tagger.load(tmp_path / "model")
    ((own, _),) = counts_of([Example(TOKENS)], TeacherConfig(), teacher_of(calibrated))
    ((hotter, _),) = counts_of([Example(TOKENS)], TeacherConfig(), teacher_of(tiny_tagger(), temperature=1.0))
    ((same, _),) = counts_of([Example(TOKENS)], *_with(tiny_tagger(), temperature=2.0))
    np.testing.assert_allclose(own, same, atol=1e-6)
    assert not np.allclose(own, hotter, atol=1e-2)


def _with(tagger, **options):
    teacher = teacher_of(tagger, **options)
    return teacher.config, teacher


def test_a_teacher_reads_documents_wherever_their_sentences_stand():
    first, second = Example(("Kent", "is", "in"), document="a"), Example(("Kent", "said", "so"), document="a")
    other = Example(("of", "Kent", "old"), document="b")
    teacher = teacher_of(tiny_tagger(seed=3))
    together = counts_of([first, second, other], teacher.config, teacher)
    apart = counts_of([first, other, second], teacher.config, teacher)
    alone = counts_of([replace(first, document=None)], teacher.config, teacher)
    np.testing.assert_allclose(together[0][0], apart[0][0], atol=1e-6)
    np.testing.assert_allclose(together[1][0], apart[2][0], atol=1e-6)
    assert not np.allclose(together[0][0], alone[0][0], atol=1e-3)


def test_probabilities_of_tokens_are_made_legal():
    soft = ({"O": 0.6, "B-PER": 0.4}, {"O": 0.3, "I-PER": 0.7}, {"O": 1.0})
    ((nodes, pairs),) = counts_of([Example(TOKENS, soft_labels=soft)])
    legal = {("O", "O", "O"): 0.6 * 0.3, ("B-PER", "O", "O"): 0.4 * 0.3, ("B-PER", "I-PER", "O"): 0.4 * 0.7}
    total = math.fsum(legal.values())
    expected = enumerated({labels: math.log(p / total) for labels, p in legal.items()}, 3)
    np.testing.assert_allclose(nodes, expected[0], atol=1e-6)
    np.testing.assert_allclose(pairs, expected[1], atol=1e-6)


def test_sentences_without_a_teacher_have_no_counts():
    labelled, soft = Example(TOKENS, ("O",) * 3), Example(("a",), soft_labels=({"O": 1.0},))
    assert counts_of([labelled, soft])[0] is None
    assert counts_to_learn([labelled], LABELS, CONSTRAINTS, TeacherConfig(), None) is None


def test_probabilities_that_no_labelling_has_are_an_error():
    with pytest.raises(
        DataError, match=r"^x\.jsonl:3: expected a label that the scheme allows beside .* found I-PER"
    ):
        counts_of([Example(("Bo",), soft_labels=({"I-PER": 1.0},), origin="x.jsonl:3")])


def test_known_and_soft_labels_in_one_sentence_are_an_error():
    example = Example(("a", "b"), soft_labels=({"O": 0.5, "B-PER": 0.5}, None), origin="x.jsonl:3")
    with pytest.raises(DataError, match=r"^x\.jsonl:3: expected a label that is known or not known"):
        known_labels(example)


# Runs


def save_teacher(tmp_path, name="teacher", **options):
    """A model trained on the tiny splits; its folder."""
    train(tiny_config(tmp_path / name, **options), splits=tiny_splits())
    return str(tmp_path / name / "model")


def test_the_loss_of_a_batch_is_that_of_counts_and_of_labels(tmp_path, monkeypatch):
    made = modules_made(monkeypatch)
    soft = Example(("Anna", "met"), soft_labels=({"B-PER": 0.5, "O": 0.5}, {"O": 1.0}))
    splits = tiny_splits()
    train(tiny_config(tmp_path / "run", epochs=1), splits=replace(splits, train=[*splits.train, soft]))
    model = made[0].model.eval()
    featurizer = Tagger.load(tmp_path / "run" / "model").parts.featurizer
    labels = Tagger.load(tmp_path / "run" / "model").parts.labels
    labelled = splits.train[0]
    constraints = present(model.decoder.constraints)
    counts = counts_to_learn([soft, labelled], labels, constraints, TeacherConfig(), None)
    ids = np.array([0, 0, *(labels.encode(label) for label in labelled.labels)])
    encoded = EncodedSentences(featurizer, [soft.tokens, labelled.tokens], ids, counts)

    def loss(*members):
        return model.loss(BatchTensors.of(encoded.batch(members))).item()

    assert loss(0, 1) == pytest.approx((loss(0) + loss(1)) / 2, abs=1e-5)
    gold = EncodedSentences(featurizer, [labelled.tokens], ids[2:])
    assert loss(1) == pytest.approx(model.loss(BatchTensors.of(gold.batch([0]))).item(), abs=1e-6)


@pytest.mark.slow
def test_a_student_comes_to_say_what_its_teacher_says(tmp_path):
    teacher = save_teacher(tmp_path, epochs=20)
    config = tiny_config(
        tmp_path / "student", epochs=20, seed=2, teacher=TeacherConfig(models=teacher, weight=1.0)
    )
    student = train(config, splits=tiny_splits())
    alone = train(tiny_config(tmp_path / "alone", epochs=20, seed=2), splits=tiny_splits())
    sentences = [example.tokens for example in tiny_splits().train]
    said = np.concatenate(Tagger.load(teacher).marginals(sentences))

    def distance(tagger):
        return np.abs(np.concatenate(tagger.marginals(sentences)) - said).mean()

    assert distance(student) < distance(alone)
    metrics = json.loads((tmp_path / "student" / "metrics.json").read_text())
    assert metrics["data"]["teacher"]["models"] == 1
    assert metrics["data"]["teacher"]["weight"] == 1.0


@pytest.mark.slow
def test_text_without_labels_is_learned_from_the_teacher(tmp_path, caplog):
    teacher = save_teacher(tmp_path)
    (tmp_path / "text.txt").write_text("Zyxel lives in Oslo. She met Bo.\n")
    (tmp_path / "more.conll").write_text("Grete NOUN\nworks VERB\n\n")
    files: list[str | Path] = [str(tmp_path / "text.txt"), str(tmp_path / "more.conll")]
    with caplog.at_level(logging.INFO):
        student = train(
            tiny_config(tmp_path / "run", teacher=TeacherConfig(models=teacher, text=files)),
            splits=tiny_splits(),
        )
    assert "without labels: 3 sentences" in caplog.text
    assert student.in_vocabulary("Zyxel")
    assert student.in_vocabulary("Grete")
    assert student.labels == Tagger.load(teacher).labels
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["data"]["teacher"]["sentences_without_labels"] == 3


@pytest.mark.slow
def test_text_that_is_scored_too_is_told(tmp_path, caplog):
    teacher = save_teacher(tmp_path)
    dev = [" ".join(example.tokens) for example in tiny_splits().dev]
    for name, lines in {"half": [*dev[: len(dev) // 2], "Zyxel lives ."], "other": ["Zyxel lives ."]}.items():
        (tmp_path / f"{name}.jsonl").write_text(
            "".join(json.dumps({"tokens": line.split()}) + "\n" for line in lines)
        )
    for name in ("other", "half"):
        said = f"{len(dev) // 2} of {len(dev)} sentences of the dev split: scores on it flatter"
        with caplog.at_level(logging.WARNING):
            text = TeacherConfig(models=teacher, text=tmp_path / f"{name}.jsonl")
            train(tiny_config(tmp_path / name, epochs=1, teacher=text), splits=tiny_splits())
        assert (said in caplog.text) == (name == "half")


def test_soft_and_unknown_labels_are_learned_from_data(tmp_path, caplog):
    splits = tiny_splits()
    names = sorted({label for example in splits.train for label in example.labels or ()})
    soft = [
        Example(("Qarl",), soft_labels=({names[0]: 0.5, "O": 0.5},)),
        Example(("Qarl", "said"), soft_labels=(None, {"O": 1.0})),
    ]
    with caplog.at_level(logging.INFO):
        student = train(tiny_config(tmp_path / "run"), splits=replace(splits, train=[*splits.train, *soft]))
    assert "without labels" not in caplog.text
    assert "with soft labels: 1 sentence" in caplog.text
    assert "with some labels unknown: 1 sentence" in caplog.text
    assert student.in_vocabulary("Qarl")


def test_unknown_labels_leave_everything_open(tmp_path, monkeypatch):
    made = modules_made(monkeypatch)
    splits = tiny_splits()
    unknown = Example(("Qarl", "said"), soft_labels=(None, {"O": 1.0}))
    train(tiny_config(tmp_path / "run", epochs=1), splits=replace(splits, train=[*splits.train, unknown]))
    sets = made[0].model.label_sets
    assert sets is not None
    assert sets[-1].all()
    assert torch.equal(sets[:-1], torch.eye(sets.shape[1], dtype=torch.bool))


def test_files_hold_soft_and_unknown_labels(tmp_path):
    lines = [
        {"tokens": ["EU", "met", "Bo"], "labels": ["B-ORG", "O", "B-PER"]},
        {"tokens": ["Qarl", "met", "Bo"], "labels": ["B-ORG", None, "B-PER"]},
        {"tokens": ["Quax"], "soft_labels": [{"B-ORG": 0.9, "O": 0.1}]},
        {"tokens": ["Quax"], "labels": ["O"], "soft_labels": [{"B-ORG": 0.9, "O": 0.1}]},
    ] * 6
    path = tmp_path / "train.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    tagger = train(tiny_config(tmp_path / "run", data=DataConfig(train=path)))
    assert tagger.in_vocabulary("Qarl")
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["sentences"]["train"] + metrics["sentences"]["dev"] == 12
    assert metrics["sentences"]["without_labels"] == 12


@pytest.mark.slow
def test_a_run_is_resumed_with_its_own_teacher_alone(tmp_path, monkeypatch):
    teacher, other = save_teacher(tmp_path), save_teacher(tmp_path, "other", seed=5)
    options = {"epochs": 2, "teacher": TeacherConfig(models=teacher)}
    whole = train(tiny_config(tmp_path / "whole", **options), splits=tiny_splits())
    config = tiny_config(tmp_path / "run", **options)
    stopped_run(monkeypatch, config, tiny_splits(), after=1)
    shutil.copytree(teacher, tmp_path / "kept")
    Tagger.load(other).save(teacher)
    with pytest.raises(TaggerError, match=r"the teacher is not the one"):
        train(replace(config, resume=True), splits=tiny_splits())
    Tagger.load(tmp_path / "kept").save(teacher)
    again = train(replace(config, resume=True), splits=tiny_splits())
    for name, weights in whole.parts.weights.items():
        np.testing.assert_array_equal(weights, again.parts.weights[name])


# What does not go together


def test_teachers_with_other_labels_are_refused(tmp_path):
    tiny_tagger(types=("LOC", "XYZ")).save(tmp_path / "other")
    with pytest.raises(
        LabelError, match=r"does not know MISC, ORG, PER, which the training .*; it knows LOC, XYZ"
    ):
        train(
            tiny_config(tmp_path / "run", teacher=TeacherConfig(models=tmp_path / "other")),
            splits=tiny_splits(),
        )
    tiny_tagger("bioes").save(tmp_path / "bioes")
    with pytest.raises(UsageError, match="has labels of the scheme bioes inside, expected iob2"):
        train(
            tiny_config(tmp_path / "run", teacher=TeacherConfig(models=tmp_path / "bioes")),
            splits=tiny_splits(),
        )


def test_types_of_the_teacher_become_the_students(tmp_path):
    tiny_tagger(types=("LOC", "MISC", "ORG", "PER", "XYZ")).save(tmp_path / "more")
    student = train(
        tiny_config(tmp_path / "run", teacher=TeacherConfig(models=tmp_path / "more")),
        splits=tiny_splits(),
    )
    assert "B-XYZ" in student.labels


def test_text_is_cut_alike_or_not_at_all(tmp_path):
    teacher = save_teacher(tmp_path)
    (tmp_path / "text.txt").write_text("Anna met Bo.")
    config = tiny_config(
        tmp_path / "run",
        teacher=TeacherConfig(models=teacher, text=tmp_path / "text.txt"),
        data=DataConfig(segmenter={"hyphens": "split", "clitics": "keep", "lines": "split"}),
    )
    with pytest.raises(
        UsageError, match=r"teacher\.text: .* cuts text with rules .*expected both to cut it alike"
    ):
        train(config, splits=tiny_splits())


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"teacher": {"weight": 0.3}}, "teacher.weight: has no effect without teacher.models or soft labels"),
        ({"teacher": {"temperature": 2.0}}, "teacher.temperature: has no effect without teacher.models"),
    ],
)
def test_options_without_effect_are_refused(options, reason, tmp_path):
    with pytest.raises(UsageError) as error:
        train(
            tiny_config(tmp_path / "run", teacher=TeacherConfig(**options["teacher"])), splits=tiny_splits()
        )
    assert str(error.value).startswith(reason)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"weight": 0}, "teacher.weight: expected more than 0 up to 1, found 0"),
        ({"weight": 1.5}, "teacher.weight: expected more than 0 up to 1, found 1.5"),
        ({"weight": math.nan}, "teacher.weight"),
        ({"temperature": 0}, "teacher.temperature: expected more than 0, found 0"),
        ({"text": "a.txt"}, "teacher.text: has no effect without teacher.models"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, reason):
    with pytest.raises(UsageError) as error:
        TeacherConfig(**options)
    assert str(error.value).startswith(reason)


def test_soft_labels_of_another_scheme_are_refused(tmp_path):
    splits = tiny_splits()
    soft = Example(("Qarl",), soft_labels=({"B-PER": 0.5, "O": 0.5},), origin="x.jsonl:7")
    config = tiny_config(tmp_path / "run", model=replace(TINY_MODEL, scheme="bioes"))
    with pytest.raises(UsageError, match=r"^x\.jsonl:7: soft labels are those that .*, of the scheme bioes"):
        train(config, splits=replace(splits, train=[*splits.train, soft]))
    odd = replace(soft, soft_labels=({"Q-PER": 0.5, "O": 0.5},))
    with pytest.raises(LabelError, match=r"^x\.jsonl:7: soft_labels: "):
        train(tiny_config(tmp_path / "run"), splits=replace(splits, train=[*splits.train, odd]))


def test_without_any_label_the_scheme_has_to_be_named(tmp_path):
    splits = tiny_splits()
    soft = [Example((f"w{i}", "Bo"), soft_labels=({"O": 1.0}, {"B-PER": 0.7, "O": 0.3})) for i in range(8)]
    dev = [Example(("x", "Bo"), ("O", "B-PER"))]
    with pytest.raises(UsageError, match=r"data\.scheme: expected the scheme of the soft labels by name"):
        train(tiny_config(tmp_path / "run"), splits=Splits(soft, dev))
    tagger = train(tiny_config(tmp_path / "run", data=DataConfig(scheme="iob2")), splits=Splits(soft, dev))
    assert tagger.labels == ("O", "B-PER", "I-PER")
    del splits


def test_dev_and_test_need_labels(tmp_path):
    splits = tiny_splits()
    soft = Example(("Bo",), soft_labels=({"O": 1.0},), origin="x.jsonl:7")
    with pytest.raises(
        DataError, match=r"^x\.jsonl:7: expected a labelled sentence in the dev split, found no labels"
    ):
        train(tiny_config(tmp_path / "run"), splits=replace(splits, dev=[*splits.dev, soft]))


@pytest.mark.slow
def test_a_student_of_a_student_has_the_optimiser_it_is_given(tmp_path):
    """A teacher is no part of the student's folder: the model alone is saved."""
    teacher = save_teacher(tmp_path)
    config = tiny_config(
        tmp_path / "run", teacher=TeacherConfig(models=[teacher]), optimizer=OptimizerConfig(ema_decay=0.0)
    )
    student = train(config, splits=tiny_splits())
    assert len(student.parts.members) == 1
    assert sorted(path.name for path in (tmp_path / "run" / "model").iterdir()) == sorted(
        path.name for path in (tmp_path / "teacher" / "model").iterdir()
    )


@pytest.mark.parametrize(
    ("soft", "found"),
    [
        (({"I-PER": 1.0}, {"O": 1.0}, None), "I-PER"),
        (({"O": 1.0}, {"I-PER": 1.0}, None), "I-PER"),
        (({"B-LOC": 1.0}, {"I-PER": 1.0}, {"O": 1.0}), "I-PER"),
        (({"O": 1.0}, {"I-LOC": 0.5, "I-PER": 0.5}, {"O": 1.0}), "I-LOC, I-PER"),
    ],
)
def test_labels_that_leave_no_legal_labelling_are_told_with_their_line(soft, found):
    example = Example(TOKENS, soft_labels=soft, origin="x.jsonl:3")
    for teacher in (None, teacher_of(tiny_tagger())):
        if teacher is not None and None not in soft:
            continue
        with pytest.raises(DataError) as error:
            counts_to_learn([example], LABELS, CONSTRAINTS, TeacherConfig(), teacher)
        assert str(error.value) == (
            f"x.jsonl:3: expected a label that the scheme allows beside those of other tokens, found {found}"
        )


def test_unknown_labels_beside_known_ones_that_fit_are_legal():
    for soft in ((None, {"I-PER": 1.0}, None), ({"B-PER": 1.0}, None, {"I-PER": 1.0})):
        assert (
            counts_to_learn([Example(TOKENS, soft_labels=soft)], LABELS, CONSTRAINTS, TeacherConfig(), None)
            is None
        )


def run_with_soft(tmp_path, *soft, **options):
    splits = tiny_splits()
    return train(
        tiny_config(tmp_path / "run", epochs=1, **options),
        splits=replace(splits, train=[*splits.train, *soft]),
    )


@pytest.mark.slow
def test_a_model_and_soft_labels_are_two_teachers(tmp_path):
    teacher = save_teacher(tmp_path)
    soft = Example(("Qarl",), soft_labels=({"B-PER": 0.5, "O": 0.5},))
    with pytest.raises(
        UsageError, match=r"teacher\.models: training sentences have soft labels, too; expected one"
    ):
        run_with_soft(tmp_path, soft, teacher=TeacherConfig(models=teacher))
    run_with_soft(
        tmp_path,
        Example(("Qarl",), soft_labels=({"B-PER": 1.0},)),
        Example(("a", "b"), soft_labels=(None, {"O": 1.0})),
    )


def test_types_that_no_sentence_has_are_no_labels(tmp_path):
    soft = Example(("Qarl",), soft_labels=({"B-PERS": 0.5, "O": 0.5},), origin="x.jsonl:9")
    with pytest.raises(
        LabelError, match=r"^x\.jsonl:9: soft_labels: expected a label of the labelled .* found 'B-PERS'"
    ):
        run_with_soft(tmp_path, soft)
    never = Example(("Qarl",), soft_labels=({"B-PERS": 0.0, "O": 1.0},))
    assert "B-PERS" not in run_with_soft(tmp_path, never).labels


def test_sentences_of_which_nothing_is_known_are_left_out(tmp_path, caplog):
    tagger = run_with_soft(tmp_path, Example(("Qarl",), soft_labels=(None,)))
    assert "left out: 1 sentence of which no label is known" in caplog.text
    assert not tagger.in_vocabulary("Qarl")
    nothing = Splits([Example(("Qarl",), soft_labels=(None,))], tiny_splits().dev)
    with pytest.raises(
        DataError, match=r"^data\.train: expected sentences of which something is known, found none"
    ):
        train(tiny_config(tmp_path / "nothing"), splits=nothing)


@pytest.mark.slow
def test_of_sentences_of_which_nothing_is_known_a_teacher_says_something(tmp_path):
    teacher = TeacherConfig(models=save_teacher(tmp_path))
    tagger = run_with_soft(tmp_path, Example(("Qarl",), soft_labels=(None,)), teacher=teacher)
    assert tagger.in_vocabulary("Qarl")


def test_spans_and_plain_labels_are_different_things(tmp_path):
    teacher = TeacherConfig(models=save_teacher(tmp_path))
    with pytest.raises(
        UsageError, match=r"gives spans, such as .*; the training sentences have plain labels"
    ):
        train(tiny_config(tmp_path / "run", teacher=teacher), splits=tiny_splits(column=1))


def test_a_share_of_the_data_is_one_of_soft_labels_too(tmp_path):
    soft = [Example((f"Qarl{'abcdefgh'[i]}",), soft_labels=({"B-PER": 0.5, "O": 0.5},)) for i in range(8)]
    run_with_soft(tmp_path, *soft, data=DataConfig(train_fraction=0.5))
    sentences = json.loads((tmp_path / "run" / "metrics.json").read_text())["sentences"]
    assert (sentences["train"], sentences["without_labels"]) == (12, 4)
    all_soft = Splits(soft, tiny_splits().dev)
    data = DataConfig(train_fraction=0.5, scheme="iob2", unseen_labels="wrong")
    train(tiny_config(tmp_path / "soft", epochs=1, data=data), splits=all_soft)
    assert json.loads((tmp_path / "soft" / "metrics.json").read_text())["sentences"]["train"] == 0


def test_weights_count_only_beside_labels(tmp_path):
    soft = [Example(("Qarl",), soft_labels=({"B-PER": 0.5, "O": 0.5},))]
    config = tiny_config(
        tmp_path / "run",
        data=DataConfig(scheme="iob2", unseen_labels="wrong"),
        teacher=TeacherConfig(weight=0.7),
    )
    with pytest.raises(
        UsageError, match=r"teacher\.weight: has no effect, since no sentence has labels besides"
    ):
        train(config, splits=Splits(soft, tiny_splits().dev))


def test_replayed_sentences_have_labels(tmp_path):
    splits = replace(tiny_splits(), replay=[Example(("Qarl",), soft_labels=({"O": 1.0},))])
    with pytest.raises((UsageError, DataError)):
        train(tiny_config(tmp_path / "run", init=save_teacher(tmp_path)), splits=splits)


def test_a_teacher_lies_outside_the_run(tmp_path):
    save_teacher(tmp_path, "run")
    config = tiny_config(
        tmp_path / "run", overwrite=True, teacher=TeacherConfig(models=tmp_path / "run" / "model")
    )
    with pytest.raises(UsageError, match=r"teacher\.models: .* lies in the run's own folder"):
        train(config, splits=tiny_splits())


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"models": []}, "teacher.models: expected a path at least, found none"),
        ({"models": ["a", "a"]}, "teacher.models: expected each path once"),
        ({"models": "a", "text": ["b", "b"]}, "teacher.text: expected each path once"),
    ],
)
def test_paths_are_some_and_different(options, reason):
    with pytest.raises(UsageError) as error:
        TeacherConfig(**options)
    assert str(error.value).startswith(reason)


def test_types_that_o_leaves_open_are_not_taught(tmp_path):
    teacher = save_teacher(tmp_path)
    one_type = [
        replace(each, labels=tuple(label if label.endswith("-PER") else "O" for label in each.labels or ()))
        for each in tiny_splits().train
    ]
    config = tiny_config(
        tmp_path / "run", init=teacher, init_partial=True, teacher=TeacherConfig(models=teacher)
    )
    with pytest.raises(
        UsageError, match=r"^teacher: sentences in which O leaves types open, as with init_partial"
    ):
        train(config, splits=Splits(one_type, one_type[:8]))


def test_text_holds_sentences(tmp_path):
    teacher = save_teacher(tmp_path)
    (tmp_path / "empty.txt").write_text("\n")
    config = tiny_config(tmp_path / "run", teacher=TeacherConfig(models=teacher, text=tmp_path / "empty.txt"))
    with pytest.raises(DataError, match=r"empty\.txt: expected sentences for the teacher, found none"):
        train(config, splits=tiny_splits())


def test_parquet_files_are_refused_with_the_way_that_works(tmp_path):
    pa, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    rows = [{"tokens": ["Bo"], "labels": ["B-PER"], "soft_labels": [{"B-PER": 1.0}]}]
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    with pytest.raises(
        DataError, match=r"found probabilities of labels in the column 'soft_labels', which are read of"
    ):
        train(tiny_config(tmp_path / "run", data=DataConfig(train=tmp_path / "a.parquet")))
