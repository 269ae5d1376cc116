"""Every function of the CRF against the sum over all labellings, for every mask pattern."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from crf_oracles import GAPS, Enumeration, enumerate_paths, every_mask, is_legal, random_scores

from tagger.modules.crf import (
    TransitionConstraints,
    crf_entropy,
    crf_log_likelihood,
    crf_log_partition,
    crf_marginals,
    crf_nbest_decode,
    crf_pairwise_marginals,
    crf_partial_log_likelihood,
    crf_posterior_decode,
    crf_score,
    crf_viterbi_decode,
)

LENGTH, NUM_LABELS = 5, 3
MASKS = every_mask(LENGTH)
BATCH = len(MASKS)

pytestmark = pytest.mark.parametrize("by_step", [False, True], ids=["static", "by_step"])
backends = pytest.mark.parametrize("backend", ["fast", "reference"])
constrained = pytest.mark.parametrize("constraints", [None, GAPS], ids=["free", "constrained"])


def chains(
    by_step: bool, constraints: TransitionConstraints | None
) -> tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor, torch.Tensor], list[Enumeration]]:
    """The scores of a batch with one row per mask, NaN under it, and the enumeration of each row."""
    emissions, transitions, start, end = random_scores(0, BATCH, LENGTH, NUM_LABELS, by_step=by_step)
    oracles = [
        enumerate_paths(
            emissions[row], transitions[row] if by_step else transitions, start, end, MASKS[row], constraints
        )
        for row in range(BATCH)
    ]
    return torch.where(MASKS[..., None], emissions, math.nan), (transitions, start, end), oracles


def close(found, expected):
    torch.testing.assert_close(found, torch.tensor(np.asarray(expected)), rtol=0, atol=1e-12)


@backends
@constrained
def test_log_partition_is_the_log_of_the_sum_over_all_labellings(by_step, constraints, backend):
    emissions, scores, oracles = chains(by_step, constraints)
    found = crf_log_partition(emissions, *scores, MASKS, constraints=constraints, backend=backend)
    close(found, [oracle.log_z for oracle in oracles])


@backends
@constrained
def test_log_likelihood_of_every_labelling_and_their_sum(by_step, constraints, backend):
    emissions, scores, oracles = chains(by_step, constraints)
    total = torch.zeros(BATCH, dtype=torch.double)
    for code in range(NUM_LABELS**LENGTH):
        path = np.array(np.unravel_index(code, (NUM_LABELS,) * LENGTH))
        # the k-th real token has the k-th label; whatever is masked is -100
        labels = torch.full((BATCH, LENGTH), -100)
        counted = np.zeros(BATCH, dtype=bool)
        expected, expected_score = [], []
        for row, oracle in enumerate(oracles):
            real = len(oracle.positions)
            labels[row, oracle.positions] = torch.tensor(path[:real])
            # each labelling of a short row comes up once with zeros after it
            counted[row] = not path[real:].any()
            key = tuple(path[:real].tolist())
            legal = constraints is None or is_legal(key, constraints)
            score = oracle.scores[oracle.paths.index(key)] if legal else -math.inf
            expected_score.append(score)
            expected.append(score - oracle.log_z)
        if code % 7 == 0:
            arguments = (emissions, labels, *scores, MASKS)
            found = crf_log_likelihood(*arguments, constraints=constraints, backend=backend)
            close(found, np.minimum(expected, 0.0))
            assert (found <= 0).all()
            close(crf_score(*arguments, constraints=constraints), expected_score)
        total += torch.tensor(np.where(counted, np.exp(expected), 0.0))
    close(total, np.ones(BATCH))


@backends
@constrained
def test_partial_log_likelihood_is_the_log_of_the_sum_over_completions(by_step, constraints, backend):
    emissions, scores, oracles = chains(by_step, constraints)
    label_mask = torch.tensor(np.random.default_rng(1).random((BATCH, LENGTH, NUM_LABELS)) < 0.6)
    expected = [
        oracle.log_mass(
            lambda path, oracle=oracle, row=row: all(
                label_mask[row, t, label] for t, label in zip(oracle.positions, path, strict=True)
            )
        )
        for row, oracle in enumerate(oracles)
    ]
    options: dict[str, Any] = {"constraints": constraints, "backend": backend}
    close(crf_partial_log_likelihood(emissions, label_mask, *scores, MASKS, **options), expected)
    restricted = crf_log_partition(emissions, *scores, MASKS, label_mask=label_mask, **options)
    close(restricted, np.array(expected) + [oracle.log_z for oracle in oracles])


@backends
@constrained
def test_marginals_pairwise_marginals_and_entropy(by_step, constraints, backend):
    emissions, scores, oracles = chains(by_step, constraints)
    arguments, options = (emissions, *scores, MASKS), {"constraints": constraints, "backend": backend}
    close(crf_marginals(*arguments, **options), [oracle.marginals(LENGTH, NUM_LABELS) for oracle in oracles])
    close(
        crf_pairwise_marginals(*arguments, **options),
        [oracle.pairwise(LENGTH, NUM_LABELS) for oracle in oracles],
    )
    close(crf_entropy(*arguments, **options), [oracle.entropy() for oracle in oracles])


@constrained
def test_viterbi_finds_the_best_labelling(by_step, constraints):
    emissions, scores, oracles = chains(by_step, constraints)
    labels, best = crf_viterbi_decode(emissions, *scores, MASKS, constraints=constraints)
    close(best, [oracle.scores[0] for oracle in oracles])
    for row, oracle in enumerate(oracles):
        assert tuple(labels[row, MASKS[row]].tolist()) == oracle.paths[0]
    assert (labels[~MASKS] == -1).all()


@constrained
def test_viterbi_within_a_label_mask_finds_the_best_labelling_within_it(by_step, constraints):
    emissions, scores, oracles = chains(by_step, constraints)
    label_mask = torch.tensor(np.random.default_rng(2).random((BATCH, LENGTH, NUM_LABELS)) < 0.7)
    labels, best = crf_viterbi_decode(
        emissions, *scores, MASKS, label_mask=label_mask, constraints=constraints
    )
    lost = 0
    for row, oracle in enumerate(oracles):
        within = [
            (score, path)
            for score, path in zip(oracle.scores, oracle.paths, strict=True)
            if all(label_mask[row, t, label] for t, label in zip(oracle.positions, path, strict=True))
        ]
        if within:
            assert best[row].item() == pytest.approx(within[0][0], abs=1e-12)
            assert tuple(labels[row, MASKS[row]].tolist()) == within[0][1]
        else:
            lost += 1
            assert best[row] == -math.inf
            assert (labels[row] == -1).all()
    assert 0 < lost < BATCH / 2


@constrained
def test_nbest_lists_all_legal_labellings_in_order_and_no_more(by_step, constraints):
    emissions, scores, oracles = chains(by_step, constraints)
    n = 20
    labels, best, valid = crf_nbest_decode(emissions, n, *scores, MASKS, constraints=constraints)
    assert labels.shape == (BATCH, n, LENGTH)
    for row, oracle in enumerate(oracles):
        count = min(n, len(oracle.paths))
        assert valid[row].tolist() == [True] * count + [False] * (n - count)
        assert [tuple(path) for path in labels[row, :count, MASKS[row]].tolist()] == oracle.paths[:count]
        close(best[row, :count], oracle.scores[:count])
        assert (best[row, count:] == -math.inf).all()
        assert (labels[row, count:] == -1).all()
        assert (labels[row][:, ~MASKS[row]] == -1).all()


@constrained
def test_posterior_decoding_maximises_the_expected_number_of_right_labels(by_step, constraints):
    emissions, scores, oracles = chains(by_step, constraints)
    labels = crf_posterior_decode(emissions, *scores, MASKS, constraints=constraints)
    for row, oracle in enumerate(oracles):
        table = oracle.marginals(LENGTH, NUM_LABELS)
        expected = [
            sum(table[t, label] for t, label in zip(oracle.positions, path, strict=True))
            for path in oracle.paths
        ]
        assert tuple(labels[row, MASKS[row]].tolist()) == oracle.paths[int(np.argmax(expected))]
    assert (labels[~MASKS] == -1).all()
