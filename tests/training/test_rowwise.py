"""RowwiseAdam: the numbers of torch's Adam and of an average over whole tables, whatever the batches read."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
import torch
from present import present
from torch import nn

from tagger.training.averaging import MovingAverage
from tagger.training.rowwise import CAPACITY, RowwiseAdam

V, D = 30, 4


class Network(nn.Module):
    """A table and a dense layer; in double precision, so that differences are the method's."""

    def __init__(self, *, seed=0, padding=None):
        super().__init__()
        torch.manual_seed(seed)
        self.table = nn.Embedding(V, D, padding_idx=padding)
        self.layer = nn.Linear(D, 3)
        self.double()

    def loss(self, ids, target):
        return ((self.layer(self.table(ids)) - target) ** 2).sum()


def rates(step):
    return 0.01 * (1 + step % 7) / 7


def drawn(step):
    """Ids of shape [2, 3], some of them twice; the upper half of the table only now and then; target noise."""
    generator = torch.Generator().manual_seed(step)
    ids = torch.randint(0, V if step % 50 == 0 else V // 2, (2, 3), generator=generator)
    return ids, torch.randn(2, 3, 3, generator=generator, dtype=torch.float64)


class Pair:
    """The same training twice: by rows, and by torch's Adam with an average over everything."""

    def __init__(self, *, padding=None, averaged=True):
        self.rows, self.dense = Network(padding=padding), Network(padding=padding)
        self.ours = RowwiseAdam(list(self.rows.parameters()), [self.rows.table], lr=0.01)
        self.theirs = torch.optim.Adam(self.dense.parameters(), lr=0.01)
        self.average = self.rows.table.weight.detach().clone()
        self.whole_average = self.average.clone()
        self.decay_at = MovingAverage(0.99).decay_at
        if averaged:
            self.ours.keep_averages({self.rows.table.weight: self.average}, self.decay_at)

    def step(self, step):
        ids, target = drawn(step)
        for network, optimizer in ((self.rows, self.ours), (self.dense, self.theirs)):
            optimizer.param_groups[0]["lr"] = rates(step)
            optimizer.zero_grad()
            network.loss(ids, target).backward()
            optimizer.step()
        self.whole_average.lerp_(self.dense.table.weight.detach(), 1 - self.decay_at(step))

    def assert_equal(self, **tolerance):
        self.ours.catch_up()
        for one, other in zip(self.rows.parameters(), self.dense.parameters(), strict=True):
            torch.testing.assert_close(one, other, **tolerance)
            for name in ("step", "exp_avg", "exp_avg_sq"):
                ours, theirs = (o.state[w][name] for o, w in ((self.ours, one), (self.theirs, other)))
                torch.testing.assert_close(ours, theirs, **tolerance)


# Rows move by 1e-2 or more; what is left is the place of epsilon.
CLOSE: dict[str, Any] = {"rtol": 1e-5, "atol": 1e-6}


@pytest.mark.parametrize("num_steps", [1, 2, 3, 60, 200])
def test_the_numbers_are_those_of_adam_and_of_an_average_over_all_rows(num_steps):
    pair = Pair()
    for step in range(1, num_steps + 1):
        pair.step(step)
    pair.assert_equal(**CLOSE)
    torch.testing.assert_close(pair.average, pair.whole_average, **CLOSE)
    moved = (pair.rows.table.weight - Network().table.weight).abs().amax(dim=1)
    assert (moved > 0).any()
    assert torch.equal(pair.average, pair.rows.table.weight) == (num_steps == 1)


def test_rows_without_a_gradient_move_with_their_momentum_only_when_they_are_read_or_caught_up():
    pair = Pair(averaged=False)
    for step in range(1, 60):
        pair.step(step)
    stale = pair.rows.table.weight.detach().clone()
    unread = torch.ones(V, dtype=torch.bool)
    unread[drawn(60)[0].flatten()] = False
    pair.step(60)
    assert torch.equal(pair.rows.table.weight[unread], stale[unread])
    assert not torch.equal(pair.dense.table.weight[unread], stale[unread])
    pair.assert_equal(**CLOSE)


def test_catching_up_at_any_time_and_as_often_changes_nothing():
    often, never = Pair(), Pair()
    for step in range(1, 40):
        often.step(step)
        never.step(step)
        often.ours.catch_up()
        often.ours.catch_up()
    often.assert_equal(**CLOSE)
    never.assert_equal(**CLOSE)
    torch.testing.assert_close(often.average, never.average, **CLOSE)


@pytest.mark.slow
def test_long_epochs_are_caught_up_on_the_way():
    pair = Pair()
    for step in range(1, CAPACITY + 5):
        pair.step(step)
    assert pair.ours._steps_without_gradient.count == 4
    pair.assert_equal(**CLOSE)
    torch.testing.assert_close(pair.average, pair.whole_average, **CLOSE)


def test_the_row_of_padding_gets_no_gradient():
    pair = Pair(padding=3)
    before = pair.rows.table.weight[3].clone()
    for step in range(1, 30):
        pair.step(step)
    assert any((drawn(step)[0] == 3).any() for step in range(1, 30))
    pair.assert_equal(**CLOSE)
    assert torch.equal(pair.rows.table.weight[3], before)


def test_the_rows_read_carry_the_whole_gradient_of_the_table():
    pair = Pair()
    ids, target = drawn(1)
    pair.rows.loss(ids, target).backward()
    pair.dense.loss(ids, target).backward()
    (rows,) = pair.ours.rows_read
    assert pair.rows.table.weight.grad is None
    torch.testing.assert_close(rows.grad, present(pair.dense.table.weight.grad)[ids.unique()])


def test_a_state_dictionary_goes_on_bit_for_bit_and_is_that_of_adam():
    pair = Pair(averaged=False)
    for step in range(1, 20):
        pair.step(step)
    pair.ours.catch_up()
    other = copy.deepcopy(pair.rows.state_dict())
    network = Network(seed=5)
    network.load_state_dict(other)
    resumed = RowwiseAdam(list(network.parameters()), [network.table], lr=0.01)
    resumed.load_state_dict(copy.deepcopy(pair.ours.state_dict()))
    for step in range(20, 40):
        pair.step(step)
        resumed.param_groups[0]["lr"] = rates(step)
        resumed.zero_grad()
        network.loss(*drawn(step)).backward()
        resumed.step()
    pair.ours.catch_up()
    resumed.catch_up()
    for one, two in zip(pair.rows.parameters(), network.parameters(), strict=True):
        assert torch.equal(one, two)
    pair.theirs.load_state_dict(resumed.state_dict())


def test_a_table_that_a_step_does_not_read_keeps_its_momentum():
    pair = Pair()
    for step in range(1, 5):
        pair.step(step)
    for network, optimizer in ((pair.rows, pair.ours), (pair.dense, pair.theirs)):
        optimizer.zero_grad(set_to_none=False)
        (network.layer.weight**2).sum().backward()
        network.layer.bias.grad = torch.zeros_like(network.layer.bias)
        optimizer.step()
    pair.whole_average.lerp_(pair.dense.table.weight.detach(), 1 - pair.decay_at(5))
    pair.assert_equal(**CLOSE)
    torch.testing.assert_close(pair.average, pair.whole_average, **CLOSE)


def test_reading_twice_before_a_step_is_an_error():
    pair = Pair()
    pair.rows.table(torch.tensor([1]))
    with pytest.raises(RuntimeError, match=re.escape("an embedding was read twice before a step")):
        pair.rows.table(torch.tensor([2]))


def test_ids_that_come_in_order_and_once_give_the_rows_themselves_and_others_the_same_numbers():
    pair = Pair()
    rows = pair.rows.table(torch.tensor([2, 4, 9]))
    assert rows is pair.ours.rows_read[0]
    assert torch.equal(rows, pair.rows.table.weight[[2, 4, 9]])
    for ids in ([4, 2, 9], [2, 2, 9], []):
        pair = Pair()
        read = pair.rows.table(torch.tensor(ids, dtype=torch.int64))
        assert torch.equal(read, pair.rows.table.weight[ids])
        read.sum().backward()
        assert present(pair.ours.rows_read[0].grad).sum() == len(ids) * D


def test_ids_that_come_in_order_and_once_leave_the_row_of_padding_without_a_gradient():
    pair = Pair(padding=3)
    pair.rows.table(torch.tensor([2, 3, 4])).sum().backward()
    assert present(pair.ours.rows_read[0].grad)[:, 0].tolist() == [1, 0, 1]


def test_outside_of_training_and_after_release_the_module_reads_its_table():
    network = Network()
    optimizer = RowwiseAdam(list(network.parameters()), [network.table], lr=0.01)
    ids = torch.tensor([1, 2])
    with torch.no_grad():
        network.table(ids)
    network.eval().table(ids)
    assert optimizer.rows_read == []
    optimizer.release()
    network.train().table(ids).sum().backward()
    assert optimizer.rows_read == []
    assert network.table.weight.grad is not None
