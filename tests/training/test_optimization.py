"""Optimisers and literal learning rates."""

from __future__ import annotations

import pytest
import torch

from tagger.training import OptimizerConfig
from tagger.training.optimization import build_optimizer, learning_rate_factor
from tagger.training.rowwise import RowwiseAdam


def factors(config, epoch_starts):
    factor = learning_rate_factor(config, epoch_starts=epoch_starts)
    return [factor(step) for step in range(epoch_starts[-1] + 1)]


def test_linear_rises_to_the_full_rate_and_falls_to_zero_behind_the_last_step():
    # 20 steps: the warm-up takes a tenth of them, since 100 would be too many
    rates = factors(OptimizerConfig(), [0, 10, 20])
    assert rates[:3] == [0.5, 1.0, 1.0]
    assert rates[11] == 0.5
    assert rates[19] == pytest.approx(1 / 18)
    assert rates[20] == 0.0


def test_warm_up_takes_as_many_steps_as_asked_for_where_the_run_is_long_enough():
    rates = factors(OptimizerConfig(schedule="constant", warmup_steps=4), [0, 50, 100])
    assert rates[:6] == [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]
    assert rates[-1] == 1.0


def test_without_warm_up_the_first_step_is_at_the_full_rate():
    assert factors(OptimizerConfig(warmup_steps=0), [0, 4]) == [1.0, 0.75, 0.5, 0.25, 0.0]


def test_inverse_divides_by_one_plus_decay_times_epoch_also_where_epochs_differ_in_length():
    config = OptimizerConfig(schedule="inverse", decay=0.5, warmup_steps=0)
    assert factors(config, [0, 2, 5, 6])[:6] == [1, 1, 1 / 1.5, 1 / 1.5, 1 / 1.5, 1 / 2]


def one_step(config):
    weight = torch.nn.Parameter(torch.tensor([1.0, -2.0]))
    optimizer = build_optimizer(config, [weight], [], fused=True)
    for _ in range(2):
        optimizer.zero_grad()
        weight.backward(torch.tensor([0.5, 0.5]))
        optimizer.step()
    return weight.detach()


@pytest.mark.parametrize(
    ("config", "oracle"),
    [
        (OptimizerConfig(learning_rate=0.1), lambda p: torch.optim.Adam(p, lr=0.1)),
        (
            OptimizerConfig(learning_rate=0.1, weight_decay=0.2),
            lambda p: torch.optim.Adam(p, lr=0.1, weight_decay=0.2),
        ),
        (
            OptimizerConfig(name="adamw", learning_rate=0.1, weight_decay=0.2),
            lambda p: torch.optim.AdamW(p, lr=0.1, weight_decay=0.2),
        ),
        (
            OptimizerConfig(name="nadam", learning_rate=0.1, weight_decay=0.2),
            lambda p: torch.optim.NAdam(p, lr=0.1, weight_decay=0.2),
        ),
    ],
)
def test_each_optimizer_is_the_one_it_is_called(config, oracle):
    weight = torch.nn.Parameter(torch.tensor([1.0, -2.0]))
    optimizer = oracle([weight])
    for _ in range(2):
        optimizer.zero_grad()
        weight.backward(torch.tensor([0.5, 0.5]))
        optimizer.step()
    torch.testing.assert_close(one_step(config), weight.detach())


def test_sgd_with_momentum_and_decay_by_hand():
    # w=1: velocity .5+.1*1=.6, w=.94; velocity .9*.6+.5+.1*.94=1.134, w=.8266
    moved = one_step(OptimizerConfig(name="sgd", learning_rate=0.1, momentum=0.9, weight_decay=0.1))
    assert moved[0].item() == pytest.approx(0.8266)


def test_only_adam_without_decay_computes_by_rows():
    embedding = torch.nn.Embedding(4, 2)
    weights = list(embedding.parameters())
    for config, by_rows in (
        (OptimizerConfig(), True),
        (OptimizerConfig(weight_decay=0.1), False),
        (OptimizerConfig(name="adamw"), False),
        (OptimizerConfig(name="nadam"), False),
        (OptimizerConfig(name="sgd"), False),
    ):
        optimizer = build_optimizer(config, weights, [embedding], fused=True)
        assert isinstance(optimizer, RowwiseAdam) == by_rows
    assert type(build_optimizer(OptimizerConfig(), weights, [], fused=True)) is torch.optim.Adam
