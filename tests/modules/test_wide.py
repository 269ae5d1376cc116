"""WideEmissions: sums of rows, what dropout leaves out, and what learns."""

from __future__ import annotations

import pytest
import torch

from tagger.modules.wide import WideEmissions

ROWS = torch.tensor([[[1, 2, 0], [3, 0, 0]], [[0, 0, 0], [4, 4, 1]]])


def build(num_rows=5, *, feature_dropout=0.0, path_dropout=0.0):
    torch.manual_seed(0)
    wide = WideEmissions(num_rows, 2, feature_dropout=feature_dropout, path_dropout=path_dropout)
    with torch.no_grad():
        wide.weights.weight[1:] = torch.arange(2.0, 2 * num_rows).view(-1, 2)
    return wide


def test_weights_are_zero_at_first():
    wide = WideEmissions(5, 2, feature_dropout=0.3, path_dropout=0.3)
    assert not wide.weights.weight.any()
    assert not wide(ROWS).any()


@pytest.mark.parametrize("training", [True, False])
def test_a_token_gets_the_sum_of_its_rows(training):
    # Rows 1 to 4 hold 2 3, 4 5, 6 7 and 8 9.
    expected = torch.tensor([[[6.0, 8.0], [6.0, 7.0]], [[0.0, 0.0], [18.0, 21.0]]])
    assert torch.equal(build().train(training)(ROWS), expected)


def test_no_feature_learns_nothing():
    wide = build()
    wide(ROWS).sum().backward()
    assert wide.weights.weight.grad.tolist() == [[0, 0], [2, 2], [1, 1], [1, 1], [2, 2]]


def test_dropped_features_give_and_learn_nothing_and_the_others_count_for_them():
    wide = build(num_rows=1002, feature_dropout=0.25)
    rows = torch.arange(1, 1001).view(1, 1, 1000)
    with torch.no_grad():
        wide.weights.weight[1:] = 1.0
    emissions = wide(rows)
    emissions.sum().backward()
    learned = wide.weights.weight.grad[1:1001, 0]
    assert sorted(set(learned.tolist())) == pytest.approx([0, 1 / 0.75])
    assert (learned == 0).float().mean().item() == pytest.approx(0.25, abs=0.05)
    assert emissions[0, 0, 0].item() == pytest.approx(learned.sum().item(), rel=1e-5)


def test_the_path_is_left_out_for_whole_sentences():
    wide = build(path_dropout=0.25)
    emissions = wide(ROWS[1:].expand(2000, -1, -1))
    dropped = (emissions == 0).all(dim=2).all(dim=1)
    assert dropped.float().mean().item() == pytest.approx(0.25, abs=0.05)
    assert torch.equal(emissions[~dropped][0], build().eval()(ROWS)[1])
    assert (emissions[~dropped] == emissions[~dropped][0]).all()


def test_nothing_is_left_out_outside_of_training():
    wide = build(feature_dropout=0.9, path_dropout=0.9).eval()
    assert torch.equal(wide(ROWS), build().eval()(ROWS))


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", [(0, 0, 3), (2, 0, 3)])
def test_batches_without_tokens(shape, training):
    wide = build(feature_dropout=0.5, path_dropout=0.5).train(training)
    assert wide(torch.zeros(shape, dtype=torch.int64)).shape == (*shape[:2], 2)


def test_training_reads_rows_of_features_that_are_kept_alone():
    read = []
    wide = build(feature_dropout=0.5, path_dropout=0.5)
    wide.weights.register_forward_hook(lambda module, ids, result: read.extend(ids[0].tolist()))
    sentences = torch.arange(1, 5).view(4, 1, 1)  # each has a row of its own
    for seed in range(20):
        torch.manual_seed(seed)
        read.clear()
        emissions = wide(sentences)
        assert read == [row for row in range(1, 5) if emissions[row - 1].any()]


def test_features_that_are_all_left_out_give_and_learn_nothing():
    wide = build(path_dropout=1 - 1e-9)
    emissions = wide(ROWS)
    emissions.sum().backward()
    assert emissions.shape == (2, 2, 2)
    assert not emissions.any()
    assert not wide.weights.weight.grad.any()


def test_elsewhere_than_on_a_cpu_the_sums_are_the_same():
    of_kept, weighted = (
        build(feature_dropout=0.5, path_dropout=0.5),
        build(feature_dropout=0.5, path_dropout=0.5),
    )
    rows = torch.randint(0, 5, (20, 3, 4))
    torch.manual_seed(0)
    emissions = of_kept(rows)
    emissions.sum().backward()
    torch.manual_seed(0)
    others = weighted._weighted_sums(rows.flatten(0, 1), weighted._kept(rows).flatten(0, 1))
    others.sum().backward()
    assert emissions.any()
    assert not emissions.all()
    torch.testing.assert_close(others.view(20, 3, 2), emissions)
    torch.testing.assert_close(weighted.weights.weight.grad, of_kept.weights.weight.grad)
