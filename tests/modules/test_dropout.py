"""Tests of tagger/modules/dropout.py: batchwise dropout."""

import pytest
import torch

from tagger.errors import UsageError
from tagger.modules.dropout import BatchDropout


def test_batch_dropout_keeps_the_same_number_of_scaled_columns_and_says_which():
    dropout = BatchDropout(0.4)
    torch.manual_seed(0)
    inputs = torch.randn(7, 5)
    seen = set()
    for _ in range(200):
        kept, columns = dropout(inputs)
        assert kept.shape == (7, 3)
        assert columns.tolist() == sorted(set(columns.tolist()))
        torch.testing.assert_close(kept, inputs[:, columns] * (5 / 3))
        seen.add(tuple(columns.tolist()))
    assert len(seen) == 10  # of 5 columns 3, all the ways there are


def test_batch_dropout_keeps_every_column_equally_often_so_that_the_mean_is_the_input():
    torch.manual_seed(3)
    dropout = BatchDropout(0.5)
    total = torch.zeros(9)
    for _ in range(4000):
        kept, columns = dropout(torch.ones(1, 9))
        total[columns] += kept[0]
    torch.testing.assert_close(total / 4000, torch.ones(9), atol=0.08, rtol=0)


def test_batch_dropout_is_nothing_outside_of_training_and_at_rate_0():
    inputs = torch.randn(2, 4)
    for dropout in (BatchDropout(0.5).eval(), BatchDropout(0.0)):
        kept, columns = dropout(inputs)
        assert kept is inputs
        assert columns is None


def test_batch_dropout_leaves_a_single_column():
    kept, columns = BatchDropout(0.9)(torch.ones(2, 3))
    assert columns.shape == (1,)
    torch.testing.assert_close(kept, torch.full((2, 1), 3.0))


@pytest.mark.parametrize("rate", [-0.1, 1.0])
def test_batch_dropout_refuses_a_rate_that_is_no_share_below_one(rate):
    with pytest.raises(UsageError, match=r"dropout must be at least 0 and below 1"):
        BatchDropout(rate)
