import pytest
import torch
from present import present

from tagger.features.vocabulary import PAD_ID, UNK_ID
from tagger.modules.word_vectors import PretrainedVectors

VECTORS = torch.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
WORDS = torch.tensor([2, 3, UNK_ID])


def test_frozen_vectors_come_as_they_are():
    part = PretrainedVectors(3)
    assert part.output_dim == 3
    assert torch.equal(part(VECTORS, WORDS), VECTORS)


def test_words_without_a_vector_share_a_learned_one():
    part = PretrainedVectors(3)
    part(VECTORS, WORDS).sum().backward()
    assert present(part.missing.grad).tolist() == [1, 1, 1]
    with torch.no_grad():
        part.missing.copy_(torch.tensor([7.0, 8.0, 9.0]))
    assert part(VECTORS, WORDS).tolist() == [[1, 2, 3], [7, 8, 9], [0, -1, 0]]


def test_tuning_moves_the_words_of_the_vocabulary_and_no_others():
    part = PretrainedVectors(3, num_tuned=5)
    assert torch.equal(part(VECTORS, WORDS), VECTORS)
    optimizer = torch.optim.SGD(part.parameters(), lr=0.5)
    part(VECTORS, WORDS).sum().backward()
    optimizer.step()
    expected = VECTORS - torch.tensor(
        [[0.5], [1.0], [0.0]]
    )  # the one without a vector moved twice, with the shared one
    assert torch.equal(part(VECTORS, WORDS), expected)
    moved = present(part.changes).weight.abs().sum(dim=1) > 0
    assert moved.tolist() == [i in (2, 3) for i in range(5)]
    assert not moved[[PAD_ID, UNK_ID]].any()


def test_tuned_vectors_of_one_word_in_two_spellings_stay_apart():
    part = PretrainedVectors(3, num_tuned=5)
    torch.nn.init.ones_(present(part.changes).weight)
    assert part(VECTORS[[0, 2]], torch.tensor([2, 2])).tolist() == [[2, 3, 4], [1, 0, 1]]


def test_projected_vectors_are_a_linear_map_of_them():
    torch.manual_seed(0)
    part = PretrainedVectors(3, projection=2)
    assert part.output_dim == 2
    layer = present(part.projection)
    assert torch.equal(part(VECTORS, WORDS), VECTORS @ layer.weight.T + layer.bias)


@pytest.mark.parametrize("options", [{}, {"num_tuned": 5}, {"projection": 2}])
def test_other_precisions(options):
    part = PretrainedVectors(3, **options).double()
    assert part(VECTORS, WORDS).dtype == torch.float64


@pytest.mark.parametrize("options", [{}, {"num_tuned": 5}, {"projection": 2}])
def test_no_words_give_no_vectors(options):
    part = PretrainedVectors(3, **options)
    assert part(VECTORS[:0], WORDS[:0]).shape == (0, part.output_dim)
