"""Partly marked sentences: what O stands for, the loss over all that agrees with it, and what is scored."""

from __future__ import annotations

import itertools
import logging

import numpy as np
import pytest
import torch
from present import present
from tiny_runs import modules_made, tiny_config, tiny_splits

from tagger import Example
from tagger.config import TaggerConfig
from tagger.errors import LabelError, UsageError
from tagger.features.vocabulary import LabelVocabulary
from tagger.modules.crf import LinearChainCRF
from tagger.schemes import LabelScheme, scheme_labels
from tagger.training import Splits, train
from tagger.training.partial import label_sets

LABELS = LabelVocabulary(scheme_labels(["LOC", "PER"], LabelScheme.IOB2))  # O, B-LOC, I-LOC, B-PER, I-PER


def test_labels_stand_for_themselves_and_o_for_what_is_not_marked_in_its_group():
    sets = label_sets(LABELS, LabelScheme.IOB2, [{"PER"}, {"LOC", "PER"}])
    np.testing.assert_array_equal(sets[:5], np.eye(5, dtype=bool))
    assert sets[5].tolist() == [True, False, False, True, True]
    assert sets[6].tolist() == [True] * 5


def test_the_loss_is_that_of_all_labellings_that_agree_with_what_is_marked():
    torch.manual_seed(1)
    crf = LinearChainCRF(3).double()
    emissions = torch.randn(1, 3, 3, dtype=torch.float64)
    sets = torch.tensor([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1]], dtype=torch.bool)
    mask = torch.ones(1, 3, dtype=torch.bool)
    loss = crf.loss(emissions, torch.tensor([[3, 1, 3]]), mask, label_sets=sets)

    def score(path):
        total = crf.start_transitions[path[0]] + crf.end_transitions[path[-1]]
        total = total + sum(emissions[0, t, label] for t, label in enumerate(path))
        return (total + sum(crf.transitions[a, b] for a, b in itertools.pairwise(path))).exp()

    agreeing = sum(score(path) for path in itertools.product((0, 2), (1,), (0, 2)))
    everything = sum(score(path) for path in itertools.product(range(3), repeat=3))
    torch.testing.assert_close(loss[0], -(agreeing / everything).log())


def test_padding_counts_for_nothing():
    crf = LinearChainCRF(2).double()
    sets = torch.tensor([[1, 0], [0, 1], [1, 1]], dtype=torch.bool)
    emissions = torch.randn(2, 2, 2, dtype=torch.float64)
    mask = torch.tensor([[True, True], [True, False]])
    labels = torch.tensor([[2, 1], [2, -100]])
    loss = crf.loss(emissions, labels, mask, label_sets=sets)
    alone = crf.loss(emissions[1:, :1], labels[1:, :1], mask[1:, :1], label_sets=sets)
    torch.testing.assert_close(loss[1:], alone)
    torch.testing.assert_close(alone, torch.zeros(1, dtype=torch.float64))  # everything is possible


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    folder = tmp_path_factory.mktemp("first") / "run"
    train(tiny_config(folder), splits=tiny_splits())
    return folder


DRUGS = [Example(("Anna", "takes", "aspirin"), ("O", "O", "B-DRUG"))] * 3


def go_on(first, tmp_path, splits, **options):
    config = tiny_config(tmp_path / "second", model=TaggerConfig(), init=first / "model", **options)
    return train(config, splits=splits)


def test_o_leaves_open_what_train_and_replay_do_not_mark(first, tmp_path, monkeypatch):
    made = modules_made(monkeypatch)
    go_on(first, tmp_path, Splits(DRUGS, replay=tiny_splits().train), init_partial=True)
    sets = present(made[0].model.label_sets)
    labels = ["O", *(f"{letter}-{kind}" for kind in ("DRUG", "LOC", "MISC", "ORG", "PER") for letter in "BI")]
    assert [labels[i] for i in torch.where(sets[len(labels)])[0]] == [
        label for label in labels if not label.endswith("DRUG")
    ]
    assert [labels[i] for i in torch.where(sets[len(labels) + 1])[0]] == ["O", "B-DRUG", "I-DRUG"]


def test_without_it_o_in_new_sentences_means_none_of_the_types_and_a_warning_says_so(
    first, tmp_path, monkeypatch, caplog
):
    made = modules_made(monkeypatch)
    with caplog.at_level(logging.WARNING, "tagger"):
        go_on(first, tmp_path, Splits(DRUGS))
    assert made[0].model.label_sets is None
    assert [record.getMessage() for record in caplog.records if "O in them" in record.getMessage()] == [
        "the training sentences have no LOC, MISC, ORG, PER: O in them is read as saying so. If nobody looked for "
        "these types, pass init_partial=True"
    ]


def test_dev_sentences_set_aside_are_scored_by_the_types_that_they_mark(first, tmp_path):
    data = go_on(first, tmp_path, Splits(DRUGS * 4), init_partial=True).labels
    assert "B-PER" in data
    from tagger.training.config import DataConfig, RunConfig
    from tagger.training.data import prepare
    from tagger.training.starting import StartingModel

    start = StartingModel.load(RunConfig("x", init=first / "model", init_partial=True))
    other = [Example(("Anna", "has", "flu"), ("O", "O", "B-DISEASE"))] * 2
    prepared = prepare(
        Splits([*DRUGS, *other], DRUGS), DataConfig(), inner_scheme="iob2", seed=1, start=start
    )
    assert prepared.unmarked["dev"] == {"LOC", "MISC", "ORG", "PER"}  # diseases were looked for
    assert prepared.identity["not_scored"] == {"dev": ["LOC", "MISC", "ORG", "PER"]}
    prepared = prepare(Splits(DRUGS * 4), DataConfig(), inner_scheme="iob2", seed=1, start=start)
    assert prepared.unmarked["dev"] == {"LOC", "MISC", "ORG", "PER"}
    assert prepared.comparable("dev", [["B-PER", "I-PER", "B-DRUG"]]) == [["O", "O", "B-DRUG"]]


def test_it_is_an_error_where_it_has_no_effect(first, tmp_path):
    with pytest.raises(
        UsageError, match=r"^init_partial: has no effect, since the training sentences have all types"
    ):
        go_on(first, tmp_path, tiny_splits(), init_partial=True)
    with pytest.raises(UsageError, match=r"^init_partial: has no effect without init$"):
        tiny_config(tmp_path / "run", init_partial=True)


def test_replayed_sentences_with_plain_labels_are_an_error(first, tmp_path):
    with pytest.raises(
        LabelError, match=r"^replay: expected labels like those of the training data, of the scheme"
    ):
        go_on(first, tmp_path, Splits(DRUGS, replay=[Example(("a", "b"), ("NOUN", "VERB"))]))
