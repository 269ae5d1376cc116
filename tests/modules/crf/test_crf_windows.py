"""Windows: the probability of labels within a stretch equals that of a mask over the whole sentence."""

import math
import re

import numpy as np
import pytest
import torch
from crf_oracles import GAPS, random_scores

from tagger.modules.crf import LinearChainCRF, crf_partial_log_likelihood, crf_window_log_likelihood


def make_windows(seed, mask, num_labels, count=40, width=4):
    """Windows all over a batch, and the same as masks over whole sentences."""
    random = np.random.default_rng(seed)
    lengths = mask.sum(1).tolist()
    rows = random.choice([row for row, length in enumerate(lengths) if length], size=count)
    starts = np.array([random.integers(0, lengths[row]) for row in rows])
    label_mask = torch.tensor(random.random((count, width, num_labels)) < 0.6)
    whole = torch.ones(count, mask.shape[1], num_labels, dtype=torch.bool)
    for window, (row, start) in enumerate(zip(rows, starts, strict=True)):
        positions = mask[row].nonzero()[:, 0].tolist()[start : start + width]
        for step, position in enumerate(positions):
            whole[window, position] = label_mask[window, step]
    return torch.tensor(rows), torch.tensor(starts), label_mask, whole


@pytest.mark.parametrize("scale", [1.0, 300.0])
@pytest.mark.parametrize("constraints", [None, GAPS], ids=["free", "constrained"])
@pytest.mark.parametrize("by_step", [False, True], ids=["static", "by_step"])
def test_a_window_has_the_probability_of_its_mask_over_the_whole_sentence(by_step, constraints, scale):
    emissions, transitions, start, end = random_scores(0, 5, 9, 3, by_step=by_step)
    emissions = emissions * scale
    mask = torch.tensor(np.random.default_rng(1).random((5, 9)) < 0.7)
    mask[0], mask[1] = True, False
    emissions[~mask] = math.nan
    rows, starts, label_mask, whole = make_windows(2, mask, 3)
    found = crf_window_log_likelihood(
        emissions, rows, starts, label_mask, transitions, start, end, mask, constraints=constraints
    )
    expected = crf_partial_log_likelihood(
        emissions[rows],
        whole,
        transitions[rows] if by_step else transitions,
        start,
        end,
        mask[rows],
        constraints=constraints,
    )
    assert (found <= 0).all()
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-9)
    if scale == 1.0:
        assert torch.isfinite(found).any()


def test_windows_of_a_very_long_sentence_need_no_more_than_themselves():
    torch.manual_seed(0)
    crf = LinearChainCRF(4)
    emissions = torch.randn(1, 20_000, 4)
    starts = torch.arange(0, 20_000, 5)
    label_mask = torch.zeros(len(starts), 3, 4, dtype=torch.bool)
    label_mask[:, :, 1] = True
    found = crf.window_log_likelihood(emissions, torch.zeros_like(starts), starts, label_mask)
    whole = torch.ones(1, 20_000, 4, dtype=torch.bool)
    whole[0, starts[70] : starts[70] + 3] = label_mask[70]
    with torch.no_grad():
        expected = crf.partial_log_likelihood(emissions, whole)
    assert found[70].item() == pytest.approx(expected.item(), abs=1e-6)
    assert torch.isfinite(found).all()


@pytest.mark.parametrize("by_step", [False, True], ids=["static", "by_step"])
def test_windows_wider_than_every_sentence_of_the_batch(by_step):
    # sentences of one token: there is no transition at all
    emissions, transitions, start, end = random_scores(0, 2, 3, 3, by_step=by_step)
    mask = torch.tensor([[False, True, False], [True, False, False]])
    label_mask = torch.zeros(2, 5, 3, dtype=torch.bool)
    label_mask[:, 0, 1] = True
    numbers = torch.arange(2)
    found = crf_window_log_likelihood(
        emissions, numbers, torch.zeros_like(numbers), label_mask, transitions, start, end, mask
    )
    alone = torch.stack([emissions[0, 1], emissions[1, 0]]) + start + end
    torch.testing.assert_close(found, alone.log_softmax(1)[:, 1])


def test_no_windows_and_windows_without_width():
    crf, emissions = LinearChainCRF(3), torch.randn(2, 4, 3)
    none = torch.zeros(0, dtype=torch.long)
    assert crf.window_log_likelihood(emissions, none, none, torch.ones(0, 2, 3, dtype=torch.bool)).shape == (
        0,
    )
    one = torch.tensor([1])
    assert crf.window_log_likelihood(emissions, one, one, torch.ones(1, 0, 3, dtype=torch.bool)).tolist() == [
        0
    ]


@pytest.mark.parametrize(("row", "start"), [(2, 0), (-1, 0), (0, 4), (1, 2), (1, -1)])
def test_a_window_that_begins_outside_its_sentence_is_named(row, start):
    crf, emissions = LinearChainCRF(3), torch.randn(2, 4, 3)
    mask = torch.tensor([[True, True, True, True], [True, False, True, False]])
    label_mask = torch.ones(2, 2, 3, dtype=torch.bool)
    message = (
        f"window 1: expected to begin within its sentence, found sentence {row}, token {start}, "
        "in a batch of 2 sentences of up to 4 tokens"
    )
    with pytest.raises(ValueError, match="^" + re.escape(message) + "$"):
        crf.window_log_likelihood(
            emissions, torch.tensor([0, row]), torch.tensor([0, start]), label_mask, mask
        )


def test_wrong_shapes_and_types():
    crf, emissions = LinearChainCRF(3), torch.randn(2, 4, 3)
    numbers, label_mask = torch.zeros(2, dtype=torch.long), torch.ones(2, 2, 3, dtype=torch.bool)
    with pytest.raises(ValueError, match=re.escape("starts: expected shape (2,), found (1,)")):
        crf.window_log_likelihood(emissions, numbers, numbers[:1], label_mask)
    with pytest.raises(ValueError, match=re.escape("label_mask: expected shape (2, 2, 3), found (2, 2, 4)")):
        crf.window_log_likelihood(emissions, numbers, numbers, torch.ones(2, 2, 4, dtype=torch.bool))
    with pytest.raises(TypeError, match=re.escape("rows: expected integers, found torch.float32")):
        crf.window_log_likelihood(emissions, numbers.float(), numbers, label_mask)
