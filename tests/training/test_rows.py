"""Rows read in several parts, made one."""

from __future__ import annotations

import torch

from tagger.training.rows import Rows, merged


def rows(ids, gradient, *, average=True):
    weight, first, second, of_average = (
        (torch.tensor(ids)[:, None] + number).float() for number in (0.0, 0.1, 0.2, 0.3)
    )
    weight.grad = None if gradient is None else torch.tensor(gradient)[:, None]
    return Rows(torch.tensor(ids), weight, first, second, of_average if average else None)


def test_each_row_is_there_once_with_the_sum_of_its_gradients():
    one = merged([rows([1, 5], [1.0, 10.0]), rows([0, 5, 7], [2.0, 20.0, 3.0]), rows([5], [300.0])])
    assert one.ids.tolist() == [0, 1, 5, 7]
    assert one.weight.grad.flatten().tolist() == [2.0, 1.0, 330.0, 3.0]
    expected = rows([0, 1, 5, 7], None)
    for copy, other in zip(one[1:], expected[1:], strict=True):
        assert torch.equal(copy, other)


def test_parts_without_a_gradient_or_an_average_have_none_to_add():
    one = merged([rows([1, 5], None, average=False), rows([5], [4.0], average=False)])
    assert one.weight.grad.flatten().tolist() == [0.0, 4.0]
    assert one.average is None
