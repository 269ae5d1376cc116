"""Gradient norms: what is clipped, to what, and what an epoch's norms come to."""

from __future__ import annotations

import math

import pytest
import torch

from tagger.training.gradients import clip_gradient, norms_summary


def with_gradients(*gradients):
    parameters = [torch.nn.Parameter(torch.zeros_like(gradient)) for gradient in gradients]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient.clone()
    return parameters


@pytest.mark.parametrize(("clip_norm", "factor"), [(0.0, 1), (6.5, 0.5), (13.0, 1), (20.0, 1)])
def test_the_whole_gradient_is_shortened_alike_and_the_norm_is_that_before(clip_norm, factor):
    gradients = [torch.tensor([[3.0, 0.0], [0.0, 4.0]]), torch.tensor([12.0])]  # 3² + 4² + 12² = 13²
    parameters = with_gradients(*gradients)
    assert clip_gradient(parameters, clip_norm).item() == pytest.approx(13)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        torch.testing.assert_close(parameter.grad, gradient * factor)


def test_what_has_no_gradient_is_passed_over():
    parameters = with_gradients(torch.tensor([6.0, 8.0]))
    frozen = torch.nn.Parameter(torch.ones(3))
    assert clip_gradient([frozen, *parameters], 5.0).item() == pytest.approx(10)
    assert frozen.grad is None
    assert clip_gradient([frozen], 5.0).item() == 0


def test_an_epoch_has_mean_and_maximum_and_shares_of_its_steps():
    summary = norms_summary(torch.tensor([1.0, 5.0, 6.0, 8.0]), 5.0)
    assert summary == {
        "gradient_norm": 5.0,
        "gradient_norm_max": 8.0,
        "clipped_steps": 0.5,
        "nonfinite_steps": 0.0,
    }


def test_without_clipping_no_share_is_told():
    assert norms_summary(torch.tensor([3.0]), 0.0) == {
        "gradient_norm": 3.0,
        "gradient_norm_max": 3.0,
        "nonfinite_steps": 0.0,
    }


def test_norms_that_are_not_finite_are_counted_apart():
    norms = torch.tensor([math.nan, 2.0, math.inf, 6.0, 4.0])
    summary = norms_summary(norms, 5.0)
    assert summary["gradient_norm"] == 4.0
    assert summary["gradient_norm_max"] == 6.0
    assert summary["clipped_steps"] == pytest.approx(1 / 5)
    assert summary["nonfinite_steps"] == pytest.approx(2 / 5)
    assert norms_summary(norms[:1], 5.0) == {"clipped_steps": 0.0, "nonfinite_steps": 1.0}
