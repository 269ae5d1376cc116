"""The order of training batches: complete, a function of seed and epoch, shared out evenly to devices."""

from __future__ import annotations

import numpy as np
import pytest

from tagger.training.batches import TrainingOrder, usual_batch_size


def order(num_sentences=10, **options):
    settings = {"batch_size": 3, "batch_tokens": 100, "pool": 2, "seed": 1, **options}
    return TrainingOrder(np.arange(num_sentences) % 4 + 1, **settings)


def members(batches):
    return sorted(i for batch in batches for i in batch)


def test_every_epoch_has_every_sentence_once_in_another_order():
    epochs = [order().batches(epoch) for epoch in range(5)]
    assert all(members(batches) == list(range(10)) for batches in epochs)
    assert len({str(batches) for batches in epochs}) == 5


def test_the_order_depends_on_seed_and_epoch_alone():
    assert order().batches(3) == order().batches(3)
    assert order().batches(3) != order(seed=2).batches(3)


def test_batch_size_batch_tokens_and_pool_each_have_an_effect():
    assert max(map(len, order(batch_size=2).batches(0))) == 2
    assert max(map(len, order(batch_size=10, batch_tokens=4, pool=1).batches(0))) <= 4
    assert order(num_sentences=100, pool=1).batches(0) != order(num_sentences=100, pool=30).batches(0)


def test_epoch_starts_count_the_steps_before_each_epoch():
    assert order().epoch_starts(3)[0] == 0
    lengths = [len(order().batches(epoch)) for epoch in range(3)]
    assert order().epoch_starts(3) == [0, lengths[0], sum(lengths[:2]), sum(lengths)]


@pytest.mark.parametrize("num_devices", [2, 3, 4])
@pytest.mark.parametrize("num_sentences", [1, 2, 10])
def test_devices_get_equally_many_batches_and_together_all_sentences(num_devices, num_sentences):
    shared = order(num_sentences, num_devices=num_devices)
    parts = [shared.batches(0, rank) for rank in range(num_devices)]
    assert len({len(part) for part in parts}) == 1
    assert len(parts[0]) == shared.epoch_starts(1)[-1]
    assert {i for part in parts for i in members(part)} == set(range(num_sentences))


@pytest.mark.parametrize(
    ("num_sentences", "epochs", "num_devices", "expected"),
    [(1, 1, 1, 8), (4000, 10, 1, 8), (10_000, 10, 1, 20), (10_000, 10, 2, 10), (10**6, 10, 1, 32)],
)
def test_usual_batches_leave_five_thousand_steps_within_bounds(num_sentences, epochs, num_devices, expected):
    assert usual_batch_size(num_sentences, epochs=epochs, num_devices=num_devices) == expected


def replaying(num_new, num_earlier, drawn):
    return order(num_sentences=num_new + num_earlier, replay=num_earlier, drawn=drawn)


def test_each_epoch_has_all_new_sentences_and_some_of_the_earlier_ones():
    epochs = [members(replaying(4, 10, 3).batches(epoch)) for epoch in range(10)]
    for epoch in epochs:
        assert epoch[:4] == [0, 1, 2, 3]
        assert len(epoch) == 7
        assert all(4 <= member < 14 for member in epoch[4:])
    assert len({str(epoch) for epoch in epochs}) > 5
    # Ten epochs draw three times from ten: each of them three times.
    drawn = [member for epoch in epochs for member in epoch[4:]]
    assert sorted(drawn) == sorted(list(range(4, 14)) * 3)


def test_all_earlier_sentences_can_be_drawn_and_none():
    assert members(replaying(2, 3, 3).batches(1)) == [0, 1, 2, 3, 4]
    assert members(replaying(2, 0, 0).batches(1)) == [0, 1]
