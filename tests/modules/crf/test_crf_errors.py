"""Bad input to the CRF: the type of the error and its words, before any computation."""

import math
import re

import pytest
import torch
from present import present

from tagger.modules.crf import LinearChainCRF, TransitionConstraints, crf_log_partition, crf_nbest_decode

CRF = LinearChainCRF(3)
EMISSIONS = torch.zeros(2, 4, 3)
LABELS = torch.zeros(2, 4, dtype=torch.long)
MASK = torch.tensor([[True, True, True, True], [True, True, False, False]])


def raises(kind, message):
    return pytest.raises(kind, match="^" + re.escape(message) + "$")


def test_shapes():
    with raises(ValueError, "emissions: expected shape (batch, tokens, labels), found (4, 3)"):
        CRF(EMISSIONS[0], LABELS)
    with raises(ValueError, "emissions: expected 3 labels, found 5"):
        CRF(torch.zeros(2, 4, 5), LABELS)
    with raises(ValueError, "labels: expected shape (2, 4), found (2, 3)"):
        CRF(EMISSIONS, LABELS[:, :3])
    with raises(ValueError, "mask: expected shape (2, 4), found (4, 2)"):
        CRF(EMISSIONS, LABELS, MASK.T)
    with raises(ValueError, "label_mask: expected shape (2, 4, 3), found (2, 4)"):
        CRF.partial_log_likelihood(EMISSIONS, MASK)
    with raises(ValueError, "transitions: expected shape (2, 3, 3, 3), found (2, 4, 3, 3)"):
        crf_log_partition(EMISSIONS, torch.zeros(2, 4, 3, 3))
    with raises(ValueError, "transitions: expected at least 1 label, found shape (0, 0)"):
        crf_log_partition(torch.zeros(2, 4, 0), torch.zeros(0, 0))
    with raises(ValueError, "start transitions: expected shape (3,), found (4,)"):
        crf_log_partition(EMISSIONS, torch.zeros(3, 3), torch.zeros(4))


def test_types():
    with raises(TypeError, "emissions: expected floating-point scores, found torch.int64"):
        CRF(EMISSIONS.long(), LABELS)
    with raises(TypeError, "labels: expected integers, found torch.float32"):
        CRF(EMISSIONS, LABELS.float())
    with raises(
        ValueError, "mask: expected booleans, True = real, found torch.uint8; convert it with mask.bool()"
    ):
        CRF(EMISSIONS, LABELS, MASK.to(torch.uint8))
    with raises(
        ValueError,
        "label_mask: expected booleans, True = real, found torch.int64; convert it with label_mask.bool()",
    ):
        CRF.viterbi_decode(EMISSIONS, label_mask=EMISSIONS.long())


@pytest.mark.parametrize("backend", ["fast", "reference"])
def test_a_label_out_of_range_at_a_real_position_is_named_with_its_place(backend):
    crf = LinearChainCRF(3, backend=backend)
    labels = LABELS.clone()
    labels[1, 3] = -100  # masked: anything goes
    labels[1, 1] = 3
    message = "labels: expected 0 to 2 at real positions, found 3 at sentence 1, position 1"
    with raises(ValueError, message):
        crf(EMISSIONS, labels, MASK)
    with raises(ValueError, message):
        crf.score(EMISSIONS, labels, MASK)


@pytest.mark.parametrize("backend", ["fast", "reference"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_scores_that_are_no_numbers_are_named_with_their_place(backend, value):
    crf = LinearChainCRF(3, backend=backend)
    emissions = EMISSIONS.clone()
    emissions[1, 1, 2] = value
    message = (
        f"emissions: expected finite scores or -inf at real positions, found {value} "
        "at sentence 1, position 1, label 2"
    )
    for method in (crf.log_partition, crf.marginals, crf.viterbi_decode, crf.decode, crf.posterior_decode):
        with raises(ValueError, message):
            method(emissions, MASK)
    with torch.no_grad():
        crf.end_transitions[1] = value
    with raises(ValueError, f"end transitions: expected finite scores or -inf, found {value}"):
        crf(EMISSIONS, LABELS, MASK)


def test_constraints():
    yes = (True, True, True)
    with raises(ValueError, "constraints.transitions: expected shape (3, 3), found (2, 3)"):
        LinearChainCRF(3, constraints=TransitionConstraints((yes, yes), yes, yes))
    with raises(TypeError, "constraints.end: expected booleans, True = allowed, found torch.int64"):
        LinearChainCRF(3, constraints=TransitionConstraints((yes, yes, yes), yes, (1, 1, 0)))


def test_what_is_no_tensor_is_named_with_its_type():
    with raises(TypeError, "emissions: expected a tensor, found ndarray"):
        CRF.decode(EMISSIONS.numpy())  # type: ignore[arg-type]
    with raises(TypeError, "labels: expected a tensor, found list"):
        CRF(EMISSIONS, LABELS.tolist())
    with raises(TypeError, "mask: expected a tensor, found ndarray"):
        CRF(EMISSIONS, LABELS, MASK.numpy())
    with raises(TypeError, "transitions: expected a tensor, found list"):
        crf_log_partition(EMISSIONS, [[0.0]])  # type: ignore[arg-type]
    with raises(TypeError, "start transitions: expected a tensor, found float"):
        crf_log_partition(EMISSIONS, torch.zeros(3, 3), 0.0)  # type: ignore[arg-type]
    with raises(TypeError, "constraints: expected TransitionConstraints, found tuple"):
        LinearChainCRF(3, constraints=(MASK, MASK, MASK))  # type: ignore[arg-type]


def test_options():
    with raises(ValueError, "num_labels: expected at least 1, found 0"):
        LinearChainCRF(0)
    with raises(ValueError, "backend: expected one of auto, fast, reference, found 'cuda'"):
        LinearChainCRF(3, backend="cuda")  # type: ignore[arg-type]
    with raises(TypeError, "num_labels: expected an integer, found 2.0"):
        LinearChainCRF(2.0)  # type: ignore[arg-type]
    with raises(ValueError, "n: expected at least 1, found 0"):
        crf_nbest_decode(EMISSIONS, 0, torch.zeros(3, 3))
    with raises(TypeError, "n: expected an integer, found True"):
        crf_nbest_decode(EMISSIONS, True, torch.zeros(3, 3))


def test_devices_are_compared_and_the_fast_backend_refuses_others():
    emissions = EMISSIONS.to("meta")
    with raises(ValueError, "transitions: expected on meta like the emissions, found on cpu"):
        CRF.log_partition(emissions)
    with raises(ValueError, "backend 'fast' runs on the CPU, found tensors on meta; use 'auto'"):
        LinearChainCRF(3, backend="fast").to("meta").log_partition(emissions)


def test_the_path_for_accelerators_reads_no_value_back():
    # On the meta device there are no values: whatever would wait for a device fails here
    crf = LinearChainCRF(3, constraints=TransitionConstraints([[True] * 3] * 3, [True] * 3, [True] * 3)).to(
        "meta"
    )
    emissions = EMISSIONS.to("meta").requires_grad_()
    loss = crf(emissions, LABELS.to("meta"), MASK.to("meta"))
    loss.sum().backward()
    assert present(emissions.grad).shape == (2, 4, 3)
    assert crf.entropy(emissions, MASK.to("meta")).shape == (2,)
    assert crf.partial_log_likelihood(emissions, emissions > 0, MASK.to("meta")).shape == (2,)
